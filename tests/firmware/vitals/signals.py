"""Modelled wearers and what the band makes of them, under MicroPython and under CPython."""

import os
import subprocess
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandsim.micropython import find_micropython
from bandsim.physiology.optics import ratio_of_spo2
from bandwire.catalogue import READING_COUNT
from dsp.optical_stack import stack_named
from dsp.oxygen_curve import OxygenCurve
from readings import ReadingTable
from vitals.engine import Vitals

ROOT = Path(__file__).resolve().parents[3]
FEED = Path(__file__).with_name("feed.py")
OPTICAL_PER_STEP, MOTION_PER_STEP = 50, 52
NO_PAD, PAD_FAULT = -32768, -32767
"""No reading of the thermometer, and its failure: see feed.py."""
LEVELS = np.array([130e3, 150e3, 140e3])

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Reading:
    raw: int
    validity: int
    quality: int
    cause: int


@dataclass(frozen=True)
class Step:
    contact: int
    readings: tuple[Reading, ...]


def wearer(
    heart_rate_bpm: float,
    *,
    duration_s: int = 60,
    respiratory_rate_bpm: float = 14.0,
    spo2_percent: float = 96.0,
    perfusion: float = 0.01,
    noise_counts: float = 15.0,
    seed: int = 1,
) -> tuple[Counts, Counts]:
    """Counts of light (n, 3) at 25 Hz and of acceleration (m, 3) at 26 Hz of a still wearer."""
    random = np.random.default_rng(seed)
    time_s = np.arange(duration_s * 25) / 25
    breath = np.sin(2 * np.pi * respiratory_rate_bpm / 60 * time_s)
    phase = 2 * np.pi * np.cumsum(heart_rate_bpm / 60 * (1 + 0.03 * breath)) / 25
    volume = np.exp(2 * (np.cos(phase) - 1)) + 0.25 * np.exp(3 * (np.cos(phase - 2) - 1))
    volume = (volume - volume.mean()) * (1 + 0.15 * breath) + 0.3 * breath
    ratio = float(ratio_of_spo2(np.array(spo2_percent)))
    depth = perfusion * np.array([ratio, 1.0, 1.6])
    light = LEVELS * (1 - depth * volume[:, None]) + noise_counts * random.standard_normal((len(time_s), 3))
    still = np.array([0, 0, 8192]) + 12 * random.standard_normal((duration_s * 26, 3))
    return np.round(light).astype(np.int64), np.round(still).astype(np.int64)


def bare(duration_s: int) -> Counts:
    """Light of a band that is on nobody: ambient only."""
    random = np.random.default_rng(3)
    return np.round(3000 + 8 * random.standard_normal((duration_s * 25, 3))).astype(np.int64)


def packed(optical: Counts, motion: Counts, pad: Sequence[int] | None = None) -> bytes:
    """The file that feed.py reads; `pad` in 1/128 degC for each step."""
    out = bytearray()
    for step in range(len(optical) // OPTICAL_PER_STEP):
        light = optical[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP]
        moves = motion[step * MOTION_PER_STEP : (step + 1) * MOTION_PER_STEP]
        out += bytes([len(light), len(moves)])
        out += (NO_PAD if pad is None else pad[step]).to_bytes(2, "little", signed=True)
        out += light.astype("<i4").tobytes() + moves.astype("<i2").tobytes()
    return bytes(out)


def fed(
    folder: Path,
    optical: Counts,
    motion: Counts,
    *options: str,
    stack: str = "max30101",
    pad: Sequence[int] | None = None,
) -> list[str]:
    """Lines that feed.py prints under MicroPython."""
    file = folder / "samples.bin"
    file.write_bytes(packed(optical, motion, pad))
    done = subprocess.run(
        [find_micropython(), FEED, file, stack, *options],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT / 'protocol'}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def on_band(
    folder: Path,
    optical: Counts,
    motion: Counts,
    *options: str,
    stack: str = "max30101",
    pad: Sequence[int] | None = None,
) -> list[Step]:
    """Contact and readings after each step of 2 s, by the band's own interpreter."""
    return [_step_of(line) for line in fed(folder, optical, motion, *options, stack=stack, pad=pad)]


def _step_of(line: str) -> Step:
    numbers = [int(part) for part in line.split()]
    rows = [numbers[1 + 4 * index : 5 + 4 * index] for index in range(READING_COUNT)]
    return Step(numbers[0], tuple(Reading(*row) for row in rows))


class Host:
    """The same engine under CPython, step by step, for what feed.py does not do."""

    def __init__(self, stack: str = "max30101", curve: OxygenCurve | None = None) -> None:
        self.table = ReadingTable()
        self.vitals = Vitals(stack_named(stack), self.table, curve)
        self.vitals.start()
        self.now_s = 0

    def step(self, optical: Counts, motion: Counts) -> None:
        """Give the samples of one step and take it."""
        self.now_s += 2
        if len(optical):
            self.vitals.on_optical(array("i", optical.ravel().tolist()), len(optical))
        if len(motion):
            self.vitals.on_motion(array("h", motion.ravel().tolist()), len(motion))
        self.vitals.step(self.now_s)

    def reading(self, index: int) -> Reading:
        """One reading of the table."""
        table = self.table
        return Reading(table.raw(index), table.validity(index), table.quality(index), table.cause(index))
