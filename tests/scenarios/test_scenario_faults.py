"""Faults that a scenario file asks for come at their time and end by themselves."""

from errno import ETIMEDOUT
from pathlib import Path

import pytest

from bandsim.errors import ScenarioError
from bandsim.scenario import load_scenario
from bandsim.timeline import NEVER_US
from bandsim.virtual_band import VirtualBand

HEAD = 'description = "Faulty."\nconsents = false\n[[segments]]\nduration_s = 60\n'


def band_with(folder: Path, name: str, argument: int) -> VirtualBand:
    path = folder / "faulty.toml"
    path.write_text(f'{HEAD}[[actions]]\nat_s = 3\nname = "{name}"\nargument = {argument}\n')
    return VirtualBand(load_scenario(path))


def bus_times_out(band: VirtualBand) -> bool:
    bus = band.console.bus
    try:
        bus.write(bus.chip_named("tmp117").address, b"\x00", band.now_us)
    except OSError as error:
        return error.errno == ETIMEDOUT
    return False


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("stall_link", lambda band: band.link.is_stalled),
        ("stick_bus", bus_times_out),
        ("fail_flash", lambda band: band.conductor.flash.is_failing),
        ("protect_flash", lambda band: band.conductor.flash.is_read_only),
    ],
)
def test_a_fault_of_a_scenario_begins_at_its_time_and_ends_with_its_duration(tmp_path, name, is_so):
    with band_with(tmp_path, name, 2000) as band:
        timeline = band.conductor.timeline
        seen = []
        for now_us in (2_999_000, 3_001_000, 4_999_000, 5_001_000):
            timeline.advance_to(now_us)
            seen.append(bool(is_so(band)))
        assert seen == [False, True, True, False]


def test_a_scenario_holds_the_bus_cuts_the_power_and_sets_the_clock(tmp_path):
    with band_with(tmp_path, "hold_bus", 4000) as band:
        band.conductor.timeline.advance_to(3_000_000)
        assert band.console.bus.held_until_us == 7_000_000
    with band_with(tmp_path, "cut_power", 4000) as band:
        assert band.conductor.power.next_outage_us == NEVER_US
        band.conductor.timeline.advance_to(3_000_000)
        outage = band.conductor.power.begin()
        assert (outage.at_us, outage.off_us, outage.takes_power) == (3_000_000, 4_000_000, True)
    with band_with(tmp_path, "set_clock_error", -50) as band:
        band.conductor.timeline.advance_to(3_000_000)
        assert band.conductor.clock.error_ppm == -50


@pytest.mark.parametrize(
    ("name", "argument", "wanted"),
    [
        ("stall_link", 0, "a whole number from 1 to 3600000"),
        ("set_clock_error", 1001, "a whole number from -1000 to 1000"),
    ],
)
def test_an_argument_beyond_its_limits_is_refused(tmp_path, name, argument, wanted):
    with pytest.raises(ScenarioError, match=f"argument: wanted {wanted}, got {argument}"):
        band_with(tmp_path, name, argument)
