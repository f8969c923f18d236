"""The shape index of the pulse: the firmware beside its oracle, and what ends it."""

from array import array
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.beat_grades import CLEAN, FAIR, LONGEST_Q8, SHORTEST_Q8, STEADY, BeatGrades
from dsp.beats import FEWEST_SAMPLES, BeatFinder
from dsp.pulse_shape import PulseShape
from dsp.rings import OpticalRing
from dsp.workspace import Workspace
from vitalband.signal.beats import Beats, FloatArray, Grades, Limits, find_beats, grades_of, pulse_shape_index

STEP_SAMPLES = 50
GOOD = FAIR | STEADY | CLEAN
LIMITS = Limits(0.2, 0.5, 1.5)


@dataclass
class Found:
    """Beats as a BeatFinder gives them."""

    count: int
    height: list[int]
    slope: list[int]


@dataclass
class Graded:
    """Grades as BeatGrades gives them."""

    interval_q8: list[int]
    grade: bytes


def beats_of(
    height: int, slope: int, interval_q8: int, count: int, grade: int = GOOD
) -> tuple[Found, Graded]:
    found = Found(count, [height] * count, [slope] * count)
    return found, Graded([interval_q8] * count, bytes([grade] * count))


def light_of(interval_s: float, decay_per_s: float, noise_counts: float, seed: int) -> FloatArray:
    """40 s of light in counts; a pulse rises for 1 / decay_per_s."""
    time_s = np.arange(1000) / 25
    since = time_s[:, None] - np.arange(0.3, 40, interval_s)[None, :]
    wave = np.where(since > 0, since * decay_per_s * np.exp(1 - np.maximum(since, 0) * decay_per_s), 0.0)
    noise = noise_counts * np.random.default_rng(seed).standard_normal(len(time_s))
    return np.round(130000 - 1500 * wave.sum(axis=1) + noise)


def followed(light: FloatArray) -> list[int]:
    optical, finder = OpticalRing(1), BeatFinder(Workspace())
    grades, shape = BeatGrades(), PulseShape()
    told: list[int] = []
    fresh = 0
    for start in range(0, len(light) - STEP_SAMPLES + 1, STEP_SAMPLES):
        optical.push(array("i", light[start : start + STEP_SAMPLES].astype(int).tolist()), STEP_SAMPLES)
        fresh += STEP_SAMPLES
        if optical.held >= FEWEST_SAMPLES:
            finder.step(optical, 0, fresh, 0)
            grades.take(finder, fresh)
            shape.step(finder, grades, True)
            fresh = 0
            told.append(shape.share_thousandths)
    return told


@st.composite
def graded_beats(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    """Heights, slopes, intervals in 1/256 sample, grades."""
    beat = st.tuples(
        st.integers(500, 2**21 - 1),
        st.integers(200, 2**21 - 1),
        st.integers(SHORTEST_Q8 + 1, LONGEST_Q8 - 1),
        st.integers(0, GOOD),
    )
    return draw(st.lists(beat, min_size=1, max_size=16))


@given(graded_beats())
def test_the_index_is_its_oracles(rows: list[tuple[int, int, int, int]]) -> None:
    heights, slopes, intervals_q8, marks = (list(column) for column in zip(*rows, strict=True))
    shape = PulseShape()
    shape.step(Found(len(rows), heights, slopes), Graded(intervals_q8, bytes(marks)), True)
    height, slope, interval_q8, grade = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    interval_s = interval_q8 / 256 / 25
    beats = Beats(np.cumsum(interval_s), height, slope, height)
    flags = grade.astype(int)
    apart = np.where(flags & STEADY, 0.0, np.inf)
    size = np.where(flags & CLEAN, 1.0, 9.0)
    oracle = pulse_shape_index(beats, Grades(interval_s, flags & FAIR > 0, apart, size, size), LIMITS)
    if np.isnan(oracle):
        assert shape.share_thousandths == -1
    else:
        # Down to 1/64 sample of 7.5 at least, and to a thousandth; a share past the interval is one.
        assert shape.share_thousandths / 10 == pytest.approx(min(oracle, 100), rel=0.002, abs=0.32)


def test_beats_of_light_give_the_oracles_index() -> None:
    light = light_of(0.84, 9, 5, 3)
    found = find_beats(light)
    # One beat more or less, each at its own phase of the samples.
    oracle = pulse_shape_index(found, grades_of(found), LIMITS)
    assert followed(light)[-1] / 10 == pytest.approx(oracle, rel=0.1)


def test_a_pulse_that_rises_longer_has_a_larger_index() -> None:
    told = [followed(light_of(0.9, decay_per_s, 0, 1))[-1] for decay_per_s in (14, 11, 8)]
    assert 0 < told[0] < told[1] < told[2]


def test_the_index_is_no_matter_of_the_pulses_size() -> None:
    light = light_of(0.9, 9, 0, 1)
    assert followed(130000 + 4 * (light - 130000))[-1] == pytest.approx(followed(light)[-1], abs=2)


def test_it_takes_five_beats_to_trust() -> None:
    shape = PulseShape()
    shape.step(*beats_of(3000, 2000, 5120, 4), True)
    assert shape.share_thousandths == -1
    shape.step(*beats_of(3000, 2000, 5120, 1), True)
    assert shape.share_thousandths == 225  # 3 * 1.5 samples of 20


@pytest.mark.parametrize("grade", [FAIR, FAIR | STEADY, FAIR | CLEAN])
def test_beats_that_are_not_to_be_trusted_do_not_count(grade: int) -> None:
    shape = PulseShape()
    shape.step(*beats_of(3000, 2000, 5120, 9, grade), True)
    assert shape.share_thousandths == -1


def test_movement_and_ten_seconds_without_a_beat_end_it() -> None:
    shape = PulseShape()
    shape.step(*beats_of(3000, 2000, 5120, 9), True)
    shape.step(*beats_of(3000, 2000, 5120, 2), False)
    assert shape.share_thousandths == -1
    shape.step(*beats_of(3000, 2000, 5120, 9), True)
    for _ in range(4):
        shape.step(*beats_of(0, 0, 5120, 0), True)
    assert shape.share_thousandths == 225
    shape.step(*beats_of(0, 0, 5120, 0), True)
    assert shape.share_thousandths == -1


@pytest.mark.parametrize("interval_q8", [SHORTEST_Q8 + 1, LONGEST_Q8 - 1])
@pytest.mark.parametrize(("height", "slope"), [(2**21, 1), (2**21, 2**21), (1, 2**21)])
def test_it_stays_in_its_range_at_full_scale(interval_q8: int, height: int, slope: int) -> None:
    shape = PulseShape()
    shape.step(*beats_of(height, slope, interval_q8, 9), True)
    assert 0 <= shape.share_thousandths <= 1000
    assert height * 192 < 2**30
    assert LONGEST_Q8 * 1000 < 2**30
