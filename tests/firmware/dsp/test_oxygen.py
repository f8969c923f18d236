"""The ratio of two colours and the oxygen that a curve gives it, against the oracle and at full scale."""

import json
from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandsim.physiology import optics
from dsp import fitted, fixed
from dsp.optical_stack import MAX30101
from dsp.oxygen import RatioCurve
from dsp.oxygen_curve import OXIWEAR_LINE, OxygenCurve
from dsp.ratio import FEWEST, WINDOW, Channel, RatioOfRatios
from dsp.rings import OpticalRing
from dsp.workspace import Workspace
from fit.result import RESULTS
from vitalband.signal import ratio as oracle
from vitalband.signal.ratio import Floats

FULL_SCALE = (1 << 18) - 1


def ring_of(*channels: Floats) -> OpticalRing:
    """A ring that holds three channels, the last one repeated."""
    optical = OpticalRing(3)
    light = np.column_stack([*channels, *[channels[-1]] * (3 - len(channels))]).round().astype(int)
    for start in range(0, len(light), 50):
        part = light[start : start + 50]
        optical.push(array("i", part.ravel().tolist()), len(part))
    return optical


def ratio_of(above: Floats, below: Floats) -> RatioOfRatios:
    workspace, ratio = Workspace(), RatioOfRatios()
    channels = Channel(workspace, 0), Channel(workspace, 1)
    optical = ring_of(above, below)
    for index, channel in enumerate(channels):
        channel.load(optical, index)
    ratio.compare(*channels)
    return ratio


@st.composite
def pulses(draw: st.DrawFn) -> tuple[Floats, Floats, float]:
    """Two colours of one pulse, and the ratio of ratios that they were made with."""
    ratio = draw(st.floats(0.3, 1.6))
    level, other = draw(st.floats(30_000, 200_000)), draw(st.floats(30_000, 200_000))
    depth, rate_hz = draw(st.floats(0.002, 0.05)), draw(st.floats(0.8, 3.0))
    count, noise = draw(st.integers(FEWEST, WINDOW)), draw(st.floats(0, 3))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    time_s = np.arange(count) / 25
    wave = np.sin(2 * np.pi * rate_hz * time_s) + 0.3 * np.sin(4 * np.pi * rate_hz * time_s + 1)
    above = np.round(level * (1 - depth * ratio * wave / 2) + noise * random.standard_normal(count))
    below = np.round(other * (1 - depth * wave / 2) + noise * random.standard_normal(count))
    return above, below, ratio


@settings(max_examples=80)
@given(pulses())
def test_the_ratio_is_the_oracles(pulse: tuple[Floats, Floats, float]) -> None:
    above, below, _ = pulse
    found = ratio_of(above, below)
    ratio, correlation = oracle.ratio_of_ratios(above, below)
    # Slopes are cut to quarters of a count, sums to 14 bits, levels to whole counts, the ratio to 1/1024.
    assert found.ratio_q10 / 1024 == pytest.approx(float(ratio), rel=0.006, abs=0.003)
    assert found.correlation_q10 / 1024 == pytest.approx(float(correlation), abs=0.01)


@settings(max_examples=40)
@given(st.floats(0.3, 1.3), st.floats(0.8, 2.5), st.floats(0.004, 0.04), st.floats(0, 1))
def test_a_known_ratio_is_read_within_a_hundredth(ratio, rate_hz, depth, phase) -> None:
    time_s = np.arange(WINDOW) / 25
    wave = np.sin(2 * np.pi * (rate_hz * time_s + phase))
    found = ratio_of(130_000 * (1 - ratio * depth * wave), 150_000 * (1 - depth * wave))
    assert found.ratio_q10 / 1024 == pytest.approx(ratio, rel=0.01)


def test_one_second_disturbed_moves_the_ratio_less_than_the_whole_window_would() -> None:
    time_s = np.arange(WINDOW) / 25
    wave = np.sin(2 * np.pi * 1.2 * time_s)
    push = 6000 * np.exp(-(((time_s - 4) / 0.15) ** 2))
    found = ratio_of(130_000 * (1 - 0.005 * wave) - push, 150_000 * (1 - 0.01 * wave) - push)
    # The push alone reads 150 / 130 = 1.15.
    assert found.ratio_q10 / 1024 == pytest.approx(0.5, rel=0.03)


