"""The battery runs low: the reading follows the gauge, and the band says so once."""

import pytest

from device.bands import live, rest_file, scenario_life
from vitalband import EventKind, Part


@pytest.fixture(scope="module")
def life():
    return scenario_life("battery_low")


def test_the_reading_follows_the_gauge(life):
    for moment in life.between(15.0, 1200.0):
        # Whole percent, read every 10 s, in which it falls by 0.08 %.
        assert abs(moment.update["battery_percent"].value - life.stimulus.battery(moment.t_s).percent) < 0.6


def test_low_battery_is_told_once_when_it_is_reached(life):
    ((told_at_s, event),) = life.of_kind(EventKind.BATTERY_LOW)
    assert event.part == Part.FUEL_GAUGE
    assert event.detail == 15
    assert life.stimulus.battery(told_at_s).percent == pytest.approx(15.5, abs=0.2)


def test_charging_is_told_and_its_end(tmp_path):
    charging = live(rest_file(tmp_path, head="[battery]\npercent = [40, 60]", duration_s=900), 120.0)
    assert len(charging.of_kind(EventKind.CHARGING)) == 1
    assert charging.of_kind(EventKind.BATTERY_LOW) == []
