"""Beats, the breathing they carry and the ratio of two colours, on modelled pulses."""

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.vitals_training import fit_camera_oxygen
from bench.vitals_training.heart_oracle import Floats
from dsp import oxygen
from dsp.beats import BeatFinder, History
from dsp.ratio import Channel, RatioOfRatios
from dsp.rings import OpticalRing
from dsp.workspace import Workspace


def pulse(beat_times_s: Floats, duration_s: float, sign: int = -1) -> Floats:
    """Light with a pulse that starts at each time."""
    time_s = np.arange(int(duration_s * 25)) / 25
    since = time_s[:, None] - beat_times_s[None, :]
    wave = np.where(since > 0, since * 9 * np.exp(-np.maximum(since, 0) * 9), 0.0).sum(axis=1)
    return np.round(130000 + sign * 3000 * wave)


def beats_of(light: Floats, expected_interval: int = 0) -> Floats:
    """Times of the beats found, in s from the first sample."""
    optical, finder, times = OpticalRing(3), BeatFinder(Workspace()), []
    for start in range(0, len(light) - 49, 50):
        optical.push(array("i", np.repeat(light[start : start + 50], 3).astype(int).tolist()), 50)
        if optical.held >= 160:
            finder.step(optical, 0, 50, expected_interval)
            times += [(start + 49 + finder.time_q8[index] / 256) / 25 for index in range(finder.count)]
    return np.array(times)


@pytest.mark.parametrize("interval_s", [0.32, 0.5, 0.75, 1.0, 1.4])
def test_every_beat_is_found_once_and_in_time(interval_s: float) -> None:
    random = np.random.default_rng(7)
    truth = np.cumsum(interval_s * (1 + 0.03 * random.standard_normal(int(60 / interval_s))))
    found = beats_of(pulse(truth, 60), round(interval_s * 25) if interval_s < 0.5 else 0)
    inside = truth[(truth > 8) & (truth < 56)]
    nearest = found[np.abs(found[None, :] - inside[:, None] - 0.05).argmin(axis=1)]
    assert len(set(nearest)) == len(inside)
    later_than_start = nearest - inside
    assert np.abs(later_than_start - np.median(later_than_start)).max() < 0.1
    # A sample is 40 ms; the parabola must do a good deal better.
    assert np.std(later_than_start) < 0.01
    spurious = len(found[(found > 8.2) & (found < 56)]) - len(inside)
    assert abs(spurious) <= 1


def test_upright_pulses_are_recognised() -> None:
    truth = np.arange(1, 59, 0.8)
    light = pulse(truth, 60, sign=1)
    found = beats_of(light)
    assert np.std(np.diff(found[found > 30])) < 0.01


@given(st.lists(st.integers(-(2**20), 2**20), min_size=1, max_size=30), st.integers(1, 9))
def test_history_gives_the_upper_median_of_the_last_values(values: list[int], size: int) -> None:
    history = History(size)
    for value in values:
        history.push(value)
    assert history.median() == sorted(values[-size:])[len(values[-size:]) // 2]


def ratio_of(above: Floats, below: Floats) -> RatioOfRatios:
    optical, workspace, ratio = OpticalRing(3), Workspace(), RatioOfRatios()
    channels = Channel(workspace, 0), Channel(workspace, 1)
    light = np.column_stack([above, below, below]).round().astype(int)
    optical.push(array("i", light.ravel().tolist()), len(light))
    for index, channel in enumerate(channels):
        channel.load(optical, index)
    ratio.compare(*channels)
    return ratio


@settings(max_examples=60)
@given(
    st.floats(0.3, 1.6), st.floats(30_000, 200_000), st.floats(30_000, 200_000), st.floats(0.001, 0.05),
    st.floats(0.8, 3.0), st.integers(0, 1000),
)  # fmt: skip
def test_ratio_equals_total_least_squares(ratio, level, other, depth, rate_hz, seed) -> None:
    random = np.random.default_rng(seed)
    time_s = np.arange(200) / 25
    wave = np.sin(2 * np.pi * rate_hz * time_s) + 0.3 * np.sin(4 * np.pi * rate_hz * time_s + 1)
    above = np.round(level * (1 - depth * ratio * wave / 2) + 3 * random.standard_normal(200))
    below = np.round(other * (1 - depth * wave / 2) + 3 * random.standard_normal(200))
    found = ratio_of(above, below)
    exact = float(fit_camera_oxygen.ratio_of_ratios(above[None], below[None])[0])
    # Sums are cut to 13 bits and slopes to 10; small pulses of unlike levels lose most.
    assert found.ratio_q10 / 1024 == pytest.approx(exact, rel=0.03, abs=0.02)


def test_unlike_colours_have_no_ratio() -> None:
    random = np.random.default_rng(3)
    found = ratio_of(*(100000 + 300 * random.standard_normal((2, 200))))
    assert found.correlation_q10 < 600


@pytest.mark.parametrize("light", [np.zeros(200), np.full(200, 262143.0)], ids=["dark", "saturated"])
def test_flat_light_has_no_ratio(light: Floats) -> None:
    found = ratio_of(light, light)
    assert (found.ratio_q10, found.correlation_q10) == (0, 0)


@pytest.mark.parametrize(("ratio", "percent"), [(0.5, 94.4), (1.0, 77.3), (0.2, 100.0)])
def test_line_gives_the_published_oxygen(ratio: float, percent: float) -> None:
    assert oxygen.spo2_of_ratio_tenths(round(ratio * 1024)) == pytest.approx(percent * 10, abs=1)
