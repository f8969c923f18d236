"""Time: exchanges bound their error, drift widens it, and sample times follow the chip."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import Channel, Unit
from bandwire.errors import FrameError
from sdk.helpers import utc_us_of
from vitalband.clock import (
    LATEST_UTC_US,
    TICKS_MODULUS,
    TimeExchange,
    TimeModel,
    is_possible,
    measure_exchange,
    utc_datetime,
)
from vitalband.streams import GapFinder, SampleClock, decode_samples
from vitalband.timeline import EXCHANGES_KEPT, LEAST_UNCERTAINTY_US, UNSURE_US
from vitalband.values import SampleGap, StreamDescriptor, TimeStatus

flights = st.integers(0, 5_000_000)
OFFSET_US = 1_700_000_000_000_000


@given(
    there_us=flights,
    back_us=flights,
    busy_us=st.integers(0, 200_000),
    ticks_us=st.integers(0, TICKS_MODULUS * 1000 - 1),
    sent_us=st.integers(0, 10**12),
    step_us=st.one_of(st.just(0), st.integers(-(10**7), 10**7)),
)
def test_the_true_time_lies_within_the_stated_uncertainty(
    there_us, back_us, busy_us, ticks_us, sent_us, step_us
):
    came_us, left_us = sent_us + there_us, sent_us + there_us + busy_us
    exchange = measure_exchange(
        sent_us // 1000,
        ticks_us // 1000,
        (ticks_us + busy_us) // 1000 % TICKS_MODULUS,
        (left_us + back_us) // 1000,
        OFFSET_US,
        OFFSET_US + step_us,
    )
    # True UTC when the counter turned to that tick.
    since_arrival_us = exchange.ticks_ms * 1000 - ticks_us
    half = TICKS_MODULUS * 500
    since_arrival_us = (since_arrival_us + half) % (2 * half) - half
    for offset_us in (OFFSET_US, OFFSET_US + step_us):
        true_us = offset_us + came_us + since_arrival_us
        assert abs(exchange.utc_us - true_us) <= exchange.uncertainty_us


def test_a_host_that_slept_while_the_reply_waited_says_how_little_it_knows():
    slept_us = 3_600_000_000
    exchange = measure_exchange(1000, 500, 500, 1010, OFFSET_US, OFFSET_US + slept_us)
    assert exchange.uncertainty_us >= slept_us // 2


def test_ticks_are_placed_across_the_wrap_of_their_counter():
    model = TimeModel()
    model.add(1, TimeExchange(TICKS_MODULUS - 1000, 50_000_000, 100))
    assert model.place(1, 500).utc_us == 50_000_000 + 1500 * 1000 + UNSURE_US
    model.add(2, TimeExchange(500, 50_000_000, 100))
    assert model.place(2, TICKS_MODULUS - 500).utc_us == 50_000_000 - 1000 * 1000 + UNSURE_US


DAY_MS = 86_400_000


@pytest.mark.parametrize("came", [False, True], ids=["live", "from a store"])
def test_a_boot_of_months_is_placed_lap_by_lap_of_its_counter(came):
    model = TimeModel()
    for day in range(120):
        for minute in range(2):
            at_ms = day * DAY_MS + minute * 60_000
            model.add(1, TimeExchange(at_ms % TICKS_MODULUS, at_ms * 1000, 1000))
        days = range(day + 1) if came else [day]
        asked_ms = np.array([day_ * DAY_MS + 40_000 for day_ in days])
        if day % 10 == 9 or not came:
            # Frames came up to three days late, as from the journal.
            arrived = (asked_ms + 3 * DAY_MS) * 1000 if came else None
            utc_us, uncertainty_us = model.place_many(1, asked_ms % TICKS_MODULUS, arrived)
            assert (np.abs(utc_us - asked_ms * 1000) <= uncertainty_us).all()
            assert uncertainty_us.max() < 10_000


def test_another_boot_has_no_time_until_it_is_exchanged():
    model = TimeModel()
    model.add(1, TimeExchange(0, 0, 0))
    assert model.place(2, 0) is None
    assert model.latest(2) is None
    assert TimeStatus.of(model, 2).uncertainty_ms is None


def test_memory_of_exchanges_is_bounded_and_keeps_the_sharp_ones():
    model = TimeModel()
    for number in range(3 * EXCHANGES_KEPT):
        model.add(1, TimeExchange(number * 10_000, number * 10_000_000, 100 if number % 2 else 5000))
    assert EXCHANGES_KEPT <= model.exchange_count(1) <= 2 * EXCHANGES_KEPT + 1
    assert model.latest(1).uncertainty_us == pytest.approx(LEAST_UNCERTAINTY_US, abs=100)


@given(st.integers(0, 4 * 10**15))
def test_utc_survives_the_way_through_datetime(utc_us):
    assert utc_us_of(utc_datetime(utc_us)) == utc_us


@pytest.mark.parametrize("rate_error", [-0.03, 0.0, 0.03])
def test_sample_times_follow_the_chips_own_rate(rate_error):
    true_period_ms = 40.0 * (1 + rate_error)
    clock, random = SampleClock(25.0), np.random.default_rng(1)
    for read in range(200):
        last = read * 20 + 19
        taken_ms = last * true_period_ms
        clock.add_read(last, round(taken_ms + random.uniform(0, true_period_ms)))
    ticks = clock.ticks_of(199 * 20, 20)
    truth = np.arange(199 * 20, 200 * 20) * true_period_ms
    # Nine reads vote, each late by up to a period: their median is within a quarter of it.
    assert np.max(np.abs(ticks - truth)) <= clock.uncertainty_ms
    assert clock.period_ms == pytest.approx(true_period_ms, rel=2 * 40.0 / (READ_SPAN_MS))


READ_SPAN_MS = 128 * 800 * 0.97
"""Span of the reads that are kept, at the slower chip: a period's error at either end."""


