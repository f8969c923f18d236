"""NEWS2 by its published table, and the state machine that raises, clears and faults."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitalband import (
    AlertLevel,
    Cause,
    Contact,
    EarlyWarning,
    EarlyWarningSettings,
    Reading,
    ReadingId,
    Stamp,
    Unit,
    Validity,
    VitalsUpdate,
    news2_score,
)
from vitalband.alerts.news2 import CUFF_FRESH_S, READING_OF, Parameter, score_parameter

STAMP = Stamp(1, 0, 0, None, None)
GOOD = {
    ReadingId.HEART_RATE_BPM: 70.0,
    ReadingId.RESPIRATORY_RATE_BPM: 15.0,
    ReadingId.SPO2_PERCENT: 97.0,
}
REQUIRED = set(EarlyWarningSettings().required)


def reading(reading_id, value, validity=Validity.VALID, cause=Cause.NONE):
    return Reading(reading_id, value, Unit.NONE, validity, 90, Contact.ON_WRIST, cause, STAMP)


def readings(values):
    return {reading_id: reading(reading_id, value) for reading_id, value in values.items()}


def update(values, invalid=None, contact=Contact.ON_WRIST, is_backfilled=False):
    items = readings(values)
    for reading_id, cause in (invalid or {}).items():
        items[reading_id] = reading(reading_id, None, Validity.UNKNOWN, cause)
    return VitalsUpdate(Stamp(1, 0, 0, None, None, is_backfilled), contact, items)


# Chart 1 of the report, as `vitalband.alerts.news2` says: the value on either side of every boundary.
BOUNDARIES = {
    Parameter.RESPIRATION_RATE: [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)],
    Parameter.SPO2: [(91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0)],
    Parameter.SYSTOLIC_PRESSURE: [
        (90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3),
    ],
    Parameter.PULSE: [
        (40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3),
    ],
    Parameter.TEMPERATURE: [
        (35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "value", "points"),
    [(parameter, *row) for parameter, rows in BOUNDARIES.items() for row in rows],
)
def test_every_boundary_of_the_table_scores_as_published(parameter, value, points):
    assert score_parameter(parameter, value) == points


@given(st.sampled_from(list(BOUNDARIES)), st.floats(min_value=0, max_value=300))
def test_every_value_scores_as_the_rounded_one_and_within_the_table(parameter, value):
    points = score_parameter(parameter, value)
    assert points in {points for _, points in BOUNDARIES[parameter]}
    digits = 10 if parameter is Parameter.TEMPERATURE else 1
    assert score_parameter(parameter, math.floor(value * digits + 0.5 + 1e-6) / digits) == points


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_lower_oxygen_never_scores_less(first, second):
    low, high = sorted((first / 10, second / 10))
    assert score_parameter(Parameter.SPO2, low) >= score_parameter(Parameter.SPO2, high)


@pytest.mark.parametrize(("value", "points"), [(91.4, 3), (91.5, 2), (95.5, 0), (95.4, 1), (40.5, 0)])
def test_tenths_round_half_up_to_the_charts_whole_units(value, points):
    parameter = Parameter.SPO2 if value > 50 else Parameter.PULSE
    assert score_parameter(parameter, value) == (points if parameter is Parameter.SPO2 else 1)


@pytest.mark.parametrize("parameter", [Parameter.CONSCIOUSNESS, Parameter.SUPPLEMENTAL_OXYGEN])
def test_what_is_not_measured_cannot_be_scored(parameter):
    with pytest.raises(ValueError, match=parameter.value):
        score_parameter(parameter, 1.0)


def test_nan_is_no_value():
    with pytest.raises(ValueError, match="nan"):
        score_parameter(Parameter.PULSE, math.nan)


def test_the_score_names_what_is_missing():
    score = news2_score(readings(GOOD))
    assert score.total == 0
    assert set(score.missing) == {
        Parameter.SUPPLEMENTAL_OXYGEN,
        Parameter.SYSTOLIC_PRESSURE,
        Parameter.CONSCIOUSNESS,
        Parameter.TEMPERATURE,
    }
    assert score.summary == "NEWS2 at least 0"
    assert score.missing_names == "air or oxygen, systolic pressure, consciousness, temperature"


def test_skin_temperature_is_never_scored_and_a_core_estimate_only_when_valid():
    skin = readings(GOOD | {ReadingId.SKIN_TEMPERATURE_C: 31.0})
    assert Parameter.TEMPERATURE in news2_score(skin).missing
    core = readings(GOOD | {ReadingId.CORE_TEMPERATURE_ESTIMATE_C: 39.4})
    assert news2_score(core).points[Parameter.TEMPERATURE] == 2
    doubtful = dict(core)
    doubtful[ReadingId.CORE_TEMPERATURE_ESTIMATE_C] = reading(
        ReadingId.CORE_TEMPERATURE_ESTIMATE_C, 39.4, Validity.LOW_QUALITY, Cause.LOW_CONFIDENCE
    )
    assert Parameter.TEMPERATURE in news2_score(doubtful).missing


@pytest.mark.parametrize(
    ("age_s", "is_scored"), [(0.0, True), (CUFF_FRESH_S, True), (CUFF_FRESH_S + 1, False)]
)
def test_blood_pressure_counts_only_from_a_fresh_cuff_reading(age_s, is_scored):
    values = readings(GOOD | {ReadingId.SYSTOLIC_MMHG: 95.0, ReadingId.CUFF_AGE_S: age_s})
    assert (Parameter.SYSTOLIC_PRESSURE in news2_score(values).points) is is_scored
    del values[ReadingId.CUFF_AGE_S]
    assert Parameter.SYSTOLIC_PRESSURE in news2_score(values).missing


@given(st.dictionaries(st.sampled_from(list(READING_OF.values())), st.integers(0, 2500), max_size=5))
def test_level_follows_total_and_single_threes(raw):
    values = readings({reading_id: value / 10 for reading_id, value in raw.items()})
    values[ReadingId.CUFF_AGE_S] = reading(ReadingId.CUFF_AGE_S, 0.0)
    score = news2_score(values)
    assert len(score.points) + len(score.missing) == len(Parameter)
    if score.total >= 7:
        assert score.level is AlertLevel.ALARM
    elif score.total >= 5 or 3 in score.points.values():
        assert score.level is AlertLevel.WARNING
    else:
        assert score.level is (AlertLevel.WATCH if score.total else AlertLevel.CLEAR)


LOW_OXYGEN = GOOD | {ReadingId.SPO2_PERCENT: 90.0}
VERY_ILL = {
    ReadingId.HEART_RATE_BPM: 135.0,
    ReadingId.RESPIRATORY_RATE_BPM: 27.0,
    ReadingId.SPO2_PERCENT: 88.0,
}


def feed(warning, item, start_s, stop_s):
    """Feed the same update every 2 s; gives the alerts as (second, level, cause)."""
    alerts = []
    for second in range(start_s, stop_s, 2):
        alert = warning.feed(item, second * 1000)
        if alert is not None:
            alerts.append((second, alert.level, alert.cause))
    return alerts


def test_a_level_is_raised_after_its_hold_time_and_not_before():
    warning = EarlyWarning()
    assert feed(warning, update(GOOD), 0, 60) == []
    assert feed(warning, update(LOW_OXYGEN), 60, 80) == [(70, AlertLevel.WARNING, Cause.SCORE)]
    assert warning.current.reading_id is ReadingId.SPO2_PERCENT
    assert "(oxygen 3)" in warning.current.message


def test_a_short_dip_raises_nothing():
    warning = EarlyWarning()
    feed(warning, update(GOOD), 0, 20)
    assert feed(warning, update(VERY_ILL), 20, 28) == []
    assert feed(warning, update(GOOD), 28, 60) == []


def test_an_alarm_is_raised_only_when_alarm_held_all_the_while():
    warning = EarlyWarning()
    feed(warning, update(LOW_OXYGEN), 0, 8)
    assert feed(warning, update(VERY_ILL), 8, 12) == [(10, AlertLevel.WARNING, Cause.SCORE)]
    assert feed(warning, update(VERY_ILL), 12, 40) == [(22, AlertLevel.ALARM, Cause.SCORE)]


def test_an_alert_is_lowered_late():
    warning = EarlyWarning()
    feed(warning, update(VERY_ILL), 0, 20)
    assert warning.current.level is AlertLevel.ALARM
    assert feed(warning, update(GOOD), 20, 100) == [(80, AlertLevel.CLEAR, Cause.NONE)]


def test_an_alert_carries_the_score_of_the_level_that_it_gives():
    warning = EarlyWarning()
    feed(warning, update(VERY_ILL), 0, 20)
    watch = GOOD | {ReadingId.RESPIRATORY_RATE_BPM: 11.0}
    feed(warning, update(watch), 20, 60)
    assert feed(warning, update(GOOD), 60, 100) == [(80, AlertLevel.WATCH, Cause.SCORE)]
    assert warning.current.score.level is AlertLevel.WATCH
    assert "at least 1" in warning.current.message


@given(st.lists(st.sampled_from([GOOD, LOW_OXYGEN, VERY_ILL]), max_size=200))
def test_level_and_score_of_an_alert_always_agree(steps):
    warning = EarlyWarning(EarlyWarningSettings(raise_after_ms=4000, clear_after_ms=8000))
    for index, values in enumerate(steps):
        alert = warning.feed(update(values), index * 2000)
        assert alert is None or alert.level is alert.score.level


def test_off_wrist_is_a_fault_at_once_and_ends_only_with_full_readings():
    warning = EarlyWarning()
    feed(warning, update(GOOD), 0, 20)
    away = update({}, contact=Contact.OFF_WRIST)
    assert feed(warning, away, 20, 30) == [(20, AlertLevel.FAULT, Cause.OFF_WRIST)]
    starting = update({}, dict.fromkeys(GOOD, Cause.STARTING))
    assert feed(warning, starting, 30, 60) == []
    assert warning.current.level is AlertLevel.FAULT
    assert feed(warning, update(GOOD), 60, 80) == [(70, AlertLevel.CLEAR, Cause.NONE)]


def test_a_required_reading_that_stays_invalid_is_a_fault_with_its_cause():
    warning = EarlyWarning()
    item = update({ReadingId.HEART_RATE_BPM: 70.0}, {ReadingId.SPO2_PERCENT: Cause.WEAK_SIGNAL})
    alerts = feed(warning, item, 0, 100)
    assert alerts == [(60, AlertLevel.FAULT, Cause.WEAK_SIGNAL)]
    assert warning.current.reading_id is ReadingId.SPO2_PERCENT
    assert warning.current.message == "FAULT: not watching, oxygen unknown (weak signal)"


@pytest.mark.parametrize(
    ("validity", "cause"), [(Validity.STALE, Cause.STALE), (Validity.LOW_QUALITY, Cause.LOW_CONFIDENCE)]
)
def test_a_fault_has_a_cause_even_when_the_reading_names_none(validity, cause):
    warning, item = EarlyWarning(), update(GOOD)
    item.readings[ReadingId.SPO2_PERCENT] = reading(ReadingId.SPO2_PERCENT, 97.0, validity)
    assert feed(warning, item, 0, 100) == [(60, AlertLevel.FAULT, cause)]


def test_a_required_reading_that_is_not_sent_is_stale():
    warning = EarlyWarning()
    assert feed(warning, update({ReadingId.SPO2_PERCENT: 97.0}), 0, 100) == [
        (60, AlertLevel.FAULT, Cause.STALE)
    ]
    assert warning.current.reading_id is ReadingId.HEART_RATE_BPM


FAST_BREATH = GOOD | {ReadingId.RESPIRATORY_RATE_BPM: 27.0}


def without(values, reading_id, cause):
    return update({one: value for one, value in values.items() if one is not reading_id}, {reading_id: cause})


def test_a_warning_whose_reading_goes_missing_becomes_a_fault_and_never_clear():
    warning = EarlyWarning()
    assert feed(warning, update(FAST_BREATH), 0, 20) == [(10, AlertLevel.WARNING, Cause.SCORE)]
    gone = without(GOOD, ReadingId.RESPIRATORY_RATE_BPM, Cause.MOTION)
    assert feed(warning, gone, 20, 3600) == [(80, AlertLevel.FAULT, Cause.MOTION)]
    assert warning.current.reading_id is ReadingId.RESPIRATORY_RATE_BPM
    assert feed(warning, update(GOOD), 3600, 3620) == [(3610, AlertLevel.CLEAR, Cause.NONE)]
    assert feed(warning, gone, 3620, 7200) == []


@pytest.mark.parametrize(
    ("values", "expected"), [(GOOD, [(92, AlertLevel.CLEAR, Cause.NONE)]), (FAST_BREATH, [])]
)
def test_a_flickering_reading_lowers_the_level_only_when_it_is_seen_well(values, expected):
    warning, alerts = EarlyWarning(), []
    feed(warning, update(FAST_BREATH), 0, 20)
    gone = without(GOOD, ReadingId.RESPIRATORY_RATE_BPM, Cause.MOTION)
    for start_s in range(20, 200, 18):
        alerts += feed(warning, update(values), start_s, start_s + 2)
        alerts += feed(warning, gone, start_s + 2, start_s + 18)
    assert alerts == expected


def test_a_cuff_reading_that_raised_a_level_and_grew_old_is_a_stale_fault():
    warning = EarlyWarning()
    low = GOOD | {ReadingId.SYSTOLIC_MMHG: 88.0}
    feed(warning, update(low | {ReadingId.CUFF_AGE_S: 0.0}), 0, 20)
    assert warning.current.level is AlertLevel.WARNING
    old = update(low | {ReadingId.CUFF_AGE_S: CUFF_FRESH_S + 1})
    assert feed(warning, old, 20, 200) == [(80, AlertLevel.FAULT, Cause.STALE)]
    assert warning.current.reading_id is ReadingId.SYSTOLIC_MMHG


FAST = EarlyWarningSettings(raise_after_ms=4000, clear_after_ms=8000, fault_after_ms=16000)
SIGHTS = {
    ReadingId.HEART_RATE_BPM: (70.0, 95.0, 135.0, None),
    ReadingId.RESPIRATORY_RATE_BPM: (15.0, 22.0, 27.0, None),
    ReadingId.SPO2_PERCENT: (97.0, 94.0, 88.0, None),
    ReadingId.SYSTOLIC_MMHG: (120.0, 88.0, None),
}
SIGHT = st.fixed_dictionaries({one: st.sampled_from(values) for one, values in SIGHTS.items()})
STRETCHES = st.lists(st.tuples(SIGHT, st.integers(1, 12), st.sampled_from(["on", "on", "off", "lost"])))


def seen(values):
    known = {one: value for one, value in values.items() if value is not None}
    missing = dict.fromkeys(values.keys() - known.keys(), Cause.MOTION)
    return known | {ReadingId.CUFF_AGE_S: 0.0}, missing


@given(STRETCHES)
def test_no_level_is_lowered_while_a_reading_that_raised_it_is_unknown(stretches):
    warning = EarlyWarning(FAST)
    level, raised_by, now_ms = AlertLevel.CLEAR, set(), 0
    for values, count, state in stretches:
        known, missing = seen(values)
        for _ in range(count):
            now_ms += 2000
            contact = Contact.OFF_WRIST if state == "off" else Contact.ON_WRIST
            if state == "lost":
                alert = warning.lose_link(now_ms)
            else:
                alert = warning.feed(update(known, missing, contact), now_ms)
            if alert is None or alert.level is AlertLevel.FAULT:
                continue
            if alert.level < min(level, AlertLevel.WARNING):
                assert raised_by.isdisjoint(missing)
            level = alert.level
            raised_by = {READING_OF[parameter] for parameter, points in alert.score.points.items() if points}


@given(st.lists(st.tuples(SIGHT, st.integers(1, 12))), st.sampled_from(sorted(SIGHTS.keys() - REQUIRED)))
def test_a_reading_that_never_came_is_no_fault(stretches, absent):
    warning, now_ms = EarlyWarning(FAST), 0
    for values, count in stretches:
        known, missing = seen(values | {absent: None})
        for _ in range(count):
            now_ms += 2000
            alert = warning.feed(update(known, missing), now_ms)
            assert alert is None or alert.level is not AlertLevel.FAULT or alert.reading_id is not absent


def test_a_measured_warning_is_not_hidden_by_an_invalid_reading():
    warning = EarlyWarning()
    item = update({ReadingId.SPO2_PERCENT: 88.0}, {ReadingId.HEART_RATE_BPM: Cause.MOTION})
    assert feed(warning, item, 0, 200) == [(10, AlertLevel.WARNING, Cause.SCORE)]


def test_a_lost_link_and_silence_are_faults_with_their_own_cause():
    warning = EarlyWarning()
    feed(warning, update(GOOD), 0, 20)
    assert warning.poll(40_000) is None
    stale = warning.poll(48_000)
    assert (stale.level, stale.cause) == (AlertLevel.FAULT, Cause.STALE)
    assert warning.poll(60_000) is None
    lost = warning.lose_link(61_000)
    assert lost.cause is Cause.LINK_LOST
    assert warning.poll(200_000) is None  # the first cause stands


def test_a_fault_that_ends_in_illness_is_raised_and_not_cleared():
    warning = EarlyWarning()
    warning.lose_link(0)
    assert feed(warning, update(VERY_ILL), 10, 40) == [(20, AlertLevel.ALARM, Cause.SCORE)]


def test_repaired_history_raises_no_alert():
    warning = EarlyWarning()
    assert feed(warning, update(VERY_ILL, is_backfilled=True), 0, 100) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from([GOOD, LOW_OXYGEN, VERY_ILL, {}]),
            st.sampled_from([Contact.ON_WRIST, Contact.WEAK, Contact.OFF_WRIST]),
        ),
        max_size=200,
    )
)
def test_no_alert_repeats_itself_and_none_is_clear_while_off_the_wrist(steps):
    warning = EarlyWarning(EarlyWarningSettings(raise_after_ms=4000, clear_after_ms=8000))
    last = None
    for index, (values, contact) in enumerate(steps):
        missing = {reading_id: Cause.STARTING for reading_id in GOOD if reading_id not in values}
        alert = warning.feed(update(values, missing, contact), index * 2000)
        if alert is not None:
            key = (alert.level, alert.cause, alert.reading_id)
            assert key != last
            last = key
        if contact is Contact.OFF_WRIST:
            assert warning.current.level is AlertLevel.FAULT
