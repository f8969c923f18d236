"""Heart rate by beats, from intervals that a band told every 2 s, beside a strap whose clock is its own.

A strap that only lists its intervals says nothing of when the first of them began. Either its mean stands
for the whole recording, moments included of which the band knew nothing; or its clock is set by its own
intervals, to the offset at which its rate is nearest to the band's. One number is fitted so, to some thirty
readings.
"""

from dataclasses import dataclass

import numpy as np

from vitalband.analysis.agreement import BoolArray, FloatArray
from vitalband.analysis.pairing import LARGEST_GAP_SHARE, STEP_S, Series

MS_PER_MIN = 60_000.0
FIRST_S = 8.0
"""When the first reading is due."""
_KNOWN_AFTER_S = 0.35
"""A beat of the band is told so much later: eight samples of 25 Hz, and the way of the pulse."""
_FARTHEST_S, _FINENESS_S = 8.0, 0.05
_LEAST_OVERLAP = 0.7


@dataclass(frozen=True)
class ByBeats:
    """Rates (n,) in /min by the readings at `time_s` (n,), and which of them the band showed."""

    time_s: FloatArray
    rate_bpm: FloatArray
    is_shown: BoolArray
    expected: int
    """How many readings were due."""

    @property
    def is_known(self) -> bool:
        """Whether at least half of the readings due were shown."""
        return self.is_shown.sum() >= LARGEST_GAP_SHARE * self.expected

    @property
    def chosen(self) -> BoolArray:
        """The readings that make a mean: those shown where they are enough, else all."""
        return self.is_shown if self.is_known else np.ones(len(self.is_shown), np.bool_)


def by_beats(intervals_ms: Series, duration_s: float) -> ByBeats:
    """Rates by readings of the interval between beats, of a recording that lasts so long."""
    has_value = np.isfinite(intervals_ms.value)
    return ByBeats(
        intervals_ms.time_s[has_value],
        MS_PER_MIN / intervals_ms.value[has_value],
        intervals_ms.is_shown[has_value],
        int((duration_s - FIRST_S) / STEP_S) + 1,
    )


def mean_rate_bpm(rates: ByBeats) -> float:
    """Mean over the recording, what lies between readings on a line between them; NaN without a reading."""
    chosen = rates.chosen
    if not chosen.any():
        return float("nan")
    times_s = np.arange(STEP_S, FIRST_S + STEP_S * rates.expected, STEP_S)
    return float(np.interp(times_s, rates.time_s[chosen], rates.rate_bpm[chosen]).mean())


def strap_rate_bpm(intervals_ms: FloatArray, offset_s: float, time_s: FloatArray) -> FloatArray:
    """Beats a minute (n,) of a strap in the 2 s that a reading at each time speaks of, NaN outside of it.

    `intervals_ms` (k,) begin `offset_s` after the band's clock; a part of an interval is that part of a beat.
    """
    ends_s = offset_s + np.concatenate([[0.0], np.cumsum(intervals_ms)]) / 1000
    beats = np.arange(len(ends_s), dtype=np.float64)
    until, since = (
        np.interp(time_s - before_s, ends_s, beats, left=np.nan, right=np.nan)
        for before_s in (_KNOWN_AFTER_S, _KNOWN_AFTER_S + STEP_S)
    )
    return (until - since) * 60 / STEP_S


def strap_offset_s(intervals_ms: FloatArray, rates: ByBeats) -> float:
    """When the strap began on the band's clock, within 8 s of it: where the median distance is least.

    NaN where no offset has the strap beside seven in ten of the readings.
    """
    chosen = rates.chosen
    offsets_s = np.arange(-_FARTHEST_S, _FARTHEST_S + _FINENESS_S / 2, _FINENESS_S)
    found = [_distance(intervals_ms, offset_s, rates, chosen) for offset_s in offsets_s.tolist()]
    return float(offsets_s[int(np.argmin(found))]) if np.isfinite(found).any() else float("nan")


def _distance(intervals_ms: FloatArray, offset_s: float, rates: ByBeats, chosen: BoolArray) -> float:
    apart = np.abs(strap_rate_bpm(intervals_ms, offset_s, rates.time_s[chosen]) - rates.rate_bpm[chosen])
    is_there = np.isfinite(apart)
    if not is_there.any() or is_there.mean() < _LEAST_OVERLAP:
        return float("inf")
    return float(np.median(apart[is_there]))


def beside_strap(intervals_ms: FloatArray, rates: ByBeats) -> tuple[float, float]:
    """Mean rate by the band and by the strap over the same moments, its clock set by `strap_offset_s`."""
    chosen = rates.chosen
    strap = strap_rate_bpm(intervals_ms, strap_offset_s(intervals_ms, rates), rates.time_s)
    both = chosen & np.isfinite(strap)
    if not both.any():
        return float("nan"), float("nan")
    return float(rates.rate_bpm[both].mean()), float(strap[both].mean())
