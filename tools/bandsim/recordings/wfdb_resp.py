"""A pulse and a breathing wave in WFDB format 212: `v102s` of MIT-LCP/wfdb-python.

Name: `wfdb_resp/v102s`. Format 212 packs two 12-bit samples into three bytes (WFDB signal formats,
signal(5)). `mixedsignals` of the same folder is in format 516, which is compressed as FLAC: it is not
read here.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.beats import BREATHS_WINDOW_S, OFFLINE_BREATHS, breath_times_s, respiratory_rate_of
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, text_lines
from bandsim.recordings.recording import Recording
from bandsim.stimulus import FloatArray

_FORMAT = "212"


@dataclass(frozen=True)
class _Header:
    rate_hz: float
    signals: list[str]
    files: list[str]
    formats: list[str]


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(
        sorted(path.stem for path in folder.glob("*.hea") if set(_header(path).formats) == {_FORMAT})
    )


def _load(folder: Path, key: str) -> Recording:
    header_path = folder / f"{key}.hea"
    header = _header(header_path)
    if set(header.formats) != {_FORMAT} or len(set(header.files)) != 1:
        came = ", ".join(sorted(set(header.formats)))
        raise RecordingError(f"{header_path}: wanted one signal file in format 212, got format {came}")
    missing = [name for name in ("PLETH", "RESP") if name not in header.signals]
    if missing:
        raise RecordingError(f"{header_path}: wanted a signal {missing[0]}, got {', '.join(header.signals)}")
    path = folder / header.files[0]
    samples = enough(path, _unpacked(path, len(header.signals)), 1000)
    breaths_s = breath_times_s(samples[:, header.signals.index("RESP")], header.rate_hz)
    return Recording(
        name=f"wfdb_resp/{key}",
        title=f"Finger pulse and impedance breathing, {key}.",
        duration_s=len(samples) / header.rate_hz,
        ppg=samples[:, header.signals.index("PLETH")].reshape(-1, 1),
        ppg_rate_hz=header.rate_hz,
        ppg_channels=("pulse",),
        references={"respiratory_rate_bpm": respiratory_rate_of(breaths_s)},
        windows_s={"respiratory_rate_bpm": BREATHS_WINDOW_S},
        breaths_s=breaths_s,
        sources={
            "optical": f"recorded: finger pulse of wfdb_resp/{key}; modelled: levels, red/infrared ratio",
            "respiratory_rate_bpm": f"recorded: {OFFLINE_BREATHS} (impedance), rate over 32 s",
        },
    )


def _header(path: Path) -> _Header:
    lines = [line.split() for line in text_lines(path) if not line.startswith("#")]
    try:
        count, rate_hz = int(lines[0][1]), float(lines[0][2].split("/")[0])
        rows = lines[1 : count + 1]
        return _Header(rate_hz, [row[-1] for row in rows], [row[0] for row in rows], [row[1] for row in rows])
    except (IndexError, ValueError) as error:
        raise RecordingError(f"{path}: wanted a WFDB header, got: {error}") from error


def _unpacked(path: Path, signals: int) -> FloatArray:
    try:
        packed = np.fromfile(path, dtype=np.uint8).astype(np.int32)
    except OSError as error:
        raise RecordingError(f"{path}: wanted a readable file, got: {error}") from error
    low, middle, high = packed[: len(packed) // 3 * 3].reshape(-1, 3).T
    pairs = np.column_stack([low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4]).ravel()
    signed = np.where(pairs >= 2048, pairs - 4096, pairs)
    return signed[: len(signed) // signals * signals].reshape(-1, signals).astype(np.float64)


DATASET = Dataset(name="wfdb_resp", folder="wfdb_resp_samples", keys=_keys, load=_load)
