"""The heart's fit: inputs as the oracle gathers them, slopes as differences find them, figures as defined."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fit import heart_train_parts, heart_tune_parts
from fit.heart import GROUPS, Outcome, figures_of, gate, left_out
from fit.heart_data_parts import quiet, shaken, stretched
from fit.heart_train_parts import drawn, drawn_sequences, quantised, rows, still_variants, trained
from fit.heart_tune_parts import LANES, SPAN, tuned
from vitalband.signal import heart as oracle
from vitalband.signal.heart import BINS, Network, Windows

SEEDS = st.integers(0, 2**32 - 1)


def some_windows(random: np.random.Generator, count: int) -> Windows:
    spectra = random.normal(0, 2, (count, 5, oracle.SPECTRUM_BINS)).astype(np.float32)
    return Windows(spectra, random.uniform(-10, 1, count).astype(np.float32))


def some_network(random: np.random.Generator) -> Network:
    shape = oracle.INPUTS, heart_train_parts.HIDDEN
    return Network(random.normal(0, 0.2, shape), random.normal(0, 1, shape[1]), random.normal(0, 1, shape[1]))


@settings(max_examples=20)
@given(SEEDS, st.integers(1, 5))
def test_the_fit_sees_what_the_oracle_gathers(seed: int, count: int) -> None:
    windows = some_windows(np.random.default_rng(seed), count)
    seen = rows(windows.spectra.astype(np.float32), windows.level.astype(np.float32))
    assert np.array_equal(seen, oracle.gathered(windows).reshape(-1, oracle.INPUTS).T)


@settings(max_examples=20)
@given(SEEDS)
def test_integers_score_like_the_network_that_they_come_from(seed: int) -> None:
    random = np.random.default_rng(seed)
    network, inputs = some_network(random), oracle.gathered(some_windows(random, 3))
    exact, whole = network.scores(inputs), quantised(network).floating().scores(inputs)
    # Eight bits a weight: half of 1/127 of the largest in each of 28 inputs of size 2 to 10, twelve units.
    assert np.abs(exact - whole).mean() < 0.02 * np.abs(exact).max()


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_slopes_through_the_tracker_are_those_of_differences(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = SPAN, LANES, len(BINS)
    scores = random.normal(0, 1, shape).astype(np.float32)
    labels = heart_train_parts.targets(random.uniform(50, 190, SPAN * LANES)).reshape(shape)
    use = np.ones((SPAN, LANES, 1), np.float32)
    state = np.full((LANES, len(BINS)), 1 / len(BINS), np.float32)
    slopes, _ = heart_tune_parts._slopes(scores, labels, use, state)
    toward = random.normal(0, 1, shape).astype(np.float32)
    step = np.float32(0.05)
    there, back = (loss(np.add(scores, np.float32(sign) * step * toward), labels, state) for sign in (1, -1))
    assert float((slopes * toward).sum()) == pytest.approx((there - back) / (2 * step), rel=0.02, abs=0.003)


def loss(
    scores: heart_tune_parts.Array, labels: heart_tune_parts.Array, state: heart_tune_parts.Array
) -> float:
    """The cross entropies whose gradient the fit follows."""
    way = heart_tune_parts._forward(scores, state)
    alone = np.exp(scores - scores.max(axis=2, keepdims=True))
    alone /= alone.sum(axis=2, keepdims=True)
    after, reading = np.stack(way.states[1:]), np.stack(way.readings)
    logs = np.log(reading) + 0.3 * np.log(after) + 0.3 * np.log(alone)
    return -float((labels * logs.astype(np.float64)).sum()) / (LANES * SPAN)


def test_a_fit_to_modelled_wearers_reads_one_that_it_never_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart_train_parts, "QUIET_RECORDINGS", 24)
    random = np.random.default_rng(3)
    variants = still_variants(random)
    network = trained(drawn(variants, random), 0)
    network = tuned(network, drawn_sequences(variants, random), 0)
    errors: list[float] = []
    for number in range(100, 106):
        wearer = quiet(number, random)
        windows = oracle.features(wearer.pulse, wearer.acceleration_g)
        rates, _ = oracle.track(quantised(network).floating().scores(oracle.gathered(windows)))
        errors.append(float(np.median(np.abs(rates - wearer.reference_bpm))))
    assert np.median(errors) < 2


@settings(max_examples=5, deadline=None)
@given(SEEDS, st.sampled_from([0.55, 0.8, 1.18]))
def test_a_recording_played_faster_has_its_rates_as_much_higher(seed: int, factor: float) -> None:
    wearer = quiet(1, np.random.default_rng(seed), 40)
    played = stretched(wearer, factor)
    count = len(played.reference_bpm)
    assert abs(count - len(wearer.reference_bpm) / factor) < 5
    at = (2 * np.arange(count) + 4) * factor
    there = np.interp(at, 2 * np.arange(len(wearer.reference_bpm)) + 4, wearer.reference_bpm)
    assert np.allclose(played.reference_bpm, factor * there)


def test_shaking_moves_the_acceleration_and_the_pulse_but_not_the_reference() -> None:
    random = np.random.default_rng(1)
    wearer = quiet(1, random, 40)
    moved = shaken(wearer, random)
    assert np.array_equal(moved.reference_bpm, wearer.reference_bpm)
    assert moved.acceleration_g.std() > 3 * wearer.acceleration_g.std()
    assert moved.pulse.shape == wearer.pulse.shape


def test_folds_leave_out_each_recording_once() -> None:
    left = [name for fold in range(6) for name in left_out(fold)]
    assert sorted(left) == sorted(f"{group}_{number:02d}" for group in GROUPS for number in range(1, 13))


def test_figures_are_means_over_recordings_and_count_what_is_shown() -> None:
    errors, confidence = np.array([1.0, 3.0]), np.array([0.5, 0.1])
    one = Outcome("troika", "all", errors, confidence, 10.0)
    other = replace(one, error_bpm=np.array([5.0]), confidence=np.array([0.9]), floor_bpm=20.0)
    rest = [replace(one, group=group, kind=kind) for group in GROUPS for kind in ("one", "slow")]
    found = figures_of([one, other, replace(one, group="bami1"), *rest], 50)
    whole, shown = found[:2]
    assert (whole.value, whole.floor, whole.n) == (3.5, 15.0, 2)
    assert (shown.value, shown.coverage_percent) == (3.0, 75.0)


def test_the_gate_is_the_highest_that_shows_nine_windows_in_ten_of_each_group() -> None:
    sure = np.append(np.full(19, 0.95), 0.3)
    found = [Outcome(group, "all", np.ones(20), sure, 0.0) for group in GROUPS]
    assert gate(found) == 90
    less = replace(found[0], confidence=np.append(np.full(18, 0.68), [0.62, 0.3]))
    assert gate([less, *found[1:]]) == 65
    assert gate([replace(outcome, confidence=np.full(20, 0.4)) for outcome in found]) == 50
