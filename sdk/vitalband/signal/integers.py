"""Integer helpers of the signal processing on arrays, with the results of the firmware's `dsp.fixed`."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def floor_root(values: Integers) -> Integers:
    """Floor of the square root of 0 <= value < 2^30, of each."""
    return np.sqrt(np.maximum(values, 0).astype(np.float64)).astype(np.int64)


def log2_q8(values: Integers) -> Integers:
    """256 * log2 of 1 <= value < 2^30 within 5, of each; 0 below 1.

    log2(1 + f) is taken as f + 0.34 f (1 - f), the parabola through 0, 1 and the middle.
    """
    safe = np.maximum(values, 1)
    whole = np.frexp(safe.astype(np.float64))[1].astype(np.int64) - 1
    fraction = np.where(whole <= 8, safe << 8 >> whole, safe >> np.maximum(whole - 8, 0)) - 256
    result = (whole << 8) + fraction + ((fraction * (256 - fraction) * 88) >> 16)
    return np.where(values < 1, 0, result)
