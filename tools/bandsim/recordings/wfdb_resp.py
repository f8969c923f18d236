"""A pulse and a breathing wave in WFDB files: `v102s` and `mixedsignals` of MIT-LCP/wfdb-python.

Names: `wfdb_resp/v102s`, `wfdb_resp/mixedsignals`. Format 212 packs two 12-bit samples into three bytes (WFDB
signal formats, signal(5)); format 516 is FLAC of 16 bits, a channel a signal (wfdb-python, io/_signal.py),
read by the package soundfile of the extra `bench`. Of several samples a frame (`516x2`) a signal's rate is so
many times that of the frames. The sum of the samples is held against the header's checksum.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandsim.errors import RecordingError
from bandsim.recordings.beats import BREATHS_WINDOW_S, OFFLINE_BREATHS, breath_times_s, respiratory_rate_of
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, text_lines
from bandsim.recordings.recording import Recording
from bandsim.stimulus import FloatArray

_WANTED = ("pleth", "resp")
_FEWEST_SAMPLES = 1000

Samples = NDArray[np.int64]


@dataclass(frozen=True)
class _Signal:
    """A row of a header; `place` is that among the `of` signals of its file."""

    name: str
    path: Path
    format: str
    rate_hz: float
    checksum: int
    place: int
    of: int


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(
        sorted(path.stem for path in folder.glob("*.hea") if set(_WANTED) <= set(_signals(path)))
    )  # fmt: skip


def _load(folder: Path, key: str) -> Recording:
    signals = _signals(folder / f"{key}.hea")
    pulse, breathing = (_samples(signals[name]) for name in _WANTED)
    rates_hz = [signals[name].rate_hz for name in _WANTED]
    breaths_s = breath_times_s(breathing, rates_hz[1])
    return Recording(
        name=f"wfdb_resp/{key}",
        title=f"Finger pulse and impedance breathing, {key}.",
        duration_s=min(len(pulse) / rates_hz[0], len(breathing) / rates_hz[1]),
        ppg=pulse.reshape(-1, 1),
        ppg_rate_hz=rates_hz[0],
        ppg_channels=("pulse",),
        references={"respiratory_rate_bpm": respiratory_rate_of(breaths_s)},
        windows_s={"respiratory_rate_bpm": BREATHS_WINDOW_S},
        breaths_s=breaths_s,
        sources={
            "optical": f"recorded: finger pulse of wfdb_resp/{key}; modelled: levels, red/infrared ratio",
            "respiratory_rate_bpm": f"recorded: {OFFLINE_BREATHS} (impedance), rate over 32 s",
        },
    )


def _signals(path: Path) -> dict[str, _Signal]:
    """Signals of a header by their names in small letters."""
    lines = [line.split() for line in text_lines(path) if not line.startswith("#")]
    try:
        count, frames_hz = int(lines[0][1]), float(lines[0][2].split("/")[0])
        rows = lines[1 : count + 1]
        files = [row[0] for row in rows]
        return {
            row[8].lower(): _Signal(
                row[8], path.with_name(row[0]), *_format(row[1], frames_hz), int(row[6]),
                files[:at].count(row[0]), files.count(row[0]),
            )
            for at, row in enumerate(rows)
        }  # fmt: skip
    except (IndexError, ValueError) as error:
        raise RecordingError(f"{path}: wanted a WFDB header, got: {error}") from error


def _format(text: str, frames_hz: float) -> tuple[str, float]:
    """The format of a signal, and its rate."""
    found = re.fullmatch(r"(\d+)(?:x(\d+))?", text)
    if found is None:
        raise ValueError(f"format {text}")
    return found[1], frames_hz * int(found[2] or 1)


def _samples(signal: _Signal) -> FloatArray:
    read = _READERS.get(signal.format)
    if read is None:
        raise RecordingError(
            f"{signal.path}: wanted format {' or '.join(_READERS)}, got format {signal.format}"
        )
    columns = read(signal.path, signal.of)
    values = columns[:, signal.place]
    if (int(values.sum()) - signal.checksum) & 0xFFFF:
        raise RecordingError(
            f"{signal.path}: wanted {signal.name} of checksum {signal.checksum & 0xFFFF}, "
            f"got {int(values.sum()) & 0xFFFF}"
        )
    return enough(signal.path, values.astype(np.float64), _FEWEST_SAMPLES)


def _unpacked(path: Path, signals: int) -> Samples:
    try:
        packed = np.fromfile(path, dtype=np.uint8).astype(np.int64)
    except OSError as error:
        raise RecordingError(f"{path}: wanted a readable file, got: {error}") from error
    low, middle, high = packed[: len(packed) // 3 * 3].reshape(-1, 3).T
    pairs = np.column_stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4]).ravel()
    signed = np.where(pairs >= 2048, pairs - 4096, pairs)
    return signed[: len(signed) // signals * signals].reshape(-1, signals)


def _decompressed(path: Path, signals: int) -> Samples:
    try:
        import soundfile
    except ImportError as error:
        raise RecordingError(
            f"{path}: wanted the package soundfile to read FLAC (the extra `bench`), got: {error}"
        ) from error
    try:
        with path.open("rb") as stream:
            found: NDArray[Any] = soundfile.read(stream, dtype="int16", always_2d=True)[0]
    except (OSError, soundfile.SoundFileError) as error:
        raise RecordingError(f"{path}: wanted a FLAC file, got: {error}") from error
    if found.shape[1] != signals:
        raise RecordingError(f"{path}: wanted {signals} signals, got {found.shape[1]}")
    return found.astype(np.int64)


_READERS: Mapping[str, Callable[[Path, int], Samples]] = {"212": _unpacked, "516": _decompressed}

DATASET = Dataset(name="wfdb_resp", folder="wfdb_resp_samples", keys=_keys, load=_load)
