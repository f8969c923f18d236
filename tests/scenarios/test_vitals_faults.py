"""The chip failure scenario: two chips go, one after the other, and come back."""

import pytest

from device.bands import scenario_life
from vitalband import Cause, EventKind, Part

OPTICAL = ("heart_rate_bpm", "respiratory_rate_bpm", "spo2_percent")
READ_S = 4.0
"""A chip is read every 0.8 or 2 s, a reading is made every 2 s."""
BACK_OFF_S = 64.0
"""A missing chip is tried again after 60 s at the latest."""


@pytest.fixture(scope="module")
def life():
    return scenario_life("chip_failure")


def test_each_failure_is_told_once_with_the_part_and_so_is_its_end(life):
    faults = [(event.part, t_s) for t_s, event in life.of_kind(EventKind.FAULT)]
    ends = [(event.part, t_s) for t_s, event in life.of_kind(EventKind.RECOVERED)]
    assert [part for part, _ in faults] == [Part.OPTICAL, Part.THERMOMETER]
    assert [part for part, _ in ends] == [Part.OPTICAL, Part.THERMOMETER]
    assert 120.0 <= faults[0][1] < 120.0 + READ_S
    assert 270.0 <= faults[1][1] < 270.0 + READ_S
    assert 210.0 <= ends[0][1] < 210.0 + BACK_OFF_S
    assert 360.0 <= ends[1][1] < 360.0 + BACK_OFF_S


def test_readings_of_a_failed_chip_are_withheld_and_the_others_go_on(life):
    for moment in life.between(120.0 + READ_S, 209.0):
        assert {moment.update[name].cause for name in OPTICAL} == {Cause.SENSOR_FAULT}
        assert moment.update["steps"].is_valid
    for moment in life.between(275.0, 359.0):
        assert moment.update["skin_temperature_c"].cause == Cause.SENSOR_FAULT
        assert moment.update["steps"].is_valid
    assert life.coverage("heart_rate_bpm", 290.0, 359.0) > 0.95


def test_every_reading_is_back_at_the_end(life):
    assert all(
        life.moments[-1].update[name].is_valid for name in (*OPTICAL, "steps", "activity", "battery_percent")
    )
