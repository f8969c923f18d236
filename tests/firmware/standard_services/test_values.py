"""What the standard services tell is what the readings are, and of one that is not valid no number."""

import re
from array import array
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import Cause, Reading, Validity
from bandschema.readings import READINGS
from firmware.standard_services.states import (
    FED,
    INDEX,
    State,
    all_states,
    clock_at,
    contacts,
    put,
    table_of,
    valid,
)
from readings import ReadingTable
from standard_services import values
from standard_services.utc import UNKNOWN_DAY, UtcTime

DOCUMENT = (Path(__file__).parents[3] / "docs/standard_services.md").read_text(encoding="utf-8")
NOT_SET = UtcTime()
SFLOAT_NAN, FLOAT_NAN = b"\xff\x07", b"\xff\xff\x7f\x00"
AT = datetime(2026, 11, 30, 1, 30, 5)
NO_INTERVALS = array("i")


def packed(pack, *arguments, offset=3, room=24):
    """What a function writes; it touches nothing else."""
    buffer = bytearray(b"\xa5" * (offset + room + 3))
    length = pack(buffer, offset, *arguments)
    assert buffer[:offset] + buffer[offset + length :] == b"\xa5" * (len(buffer) - length)
    return bytes(buffer[offset : offset + length])


def heart_rate(table, intervals_q8=NO_INTERVALS, room=20):
    return packed(
        lambda buffer, offset: values.heart_rate_measurement_into(
            buffer, offset, room, table, intervals_q8, len(intervals_q8)
        ),
        room=room,
    )


def worked(name):
    """The bytes that the document works out by hand for a characteristic."""
    [found] = re.findall(rf"^\| {name} \|.*\| `([0-9a-f ]+)` \|$", DOCUMENT, re.MULTILINE)
    return bytes.fromhex(found)


def test_the_values_that_the_document_works_by_hand_are_packed():
    rate = table_of(valid(heart_rate_bpm=725, pulse_interval_ms=836, spo2_percent=974))
    assert heart_rate(rate, array("i", [5331, 5376])) == worked("0x2A37")
    assert packed(values.plx_continuous_measurement_into, rate) == worked("0x2A5F")
    skin = table_of(valid(skin_temperature_c=3315))
    assert packed(values.temperature_measurement_into, skin, NOT_SET, 0) == worked("0x2A1C")
    cuff = table_of(valid(systolic_mmhg=120, diastolic_mmhg=80, cuff_age_s=3600))
    clock = clock_at(AT + timedelta(hours=1), 40)
    assert packed(values.blood_pressure_measurement_into, cuff, clock, 40) == worked("0x2A35")
    assert packed(values.battery_level_into, table_of(valid(battery_percent=87))) == worked("0x2A19")
    assert packed(clock.current_time_into, 40 - 3600) == worked("0x2A2B")
    assert worked("0x2A38") == values.BODY_SENSOR_LOCATION
    assert worked("0x2A60") == values.PLX_FEATURES
    assert worked("0x2A49") == values.BLOOD_PRESSURE_FEATURE
    assert worked("0x2A0F") == values.LOCAL_TIME_INFORMATION


@pytest.mark.parametrize("validity", [each for each in Validity if each != Validity.VALID])
@pytest.mark.parametrize("cause", Cause)
def test_whatever_makes_a_reading_invalid_nothing_of_it_is_a_number(validity, cause):
    # Of a best value below the gate the table has the number, and it must not be told either.
    bad = {spec.reading: State(validity, spec.maximum, cause) for spec in READINGS}
    table, clock = table_of(bad), clock_at(AT, 0)
    assert heart_rate(table, array("i", [5000])) == b""
    assert packed(values.battery_level_into, table) == b""
    assert packed(values.temperature_measurement_into, table, NOT_SET, 0) == b"\x00" + FLOAT_NAN
    assert packed(values.temperature_measurement_into, table, clock, 0)[:5] == b"\x02" + FLOAT_NAN
    assert packed(values.plx_continuous_measurement_into, table)[:5] == b"\x0c" + 2 * SFLOAT_NAN
    assert packed(values.blood_pressure_measurement_into, table, clock, 0) == b"\x00" + 3 * SFLOAT_NAN


@pytest.mark.parametrize("reading", FED)
@pytest.mark.parametrize("validity", [each for each in Validity if each != Validity.VALID])
def test_one_invalid_reading_takes_no_other_with_it(reading, validity):
    states = {spec.reading: State(Validity.VALID, spec.minimum, Cause.NONE) for spec in READINGS}
    table = table_of(states)
    put(table, reading, State(validity, states[reading].raw, Cause.MOTION))
    oxygen = packed(values.plx_continuous_measurement_into, table)
    assert (oxygen[1:3] == SFLOAT_NAN) == (reading == Reading.SPO2_PERCENT)
    assert (oxygen[3:5] == SFLOAT_NAN) == (reading == Reading.HEART_RATE_BPM)
    cuff = packed(values.blood_pressure_measurement_into, table, clock_at(AT, 0), 0)
    has_age = reading != Reading.CUFF_AGE_S
    assert (cuff[1:3] != SFLOAT_NAN) == (has_age and reading != Reading.SYSTOLIC_MMHG)
    assert (cuff[3:5] != SFLOAT_NAN) == (has_age and reading != Reading.DIASTOLIC_MMHG)
    rate = heart_rate(table, array("i", [5000]))
    assert len(rate) == {Reading.HEART_RATE_BPM: 0, Reading.PULSE_INTERVAL_MS: 2}.get(reading, 4)


