"""True rates of sensors, measured: how many samples a chip gave between two ticks of the band.

A block tells the number of its last sample and a tick near which it was taken: not after the read that gave
it, and at most a sample's period before; where a block ends before its read does, the tick is the read's
less the nominal time of the samples behind, which is wrong by as much as the chip's rate is. Each block so
bounds where the line from numbers to ticks runs, and all of them its slope, as time exchanges bound a drift
(`vitalband.timeline`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitalband.clock import TICKS_MODULUS
from vitalband.timeline import Interval, Segment, Slopes

RATE_TOLERANCE = 0.05
"""A rate further than this from the nominal one is a fault of the reads, not of the chip."""
RATE_SPREAD = 0.002
"""Chosen: a chip's oscillator wanders by no more within a stream; a jump is samples that were not counted."""
SAMPLES_BEHIND = 100
"""Samples that a block's tick may have been carried back over: as many wait on the band at most
(`firmware/tasks/blocks.py`)."""
BUSY_US = 50_000
"""Chosen: how much later than its due time a read may come."""
READS_A_CALL = 16
"""Of many reads at once as many are looked at, evenly: more tell nothing new of a rate."""


@dataclass(frozen=True, slots=True)
class MeasuredRate:
    """Samples a second of the band's clock: `rate_hz`, within `uncertainty_hz` either way, over `span_s`."""

    rate_hz: float
    uncertainty_hz: float
    span_s: float


class RateMeter:
    """The rate of one stream in one boot, from the last sample of each block and its tick."""

    def __init__(self, nominal_hz: float) -> None:
        self._period_us = 1e6 / nominal_hz
        self._slopes = Slopes(RATE_TOLERANCE * self._period_us, RATE_SPREAD * self._period_us)
        self._origin: tuple[int, int] | None = None
        self._last_ms = 0
        self._segment: Segment | None = None
        self._span = (0, 0)
        self._best: MeasuredRate | None = None

    def add(self, last_samples: NDArray[np.int64], ticks_ms: NDArray[np.int64]) -> None:
        """Take in (n,) blocks, in the order of their samples; what goes back is left out."""
        steps_ms = np.diff(ticks_ms, prepend=ticks_ms[:1] if self._origin is None else self._last_ms)
        half = TICKS_MODULUS // 2
        steps_ms = (steps_ms + half) % TICKS_MODULUS - half
        first_ms = int(ticks_ms[0]) if self._origin is None else self._last_ms
        unwrapped_ms = first_ms + np.cumsum(steps_ms)
        self._last_ms = int(unwrapped_ms[-1])
        if self._origin is None:
            self._origin = int(last_samples[0]), first_ms
        some = np.unique(np.linspace(0, len(ticks_ms) - 1, READS_A_CALL).astype(np.int64))
        for number, at_ms in zip(last_samples[some].tolist(), unwrapped_ms[some].tolist(), strict=True):
            self._take(number - self._origin[0], at_ms - self._origin[1])

    def _take(self, number: int, at_ms: int) -> None:
        if self._segment is not None and number <= self._span[1]:
            return
        behind_us = SAMPLES_BEHIND * RATE_TOLERANCE * self._period_us
        excess_us = at_ms * 1000 - number * self._period_us
        low_us = round(excess_us - self._period_us - BUSY_US - behind_us)
        interval = Interval(number, low_us, round(excess_us + 1000 + behind_us))
        if self._segment is None or not self._segment.takes(interval):
            self._best = self.measured
            self._segment = Segment(0, self._slopes)
            self._segment.takes(interval)
            self._span = number, number
        self._span = self._span[0], number

    @property
    def measured(self) -> MeasuredRate | None:
        """The rate by the blocks so far, of the stretch that tells it best; None before a second block."""
        if self._segment is None or self._span[0] == self._span[1]:
            return self._best
        least, most = sorted((self._segment.least, self._segment.most))
        limit_us = self._slopes.limit
        least, most = max(least, -limit_us), min(most, limit_us)
        slowest_us, fastest_us = self._period_us + most, self._period_us + least
        low_hz, high_hz = 1e6 / slowest_us, 1e6 / fastest_us
        span_s = (self._span[1] - self._span[0]) * self._period_us / 1e6
        found = MeasuredRate((low_hz + high_hz) / 2, (high_hz - low_hz) / 2, span_s)
        is_best = self._best is None or found.uncertainty_hz < self._best.uncertainty_hz
        return found if is_best else self._best


def sharpest(rates: list[MeasuredRate]) -> MeasuredRate | None:
    """The one of least uncertainty, None of none."""
    return min(rates, key=lambda rate: rate.uncertainty_hz, default=None)
