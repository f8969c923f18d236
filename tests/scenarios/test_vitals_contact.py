"""A band that is loose, or off: optical readings are withheld with the cause, and no valid value is false."""

import pytest

from device.bands import scenario_life
from vitalband import Cause, Contact, EventKind, Validity

OPTICAL = ("heart_rate_bpm", "respiratory_rate_bpm", "spo2_percent")
TEMPERATURES = ("skin_temperature_c", "core_temperature_estimate_c")
TURN_S = 8.0
"""Two steps of 2 s turn the contact; the change itself may fall within a third and samples come late."""


@pytest.fixture(scope="module")
def weak():
    return scenario_life("weak_contact")


@pytest.fixture(scope="module")
def off():
    return scenario_life("taken_off")


@pytest.fixture(scope="module")
def facing():
    return scenario_life("facing_a_wall")


def causes(life, names, start_s, end_s):
    return {moment.update[name].cause for moment in life.between(start_s, end_s) for name in names}


def test_a_loose_strap_is_weak_contact(weak):
    assert {m.update.contact for m in weak.between(60.0, 119.0)} == {Contact.ON_WRIST}
    assert {m.update.contact for m in weak.between(300.0 + TURN_S, 420.0)} == {Contact.ON_WRIST}
    loose = [m.update.contact for m in weak.between(120.0 + TURN_S, 299.0)]
    # The wearer also moves: a slow shift of the band is as smooth as a pulse, and passes for contact. How
    # often is the luck of a seed: six of them gave 72 to 91 % weak.
    assert loose.count(Contact.WEAK) > 2 / 3 * len(loose)
    assert set(loose) == {Contact.WEAK, Contact.ON_WRIST}


def test_weak_contact_withholds_every_optical_reading(weak):
    for moment in weak.moments:
        if moment.update.contact == Contact.WEAK:
            readings = [moment.update[name] for name in OPTICAL]
            assert all(reading.value is None and reading.cause == Cause.WEAK_SIGNAL for reading in readings)


def test_a_loose_strap_gives_no_breathing_and_no_oxygen(weak):
    # The window of breathing, 32 s, still holds good light at first.
    for moment in weak.between(120.0 + 32.0, 299.0):
        assert not moment.update["respiratory_rate_bpm"].is_valid
        assert not moment.update["spo2_percent"].is_valid


def test_a_band_taken_off_is_off_and_says_so(off):
    assert {m.update.contact for m in off.between(120.0 + TURN_S, 299.0)} == {Contact.OFF_WRIST}
    ((told_at_s, _),) = off.of_kind(EventKind.NOT_WORN)
    assert 120.0 <= told_at_s < 120.0 + TURN_S
    assert len(off.of_kind(EventKind.WORN)) == 2


def test_a_band_that_is_off_has_no_reading_of_a_wearer(off):
    names = (*OPTICAL, *TEMPERATURES, "sleep_stage")
    assert causes(off, names, 120.0 + TURN_S, 299.0) == {Cause.OFF_WRIST}
    for moment in off.between(120.0 + TURN_S, 299.0):
        assert all(moment.update[name].validity == Validity.UNKNOWN for name in names)
        assert all(moment.update[name].value is None for name in names)


def test_a_band_on_a_table_counts_no_steps(off):
    assert off.moments[-1].update["steps"].value == 0


@pytest.mark.parametrize("name", ["weak_contact", "taken_off"])
def test_no_valid_oxygen_is_made_of_a_shift_of_the_band(name):
    # Both colours jump alike when the band shifts, which the ratio reads as 75 to 80 %.
    life = scenario_life(name)
    values = [m.update["spo2_percent"].value for m in life.moments if m.update["spo2_percent"].is_valid]
    assert values
    assert min(values) > 97.0 - 3.2


@pytest.mark.parametrize("name", ["weak_contact", "taken_off"])
def test_no_valid_heart_rate_is_made_of_a_shift_of_the_band(name):
    life = scenario_life(name)
    for moment in life.moments:
        reading, true = moment.update["heart_rate_bpm"], moment.truth.heart_rate_bpm
        if reading.is_valid and true is not None:
            # Three times the error with free arms: single windows err more than their mean.
            assert abs(reading.value - true) < 5.4


@pytest.mark.parametrize(("name", "end_s"), [("weak_contact", 420.0), ("taken_off", 420.0)])
def test_readings_come_back_with_the_contact(name, end_s):
    life = scenario_life(name)
    # The window of 8 s fills again from nothing.
    for reading in ("heart_rate_bpm", "spo2_percent"):
        assert life.coverage(reading, 300.0 + TURN_S + 12.0, end_s) > 0.9


def test_a_pad_that_warms_up_again_is_not_a_settled_temperature(off):
    warming = off.between(300.0 + TURN_S, 360.0)
    assert not any(moment.update["skin_temperature_c"].is_valid for moment in warming)
    assert {m.update["skin_temperature_c"].cause for m in warming} == {Cause.STARTING}


LAID_DOWN_S, TAKEN_UP_S = 180.0, 780.0
LEAST_STILL_S = 180.0
"""The pad cools within a minute of the model; stillness is asked for three."""


def test_a_band_that_faces_something_pale_is_off_once_its_pad_has_cooled_in_stillness(facing):
    before = facing.between(60.0, LAID_DOWN_S - 30.0)
    assert {m.update.contact for m in before} == {Contact.ON_WRIST}
    at_first = facing.between(LAID_DOWN_S + TURN_S, LAID_DOWN_S + LEAST_STILL_S - 30.0 - TURN_S)
    assert {m.update.contact for m in at_first} == {Contact.WEAK}
    cooled = facing.between(LAID_DOWN_S + LEAST_STILL_S + TURN_S, TAKEN_UP_S)
    assert {m.update.contact for m in cooled} == {Contact.OFF_WRIST}
    assert causes(
        facing, (*OPTICAL, *TEMPERATURES, "sleep_stage"), LAID_DOWN_S + 190.0, TAKEN_UP_S - 2.0
    ) == {Cause.OFF_WRIST}
    assert len(facing.of_kind(EventKind.NOT_WORN)) == 1


def test_no_reading_of_the_light_is_made_of_something_pale(facing):
    for moment in facing.between(LAID_DOWN_S + TURN_S, TAKEN_UP_S):
        assert not any(moment.update[name].is_valid for name in OPTICAL)


def test_it_is_worn_again_with_the_first_movement(facing):
    worn = facing.between(TAKEN_UP_S + 2 * TURN_S, 1019.0)
    assert {m.update.contact for m in worn} == {Contact.ON_WRIST}
    assert facing.coverage("heart_rate_bpm", TAKEN_UP_S + 60.0, 1019.0) > 0.5
