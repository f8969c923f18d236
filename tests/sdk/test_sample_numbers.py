"""Compressed blocks tell 24 bits of their first sample's number; the ticks tell the rest."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vitalband.clock import TICKS_MODULUS
from vitalband.streams import NUMBER_MODULUS, SHORT_MODULUS, SampleNumbers

GAPS = st.one_of(st.integers(-400, 2000), st.integers(0, 4 * SHORT_MODULUS))


@given(
    start=st.integers(400, 1 << 26),
    gaps=st.lists(GAPS, max_size=30),
    is_short=st.lists(st.booleans(), min_size=31, max_size=31),
    late_ms=st.lists(st.integers(0, 2000), min_size=31, max_size=31),
    rate_hz=st.sampled_from([12.5, 25.0, 100.0]),
    cut=st.integers(1, 31),
)
def test_numbers_are_found_again_from_24_bits_and_the_ticks(start, gaps, is_short, late_ms, rate_hz, cut):
    # A gap of half the 49 days after which the ticks wrap cannot be told from one backwards.
    most = int(20 * 86400 * rate_hz)
    # Nor can a first block after that wrap, with none before it.
    start = min(start, int((TICKS_MODULUS - 3000) * rate_hz / 1000))
    true = np.cumsum([start, *(min(gap, most) for gap in gaps)])
    short = np.array(is_short[: len(true)])
    ticks_ms = (np.rint(true * 1000 / rate_hz).astype(np.int64) + late_ms[: len(true)]) % TICKS_MODULUS
    sent = np.where(short, true % SHORT_MODULUS, true % NUMBER_MODULUS)
    numbers = SampleNumbers(rate_hz)
    found = [
        numbers.whole(sent[begin : begin + cut], short[begin : begin + cut], ticks_ms[begin : begin + cut])
        for begin in range(0, len(true), cut)
    ]
    assert np.concatenate(found).tolist() == (true % NUMBER_MODULUS).tolist()


@given(
    numbers=st.lists(st.integers(0, NUMBER_MODULUS - 1), min_size=1), ticks=st.integers(0, TICKS_MODULUS - 1)
)
def test_whole_numbers_are_taken_whatever_the_ticks_say(numbers, ticks):
    count = len(numbers)
    found = SampleNumbers(25.0).whole(
        np.array(numbers), np.zeros(count, bool), np.full(count, ticks, np.int64)
    )
    assert found.tolist() == numbers