def test_a_cuff_reading_whose_time_cannot_be_told_is_not_told():
    cuff = table_of(valid(systolic_mmhg=120, diastolic_mmhg=80, cuff_age_s=60))
    assert packed(values.blood_pressure_measurement_into, cuff, NOT_SET, 0) == b"\x00" + 3 * SFLOAT_NAN
    early = clock_at(datetime(2000, 1, 1, 0, 0, 59), 0)
    assert packed(values.blood_pressure_measurement_into, cuff, early, 0) == b"\x00" + 3 * SFLOAT_NAN
    assert packed(values.blood_pressure_measurement_into, cuff, early, 1)[7:9] == b"\xd0\x07"


intervals = st.lists(st.integers(1, 12_800), max_size=16).map(lambda found: array("i", found))


@given(all_states, contacts, intervals, st.integers(2, 60))
def test_a_heart_rate_holds_the_oldest_intervals_that_fit_to_a_half_of_their_unit(
    states, contact, beats, room
):
    value = heart_rate(table_of(states, contact), beats, room)
    told = [int.from_bytes(value[at : at + 2], "little") for at in range(2, len(value), 2)]
    assert bool(value) == (states[Reading.HEART_RATE_BPM].valid is not None)
    if not value or states[Reading.PULSE_INTERVAL_MS].valid is None:
        assert told == []
    else:
        assert len(told) == values.intervals_in(len(value)) == min(len(beats), (room - 2) // 2)
    for found, beat_q8 in zip(told, beats, strict=False):
        assert abs(found - Fraction(beat_q8, 256) * Fraction(1, 25) * 1024) <= Fraction(1, 2)
    if value:
        assert abs(value[1] - Fraction(states[Reading.HEART_RATE_BPM].raw, 10)) <= Fraction(1, 2)
        assert value[0] & 0x10 == (0x10 if told else 0)


def test_no_reading_is_too_large_for_its_field():
    largest = {spec.reading: spec.maximum * spec.scale for spec in READINGS}
    assert largest[Reading.HEART_RATE_BPM] <= 255
    # 0x7FE and 0x7FF, and by their sign 0x800 to 0x802, are no numbers.
    for reading in (Reading.SPO2_PERCENT, Reading.SYSTOLIC_MMHG, Reading.DIASTOLIC_MMHG):
        assert READINGS[INDEX[reading]].minimum >= 0
        assert largest[reading] <= 0x7FD
    assert READINGS[INDEX[Reading.SKIN_TEMPERATURE_C]].maximum < 1 << 16


@given(all_states, contacts)
def test_the_oximeter_sets_no_status_bit_that_its_features_do_not_announce(states, contact):
    value = packed(values.plx_continuous_measurement_into, table_of(states, contact))
    announced = values.PLX_FEATURES[2:]
    assert all(bits & ~known == 0 for bits, known in zip(value[5:], announced, strict=True))
    is_told = states[Reading.SPO2_PERCENT].valid is not None
    assert any(value[5:]) == (not is_told)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(moments, st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_times_are_those_of_the_calendar_or_not_known(moment, told_s, later_s):
    clock = clock_at(moment, told_s)
    wanted = moment + timedelta(seconds=later_s)
    if not 2000 <= wanted.year <= 2099:
        assert clock.day_at(told_s + later_s) == UNKNOWN_DAY
        assert packed(clock.current_time_into, told_s + later_s) == b""
        return
    value = packed(clock.current_time_into, told_s + later_s)
    year = int.from_bytes(value[:2], "little")
    assert datetime(year, *value[2:7]) == wanted
    assert value[7:] == bytes([wanted.isoweekday(), 0, 0x02])
    assert packed(clock.date_time_into, told_s + later_s) == value[:7]


def test_a_host_without_a_clock_leaves_the_time_unknown_and_one_with_a_clock_sets_it():
    clock = UtcTime()
    assert packed(clock.current_time_into, 5) == b""
    clock.set(0, 5)
    assert packed(clock.current_time_into, 5) == b""
    clock.set(1_796_000_000, 5)
    assert packed(clock.current_time_into, 5) != b""


def test_a_table_that_was_never_written_tells_nothing():
    table = ReadingTable()
    assert heart_rate(table) == b""
    assert packed(values.plx_continuous_measurement_into, table)[1:5] == 2 * SFLOAT_NAN
