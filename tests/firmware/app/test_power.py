"""Battery: a reading, and events that do not flutter."""

import pytest

from bandschema.enums import EventKind, Part
from bandsim.stimulus import Battery
from bandwire.catalogue import INDEX_BATTERY_PERCENT


def battery(percent, rate=-2.0):
    return Battery(percent=percent, volts=3.7, charge_rate_percent_per_h=rate)


@pytest.fixture
def powered(rig):
    rig.connect()
    rig.agree()
    rig.run(11_000)
    return rig


def set_battery(rig, *values):
    rig.stimulus.battery_now = battery(*values)
    rig.run(20_000)


@pytest.mark.parametrize(("percent", "shown"), [(0.0, 0), (49.4, 49), (49.6, 50), (100.0, 100), (100.4, 100)])
def test_the_reading_is_the_gauges_charge_in_whole_percent(powered, percent, shown):
    set_battery(powered, percent)
    assert powered.core.table.raw(INDEX_BATTERY_PERCENT) == shown


def test_charging_is_told_at_its_begin_and_end(powered):
    set_battery(powered, 50.0, 20.0)
    assert powered.core.status.is_charging
    set_battery(powered, 51.0, 0.5)
    set_battery(powered, 51.0, -3.0)
    part = Part.FUEL_GAUGE
    assert powered.events(EventKind.CHARGING) == [(part, 50)]
    assert powered.events(EventKind.NOT_CHARGING) == [(part, 51)]


def test_a_low_battery_is_told_once_until_it_was_charged(powered):
    told = []
    for percent in (16.0, 15.0, 14.0, 16.0, 14.0, 21.0, 15.0):
        set_battery(powered, percent)
        told.append(powered.core.status.is_battery_low)
    assert told == [False, True, True, True, True, False, True]
    assert [percent for _, percent in powered.events(EventKind.BATTERY_LOW)] == [15, 15]
