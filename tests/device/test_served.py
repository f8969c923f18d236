"""`vitalband sim`: a band in a process of its own, its hosts, its console, and its end."""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from device.bands import play, rest_file
from device.commands import IN_A_TERMINAL, IN_THE_BACKGROUND
from vitalband import Band, HandshakeError, Outcome, TransportError
from vitalband.cli import app

pytestmark = pytest.mark.on_a_line(reason="a band that is served has a line")

PROCESS_LIMIT_S = 60
"""Wall-clock end of a process that hangs; no claim rests on it."""


class Command:
    """`vitalband` in a process whose temporary files are in a folder of their own."""

    def __init__(self, folder: Path, arguments: Sequence[str], *, ignores_interrupt: bool = False) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        program = IN_THE_BACKGROUND if ignores_interrupt else IN_A_TERMINAL
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """The next line of its output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def firmware(self) -> list[int]:
        """Processes that run a firmware whose state is among these temporary files."""
        found: list[int] = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    if str(self.temporary) in os.readlink(entry / "cwd"):
                        found.append(int(entry.name))
                except OSError:
                    continue  # it has ended, or belongs to somebody else
        return found

    def end(self, number: int) -> str:
        """Send a signal; gives what was said on stderr until the process ended."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PROCESS_LIMIT_S)
        return said


@contextmanager
def running(folder: Path, *arguments: str, ignores_interrupt: bool = False) -> Generator[Command, None, None]:
    """A command that is ended by force at the latest when the test ends."""
    command = Command(folder, arguments, ignores_interrupt=ignores_interrupt)
    with command.process:
        try:
            yield command
        finally:
            command.process.kill()


def scenario(folder: Path) -> str:
    """A scenario file of rest."""
    return rest_file(folder).removeprefix("sim:")


def model_by(url: str) -> str:
    """What another command says the band at a URL is."""
    result = CliRunner().invoke(app, ["info", url, "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["model"]


def ask(console: socket.socket, request: dict[str, object]) -> dict[str, object]:
    """One request to the test console and its reply."""
    console.sendall(json.dumps(request).encode() + b"\n")
    with console.makefile("rb") as lines:
        return json.loads(lines.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_band_served_on_a_serial_port_answers_and_leaves_nothing_behind(number, tmp_path):
    with running(tmp_path, "sim", scenario(tmp_path), "--pty", "--factor", "0") as command:
        port = command.line()
        assert port.startswith("serial:///dev/")
        assert model_by(port) == "Virtual band"
        assert len(command.firmware()) == 1
        said = command.end(number)
    assert command.process.returncode == 130
    assert "s of band life" in said
    assert "Traceback" not in said
    assert command.firmware() == []
    assert list(command.temporary.iterdir()) == []


def test_a_band_that_must_not_hear_the_interrupt_still_hears_the_end(tmp_path):
    arguments = ("sim", scenario(tmp_path), "--factor", "0")
    with running(tmp_path, *arguments, ignores_interrupt=True) as command:
        url = command.line()
        command.process.send_signal(signal.SIGINT)
        assert model_by(url) == "Virtual band"
        said = command.end(signal.SIGTERM)
    assert command.process.returncode == 130
    assert "Traceback" not in said
    assert list(command.temporary.iterdir()) == []


def test_a_stream_that_is_ended_ends_its_virtual_band_too(tmp_path, lane_kind):
    arguments = ("stream", rest_file(tmp_path), "--json", "--speed", "10")
    with running(tmp_path, *arguments) as command:
        assert "readings" in json.loads(command.line())
        (firmware,) = command.firmware()
        # A command takes the lane of the environment, which these tests rely on.
        assert ("qemu" in os.readlink(f"/proc/{firmware}/exe")) is (lane_kind == "m4")
        said = command.end(signal.SIGTERM)
    assert command.process.returncode == 130
    assert "Traceback" not in said
    assert command.firmware() == []
    assert list(command.temporary.iterdir()) == []


def test_a_host_beside_another_is_turned_away_and_one_that_vanished_makes_room(tmp_path):
    async def serial_number(url):
        async with Band.open(url, handshake_timeout_ms=2000) as band:
            return band.identity.serial

    async def beside_another(url):
        async with Band.open(url) as band, band.vitals() as vitals:
            await anext(vitals)
            with pytest.raises((HandshakeError, TransportError)):
                await serial_number(url)
            await anext(vitals)
            return band.identity.serial

    with running(tmp_path, "sim", scenario(tmp_path), "--factor", "0") as command:
        url = command.line()
        first = play(beside_another(url))
        host, _, port = url.removeprefix("socket://").rpartition(":")
        vanishing = socket.create_connection((host, int(port)))
        vanishing.sendall(b"\x01\x02\x00half a pack")
        # Closed with a reset, as by a machine that lost its power and came back.
        vanishing.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        vanishing.close()
        assert play(serial_number(url)) == first


def test_a_console_beside_the_host_works_while_the_host_listens(tmp_path):
    async def work(url, console):
        async with Band.open(url) as band, band.vitals() as vitals:
            await anext(vitals)
            before = ask(console, {"do": "state"})
            assert ask(console, {"do": "set_contact", "is_worn": False}) == {"ok": True}
            assert ask(console, {"do": "sing"})["ok"] is False
            await anext(vitals)
            return before, ask(console, {"do": "state"})

    arguments = ("sim", scenario(tmp_path), "--factor", "0", "--console", "127.0.0.1:0")
    with running(tmp_path, *arguments) as command:
        url = command.line()
        host, _, port = command.line().removeprefix("console ").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=PROCESS_LIMIT_S) as console:
            before, after = play(work(url, console))
    assert (before["is_worn"], after["is_worn"]) == (True, False)
    assert after["now_s"] > before["now_s"]


def test_a_log_of_the_bus_holds_every_transfer_from_the_first(tmp_path):
    log = tmp_path / "bus.txt"
    with running(tmp_path, "sim", scenario(tmp_path), "--factor", "0", "--bus-log", str(log)) as command:
        model_by(command.line())
        said = command.end(signal.SIGTERM)
    lines = log.read_text().splitlines()
    assert lines[:2] == ["0.000000 57 W ff R 15", "0.000097 57 W 09 87"]
    assert lines == sorted(lines, key=lambda line: float(line.split()[0]))
    assert "s of band life" in said


@pytest.mark.one_lane("what the run finds is compared elsewhere: this is about its way to a host")
def test_a_band_on_a_socket_tests_itself_once_its_button_is_pressed(tmp_path):
    async def work(url, console):
        async with Band.open(url) as band:
            async for item in band.run_self_test():
                if item.outcome == Outcome.WAITING:
                    await band.run_for(0.4)  # of this host's time: a page can be read in 4 s of the band's
                    ask(console, {"do": "press_button"})
            return item

    arguments = ("sim", scenario(tmp_path), "--factor", "10", "--console", "127.0.0.1:0")
    with running(tmp_path, *arguments) as command:
        url = command.line()
        host, _, port = command.line().removeprefix("console ").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=PROCESS_LIMIT_S) as console:
            last = play(work(url, console))
    assert (last.is_last, last.outcome) == (True, Outcome.PASSED)
