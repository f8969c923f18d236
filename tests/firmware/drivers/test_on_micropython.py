"""One run on MicroPython's unix port: the viper kernels, and that reading allocates nothing."""

import json
import random
import subprocess
from array import array
from pathlib import Path

import pytest

from bandsim.micropython import find_micropython
from drivers.unpack_plain import unpack_motion, unpack_optical

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[2] / "firmware"
SEED = 7


def optical_bytes():
    """Zero, one, full scale, full scale with the unused bits set, then random bytes."""
    edges = bytes.fromhex("000000 000001 03ffff ffffff 020000 fc0000")
    return edges + random.Random(SEED).randbytes(3 * 500)


def motion_bytes():
    """-1, the smallest, the largest and 0 on each axis, other sensors' words between, then random words."""
    edges = "10ffffffffffff 10008000800080 10ff7fff7fff7f 10000000000000 18aaaaaaaaaaaa 120080ff7fffff"
    return bytes.fromhex(edges) + random.Random(SEED).randbytes(7 * 500)


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    optical, motion = optical_bytes(), motion_bytes()
    source = tmp_path_factory.mktemp("drivers") / "fifo.bin"
    source.write_bytes(optical + motion)
    command = [find_micropython(), HERE / "band_side.py", FIRMWARE, source, str(len(optical))]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout)


def test_the_fast_kernels_agree_with_the_plain_ones(answer):
    assert answer["kernels"] == {"unpack_optical": 0, "unpack_motion": 0}


def test_the_kernels_give_on_the_band_what_they_give_here(answer):
    optical, motion = optical_bytes(), motion_bytes()
    samples = array("i", bytes(4 * (len(optical) // 3)))
    unpack_optical(optical, samples, len(samples))
    assert answer["unpacked"]["unpack_optical"] == samples.tolist()
    assert samples[:6].tolist() == [0, 1, 0x3FFFF, 0x3FFFF, 0x20000, 0]
    axes = array("h", bytes(2 * 3 * (len(motion) // 7)))
    unpack_motion(motion, axes, len(motion) // 7)
    assert answer["unpacked"]["unpack_motion"] == axes.tolist()
    assert axes[:15].tolist() == [-1] * 3 + [-32768] * 3 + [32767] * 3 + [0] * 3 + [-32768, 32767, -1]


def test_reading_allocates_nothing(answer):
    assert len(answer["allocated"]) == 8
    assert set(answer["allocated"].values()) == {0}, answer["allocated"]
