"""What an estimate says of a recording is what is in it, from the samples before each row alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimate.signals import Arrays, estimated, light, rows_of, still, values_of, walk
from firmware.motion.test_sleep import ORACLE
from vitalband.signal.sleep import epochs_of

GREEN = ("green", "green", "green")
LIGHT_RATES_HZ = (25.0, 50.0, 64.0, 100.0, 125.0)


def heart_rates(arrays: Arrays) -> np.ndarray:
    return np.array(values_of(estimated(arrays), "heart_rate_bpm"))


@pytest.mark.parametrize("rate_hz", LIGHT_RATES_HZ)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_known_heart_rate_comes_back_at_every_rate_and_number_of_channels(
    rate_hz: float, channels: int
) -> None:
    made = estimated(light(rate_hz, GREEN[:channels], heart_rate_bpm=84) | still(rate_hz))
    rows = rows_of(made, "heart_rate_bpm")
    assert [row.time_s for row in rows] == [8.0 + 2 * index for index in range(17)]
    assert {row.unit for row in rows} == {"per_minute"}
    assert all(row.value is not None and abs(row.value - 84) < 3 for row in rows[1:])
    assert rows[-1].is_valid


@pytest.mark.parametrize("rate_hz", [4.0, 10.0, 29.97, 250.0, 1000.0])
def test_other_rates_have_a_row_for_every_window_too(rate_hz: float) -> None:
    rows = rows_of(estimated(light(rate_hz) | still(rate_hz)), "heart_rate_bpm")
    assert [row.time_s for row in rows] == [8.0 + 2 * index for index in range(17)]
    if rate_hz >= 10:
        assert abs(rows[-1].value - 72) < 3


def test_light_and_acceleration_may_have_rates_of_their_own() -> None:
    assert abs(np.median(heart_rates(light(64.0) | still(32.0))) - 72) < 2
    assert abs(np.median(heart_rates(light(25.0) | still(104.0))) - 72) < 2


def test_without_acceleration_there_is_a_heart_rate_and_nothing_of_motion() -> None:
    made = estimated(light(50.0))
    assert abs(np.median(values_of(made, "heart_rate_bpm")) - 72) < 2
    assert not {"steps", "activity", "sleep_stage"} & {row.vital for row in made.rows}


def test_red_and_infrared_with_their_levels_have_oxygen_and_a_pulse_without_level_has_none() -> None:
    arrays = light(50.0, ("red", "infrared", "green"), duration_s=60.0) | still(50.0, 60.0)
    oxygen = values_of(estimated(arrays), "spo2_percent")
    assert oxygen
    assert 90 < np.median(oxygen) <= 100
    arrays["ppg"] = arrays["ppg"] - np.median(arrays["ppg"], axis=0).astype(np.int32)
    made = estimated(arrays)
    assert not rows_of(made, "spo2_percent")
    assert abs(np.median(values_of(made, "heart_rate_bpm")) - 72) < 2


@settings(max_examples=8)
@given(step=st.integers(5, 18), seed=st.integers(0, 99), rate_hz=st.sampled_from(LIGHT_RATES_HZ))
def test_no_row_changes_with_samples_that_come_after_it(step: int, seed: int, rate_hz: float) -> None:
    random = np.random.default_rng(seed)
    arrays = light(rate_hz, GREEN[:2]) | walk(rate_hz, 1.9, 40.0)
    later = dict(arrays)
    first = round(2 * step * rate_hz)
    later["ppg"] = arrays["ppg"].copy()
    later["ppg"][first:] += random.integers(-400, 400, later["ppg"][first:].shape, np.int32)
    later["accel_g"] = arrays["accel_g"].copy()
    later["accel_g"][first:] += random.standard_normal(later["accel_g"][first:].shape)
    known, changed = (estimated(each).rows for each in (arrays, later))
    assert [row for row in known if row.time_s <= 2 * step] == [
        row for row in changed if row.time_s <= 2 * step
    ]
    assert known != changed


def test_missing_samples_are_no_samples_and_the_rate_goes_on_behind_them() -> None:
    arrays = light(100.0, duration_s=60.0) | still(100.0, 60.0)
    gone = arrays["ppg"].astype(np.float64)
    gone[2400:3600] = np.nan
    rows = rows_of(estimated(arrays | {"ppg": gone}), "heart_rate_bpm")
    by_time = {row.time_s: row for row in rows}
    assert by_time[34.0].value is None
    assert by_time[34.0].cause == "stale"
    assert abs(by_time[46.0].value - 72) < 3


def test_acceleration_that_begins_late_or_ends_early_is_no_rest_before_and_after() -> None:
    arrays = light(50.0, duration_s=60.0) | still(50.0, 60.0)
    partly = arrays["accel_g"].copy()
    partly[:600] = partly[2000:] = np.nan
    by_time = {row.time_s: row for row in rows_of(estimated(arrays | {"accel_g": partly}), "heart_rate_bpm")}
    # Without acceleration nothing tells a swing of the arm from a pulse: the quality says so.
    assert {time_s for time_s, row in by_time.items() if row.quality > 60} == set(np.arange(14.0, 41.0, 2.0))
    assert all(abs(row.value - 72) < 3 for row in by_time.values())


def test_the_rate_is_back_within_two_windows_of_lost_contact() -> None:
    arrays = light(100.0, duration_s=60.0) | still(100.0, 60.0)
    random = np.random.default_rng(3)
    off = arrays["ppg"].copy()
    off[2000:3000] = 900 + np.rint(10 * random.standard_normal((1000, 1))).astype(np.int32)
    rows = rows_of(estimated(arrays | {"ppg": off}), "heart_rate_bpm")
    by_time = {row.time_s: row for row in rows}
    assert not by_time[28.0].is_valid
    assert abs(by_time[46.0].value - 72) < 3
    assert by_time[46.0].is_valid


@pytest.mark.parametrize("rate_hz", [12.0, 25.0, 50.0, 125.0, 250.0])
def test_steps_of_a_walk_are_counted_to_its_last_sample(rate_hz: float) -> None:
    made = estimated(walk(rate_hz, 1.9, 61.0))
    steps = rows_of(made, "steps")
    assert steps[-1].time_s == 61.0
    assert abs(steps[-1].value - 61 * 1.9) < 12
    assert {row.vital for row in made.rows} == {"steps", "activity", "sleep_stage"}
    assert 2.0 in values_of(made, "activity")


def test_temperature_settles_and_is_told_without_light() -> None:
    warm = {"skin_temperature_c": np.full(4 * 150, 33.4), "skin_temperature_rate_hz": np.array(4.0)}
    rows = rows_of(estimated(warm), "skin_temperature_c")
    assert rows[0].value == pytest.approx(33.4, abs=0.011)
    assert rows[0].validity == "low_quality"
    assert rows[-1].is_valid
    assert rows[-1].value == pytest.approx(33.4, abs=0.011)


def test_cuff_readings_stand_from_their_time_on_and_nothing_before() -> None:
    made = estimated(light(25.0) | {"cuff": np.array([[11.0, 121.0, 79.0], [25.0, 133.0, 84.0]])})
    for vital, first, second in (("systolic_mmhg", 121, 133), ("diastolic_mmhg", 79, 84)):
        rows = rows_of(made, vital)
        assert [row.value for row in rows if row.time_s <= 10] == [None] * 5
        assert {row.cause for row in rows if row.time_s <= 10} == {"no_cuff_reading"}
        assert {row.value for row in rows if 12 <= row.time_s <= 24} == {first}
        assert {row.value for row in rows if row.time_s >= 26} == {second}


def night_of(epochs: int) -> Arrays:
    random = np.random.default_rng(8)
    time_s = np.arange(0.0, 30.0 * epochs, 15.0)
    restless = (time_s // 900 % 3 == 0) * random.integers(0, 200, len(time_s))
    counts = np.column_stack([time_s, restless * (random.random(len(time_s)) < 0.4)])
    seconds = np.arange(0.0, 30.0 * epochs, 5.0)
    rates = np.column_stack([seconds, 58 + 6 * np.sin(seconds / 700) + random.standard_normal(len(seconds))])
    return {"activity_counts": counts[(time_s < 900) | (time_s > 1200)], "heart_rate_bpm": rates}


def test_stages_of_activity_counts_are_those_of_the_oracle_epoch_by_epoch() -> None:
    arrays = night_of(120)
    rows = rows_of(estimated(arrays), "sleep_stage")
    assert [row.time_s for row in rows] == [30.0 * (epoch + 1) for epoch in range(120)]
    wanted = ORACLE.stages(*epochs_of(arrays["activity_counts"], arrays["heart_rate_bpm"], 120))
    assert [-1 if row.value is None else int(row.value) for row in rows] == wanted.tolist()
    assert {-1, 0, 1} <= set(wanted.tolist())


@pytest.mark.parametrize("has_light", [False, True])
def test_sleep_of_raw_motion_has_a_row_for_every_epoch(has_light: bool) -> None:
    arrays = still(25.0, 460.0) | (light(25.0, duration_s=460.0) if has_light else {})
    rows = rows_of(estimated(arrays), "sleep_stage")
    assert [row.time_s for row in rows] == [30.0 * (epoch + 1) for epoch in range(15)]
    # Asleep without a heart rate has no stage. Light is not trusted at once: epochs begin some seconds late.
    assert {row.value for row in rows} <= ({0.0, 1.0, 2.0} if has_light else {0.0, 3.0})
