"""Beats and the breathing they carry, on modelled pulses."""

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.beats import BeatFinder, History
from dsp.rings import OpticalRing
from dsp.workspace import Workspace
from vitalband.signal.heart import Floats


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
