"""A band that finds its state, or what it kept of paired hosts, damaged says so as it starts, and once."""

from pathlib import Path

import pytest

from bandschema.codec import decode
from bandschema.enums import Part
from bandschema.records import LogLine
from bandsim.lane import LaneSettings
from bandsim.radio.air_band import AirBand
from bandsim.radio.band_radio import CANNOT_PAIR
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from device.hosts import journal_of

STATE = "one of two state slots was damaged"
BONDS = "a slot of paired hosts was damaged"
WRITTEN_S = 3.0
"""The keeper and the journal have written by then."""
BOOT = 1
PAIRS: frozenset[str] = frozenset()


def told(folder: Path, boot_id: int, refuses: frozenset[str]) -> list[tuple[str, int]]:
    """Lines for the engineer, with their parts, of a band with its files in that folder."""
    settings = BandSettings(lane=LaneSettings(state_dir=folder))
    with AirBand(load_scenario("rest"), settings, refuses=refuses) as band:
        band.run_for(WRITTEN_S)
        records = [decode(frame)[1] for frame in journal_of(band, boot_id).values()]
    return [(record.text, record.part) for record in records if isinstance(record, LogLine)]


@pytest.mark.parametrize("slots", [("bonds.0",), ("bonds.1",), ("bonds.0", "bonds.1")])
def test_damaged_bonds_are_told_by_the_start_that_finds_them_and_by_none_after_it(
    tmp_path: Path, slots: tuple[str, ...]
) -> None:
    for name in slots:
        (tmp_path / name).write_bytes(b"torn")
    assert told(tmp_path, BOOT, PAIRS) == [(BONDS, Part.STORAGE)]
    assert told(tmp_path, BOOT + 1, PAIRS) == []


def test_a_port_that_cannot_pair_tells_of_no_bonds_and_a_damaged_state_is_told_on_each(
    tmp_path: Path,
) -> None:
    (tmp_path / "state.1").write_bytes(b"torn")
    (tmp_path / "bonds.0").write_bytes(b"torn")
    assert told(tmp_path, BOOT, CANNOT_PAIR) == [(STATE, Part.STORAGE)]


def test_slots_that_are_not_there_yet_are_no_damage(tmp_path: Path) -> None:
    assert told(tmp_path, BOOT, PAIRS) == []
