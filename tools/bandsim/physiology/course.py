"""The course of a wearer's state: every slow quantity of the model, once a second."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bandsim.physiology.noise import at_one_time, at_uniform
from bandsim.stimulus import FloatArray

UNKNOWN = -1
"""Code of an activity or sleep stage that is not known."""


class Wear(IntEnum):
    """How the band sits."""

    OFF = 0
    WEAK = 1
    GOOD = 2
    FACING = 3
    """Off, its light thrown back by something pale."""


def is_off(wear: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where the band is on nobody."""
    return (wear == Wear.OFF) | (wear == Wear.FACING)


@dataclass(frozen=True, kw_only=True)
class Course:
    """Slow quantities, row k at k seconds, all of one length; between rows they run straight.

    `posture` is `(n, 3)`: gravity in the band's axes, in g. `movement_g` is the rms of restless
    movement. `cadence_spm` is steps a minute, 0 without gait. `wear`, `activity` and
    `sleep_stage` are codes (`Wear`, `Activity`, `SleepStage` or `UNKNOWN`) that hold until the next
    row. `breath_unevenness` is the relative spread of the breathing rate, `rhythm_gain` scales the
    heart's variability (1 = a healthy adult at rest).
    """

    duration_s: float
    heart_rate_bpm: FloatArray
    respiratory_rate_bpm: FloatArray
    spo2_percent: FloatArray
    skin_temperature_c: FloatArray
    core_temperature_c: FloatArray
    perfusion_percent: FloatArray
    posture: FloatArray
    cadence_spm: FloatArray
    movement_g: FloatArray
    breath_unevenness: FloatArray
    rhythm_gain: FloatArray
    battery_percent: FloatArray
    wear: NDArray[np.int64]
    activity: NDArray[np.int64]
    sleep_stage: NDArray[np.int64]
    systolic_mmhg: float | None = None
    diastolic_mmhg: float | None = None

    def at(self, quantity: FloatArray, times_s: FloatArray) -> FloatArray:
        """Give a quantity of this course at given times."""
        return at_uniform(quantity, 1.0, times_s)

    def value(self, quantity: FloatArray, t_s: float) -> float:
        """Give a quantity of this course at one time."""
        return at_one_time(quantity, 1.0, t_s)

    def code(self, codes: NDArray[np.int64], t_s: float) -> int:
        """Give a code of this course at one time."""
        return int(codes[min(max(int(t_s), 0), len(codes) - 1)])


def second_grid(duration_s: float) -> FloatArray:
    """Give the times of a course's rows."""
    return np.arange(int(np.ceil(duration_s)) + 1, dtype=np.float64)


def smooth(values: FloatArray, width_s: int) -> FloatArray:
    """Give the centred moving mean over a number of rows, the ends held."""
    half = width_s // 2
    padded = np.concatenate([np.full(half, values[0]), values, np.full(half, values[-1])])
    return np.convolve(padded, np.ones(2 * half + 1) / (2 * half + 1), mode="valid")


def lagged(target: FloatArray, time_constant_s: float) -> FloatArray:
    """Give the first-order answer to a target with one row a second, settled at its first value."""
    kept = float(np.exp(-1.0 / time_constant_s))
    answer = np.empty_like(target)
    level = float(target[0])
    for row, wanted in enumerate(target.tolist()):
        level = wanted + (level - wanted) * kept
        answer[row] = level
    return answer


def steady_course(duration_s: float) -> Course:
    """Give the course of a healthy adult sitting still: the start from which others are varied."""
    n = len(second_grid(duration_s))

    def held(level: float) -> FloatArray:
        return np.full(n, level)

    return Course(
        duration_s=duration_s,
        heart_rate_bpm=held(65.0),
        respiratory_rate_bpm=held(15.0),
        spo2_percent=held(97.0),
        skin_temperature_c=held(33.0),
        core_temperature_c=held(36.8),
        perfusion_percent=held(1.0),
        posture=np.tile([0.0, 0.0, 1.0], (n, 1)),
        cadence_spm=held(0.0),
        movement_g=held(0.0),
        breath_unevenness=held(0.05),
        rhythm_gain=held(1.0),
        battery_percent=80.0 - 0.5 * second_grid(duration_s) / 3600.0,
        wear=np.full(n, Wear.GOOD, dtype=np.int64),
        activity=np.zeros(n, dtype=np.int64),
        sleep_stage=np.zeros(n, dtype=np.int64),
    )
