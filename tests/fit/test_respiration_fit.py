"""What the fit of breathing chooses, and that it sees nobody whom it is scored on."""

import numpy as np
import pytest

from fit.respiration import Constants, errors_of, fitted
from fit.respiration_parts import Windows, mean_of_subjects, silent_scores
from vitalband.signal.respiration import RATES_BPM, follow


def breathing(subject: str, rate_bpm: float, height: float, seed: int) -> Windows:
    """Ten minutes of windows whose scores rise by `height` around a steady rate."""
    random = np.random.default_rng(seed)
    peak = height * np.exp(-0.5 * ((RATES_BPM - rate_bpm) / 1.5) ** 2)
    scores = peak + random.standard_normal((300, len(RATES_BPM)))
    return Windows(subject, scores, np.full(300, float(rate_bpm)), np.ones(300))


@pytest.fixture(scope="module")
def silent() -> list[np.ndarray]:
    return silent_scores()[:6]


def test_windows_without_breathing_pass_as_rarely_as_was_asked(silent) -> None:
    constants = fitted([breathing("a", 14, 4, 1), breathing("b", 17, 4, 2)], silent)
    believed = [follow(scores, move=constants.move, gain=constants.gain)[:, 2] for scores in silent]
    assert (np.concatenate(believed) >= constants.contrast).mean() == pytest.approx(0.02, abs=0.002)


def test_most_windows_of_a_clear_breath_are_shown_and_right(silent) -> None:
    windows = [breathing("a", 14, 4, 1), breathing("b", 17, 4, 2)]
    every, shown = errors_of(windows, fitted(windows, silent))
    assert 0.8 < sum(map(len, shown)) / sum(map(len, every)) <= 0.84
    assert mean_of_subjects(shown, ["a", "b"]) < 0.3


def test_windows_without_a_reference_or_good_beats_are_not_scored(silent) -> None:
    run = breathing("a", 14, 4, 1)
    run.reference_bpm[:100] = np.nan
    run.good[100:200] = 0.5
    every, shown = errors_of([run], Constants(1 / 50, 0.15, np.inf, -np.inf))
    assert (len(every[0]), len(shown[0])) == (200, 100)


def test_every_subject_weighs_the_same() -> None:
    errors = [np.array([1.0, 1.0, 1.0]), np.array([1.0]), np.array([4.0])]
    assert mean_of_subjects(errors, ["a", "a", "b"]) == 2.5
