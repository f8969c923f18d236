"""The heart rate by beats against its oracle, and what a band at rest shows of it."""

from array import array

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dsp.beat_grades import BeatGrades
from dsp.beat_rate import BeatRate
from dsp.beats import BeatFinder
from dsp.heart_rate import HeartRate
from dsp.rings import OpticalRing
from dsp.spectrum import Transformer
from dsp.workspace import Workspace
from vitalband.signal import beats as beat_oracle
from vitalband.signal import heart as oracle
from vitalband.signal.heart import Floats

STEP = 50
READY = 150


def light_of(beats_s: Floats, duration_s: float) -> Floats:
    """Light that falls at each beat, in counts at 25 Hz."""
    time_s = np.arange(int(duration_s * 25)) / 25
    since = time_s[:, None] - beats_s[None, :]
    wave = np.where(since > 0, since * 9 * np.exp(-np.maximum(since, 0) * 9), 0.0).sum(axis=1)
    return np.round(130000 - 3000 * wave)


def wearer(seed: int, duration_s: float) -> Floats:
    """Beats of a heart that breathing quickens and slows, 50 to 120 /min."""
    random = np.random.default_rng(seed)
    interval_s, depth, breath_s = random.uniform(0.5, 1.2), random.uniform(0, 0.1), random.uniform(3, 7)
    times_s, now_s = [], 0.3
    while now_s < duration_s:
        times_s.append(now_s)
        now_s += interval_s * (1 + depth * np.sin(2 * np.pi * now_s / breath_s) + random.normal(0, 0.01))
    return np.array(times_s)


def rates_of(light: Floats) -> dict[float, float]:
    """Rates in 1/min that the firmware tells, by the end of their step in s; 0 = unknown."""
    ring, finder, grades, rate = OpticalRing(1), BeatFinder(Workspace()), BeatGrades(), BeatRate()
    told: dict[float, float] = {}
    seen = 0
    for start in range(0, len(light) - STEP + 1, STEP):
        ring.push(array("i", light[start : start + STEP].astype(int).tolist()), STEP)
        if ring.held < READY:
            continue
        finder.step(ring, 0, ring.total - seen, 0)
        grades.take(finder, ring.total - seen)
        rate.take(finder, grades, ring.total - seen)
        seen = ring.total
        told[(start + STEP) / 25] = rate.rate_tenths / 10
    return told


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_rate_by_beats_equals_that_of_the_oracle(seed: int) -> None:
    light = light_of(wearer(seed, 60), 60)
    beats = beat_oracle.find_beats(light)
    grades = beat_oracle.grades_of(beats)
    pairs = [
        (told, beat_oracle.settled_rate_bpm(beats, grades, at_s))
        for at_s, told in rates_of(light).items()
        if at_s >= 20
    ]
    exact = np.array([wanted for _, wanted in pairs])
    told = np.array([rate for rate, _ in pairs])
    is_known = np.isfinite(exact)
    assert is_known.mean() > 0.9
    # A beat at the edge of the window may be in one and not in the other.
    assert np.mean((told > 0) == is_known) > 0.9
    both = is_known & (told > 0)
    assert np.median(np.abs(told - exact)[both]) <= 0.1
    assert np.abs(told / exact - 1)[both].max() < 0.05


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_rate_by_beats_is_that_of_the_heart(seed: int) -> None:
    beats_s = wearer(seed, 60)
    count = np.arange(len(beats_s), dtype=float)
    errors = [
        told - 60 / 8 * float(np.diff(np.interp([at_s - 8, at_s], beats_s, count))[0])
        for at_s, told in rates_of(light_of(beats_s, 60)).items()
        if told and 20 <= at_s <= 58
    ]
    assert len(errors) > 15
    # Intervals are whole at the window's edges, of a heart that changes by a tenth of its rate.
    assert np.abs(errors).mean() < 1.5
    assert abs(np.mean(errors)) < 0.5


def test_a_run_with_three_strange_beats_tells_nothing() -> None:
    beats_s = np.arange(0.3, 40, 0.8)
    assert rates_of(light_of(beats_s, 40))[30.0] == pytest.approx(75, abs=0.2)
    extra_s = np.array([24.7, 26.3, 28.0])
    disturbed = rates_of(light_of(np.sort(np.concatenate([beats_s, extra_s])), 40))
    assert disturbed[30.0] == 0


def test_a_pulse_that_ends_tells_nothing_within_two_steps() -> None:
    light = light_of(np.arange(0.3, 30, 0.8), 40)
    told = rates_of(light)
    assert told[30.0] > 0
    assert told[34.0] == 0


CONFIDENCES, TENTHS = st.integers(0, 100), st.integers(396, 2095)


@given(TENTHS, CONFIDENCES, st.integers(-2560, 512), st.one_of(st.just(0), TENTHS), st.integers(1, 80))
def test_beats_settle_the_rate_as_the_oracle_says(
    tenths: int, confidence: int, level_q8: int, beat_tenths: int, valid: int
) -> None:
    assume(abs(beat_tenths - tenths) * 8 != beat_tenths)
    estimator = HeartRate(Transformer(Workspace()))
    estimator.rate_tenths, estimator.confidence, estimator.level_q8 = tenths, confidence, level_q8
    estimator.settle(beat_tenths, valid)
    rate, sureness = oracle.settled(
        np.array([tenths / 10]),
        np.array([confidence / 100]),
        np.array([level_q8 / 256]),
        np.array([beat_tenths / 10 if beat_tenths else np.nan]),
        valid / 100,
    )
    assert estimator.rate_tenths / 10 == pytest.approx(rate[0])
    assert estimator.confidence / 100 == pytest.approx(sureness[0])
