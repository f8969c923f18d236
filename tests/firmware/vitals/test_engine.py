"""The optical vital signs of a whole engine, fed with modelled light."""

import math

import numpy as np
import pytest

from bandwire.catalogue import (
    INDEX_ACTIVITY,
    INDEX_ARM_POSTURE,
    INDEX_CORE_TEMPERATURE_ESTIMATE_C,
    INDEX_ENMO_MG,
    INDEX_HEART_RATE_BPM,
    INDEX_PULSE_INTERVAL_MS,
    INDEX_PULSE_SHAPE_INDEX,
    INDEX_RESPIRATORY_RATE_BPM,
    INDEX_RMSSD_MS,
    INDEX_SKIN_TEMPERATURE_C,
    INDEX_SLEEP_STAGE,
    INDEX_SPO2_PERCENT,
    INDEX_STEPS,
    INDEX_SYSTOLIC_MMHG,
)
from bandwire.frames import (
    CAUSE_MOTION,
    CAUSE_NO_CUFF_READING,
    CAUSE_OFF_WRIST,
    CAUSE_SENSOR_FAULT,
    CAUSE_STALE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    CONTACT_OFF_WRIST,
    CONTACT_ON_WRIST,
    CONTACT_UNKNOWN,
    CONTACT_WEAK,
    NO_VALUE,
    PART_MOTION,
    PART_OPTICAL,
    VALIDITY_UNKNOWN,
    VALIDITY_VALID,
)
from firmware.vitals.signals import (
    MOTION_PER_STEP,
    OPTICAL_PER_STEP,
    Counts,
    Host,
    Reading,
    Step,
    bare,
    fed,
    on_band,
    wearer,
)

OPTICAL = (
    INDEX_HEART_RATE_BPM,
    INDEX_PULSE_INTERVAL_MS,
    INDEX_RMSSD_MS,
    INDEX_PULSE_SHAPE_INDEX,
    INDEX_RESPIRATORY_RATE_BPM,
    INDEX_SPO2_PERCENT,
)
MOTION = (INDEX_STEPS, INDEX_ACTIVITY, INDEX_ENMO_MG, INDEX_ARM_POSTURE)
TEMPERATURES = (INDEX_SKIN_TEMPERATURE_C, INDEX_CORE_TEMPERATURE_ESTIMATE_C)


def valid_raws(steps: list[Step], index: int) -> list[int]:
    return [step.readings[index].raw for step in steps if step.readings[index].validity == VALIDITY_VALID]


@pytest.mark.parametrize("heart_rate_bpm", [40, 52, 66, 85, 110, 140, 170, 200])
@pytest.mark.parametrize("options", [(), ("--no-motion",)], ids=["still", "no accelerometer"])
def test_heart_rate_is_right_at_rest_with_and_without_an_accelerometer(
    tmp_path, heart_rate_bpm, options
) -> None:
    steps = on_band(tmp_path, *wearer(heart_rate_bpm, duration_s=30), *options)
    raws = valid_raws(steps, INDEX_HEART_RATE_BPM)
    assert len(raws) >= 10  # 15 steps, the first three fill the window, one more may be in doubt
    # Breathing moves the rate by 3 %, over a window of two breaths; a bin is 1.5 /min.
    assert max(abs(raw / 10 - heart_rate_bpm) for raw in raws) < 2.5


def test_quality_is_lower_without_an_accelerometer(tmp_path) -> None:
    light, still = wearer(70, duration_s=30)
    with_motion = on_band(tmp_path, light, still)[-1].readings
    without = on_band(tmp_path, light, still, "--no-motion")[-1].readings
    for index in (INDEX_HEART_RATE_BPM, INDEX_SPO2_PERCENT):
        assert 0 < without[index].quality < with_motion[index].quality


