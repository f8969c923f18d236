"""Emulated boards of developers, the real mpremote against them, and the firmware to put on them."""

import fcntl
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bandsim.dev_board import BoardSettings, DevBoard
from bandsim.live_board import LiveBoard
from bandsim.scenario import Scenario
from firmware_bundle import RELEASE_NAME, ROMFS_NAME, build_bundle
from m4.tool_chain import need_mpy_cross

HANG_LIMIT_S = 60
"""Wall-clock end of a command that hangs; no claim rests on it."""


def mpremote(board: DevBoard | LiveBoard, *arguments: str) -> str:
    """What `mpremote` prints when it is connected to the board's prompt; a failure fails the test."""
    command = [sys.executable, "-m", "mpremote", "connect", board.prompt_url, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=HANG_LIMIT_S, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def connect(url: str) -> socket.socket:
    """A connection to one of a board's UARTs."""
    host, _, port = url.removeprefix("socket://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=HANG_LIMIT_S)


def read_until(host: socket.socket, end: bytes) -> bytes:
    """All that comes up to `end`; a host that waits in vain fails by its time-out."""
    text = b""
    while not text.endswith(end):
        part = host.recv(1)
        assert part, text
        text += part
    return text


def take_prompt(prompt: socket.socket) -> None:
    """End a program, and the raw prompt that another host may have left."""
    prompt.sendall(b"\r\x03\x02print(40 + 2, 'ready')\r")
    read_until(prompt, b"42 ready\r\n>>> ")


def ask(prompt: socket.socket, line: bytes) -> bytes:
    """What the prompt says to a line or to control characters, from the echo on."""
    prompt.sendall(line if line[-1] < 32 else line + b"\r")
    return read_until(prompt, b">>> ")


def firmware_rom(folder: Path) -> bytes:
    """This checkout's firmware for the emulated board as a ROMFS image, made once in a folder."""
    need_mpy_cross()
    bundle = folder / "virtual-dev"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (bundle / RELEASE_NAME).exists():
            build_bundle("virtual", "dev", bundle)
    return (bundle / ROMFS_NAME).read_bytes()


@contextmanager
def worn_board(scenario: Scenario, settings: BoardSettings) -> Generator[LiveBoard, None, None]:
    """A board whose chips are served in a thread of their own; whatever ends that fails the test."""
    board = LiveBoard(scenario, settings)
    failures: list[BaseException] = []
    stop = threading.Event()

    def serve() -> None:
        try:
            board.serve(stop)
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield board
    finally:
        stop.set()
        thread.join(HANG_LIMIT_S)
        board.close()
    if failures:
        raise failures[0]
