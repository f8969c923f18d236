"""What the evaluation of the pulse's shape counts by, on made-up pulses."""

import numpy as np
import pytest

from bench.pulse_shape import FEATURES, Visit, area_under_curve, distance, shapes_of

RATE_HZ = 100.0


def pulses(rise: float, seed: int = 1) -> np.ndarray:
    """Two minutes of pulses at 72 /min; `rise` is how early the peak lies."""
    random = np.random.default_rng(seed)
    phase = np.arange(int(120 * RATE_HZ)) / RATE_HZ * 1.2 % 1.0
    wave = np.exp(-(((phase - rise) / 0.12) ** 2)) + 0.3 * np.exp(-(((phase - rise - 0.3) / 0.1) ** 2))
    return wave + 0.003 * random.standard_normal(len(phase))


def visit(rise: float, seed: int) -> Visit:
    return Visit(("somebody",), 120.0, shapes_of(pulses(rise, seed), RATE_HZ))


def test_shapes_are_those_of_the_pulses() -> None:
    shapes = shapes_of(pulses(0.25), RATE_HZ)
    assert shapes.shape == (12, len(FEATURES))
    assert shapes[:, 0] == pytest.approx(1 / 1.2, abs=0.05)
    assert (shapes[:, 2] > shapes[:, 3]).all()
    assert (shapes[:, 3] > shapes[:, 4]).all()


def test_silence_has_no_shape() -> None:
    assert len(shapes_of(np.zeros(12_000), RATE_HZ)) == 0


def test_another_shape_is_farther_than_the_same_again() -> None:
    usual, again, other = visit(0.25, 1), visit(0.25, 2), visit(0.32, 3)
    scale = np.array([one.shapes.mean(axis=0) for one in (usual, again, other)]).std(axis=0)
    assert distance(usual, again, scale) < distance(usual, other, scale)


def test_the_area_is_the_chance_that_a_change_scores_higher() -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0])
    assert area_under_curve(scores, np.array([False, False, True, True])) == 1.0
    assert area_under_curve(scores, np.array([True, False, False, True])) == 0.5
