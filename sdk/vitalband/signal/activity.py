"""Acceleration of the wrist: magnitude at 12.5 Hz, activity as ENMO, arm posture. Oracle of the firmware.

ENMO is the Euclidean norm of acceleration minus one g, negative values set to zero; here of the magnitude at
12.5 Hz, averaged over 2 s.
"""

from math import gcd

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vitalband.errors import LocalError
from vitalband.signal.integers import Integers, floor_root

COUNTS_PER_G = 8192
ONE_G_Q10 = 1024
OUTPUT_RATE_MILLIHERTZ = 12500
LOWEST_RATE_MILLIHERTZ, HIGHEST_RATE_MILLIHERTZ = 10_000, 200_000
_MOST_UNITS = 32767


def counts_of(acceleration_g: ArrayLike) -> Integers:
    """Counts of the band's IMU for acceleration in g, saturated at its 16 bits (4 g); any shape."""
    counts = np.rint(np.asarray(acceleration_g, np.float64) * COUNTS_PER_G)
    return np.clip(counts, -32768, 32767).astype(np.int64)


def magnitude_q10(counts: Integers, rate_millihertz: int) -> Integers:
    """Magnitude in 1/1024 g at about 12.5 Hz of counts (n, 3), each sample weighted by its time in an output.

    Of a whole number of samples where that is within 8 % of the rate. Integers exactly as `dsp.motion`.
    LocalError for a rate outside 10 to 200 Hz.
    """
    if not LOWEST_RATE_MILLIHERTZ <= rate_millihertz <= HIGHEST_RATE_MILLIHERTZ:
        raise LocalError(f"acceleration wanted at 10 to 200 Hz, got {rate_millihertz / 1000:g} Hz")
    sample, output = _units(rate_millihertz)
    size = floor_root(np.sum((counts >> 2) ** 2, axis=1))
    made = len(size) * sample // output
    borders = np.arange(made + 1, dtype=np.int64) * output
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(size * sample)])
    index = borders // sample
    padded = np.append(size, 0)
    integral = before[index] + (borders - index * sample) * padded[index]
    return np.diff(integral) // (2 * output)


def _units(rate_millihertz: int) -> tuple[int, int]:
    """Units of time of a sample and of an output."""
    samples = (rate_millihertz + OUTPUT_RATE_MILLIHERTZ // 2) // OUTPUT_RATE_MILLIHERTZ
    nearest = samples * OUTPUT_RATE_MILLIHERTZ
    if abs(rate_millihertz - nearest) * 100 <= 8 * nearest:
        return 1, samples
    divisor = gcd(OUTPUT_RATE_MILLIHERTZ, rate_millihertz)
    sample, output = OUTPUT_RATE_MILLIHERTZ // divisor, rate_millihertz // divisor
    while output > _MOST_UNITS:
        sample, output = sample >> 1, output >> 1
    return sample, output


def enmo_mg(magnitude: Integers) -> float:
    """Mean ENMO of magnitudes in 1/1024 g, in mg; 0 for none."""
    excess = np.maximum(magnitude - ONE_G_Q10, 0)
    return float(excess.mean()) * 1000 / ONE_G_Q10 if len(excess) else 0.0


def forearm_angle_deg(acceleration_g: NDArray[np.float64]) -> float:
    """Angle of the forearm above the horizontal, by the mean of acceleration (n, 3) at rest, in degrees.

    The band's x axis lies along the forearm towards the elbow; a wrist at rest measures what holds it up, so
    x is -1 g with the hand straight up and +1 g with the arm hanging.
    """
    x, y, z = acceleration_g.mean(axis=0)
    return float(np.degrees(np.arctan2(-x, np.hypot(y, z))))
