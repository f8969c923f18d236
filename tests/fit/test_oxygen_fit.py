"""What the fit of oxygen scores by, and that it sees windows as the band does."""

import numpy as np
import pytest

from fit.oxygen import arms, left_out, line_of
from fit.oxygen_parts import WINDOW, Points, of_windows
from vitalband.signal.ratio import ratio_of_ratios


def desaturation(noise_percent: float) -> Points:
    """Points of a line 110 - 30 R, in order of time."""
    random = np.random.default_rng(1)
    ratio = np.linspace(1.3, 0.4, 40)
    spo2 = 110 - 30 * ratio + noise_percent * random.standard_normal(40)
    return Points(ratio, np.ones(40), spo2)


def test_the_fit_finds_the_line_and_no_error_where_there_is_none() -> None:
    points = desaturation(0)
    assert line_of(points.ratio, points.spo2_percent) == pytest.approx([-30, 110])
    errors, floor = left_out(points, np.array_split(np.arange(40), 10))
    assert arms(errors) == pytest.approx(0, abs=1e-9)
    assert arms(floor) > 7


def test_a_block_left_out_is_scored_by_the_others_alone() -> None:
    points = desaturation(0)
    points.spo2_percent[:4] += 5
    errors, _ = left_out(points, np.array_split(np.arange(40), 10))
    assert errors[:4] == pytest.approx(np.full(4, -5.0))
    assert np.abs(errors[4:]).max() > 0.1


def test_the_bands_own_ratio_is_what_the_fit_sees() -> None:
    time_s = np.arange(WINDOW) / 25
    wave = np.sin(2 * np.pi * 1.2 * time_s)
    window = np.round([130_000 * (1 - 0.006 * wave), 150_000 * (1 - 0.01 * wave)]).astype(np.int64)
    ((ratio_q10, correlation_q10, *_),) = of_windows([window])
    ratio, correlation = ratio_of_ratios(window[0].astype(float), window[1].astype(float))
    assert ratio_q10 / 1024 == pytest.approx(float(ratio), rel=0.004)
    assert correlation_q10 / 1024 == pytest.approx(float(correlation), abs=0.004)
