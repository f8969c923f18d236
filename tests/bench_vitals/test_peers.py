"""Packages that analysts use, on a pulse of known rate."""

from typing import Any

import heartpy
import numpy as np
import pytest
from heartpy.exceptions import BadSignalWarning

from bench_vitals import peers
from bench_vitals.peers import installed, missing, pulse_of

RATE_HZ = 50.0
PULSE_BPM, BREATHS_BPM = 72.0, 15.0


def turns_at(times_s: np.ndarray, swing: float) -> np.ndarray:
    return PULSE_BPM / 60 * times_s + swing * np.sin(2 * np.pi * BREATHS_BPM / 60 * times_s)


def wave(duration_s: float = 120.0, swing: float = 0.25) -> np.ndarray:
    """A pulse whose interval swings with breathing, as reflected light: systole falls."""
    phase = turns_at(np.arange(round(duration_s * RATE_HZ)) / RATE_HZ, swing) % 1.0
    pulse = np.exp(-0.5 * ((phase - 0.2) / 0.07) ** 2) + 0.3 * np.exp(-0.5 * ((phase - 0.5) / 0.1) ** 2)
    return np.rint(131072 - 2000 * pulse).astype(np.int32)


def arrays_of(*channels: np.ndarray) -> dict[str, np.ndarray]:
    return {"ppg": np.column_stack(channels), "ppg_rate_hz": np.array(RATE_HZ)}


def guess(package: str, vital: str, arrays: dict[str, np.ndarray], times_s: np.ndarray) -> np.ndarray:
    (peer,) = (each for each in installed() if each.package == package)
    return peer.guesses[vital](arrays, times_s)


@pytest.mark.parametrize("package", ["heartpy", "neurokit2"])
def test_a_clean_pulse_has_its_rate_and_its_breathing(package: str):
    arrays = arrays_of(wave())
    rates = guess(package, "heart_rate_bpm", arrays, np.arange(8.0, 120.0, 8.0))
    assert np.nanmedian(rates) == pytest.approx(PULSE_BPM, abs=4.0)
    breaths = guess(package, "respiratory_rate_bpm", arrays, np.arange(32.0, 120.0, 16.0))
    assert np.nanmedian(breaths) == pytest.approx(BREATHS_BPM, abs=3.0)


@pytest.mark.parametrize("package", ["heartpy", "neurokit2"])
def test_a_rate_by_beats_is_one_number_of_the_whole_recording(package: str):
    name = "heart_rate_bpm by beats, whole recordings"
    values = guess(package, name, arrays_of(wave(swing=0.06)), np.array([8.0, 10.0]))
    assert values[0] == values[1] == pytest.approx(PULSE_BPM, abs=0.5)


@pytest.mark.parametrize("package", ["heartpy", "neurokit2"])
def test_variability_is_one_number_of_the_whole_recording(package: str):
    values = guess(package, "rmssd_ms", arrays_of(wave(swing=0.06)), np.array([8.0, 10.0]))
    assert values[0] == values[1]
    times_s = np.arange(0.0, 120.0, 0.001)
    beats_s = times_s[1:][np.diff(np.floor(turns_at(times_s, 0.06))) > 0]
    truth_ms = 1000 * np.sqrt(np.mean(np.diff(beats_s, 2) ** 2))
    assert values[0] == pytest.approx(truth_ms, rel=0.15)


def test_a_window_that_a_package_refuses_is_a_reading_that_never_came(monkeypatch: pytest.MonkeyPatch):
    process = heartpy.process

    def refuse(window: np.ndarray, rate_hz: float) -> Any:
        if refused.pop():
            raise BadSignalWarning("no")
        return process(window, rate_hz)

    refused = [False, True]
    monkeypatch.setattr(heartpy, "process", refuse)
    rates = guess("heartpy", "heart_rate_bpm", arrays_of(wave()), np.array([24.0, 80.0]))
    assert np.isfinite(rates).tolist() == [False, True]


def test_the_channel_whose_pulse_repeats_is_chosen_and_turned():
    light = wave()
    noise = np.random.default_rng(1).integers(100_000, 140_000, len(light))
    chosen, rate_hz = pulse_of(arrays_of(noise, np.zeros_like(light), light))
    assert (chosen == -light).all()
    assert rate_hz == RATE_HZ


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(peers, "find_spec", lambda package: None if package == "neurokit2" else object())
    assert "neurokit2" in missing()
    assert "neurokit2" not in [peer.package for peer in installed()]


def test_a_title_has_the_version_and_what_a_band_cannot_do():
    titles = [peer.title for peer in installed()]
    assert "heartpy 1.2.7" in titles
    assert "neurokit2 0.3.0, looks ahead" in titles
