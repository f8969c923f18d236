"""Core temperature from heart rate, and settling, against their oracles and at the ends of their widths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.core_temperature import START_CC, CoreFilter
from dsp.temperature import Settling, hundredths
from vitalband.signal import temperature as oracle

TOLERANCE_C = 0.03
"""A hundredth of the reading, variance to 2 %, slopes to 1/256."""

rates = st.one_of(st.none(), st.integers(250, 2400))


def filtered(minutes: list[int | None]) -> list[float]:
    core, found = CoreFilter(), []
    for rate in minutes:
        if rate is None:
            core.pass_minute()
        else:
            core.observe(rate)
        found.append(core.estimate_cc / 100)
    return found


def exact(minutes: list[int | None]) -> list[float]:
    values = np.array([np.nan if rate is None else rate / 10 for rate in minutes])
    return oracle.core_temperature_c(values).tolist()


@given(st.lists(rates, max_size=120))
def test_the_integer_filter_is_the_oracle(minutes: list[int | None]) -> None:
    assert filtered(minutes) == pytest.approx(exact(minutes), abs=TOLERANCE_C)


@pytest.mark.parametrize("rate_bpm", [25, 45, 60, 80, 120, 160, 240])
def test_a_day_of_one_rate_stays_with_the_oracle(rate_bpm: int) -> None:
    minutes: list[int | None] = [10 * rate_bpm] * 1440
    assert filtered(minutes) == pytest.approx(exact(minutes), abs=TOLERANCE_C)


@given(st.lists(st.sampled_from([250, 2400, None]), max_size=300))
def test_the_ends_of_the_scale_break_nothing(minutes: list[int | None]) -> None:
    assert all(35.0 <= value <= 41.0 for value in filtered(minutes))


def test_work_in_the_heat_raises_the_estimate_as_published_in_kind() -> None:
    # The parabola's own inverse: 130 /min is 38.27 C, reached with a time constant of about 20 min.
    found = filtered([1300] * 120)
    assert found[0] == pytest.approx(START_CC / 100, abs=0.05)
    assert found[20] == pytest.approx(37.7, abs=0.3)
    assert found[-1] == pytest.approx(38.27, abs=0.05)


def test_without_heart_rates_the_estimate_stays() -> None:
    assert filtered([None] * 500)[-1] == START_CC / 100


@given(st.lists(st.integers(2500, 3800), min_size=40, max_size=80))
def test_settling_is_the_oracles(values_cc: list[int]) -> None:
    settling = Settling()
    found = [settling.push(value) for value in values_cc]
    assert found == oracle.is_settled(np.array(values_cc) / 100).tolist()


@given(st.integers(-256, 50 * 128))
def test_hundredths_are_the_thermometers_to_half_a_hundredth(raw_128: int) -> None:
    assert abs(hundredths(raw_128) / 100 - raw_128 / 128) <= 0.005 + 1e-9