def test_a_rate_that_no_chip_has_is_not_believed():
    clock = SampleClock(25.0)
    clock.add_read(19, 0)
    clock.add_read(39, 120_000)
    assert clock.period_ms == 40.0


def test_gaps_are_found_once_and_filling_one_is_no_gap():
    finder = GapFinder(1)
    assert finder.gap_before(1, 100, 20) is None  # where a host joins is no gap
    assert finder.gap_before(1, 140, 20) == SampleGap(1, 1, 120, 20)
    assert finder.gap_before(1, 120, 20) is None
    assert finder.gap_before(1, 160, 20) is None
    assert finder.gap_before(2, 0, 20) is None


def descriptor(bits, is_signed):
    return StreamDescriptor(1, 1, (Channel.X, Channel.Y), bits, is_signed, 25.0, None, Unit.NONE)


@given(st.integers(1, 24), st.booleans(), st.data())
def test_plain_samples_survive_at_every_width_and_sign(bits, is_signed, data):
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if is_signed else (0, (1 << bits) - 1)
    values = data.draw(st.lists(st.tuples(st.integers(low, high), st.integers(low, high)), max_size=20))
    width = (bits + 7) // 8
    body = b"".join(
        (value & ((1 << 8 * width) - 1)).to_bytes(width, "little") for pair in values for value in pair
    )
    samples = decode_samples(0, body, len(values), descriptor(bits, is_signed))
    assert samples.tolist() == [list(pair) for pair in values]


def test_a_body_of_the_wrong_length_or_encoding_is_a_frame_error():
    with pytest.raises(FrameError, match="wanted 2 samples x 2 channels x 3 B, got 11 B"):
        decode_samples(0, bytes(11), 2, descriptor(18, False))
    with pytest.raises(FrameError, match="encoding 9"):
        decode_samples(9, bytes(12), 2, descriptor(18, False))


@pytest.mark.parametrize(
    "exchange",
    [
        TimeExchange(-1, 0, 0),
        TimeExchange(1 << 32, 0, 0),
        TimeExchange(0, -1, 0),
        TimeExchange(0, LATEST_UTC_US, 0),
        TimeExchange(0, 0, -1),
        TimeExchange(0, 0, LATEST_UTC_US),
        TimeExchange(0, "today", 0),  # pyright: ignore[reportArgumentType]
    ],
)
def test_an_exchange_that_cannot_have_been_measured_is_told(exchange):
    assert not is_possible(exchange)


def test_the_last_exchange_that_is_possible_places_ticks_in_time():
    exchange = TimeExchange((1 << 32) - 1, LATEST_UTC_US - 1, 0)
    assert is_possible(exchange)
    model = TimeModel()
    model.add(1, exchange)
    placed = model.place(1, 1 << 31)
    assert placed is not None
    assert placed.time.year == 6536


def test_a_reply_that_waits_on_the_band_counts_by_what_its_clock_may_have_gained_meanwhile():
    at_once = measure_exchange(0, 5_000, 5_000, 20, 0, 0)
    waited = measure_exchange(0, 5_000, 65_000, 60_020, 0, 0)
    # Half of 200 ppm of a minute: the middle of the exchange is as far from both ends.
    assert waited.uncertainty_us - at_once.uncertainty_us == 6_000
