"""Made-up recordings whose vital signs are known, at any rate."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandsim.estimate.npz_form import read_npz, recording_of
from bandsim.estimate.runner import Estimate, estimate
from bandsim.lane import LaneSettings
from vitalband.analysis.readings import ReadingRow

Arrays = dict[str, NDArray[Any]]
LEVELS = {"red": 130e3, "infrared": 150e3, "green": 140e3, "blue": 90e3}
DEPTHS = {"red": 0.45, "infrared": 1.0, "green": 1.6, "blue": 0.5}
"""Of the pulse, to that of infrared; red to infrared as at an SpO2 of 96 %."""


def light(
    rate_hz: float,
    channels: Iterable[str] = ("green",),
    *,
    heart_rate_bpm: float = 72.0,
    duration_s: float = 40.0,
    noise_counts: float = 15.0,
    seed: int = 1,
) -> Arrays:
    """The arrays of light of a still wearer."""
    random = np.random.default_rng(seed)
    names = list(channels)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    phase = 2 * np.pi * heart_rate_bpm / 60 * time_s
    volume = np.exp(2 * (np.cos(phase) - 1)) + 0.25 * np.exp(3 * (np.cos(phase - 2) - 1))
    volume = (volume - volume.mean())[:, None]
    levels, depths = (np.array([values[name] for name in names]) for values in (LEVELS, DEPTHS))
    counts = levels * (1 - 0.01 * depths * volume)
    counts += noise_counts * random.standard_normal(counts.shape)
    return {
        "ppg": np.rint(counts).astype(np.int32),
        "ppg_rate_hz": np.array(rate_hz),
        "ppg_channels": np.array(names),
    }


def still(rate_hz: float, duration_s: float = 40.0, seed: int = 2) -> Arrays:
    """The arrays of an arm that lies."""
    random = np.random.default_rng(seed)
    axes = np.array([0.0, 0.0, 1.0]) + 0.0015 * random.standard_normal((round(duration_s * rate_hz), 3))
    return {"accel_g": axes, "accel_rate_hz": np.array(rate_hz)}


def walk(rate_hz: float, cadence_hz: float, duration_s: float, seed: int = 5) -> Arrays:
    """The arrays of an arm of someone who walks, the steps not quite even."""
    random = np.random.default_rng(seed)
    count = round(duration_s * rate_hz)
    phase = np.cumsum(2 * np.pi * cadence_hz / rate_hz * (1 + 0.2 * random.normal(size=count)))
    axes = 0.02 * random.standard_normal((count, 3))
    axes[:, 2] += 1 + 0.25 * np.sin(phase) + 0.05 * np.sin(2 * phase)
    return {"accel_g": axes, "accel_rate_hz": np.array(rate_hz)}


def estimated(arrays: Arrays, lane: str = "unix") -> Estimate:
    """What the firmware makes of arrays."""
    return estimate(recording_of(arrays, "made up"), LaneSettings(kind=lane))


def of_file(path: Path, lane: str = "unix") -> Estimate:
    """The same of a file."""
    return estimate(read_npz(path), LaneSettings(kind=lane))


def rows_of(made: Estimate, vital: str) -> list[ReadingRow]:
    """The rows of a vital."""
    return [row for row in made.rows if row.vital == vital]


def values_of(made: Estimate, vital: str) -> list[float]:
    """The values of a vital, those that are known."""
    return [row.value for row in rows_of(made, vital) if row.value is not None]
