"""Red and infrared during a desaturation, one person: the OxiWear recordings (aarusso/OxiWear).

Names: the file's name without `.csv`, such as `oxiwear_spo2/1355-79-79`. `proto1` is a finger on a
MAX86161 at 64 Hz with the reference in the name (time, SpO2, heart rate); `LEDC2` is red, `LEDC1` is
infrared, as the set's README says. `proto2` is an ear at 24.995 Hz; its columns are infrared, ambient
and red, its reference a range in the name. Counts of 19 bits are halved to 18.
"""

import re
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, number_rows, text_lines
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import constant
from bandsim.stimulus import FULL_SCALE_COUNTS, FloatArray

_FINGER_RATE_HZ = 64.0
_EAR_RATE_HZ = 24.995
# The chip's first samples come while its light levels settle: they are far from what follows.
_SETTLING_SAMPLES = 4
_FINGER_NAME = re.compile(r"\d{4}-(\d{2,3})-(\d{2,3})")
_EAR_NAME = re.compile(r"\d{8}-\d{6}-(\d{2})(\d{2})?-(\d{2})(\d{2})?")


def _keys(folder: Path) -> tuple[str, ...]:
    return stems(folder / "proto1", "*.csv", suffix=".csv") + stems(folder / "proto2", "*.csv", suffix=".csv")


def _load(folder: Path, key: str) -> Recording:
    finger = folder / "proto1" / f"{key}.csv"
    path = finger if finger.exists() else folder / "proto2" / f"{key}.csv"
    counts, rate_hz = (_finger(path), _FINGER_RATE_HZ) if path is finger else (_ear(path), _EAR_RATE_HZ)
    halving = 2.0 if float(counts.max()) > FULL_SCALE_COUNTS else 1.0
    scale = f", counts divided by {halving:g}"
    return Recording(
        name=f"oxiwear_spo2/{key}",
        title=f"Red and infrared of one person, {key}.",
        duration_s=len(counts) / rate_hz,
        ppg=counts / halving,
        ppg_rate_hz=rate_hz,
        ppg_channels=("red", "infrared"),
        ppg_is_counts=True,
        references=_references(key),
        sources={
            "optical": f"recorded: red and infrared of oxiwear_spo2/{key}{scale}; green repeats infrared",
            "heart_rate_bpm": "recorded: finger oximeter, read once",
            "spo2_percent": "recorded: finger oximeter, read once",
        },
    )


def _finger(path: Path) -> FloatArray:
    rows = [line.split(",") for line in text_lines(path)]
    starts = [k for k, row in enumerate(rows) if row[0] == "timestamp"]
    if not starts or not {"LEDC1", "LEDC2"} <= set(rows[starts[0]]):
        raise RecordingError(f"{path}: wanted a row that names timestamp, LEDC1 and LEDC2, found none")
    header = rows[starts[0]]
    places = [header.index("LEDC2"), header.index("LEDC1")]
    samples = [[float(row[k]) for k in places] for row in rows[starts[0] + 1 :] if _has(row, places)]
    return enough(path, np.array(samples).reshape(-1, 2)[_SETTLING_SAMPLES:], 64)


def _has(row: list[str], places: list[int]) -> bool:
    return len(row) > max(places) and all(row[k].strip() for k in places)


def _ear(path: Path) -> FloatArray:
    return enough(path, number_rows(path, skipped=1, columns=(2, 0)), 25)


def _references(key: str) -> dict[str, FloatArray]:
    finger, ear = _FINGER_NAME.match(key), _EAR_NAME.match(key)
    if ear:
        oxygen, pulse = _middle(ear[1], ear[2]), _middle(ear[3], ear[4])
    elif finger:
        oxygen, pulse = float(finger[1]), float(finger[2])
    else:
        return {}
    return {"spo2_percent": constant(oxygen), "heart_rate_bpm": constant(pulse)}


def _middle(low: str, high: str | None) -> float:
    return (float(low) + float(high or low)) / 2


DATASET = Dataset(name="oxiwear_spo2", folder="oxiwear_spo2", keys=_keys, load=_load)
