"""docs/conductor.md says what the conductor and the lanes do."""

import ast
import json
import re
from enum import IntEnum
from pathlib import Path

import pytest

from bandsim import protocol
from bandsim.chips.base import Nack
from bandsim.conductor import CLOCK_MHZ, MAX_IDLE_WAITS
from bandsim.console_server import ConsoleRequests
from bandsim.lane import ANSWER_TIMEOUT_S, SHIMS_DIR, Lane
from bandsim.link_port import TRANSMIT_BYTES
from bandsim.nor_flash import DEFAULT_SECTORS, PAGE_BYTES, PAGE_PROGRAM_US, SECTOR_BYTES, SECTOR_ERASE_US
from bandsim.power_supply import RESTART_US
from bandsim.protocol import ExitReason, Operation, RadioCall, RadioEvent, RadioSetting, ReplyFlag, Wake
from bandsim.scenario import load_scenario
from bandsim.virtual_band import VirtualBand

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "conductor.md").read_text(encoding="utf-8")


def rows_below(first: str) -> list[list[str]]:
    """The cells of the rows of the table whose heading begins so."""
    lines = iter(TEXT.splitlines())
    for line in lines:
        if line.startswith(f"| {first}"):
            break
    else:
        pytest.fail(f"no table begins with {first}")
    next(lines)
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def numbered(first: str) -> dict[str, int]:
    """Names and numbers of a table whose rows begin "NUMBER `NAME`"."""
    cells = [re.fullmatch(r"([0-9]+) `([A-Z_]+)`", row[0]) for row in rows_below(first)]
    return {cell[2]: int(cell[1]) for cell in cells if cell is not None}


def numbers_of(kind: type[IntEnum] | type[Wake] | type[ReplyFlag]) -> dict[str, int]:
    """Names and numbers of an enum."""
    return {name: int(member) for name, member in kind.__members__.items()}


def board_numbers() -> dict[str, int]:
    """Numbers of operations that the developer's board states, in C."""
    text = (ROOT / "firmware/ports/cortex_m4/dev/conductor.h").read_text(encoding="utf-8")
    return {name: int(number) for name, number in re.findall(r"CONDUCTOR_([A-Z_]+) = ([0-9]+)", text)}


def test_the_developers_board_uses_the_same_numbers() -> None:
    assert len(board_numbers()) > 5
    assert board_numbers().items() <= numbers_of(Operation).items()


def lane_constants(file: str = "channel.py") -> dict[str, int]:
    """Numbers that a file of the lanes states, of their end of the channel if none is named."""
    tree = ast.parse((SHIMS_DIR / file).read_text())
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and type(node.value.value) is int
    }


def test_every_operation_has_its_row_with_its_number():
    rows = {row[1].strip("`"): int(row[0]) for row in rows_below("number | operation")}
    assert rows == numbers_of(Operation)


def test_flags_reasons_and_sizes_are_those_of_the_protocol():
    assert numbered("ends a `WAIT` early") == numbers_of(Wake)
    assert numbered("flags of a reply") == numbers_of(ReplyFlag)
    assert numbered("unit of `RADIO_CALL`") == numbers_of(RadioCall)
    assert numbered("number of an event") | {"NONE": 0} == numbers_of(RadioEvent)
    reset = f"{ExitReason.RESET:d} reset, {ExitReason.WATCHDOG:d} watchdog"
    assert f"reason: {ExitReason.RETURNED:d} returned, {reset}" in TEXT
    assert f"why it boots: 0 switched on, {reset}" in TEXT
    assert f"This is version {protocol.PROTOCOL_VERSION}." in TEXT
    assert f"request: {protocol.REQUEST_BYTES} bytes `{protocol.REQUEST.format}`" in TEXT
    assert f"reply: {protocol.REPLY_BYTES} bytes `{protocol.REPLY.format}`" in TEXT
    assert f"for each task {protocol.COST_LINE.size} bytes `{protocol.COST_LINE.format}`" in TEXT
    assert f"{protocol.COST_WORDS.size // 4} words of 32 bits" in TEXT
    assert f"at most {protocol.MAX_PAYLOAD_BYTES} bytes" in TEXT
    assert f"`0x{protocol.NO_TICK:X}` for no time-out" in TEXT
    assert protocol.TICKS_MODULUS_MS == 1 << 30
    assert protocol.PIN_COUNT == protocol.FLAGS_SHIFT == 16


def test_limits_and_times_are_those_of_the_conductor():
    assert f"{RESTART_US // 1000} ms between a reset and" in TEXT
    assert f"no request for {ANSWER_TIMEOUT_S:g} s of wall time" in TEXT
    assert f"{MAX_IDLE_WAITS:,} `WAIT`s in a row" in TEXT
    assert f"transmit buffer of {TRANSMIT_BYTES} bytes" in TEXT
    assert f"ENODEV ({Nack('x').errno})" in TEXT
    assert f"cycles of {CLOCK_MHZ} MHz" in TEXT
    assert f"{DEFAULT_SECTORS} sectors of {SECTOR_BYTES} bytes" in TEXT
    assert f"{PAGE_PROGRAM_US} us for each page of {PAGE_BYTES} bytes" in TEXT
    assert f"an erase {SECTOR_ERASE_US // 1000} ms" in TEXT
    for method in (name for name in vars(Lane) if not name.startswith("_")):
        assert f"`{method}`" in TEXT


def test_the_lanes_state_the_same_numbers():
    lane = lane_constants()
    assert {name: lane[name] for name in Operation.__members__} == numbers_of(Operation)
    assert {name: lane[f"WAKE_{name}"] for name in Wake.__members__} == numbers_of(Wake)
    assert {name: lane[name] for name in ExitReason.__members__} == numbers_of(ExitReason)
    assert {name: lane[f"_{name}"] for name in ReplyFlag.__members__} == numbers_of(ReplyFlag)
    for name in ("PROTOCOL_VERSION", "NO_TICK"):
        assert lane[name] == getattr(protocol, name)
    for name in ("REQUEST_BYTES", "REPLY_BYTES", "MAX_PAYLOAD_BYTES"):
        assert lane[f"_{name}"] == getattr(protocol, name)


def test_the_lanes_state_the_same_numbers_of_the_radio():
    lane = lane_constants("bluetooth.py")
    assert {name: lane[f"_{name}"] for name in RadioCall.__members__} == numbers_of(RadioCall)
    told = {f"_IRQ_{name}": int(event) for name, event in RadioEvent.__members__.items()}
    assert {name: number for name, number in lane.items() if name.startswith("_IRQ")}.items() <= told.items()
    source = (SHIMS_DIR / "bluetooth.py").read_text()
    settings = {
        "mtu": RadioSetting.MTU,
        "addr_mode": RadioSetting.ADDRESS_MODE,
        "gap_name": RadioSetting.NAME,
        "bond": RadioSetting.BOND,
        "mitm": RadioSetting.MITM,
        "io": RadioSetting.IO,
        "le_secure": RadioSetting.LE_SECURE,
    }
    assert f"_SETTINGS = {json.dumps({name: int(number) for name, number in settings.items()})}" in source


def test_the_console_does_what_its_table_lists_and_nothing_else():
    listed = [name for row in rows_below("`do`") for name in re.findall(r"`([a-z_]+)`", row[0])]
    with VirtualBand(load_scenario("rest")) as band:
        refusal = json.loads(ConsoleRequests(band.console).answer(b"{}"))["error"]
    offered = re.search(r"one of ([a-z_, ]+)\}", refusal)
    assert offered is not None
    assert sorted(listed) == sorted(offered[1].split(", "))
