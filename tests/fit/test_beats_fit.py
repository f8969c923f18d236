"""What the fit of beats chooses, and that it sees no recording that it is scored on."""

import numpy as np
import pytest

from fit.beats import (
    APART,
    COVERED,
    LEAST,
    MOST,
    NOT_SHOWN_BPM,
    NOT_SHOWN_MS,
    agreement_cost,
    choice_of,
    costs_of,
    fitted_cell,
    shown_by,
)
from fit.beats_parts import Phone
from vitalband.analysis.pairing import Series
from vitalband.analysis.strap import by_beats
from vitalband.signal.beats import Grades, Limits

COUNT = 120


def grades_of(seed: int, false_share: float) -> Grades:
    """Beats 0.8 s apart that vary by 40 ms from one to the next; some are false, and look so."""
    random = np.random.default_rng(seed)
    interval_s = 0.8 + 0.028 * random.standard_normal(COUNT)
    is_false = random.random(COUNT) < false_share
    interval_s += np.where(is_false, random.choice([-0.12, 0.12], COUNT), 0.0)
    size = np.where(is_false, 1.5, 1.0)
    apart = np.abs(interval_s - 0.8) / 0.8
    apart[:5] = np.inf
    return Grades(interval_s, np.ones(COUNT, np.bool_), apart, np.ones(COUNT), size)


def phone_of(seed: int, false_share: float = 0.0, spectral_off: float = 0.0) -> Phone:
    grades = grades_of(seed, false_share)
    times_s = np.arange(8.0, 97.0, 2.0)
    count = len(times_s)
    readings = Series(times_s, np.full(count, 800.0), np.zeros(count, np.bool_), np.zeros(count))
    return Phone(
        f"made/{seed}",
        [grades],
        96.0,
        np.full(COUNT, 800.0),
        40.0,
        by_beats(readings, 96.0),
        np.full(count, 75.0 * (1 + spectral_off)),
    )


def test_a_recording_that_is_not_shown_costs_what_was_said() -> None:
    costs, errors = costs_of([phone_of(1, false_share=0.9)])
    strict = (0, APART.index(0.1), 0, MOST.index(1.4), COVERED.index(0.7))
    assert costs[strict] == NOT_SHOWN_MS
    assert np.isnan(errors[strict])


def test_false_beats_that_look_false_are_kept_out() -> None:
    phones = [phone_of(seed, false_share=0.15) for seed in range(4)]
    costs, errors = costs_of(phones)
    cell = fitted_cell(costs)
    limits, covered = choice_of(cell)
    assert limits.most < 1.5
    assert covered <= 0.6
    assert np.nanmean(errors[(slice(None), *cell)]) < 8


def test_one_lucky_cell_does_not_win() -> None:
    costs = np.full((3, len(APART), len(LEAST), len(MOST), len(COVERED)), 5.0)
    costs[:, 1, 1, 1, 1] = 0.0
    costs[:, 4:, 2:, 3:, 2:] = 3.0
    cell = fitted_cell(costs)
    assert cell[0] >= 4
    assert choice_of(cell)[0] == Limits(APART[cell[0]], LEAST[cell[1]], MOST[cell[2]])


@pytest.mark.parametrize("off", [-0.12, 0.12])
def test_an_interval_is_shown_where_the_spectrum_is_near_enough(off: float) -> None:
    phone = phone_of(2, spectral_off=off)
    assert shown_by(phone, 20).is_shown.all()
    assert not shown_by(phone, 10).is_shown.any()


def test_readings_cost_their_distance_from_the_strap_or_what_was_said() -> None:
    phone = phone_of(2, spectral_off=0.12)
    assert agreement_cost(phone, 20) == pytest.approx(0.0, abs=0.01)
    assert agreement_cost(phone, 10) == pytest.approx(NOT_SHOWN_BPM)
