"""Emulated boards of developers, and the real mpremote against them."""

import subprocess
import sys

from bandsim.dev_board import DevBoard

HANG_LIMIT_S = 60
"""Wall-clock end of a command that hangs; no claim rests on it."""


def mpremote(board: DevBoard, *arguments: str) -> str:
    """What `mpremote` prints when it is connected to the board's prompt; a failure fails the test."""
    command = [sys.executable, "-m", "mpremote", "connect", board.prompt_url, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=HANG_LIMIT_S, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
