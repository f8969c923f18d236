"""Breathing from beats: the firmware beside its oracle, after breaks, without breathing, at full scale."""

from array import array
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.beat_grades import BeatGrades
from dsp.respiration import Respiration
from dsp.spectrum import Transformer
from dsp.workspace import Workspace
from vitalband.signal.beats import Beats
from vitalband.signal.respiration import Breathing, breathing_of, series_of

STEP_SAMPLES = 50
FULL_SCALE = 2**20 - 1


@dataclass
class Found:
    """What a BeatFinder tells of one step."""

    count: int = 0
    time_q8: "array[int]" = field(default_factory=lambda: array("i", bytes(4 * 16)))
    height: "array[int]" = field(default_factory=lambda: array("i", bytes(4 * 16)))
    slope: "array[int]" = field(default_factory=lambda: array("i", bytes(4 * 16)))
    peak: "array[int]" = field(default_factory=lambda: array("i", bytes(4 * 16)))


def followed(beats: Beats, duration_s: float) -> list[tuple[float, float, float, float, float]]:
    """Time, rate, distance from windows, contrast and good share of each ready step of the firmware."""
    respiration, grades = Respiration(Transformer(Workspace())), BeatGrades()
    rows: list[tuple[float, float, float, float, float]] = []
    for step in range(1, int(duration_s / 2) + 1):
        found = Found()
        for index in np.flatnonzero((beats.time_s > 2 * step - 2) & (beats.time_s <= 2 * step)):
            found.time_q8[found.count] = round((float(beats.time_s[index]) - 2 * step) * 6400)
            found.height[found.count] = round(float(beats.height[index]))
            found.slope[found.count] = round(float(beats.slope[index]))
            found.peak[found.count] = round(float(beats.peak[index]))
            found.count += 1
        grades.take(found, STEP_SAMPLES)
        respiration.step(found, grades, STEP_SAMPLES)
        if respiration.is_ready:
            rows.append(
                (
                    2.0 * step, respiration.rate_tenths / 10, respiration.apart_tenths / 10,
                    respiration.contrast_q8 / 256, respiration.good_percent / 100,
                )
            )  # fmt: skip
    return rows


def breathing_beats(
    duration_s: float, heart_bpm: float, breath_bpm: float, depth: float, noise: float, seed: int = 1
) -> Beats:
    """Beats whose interval, height, rise and level follow breathing; `noise` in shares of the same."""
    random = np.random.default_rng(seed)
    times, phase = [0.3], 2 * np.pi * breath_bpm / 60
    while times[-1] < duration_s:
        sway = depth * np.sin(phase * times[-1]) + noise * random.standard_normal()
        times.append(times[-1] + max(0.35, 60 / heart_bpm * (1 + 0.3 * sway)))
    time_s = np.round(np.array(times[:-1]) * 6400) / 6400
    sway = depth * np.sin(phase * time_s + 1)[None] + noise * random.standard_normal((3, len(time_s)))
    height, slope, peak = 6000 * (1 + sway[0]), 3000 * (1 - sway[1] / 2), 90000 + 3000 * sway[2]
    return Beats(time_s, np.round(height), np.round(slope), np.round(peak))


def oracle_of(beats: Beats, duration_s: float) -> Breathing:
    (series,) = series_of(beats)
    # What lies between the last beat of a step and its end is filled with the next.
    return breathing_of(series, _last_beats(beats, duration_s))


def _last_beats(beats: Beats, duration_s: float) -> np.ndarray:
    ends = np.arange(2.0, duration_s + 0.1, 2.0)
    return beats.time_s[np.searchsorted(beats.time_s, ends, side="right") - 1]


@settings(max_examples=12, deadline=None)
@given(
    st.floats(45, 110), st.floats(7, 20), st.floats(0.05, 0.2), st.floats(0.01, 0.06), st.integers(0, 10000)
)
def test_breathing_is_its_oracles(heart_bpm, breath_bpm, depth, noise, seed) -> None:
    beats = breathing_beats(100, heart_bpm, breath_bpm, depth, noise, seed)
    rows = np.array(followed(beats, 100))
    oracle = oracle_of(beats, 100)
    assert len(rows) == len(oracle.rate_bpm)
    assert rows[:, 4] == pytest.approx(oracle.good, abs=0.02)
    late = slice(8, None)
    # Scores are whole 1/256 and spectra 11 bits: close calls between two rates may fall either way.
    assert np.median(np.abs(rows[late, 1] - oracle.rate_bpm[late])) < 0.15
    assert np.median(np.abs(rows[late, 2] - oracle.apart_bpm[late])) < 0.4
    assert np.median(np.abs(rows[late, 3] - oracle.contrast[late])) < 0.2


def test_a_steady_breath_is_followed_and_known_to_be() -> None:
    *_, last = followed(breathing_beats(100, 66, 14, 0.1, 0.01), 100)
    _, rate_bpm, apart_bpm, contrast, good = last
    assert rate_bpm == pytest.approx(14, abs=0.4)
    assert apart_bpm < 0.8
    assert contrast > 3
    assert good > 0.95


def test_beats_without_breathing_are_known_to_carry_none() -> None:
    runs = [followed(breathing_beats(240, 70, 15, 0.0, 0.04, seed), 240) for seed in range(4)]
    rows = np.array([row for run in runs for row in run])
    # The gates of `vitals.breathing`.
    assert ((rows[:, 2] <= 2.8) & (rows[:, 3] >= 1.9)).mean() < 0.04


@pytest.mark.parametrize("heart_bpm", [29, 40, 70, 180])
def test_breathing_is_there_again_after_beats_were_lost(heart_bpm: float) -> None:
    beats = breathing_beats(160, heart_bpm * 1.1, heart_bpm / 5, 0.08, 0.01)
    is_seen = (beats.time_s < 60) | (beats.time_s > 75)
    # Then, too, when the first good beats come one a step.
    kept = Beats(*(values[is_seen] for values in (beats.time_s, beats.height, beats.slope, beats.peak)))
    times_s = [row[0] for row in followed(kept, 160)]
    assert not any(70 < time_s < 105 for time_s in times_s)
    assert max(times_s) == 160
    assert any(time_s < 60 for time_s in times_s)
    assert min(time_s for time_s in times_s if time_s > 100) < 130


@pytest.mark.parametrize("sign", [1, -1])
def test_full_scale_is_neither_an_error_nor_beyond_its_bounds(sign: int) -> None:
    beats = breathing_beats(80, 70, 14, 0.1, 0.01)
    square = np.where(np.arange(len(beats.time_s)) // 3 % 2, FULL_SCALE, FULL_SCALE // 2)
    full = Beats(beats.time_s, square, np.full(len(square), 1.0), sign * 3.0 * square / 2)
    for _, rate_bpm, apart_bpm, contrast, good in followed(full, 80):
        assert 5.6 <= rate_bpm <= 36.1
        assert 0 <= apart_bpm <= 6
        assert -20 < contrast < 20
        assert 0 <= good <= 1
