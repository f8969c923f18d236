"""Treadmill runs at the wrist: Zhang, Pi and Liu, IEEE Trans. Biomedical Engineering 62(2):522-531, 2015.

Names: `troika/01` to `troika/12`. `sig` is six rows at 125 Hz: ECG, two green PPG channels of the
wrist, acceleration x, y, z in g. `BPM0` is the ECG's heart rate of windows of 8 s, 2 s apart.
"""

from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, matlab_variables
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference

_RATE_HZ = 125.0
_WINDOW_S = 8.0
_HOP_S = 2.0


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(p.name[5:7] for p in folder.glob("DATA_??_TYPE??.mat")))


def _load(folder: Path, key: str) -> Recording:
    found = sorted(folder.glob(f"DATA_{key}_TYPE??.mat"))
    if not found:
        raise RecordingError(f"{folder}: wanted a file DATA_{key}_TYPE??.mat, found none")
    path = found[0]
    (rows,) = matlab_variables(path, ["sig"])
    (rates_bpm,) = matlab_variables(path.with_name(f"{path.stem}_BPMtrace.mat"), ["BPM0"])
    if rows.ndim != 2 or len(rows) != 6:
        raise RecordingError(f"{path}: wanted sig of 6 rows, got shape {rows.shape}")
    samples = enough(path, rows.T, 1000)
    middles_s = np.arange(rates_bpm.size, dtype=np.float64) * _HOP_S + _WINDOW_S / 2
    return Recording(
        name=f"troika/{key}",
        title=f"Treadmill run at the wrist, recording {key}.",
        duration_s=len(samples) / _RATE_HZ,
        ppg=samples[:, 1:3],
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("pulse", "second pulse"),
        accel_g=samples[:, 3:6],
        accel_rate_hz=_RATE_HZ,
        references={"heart_rate_bpm": reference(middles_s, rates_bpm.ravel())},
        windows_s={"heart_rate_bpm": _WINDOW_S},
        sources={
            "optical": f"recorded: green pulse of troika/{key}; modelled: levels, red/infrared ratio",
            "acceleration": f"recorded: wrist of troika/{key}",
            "heart_rate_bpm": "recorded: ECG, means of 8 s",
        },
    )


DATASET = Dataset(name="troika", folder="troika", keys=_keys, load=_load)