def test_unlike_colours_have_no_ratio_to_trust() -> None:
    random = np.random.default_rng(3)
    found = ratio_of(*(100000 + 300 * random.standard_normal((2, 200))))
    assert found.correlation_q10 < 600


@pytest.mark.parametrize("light", [np.zeros(200), np.full(200, float(FULL_SCALE))], ids=["dark", "saturated"])
def test_flat_light_has_no_ratio(light: Floats) -> None:
    found = ratio_of(light, light)
    assert (found.ratio_q10, found.correlation_q10) == (0, 0)


@pytest.mark.parametrize("half_period", [1, 3, 12, 40])
def test_full_scale_squares_stay_within_their_widths(half_period: int) -> None:
    square = np.where(np.arange(200) // half_period % 2, FULL_SCALE, 0).astype(float)
    found = ratio_of(square, square)
    assert found.ratio_q10 in (0, *range(1020, 1025))
    opposed = ratio_of(FULL_SCALE - square, square)
    assert opposed.ratio_q10 == 0
    for other in (np.round(square / 3), np.minimum(square, 1.0)):
        assert 0 <= ratio_of(square, other).ratio_q10 < 1 << 17


@pytest.mark.parametrize(("spo2", "tolerance"), [(98.0, 0.1), (85.0, 0.1), (70.1, 0.1)])
def test_the_line_turns_the_models_ratio_back_into_oxygen(spo2: float, tolerance: float) -> None:
    ratio_q10 = round(float(optics.ratio_of_spo2(np.array(spo2))) * 1024)
    assert OXIWEAR_LINE.spo2_tenths(ratio_q10) / 10 == pytest.approx(spo2, abs=tolerance)
    assert OXIWEAR_LINE.covers(ratio_q10)


def test_model_and_band_use_the_fits_line_and_call_it_uncalibrated() -> None:
    content = json.loads((RESULTS / "oxygen.json").read_text(encoding="utf-8"))
    numbers = {number["name"]: number["value"] for number in content["numbers"]}
    assert numbers["OXYGEN_LINE_START_TENTHS"] == fitted.OXYGEN_LINE_START_TENTHS
    assert numbers["OXYGEN_LINE_START_TENTHS"] == round(10 * optics.SPO2_AT_ZERO_RATIO)
    assert numbers["OXYGEN_LINE_FALL_TENTHS"] == round(-10 * optics.SPO2_PER_RATIO)
    assert not OXIWEAR_LINE.is_calibrated


def test_the_line_covers_no_oxygen_below_its_lowest_reference() -> None:
    lowest = max(ratio_q10 for ratio_q10 in range(2048) if OXIWEAR_LINE.covers(ratio_q10))
    assert OXIWEAR_LINE.spo2_tenths(lowest) == pytest.approx(700, abs=1)
    assert not OXIWEAR_LINE.covers(200)


@given(st.integers(0, 16 << 10))
def test_a_makers_curve_may_bend_and_never_reads_above_full(ratio_q10: int) -> None:
    curve = OxygenCurve(True, 1100, -150, -120, 300, 1400)
    ratio = min(ratio_q10, 4096) / 1024
    exact = min(110.0 - 15.0 * ratio - 12.0 * ratio * ratio, 100.0)
    assert curve.spo2_tenths(ratio_q10) / 10 == pytest.approx(exact, abs=0.3)


def test_a_board_that_states_a_curve_has_it_used() -> None:
    time_s = np.arange(WINDOW) / 25
    wave = np.sin(2 * np.pi * 1.2 * time_s)
    optical = ring_of(130_000 * (1 - 0.005 * wave), 150_000 * (1 - 0.01 * wave))
    own = RatioCurve(MAX30101, Workspace())
    makers = RatioCurve(MAX30101, Workspace(), OxygenCurve(True, 1100, -250, 0, 300, 1400))
    for estimator in (own, makers):
        estimator.step(optical, 60)
    assert makers.spo2_tenths == pytest.approx(975, abs=2)
    assert own.spo2_tenths == OXIWEAR_LINE.spo2_tenths(own.ratio_q10) != makers.spo2_tenths


@given(st.integers(1, (1 << 30) - 1))
def test_the_fine_logarithm_is_within_two_parts_in_1024(value: int) -> None:
    assert 0 <= 1024 * np.log2(value) - fixed.log2_q10(value) < 2
