"""Recordings for training: pulse, acceleration and reference at 25 Hz, from the data folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from .heart_oracle import HOP, WINDOW, Floats

BAMI_COUNTS_PER_G = 4096.0
"""Inferred from gravity, which reads about 4250 counts."""


@dataclass(frozen=True)
class Recording:
    """`pulse` (c, n), `acceleration_g` (3, n), `reference_bpm` a window of 8 s every 2 s."""

    name: str
    group: str
    pulse: Floats
    acceleration_g: Floats
    reference_bpm: Floats


def block_average(samples: Floats, factor: int) -> Floats:
    """(channels, n) -> (channels, n // factor): causal reduction of the rate."""
    count = samples.shape[1] // factor
    return samples[:, : count * factor].reshape(len(samples), count, factor).mean(axis=2)


def window_count(samples: int) -> int:
    """Whole windows in so many samples at 25 Hz."""
    return (samples - WINDOW) // HOP + 1


def troika(folder: Path) -> Iterator[Recording]:
    """The 12 recordings of Zhang, Pi and Liu, IEEE TBME 62(2), 2015."""
    for path in sorted((folder / "troika").glob("DATA_*_TYPE0?.mat")):
        signal = loadmat(path)["sig"]
        trace = loadmat(path.with_name(path.stem + "_BPMtrace.mat"))["BPM0"]
        number = int(path.name[5:7])
        yield Recording(
            f"troika_{number:02d}", "troika",
            block_average(signal[1:3], 5), block_average(signal[3:6], 5), trace.ravel().astype(float),
        )  # fmt: skip


def bami1(folder: Path) -> Iterator[Recording]:
    """The 12 subjects of Lee et al., IEEE Sensors J 19(3), 2018."""
    for subject in range(1, 13):
        content = loadmat(folder / "bami1" / f"Subject_{subject}.mat")
        pulse = block_average(content["sigPPG"].astype(float), 2)
        acceleration = block_average(content["sigAcc"].astype(float) - 32768, 2) / BAMI_COUNTS_PER_G
        time_s, bpm = content["timeECG"].ravel(), content["bpmECG"].ravel()
        starts = 2 * np.arange(window_count(pulse.shape[1]))
        reference = np.array([bpm[(time_s >= start) & (time_s < start + 8)].mean() for start in starts])
        yield Recording(f"bami1_{subject:02d}", "bami1", pulse, acceleration, reference)
