"""On LittleFS, which writes anew elsewhere, a wipe reaches what files held before, power cuts or not.

It is the real one, MicroPython's, on a flash of 24 blocks that is looked at as a whole.
"""

import subprocess
from pathlib import Path

import pytest

from bandsim.micropython import find_micropython
from boards import esp32s3, nrf52840, virtual

HERE = Path(__file__).parent
FIRMWARE = Path(virtual.__file__).parents[1]
HANG_LIMIT_S = 240.0
HEAP = "heapsize=512K"
BLOCK_BYTES = 4096
OPERATIONS = 2500
"""Somewhat fewer than a wipe takes there: turning the logs is most of them, filling the last 100."""


def places(rounds, block_bytes, cuts=()):
    """Places of what is searched for before and after a wipe, and its operations."""
    arguments = [FIRMWARE, rounds, block_bytes, *cuts]
    command = [find_micropython(), "-X", HEAP, HERE / "on_littlefs.py", *arguments]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=HANG_LIMIT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return [int(word) for word in done.stdout.split()]


def test_writing_files_anew_leaves_what_they_held():
    before, after, _ = places(20, 0)
    assert before > after > 100


@pytest.mark.parametrize("rounds", [1, 20, 400], ids=["new", "used", "worn for years"])
def test_a_wipe_leaves_no_copy_of_what_any_file_held(rounds):
    before, after, operations = places(rounds, BLOCK_BYTES)
    assert before > 20
    assert after == 0
    assert operations > OPERATIONS


@pytest.mark.parametrize(
    "cuts",
    [
        pytest.param(range(1, 40), id="as it begins"),
        pytest.param(range(60, OPERATIONS, 400), id="on its way"),
        pytest.param((OPERATIONS, OPERATIONS + 30, OPERATIONS + 60), id="as it fills"),
    ],
)
def test_power_that_goes_leaves_none_either(cuts):
    before, after, _ = places(20, BLOCK_BYTES, cuts)
    assert before > 20
    assert after == 0


@pytest.mark.parametrize("board", [esp32s3, nrf52840])
def test_boards_keep_their_files_in_a_folder_that_can_be_written_over(board):
    assert (board.FILES_FOLDER, board.FILES_BLOCK_BYTES) == ("kept/", BLOCK_BYTES)


def test_the_simulators_files_are_not_filled_up():
    assert virtual.FILES_BLOCK_BYTES == 0
