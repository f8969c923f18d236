"""Brings samples of any rate to the 25 Hz of the signal processing, in whole numbers, without looking ahead.

From a higher rate a value is the mean of the samples within its own span of time, a sample on the border
shared in proportion: at a whole ratio exactly the mean of so many samples. From a lower rate it lies on the
line between the two samples around it. A value uses no sample past the end of its span.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from vitalband.signal.integers import Integers

RATE_HZ = 25
MOST_TERM = 4095
"""Largest term of the ratio of two rates: a rate is taken as right to 1 in 100,000 or so."""


@dataclass(frozen=True)
class Resampled:
    """Values (m, channels) at 25 Hz; `present` (m,) is False where the samples of a value are missing."""

    values: Integers
    present: NDArray[np.bool_]
    ratio: Fraction

    def known_after(self, samples: int) -> int:
        """How many values the first so many samples give."""
        return samples * self.ratio.denominator // self.ratio.numerator


def ratio_of(rate_hz: float) -> Fraction:
    """Samples a value, of terms of at most `MOST_TERM`."""
    ratio = Fraction(rate_hz) / RATE_HZ
    return ratio.limit_denominator(MOST_TERM // max(1, ceil(ratio)))


def resampled(samples: Integers, present: NDArray[np.bool_], rate_hz: float) -> Resampled:
    """Values at 25 Hz of samples (n, channels) of at most 40 bits, of which `present` (n,) are there.

    A mean is of the samples that are there, and missing when they fill less than half its span. What lies
    on a line is missing when an end of the line is. Rounded to nearest, halves up.
    """
    ratio = ratio_of(rate_hz)
    values = np.where(present[:, None], samples, 0)
    make = _means if ratio >= 1 else _on_lines
    return Resampled(*make(values, present, ratio.numerator, ratio.denominator), ratio)


def _means(
    samples: Integers, present: NDArray[np.bool_], span_units: int, sample_units: int
) -> tuple[Integers, NDArray[np.bool_]]:
    borders = np.arange(len(samples) * sample_units // span_units + 1) * span_units
    weights = np.diff(_integral(present[:, None].astype(np.int64), borders, sample_units), axis=0)
    totals = np.diff(_integral(samples, borders, sample_units), axis=0)
    return (totals + weights // 2) // np.maximum(weights, 1), 2 * weights[:, 0] >= span_units


def _integral(samples: Integers, borders: Integers, sample_units: int) -> Integers:
    """Sum of samples up to each border, each sample as often as it has units before the border."""
    sums = np.zeros((len(samples) + 1, samples.shape[1]), np.int64)
    np.cumsum(samples, axis=0, out=sums[1:])
    whole, rest = np.divmod(borders, sample_units)
    following = samples[np.minimum(whole, len(samples) - 1)] if len(samples) else sums[whole]
    return sums[whole] * sample_units + following * rest[:, None]


def _on_lines(
    samples: Integers, present: NDArray[np.bool_], value_units: int, sample_units: int
) -> tuple[Integers, NDArray[np.bool_]]:
    ends = (np.arange(len(samples) * sample_units // value_units) + 1) * value_units
    right = -(-ends // sample_units) - 1
    share = (ends - right * sample_units)[:, None]
    left = np.maximum(right - 1, 0)
    totals = samples[left] * (sample_units - share) + samples[right] * share
    is_there = present[right] & (present[left] | (share[:, 0] == sample_units))
    return (totals + sample_units // 2) // sample_units, is_there
