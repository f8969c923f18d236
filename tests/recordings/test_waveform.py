"""Recorded waveforms at other rates: no aliases, no dependence on the cut, jitter taken out."""

import numpy as np
import pytest

from bandsim.recordings.recorded_wearer import _blocks
from bandsim.recordings.references import constant, known, rate_of_events, reference
from bandsim.recordings.waveform import Waveform, regular


def tone(frequency_hz: float, rate_hz: float, duration_s: float = 60.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(duration_s * rate_hz)) / rate_hz)


@pytest.mark.parametrize("rate_hz", [30.0, 64.0, 125.0, 1000.0])
def test_slow_tone_survives_and_keeps_its_phase(rate_hz: float) -> None:
    times_s = 10.0 + np.arange(500) / 25.0
    given = Waveform(tone(2.0, rate_hz), rate_hz).at(times_s, 25.0)[:, 0]
    assert given == pytest.approx(np.sin(2 * np.pi * 2.0 * times_s), abs=0.01)


@pytest.mark.parametrize("frequency_hz", [20.0, 24.0, 40.0])
def test_tone_above_the_new_rate_does_not_come_back_as_an_alias(frequency_hz: float) -> None:
    given = Waveform(tone(frequency_hz, 125.0), 125.0).at(10.0 + np.arange(500) / 25.0, 25.0)
    assert np.abs(given).max() < 0.02


def test_recorded_samples_do_not_depend_on_the_cut() -> None:
    samples = np.random.default_rng(3).standard_normal((8000, 2))
    whole = _blocks(Waveform(samples, 64.0)).rows(50.0, 1000, 25.0)
    pieces = _blocks(Waveform(samples, 64.0))
    late = pieces.rows(70.0, 500, 25.0)
    assert np.array_equal(np.concatenate([pieces.rows(50.0, 500, 25.0), late]), whole)


def test_ends_are_held() -> None:
    ramp = Waveform(np.arange(100.0), 10.0)
    assert ramp.at(np.array([-5.0, 50.0]), 10.0)[:, 0] == pytest.approx([0.0, 99.0], abs=1.0)


def test_repetition_joins_without_a_jump() -> None:
    wave = Waveform(tone(1.2, 100.0, 2.1) + np.linspace(0, 3, 210), 100.0).repeated(60.0)
    steps = np.abs(np.diff(wave.samples[:, 0]))
    assert wave.duration_s >= 60.0
    # The ramp of 3 that a bare repetition would jump over at once is spread over 0.2 s.
    assert steps.max() < 3.0 / 10


def test_jittered_stamps_give_the_even_wave_back() -> None:
    random = np.random.default_rng(1)
    true_s = np.arange(3000) / 30.0
    stamps_s = np.maximum.accumulate(true_s + random.exponential(0.01, len(true_s)))
    given = regular(stamps_s, np.sin(2 * np.pi * 1.2 * true_s), 30.0, smoothed=31)[:, 0]
    wanted = np.sin(2 * np.pi * 1.2 * np.arange(len(given)) / 30.0)
    # 10 ms of jitter averaged over 31 stamps leaves about 2 ms, 0.014 of a radian at 1.2 Hz, and the unknown
    # lateness of the first stamp.
    assert np.abs(given - wanted)[60:-60].max() < 0.12


def test_reference_is_none_where_nothing_is_near() -> None:
    rows = reference(np.array([0.0, 1.0, 100.0, 101.0]), np.array([60.0, 62.0, 80.0, np.nan]))
    assert len(rows) == 3
    assert known("heart_rate_bpm", rows, 0.5) == pytest.approx(61.0)
    assert known("heart_rate_bpm", rows, 50.0) is None
    assert known("heart_rate_bpm", rows, 4.0) == pytest.approx(62.0)
    assert known("systolic_mmhg", constant(120.0), 900.0) == 120.0
    assert known("heart_rate_bpm", np.empty((0, 2)), 1.0) is None


def test_rate_of_events_leaves_out_windows_with_a_missed_beat() -> None:
    beats_s = np.delete(np.arange(0.0, 60.0, 0.8), 40)
    rows = rate_of_events(beats_s, window_s=8.0, hop_s=2.0, spread=0.3)
    assert rows[:, 1] == pytest.approx(75.0)
    assert not np.any(np.abs(rows[:, 0] - 32.0) < 3.5)
