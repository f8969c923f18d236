"""Heart rate by beats beside a strap that does not say when it began."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitalband.analysis.agreement import FloatArray
from vitalband.analysis.pairing import NO_SERIES, Series
from vitalband.analysis.strap import (
    beside_strap,
    by_beats,
    mean_rate_bpm,
    strap_offset_s,
    strap_rate_bpm,
)

DURATION_S = 80.0


def strap_of(seed: int, duration_s: float = DURATION_S) -> FloatArray:
    """Intervals of a restless heart of some 70 /min, in whole ms."""
    random = np.random.default_rng(seed)
    drift = np.cumsum(random.standard_normal(400)) * 12
    intervals_ms = np.round(857 + drift - drift.mean() + 30 * random.standard_normal(400)).clip(500, 1500)
    return intervals_ms[: int(np.searchsorted(np.cumsum(intervals_ms), 1000 * duration_s))]


def told(intervals_ms: FloatArray, offset_s: float, shown: float = 1.0, off_bpm: float = 0.0) -> Series:
    """The strap's own intervals as a band would tell them, a share of them shown."""
    times_s = np.arange(2.0, DURATION_S + 1, 2.0)
    rate_bpm = strap_rate_bpm(intervals_ms, offset_s, times_s) + off_bpm
    rate_bpm[times_s < 8.0] = np.nan
    is_shown = np.arange(len(times_s)) % 10 < 10 * shown
    return Series(times_s, 60_000 / rate_bpm, is_shown & np.isfinite(rate_bpm), np.full(len(times_s), 50.0))


def test_a_steady_strap_has_one_rate_wherever_it_has_beats() -> None:
    rate_bpm = strap_rate_bpm(np.full(50, 800.0), 1.0, np.array([2.0, 3.35, 20.0, 41.35, 45.0]))
    assert rate_bpm == pytest.approx([np.nan, 75.0, 75.0, 75.0, np.nan], nan_ok=True)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(-6, 6))
def test_the_clock_of_the_strap_is_found_by_its_intervals(seed: int, offset_s: float) -> None:
    intervals_ms = strap_of(seed)
    rates = by_beats(told(intervals_ms, offset_s), DURATION_S)
    assert strap_offset_s(intervals_ms, rates) == pytest.approx(offset_s, abs=0.06)


@pytest.mark.parametrize("off_bpm", [-2.0, 0.0, 3.0])
def test_over_the_same_moments_the_difference_is_the_bands_error(off_bpm: float) -> None:
    intervals_ms = strap_of(3)
    rates = by_beats(told(intervals_ms, 0.0, off_bpm=off_bpm), DURATION_S)
    ours, theirs = beside_strap(intervals_ms, rates)
    assert ours - theirs == pytest.approx(off_bpm, abs=0.3)


def test_a_recording_counts_as_shown_from_half_of_the_readings_due_on() -> None:
    intervals_ms = strap_of(5)
    assert by_beats(told(intervals_ms, 0.0, shown=0.6), DURATION_S).is_known
    few = by_beats(told(intervals_ms, 0.0, shown=0.4), DURATION_S)
    assert not few.is_known
    assert few.chosen.all()
    assert few.expected == 37


def test_between_readings_the_rate_lies_on_a_line_and_ends_are_held() -> None:
    times_s = np.array([8.0, 10.0, 16.0, 20.0])
    series = Series(times_s, 60_000 / np.array([60.0, 60.0, 90.0, 90.0]), np.ones(4, np.bool_), np.zeros(4))
    assert mean_rate_bpm(by_beats(series, 20.0)) == pytest.approx((5 * 60 + 70 + 80 + 3 * 90) / 10)


def test_without_readings_or_a_strap_beside_them_nothing_is_told() -> None:
    nothing = by_beats(NO_SERIES, DURATION_S)
    assert np.isnan(mean_rate_bpm(nothing))
    assert np.isnan(beside_strap(strap_of(1), nothing)).all()
    short = strap_of(1)[:5]
    assert np.isnan(strap_offset_s(short, by_beats(told(strap_of(1), 0.0), DURATION_S)))
