"""Steps, activity, sleep, temperature and blood pressure, fed directly."""

import math
import random
from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.catalogue import (
    INDEX_ACTIVITY,
    INDEX_ARM_POSTURE,
    INDEX_CUFF_AGE_S,
    INDEX_DIASTOLIC_MMHG,
    INDEX_ENMO_MG,
    INDEX_SKIN_TEMPERATURE_C,
    INDEX_STEPS,
    INDEX_SYSTOLIC_MMHG,
)
from bandwire.frames import (
    ACTIVITY_RUN,
    ACTIVITY_STILL,
    ACTIVITY_WALK,
    ARM_POSTURE_HANGING,
    ARM_POSTURE_LEVEL,
    ARM_POSTURE_RAISED,
    CAUSE_CUFF_READING_EXPIRED,
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_NO_CUFF_READING,
    CAUSE_NONE,
    CAUSE_OFF_WRIST,
    CAUSE_SENSOR_FAULT,
    CAUSE_STALE,
    CAUSE_STARTING,
    NO_VALUE,
    VALIDITY_LOW_QUALITY,
    VALIDITY_STALE,
    VALIDITY_UNKNOWN,
    VALIDITY_VALID,
)
from dsp.fixed import bit_length, isqrt, log2_q8, shift_to
from dsp.motion import MotionFront
from dsp.temperature import SETTLED_SPAN_S, hundredths
from readings import ReadingTable
from vitalband.signal.activity import counts_of, enmo_mg, forearm_angle_deg, magnitude_q10
from vitals.blood_pressure import EXPIRY_S, PressureVital
from vitals.motion import MotionVital
from vitals.temperature import TemperatureVital

RATE_HZ = 26
ONE_G = 8192
SEED = 20


def wrist(seconds: float, cadence_hz: float = 0.0, swing_g: float = 0.0, noise_g: float = 0.002) -> array:
    """Acceleration at a wrist: gravity, a step impulse with harmonics and an arm swing at half its rate."""
    noise = random.Random(SEED)
    samples = array("h")
    for index in range(int(seconds * RATE_HZ)):
        phase = 2 * math.pi * cadence_hz * index / RATE_HZ
        step = swing_g * (math.cos(phase) + 0.5 * math.cos(2 * phase + 0.6))
        swing = 0.5 * swing_g * math.cos(phase / 2)
        for axis in (swing, 0.2 * swing, 1 + step):
            samples.append(max(-32768, min(32767, round(ONE_G * (axis + noise.gauss(0, noise_g))))))
    return samples


