"""What the console does to the band, by its methods and by JSON, and that the band gets over it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EIO, EROFS, ETIMEDOUT
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bandsim.agreeing import AGREE_S
from bandsim.console import Console
from bandsim.console_server import ConsoleRequests
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from sim.helpers import write_firmware

LOOKS = """
    from zephyr import FlashArea
    area = FlashArea(*FlashArea.areas["journal"])
    button = Pin(0, Pin.IN, Pin.PULL_UP)
    button.irq(lambda pin: None)
    content = bytearray(1)
    entry = bytearray(4)
    place = 0
    while True:
        begun = time.ticks_ms()
        try:
            bus.readfrom_mem_into(0x57, 0xFF, content)
            bus_word = content[0]
        except OSError as error:
            bus_word = -error.errno
        flash_word = area.readblocks(0, entry, place)
        while flash_word == 0 and entry != b"\\xff" * 4:
            place += 4
            flash_word = area.readblocks(0, entry, place)
        if flash_word == 0:
            flash_word = area.writeblocks(0, b"abcd", place)
        print(begun, bus_word, flash_word, button.value())
        uart.write(b".")
        time.sleep_ms(time.ticks_diff(time.ticks_add(begun, 100), time.ticks_ms()))
"""
"""Ten times a second: reads a chip's identity, appends to the flash, looks at the button, says a byte."""

PART_ID = 0x15


@contextmanager
def looking_band(folder: Path) -> Iterator[VirtualBand]:
    """A band with that firmware, whose wearer's presses are over."""
    lane = LaneSettings(firmware_dir=write_firmware(folder, LOOKS), answer_timeout_s=20.0)
    with VirtualBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
        band.run_for(AGREE_S + 1)
        yield band


def ask(console: Console, **request: Any) -> dict[str, Any]:
    """The reply to a request."""
    return json.loads(ConsoleRequests(console).answer(json.dumps(request).encode()))


def looks_of(band: VirtualBand, seconds: float) -> list[list[int]]:
    """What the firmware says in the time to come: tick, bus, flash and button."""
    since_us = band.now_us
    band.run_for(seconds)
    lines = [line.text for line in band.console.log_lines if line.now_us > since_us]
    return [
        [int(word) for word in line.split()] for line in lines if line.count(" ") == 3 and "b" not in line
    ]


@pytest.mark.parametrize(
    ("request_", "column", "expected"),
    [
        ({"do": "stick_bus", "duration_ms": 450}, 1, -ETIMEDOUT),
        ({"do": "fail_chip", "name": "max30101"}, 1, -19),
        ({"do": "fail_flash", "duration_ms": 450}, 2, -EIO),
        ({"do": "protect_flash", "duration_ms": 450}, 2, -EROFS),
        ({"do": "press_button", "duration_ms": 450}, 3, 0),
        ({"do": "hold_button"}, 3, 0),
    ],
)
def test_a_fault_is_there_while_it_lasts(
    tmp_path: Path, request_: dict[str, Any], column: int, expected: int
) -> None:
    good = [PART_ID, 0, 1]
    ends = {
        "fail_chip": {"do": "restore_chip", "name": "max30101"},
        "hold_button": {"do": "let_button_go"},
    }
    with looking_band(tmp_path) as band:
        assert ask(band.console, **request_) == {"ok": True}
        during = looks_of(band, 0.4)
        assert during
        assert {words[column] for words in during} == {expected}
        if request_["do"] in ends:
            ask(band.console, **ends[request_["do"]])
        band.run_for(0.1)
        assert [words[1:] for words in looks_of(band, 1)] == [good] * 10


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("stick_bus", "release_bus"),
        ("fail_flash", "restore_flash"),
        ("stall_link", "resume_link"),
        ("cut_link", "mend_link"),
    ],
)
def test_what_lasts_for_good_is_ended_by_its_opposite(tmp_path: Path, begin: str, end: str) -> None:
    with looking_band(tmp_path) as band:
        band.link.take_output()
        ask(band.console, do=begin)
        faulty = looks_of(band, 5)
        came = len(band.link.take_output())
        assert len(faulty) >= 49
        assert came == (0 if "link" in begin else len(faulty))
        ask(band.console, do=end)
        band.run_for(0.1)
        assert [words[1:] for words in looks_of(band, 1)] == [[PART_ID, 0, 1]] * 10
        assert len(band.link.take_output()) >= 10


