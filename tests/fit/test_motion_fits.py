"""What the fits of steps and sleep score by, and what they make of made-up recordings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fit.sleep import area_under_curve, kappa, threshold
from fit.steps import balanced_error, false_steps_per_hour
from fit.steps_parts import Walk, cadence_steps, fitted
from vitalband.signal.steps import FEATURES, Hops, count_steps

RATE_HZ = 25.0
HOPS = 70


def walk(name: str, steps: float, feature: int, candidates: int) -> Walk:
    """A recording of which one feature is the same throughout, and so many candidates lie in each hop."""
    features = np.zeros((HOPS, FEATURES), np.int64)
    features[:, 0] = feature
    hops = Hops(features, np.full(HOPS, candidates))
    return Walk(name, "l2-25hz-bw4", steps, 0.96 * HOPS, "walking" in name, False, hops, hops)


def some_walks() -> list[Walk]:
    walks = [walk(f"normal-walking{k}", 2 * HOPS, 200 + k, 2) for k in range(6)]
    return walks + [walk(f"dishwasher{k}", 0, 60 + k, 2) for k in range(6)]


def test_the_fit_counts_what_looks_like_its_walks_and_nothing_else() -> None:
    walks = some_walks()
    weights, bias = fitted(walks)
    for recording in walks:
        counted = count_steps(recording.hops, weights, bias)
        # The run-in of the mean over nine hops leaves a hop's candidates out.
        assert abs(counted - recording.steps) <= 4


def test_errors_are_means_of_walks_and_of_the_rest() -> None:
    walks = some_walks()
    counted = np.array([2 * HOPS - 3] * 6 + [5] * 6, np.float64)
    assert balanced_error(walks, counted, "l2-25hz-bw4") == (3, 5, 4)
    assert false_steps_per_hour(walks, counted) == pytest.approx(5 * 3600 / (0.96 * HOPS))


@pytest.mark.parametrize("cadence_hz", [1.5, 2.2, 3.0])
def test_the_cadence_of_a_run_is_the_spectrum_s(cadence_hz: float) -> None:
    times_s = np.arange(int(64 * RATE_HZ)) / RATE_HZ
    size = 1 + 0.5 * np.cos(2 * np.pi * cadence_hz * times_s)
    # Bins of an eighth of a second's spectrum, padded: 0.003 Hz apart; 64 s of them.
    assert cadence_steps(size, RATE_HZ) == pytest.approx(64 * cadence_hz, abs=1)
    assert cadence_steps(1 + 0.05 * (size - 1), RATE_HZ) == 0


@given(st.integers(0, 2**32 - 1))
def test_area_under_the_curve_is_the_chance_that_wake_scores_above_sleep(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores, is_wake = random.integers(0, 8, 40).astype(np.float64), random.random(40) < 0.4
    is_wake[:2] = (True, False)
    pairs = scores[is_wake][:, np.newaxis] - scores[~is_wake]
    wanted = (pairs > 0).mean() + (pairs == 0).mean() / 2
    assert area_under_curve(scores, is_wake) == pytest.approx(wanted)


def test_kappa_is_one_for_agreement_and_zero_for_chance() -> None:
    stages = np.array([0, 1, 2] * 30)
    assert kappa(stages, stages) == pytest.approx(1)
    assert kappa(stages, np.ones_like(stages)) == pytest.approx(0)


@given(st.lists(st.integers(-1000, 1000), min_size=30, max_size=200))
def test_93_percent_of_sleep_lies_at_or_below_the_threshold(values: list[int]) -> None:
    scores, stages = np.array(values, np.float64), np.ones(len(values), np.int64)
    above = threshold([scores], [stages])
    # The quantile lies between two values: at most one of them more or less.
    assert abs((scores <= above).sum() - 0.93 * len(values)) <= 1 + (scores == above).sum()
