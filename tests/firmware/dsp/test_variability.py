"""Intervals between beats and RMSSD: the firmware beside its oracle, and what must not count."""

import math
from array import array
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.beat_grades import BeatGrades
from dsp.beats import FEWEST_SAMPLES, BeatFinder
from dsp.fitted import BEATS_APART_MILLI, BEATS_LEAST_PERCENT, BEATS_MOST_PERCENT
from dsp.rings import OpticalRing
from dsp.variability import Variability
from dsp.workspace import Workspace
from vitalband.signal.beats import FloatArray, Limits, find_beats, grades_of, variability_of

STEP_SAMPLES = 50
LIMITS = Limits(BEATS_APART_MILLI / 1000, BEATS_LEAST_PERCENT / 100, BEATS_MOST_PERCENT / 100)


@dataclass
class Row:
    """What a step told."""

    time_s: float
    interval_ms: int
    rmssd_ms: float
    covered_percent: int
    span_s: int


def light_of(
    beat_times_s: FloatArray, duration_s: float, noise_counts: float = 0.0, seed: int = 1
) -> FloatArray:
    """Light in counts with a pulse that starts at each time."""
    time_s = np.arange(int(duration_s * 25)) / 25
    since = time_s[:, None] - beat_times_s[None, :]
    wave = np.where(since > 0, since * 9 * np.exp(-np.maximum(since, 0) * 9), 0.0).sum(axis=1)
    noise = noise_counts * np.random.default_rng(seed).standard_normal(len(time_s))
    return np.round(130000 - 3000 * wave + noise)


def beat_times(duration_s: float, interval_s: float, spread: float, seed: int) -> FloatArray:
    """Beats whose intervals vary from one to the next, white, by a share of their mean."""
    random = np.random.default_rng(seed)
    count = int(duration_s / interval_s) + 2
    return np.cumsum(interval_s * (1 + spread * np.clip(random.standard_normal(count), -2, 2)))


def followed(light: FloatArray, is_still: bool = True) -> list[Row]:
    optical, finder = OpticalRing(3), BeatFinder(Workspace())
    grades, variability = BeatGrades(), Variability()
    rows: list[Row] = []
    fresh = 0
    for start in range(0, len(light) - STEP_SAMPLES + 1, STEP_SAMPLES):
        counts = np.repeat(light[start : start + STEP_SAMPLES], 3).astype(int)
        optical.push(array("i", counts.tolist()), STEP_SAMPLES)
        fresh += STEP_SAMPLES
        if optical.held >= FEWEST_SAMPLES:
            finder.step(optical, 0, fresh, 0)
            grades.take(finder, fresh)
            variability.step(finder, grades, fresh, is_still)
            fresh = 0
            rows.append(
                Row(
                    start / 25 + 2, variability.interval_ms, variability.rmssd_tenths / 10,
                    variability.covered_percent, variability.span_s,
                )
            )  # fmt: skip
    return rows


@settings(max_examples=20, deadline=None)
@given(st.floats(0.55, 1.3), st.floats(0.0, 0.07), st.floats(0, 40), st.integers(0, 10_000))
def test_variability_is_its_oracles(interval_s, spread, noise_counts, seed) -> None:
    light = light_of(beat_times(120, interval_s, spread, seed), 120, noise_counts, seed)
    last = followed(light)[-1]
    oracle = variability_of(grades_of(find_beats(light)), LIMITS)
    # Half milliseconds here, and a beat or two at either end that only one of them has.
    assert last.rmssd_ms == pytest.approx(oracle.rmssd_ms, rel=0.06, abs=1.0)
    assert last.covered_percent == pytest.approx(100 * oracle.covered_s / 120, abs=6)


@pytest.mark.parametrize(("interval_s", "spread"), [(0.6, 0.02), (0.85, 0.05), (1.1, 0.06)])
def test_rmssd_and_intervals_are_those_of_the_heart(interval_s: float, spread: float) -> None:
    truth = beat_times(280, interval_s, spread, 5)
    rows = followed(light_of(truth, 280))
    intervals_ms = 1000 * np.diff(truth[truth < 275])
    assert rows[-1].rmssd_ms == pytest.approx(math.sqrt(np.mean(np.diff(intervals_ms) ** 2)), rel=0.05, abs=1)
    told = [row.interval_ms for row in rows if row.interval_ms]
    assert np.mean(told) == pytest.approx(intervals_ms.mean(), rel=0.01)
    assert rows[-1].covered_percent > 90


def test_a_steady_heart_has_next_to_no_variability() -> None:
    # What is left is the error of a parabola between samples of 40 ms.
    assert followed(light_of(np.arange(0.3, 120, 0.83), 120))[-1].rmssd_ms < 4


def test_early_beats_do_not_count() -> None:
    steady = np.arange(0.3, 200, 0.8)
    early = steady.copy()
    early[20::12] -= 0.28
    assert followed(light_of(early, 200))[-1].rmssd_ms < 6
    plain = np.diff(early) * 1000
    assert math.sqrt(np.mean(np.diff(plain) ** 2)) > 100


def test_a_burst_of_movement_does_not_count() -> None:
    random = np.random.default_rng(4)
    light = light_of(beat_times(200, 0.8, 0.01, 2), 200)
    quiet = followed(light)[-1]
    light[2500:2750] += np.round(4000 * np.cumsum(random.standard_normal(250)) / 5)
    disturbed = followed(light)[-1]
    assert disturbed.rmssd_ms == pytest.approx(quiet.rmssd_ms, abs=3)
    assert disturbed.covered_percent < quiet.covered_percent


def test_nothing_counts_while_the_wearer_moves() -> None:
    rows = followed(light_of(np.arange(0.3, 60, 0.8), 60), is_still=False)
    assert {row.interval_ms for row in rows} == {0}
    assert {row.rmssd_ms for row in rows} == {-0.1}
    assert {row.covered_percent for row in rows} == {0}


def test_what_was_more_than_five_and_a_half_minutes_ago_is_forgotten() -> None:
    restless = beat_times(100, 0.8, 0.06, 3)
    times = np.concatenate([restless, restless[-1] + np.arange(0.8, 440, 0.8)])
    rows = {row.time_s: row for row in followed(light_of(times, 500))}
    assert rows[98.0].rmssd_ms > 50
    assert rows[398.0].rmssd_ms > 10
    assert rows[450.0].rmssd_ms < 4
    assert rows[450.0].covered_percent > 90
    assert 300 <= rows[450.0].span_s <= 330


@pytest.mark.parametrize("longest_q8", [12799, 1921])
def test_the_largest_differences_stay_within_30_bits(longest_q8: int) -> None:
    @dataclass
    class Found:
        count: int

    @dataclass
    class Graded:
        interval_q8: list[int]
        grade: bytes

    variability = Variability()
    # A quarter of one median to either side, which 2 s cannot exceed.
    assert BEATS_APART_MILLI <= 250
    shorter_q8 = longest_q8 * 3 // 5
    per_step = min(16, 50 * 256 * 6 // (longest_q8 + shorter_q8) // 3)
    graded = Graded([longest_q8, shorter_q8] * 8, bytes([7] * 16))
    for _ in range(170):
        variability.step(Found(per_step), graded, STEP_SAMPLES, True)
        assert 0 <= sum(variability._squares) < 2**30
    assert variability.rmssd_tenths < 8000
