"""Finger pulse and one cuff reading a person: PPG-BP, Liang et al., Scientific Data 5:180020, 2018.

Names: `ppgbp/2_1` (subject, segment). A segment is 2.1 s at 1 kHz; the workbook beside it has systolic
and diastolic pressure and heart rate of each subject in columns F, G and H.
"""

from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, number_rows, sheet_rows
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import constant

_RATE_HZ = 1000.0
_WORKBOOK = "PPG-BP dataset.xlsx"
_COLUMNS = {"systolic_mmhg": "F", "diastolic_mmhg": "G", "heart_rate_bpm": "H"}


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(stems(folder / "0_subject", "*_?.txt", suffix=".txt"), key=_numbers))


def _numbers(key: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in key.split("_"))


def _load(folder: Path, key: str) -> Recording:
    path = folder / "0_subject" / f"{key}.txt"
    samples = enough(path, number_rows(path, delimiter=None).reshape(-1, 1), 1000)
    workbook = folder / _WORKBOOK
    subject = float(_numbers(key)[0])
    rows = [row for row in sheet_rows(workbook) if row.get("A") == subject]
    if not rows or not all(np.isfinite(rows[0].get(column, np.nan)) for column in _COLUMNS.values()):
        raise RecordingError(f"{workbook}: wanted a row with numbers for subject {subject:g}, found none")
    return Recording(
        name=f"ppgbp/{key}",
        title=f"Finger pulse with one cuff reading, subject and segment {key}.",
        duration_s=len(samples) / _RATE_HZ,
        ppg=samples,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("pulse",),
        references={name: constant(rows[0][column]) for name, column in _COLUMNS.items()},
        sources={
            "optical": f"recorded: finger pulse of ppgbp/{key}; modelled: levels, red/infrared ratio",
            "heart_rate_bpm": "recorded: once a subject, with the cuff reading",
            "systolic_mmhg": "recorded: one cuff reading",
            "diastolic_mmhg": "recorded: one cuff reading",
        },
    )


DATASET = Dataset(name="ppgbp", folder="ppgbp", keys=_keys, load=_load)