def test_a_held_bus_lets_a_transfer_take_so_long(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        ask(band.console, do="hold_bus", duration_ms=3000)
        ticks = [words[0] for words in looks_of(band, 5)]
        steps = [later - earlier for earlier, later in pairwise(ticks)]
        assert max(steps) == pytest.approx(3000, abs=100)
        assert sorted(steps)[-2] <= 101


def test_power_that_is_cut_takes_registers_and_comes_back(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        optical = band.console.bus.chip_named("max30101")
        optical.write(b"\x09\x03", band.now_us)
        assert ask(band.console, do="cut_power", off_ms=2000) == {"ok": True}
        band.run_for(1.9)
        state = ask(band.console, do="state")
        assert (state["is_running"], state["restarts"]) == (False, 1)
        ticks = [words[0] for words in looks_of(band, 1)]
        assert ticks[0] < 100
        optical.write(b"\x09", band.now_us)
        assert optical.read(1, band.now_us) == b"\0"


def test_power_goes_in_the_operation_of_the_flash_that_was_named(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        done = band.console.flash.operations
        reply = ask(band.console, do="cut_power_in_flash", operations=3, prefix_bytes=2, off_ms=1000)
        assert reply == {"ok": True}
        band.run_for(0.5)
        assert not band.conductor.is_running
        assert ask(band.console, do="state")["flash_operations"] == done + 3
        assert band.console.flash.read(0, 4 * (done + 2), 4) == b"ab\xff\xff"
        # The boot after it goes on behind what was torn.
        looks = looks_of(band, 2)
        assert {words[2] for words in looks} == {0}
        assert band.console.flash.read(0, 4 * (done + 3), 4) == b"abcd"


def test_a_restart_keeps_registers(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        optical = band.console.bus.chip_named("max30101")
        optical.write(b"\x09\x03", band.now_us)
        ask(band.console, do="restart")
        assert looks_of(band, 1)[0][0] < 100
        optical.write(b"\x09", band.now_us)
        assert optical.read(1, band.now_us) == b"\x03"


def test_the_clock_runs_too_fast_from_when_it_is_told(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        ask(band.console, do="set_clock_error", error_ppm=1000)
        band.run_for(90)
        ticks = band.conductor.clock.ticks_us(band.now_us)
        assert ticks - band.now_us == pytest.approx(90_000, abs=1)
        assert ask(band.console, do="state")["clock_error_ppm"] == 1000


def test_a_faulty_line_is_set_whole(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        ask(band.console, do="set_link_faults", drop_rate=0.5, most_bytes_per_s=10, delay_to_host_ms=5)
        faults = band.link.faults
        assert (faults.drop_rate, faults.most_bytes_per_s, faults.delay_to_host_ms) == (0.5, 10, 5)
        ask(band.console, do="set_link_faults", garble_rate=0.25, delay_to_band_ms=7)
        faults = band.link.faults
        assert (faults.drop_rate, faults.garble_rate, faults.delay_to_band_ms) == (0, 0.25, 7)
        assert faults.most_bytes_per_s is None


def test_the_cable_parts_after_so_many_bytes_and_is_mended(tmp_path: Path) -> None:
    with looking_band(tmp_path) as band:
        band.link.take_output()
        reply = ask(band.console, do="cut_link_after", byte_count=3, from_band=True, duration_ms=1000)
        assert reply == {"ok": True}
        band.run_for(0.95)
        assert len(band.link.take_output()) == 3
        assert ask(band.console, do="state")["is_link_cut"]
        band.run_for(1)
        assert len(band.link.take_output()) > 3


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({"do": "hold_bus"}, "wanted duration_ms, a whole number"),
        ({"do": "stall_link", "duration_ms": -1}, "wanted duration_ms, a whole number"),
        ({"do": "cut_link_after", "byte_count": 1}, "wanted from_band true or false"),
        ({"do": "set_clock_error", "error_ppm": "fast"}, "wanted error_ppm, a number"),
        ({"do": "fail_chip"}, "wanted name, a text"),
        ({"do": "fail_chip", "name": "bme280"}, "wanted a chip on the bus"),
        ({"do": "cut_power_in_flash", "erasure": "HALF"}, "HALF"),
        ({"do": "cut_power_in_flash", "operations": 0}, "wanted an operation after"),
    ],
)
def test_a_request_that_cannot_be_done_says_what_was_wanted(
    tmp_path: Path, request_: dict[str, Any], wanted: str
) -> None:
    with looking_band(tmp_path) as band:
        reply = ask(band.console, **request_)
        assert reply["ok"] is False
        assert wanted in reply["error"]
