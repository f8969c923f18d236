"""The drivers do the same on the bus on both lanes: byte for byte, at the same microsecond."""

from errno import EIO

import pytest
from typer.testing import CliRunner

import start_traffic
from bandsim.bus import Transfer
from bandsim.bus_log import content_of, line_of
from bandsim.console import Console
from device.bands import Deed, live
from m4.tool_chain import need_image
from vitalband.cli import app


@pytest.fixture(autouse=True)
def _image() -> None:
    need_image()


def log_of(trace: list[Transfer]) -> list[str]:
    return [line_of(transfer) for transfer in trace]


def test_chips_are_found_lost_found_again_and_stopped_by_the_same_traffic_on_both_lanes() -> None:
    unix, image = (log_of(start_traffic.record(kind)[0]) for kind in ("unix", "m4"))
    assert sum(line.endswith("ENODEV") for line in unix) > 10
    assert image == unix


def log_of_a_life(url: str) -> list[str]:
    """The traffic while a host takes vital signs and every part of the bus has its trouble."""
    trace: list[Transfer] = []

    def keep(console: Console) -> None:
        console.bus.trace = trace

    deeds: list[Deed] = [
        (0.0, keep),
        (30.0, lambda console: console.fail_chip("max30101")),
        (40.0, lambda console: console.restore_chip("max30101")),
        (60.0, lambda console: console.bus.stick()),
        (65.0, lambda console: console.bus.release()),
        (80.0, lambda console: console.bus.stick(EIO)),
        (81.0, lambda console: console.bus.release()),
        (90.0, lambda console: console.set_contact(False)),
    ]
    live(url, 110.0, deeds)
    return log_of(trace)


def test_a_life_with_faults_makes_the_same_traffic_on_both_lanes() -> None:
    unix, image = log_of_a_life("sim:walk"), log_of_a_life("sim+m4:walk")
    refusals = {line.rpartition(" ")[2] for line in unix} & {"ENODEV", "EIO", "ETIMEDOUT"}
    assert refusals == {"ENODEV", "EIO", "ETIMEDOUT"}
    assert len(unix) > 500
    assert image == unix


def test_a_log_that_cannot_be_written_is_one_line(tmp_path) -> None:
    result = CliRunner().invoke(app, ["sim", "rest", "--bus-log", str(tmp_path / "no" / "bus.txt")])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: cannot use ")


def test_a_line_says_what_was_written_read_and_refused() -> None:
    moment = (1_000_002, 0x57)
    cases = {
        "W 09 87": Transfer(*moment, b"\x09\x87", 0, b""),
        "W ff R 15": Transfer(*moment, b"\xff", 1, b"\x15"),
        "R 00 01": Transfer(*moment, b"", 2, b"\x00\x01"),
        "W 09 EIO": Transfer(*moment, b"\x09", 0, EIO),
        "W ff R x3 EIO": Transfer(*moment, b"\xff", 3, EIO),
    }
    assert {content_of(transfer): transfer for transfer in cases.values()} == cases
    assert line_of(cases["W 09 87"]) == "1.000002 57 W 09 87"