@pytest.mark.parametrize("heart_rate_bpm", [48, 72, 110])
def test_intervals_and_their_variability_are_the_hearts(tmp_path, heart_rate_bpm) -> None:
    steps = on_band(tmp_path, *wearer(heart_rate_bpm, duration_s=90))
    intervals_ms = valid_raws(steps, INDEX_PULSE_INTERVAL_MS)
    assert len(intervals_ms) > 0.8 * len(steps)
    # Breathing moves the rate by 3 %; a step may fall on one side of a breath.
    assert max(abs(60000 / raw - heart_rate_bpm) for raw in intervals_ms) < 0.05 * heart_rate_bpm
    told = valid_raws(steps, INDEX_RMSSD_MS)
    first_s = 2 * (1 + [step.readings[INDEX_RMSSD_MS].validity for step in steps].index(VALIDITY_VALID))
    assert 58 <= first_s <= 64
    # Successive differences of a sine of 3 % at 14 breaths a minute, sampled once a beat.
    interval_ms = 60000 / heart_rate_bpm
    swing_ms = 0.03 * interval_ms * 2 * math.sin(math.pi * 14 / heart_rate_bpm)
    assert told[-1] / 10 == pytest.approx(swing_ms / math.sqrt(2), rel=0.15, abs=3)
    qualities = [step.readings[INDEX_RMSSD_MS].quality for step in steps]
    assert 10 < qualities[-1] < 40  # a minute and a half of five
    shapes = valid_raws(steps, INDEX_PULSE_SHAPE_INDEX)
    assert len(shapes) > 0.8 * len(steps)
    assert max(shapes) - min(shapes) < 0.5 * np.median(shapes)


@pytest.mark.parametrize("respiratory_rate_bpm", [9, 12, 16, 20, 26])
def test_breathing_rate_follows_the_modulation_of_the_pulse(tmp_path, respiratory_rate_bpm) -> None:
    steps = on_band(tmp_path, *wearer(72, duration_s=80, respiratory_rate_bpm=respiratory_rate_bpm))
    raws = valid_raws(steps, INDEX_RESPIRATORY_RATE_BPM)
    assert len(raws) >= 10
    # Two bins of 0.47 /min, and the pull of the prior towards 16 /min.
    assert max(abs(raw / 10 - respiratory_rate_bpm) for raw in raws) < 1.2


def test_breathing_above_half_the_heart_rate_is_never_reported_above_it(tmp_path) -> None:
    steps = on_band(tmp_path, *wearer(46, duration_s=80, respiratory_rate_bpm=30))
    # Sampled once a beat, 30 /min is indistinguishable from 46 - 30 = 16 /min; it must not read 30.
    assert all(raw <= 230 for raw in valid_raws(steps, INDEX_RESPIRATORY_RATE_BPM))


@pytest.mark.parametrize("spo2_percent", [75, 84, 92, 99])
def test_oxygen_follows_the_line_of_the_ratio(tmp_path, spo2_percent) -> None:
    steps = on_band(tmp_path, *wearer(75, duration_s=24, spo2_percent=spo2_percent))
    raws = valid_raws(steps, INDEX_SPO2_PERCENT)
    assert len(raws) >= 8
    # 1 % of SpO2 is 3 % of the ratio; noise of 15 counts on pulses of 1500 makes less than that.
    assert max(abs(raw / 10 - spo2_percent) for raw in raws) < 1.0


def test_uncalibrated_oxygen_never_claims_high_quality(tmp_path) -> None:
    steps = on_band(tmp_path, *wearer(75, duration_s=24, noise_counts=0.0))
    assert 0 < steps[-1].readings[INDEX_SPO2_PERCENT].quality <= 60


def test_readings_go_within_a_step_of_being_taken_off_and_are_back_within_two_windows(tmp_path) -> None:
    light, still = wearer(70, duration_s=90)
    light[30 * 25 : 60 * 25] = bare(30)
    steps = on_band(tmp_path, light, still)
    assert steps[14].readings[INDEX_HEART_RATE_BPM].validity == VALIDITY_VALID
    for step in steps[15:30]:
        assert step.contact == CONTACT_OFF_WRIST
        assert [step.readings[index].cause for index in OPTICAL] == [CAUSE_OFF_WRIST] * len(OPTICAL)
        assert [step.readings[index].raw for index in OPTICAL] == [NO_VALUE] * len(OPTICAL)
    back = steps[30 + 8]
    assert back.contact == CONTACT_ON_WRIST
    assert back.readings[INDEX_HEART_RATE_BPM].validity == VALIDITY_VALID
    assert back.readings[INDEX_SPO2_PERCENT].validity == VALIDITY_VALID


@pytest.mark.parametrize(
    "light",
    [
        np.full((30 * 25, 3), 262143),
        np.full((30 * 25, 3), 100000),
        np.round(100000 + 500 * np.random.default_rng(5).standard_normal((750, 3))).astype(np.int64),
    ],
    ids=["saturated", "constant", "noise"],
)
def test_light_without_a_pulse_is_weak_contact_and_gives_no_reading(tmp_path, light) -> None:
    steps = on_band(tmp_path, light, wearer(70, duration_s=30)[1])
    for step in steps[2:]:
        assert step.contact == CONTACT_WEAK
        assert {step.readings[index].cause for index in OPTICAL} == {CAUSE_WEAK_SIGNAL}
        assert {step.readings[index].raw for index in OPTICAL} == {NO_VALUE}


