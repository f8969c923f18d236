"""The flash as the firmware has it, on both lanes: its bytes, its time, its failures, and power that goes."""

from contextlib import AbstractContextManager
from errno import EIO, EROFS
from pathlib import Path
from textwrap import dedent

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.nor_flash import SECTOR_BYTES, Cut, Erasure, erase_us, program_us, read_us
from bandsim.power_supply import RESTART_US, Outage
from bandsim.protocol import ExitReason
from bandsim.scenario import load_scenario
from bandsim.virtual_band import FLASH_KB, LEAST_FLASH_KB, BandSettings, VirtualBand
from boards import virtual
from journal.sectors import LEAST_SECTORS
from sim.helpers import FOREVER, Rig, rig
from vitalband.errors import LocalError

OPEN = """
from zephyr import FlashArea

area = FlashArea(*FlashArea.areas["journal"])
"""

APPEND = """
page = bytearray(64)
place = 0
while place < 4096:
    area.readblocks(0, page, place)
    if page == b"\\xff" * 64:
        break
    print("found", place, sum(page), page[0])
    place += 64
while place < 4096:
    for at in range(64):
        page[at] = place // 64
    area.writeblocks(0, page, place)
    print("wrote", place)
    place += 64
    time.sleep_ms(100)
"""
"""Appends entries of 64 bytes, one each 100 ms, behind those that it finds."""


def flash_rig(folder: Path, body: str) -> AbstractContextManager[Rig]:
    """A rig whose firmware has the flash as `area`, and waits when it is done."""
    return rig(folder, OPEN + dedent(body) + dedent(FOREVER))


def test_what_is_programmed_is_read_back_and_erased(tmp_path: Path) -> None:
    body = """
    back = bytearray(8)
    print(area.ioctl(4, 0), area.ioctl(5, 0))
    print(area.writeblocks(3, b"abcd", 4092), area.writeblocks(3, memoryview(b"xefghx")[1:5], 8))
    print(area.readblocks(3, memoryview(back)[:4], 4092), area.readblocks(3, memoryview(back)[4:], 8), back)
    print(area.ioctl(6, 3), area.readblocks(3, back, 4088), back)
    """
    with flash_rig(tmp_path, body) as band:
        band.run_ms(100)
        erased = "\\xff" * 8
        assert band.log == ["256 4096", "0 0", "0 0 bytearray(b'abcdefgh')", f"0 0 bytearray(b'{erased}')"]
        wear = band.conductor.flash.wear[3]
        assert (wear.programs, wear.programmed_bytes, wear.erases) == (2, 8, 1)


@pytest.mark.one_lane(reason="no firmware runs")
def test_the_least_flash_of_a_virtual_band_is_what_a_journal_wants() -> None:
    assert LEAST_FLASH_KB == LEAST_SECTORS * SECTOR_BYTES // 1024
    assert FLASH_KB == virtual.JOURNAL_SECTORS * SECTOR_BYTES // 1024
    with VirtualBand(load_scenario("rest"), BandSettings(flash_kb=LEAST_FLASH_KB)) as band:
        assert band.conductor.flash.sector_count == LEAST_SECTORS


@pytest.mark.one_lane(reason="no firmware runs")
def test_a_flash_that_was_kept_is_not_taken_for_one_of_another_size(tmp_path: Path) -> None:
    lane = LaneSettings(state_dir=tmp_path)
    with VirtualBand(load_scenario("rest"), BandSettings(lane=lane, flash_kb=64)):
        pass
    with pytest.raises(LocalError, match=r"flash\.bin: wanted 1048576 bytes of flash, found 65536"):
        VirtualBand(load_scenario("rest"), BandSettings(lane=lane))


def test_a_whole_block_without_an_offset_is_erased_first(tmp_path: Path) -> None:
    body = """
    for letter in b"ab":
        print(area.writeblocks(1, bytes((letter,)) * 4096))
    """
    with flash_rig(tmp_path, body) as band:
        band.run_ms(500)
        assert band.log == ["0", "0"]
        assert band.conductor.flash.read(1, 0, 4096) == b"b" * 4096


def test_an_operation_takes_the_time_of_a_flash(tmp_path: Path) -> None:
    body = """
    def timed(work):
        begun = time.ticks_us()
        work()
        print(time.ticks_us() - begun)

    timed(lambda: area.writeblocks(0, bytes(300), 200))
    timed(lambda: area.ioctl(6, 0))
    timed(lambda: area.readblocks(0, bytearray(100), 0))
    """
    with flash_rig(tmp_path, body) as band:
        band.run_ms(500)
        assert band.log == [str(program_us(200, 300)), str(erase_us()), str(read_us(100))]


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ("area.writeblocks(0, b'abc', 0)", "whole words"),
        ("area.writeblocks(0, bytes(8), 4092)", "within a sector"),
        ("area.writeblocks(0, bytes(4), 0), area.writeblocks(0, bytes(4), 0)", "programmed once"),
        ("area.ioctl(6, 256)", "sector of 0 to 255"),
    ],
)
def test_a_firmware_that_breaks_a_rule_of_the_flash_fails_the_run(
    tmp_path: Path, call: str, what: str
) -> None:
    with (
        flash_rig(tmp_path, f"{call}\nprint('went on')") as band,
        pytest.raises(FirmwareError, match=f"broke a rule of the flash: .*{what}"),
    ):
        band.run_ms(500)


