"""Fingertip on a phone camera while breathing thinned air: Hoffman et al., npj Digital Medicine 5:146, 2022.

Names: `hoffman/100001` (left hand), `hoffman/100001/right`. Means of the red, green and blue channel
at 30 Hz with references once a second; row 0 of both is taken as the same instant, which their
lengths bear out.
"""

from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, named_columns, number_rows, placed_column
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.stimulus import PHONE_RGB_COUNTS_PER_UNIT, FloatArray

_RATE_HZ = 30.0
_OXIMETERS = ("SpO2 1", "SpO2 2", "SpO2 4", "SpO2 5")
# The columns after `AC Gain 5` stand five places to the right of their names (inferred from the ranges of
# values in all four subjects): the ECG's heart rate is under `RR ECG 3`, the capnograph's rate under no name.
_HEART_RATE_PLACE = 41
_BREATHING_RATE_PLACE = 45


def _keys(folder: Path) -> tuple[str, ...]:
    subjects = stems(folder / "ppg-csv" / "Left", "*.csv", suffix=".csv")
    return tuple(key for subject in subjects for key in (subject, f"{subject}/right"))


def _load(folder: Path, key: str) -> Recording:
    subject, _, hand = key.partition("/")
    if hand not in ("", "left", "right"):
        raise RecordingError(f"hoffman/{key}: wanted left or right, got {hand!r}")
    path = folder / "ppg-csv" / ("Right" if hand == "right" else "Left") / f"{subject}.csv"
    camera = enough(path, number_rows(path, skipped=1, columns=(0, 1, 2)), 60)
    references = _references(folder / "gt" / f"{subject}.csv")
    return Recording(
        name=f"hoffman/{key}",
        title=f"Fingertip on a phone camera during a desaturation, subject {subject}, {hand or 'left'} hand.",
        duration_s=len(camera) / _RATE_HZ,
        optical_stack="phone_rgb",
        ppg=camera * PHONE_RGB_COUNTS_PER_UNIT,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("red", "green", "blue"),
        ppg_is_counts=True,
        references=references,
        sources={
            "optical": f"recorded: camera means of hoffman/{key}, {PHONE_RGB_COUNTS_PER_UNIT} counts a unit",
            "heart_rate_bpm": "recorded: ECG monitor",
            "respiratory_rate_bpm": "recorded: capnograph",
            "spo2_percent": "recorded: median of four oximeters",
        },
    )


def _references(path: Path) -> dict[str, FloatArray]:
    oxygen = named_columns(path, _OXIMETERS)
    heart = placed_column(path, _HEART_RATE_PLACE)
    breath = placed_column(path, _BREATHING_RATE_PLACE)
    times_s = np.arange(len(oxygen), dtype=np.float64)
    spo2 = np.where((oxygen >= 40) & (oxygen <= 100), oxygen, np.nan)
    is_known = np.isfinite(spo2).any(axis=1)
    return {
        # Drop-outs stand as 0 or negative values in the files.
        "heart_rate_bpm": reference(times_s, np.where((heart > 25) & (heart < 240), heart, np.nan)),
        "respiratory_rate_bpm": reference(times_s, np.where((breath > 2) & (breath < 70), breath, np.nan)),
        "spo2_percent": reference(times_s[is_known], np.nanmedian(spo2[is_known], axis=1)),
    }


DATASET = Dataset(name="hoffman", folder="hoffman", keys=_keys, load=_load)
