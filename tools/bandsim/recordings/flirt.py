"""One session of an Empatica E4 wristband, from the samples of im-ethz/flirt.

Name: `flirt_e4`. Each file begins with its start as Unix time and its rate; pulse 64 Hz, acceleration in
1/64 g at 32 Hz, temperature 4 Hz, the device's own heart rate once a second. The session lasts as
long as the pulse does.
"""

from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, number_rows
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.stimulus import FloatArray

_STEPS_PER_G = 64.0


def _keys(folder: Path) -> tuple[str, ...]:
    return ("",) if (folder / "BVP.csv").exists() else ()


def _load(folder: Path, key: str) -> Recording:
    if key:
        raise RecordingError(f"flirt_e4/{key}: wanted flirt_e4 alone, got {key!r}")
    start_s, rate_hz, pulse = _series(folder / "BVP.csv")
    duration_s = len(pulse) / rate_hz
    _, accel_rate_hz, acceleration = _series(folder / "ACC.csv")
    return Recording(
        name="flirt_e4",
        title="A session with an Empatica E4 wristband.",
        duration_s=duration_s,
        ppg=pulse,
        ppg_rate_hz=rate_hz,
        ppg_channels=("pulse",),
        accel_g=acceleration[: round(duration_s * accel_rate_hz)] / _STEPS_PER_G,
        accel_rate_hz=accel_rate_hz,
        skin_temperature_c=_rows(folder / "TEMP.csv", start_s, duration_s),
        references={"heart_rate_bpm": _rows(folder / "HR.csv", start_s, duration_s)},
        sources={
            "optical": "recorded: wrist pulse of flirt_e4; modelled: levels, red/infrared ratio",
            "acceleration": "recorded: flirt_e4",
            "skin_temperature": "recorded: flirt_e4",
            "skin_temperature_c": "recorded: the same thermometer, no reference",
            "heart_rate_bpm": "recorded: the device's own heart rate from the same pulse",
        },
    )


def _series(path: Path) -> tuple[float, float, FloatArray]:
    """Give the start in Unix seconds, the rate in Hz and the samples of one file."""
    rows = enough(path, number_rows(path), 3)
    if not rows[1, 0] > 0:
        raise RecordingError(f"{path}: wanted a rate in row 2, got {rows[1, 0]}")
    return float(rows[0, 0]), float(rows[1, 0]), rows[2:]


def _rows(path: Path, start_s: float, duration_s: float) -> FloatArray:
    first_s, rate_hz, values = _series(path)
    rows = reference(first_s - start_s + np.arange(len(values)) / rate_hz, values[:, 0])
    return rows[(rows[:, 0] >= 0) & (rows[:, 0] <= duration_s)]


DATASET = Dataset(name="flirt_e4", folder="flirt_e4", keys=_keys, load=_load)
