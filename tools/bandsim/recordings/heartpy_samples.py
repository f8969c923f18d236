"""The sample recordings of the heartpy package on PyPI, read as files: the package is never imported.

Names: `heartpy/data` (25 s), `heartpy/data2`, `heartpy/data3` (682 s). A pulse sensor's values of 10 bits.
The package states 100 Hz for the first; the time columns of the others give their mean rate (117.0
and 100.4 Hz). No reference: the heart rate is an offline beat detection of the same recording.
"""

import csv
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, text_lines
from bandsim.recordings.recording import Recording
from bandsim.recordings.waveform import regular
from bandsim.stimulus import FloatArray

_STATED_RATE_HZ = 100.0
_JITTER_SAMPLES = 101


def package_folder() -> Path:
    """Give the folder of the package's sample files; raises RecordingError when it is not installed."""
    found = find_spec("heartpy")
    if found is None or not found.submodule_search_locations:
        raise RecordingError("heartpy: wanted the package for its sample recordings; pip install heartpy")
    return Path(found.submodule_search_locations[0]) / "data"


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(path.stem for path in sorted(folder.glob("data*.csv")))


def _load(folder: Path, key: str) -> Recording:
    path = folder / f"{key}.csv"
    samples, rate_hz = _samples(path)
    return Recording(
        name=f"heartpy/{key}",
        title=f"Sample pulse of the heartpy package, {key}.",
        duration_s=len(samples) / rate_hz,
        ppg=enough(path, samples, 500),
        ppg_rate_hz=rate_hz,
        ppg_channels=("pulse",),
        sources={"optical": f"recorded: pulse of heartpy/{key}; modelled: levels, red/infrared ratio"},
    )


def _samples(path: Path) -> tuple[FloatArray, float]:
    rows = list(csv.reader(text_lines(path)))
    try:
        if len(rows[0]) == 1:
            return np.array([[float(row[0])] for row in rows]), _STATED_RATE_HZ
        read_stamp = _milliseconds if rows[0][0] == "timer" else _instant
        stamps_s = np.array([read_stamp(row[0]) for row in rows[1:]])
        values = np.array([float(row[1]) for row in rows[1:]])
    except (ValueError, IndexError) as error:
        raise RecordingError(f"{path}: wanted a time and a value a row, got: {error}") from error
    rate_hz = (len(values) - 1) / float(stamps_s[-1] - stamps_s[0])
    return regular(stamps_s, values, rate_hz, smoothed=_JITTER_SAMPLES), rate_hz


def _milliseconds(text: str) -> float:
    return float(text) / 1000.0


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


DATASET = Dataset(name="heartpy", folder="heartpy_samples", keys=_keys, load=_load)
