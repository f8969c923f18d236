"""Any chip may be missing at the start, or fail in the middle: the band goes on, and says what it lacks."""

import itertools

import pytest

from device.bands import CHIPS, Life, kept_by_lane, live
from vitalband import Cause, EventKind, Part, Validity

pytestmark = pytest.mark.off_bluez(reason="chips fail, in lives of minutes of virtual time")

PART_OF = {
    "max30101": Part.OPTICAL,
    "lsm6dso": Part.MOTION,
    "tmp117": Part.THERMOMETER,
    "ssd1306": Part.DISPLAY,
    "max17048": Part.FUEL_GAUGE,
}
READINGS_OF = {
    # Without light nobody knows whether the thermometer touches skin.
    "max30101": (
        "heart_rate_bpm",
        "respiratory_rate_bpm",
        "spo2_percent",
        "skin_temperature_c",
        "core_temperature_estimate_c",
    ),
    "lsm6dso": ("steps", "activity", "sleep_stage"),
    "tmp117": ("skin_temperature_c",),
    "ssd1306": (),
    "max17048": ("battery_percent",),
}
STAYING = ("heart_rate_bpm", "spo2_percent", "skin_temperature_c", "steps", "activity", "battery_percent")
"""Readings that a wearer at rest has within 100 s."""

FAILS_S, RESTORED_S, END_S = 100.0, 130.0, 320.0
NOTICED_S = 12.0
"""The gauge is read every 10 s, everything else more often; a reading is made every 2 s."""
BACK_S = 90.0
"""A chip missing for 30 s is tried again within 32 s; windows and settling take a minute more at most."""


def restore(chip):
    return lambda console: console.restore_chip(chip)


def fail(chip):
    return lambda console: console.fail_chip(chip)


@kept_by_lane
def missing_at_start(chip: str) -> Life:
    # At 0 s, before the firmware's first look at the bus.
    return live("sim:rest", END_S, [(0.0, fail(chip)), (RESTORED_S, restore(chip))])


@kept_by_lane
def failing_in_the_middle(chip: str) -> Life:
    return live("sim:rest", END_S, [(FAILS_S, fail(chip)), (RESTORED_S, restore(chip))])


ON_BOTH_LANES = ("max30101", "ssd1306")
"""The chip that most depends on, and the one that nothing does: a life of the image takes seven seconds."""
CASES = [
    pytest.param(
        start,
        chip,
        id=f"{start.__name__}-{chip}",
        marks=() if chip in ON_BOTH_LANES else pytest.mark.one_lane(reason="two chips tell of the image"),
    )
    for start in (missing_at_start, failing_in_the_middle)
    for chip in CHIPS
    # Nobody can agree without a display: `firmware.app.test_question`.
    if (start, chip) != (missing_at_start, "ssd1306")
]
each_case = pytest.mark.parametrize(("start", "chip"), CASES, scope="module")
"""All claims of a case in a row, so that hardly any is lived through on two workers."""


@each_case
def test_the_fault_and_its_end_are_told_once_by_the_part(start, chip):
    life = start(chip)
    faults, ends = life.of_kind(EventKind.FAULT), life.of_kind(EventKind.RECOVERED)
    assert [event.part for _, event in faults] == [PART_OF[chip]]
    assert [event.part for _, event in ends] == [PART_OF[chip]]
    assert RESTORED_S < ends[0][0] < RESTORED_S + 64.0


@each_case
def test_what_the_chip_measures_is_withheld_for_its_fault(start, chip):
    moments = start(chip).between(FAILS_S + NOTICED_S, RESTORED_S)
    assert moments
    for moment in moments:
        for name in READINGS_OF[chip]:
            reading = moment.update[name]
            assert (reading.value, reading.validity, reading.cause) == (
                None,
                Validity.UNKNOWN,
                Cause.SENSOR_FAULT,
            )


@each_case
def test_every_other_reading_goes_on(start, chip):
    moments = start(chip).between(FAILS_S + NOTICED_S, RESTORED_S)
    for name in set(STAYING) - set(READINGS_OF[chip]):
        assert all(moment.update[name].is_valid for moment in moments), name


@each_case
def test_vitals_come_every_two_seconds_all_the_while(start, chip):
    times_s = [moment.t_s for moment in start(chip).moments]
    assert all(later - earlier < 2.2 for earlier, later in itertools.pairwise(times_s))
    assert times_s[0] < 10.0
    assert times_s[-1] > END_S - 2.2


@each_case
def test_all_readings_are_back_after_the_chip_is(start, chip):
    last = start(chip).moments[-1]
    assert last.t_s > RESTORED_S + BACK_S
    assert [name for name in STAYING if not last.update[name].is_valid] == []


@each_case
def test_nothing_is_lost_on_the_link_for_a_chip(start, chip):
    statistics = start(chip).statistics
    assert statistics.missing_frames == 0
    assert statistics.bad_packets == 0


def test_a_band_without_any_chip_still_answers_and_names_all_five():
    # The display goes once the wearer has agreed.
    deeds = [(6.0 if chip == "ssd1306" else 0.0, fail(chip)) for chip in CHIPS]
    life = live("sim:rest", 60.0, sorted(deeds, key=lambda deed: deed[0]))
    assert {event.part for _, event in life.of_kind(EventKind.FAULT)} == set(PART_OF.values())
    assert life.moments
    # The cuff needs no chip: it lacks the wearer's own reading only.
    cuff = {"systolic_mmhg", "diastolic_mmhg", "cuff_age_s"}
    for reading in life.moments[-1].update:
        wanted = Cause.NO_CUFF_READING if reading.name in cuff else Cause.SENSOR_FAULT
        assert (reading.value, reading.cause) == (None, wanted), reading.name


def test_a_stuck_bus_is_a_fault_of_every_chip_and_passes():
    life = live("sim:rest", 240.0, [(60.0, lambda c: c.bus.stick()), (80.0, lambda c: c.bus.release())])
    assert {event.part for _, event in life.of_kind(EventKind.FAULT)} == set(PART_OF.values())
    assert {event.part for _, event in life.of_kind(EventKind.RECOVERED)} == set(PART_OF.values())
    assert all(life.moments[-1].update[name].is_valid for name in STAYING)


def test_a_display_that_comes_back_shows_the_page_again():
    pictures = []

    def look(console):
        pictures.append(console.pixels().any())

    deeds = [
        (30.0, look),
        (31.0, fail("ssd1306")),
        (40.0, restore("ssd1306")),
        (40.1, look),
        (75.0, look),
    ]
    live("sim:rest", 76.0, deeds)
    assert pictures == [True, False, True]
