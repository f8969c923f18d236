"""When the heart beats and when the wearer breathes: two phases that grow by one a cycle.

Breathing comes first; the heart follows it (respiratory sinus arrhythmia: faster while breathing
in), with slow waves near 0.1 Hz and below beside it. Depths are this model's own choice, of the
order seen in healthy adults at rest, and shrink as the heart speeds up.
"""

import numpy as np

from bandsim.physiology.course import Course
from bandsim.physiology.noise import SmoothNoise, at_one_time, at_uniform
from bandsim.stimulus import FloatArray

_GRID_HZ = 10.0
_SINUS_ARRHYTHMIA = 0.04
_SLOW_WAVE = 0.015
_DRIFT = 0.01
_TRUTH_HALF_WINDOW_S = {"heart": 4.0, "breath": 16.0}


class Rhythm:
    """Phases of heart and breathing over the whole course, in cycles since its start."""

    def __init__(self, course: Course, seed: int) -> None:
        n = int(np.ceil(course.duration_s * _GRID_HZ)) + 2
        times_s = np.arange(n) / _GRID_HZ
        self._end_s = course.duration_s
        wander = SmoothNoise(seed, "breath rate", duration_s=course.duration_s, rate_hz=0.1).at(times_s)
        unevenness = course.at(course.breath_unevenness, times_s)
        breaths = course.at(course.respiratory_rate_bpm, times_s) * np.clip(1 + unevenness * wander, 0.3, 2.0)
        self._breath = _integral(breaths / 60.0)
        beats = course.at(course.heart_rate_bpm, times_s)
        self._heart = _integral(beats * self._variation(course, seed, times_s, beats) / 60.0)

    def _variation(self, course: Course, seed: int, times_s: FloatArray, rate_bpm: FloatArray) -> FloatArray:
        gain = course.at(course.rhythm_gain, times_s) * np.clip((130.0 - rate_bpm) / 65.0, 0.1, 1.2)
        slow = SmoothNoise(seed, "slow wave", duration_s=course.duration_s, rate_hz=0.25).at(times_s)
        drift = SmoothNoise(seed, "drift", duration_s=course.duration_s, rate_hz=0.03).at(times_s)
        breathing = np.sin(2 * np.pi * self._breath)
        return 1 + gain * (_SINUS_ARRHYTHMIA * breathing + _SLOW_WAVE * slow + _DRIFT * drift)

    def heart_phase(self, times_s: FloatArray) -> FloatArray:
        """Give beats since the start; a beat begins where it passes a whole number."""
        return at_uniform(self._heart, _GRID_HZ, times_s)

    def beats_around(self, times_s: FloatArray) -> FloatArray:
        """Give the beats of the second around each time."""
        return self.heart_phase(times_s + 0.5) - self.heart_phase(times_s - 0.5)

    def breath_phase(self, times_s: FloatArray) -> FloatArray:
        """Give breaths since the start; breathing in is fastest where it passes a whole number."""
        return at_uniform(self._breath, _GRID_HZ, times_s)

    def heart_rate_bpm(self, t_s: float) -> float:
        """Give the mean rate over the 8 s around a time."""
        return self._mean_rate(self._heart, t_s, _TRUTH_HALF_WINDOW_S["heart"])

    def respiratory_rate_bpm(self, t_s: float) -> float:
        """Give the mean rate over the 32 s around a time."""
        return self._mean_rate(self._breath, t_s, _TRUTH_HALF_WINDOW_S["breath"])

    def _mean_rate(self, phase: FloatArray, t_s: float, half_s: float) -> float:
        start_s, stop_s = max(t_s - half_s, 0.0), min(t_s + half_s, self._end_s)
        if stop_s <= start_s:
            start_s, stop_s = max(self._end_s - half_s, 0.0), self._end_s
        beats = at_one_time(phase, _GRID_HZ, stop_s) - at_one_time(phase, _GRID_HZ, start_s)
        return beats / (stop_s - start_s) * 60.0


def _integral(rate_hz: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(rate_hz[:-1])]) / _GRID_HZ
