"""Wearers at rest in the heart's fit: a strap's clock is found by its intervals, beats count where known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fit.heart import rest_figures
from fit.heart_rest_parts import Resting, strap_offset_s
from fit.heart_train_parts import IntegerNetwork, fitted, quantised
from fit.result import Result, Table, read_all
from vitalband.signal import heart as oracle
from vitalband.signal.beats import Beats, Grades
from vitalband.signal.heart import Network


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(-12, 12))
def test_a_strap_is_set_to_the_clock_of_the_pulse(seed: int, offset_s: float) -> None:
    random = np.random.default_rng(seed)
    interval_s = 0.85 + 0.06 * np.sin(np.arange(100) / random.uniform(0.5, 3)) + random.normal(0, 0.02, 100)
    time_s = 3 + np.cumsum(interval_s)
    is_fair = random.random(100) < 0.9
    nothing = np.zeros(100)
    grades = Grades(interval_s + random.normal(0, 0.005, 100), is_fair, nothing, nothing, nothing)
    strap_s = np.concatenate([[3.0], time_s]) - offset_s
    found_s = strap_offset_s(strap_s, Beats(time_s, nothing, nothing, nothing), grades)
    # Interval by interval: any clock within half of the shortest one is as good.
    assert abs(found_s - offset_s) < 0.4


def test_beats_count_at_rest_where_they_are_known() -> None:
    time_s = np.arange(2200) / 25
    pulse = 1000 * np.sin(2 * np.pi * 1.2 * time_s)[None]
    count = len(oracle.features(pulse, np.zeros((3, 2200))).level)
    truth = np.full(count, 72.0)
    wearer = Resting("one", pulse, np.full(count, np.nan), truth)
    other = replace(wearer, reference_bpm=truth + 10)
    every, shown, alone = rest_figures(shipped(), [wearer, other], 0)
    assert every.value == alone.value == shown.value == pytest.approx(5, abs=0.5)
    assert (every.floor, shown.coverage_percent) == (10, 100)
    told = [replace(one, beat_bpm=truth) for one in (wearer, other)]
    every, _, after = rest_figures(shipped(), told, 0)
    assert every.value == 5
    assert after.value == alone.value


def shipped() -> IntegerNetwork:
    """The network that the band carries."""
    return fitted(next(result for result in read_all() if result.name == "heart"))


def test_the_network_of_a_result_is_the_one_that_was_written() -> None:
    random = np.random.default_rng(3)
    network = quantised(
        Network(random.normal(0, 1, (oracle.INPUTS, 12)), random.normal(0, 1, 12), random.normal(0, 1, 12))
    )
    result = next(result for result in read_all() if result.name == "heart")
    again = fitted(rewritten(result, network.w1.T.ravel().tolist(), network.b1.tolist(), network.w2.tolist()))
    assert np.array_equal(again.w1, network.w1)
    assert np.array_equal(again.b1, network.b1)
    assert np.array_equal(again.w2, network.w2)


def rewritten(result: Result, *values: list[int]) -> Result:
    tables: list[Table] = [
        replace(table, values=own) for table, own in zip(result.tables, values, strict=True)
    ]
    return replace(result, tables=tables)
