"""Breathing rate from the modulation of the pulse by breathing. Oracle of the firmware's `dsp.respiration`.

Beats in, a rate every 2 s out, in floats: `dsp.respiration` says what each stage is for. Where the firmware
rounds, its rate differs by some hundredths of a breath a minute.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitalband.signal.beats import LONGEST_S, Beats, BoolArray, FloatArray, grades_of

GRID_S, WINDOW = 0.25, 128
BIN_BPM = 60 / GRID_S / 512
RATES_BPM: FloatArray = np.arange(12, 78, dtype=np.float64) * BIN_BPM
_BAND = slice(10, 96)
_PRIOR: FloatArray = -0.5 * ((RATES_BPM - 16) / 7) ** 2
_FLOOR = 1 / 5
MOVE, GAIN = 1 / 50, 0.15
_JUMP = 1 / 1024
_NEAR_BINS = 4
_FORGET_S = 8.0
_DECAY_STEPS = 16


@dataclass(frozen=True)
class Series:
    """A run of the 4 Hz grid without a break: times (m,), interval, height, rise and level (4, m).

    `is_good` (m,) where two good beats in a row enclose the place.
    """

    time_s: FloatArray
    values: FloatArray
    is_good: BoolArray


@dataclass(frozen=True)
class Breathing:
    """What each window of 32 s tells, all (n,), at its end `time_s`.

    `rate_bpm` as followed, `apart_bpm` its mean distance from the windows' own best, `contrast` in log2 by
    which its score stands above the mean score, `good` the share (0-1) of the window between good beats.
    """

    time_s: FloatArray
    rate_bpm: FloatArray
    apart_bpm: FloatArray
    contrast: FloatArray
    good: FloatArray


def series_of(beats: Beats) -> list[Series]:
    """The series that the beats carry; a gap of 8 s without a good beat is not bridged."""
    grades = grades_of(beats)
    intervals = np.minimum(grades.interval_s, 2 * LONGEST_S)
    values = np.stack([intervals, beats.height, beats.height / np.maximum(beats.slope, 1), beats.peak])
    good = np.flatnonzero(grades.is_fair)
    if not len(good):
        return []
    breaks = np.flatnonzero(np.diff(beats.time_s[good]) > _FORGET_S) + 1
    return [_series_between(beats.time_s, values, run) for run in np.split(good, breaks)]


def _series_between(time_s: FloatArray, values: FloatArray, run: NDArray[np.int64]) -> Series:
    at = time_s[run]
    grid = np.arange(at[0], at[-1] + 1e-9, GRID_S)
    following = np.searchsorted(at, grid - 1e-9).clip(1, max(len(run) - 1, 1))
    is_next = np.append(np.diff(run) == 1, False)
    rows = np.empty((len(values), len(grid)))
    for place, row in enumerate(values):
        rows[place] = np.interp(grid, at, row[run])
    return Series(grid, rows, is_next[following - 1])


def scores_of(series: FloatArray) -> FloatArray:
    """Scores (..., 66), in log2, of the rates `RATES_BPM` in windows (..., 128) of one series."""
    place = np.arange(WINDOW) - (WINDOW - 1) / 2
    centred = series - series.mean(axis=-1, keepdims=True)
    straight = centred - (centred @ place)[..., np.newaxis] * place / (place @ place)
    limit = 3.75 * np.abs(straight).mean(axis=-1, keepdims=True)
    tapered = np.clip(straight, -limit, limit) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(tapered, 512))[..., :100] ** 2 * np.maximum(np.arange(100), 5) ** 2
    mean = power[..., _BAND].mean(axis=-1, keepdims=True)
    level = np.log2(power / np.maximum(mean, 1e-30) + _FLOOR)
    level -= level[..., _BAND].mean(axis=-1, keepdims=True)
    k = np.arange(12, 78)
    near = (level[..., k - 1] + 2 * level[..., k] + level[..., k + 1]) / 4
    return near + (level[..., k - 4] + level[..., k + 4]) / 2


def follow(scores: FloatArray, *, move: float = MOVE, gain: float = GAIN) -> FloatArray:
    """Follow the rate through scores (n, 66), means of series: rows of rate_bpm, apart_bpm, contrast.

    `move` is the chance of a bin up, and of one down, a step; `gain` the nats of weight a score.
    """
    state: FloatArray = np.full(len(RATES_BPM), 1 / len(RATES_BPM))
    apart, contrast, place = 3.0, 0.0, 0
    rows: list[tuple[float, float, float]] = []
    for plain in scores:
        contrast += (float(plain[place] - plain.mean()) - contrast) / _DECAY_STEPS
        score = plain + _PRIOR
        moved = np.convolve(state, (move, 1 - 2 * move, move), "same")
        state = ((1 - _JUMP) * moved + _JUMP / len(state)) * np.exp(gain * (score - score.max()))
        state /= state.sum()
        best = int(state.argmax())
        near = slice(max(0, best - _NEAR_BINS), best + _NEAR_BINS + 1)
        rate = float(state[near] @ RATES_BPM[near] / state[near].sum())
        place = round((rate - RATES_BPM[0]) / BIN_BPM)
        apart += (min(abs(rate - float(RATES_BPM[score.argmax()])), 6.0) - apart) / _DECAY_STEPS
        rows.append((rate, apart, contrast))
    return np.array(rows).reshape(-1, 3)


def breathing_of(series: Series, end_s: FloatArray) -> Breathing:
    """Breathing in the windows of one run that end, by beats known by then, at `end_s` (n,)."""
    stops = np.searchsorted(series.time_s, end_s, side="right")
    is_filled = stops >= WINDOW
    windows = stops[is_filled, np.newaxis] - WINDOW + np.arange(WINDOW)
    rate_bpm, apart_bpm, contrast = follow(scores_of(series.values[:, windows]).mean(axis=0)).T
    good = series.is_good[windows].mean(axis=1)
    return Breathing(end_s[is_filled], rate_bpm, apart_bpm, contrast, good)