def run_motion(vital: MotionVital, samples: array, *, is_off: bool = False) -> None:
    """Feed samples as the band does, in batches, with an update every 2 s."""
    for second in range(0, len(samples) // 3, 2 * RATE_HZ):
        chunk = samples[3 * second : 3 * (second + 2 * RATE_HZ)]
        vital.on_motion(chunk, len(chunk) // 3)
        vital.update(is_off)


@given(st.integers(0, (1 << 30) - 1), st.integers(1, 30), st.integers(0, 30))
def test_a_shift_brings_a_value_to_its_bits(value: int, bits: int, most_up: int) -> None:
    assert bit_length(value) == value.bit_length()
    up = shift_to(bits, value, most_up)
    shifted = value << up if up >= 0 else value >> -up
    assert up <= most_up
    assert shifted.bit_length() == (bits if up < most_up and value else value.bit_length() + up)


@given(st.integers(0, (1 << 30) - 1))
def test_square_roots_are_floors(value: int) -> None:
    assert isqrt(value) == math.isqrt(value)


@given(st.integers(1, (1 << 30) - 1))
def test_logarithm_is_within_five_256ths(value: int) -> None:
    assert abs(log2_q8(value) - 256 * math.log2(value)) <= 5


@given(st.lists(st.integers(1, 20), min_size=1, max_size=20), st.integers(0, 2**32))
def test_resampling_does_not_depend_on_batches(sizes: list[int], seed: int) -> None:
    noise = random.Random(seed)
    samples = array("h", (noise.randrange(-32768, 32768) for _ in range(3 * sum(sizes))))
    whole, pieces = MotionFront(most_samples=400), MotionFront(most_samples=400)
    expected = list(whole.magnitude[: whole.push(samples, sum(sizes))])
    got: list[int] = []
    start = 0
    for size in sizes:
        got += pieces.magnitude[: pieces.push(samples[3 * start : 3 * (start + size)], size)]
        start += size
    assert got == expected
    assert whole.take_jerk() == pieces.take_jerk()
    # Two samples of 26 Hz an output: 13 Hz is near enough to 12.5.
    assert len(got) == sum(sizes) // 2


@pytest.mark.parametrize("cadence_hz", [1.5, 1.8, 2.1])
def test_walking_is_counted_within_a_tenth(cadence_hz: float) -> None:
    # The band-pass, the gate's run-in and the end of the walk may each cost a few of ~200 steps.
    table = ReadingTable()
    vital = MotionVital(table)
    run_motion(vital, wrist(120, cadence_hz, 0.25))
    assert table.raw(INDEX_ACTIVITY) == ACTIVITY_WALK
    run_motion(vital, wrist(20))
    expected = 120 * cadence_hz
    assert abs(table.raw(INDEX_STEPS) - expected) <= expected / 10


@pytest.mark.parametrize("rate_hz", [12.5, 25, 50, 100])
def test_a_magnitude_on_one_axis_is_counted_at_any_rate(rate_hz: float) -> None:
    table = ReadingTable()
    vital = MotionVital(table)
    vital.set_rate(round(1000 * rate_hz))
    vital.start()
    cadence_hz, seconds = 1.8, 60
    samples = array("h")
    for index in range(int(seconds * rate_hz)):
        phase = 2 * math.pi * cadence_hz * index / rate_hz
        size = 1 + 0.25 * (math.cos(phase) + 0.5 * math.cos(2 * phase + 0.6)) + 0.1 * math.cos(phase / 2)
        samples.extend((0, round(ONE_G * size), 0))
    count = round(2 * rate_hz)
    for start in range(0, len(samples) // 3, count):
        for first in range(start, start + count, 50):
            chunk = samples[3 * first : 3 * min(first + 50, start + count)]
            vital.on_motion(chunk, len(chunk) // 3)
        vital.update(False)
    vital.finish()
    assert abs(table.raw(INDEX_STEPS) - cadence_hz * seconds) <= 8


def test_running_is_told_from_walking() -> None:
    table = ReadingTable()
    run_motion(MotionVital(table), wrist(60, 2.7, 1.0))
    assert table.raw(INDEX_ACTIVITY) == ACTIVITY_RUN


def test_a_still_wrist_counts_nothing() -> None:
    table = ReadingTable()
    vital = MotionVital(table)
    run_motion(vital, wrist(60))
    assert (table.raw(INDEX_STEPS), table.raw(INDEX_ACTIVITY)) == (0, ACTIVITY_STILL)
    assert vital.is_still
    assert vital.activity_counts_q4 == 0


def test_a_turning_wrist_is_not_still() -> None:
    # Turning in gravity changes no magnitude; the axes tell.
    samples = array("h")
    for index in range(2 * RATE_HZ):
        angle = math.pi * index / (2 * RATE_HZ)
        samples.extend((round(ONE_G * math.sin(angle)), 0, round(ONE_G * math.cos(angle))))
    vital = MotionVital(ReadingTable())
    run_motion(vital, samples)
    assert not vital.is_still


def resting(x: float, y: float, z: float, noise_g: float = 0.003, seconds: float = 4) -> ReadingTable:
    """Readings after an arm was held so that gravity lies along x, y, z in g."""
    random = np.random.default_rng(SEED)
    count = int(seconds * RATE_HZ)
    held = np.array([x, y, z]) + noise_g * random.normal(size=(count, 3))
    table = ReadingTable()
    run_motion(MotionVital(table), array("h", counts_of(held).ravel().tolist()))
    return table


@pytest.mark.parametrize(
    ("gravity", "posture"),
    [
        ((1.0, 0.0, 0.0), ARM_POSTURE_HANGING),
        ((0.55, 0.5, 0.67), ARM_POSTURE_HANGING),
        ((0.3, 0.2, 0.93), ARM_POSTURE_LEVEL),
        ((0.0, 0.0, -1.0), ARM_POSTURE_LEVEL),
        ((-0.3, 0.9, 0.3), ARM_POSTURE_LEVEL),
        ((-0.55, 0.5, 0.67), ARM_POSTURE_RAISED),
        ((-1.0, 0.0, 0.0), ARM_POSTURE_RAISED),
    ],
)
def test_a_resting_arm_has_a_posture(gravity: tuple[float, float, float], posture: int) -> None:
    table = resting(*gravity)
    assert table.raw(INDEX_ARM_POSTURE) == posture
    angle_deg = forearm_angle_deg(np.array([gravity]))
    wanted = ARM_POSTURE_HANGING if angle_deg < -30 else ARM_POSTURE_LEVEL
    assert posture == (ARM_POSTURE_RAISED if angle_deg > 30 else wanted)


@pytest.mark.parametrize(
    ("held", "cause"),
    [((1.0, 0.0, 0.0, 0.1), CAUSE_MOTION), ((0.5, 0.0, 0.0), CAUSE_LOW_CONFIDENCE)],
)
def test_an_arm_that_moves_or_falls_has_no_posture(held: tuple[float, ...], cause: int) -> None:
    table = resting(*held)
    assert (table.raw(INDEX_ARM_POSTURE), table.cause(INDEX_ARM_POSTURE)) == (NO_VALUE, cause)


@given(st.lists(st.floats(0, 3.9), min_size=52, max_size=52))
def test_enmo_is_that_of_the_oracle_to_the_mg(sizes: list[float]) -> None:
    counts = counts_of(np.stack([np.zeros(52), np.array(sizes), np.zeros(52)], axis=1))
    table = ReadingTable()
    run_motion(MotionVital(table), array("h", counts.ravel().tolist()))
    assert table.raw(INDEX_ENMO_MG) == math.floor(enmo_mg(magnitude_q10(counts, 26000)))


def test_motion_without_samples_goes_stale() -> None:
    table = ReadingTable()
    vital = MotionVital(table)
    run_motion(vital, wrist(10))
    for _ in range(3):
        vital.update(False)
    assert table.validity(INDEX_STEPS) == VALIDITY_UNKNOWN
    assert table.cause(INDEX_ACTIVITY) == CAUSE_STALE


def test_steps_start_at_zero_for_a_new_agreement_only() -> None:
    table = ReadingTable()
    vital = MotionVital(table)
    run_motion(vital, wrist(60, 1.8, 0.25))
    walked = table.raw(INDEX_STEPS)
    assert walked > 0
    vital.start()
    run_motion(vital, wrist(4))
    assert table.raw(INDEX_STEPS) == walked
    vital.forget()
    run_motion(vital, wrist(4))
    assert table.raw(INDEX_STEPS) == 0


def test_a_band_that_is_carried_counts_no_steps() -> None:
    table = ReadingTable()
    vital = MotionVital(table)
    run_motion(vital, wrist(60, 1.8, 0.25))
    run_motion(vital, wrist(20))
    walked = table.raw(INDEX_STEPS)
    run_motion(vital, wrist(60, 1.8, 0.25), is_off=True)
    for index in (INDEX_STEPS, INDEX_ACTIVITY, INDEX_ENMO_MG, INDEX_ARM_POSTURE):
        assert (table.raw(index), table.cause(index)) == (NO_VALUE, CAUSE_OFF_WRIST)
    run_motion(vital, wrist(20))
    assert table.raw(INDEX_STEPS) == walked


def test_off_the_wrist_is_told_at_once_without_samples_too() -> None:
    table = ReadingTable()
    vital = MotionVital(table)
    run_motion(vital, wrist(10))
    for _ in range(5):
        vital.update(True)
        assert table.cause(INDEX_STEPS) == table.cause(INDEX_ACTIVITY) == CAUSE_OFF_WRIST


@given(st.integers(0, 2**32))
def test_extreme_acceleration_stays_within_words(seed: int) -> None:
    noise = random.Random(seed)
    table = ReadingTable()
    vital = MotionVital(table)
    samples = array("h", (noise.choice((-32768, 32767)) for _ in range(3 * RATE_HZ * 8)))
    run_motion(vital, samples)
    assert 0 <= vital.motion_rms_mg <= 4000
    assert 0 <= vital.activity_counts_q4 < 1 << 15
    assert table.validity(INDEX_STEPS) == VALIDITY_VALID


@given(st.integers(-32768, 32767))
def test_temperature_units_are_exact_to_half_a_hundredth(raw_128: int) -> None:
    assert abs(hundredths(raw_128) - raw_128 * 100 / 128) <= 0.5


def test_skin_temperature_is_doubtful_until_it_has_settled() -> None:
    table = ReadingTable()
    vital = TemperatureVital(table)
    for now_s in range(0, SETTLED_SPAN_S + 2, 2):
        vital.on_raw(33 * 128)
        vital.update(CAUSE_NONE)
        if now_s < SETTLED_SPAN_S:
            assert table.validity(INDEX_SKIN_TEMPERATURE_C) == VALIDITY_LOW_QUALITY
    assert table.validity(INDEX_SKIN_TEMPERATURE_C) == VALIDITY_VALID
    assert table.raw(INDEX_SKIN_TEMPERATURE_C) == 3300


@pytest.mark.parametrize("absence", [CAUSE_OFF_WRIST, CAUSE_STARTING, CAUSE_SENSOR_FAULT])
def test_temperature_of_what_may_be_no_skin_is_withheld(absence: int) -> None:
    table = ReadingTable()
    vital = TemperatureVital(table)
    vital.on_raw(22 * 128)
    vital.update(absence)
    assert table.cause(INDEX_SKIN_TEMPERATURE_C) == absence
    assert table.raw(INDEX_SKIN_TEMPERATURE_C) == NO_VALUE


def test_a_silent_thermometer_goes_stale() -> None:
    table = ReadingTable()
    vital = TemperatureVital(table)
    vital.on_raw(33 * 128)
    for _ in range(7):
        vital.update(CAUSE_NONE)
    assert table.cause(INDEX_SKIN_TEMPERATURE_C) == CAUSE_STALE


def test_blood_pressure_is_unknown_without_a_cuff_reading() -> None:
    table = ReadingTable()
    PressureVital(table).update(1000)
    assert table.raw(INDEX_SYSTOLIC_MMHG) == NO_VALUE
    assert table.cause(INDEX_DIASTOLIC_MMHG) == CAUSE_NO_CUFF_READING


def test_a_cuff_reading_ages_and_expires() -> None:
    table = ReadingTable()
    vital = PressureVital(table)
    vital.on_cuff_reading(128, 82, 600, now_s=10)
    vital.update(20)
    assert (table.raw(INDEX_SYSTOLIC_MMHG), table.raw(INDEX_DIASTOLIC_MMHG)) == (128, 82)
    assert table.raw(INDEX_CUFF_AGE_S) == 610
    fresh_quality = table.quality(INDEX_SYSTOLIC_MMHG)
    vital.update(EXPIRY_S - 600)
    assert table.quality(INDEX_SYSTOLIC_MMHG) < fresh_quality
    vital.update(EXPIRY_S)
    assert table.validity(INDEX_SYSTOLIC_MMHG) == VALIDITY_STALE
    assert table.cause(INDEX_SYSTOLIC_MMHG) == CAUSE_CUFF_READING_EXPIRED
    assert table.raw(INDEX_SYSTOLIC_MMHG) == NO_VALUE
    vital.update(20)
    assert table.cause(INDEX_SYSTOLIC_MMHG) == CAUSE_CUFF_READING_EXPIRED, "it is gone, not only old"


def test_a_later_cuff_reading_takes_the_place_of_an_earlier_one_and_never_the_other_way() -> None:
    table = ReadingTable()
    vital = PressureVital(table)
    assert vital.on_cuff_reading(128, 82, 600, now_s=1000)
    assert not vital.on_cuff_reading(150, 95, 700, now_s=1000)
    vital.update(1000)
    assert (table.raw(INDEX_SYSTOLIC_MMHG), table.raw(INDEX_CUFF_AGE_S)) == (128, 600)
    # Entered anew with an age rounded to a minute: a correction.
    assert vital.on_cuff_reading(138, 82, 630, now_s=1000)
    assert vital.on_cuff_reading(119, 75, 0, now_s=1200)
    vital.update(1202)
    assert (table.raw(INDEX_SYSTOLIC_MMHG), table.raw(INDEX_CUFF_AGE_S)) == (119, 2)


@pytest.mark.parametrize("is_updated", [True, False])
def test_an_expired_cuff_reading_keeps_no_other_out(is_updated: bool) -> None:
    table = ReadingTable()
    vital = PressureVital(table)
    vital.on_cuff_reading(128, 82, 0, now_s=0)
    late_s = EXPIRY_S + 2
    if is_updated:
        vital.update(late_s)
    assert vital.on_cuff_reading(140, 90, EXPIRY_S, now_s=late_s)
    vital.forget()
    assert vital.on_cuff_reading(140, 90, EXPIRY_S, now_s=late_s)


def test_an_old_cuff_reading_is_expired_on_arrival() -> None:
    table = ReadingTable()
    vital = PressureVital(table)
    vital.on_cuff_reading(128, 82, 4_000_000_000, now_s=5)
    vital.update(5)
    assert table.cause(INDEX_SYSTOLIC_MMHG) == CAUSE_CUFF_READING_EXPIRED
