"""True rates of sensors are measured, within what is said of them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vitalband.clock import TICKS_MODULUS
from vitalband.rates import RATE_TOLERANCE, RateMeter

READ_MS = 800

few = settings(max_examples=max(settings().max_examples // 4, 50))
"""Each example is up to an hour of blocks, one by one."""


def blocks(seed, nominal_hz, error, minutes, start_ms=0):
    """Last samples and ticks of blocks as a band makes them: read each 800 ms, cut where they are full."""
    chance = np.random.default_rng(seed)
    period_ms, true_ms = 1000 / nominal_hz, 1000 / nominal_hz / (1 + error)
    reads_ms = np.arange(READ_MS, minutes * 60_000, READ_MS * 5.0) + chance.integers(0, 20)
    read = np.floor((reads_ms + chance.uniform(0, 10, len(reads_ms))) / true_ms).astype(np.int64) - 1
    behind = chance.integers(0, min(100, int(READ_MS / true_ms) * 4), len(reads_ms))
    ticks_ms = np.floor(reads_ms - behind * period_ms).astype(np.int64)
    return read - behind, (ticks_ms + start_ms) % TICKS_MODULUS


CASES = {
    "seed": st.integers(0, 2**32 - 1),
    "nominal_hz": st.sampled_from([25.0, 26.0, 100.0]),
    "error": st.floats(-0.04, 0.04),
    "start_ms": st.integers(0, TICKS_MODULUS - 1),
}


@few
@given(minutes=st.integers(2, 60), **CASES)
def test_the_true_rate_lies_within_what_is_said_of_it(seed, nominal_hz, error, start_ms, minutes):
    meter = RateMeter(nominal_hz)
    for number, tick in zip(*blocks(seed, nominal_hz, error, minutes, start_ms), strict=True):
        meter.add(np.array([number]), np.array([tick]))
        rate = meter.measured
        if rate is not None:
            assert abs(rate.rate_hz - nominal_hz * (1 + error)) <= rate.uncertainty_hz
    # 11 periods and what a busy band adds, at either end.
    assert rate.uncertainty_hz / nominal_hz <= (12e3 / nominal_hz + 60) / (minutes * 60_000 - 10_000) * 1.1


@few
@given(**CASES, cut=st.integers(1, 400))
def test_many_blocks_at_once_tell_as_much(seed, nominal_hz, error, start_ms, cut):
    numbers, ticks_ms = blocks(seed, nominal_hz, error, 30, start_ms)
    meter = RateMeter(nominal_hz)
    for begin in range(0, len(numbers), cut):
        meter.add(numbers[begin : begin + cut], ticks_ms[begin : begin + cut])
    rate = meter.measured
    assert abs(rate.rate_hz - nominal_hz * (1 + error)) <= rate.uncertainty_hz <= 0.001 * nominal_hz


@few
@given(**CASES, lost_ms=st.integers(5_000, 10**7))
def test_samples_that_were_not_counted_spoil_no_rate(seed, nominal_hz, error, start_ms, lost_ms):
    numbers, ticks_ms = blocks(seed, nominal_hz, error, 30, start_ms)
    ticks_ms[len(ticks_ms) // 2 :] += lost_ms
    meter = RateMeter(nominal_hz)
    meter.add(numbers[:10], ticks_ms[:10] % TICKS_MODULUS)
    for begin in range(10, len(numbers)):
        meter.add(numbers[begin : begin + 1], ticks_ms[begin : begin + 1] % TICKS_MODULUS)
    rate = meter.measured
    assert rate.span_s < 16 * 60
    assert abs(rate.rate_hz - nominal_hz * (1 + error)) <= rate.uncertainty_hz


def test_a_rate_that_no_chip_has_is_not_believed():
    meter = RateMeter(25.0)
    meter.add(np.array([19, 39]), np.array([0, 120_000]))
    assert meter.measured is None
    meter.add(np.array([1539]), np.array([180_000]))
    assert abs(meter.measured.rate_hz / 25.0 - 1) <= RATE_TOLERANCE
