"""The physiology model: cut-independence, and signals that show the truth they were made from."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.enums import Activity, SleepStage
from bandsim.physiology import PhysiologyStimulus
from bandsim.physiology.course import Course, Wear, steady_course
from bandsim.physiology.noise import at_one_time, at_uniform
from bandsim.physiology.optics import SPO2_AT_ZERO_RATIO, SPO2_PER_RATIO
from bandsim.physiology.segments import Ramp, Segment, course_of
from bandsim.physiology.worn import WornStimulus
from bandsim.stimulus import FULL_SCALE_COUNTS, first_sample

OPTICAL_HZ = 25.0
MOTION_HZ = 26.0
SEED = 5


def wearer(course: Course, **options: object) -> PhysiologyStimulus:
    return PhysiologyStimulus(course, SEED, **options)  # type: ignore[arg-type]


def steady(duration_s: float = 180.0, **levels: float) -> Course:
    course = steady_course(duration_s)
    return replace(course, **{k: np.full_like(getattr(course, k), v) for k, v in levels.items()})


def day(*segments: Segment) -> Course:
    return course_of(segments, SEED, battery_percent=Ramp(50.0, 49.0))


def peak_per_minute(samples: np.ndarray, rate_hz: float, low: float, high: float) -> float:
    centred = (samples - samples.mean()) * np.hanning(len(samples))
    power = np.abs(np.fft.rfft(centred, 1 << 16)) ** 2
    per_minute = np.fft.rfftfreq(1 << 16, 1 / rate_hz) * 60
    band = (per_minute >= low) & (per_minute <= high)
    return float(per_minute[band][power[band].argmax()])


def line_size(samples: np.ndarray, rate_hz: float, per_minute: float) -> float:
    """The largest amplitude within 3 a minute of a rate, in no unit."""
    spectrum = np.abs(np.fft.rfft((samples - samples.mean()) * np.hanning(len(samples)), 1 << 16))
    rates = np.fft.rfftfreq(1 << 16, 1 / rate_hz) * 60
    return float(spectrum[np.abs(rates - per_minute) < 3.0].max())


@settings(max_examples=60)
@given(
    start=st.integers(0, 170 * 25),
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    phase_us=st.integers(0, 39_999),
    order=st.randoms(use_true_random=False),
)
def test_values_do_not_depend_on_how_the_questions_are_cut(start, sizes, phase_us, order) -> None:
    course = day(Segment(duration_s=90.0, doing="walk"), Segment(duration_s=90.0, doing="light"))
    start_s = start / OPTICAL_HZ + phase_us / 1e6
    whole = wearer(course).optical(start_s, sum(sizes), OPTICAL_HZ)
    pieces = list(zip(sizes, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
    order.shuffle(pieces)
    cut = wearer(course)
    for size, offset in pieces:
        piece = cut.optical(start_s + offset / OPTICAL_HZ, size, OPTICAL_HZ)
        assert np.array_equal(piece, whole[offset : offset + size])


@settings(max_examples=30)
@given(start=st.integers(0, 4000), size=st.integers(1, 2000), cut=st.integers(0, 1999))
def test_acceleration_does_not_depend_on_the_cut_either(start: int, size: int, cut: int) -> None:
    course = day(Segment(duration_s=120.0, doing="run"))
    cut = min(cut, size)
    whole = wearer(course).acceleration_g(start / MOTION_HZ, size, MOTION_HZ)
    other = wearer(course)
    second = other.acceleration_g((start + cut) / MOTION_HZ, size - cut, MOTION_HZ)
    first = other.acceleration_g(start / MOTION_HZ, cut, MOTION_HZ)
    assert np.array_equal(np.concatenate([first, second]), whole)


@given(
    table=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6),
    rate_hz=st.floats(0.01, 100.0),
    position_rows=st.floats(-2.0, 8.0) | st.integers(-2, 8),
)
def test_a_table_has_the_same_value_at_one_time_as_among_others(
    table: list[float], rate_hz: float, position_rows: float
) -> None:
    t_s = position_rows / rate_hz
    rows = np.array(table)
    assert at_one_time(rows, rate_hz, t_s) == at_uniform(rows, rate_hz, np.array([0.0, t_s]))[1]


def test_same_seed_gives_the_same_values_and_another_seed_gives_others() -> None:
    course = steady()
    first = PhysiologyStimulus(course, 1).optical(0.0, 1000, OPTICAL_HZ)
    assert np.array_equal(first, PhysiologyStimulus(course, 1).optical(0.0, 1000, OPTICAL_HZ))
    assert not np.array_equal(first, PhysiologyStimulus(course, 2).optical(0.0, 1000, OPTICAL_HZ))


@pytest.mark.parametrize("bad", [(0.0, 0.0), (0.0, -1.0), (-0.1, 25.0), (float("nan"), 25.0)])
def test_a_rate_or_a_start_that_cannot_be_is_refused(bad: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        first_sample(*bad)


@pytest.mark.parametrize("rate_bpm", [48.0, 65.0, 90.0, 140.0])
def test_every_optical_channel_beats_at_the_true_heart_rate(rate_bpm: float) -> None:
    stimulus = wearer(steady(heart_rate_bpm=rate_bpm, rhythm_gain=0.2))
    counts = stimulus.optical(40.0, 1000, OPTICAL_HZ)
    # 40 s resolve 1.5 /min; with little variability the line stays within one such step.
    truth_bpm = np.mean([stimulus.truth(t).heart_rate_bpm or 0.0 for t in range(44, 77)])
    for channel in counts.T:
        assert peak_per_minute(channel, OPTICAL_HZ, 40.0, 200.0) == pytest.approx(truth_bpm, abs=1.5)


@pytest.mark.parametrize(("rate_bpm", "lines"), [(65.0, (0.57, 0.47)), (165.0, (0.14, 0.03))])
def test_a_fast_pulse_is_nearly_a_sine(rate_bpm: float, lines: tuple[float, float]) -> None:
    course = steady(heart_rate_bpm=rate_bpm, rhythm_gain=0.0)
    light = wearer(course, has_breathing=False).optical(40.0, 2000, OPTICAL_HZ)[:, 2]
    sizes = [line_size(light, OPTICAL_HZ, k * rate_bpm) for k in (1, 2, 3)]
    # Slow: the model's shape. Fast: medians of 15 recorded wrists at 155 to 175 /min, quartiles 0.02 away;
    # one law for all rates comes within 0.05.
    assert np.array(sizes[1:]) / sizes[0] == pytest.approx(np.array(lines), abs=0.05)


@pytest.mark.parametrize("posture", ["table", "lap", "hanging", "raised", "side"])
def test_running_moves_the_light_as_much_as_the_pulse_does_however_the_arm_is_held(posture: str) -> None:
    course = day(Segment(duration_s=60.0, doing="run", posture=posture, heart_rate_bpm=Ramp(128.0, 128.0)))
    light = wearer(course).optical(10.0, 1000, OPTICAL_HZ)[:, 2]
    pulse, step, swing = (line_size(light, OPTICAL_HZ, rate) for rate in (128.0, 160.0, 80.0))
    # Quartiles of recorded runs.
    assert 0.75 < step / pulse < 1.3
    assert 0.75 < swing / pulse < 1.4


def test_counts_fall_at_systole() -> None:
    slopes = np.diff(wearer(steady(perfusion_percent=2.0)).optical(0.0, 2000, OPTICAL_HZ)[:, 1])
    assert np.mean(slopes**3) < 0


@pytest.mark.parametrize("rate_bpm", [8.0, 15.0, 24.0])
def test_breathing_shows_in_the_baseline_at_its_true_rate(rate_bpm: float) -> None:
    stimulus = wearer(steady(respiratory_rate_bpm=rate_bpm, breath_unevenness=0.01, heart_rate_bpm=90.0))
    baseline = stimulus.optical(30.0, 3000, OPTICAL_HZ)[:, 2]
    truth_bpm = stimulus.truth(90.0).respiratory_rate_bpm
    assert peak_per_minute(baseline, OPTICAL_HZ, 4.0, 40.0) == pytest.approx(truth_bpm, abs=0.7)


def test_breathing_shows_in_the_rhythm() -> None:
    stimulus = wearer(steady(respiratory_rate_bpm=12.0, breath_unevenness=0.01))
    beats_s = stimulus.beat_times_s()
    intervals_s = np.interp(np.arange(10.0, 170.0, 0.25), beats_s[1:], np.diff(beats_s))
    assert peak_per_minute(intervals_s, 4.0, 6.0, 30.0) == pytest.approx(12.0, abs=1.0)


@pytest.mark.parametrize("spo2_percent", [72.0, 85.0, 92.0, 98.0])
def test_red_to_infrared_ratio_gives_the_saturation_back(spo2_percent: float) -> None:
    counts = wearer(steady(spo2_percent=spo2_percent, perfusion_percent=2.0)).optical(10.0, 2500, OPTICAL_HZ)
    slopes = counts[5:] - counts[:-5]
    red, infrared = (slopes[:, k] / counts[:, k].mean() for k in (0, 1))
    ratio = np.sum(red * infrared) / np.sum(infrared**2)
    # Noise of 15 counts on a pulse of 3000 biases the ratio by far less than 0.5 % SpO2.
    assert SPO2_AT_ZERO_RATIO + SPO2_PER_RATIO * ratio == pytest.approx(spo2_percent, abs=0.5)


def test_steps_in_the_truth_are_the_impacts_in_the_acceleration() -> None:
    stimulus = wearer(
        day(Segment(duration_s=20.0), Segment(duration_s=60.0, doing="walk"), Segment(duration_s=20.0))
    )
    upright = stimulus.acceleration_g(0.0, 2600, MOTION_HZ) @ np.array([0.3, 0.2, 0.93]) / 0.998
    walking = upright[22 * 26 : 78 * 26]
    assert peak_per_minute(walking, MOTION_HZ, 80.0, 150.0) == pytest.approx(110.0, abs=1.0)
    assert stimulus.truth(19.0).steps == 0
    # 60 s at 110 a minute; the ramps at both ends cancel.
    assert stimulus.truth(100.0).steps == pytest.approx(110, abs=1)
    assert stimulus.truth(50.0).activity == Activity.WALK


def test_gravity_is_one_g_at_rest_whatever_the_posture() -> None:
    for posture in ("table", "lap", "hanging", "raised", "side"):
        at_rest = wearer(day(Segment(duration_s=60.0, posture=posture))).acceleration_g(5.0, 500, MOTION_HZ)
        assert np.linalg.norm(at_rest, axis=1) == pytest.approx(1.0, abs=0.01)


def test_walking_moves_the_light() -> None:
    course = day(Segment(duration_s=120.0, doing="walk"))
    moved, untouched = (
        wearer(course, has_artefact=flag).optical(10.0, 1000, OPTICAL_HZ) for flag in (True, False)
    )
    artefact = (moved - untouched)[:, 1]
    assert artefact.std() > 50.0
    # The arm swings at half the cadence, the impacts come at it.
    assert peak_per_minute(artefact, OPTICAL_HZ, 30.0, 240.0) == pytest.approx(
        110.0, abs=2.0
    ) or peak_per_minute(artefact, OPTICAL_HZ, 30.0, 240.0) == pytest.approx(55.0, abs=2.0)


def test_light_off_the_wrist_is_dim_and_has_no_pulse() -> None:
    course = day(Segment(duration_s=60.0), Segment(duration_s=60.0, wear=Wear.OFF))
    off = wearer(course).optical(65.0, 1000, OPTICAL_HZ)
    assert off.mean() < 0.05 * FULL_SCALE_COUNTS
    assert wearer(course).truth(80.0).is_worn is False
    assert wearer(course).truth(80.0).heart_rate_bpm is None


def test_weak_contact_shrinks_the_pulse_and_raises_the_noise() -> None:
    good = wearer(steady()).optical(10.0, 1000, OPTICAL_HZ)[:, 1]
    weak_course = replace(steady(), wear=np.full_like(steady().wear, Wear.WEAK))
    weak = wearer(weak_course).optical(10.0, 1000, OPTICAL_HZ)[:, 1]
    assert weak.mean() < 0.7 * good.mean()
    assert (
        np.abs(np.diff(np.diff(weak))).mean() / weak.mean()
        > np.abs(np.diff(np.diff(good))).mean() / good.mean() / 2
    )


def test_counts_stay_within_eighteen_bits_however_strong_the_pulse() -> None:
    counts = wearer(steady(perfusion_percent=20.0, spo2_percent=60.0)).optical(0.0, 2000, OPTICAL_HZ)
    assert counts.min() >= 0.0
    assert counts.max() <= FULL_SCALE_COUNTS


def test_skin_follows_its_target_with_a_lag() -> None:
    course = day(Segment(duration_s=60.0), Segment(duration_s=300.0, skin_temperature_c=Ramp(35.0, 35.0)))
    stimulus = wearer(course)
    assert stimulus.skin_temperature_c(59.0) == pytest.approx(33.0, abs=0.01)
    assert stimulus.skin_temperature_c(120.0) == pytest.approx(33.0 + 2.0 * (1 - np.exp(-1.0)), abs=0.05)
    assert stimulus.skin_temperature_c(359.0) == pytest.approx(35.0, abs=0.05)


def test_a_night_has_cycles_whose_stages_change_heart_breath_and_movement() -> None:
    course = day(Segment(duration_s=6 * 3600.0, doing="sleep"))
    stages = course.sleep_stage
    assert stages[0] == SleepStage.WAKE
    assert np.sum(np.diff((stages == SleepStage.REM).astype(int)) == 1) >= 3
    rate = {stage: course.heart_rate_bpm[stages == stage].mean() for stage in (0, 1, 2)}
    assert rate[SleepStage.NREM] < rate[SleepStage.REM] < rate[SleepStage.WAKE]
    moved = {stage: (course.movement_g[stages == stage] > 0).mean() for stage in (0, 1, 2)}
    assert moved[SleepStage.NREM] < moved[SleepStage.WAKE]
    assert (
        course.breath_unevenness[stages == SleepStage.REM].mean()
        > course.breath_unevenness[stages == SleepStage.NREM].mean()
    )


def test_battery_states_the_slope_it_runs_down_with() -> None:
    battery = wearer(replace(steady(3600.0), battery_percent=np.linspace(20.0, 10.0, 3601))).battery(1800.0)
    assert battery.percent == pytest.approx(15.0)
    assert battery.charge_rate_percent_per_h == pytest.approx(-10.0)
    assert 3.3 < battery.volts < 4.2


def test_a_band_taken_off_sees_ambient_light_cools_and_knows_nothing_by_touch() -> None:
    worn = WornStimulus(wearer(steady(600.0)))
    before = worn.optical(95.0, 100, OPTICAL_HZ)
    worn.set_contact(False, 100.0)
    worn.set_contact(False, 110.0)
    after = worn.optical(95.0, 250, OPTICAL_HZ)
    assert np.array_equal(after[:100], before)
    assert after[130:].mean() < 0.1 * before.mean()
    assert worn.skin_temperature_c(400.0) < worn.skin_temperature_c(101.0) - 5.0
    assert worn.truth(200.0).is_worn is False
    assert worn.truth(200.0).heart_rate_bpm is None
    worn.set_contact(True, 400.0)
    assert worn.truth(401.0).is_worn is True
    assert worn.skin_temperature_c(599.0) == pytest.approx(33.0, abs=0.5)
    with pytest.raises(ValueError, match="later"):
        worn.set_contact(False, 300.0)


def test_sampling_is_fast_enough_for_an_hour_in_a_second() -> None:
    stimulus = wearer(steady(1800.0))
    started = time.process_time()
    for k in range(1000):
        stimulus.optical(k * 0.8, 20, OPTICAL_HZ)
        stimulus.acceleration_g(k * 0.8, 21, MOTION_HZ)
    # Measured 20,000 virtual seconds per second of one core; a quarter of it leaves room for a slow machine.
    assert 800.0 / (time.process_time() - started) > 5000.0
