"""The firmware on a developer's board in real time: frames by the UART's socket, and the prompt beside it.

Nothing here is said of how long anything takes: whatever is waited for is waited for up to the hang limit.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bandschema.enums import ImageProfile
from bandsim.agreeing import AGREE_S
from bandsim.dev_board import BoardSettings
from bandsim.errors import FirmwareError
from bandsim.image_lane import VARIABLE_OF_PROFILE
from bandsim.live_board import LiveBoard
from bandsim.scenario import Scenario, load_scenario
from boards import board_named
from device.commands import IN_A_TERMINAL
from m4.boards import (
    HANG_LIMIT_S,
    ask,
    connect,
    firmware_rom,
    mpremote,
    read_until,
    take_prompt,
    worn_board,
)
from m4.tool_chain import need_image
from vitalband import Band, HandshakeError, LinkTimeoutError, VitalsUpdate
from vitalband.cli import app


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    need_image("dev")


def nobody_presses(folder: Path) -> Scenario:
    """Somebody sits still; the test presses the button."""
    path = folder / "still.toml"
    path.write_text('description = "Still."\nconsents = false\n[[segments]]\nduration_s = 7200\n')
    return load_scenario(str(path))


@pytest.fixture(scope="module")
def rom(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    # Of all the workers of this run.
    folder = tmp_path_factory.getbasetemp()
    return firmware_rom(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture
def board(rom: bytes, tmp_path: Path) -> Generator[LiveBoard, None, None]:
    with worn_board(nobody_presses(tmp_path), BoardSettings(rom=rom)) as board:
        yield board


def do(board: LiveBoard, deed: str) -> None:
    """Let the test console do something."""
    host, _, port = board.console_server.address.rpartition(":")
    with connect(f"socket://{host}:{port}") as console:
        console.sendall(json.dumps({"do": deed}).encode() + b"\n")
        assert json.loads(read_until(console, b"\n")) == {"ok": True}


def wait_for(is_so: Callable[[], bool], limit_s: float = HANG_LIMIT_S) -> None:
    """Wait until something is so; fails at the hang limit."""
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def wait_for_more_exchanges(board: LiveBoard) -> None:
    """Wait until the firmware has used pins and chips a few times from now on."""
    counters = board.band.conductor.counters
    enough = counters.exchanges + 5
    wait_for(lambda: counters.exchanges > enough)


async def opened(url: str) -> Band:
    """A session with the band, which may still be starting."""
    while True:
        band = Band.open(url)
        try:
            return await band.__aenter__()
        except (HandshakeError, LinkTimeoutError):
            continue


async def first_vitals(board: LiveBoard) -> VitalsUpdate:
    """The first update; the question is answered until there is one, since a press may come too early."""
    band = await opened(board.frames_url)
    try:
        assert band.identity.image_profile is ImageProfile.DEVELOPMENT
        async with band.vitals() as updates:
            update = asyncio.ensure_future(anext(updates))
            while not update.done():
                do(board, "agree")
                await asyncio.wait([update], timeout=AGREE_S + 4)
            item = await update
    finally:
        await band.close()
    assert isinstance(item, VitalsUpdate)
    return item


def play(board: LiveBoard) -> VitalsUpdate:
    """`first_vitals`, within the hang limit."""
    return asyncio.run(asyncio.wait_for(first_vitals(board), HANG_LIMIT_S))


def test_vitals_reach_the_sdk_with_the_heap_that_a_release_asks_for_and_nothing_the_prompt(
    rom: bytes, tmp_path: Path
) -> None:
    settings = BoardSettings(rom=rom, heap_bytes=board_named("virtual").INSTALLED_HEAP_BYTES)
    with worn_board(nobody_presses(tmp_path), settings) as board, connect(board.prompt_url) as prompt:
        update = play(board)
        prompt.setblocking(False)
        with pytest.raises(BlockingIOError):
            prompt.recv(1)
        assert board.band.link.counters.band_bytes == 0
    assert update["battery_percent"].value == pytest.approx(80, abs=1)


def test_no_byte_of_the_frames_uart_ends_the_firmware_and_ctrl_c_at_the_prompt_does(board: LiveBoard) -> None:
    wait_for_more_exchanges(board)
    with connect(board.frames_url) as frames:
        # The end of a packet at last: what the SDK sends first is not to be lost with this.
        frames.sendall(b"\x03\x04\x01\x02" * 2000 + b"\x03" * 2000 + b"\0")
        wait_for_more_exchanges(board)
    play(board)
    assert mpremote(board, "eval", "6 * 7").strip() == "42"
    counters = board.band.conductor.counters

    def is_at_rest() -> bool:
        before = counters.exchanges
        slept = mpremote(board, "resume", "exec", "import time; time.sleep(1); print('slept')")
        assert slept.strip() == "slept"
        return counters.exchanges == before

    # Each press that the hand still tries makes two; firmware that runs makes many a second.
    wait_for(is_at_rest, 3 * HANG_LIMIT_S)
    assert [line.text for line in board.band.conductor.log.lines] == ["booted on board virtual"]


def test_the_firmware_starts_anew_by_soft_reset_and_by_reset_and_its_files_stay(board: LiveBoard) -> None:
    wait_for_more_exchanges(board)
    with connect(board.prompt_url) as prompt:
        take_prompt(prompt)
        assert b"['handover.0', 'rom', 'state.0']" in ask(prompt, b"import os; sorted(os.listdir())")
        prompt.sendall(b"\x04")
        wait_for_more_exchanges(board)
        take_prompt(prompt)
        # Each boot writes its id into the slot that the one before did not write.
        assert b"['handover.0', 'rom', 'state.0', 'state.1']" in ask(
            prompt, b"import os; sorted(os.listdir())"
        )
        prompt.sendall(b"import machine; machine.reset()\r")
        wait_for_more_exchanges(board)
    log = board.band.conductor.log
    assert [line.text for line in log.lines] == ["booted on board virtual"] * 2


def test_a_pin_that_changes_calls_its_handler_and_an_output_is_driven(tmp_path: Path) -> None:
    program = (
        "from machine import I2C, Pin; seen = []; button = Pin(0, Pin.IN, Pin.PULL_UP);"
        "button.irq(lambda pin: seen.append(pin.value()), Pin.IRQ_FALLING | Pin.IRQ_RISING);"
        "motor = Pin(1, Pin.OUT, value=1); bus = I2C(0)"
    )
    with (
        worn_board(nobody_presses(tmp_path), BoardSettings()) as board,
        connect(board.prompt_url) as prompt,
    ):
        take_prompt(prompt)
        ask(prompt, program.encode())
        assert board.band.console.is_motor_on
        assert str(board.band.console.bus.scan()).encode() in ask(prompt, b"bus.scan()")
        do(board, "press_button")
        wait_for(lambda: b"[0, 1]" in ask(prompt, b"seen"))
        ask(prompt, b"button.irq(None); motor.value(0)")
        assert not board.band.console.is_motor_on
        do(board, "press_button")
        ask(prompt, b"import time; time.sleep_ms(400)")
        assert b"[0, 1]" in ask(prompt, b"seen")
        # A chip's own register by MicroPython's own class: the fuel gauge's version.
        assert b"b'\\x00\\x1" in ask(prompt, b"bus.readfrom_mem(0x36, 8, 2)")


def test_the_console_restarts_the_board_and_refuses_to_cut_a_cable_it_has_not(board: LiveBoard) -> None:
    wait_for_more_exchanges(board)
    host, _, port = board.console_server.address.rpartition(":")
    with connect(f"socket://{host}:{port}") as console:
        console.sendall(b'{"do": "cut_link"}\n{"do": "restart"}\n')
        assert b"a board's own UART" in read_until(console, b"\n")
        assert json.loads(read_until(console, b"\n")) == {"ok": True}
    wait_for_more_exchanges(board)
    assert mpremote(board, "eval", "6 * 7").strip() == "42"


def lose_emulator(scenario: Scenario) -> None:
    """Serve a board whose emulator is killed by somebody else."""
    with worn_board(scenario, BoardSettings()) as board:
        mpremote(board, "eval", "1")
        os.kill(board.emulator_pid, signal.SIGKILL)
        wait_for(lambda: not board.band.conductor.is_running)


def test_an_emulator_that_ends_is_told_with_its_signal(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match="killed by signal 9"):
        lose_emulator(nobody_presses(tmp_path))


def test_the_command_says_where_the_board_is_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    command = [sys.executable, "-c", IN_A_TERMINAL]
    arguments = ["board", "rest", "--bare", "--flash", str(flash), "--screen", str(tmp_path / "end.png")]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = dict(process.stdout.readline().split() for _ in range(3))
        assert sorted(urls) == ["console", "frames", "prompt"]
        with connect(urls["prompt"]) as prompt:
            take_prompt(prompt)
            ask(prompt, b"open('kept', 'w').close()")
        process.send_signal(signal.SIGINT)
        assert process.wait(HANG_LIMIT_S) == 130
    assert (tmp_path / "end.png").is_file()
    assert b"kept" in flash.read_bytes()


def test_a_missing_rom_or_image_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(app, ["board", "rest", "--rom", str(tmp_path / "none.romfs")])
    assert (result.exit_code, "`make bundle BOARD=virtual` makes one" in result.stderr) == (2, True)
    monkeypatch.setenv(VARIABLE_OF_PROFILE["dev"], os.devnull + "/none")
    result = CliRunner().invoke(app, ["board", "rest", "--bare"])
    assert (result.exit_code, "(VITALBAND_DEV_IMAGE), found none" in result.stderr) == (2, True)
