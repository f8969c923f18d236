"""Time of a boot from many exchanges: true within what it says, close, and whole when a clock is set."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench.clocks import RADIO, SERIAL, Clocks, Crystal
from vitalband.clock import TICKS_MODULUS, TimeExchange, TimeModel
from vitalband.timeline import (
    DRIFT_LIMIT_PPM,
    DRIFT_SPREAD_LIMIT_PPM,
    TEMPERATURE_PPM,
    UNSURE_US,
    Interval,
    Segment,
    Timeline,
)

CRYSTALS = st.builds(Crystal, st.floats(-100, 100), st.floats(0.02, 0.04))
LINKS = st.sampled_from([SERIAL, RADIO])
SEEDS = st.integers(0, 2**32 - 1)
CONNECTED_US, OFFLINE_US = 20_000, 50_000
"""What the product promises: while connected, and after 8 h offline between two connections."""
COVERAGE = 0.99


def model_of(exchanges):
    model = TimeModel()
    for _, exchange in exchanges:
        model.add(1, exchange)
    return model


def errors(clocks, model, moments):
    """(n,) how far the times of moments are off, and how far the model says they may be, in us."""
    utc_us, uncertainty_us = model.place_many(1, clocks.ticks_ms(moments))
    return np.abs(utc_us - clocks.utc_us(moments)), uncertainty_us


@settings(max_examples=15, deadline=None)
@given(SEEDS, CRYSTALS, LINKS, st.integers(0, TICKS_MODULUS - 1))
def test_a_connected_bands_time_is_right_within_its_uncertainty_and_close(seed, crystal, link, start):
    clocks = Clocks(seed, crystal, link, 0.5, start_ticks_ms=start)
    model = model_of(clocks.exchanges((0, 0.5)))
    error, uncertainty = errors(clocks, model, clocks.moments(300, 0, 0.5))
    assert np.mean(error <= uncertainty) >= COVERAGE
    assert error.max() <= CONNECTED_US
    assert uncertainty.max() <= 1.3 * CONNECTED_US


@settings(max_examples=15, deadline=None)
@given(SEEDS, CRYSTALS, LINKS)
def test_eight_hours_offline_are_placed_from_both_ends(seed, crystal, link):
    clocks = Clocks(seed, crystal, link, 9)
    model = model_of(clocks.exchanges((0, 0.5), (8.5, 9)))
    error, uncertainty = errors(clocks, model, clocks.moments(300, 0, 9))
    assert np.mean(error <= uncertainty) >= COVERAGE
    assert error.max() <= OFFLINE_US


@settings(max_examples=15, deadline=None)
@given(SEEDS, CRYSTALS, LINKS)
def test_hours_beyond_the_last_exchange_are_no_surer_than_the_drift(seed, crystal, link):
    clocks = Clocks(seed, crystal, link, 9)
    model = model_of(clocks.exchanges((0, 0.25)))
    error, uncertainty = errors(clocks, model, clocks.moments(300, 0, 9))
    assert np.mean(error <= uncertainty) >= COVERAGE
    far = errors(clocks, model, np.array([8.5, 8.9]) * 3.6e9)[1]
    assert far[0] >= TEMPERATURE_PPM * 8 * 3600
    assert far[1] > far[0]


@settings(max_examples=15, deadline=None)
@given(
    seed=SEEDS,
    crystal=CRYSTALS,
    link=LINKS,
    step_us=st.one_of(st.integers(100_000, 10**11), st.integers(-(10**10), -100_000)),
    at_s=st.floats(60, 1700),
)
def test_a_step_of_the_hosts_clock_is_found_and_the_recording_stays_whole(seed, crystal, link, step_us, at_s):
    clocks = Clocks(seed, crystal, link, 0.5, steps=((at_s, step_us),))
    model = model_of(clocks.exchanges((0, 0.5)))
    moments = np.sort(clocks.moments(300, 0, 0.5))
    error, uncertainty = errors(clocks, model, moments)
    # All of it by the clock as it was set last, before the step as well.
    assert np.mean(error <= uncertainty) >= COVERAGE
    (step,) = model.steps(1)
    assert abs(step.step_us - step_us) <= step.uncertainty_us < 100_000
    utc_us, _ = model.place_many(1, clocks.ticks_ms(moments))
    assert (np.diff(utc_us) >= 0).all()


@settings(max_examples=10, deadline=None)
@given(SEEDS, CRYSTALS, LINKS, st.integers(200_000, 2_000_000), st.floats(20, 900))
def test_a_host_that_wakes_with_a_wrong_clock_spoils_nothing_when_it_is_set(
    seed, crystal, link, wrong_us, set_after_s
):
    steps = ((3600, wrong_us), (8 * 3600 + set_after_s, -wrong_us))
    clocks = Clocks(seed, crystal, link, 8.5, steps=steps)
    model = model_of(clocks.exchanges((0, 0.5), (8, 8.5)))
    error, uncertainty = errors(clocks, model, clocks.moments(300, 0, 8.5))
    assert np.mean(error <= uncertainty) >= COVERAGE


@settings(max_examples=10, deadline=None)
@given(SEEDS, CRYSTALS, LINKS, st.integers(0, 170), st.integers(10**6, 10**12))
def test_one_exchange_that_is_wrong_changes_nothing(seed, crystal, link, place, wrong_us):
    clocks = Clocks(seed, crystal, link, 0.5)
    exchanges = [exchange for _, exchange in clocks.exchanges((0, 0.5))]
    place = max(2, place % len(exchanges))
    model, other = TimeModel(), TimeModel()
    for index, exchange in enumerate(exchanges):
        model.add(1, exchange)
        if index == place:
            other.add(1, TimeExchange(exchange.ticks_ms + 1, exchange.utc_us + wrong_us, 2000))
            assert other.is_in_doubt(1)
        else:
            other.add(1, exchange)
    asked = clocks.ticks_ms(clocks.moments(50, 0, 0.5))
    without = model.place_many(1, asked)[0]
    assert np.abs(other.place_many(1, asked)[0] - without).max() <= CONNECTED_US
    assert other.steps(1) == ()


@settings(max_examples=10, deadline=None)
@given(SEEDS, CRYSTALS)
def test_exchanges_tell_the_same_in_any_order(seed, crystal):
    clocks = Clocks(seed, crystal, SERIAL, 3, steps=((9000, 500_000),))
    exchanges = [exchange for _, exchange in clocks.exchanges((0, 0.2), (2.3, 3))]
    asked = clocks.ticks_ms(clocks.moments(50, 0, 3))
    random, placed = np.random.default_rng(seed), []
    for order in (exchanges, [exchanges[index] for index in random.permutation(len(exchanges))]):
        model = TimeModel()
        for exchange in order:
            model.add(1, exchange)
            if random.random() < 0.02:
                model.place(1, 0)
        placed.append(model.place_many(1, asked))
    # The ticks are counted from another exchange: the same within the rounding to microseconds.
    assert np.abs(placed[0][0] - placed[1][0]).max() <= 2
    assert np.abs(placed[0][1] - placed[1][1]).max() <= 2


INTERVALS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(-20_000, 20_000), st.integers(0, 50_000)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[0],
).map(lambda rows: [Interval(at, mid - half, mid + half) for at, mid, half in sorted(rows)])


def brute_slopes(intervals):
    pairs = list(combinations(intervals, 2))
    least = max(((b.low_us - a.high_us) / (b.at_ms - a.at_ms) for a, b in pairs), default=-np.inf)
    most = min(((b.high_us - a.low_us) / (b.at_ms - a.at_ms) for a, b in pairs), default=np.inf)
    return least, most


@given(INTERVALS)
def test_hulls_bound_the_drift_as_all_pairs_do(intervals):
    segment, taken = Segment(0), []
    for interval in intervals:
        least, most = brute_slopes([*taken, interval])
        limit, spread = DRIFT_LIMIT_PPM * 1e-3, DRIFT_SPREAD_LIMIT_PPM * 1e-3
        is_possible = least <= limit and most >= -limit and least - most <= spread
        assert segment.takes(interval) is is_possible
        if is_possible:
            taken.append(interval)
            assert (segment.least, segment.most) == (least, most)


@given(INTERVALS, st.lists(st.integers(-(10**6), 2 * 10**6), min_size=1, max_size=20))
def test_a_tick_lies_where_every_exchange_lets_it(intervals, ticks):
    timeline = Timeline()
    for interval in intervals:
        timeline.add(interval)
    # Those before a step are moved, be it too small to be told: what one line explains has none.
    segment = Segment(0)
    assume(all(segment.takes(interval) for interval in intervals))
    flattest, steepest = timeline.drift.low_ppm * 1e-3, timeline.drift.high_ppm * 1e-3
    middle, half = timeline.place(np.array(ticks))
    for tick, found, uncertainty in zip(ticks, middle, half, strict=True):
        lows, highs = [], []
        for at, low, high in intervals:
            away = tick - at
            slow, fast = sorted((flattest * away, steepest * away))
            lows.append(low + slow)
            highs.append(high + fast)
        assert found - UNSURE_US == pytest.approx((max(lows) + min(highs)) / 2, abs=0.01)
        assert uncertainty >= abs(min(highs) - max(lows)) / 2