def test_a_flash_that_fails_gives_the_number_of_the_error(tmp_path: Path) -> None:
    body = """
    page = bytearray(4)
    while True:
        print(area.writeblocks(0, b"abcd", 0), area.ioctl(6, 1), area.readblocks(0, page, 0))
        time.sleep_ms(1000)
    """
    with flash_rig(tmp_path, body) as band:
        flash = band.conductor.flash
        flash.is_read_only = True
        band.run_ms(500)
        flash.is_failing = True
        band.run_ms(1000)
        flash.is_failing = flash.is_read_only = False
        band.run_ms(1000)
        assert band.log == [f"-{EROFS} -{EROFS} 0", f"-{EIO} -{EIO} -{EIO}", "0 0 0"]


@pytest.mark.parametrize("outage_us", [None, 1_010_000])
def test_the_content_survives_what_ends_the_firmware(tmp_path: Path, outage_us: int | None) -> None:
    with flash_rig(tmp_path, APPEND) as band:
        band.run_ms(950)
        cause = None if outage_us else ExitReason.RESET
        band.conductor.power.plan(Outage(outage_us or band.conductor.now_us, cause=cause))
        band.run_ms(1000)
        reboot = band.log.index("booted on board virtual")
        wrote = [line.split()[1] for line in band.log[:reboot] if line.startswith("wrote")]
        found = [line.split()[1] for line in band.log[reboot:] if line.startswith("found")]
        assert len(wrote) >= 10
        assert found == wrote
        assert band.conductor.counters.restarts == 1


@pytest.mark.parametrize("prefix_bytes", [0, 1, 37, 64])
def test_power_that_goes_in_a_program_leaves_a_prefix_and_boots_later(
    tmp_path: Path, prefix_bytes: int
) -> None:
    with flash_rig(tmp_path, APPEND) as band:
        conductor = band.conductor
        conductor.power.off_us_at_flash_cut = 2_000_000
        conductor.flash.cut_at(3, Cut(prefix_bytes=prefix_bytes))
        band.run_ms(1000)
        assert not conductor.is_running
        assert [line for line in band.log if "wrote" in line] == ["wrote 0", "wrote 64"]
        assert conductor.flash.read(0, 128, 64) == b"\x02" * prefix_bytes + b"\xff" * (64 - prefix_bytes)
        band.run_ms(1500)
        assert conductor.is_running
        found = ["found 0 0 0", "found 64 64 1"]
        if prefix_bytes:
            found.append(f"found 128 {2 * prefix_bytes + 255 * (64 - prefix_bytes)} 2")
        assert [line for line in band.log if "found" in line] == found


def test_power_that_goes_in_an_erase_leaves_it_half_done(tmp_path: Path) -> None:
    body = """
    page = bytearray(4096)
    area.readblocks(0, page, 0)
    print(len(set(page)))
    if page[0] == 255:
        area.writeblocks(0, bytes(4096), 0)
        area.ioctl(6, 0)
    """
    with flash_rig(tmp_path, body) as band:
        band.conductor.flash.cut_at(2, Cut(erasure=Erasure.MIXED, seed=4))
        band.run_ms(1000)
        assert band.log[0] == "1"
        assert int(band.log[-1]) > 100


def test_a_loss_of_power_within_an_operation_tears_it(tmp_path: Path) -> None:
    body = """
    page = bytearray(4)
    area.readblocks(0, page, 0)
    if page[0] == 255:
        area.writeblocks(0, bytes(4096), 0)
    """
    with flash_rig(tmp_path, body) as band:
        duration_us = program_us(0, 4096)
        band.conductor.power.plan(Outage(duration_us // 4))
        band.run_ms(1000)
        # The read before it takes a little of the quarter.
        assert 950 < band.conductor.flash.image().count(0) < 1030


def test_a_reset_ends_the_firmware_but_not_what_the_flash_does(tmp_path: Path) -> None:
    body = """
    page = bytearray(4)
    area.readblocks(0, page, 0)
    if page[0] == 255:
        area.writeblocks(0, bytes(4096), 0)
        print("went on")
    """
    with flash_rig(tmp_path, body) as band:
        band.conductor.power.plan(Outage(program_us(0, 4096) // 4, cause=ExitReason.RESET))
        band.run_ms(1000)
        assert band.conductor.flash.image().count(0) == 4096
        assert "went on" not in band.log


def test_off_the_band_does_nothing_and_hears_nothing(tmp_path: Path) -> None:
    body = """
    print("booted", time.ticks_ms())
    heard = bytearray(9)
    while True:
        for _ in poll.ipoll(1000):
            print(bytes(heard[:uart.readinto(heard)]))
    """
    with rig(tmp_path, body) as band:
        band.conductor.power.plan(Outage(1_500_000, off_us=5_000_000))
        band.run_ms(2000)
        band.link.feed(b"lost")
        assert band.conductor.next_wake_us() == 6_500_000
        band.run_ms(4499)
        assert not band.conductor.is_running
        band.run_ms(1)
        band.link.feed(b"heard")
        band.run_ms(10)
        assert band.log == [
            "booted 0",
            "loses its power for 5000 ms",
            "booted on board virtual",
            "booted 0",
            "b'heard'",
        ]


def test_outages_while_it_is_off_are_one(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER) as band:
        for at_us in (1_000_000, 1_100_000, 1_000_000 + RESTART_US, 3_000_000):
            band.conductor.power.plan(Outage(at_us))
        band.run_ms(5000)
        assert band.conductor.counters.restarts == 2
