"""Acceleration at the wrist: gravity by posture, gait with its harmonics, restless movement.

Gait is a phase that grows by one a step. Impacts act along gravity at the step frequency and its
harmonics, the arm's swing across it at half that frequency. Amplitudes are this model's own
choice for a wrist; steps are counted from the phase itself, so the truth is exact.
"""

import numpy as np

from bandsim.physiology.course import Course
from bandsim.physiology.noise import SmoothNoise, at_one_time, at_uniform
from bandsim.stimulus import FloatArray

_GRID_HZ = 10.0
_RUN_FROM_SPM = 140.0
_WALK_IMPACTS_G = (0.25, 0.12, 0.05)
_RUN_IMPACTS_G = (0.90, 0.40, 0.15)
_IMPACT_PHASES = (0.0, 0.8, 1.9)
_WALK_SWING_G = 0.20
_RUN_SWING_G = 0.45
_STEP_SPREAD = 0.12
_RESTLESS_RATE_HZ = 8.0
_SENSOR_NOISE_G = 0.001

GaitShares = tuple[float, float, float, float]
"""How much of gait at half, once, twice and three times the step rate."""

_WHOLE: GaitShares = (1.0, 1.0, 1.0, 1.0)


class Motion:
    """The accelerations of one wearer."""

    def __init__(self, course: Course, seed: int) -> None:
        self._course = course
        n = int(np.ceil(course.duration_s * _GRID_HZ)) + 2
        cadence_hz = course.at(course.cadence_spm, np.arange(n) / _GRID_HZ) / 60.0
        self._step_phase = np.concatenate([[0.0], np.cumsum(cadence_hz[:-1])]) / _GRID_HZ
        self._has_gait = bool(np.any(course.cadence_spm > 0))
        duration_s = course.duration_s
        self._spread = SmoothNoise(seed, "step spread", duration_s=duration_s, rate_hz=1.0)
        self._restless = SmoothNoise(
            seed, "restless", duration_s=duration_s, rate_hz=_RESTLESS_RATE_HZ, columns=3
        )

    def steps(self, t_s: float) -> int:
        """Give the steps since the start."""
        return int(at_one_time(self._step_phase, _GRID_HZ, t_s))

    def acceleration_g(self, times_s: FloatArray, random: np.random.Generator) -> FloatArray:
        """Give `(n, 3)` accelerations, gravity and sensor noise included."""
        noise = random.standard_normal((len(times_s), 3)) * _SENSOR_NOISE_G
        return self._course.at(self._course.posture, times_s) + self.dynamic_g(times_s) + noise

    def dynamic_g(self, times_s: FloatArray) -> FloatArray:
        """Give `(n, 3)` accelerations without gravity and noise."""
        moved = self.restless_g(times_s)
        return moved + self._gait(times_s) if self._has_gait else moved

    def restless_g(self, times_s: FloatArray) -> FloatArray:
        """Give `(n, 3)` accelerations of restless movement."""
        movement = self._course.at(self._course.movement_g, times_s)[:, np.newaxis]
        return movement * self._restless.at(times_s)

    def gait_g(self, times_s: FloatArray, shares: GaitShares) -> FloatArray:
        """Give `(n,)`: swing and impacts along one line, each multiple of the step rate by its share."""
        if not self._has_gait:
            return np.zeros_like(times_s)
        impact, swing = self._impact_and_swing(times_s, shares)
        return impact + swing

    def _gait(self, times_s: FloatArray) -> FloatArray:
        impact, swing = self._impact_and_swing(times_s, _WHOLE)
        down = self._course.at(self._course.posture, times_s)
        across = np.roll(down, 1, axis=1)
        across = across - down * np.sum(across * down, axis=1, keepdims=True)
        return impact[:, np.newaxis] * down + swing[:, np.newaxis] * across

    def _impact_and_swing(self, times_s: FloatArray, shares: GaitShares) -> tuple[FloatArray, FloatArray]:
        cadence = self._course.at(self._course.cadence_spm, times_s)
        running = np.clip((cadence - _RUN_FROM_SPM) / 10.0, 0.0, 1.0)
        size = np.clip(cadence / 60.0, 0.0, 1.0) * (1 + _STEP_SPREAD * self._spread.at(times_s))
        turn = 2 * np.pi * at_uniform(self._step_phase, _GRID_HZ, times_s)
        impact = np.zeros_like(times_s)
        for k, phase in enumerate(_IMPACT_PHASES):
            height = _WALK_IMPACTS_G[k] + running * (_RUN_IMPACTS_G[k] - _WALK_IMPACTS_G[k])
            impact += shares[k + 1] * height * np.sin((k + 1) * turn + phase)
        swing = (_WALK_SWING_G + running * (_RUN_SWING_G - _WALK_SWING_G)) * np.sin(0.5 * turn)
        return size * impact, size * (shares[0] * swing)