def test_zero_counts_are_off_wrist_and_never_a_reading(tmp_path) -> None:
    steps = on_band(tmp_path, np.zeros((500, 3), np.int64), wearer(70, duration_s=20)[1])
    assert {step.contact for step in steps} == {CONTACT_OFF_WRIST}
    assert {step.readings[index].raw for step in steps for index in OPTICAL} == {NO_VALUE}


def test_full_scale_squares_break_nothing(tmp_path) -> None:
    square = np.repeat(np.where(np.arange(1000) // 12 % 2, 262143, 0)[:, None], 3, axis=1)
    moves = np.repeat(np.where(np.arange(1040) // 3 % 2, 32767, -32768)[:, None], 3, axis=1)
    for step in on_band(tmp_path, square, moves):
        for index in OPTICAL:
            assert 0 <= step.readings[index].quality <= 100


def test_swing_of_the_arm_is_not_taken_for_the_pulse(tmp_path) -> None:
    light, still = wearer(80, duration_s=80)
    swing_hz = 1.9
    push = np.sin(2 * np.pi * swing_hz * np.arange(len(light)) / 25)
    moved = light + np.round(0.012 * light.mean() * push)[:, None].astype(np.int64)
    acceleration = np.round(6000 * np.sin(2 * np.pi * swing_hz * np.arange(len(still)) / 26)).astype(np.int64)
    moves = still + acceleration[:, None] * np.array([1, 0, 1])
    # The swing's light is as strong as the green pulse, at 114 /min; the first minute may lock late.
    raws = valid_raws(on_band(tmp_path, moved, moves), INDEX_HEART_RATE_BPM)
    assert len(raws) >= 20
    assert max(abs(raw / 10 - 80) for raw in raws) < 4


def test_movement_withdraws_breathing_and_oxygen_by_name(tmp_path) -> None:
    light, still = wearer(80, duration_s=80)
    moves = still.copy()
    moves[60 * 26 :, 0] += np.round(3000 * np.sin(np.arange(20 * 26) * 0.45)).astype(np.int64)
    last = on_band(tmp_path, light, moves)[-1].readings
    assert last[INDEX_RESPIRATORY_RATE_BPM].cause == CAUSE_MOTION
    assert last[INDEX_PULSE_INTERVAL_MS].cause == CAUSE_MOTION
    assert last[INDEX_PULSE_SHAPE_INDEX].cause == CAUSE_MOTION
    assert last[INDEX_SPO2_PERCENT].cause == CAUSE_MOTION


def test_camera_gives_heart_rate_at_once_and_oxygen_only_after_its_first_half_minute(tmp_path) -> None:
    light, still = wearer(64, duration_s=50)
    steps = on_band(tmp_path, light // 2, still, stack="phone_rgb")
    assert steps[14].readings[INDEX_SPO2_PERCENT].cause == CAUSE_STARTING
    assert steps[14].readings[INDEX_HEART_RATE_BPM].validity == VALIDITY_VALID
    assert steps[-1].readings[INDEX_SPO2_PERCENT].validity == VALIDITY_VALID
    assert 0 < steps[-1].readings[INDEX_SPO2_PERCENT].quality <= 30


def test_a_step_allocates_nothing_under_micropython(tmp_path) -> None:
    line = fed(tmp_path, *wearer(75, duration_s=120), "--measure")[-1]
    assert int(line.split()[1]) == 0


def test_silence_of_the_optical_part_is_stale_and_its_fault_is_a_sensor_fault() -> None:
    host, (light, still) = Host(), wearer(70, duration_s=20)
    for step in range(3):
        host.step(
            light[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP],
            still[step * MOTION_PER_STEP : (step + 1) * MOTION_PER_STEP],
        )
    assert host.table.contact == CONTACT_ON_WRIST
    for _ in range(2):
        host.step(light[:0], still[:MOTION_PER_STEP])
    assert host.table.contact == CONTACT_UNKNOWN
    assert {host.reading(index).cause for index in OPTICAL} == {CAUSE_STALE}
    host.vitals.on_fault(PART_OPTICAL, True)
    host.step(light[:0], still[:MOTION_PER_STEP])
    assert {host.reading(index).cause for index in OPTICAL} == {CAUSE_SENSOR_FAULT}
    host.vitals.on_fault(PART_OPTICAL, False)
    host.step(light[:OPTICAL_PER_STEP], still[:MOTION_PER_STEP])
    assert {host.reading(index).cause for index in OPTICAL} == {CAUSE_STARTING}


def test_faulty_accelerometer_takes_its_readings_and_leaves_the_heart_rate() -> None:
    host, (light, still) = Host(), wearer(70, duration_s=16)
    host.vitals.on_fault(PART_MOTION, True)
    for step in range(8):
        host.step(light[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP], still[:0])
    assert host.reading(INDEX_ACTIVITY).cause == CAUSE_SENSOR_FAULT
    heart = host.reading(INDEX_HEART_RATE_BPM)
    assert heart.validity == VALIDITY_VALID
    assert abs(heart.raw - 700) < 25


def test_both_interpreters_give_the_same_readings(tmp_path) -> None:
    light, still = wearer(88, duration_s=50, seed=9)
    still[26 * 20 :, 1] += np.round(900 * np.sin(np.arange(len(still) - 520) * 0.3)).astype(np.int64)
    steps, host = on_band(tmp_path, light, still), Host()
    for number, step in enumerate(steps):
        host.step(
            light[number * OPTICAL_PER_STEP : (number + 1) * OPTICAL_PER_STEP],
            still[number * MOTION_PER_STEP : (number + 1) * MOTION_PER_STEP],
        )
        assert tuple(host.reading(index) for index in range(len(step.readings))) == step.readings


def lived(*, minutes: int) -> Host:
    """A host whose wearer has been still so long; what it makes of the light is left out, being slow here."""
    host, (light, still) = Host(), wearer(62, duration_s=20)
    for vital in (host.vitals.heart, host.vitals.breathing, host.vitals.oxygen):
        vital.update = lambda *_arguments: None
    for step in range(30 * minutes):
        host.step(*part_of(light, still, step % 10))
    return host


def part_of(light: Counts, moves: Counts, step: int) -> tuple[Counts, Counts]:
    """The samples of one step of 2 s."""
    return (
        light[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP],
        moves[step * MOTION_PER_STEP : (step + 1) * MOTION_PER_STEP],
    )


def test_a_band_that_is_off_has_no_reading_but_the_cuffs_and_sleep_begins_anew_after() -> None:
    host = lived(minutes=6)
    host.vitals.on_skin_temperature(33 * 128)
    host.vitals.on_cuff_reading(120, 80, 60, host.now_s)
    assert host.reading(INDEX_SLEEP_STAGE).validity == VALIDITY_VALID
    (light, still), dark = wearer(62, duration_s=20), bare(2)
    host.step(dark, still[:MOTION_PER_STEP])
    for index in (*OPTICAL, *TEMPERATURES, *MOTION, INDEX_SLEEP_STAGE):
        assert host.reading(index) == Reading(NO_VALUE, VALIDITY_UNKNOWN, 0, CAUSE_OFF_WRIST)
    assert host.reading(INDEX_SYSTOLIC_MMHG).raw == 120
    for step in range(80):
        host.step(*part_of(light, still, step % 10))
    assert host.reading(INDEX_STEPS).validity == VALIDITY_VALID
    # Eleven epochs of half a minute must be filled again; 80 steps are 160 s.
    assert host.reading(INDEX_SLEEP_STAGE).cause == CAUSE_STARTING


def test_without_light_the_cause_is_told_where_nobody_knows_whether_it_is_worn() -> None:
    still = wearer(62, duration_s=2)[1]
    silent, faulty = lived(minutes=5), lived(minutes=5)
    faulty.vitals.on_fault(PART_OPTICAL, True)
    for host, cause in ((silent, CAUSE_STALE), (faulty, CAUSE_SENSOR_FAULT)):
        for _ in range(2):
            host.vitals.on_skin_temperature(33 * 128)
            host.step(still[:0], still)
        for index in (*OPTICAL, *TEMPERATURES, INDEX_SLEEP_STAGE):
            assert host.reading(index).cause == cause
        assert [host.reading(index).validity for index in MOTION] == [VALIDITY_VALID] * len(MOTION)


def test_a_restart_keeps_the_cuff_reading_and_a_withdrawal_does_not() -> None:
    host = Host()
    host.vitals.on_cuff_reading(120, 80, 60, 0)
    host.vitals.start()
    host.vitals.pressure.update(10)
    assert host.reading(INDEX_SYSTOLIC_MMHG).raw == 120
    host.vitals.forget()
    host.vitals.pressure.update(12)
    assert host.reading(INDEX_SYSTOLIC_MMHG).cause == CAUSE_NO_CUFF_READING
