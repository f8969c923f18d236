"""The integers of the motion front and of the step counter against their oracles."""

import math
from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.fitted import STEPS_BIAS, STEPS_WEIGHTS
from dsp.motion import MotionFront
from dsp.steps import StepCounter, gate_q8
from vitalband.errors import LocalError
from vitalband.signal.activity import counts_of, forearm_angle_deg, magnitude_q10
from vitalband.signal.integers import Integers
from vitalband.signal.steps import count_steps, hops_of
from vitalband.signal.steps import gate_q8 as gate_of_oracle

WEIGHTS = np.frombuffer(STEPS_WEIGHTS, "<i2").astype(np.int64)
LOWEST_MILLIHERTZ, HIGHEST_MILLIHERTZ = 10_000, 200_000
FULL_SCALE_Q10 = 7094
GAIT_RATE_HZ = 100


def front_output(counts: Integers, rate_millihertz: int) -> list[int]:
    front = MotionFront(most_samples=len(counts), rate_millihertz=rate_millihertz)
    made = front.push(array("h", counts.ravel().tolist()), len(counts))
    return list(front.magnitude[:made])


def firmware_steps(magnitude: Integers) -> int:
    counter = StepCounter()
    for value in magnitude.tolist():
        counter.push(value)
    counter.finish()
    return counter.steps


def gait(seconds: float, cadence_hz: float, swing_g: float, noise_g: float, seed: int) -> Integers:
    """Magnitude of a walk in 1/1024 g at 12.5 Hz: steps with harmonics, uneven and noisy."""
    random = np.random.default_rng(seed)
    count = int(seconds * GAIT_RATE_HZ)
    phase = np.cumsum(2 * np.pi * cadence_hz / GAIT_RATE_HZ * (1 + 0.2 * random.normal(size=count)))
    swing = swing_g * (np.cos(phase) + 0.5 * np.cos(2 * phase + 0.6) + 0.4 * np.cos(phase / 2))
    values = 1 + swing + noise_g * random.normal(size=count)
    upright = np.stack([np.zeros(count), np.zeros(count), values], axis=1)
    return magnitude_q10(counts_of(upright), 1000 * GAIT_RATE_HZ)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 400),
    st.integers(LOWEST_MILLIHERTZ, HIGHEST_MILLIHERTZ)
    | st.sampled_from([12000, 12500, 25000, 26000, 125000]),
)
def test_the_front_gives_what_its_oracle_gives_at_any_rate(seed: int, count: int, rate: int) -> None:
    random = np.random.default_rng(seed)
    counts = random.integers(-32768, 32768, (count, 3))
    if seed % 3 == 0:
        counts = random.choice([-32768, 32767, -1, 0], (count, 3))
    got = front_output(counts, rate)
    assert got == magnitude_q10(counts, rate).tolist()
    assert all(0 <= value <= FULL_SCALE_Q10 for value in got)


@pytest.mark.parametrize("rate_millihertz", [12000, 12500, 25000, 26000, 31250, 50000, 100000, 125000])
def test_a_steady_pull_is_itself_at_12_5_hertz(rate_millihertz: int) -> None:
    counts = counts_of(np.tile([0.0, 0.0, 1.25], (60 * rate_millihertz // 1000, 1)))
    got = front_output(counts, rate_millihertz)
    assert set(got) == {1280}
    # Whole numbers of samples where they give 12.5 Hz within 8 %, as here at 12 and 26 Hz.
    assert abs(len(got) - 750) <= 60


@pytest.mark.parametrize("rate_millihertz", [LOWEST_MILLIHERTZ - 1, HIGHEST_MILLIHERTZ + 1])
def test_a_rate_that_no_front_has_is_refused_by_both(rate_millihertz: int) -> None:
    with pytest.raises(ValueError, match="acceleration wanted"):
        MotionFront(rate_millihertz=rate_millihertz)
    with pytest.raises(LocalError, match="acceleration wanted"):
        magnitude_q10(np.zeros((1, 3), np.int64), rate_millihertz)


@given(st.integers(-2000, 2000))
def test_the_gate_is_its_oracle_and_close_to_a_clipped_logistic(score_q8: int) -> None:
    exact = min(1.0, max(0.0, (1 / (1 + math.exp(-score_q8 / 256)) - 0.2) / 0.6))
    assert gate_q8(score_q8) == gate_of_oracle(score_q8)
    # The table has eleven points, of which linear pieces depart by 3 at most.
    assert abs(gate_q8(score_q8) - 256 * exact) <= 6


@settings(deadline=None)
@given(
    st.floats(3, 60), st.floats(0.5, 3.3), st.floats(0.02, 1.2), st.floats(0, 0.3), st.integers(0, 2**32 - 1)
)  # fmt: skip
def test_steps_are_those_of_the_oracle(
    seconds: float, cadence_hz: float, swing_g: float, noise_g: float, seed: int
) -> None:
    magnitude = gait(seconds, cadence_hz, swing_g, noise_g, seed)
    assert firmware_steps(magnitude) == count_steps(hops_of(magnitude), WEIGHTS, STEPS_BIAS)


@settings(deadline=None)
@given(st.lists(st.sampled_from([0, 1, 1024, FULL_SCALE_Q10]), min_size=76, max_size=300))
def test_steps_at_full_scale_are_those_of_the_oracle(values: list[int]) -> None:
    magnitude = np.array(values)
    assert firmware_steps(magnitude) == count_steps(hops_of(magnitude), WEIGHTS, STEPS_BIAS)


@pytest.mark.parametrize("cadence_hz", [1.5, 2.0, 2.5, 2.8, 3.0])
def test_walks_and_runs_up_to_3_steps_a_second_are_counted_within_a_tenth(cadence_hz: float) -> None:
    magnitude = gait(120, cadence_hz, 0.25 if cadence_hz < 2.4 else 1.0, 0.03, 5)
    assert abs(firmware_steps(magnitude) - 120 * cadence_hz) <= 12 * cadence_hz


def test_the_steps_of_a_walk_that_ends_with_its_recording_are_counted_at_the_end() -> None:
    magnitude = gait(60, 1.8, 0.25, 0.02, 3)
    counter = StepCounter()
    for value in magnitude.tolist():
        counter.push(value)
    before = counter.steps
    counter.finish()
    assert before <= counter.steps - 7
    assert abs(counter.steps - 108) <= 8


def test_an_arm_that_hangs_points_down() -> None:
    still = np.ones((10, 1))
    assert forearm_angle_deg(still * [1.0, 0.0, 0.0]) == pytest.approx(-90)
    assert forearm_angle_deg(still * [0.0, 0.6, 0.8]) == pytest.approx(0)
    assert forearm_angle_deg(still * [-0.5, 0.0, 0.866]) == pytest.approx(30, abs=0.1)
