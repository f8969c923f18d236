"""The samples that every size and rate is told of: groups of recordings, each of one sensor at one rate.

Samples are integers as a sensor gives them; where a publisher scaled them, the scale is taken off. Of each
group every second recording is for fitting and the others are for reporting; a set of one session is cut
in halves of time. Slower rates of a set are made by `scipy.signal.resample_poly` and rounding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.signal import resample_poly

Samples = NDArray[np.int32]
"""(steps, channels)."""

_TROIKA_G_PER_COUNT = 0.0078
_WORD_18_BITS = 0x3FFFF
_LEAST_STEPS = 50
_SETTLING_STEPS = 3
"""Of the alsementsov files: the chip's light levels settle."""


@dataclass(frozen=True)
class Group:
    """Recordings of one sensor at one rate; `sample_bits` wide, the first channel the reference of others."""

    name: str
    rate_hz: float
    sample_bits: int
    is_signed: bool
    fitted: tuple[Samples, ...]
    reported: tuple[Samples, ...]

    @property
    def channel_count(self) -> int:
        """Channels of a step."""
        return self.reported[0].shape[1]


def _whole(values: NDArray[np.generic]) -> Samples:
    return np.ascontiguousarray(np.rint(values.astype(np.float64)), np.int32)


def _slower(samples: Samples, up: int, down: int) -> Samples:
    return _whole(resample_poly(samples.astype(np.float64), up, down, axis=0, padtype="line"))


def _group(name: str, rate_hz: float, bits: int, is_signed: bool, recordings: Iterable[Samples]) -> Group:
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
    chosen = [samples.clip(low, high) for samples in recordings if len(samples) >= _LEAST_STEPS]
    if len(chosen) == 1:
        middle = len(chosen[0]) // 2
        chosen = [chosen[0][:middle], chosen[0][middle:]]
    return Group(name, rate_hz, bits, is_signed, tuple(chosen[0::2]), tuple(chosen[1::2]))


def _troika(data: Path) -> list[Group]:
    rows = [loadmat(path)["sig"] for path in sorted((data / "troika").glob("DATA_??_TYPE??.mat"))]
    optical = [_whole(2 * sig[1:3].T) for sig in rows]
    motion = [_whole(sig[3:6].T / _TROIKA_G_PER_COUNT) for sig in rows]
    groups: list[Group] = []
    for title, full in (("PPG", optical), ("ACC", motion)):
        for rate_hz, up, down in ((125, 1, 1), (50, 2, 5), (25, 1, 5)):
            part = full if up == down else [_slower(samples, up, down) for samples in full]
            groups.append(_group(f"troika {title} {rate_hz} Hz", rate_hz, 16, True, part))
    return groups


def _bami1(data: Path) -> list[Group]:
    paths = sorted((data / "bami1").glob("Subject_*.mat"), key=lambda path: int(path.stem[8:]))
    rows = [loadmat(path) for path in paths]
    groups: list[Group] = []
    for title, field in (("PPG", "sigPPG"), ("ACC", "sigAcc")):
        full = [_whole(row[field].T) for row in rows]
        groups.append(_group(f"bami1 {title} 50 Hz", 50, 16, False, full))
        groups.append(_group(f"bami1 {title} 25 Hz", 25, 16, False, [_slower(x, 1, 2) for x in full]))
    return groups


def _max30102(data: Path) -> list[Group]:
    folder = data / "max30102_raw"
    slow: list[Samples] = []
    for path in sorted((folder / "alsementsov").glob("*.csv")):
        rows = np.loadtxt(path, delimiter=",", usecols=(0, 1), ndmin=2)
        slow.append(_whole(rows[_SETTLING_STEPS:]))
    fast: list[Samples] = []
    for path in sorted((folder / "jdesbonnet").glob("*.dat")):
        rows = np.loadtxt(path, usecols=(2, 3, 4), dtype=np.int64)
        fast += [_whole(rows[rows[:, 0] == sensor, 1:] & _WORD_18_BITS) for sensor in (0, 1)]
    return [
        _group("max30102 PPG 25 Hz", 25, 18, False, slow),
        _group("max30102 PPG 100 Hz", 100, 18, False, fast),
    ]


def _emotibit(data: Path) -> list[Group]:
    (path,) = (data / "emotibit_spo2").glob("*_EmotiBit.csv")
    series: dict[str, list[float]] = {name: [] for name in ("PR", "PI", "PG", "AX", "AY", "AZ")}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        cells = line.split(",")
        if len(cells) > 6 and cells[3] in series:
            series[cells[3]] += [float(cell) for cell in cells[6:]]
    steps = min(len(values) for values in series.values())
    columns = {name: np.array(values[:steps]) for name, values in series.items()}
    optical = _whole(np.column_stack([columns[name] for name in ("PR", "PI", "PG")]))
    motion = _whole(1000 * np.column_stack([columns[name] for name in ("AX", "AY", "AZ")]))
    return [
        _group("emotibit PPG 25 Hz", 25, 18, False, [optical]),
        _group("emotibit ACC 25 Hz", 25, 16, True, [motion]),
    ]


def _flirt(data: Path) -> list[Group]:
    motion = np.loadtxt(data / "flirt_e4" / "ACC.csv", delimiter=",", skiprows=2)
    pulse = np.loadtxt(data / "flirt_e4" / "BVP.csv", skiprows=2, ndmin=1)[:, np.newaxis]
    return [
        _group("flirt ACC 32 Hz", 32, 16, True, [_whole(motion)]),
        _group("flirt BVP 64 Hz", 64, 18, True, [_whole(100 * pulse)]),
    ]


_LOADERS: tuple[Callable[[Path], list[Group]], ...] = (_troika, _bami1, _max30102, _emotibit, _flirt)


def load_groups(data: Path) -> list[Group]:
    """Every group of the data folder; FileNotFoundError when a set is not there."""
    return [group for loader in _LOADERS for group in loader(data)]


def counted(groups: Iterable[Group]) -> list[Group]:
    """The groups of which means are told: all but flirt's, whose pulse is a filter's output and no feed."""
    return [group for group in groups if not group.name.startswith("flirt")]
