"""Sleep stages, fed by updates and by epochs, and the scorer's integers against their oracle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandwire.catalogue import INDEX_SLEEP_STAGE
from bandwire.frames import (
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    NO_VALUE,
    SLEEP_STAGE_ASLEEP,
    SLEEP_STAGE_NREM,
    SLEEP_STAGE_REM,
    SLEEP_STAGE_WAKE,
    VALIDITY_UNKNOWN,
)
from dsp import fitted
from dsp.sleep import DELAY_EPOCHS, INPUT_COUNT, SleepScorer, activation_q10
from dsp.sleep_features import MISSING, SleepFeatures
from readings import ReadingTable
from vitalband.signal.integers import Integers
from vitalband.signal.sleep import FEATURE_LIMIT, Networks, Scorer, epochs_of, features_of
from vitalband.signal.sleep import activation_q10 as activation_of_oracle
from vitals.sleep import SleepVital

UPDATES_PER_EPOCH = 15
ASLEEP = (SLEEP_STAGE_NREM, SLEEP_STAGE_REM)
STILL_Q4, RESTLESS_Q4 = 0, 16 * 20
Night = tuple[Integers, Integers, Integers]


def table_of(name: str, kind: str) -> Integers:
    return np.frombuffer(getattr(fitted, name), kind).astype(np.int64)


ORACLE = Scorer(
    Networks(
        table_of("SLEEP_FIRST", "<i2").reshape(-1, INPUT_COUNT),
        table_of("SLEEP_FIRST_BIAS", "<i4"),
        table_of("SLEEP_SECOND", "<i2").reshape(-1, 3).T,
        table_of("SLEEP_SECOND_BIAS", "<i4"),
        fitted.SLEEP_SHIFT,
    ),
    fitted.SLEEP_REM_ABOVE_Q10,
    table_of("SLEEP_MOTION", "<i2"),
    fitted.SLEEP_MOTION_BIAS,
    fitted.SLEEP_MOTION_SHIFT,
)


def some_night(epochs: int, seed: int) -> Night:
    """A night of any kind: quiet and restless stretches, drifting heart rate, gaps of both, extremes."""
    random = np.random.default_rng(seed)
    activity = np.where(
        random.random(epochs) < 0.8, 0, random.integers(0, 1 << random.integers(5, 21), epochs)
    )
    rate = np.clip(900 + np.cumsum(random.normal(0, 20, epochs)), 1, 3840).astype(np.int64)
    if seed % 5 == 0:
        activity[: epochs // 3] = random.integers(0, 1 << 21, epochs // 3)
        rate[::7] = random.choice([1, 3840])
    spread = random.integers(0, 1 << random.integers(1, 12), epochs)
    activity[random.random(epochs) < 0.1] = MISSING
    rate[random.random(epochs) < random.choice([0.02, 0.5, 1.0])] = 0
    return activity.astype(np.int64), rate, spread.astype(np.int64)


def stages_by_band(night: Night) -> list[int]:
    """Stage of each epoch as the vital tells it, flushed at the end; -1 where it tells none."""
    table = ReadingTable()
    vital = SleepVital(table)
    told: list[int] = []
    for place, epoch in enumerate(zip(*(part.tolist() for part in night), strict=True)):
        vital.push_epoch(*epoch)
        if place >= DELAY_EPOCHS:
            told.append(table.raw(INDEX_SLEEP_STAGE))
    while vital.flush():
        told.append(table.raw(INDEX_SLEEP_STAGE))
    return [MISSING if stage == NO_VALUE else stage for stage in told]


@settings(deadline=None)
@given(st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_features_are_those_of_the_oracle(epochs: int, seed: int) -> None:
    night = some_night(epochs, seed)
    features = SleepFeatures()
    rows: list[list[int]] = []
    for epoch in zip(*(part.tolist() for part in night), strict=True):
        features.push(*epoch)
        rows.append(list(features.row))
    assert rows == features_of(*night).tolist()
    assert all(abs(value) <= FEATURE_LIMIT for row in rows for value in row)


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_stages_are_those_of_the_oracle(epochs: int, seed: int) -> None:
    night = some_night(epochs, seed)
    assert stages_by_band(night) == ORACLE.stages(*night).tolist()


@given(st.integers(-(1 << 20), 1 << 20))
def test_the_activation_is_its_oracle_and_close_to_tanh(value: int) -> None:
    assert activation_q10(value) == int(activation_of_oracle(np.array(value)))
    # The approximant departs from tanh by 0.024 at most, where the input is cut.
    assert abs(activation_q10(value) / 1024 - np.tanh(value / 1024)) < 0.026


def test_no_sum_of_a_unit_leaves_30_bits_whatever_the_inputs() -> None:
    nets = ORACLE.networks
    assert (np.abs(nets.first).sum(axis=1) * FEATURE_LIMIT + np.abs(nets.first_bias)).max() < 1 << 30
    assert (np.abs(nets.second).sum(axis=1) * 1024 + np.abs(nets.second_bias)).max() < 1 << 30
    assert np.abs(ORACLE.motion).sum() * FEATURE_LIMIT + abs(ORACLE.motion_bias) < 1 << 30


def sleep_for(vital: SleepVital, minutes: float, counts_q4: int, heart_rate_raw: int = NO_VALUE) -> None:
    for _ in range(round(30 * minutes)):
        vital.update(counts_q4, heart_rate_raw, True)


def test_sleep_is_unknown_before_its_delay_is_over() -> None:
    table = ReadingTable()
    vital = SleepVital(table)
    sleep_for(vital, 5, 0)
    assert table.validity(INDEX_SLEEP_STAGE) == VALIDITY_UNKNOWN
    assert table.cause(INDEX_SLEEP_STAGE) == CAUSE_STARTING
    sleep_for(vital, 0.5, 0)
    assert table.raw(INDEX_SLEEP_STAGE) != NO_VALUE


def test_movement_is_wake_and_long_stillness_is_sleep_told_five_minutes_later() -> None:
    table = ReadingTable()
    vital = SleepVital(table)
    sleep_for(vital, 20, RESTLESS_Q4, 700)
    assert table.raw(INDEX_SLEEP_STAGE) == SLEEP_STAGE_WAKE
    sleep_for(vital, 60, STILL_Q4, 550)
    assert table.raw(INDEX_SLEEP_STAGE) in ASLEEP
    assert table.quality(INDEX_SLEEP_STAGE) > 40
    sleep_for(vital, 2, RESTLESS_Q4, 700)
    assert table.raw(INDEX_SLEEP_STAGE) in ASLEEP
    sleep_for(vital, 5, RESTLESS_Q4, 700)
    assert table.raw(INDEX_SLEEP_STAGE) == SLEEP_STAGE_WAKE


def test_sleep_without_heart_rate_has_no_stage_and_is_trusted_less() -> None:
    with_rate, without_rate = ReadingTable(), ReadingTable()
    sleep_for(SleepVital(with_rate), 90, STILL_Q4, 550)
    sleep_for(SleepVital(without_rate), 90, STILL_Q4)
    assert without_rate.raw(INDEX_SLEEP_STAGE) == SLEEP_STAGE_ASLEEP
    assert with_rate.raw(INDEX_SLEEP_STAGE) in ASLEEP
    assert without_rate.quality(INDEX_SLEEP_STAGE) <= 50


@pytest.mark.parametrize("fault", ["contact", "movement"])
def test_an_epoch_of_which_nothing_was_told_is_unknown_never_asleep(fault: str) -> None:
    table = ReadingTable()
    vital = SleepVital(table)
    sleep_for(vital, 40, STILL_Q4, 550)
    for _ in range(UPDATES_PER_EPOCH):
        vital.update(STILL_Q4 if fault == "contact" else NO_VALUE, 550, fault != "contact")
    sleep_for(vital, 4.5, STILL_Q4, 550)
    assert table.raw(INDEX_SLEEP_STAGE) in ASLEEP
    sleep_for(vital, 0.5, STILL_Q4, 550)
    assert (table.raw(INDEX_SLEEP_STAGE), table.cause(INDEX_SLEEP_STAGE)) == (NO_VALUE, CAUSE_WEAK_SIGNAL)
    sleep_for(vital, 0.5, STILL_Q4, 550)
    assert table.raw(INDEX_SLEEP_STAGE) in ASLEEP


def test_a_moment_of_weak_contact_takes_no_epoch_away() -> None:
    table = ReadingTable()
    vital = SleepVital(table)
    sleep_for(vital, 40, STILL_Q4, 550)
    for update in range(UPDATES_PER_EPOCH):
        vital.update(STILL_Q4, NO_VALUE, update == 7)
    sleep_for(vital, 5, STILL_Q4, 550)
    assert table.raw(INDEX_SLEEP_STAGE) == SLEEP_STAGE_ASLEEP


def test_the_night_starts_when_its_wearer_lies_down() -> None:
    up, fresh = SleepFeatures(), SleepFeatures()
    for _ in range(200):
        up.push(RESTLESS_Q4, 1600, 40)
    for features in (up, fresh):
        for _ in range(200):
            features.push(STILL_Q4, 900, 20)
    # Ten minutes of being up are forgotten at a time, the last of them within ten minutes of lying down.
    assert 180 <= up.row[16] <= 219
    assert fresh.row[16] == 199


@given(st.integers(0, 2**32 - 1))
def test_updates_of_an_epoch_are_its_mean_and_deviation(seed: int) -> None:
    random = np.random.default_rng(seed)
    rates = random.integers(250, 2400, UPDATES_PER_EPOCH)
    pushed: list[tuple[int, int, int]] = []

    class Kept(SleepVital):
        def push_epoch(self, activity_q4: int, rate_q4: int, spread_q4: int) -> None:
            pushed.append((activity_q4, rate_q4, spread_q4))

    vital = Kept(ReadingTable())
    for rate in rates.tolist():
        vital.update(7, rate, True)
    activity_q4, rate_q4, spread_q4 = pushed[0]
    assert activity_q4 == 7 * UPDATES_PER_EPOCH
    assert abs(rate_q4 - 1.6 * rates.mean()) <= 1
    # A tenth and a sixteenth are each cut to whole ones.
    assert abs(spread_q4 - 1.6 * rates.std()) <= 2.6


def test_epochs_are_made_of_rows_of_counts_and_rates() -> None:
    counts = np.array([[0.0, 2.5], [15.0, 1.0], [61.0, 4.0]])
    rates = np.array([[1.0, 60.0], [6.0, 62.0], [35.0, 50.0]])
    activity_q4, rate_q4, spread_q4 = epochs_of(counts, rates, 3)
    assert activity_q4.tolist() == [56, MISSING, 64]
    assert rate_q4.tolist() == [976, 800, 0]
    assert spread_q4.tolist() == [16, 0, 0]


def test_the_scorer_waits_for_ten_epochs() -> None:
    scorer = SleepScorer()
    for _ in range(25):
        scorer.push(0, 900, 10)
        if scorer.waiting > DELAY_EPOCHS:
            scorer.decide()
    assert scorer.waiting == DELAY_EPOCHS
