"""Resampling: exact means and lines, rounded; nothing from later; missing stays missing."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitalband.signal.resample import RATE_HZ, ratio_of, resampled

RATES = st.sampled_from(
    [4.0, 10.0, 12.5, 24.9, 25.0, 26.0, 29.97, 30.0, 50.0, 62.5, 64.0, 100.0, 125.0, 250.0]
)
COUNTS = st.lists(st.integers(-(1 << 18), 1 << 18), min_size=0, max_size=80)


def mean_of_span(samples: list[int], first: Fraction, after: Fraction) -> int:
    total = sum(
        (min(after, Fraction(place + 1)) - max(first, Fraction(place))) * samples[place]
        for place in range(floor(first), ceil(after))
    )
    return floor(total / (after - first) + Fraction(1, 2))


def on_line(samples: list[int], place: Fraction) -> int:
    right = ceil(place) - 1
    share = place - right
    value = samples[max(right - 1, 0)] * (1 - share) + samples[right] * share
    return floor(value + Fraction(1, 2))


def values_of(samples: list[int], rate_hz: float) -> list[int]:
    column = np.array(samples, np.int64).reshape(-1, 1)
    return resampled(column, np.ones(len(samples), np.bool_), rate_hz).values[:, 0].tolist()


@given(COUNTS, RATES)
def test_a_value_is_the_exact_mean_of_its_span_or_lies_on_the_line(
    samples: list[int], rate_hz: float
) -> None:
    ratio = ratio_of(rate_hz)
    count = floor(len(samples) / ratio)
    if ratio >= 1:
        wanted = [mean_of_span(samples, k * ratio, (k + 1) * ratio) for k in range(count)]
    else:
        wanted = [on_line(samples, (k + 1) * ratio) for k in range(count)]
    assert values_of(samples, rate_hz) == wanted


@given(COUNTS, RATES, st.integers(0, 80))
def test_values_known_after_some_samples_are_those_of_the_samples_alone(
    samples: list[int], rate_hz: float, kept: int
) -> None:
    kept = min(kept, len(samples))
    whole = resampled(np.array(samples, np.int64).reshape(-1, 1), np.ones(len(samples), np.bool_), rate_hz)
    assert whole.values[: whole.known_after(kept), 0].tolist() == values_of(samples[:kept], rate_hz)


@pytest.mark.parametrize("rate_hz", [25, 30, 50, 62.5, 64, 100, 125])
def test_eight_seconds_of_samples_are_two_hundred_values(rate_hz: float) -> None:
    nothing = np.zeros((ceil(8 * rate_hz), 1), np.int64)
    assert len(resampled(nothing, np.ones(len(nothing), np.bool_), rate_hz).values) == 8 * RATE_HZ


@given(st.integers(0, 99), st.integers(1, 60), RATES)
def test_missing_samples_change_no_value_but_those_of_their_own_time(
    first: int, count: int, rate_hz: float
) -> None:
    samples = np.full((100, 2), 777, np.int64)
    present = np.ones(100, np.bool_)
    present[first : first + count] = False
    samples[~present] = -5
    made = resampled(samples, present, rate_hz)
    assert (made.values[made.present] == 777).all()
    ratio = float(ratio_of(rate_hz))
    ends = (np.arange(len(made.present)) + 1) * ratio
    is_away = (ends <= first) | (ends - max(ratio, 1.0) >= min(first + count, 100) + 1)
    assert made.present[is_away].all()


def test_a_ratio_keeps_small_terms_and_the_rate() -> None:
    assert ratio_of(125) == 5
    assert ratio_of(64) == Fraction(64, 25)
    for rate_hz in (4.0, 25.6, 29.97, 99.7, 249.9):
        ratio = ratio_of(rate_hz)
        assert max(ratio.numerator, ratio.denominator) <= 4095
        assert float(ratio) * RATE_HZ == pytest.approx(rate_hz, rel=1e-5)
