"""Core temperature from heart rate, and the settling of the skin thermometer: oracles of `dsp`.

Buller et al., "Estimation of human core temperature from sequential heart rate observations", Physiol. Meas.
34(7):781-798, 2013: the abstract and public copies of its program were read.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

START_C = 37.1
LOWEST_C, HIGHEST_C = 35.0, 41.0
"""The band holds its estimate to these; the published filter has no bounds."""

WALK_C = 0.022
"""Deviation of a minute's step of core temperature."""

NOISE_BPM = 18.88
"""Deviation of an observed heart rate from what core temperature gives."""

HEART_RATE = (-7887.1, 384.4286, -4.5714)
"""Heart rate = b0 + b1 T + b2 T^2."""

MOST_VARIANCE = 0.06


def core_temperature_c(heart_rate_bpm: Floats, start_c: float = START_C) -> Floats:
    """Estimate after each minute, from each minute's mean heart rate (n,), NaN where it is unknown: (n,)."""
    b0, b1, b2 = HEART_RATE
    estimate, variance = start_c, 0.0
    found = np.empty(len(heart_rate_bpm))
    for minute, rate in enumerate(heart_rate_bpm):
        variance = min(variance + WALK_C**2, MOST_VARIANCE)
        if not np.isnan(rate):
            slope = b1 + 2 * b2 * estimate
            gain = variance * slope / (slope**2 * variance + NOISE_BPM**2)
            estimate += gain * (rate - (b0 + b1 * estimate + b2 * estimate**2))
            estimate = min(max(estimate, LOWEST_C), HIGHEST_C)
            variance *= 1 - gain * slope
        found[minute] = estimate
    return found


def is_settled(skin_c: Floats, *, span: int = 30, change_c: float = 0.25) -> NDArray[np.bool_]:
    """Whether each temperature (n,) differs by at most `change_c` from that `span` values before it."""
    settled = np.zeros(len(skin_c), np.bool_)
    settled[span:] = np.abs(skin_c[span:] - skin_c[:-span]) <= change_c + 1e-9
    return settled
