"""Treadmill walks and runs at the wrist: Lee, Chung and Lee, IEEE Sensors Journal 19(3):1166-1175, 2018.

Names: `bami1/1` to `bami1/12`. Three green channels and acceleration at 50 Hz as unsigned counts;
the ECG's heart rate per beat. The reference lags the pulse by seconds in some recordings: it is
kept as published.
"""

from pathlib import Path

import numpy as np

from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, matlab_variables
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.stimulus import FloatArray

_RATE_HZ = 50.0
_ACCELERATION_OFFSET = 32768.0
# Inferred: at rest the magnitude reads about 4250 counts; 4096 a g is the +-8 g range of a 16-bit device.
_COUNTS_PER_G = 4096.0
_WINDOW_S = 8.0
_HOP_S = 2.0


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(stems(folder, "Subject_*.mat", prefix="Subject_", suffix=".mat"), key=_number))


def _number(key: str) -> tuple[int, str]:
    return (int(key) if key.isdigit() else 0, key)


def _load(folder: Path, key: str) -> Recording:
    path = folder / f"Subject_{key}.mat"
    ppg, acceleration, beats_s, beats_bpm = matlab_variables(path, ["sigPPG", "sigAcc", "timeECG", "bpmECG"])
    samples = enough(path, ppg.T, 1000)
    duration_s = len(samples) / _RATE_HZ
    return Recording(
        name=f"bami1/{key}",
        title=f"Treadmill walk and run at the wrist, subject {key}.",
        duration_s=duration_s,
        ppg=samples,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("pulse", "second pulse", "third pulse"),
        accel_g=(acceleration.T - _ACCELERATION_OFFSET) / _COUNTS_PER_G,
        accel_rate_hz=_RATE_HZ,
        references={"heart_rate_bpm": _windows(beats_s.ravel(), beats_bpm.ravel(), duration_s)},
        windows_s={"heart_rate_bpm": _WINDOW_S},
        sources={
            "optical": f"recorded: green pulse of bami1/{key}; modelled: levels, red/infrared ratio",
            "acceleration": f"recorded: wrist of bami1/{key}",
            "heart_rate_bpm": "recorded: ECG, means of the beats in 8 s",
        },
    )


def _windows(beats_s: FloatArray, beats_bpm: FloatArray, duration_s: float) -> FloatArray:
    starts_s = np.arange(0.0, max(duration_s - _WINDOW_S, 0.0) + 1e-9, _HOP_S)
    means = [_mean(beats_bpm[(beats_s >= start) & (beats_s < start + _WINDOW_S)]) for start in starts_s]
    return reference(starts_s + _WINDOW_S / 2, np.array(means))


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else np.nan


DATASET = Dataset(name="bami1", folder="bami1", keys=_keys, load=_load)
