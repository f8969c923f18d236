"""Recordings in the form that `vitalband estimate` takes.

Light is whole counts of 18 bits. Counts of the band's own kind of chip stay as they are, camera means too
(`PHONE_RGB_COUNTS_PER_UNIT`). A bare pulse has a scale of its data set in `SCALES`, never one of a recording;
where systole raises it, it is turned over, for in reflected light systole is a fall.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandsim.errors import RecordingError
from bandsim.recordings.recording import Recording
from bandsim.stimulus import FULL_SCALE_COUNTS, FloatArray

Arrays = Mapping[str, NDArray[Any]]

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_MIDDLE_COUNTS = 131072


@dataclass(frozen=True)
class Scale:
    """Counts of a bare pulse, `offset_counts` + `counts_per_unit` x value, and the light it is called."""

    light: str
    counts_per_unit: int
    offset_counts: int = _MIDDLE_COUNTS

    def __str__(self) -> str:
        sign = "-" if self.counts_per_unit < 0 else "+"
        offset = f"{self.offset_counts} {sign} " if self.offset_counts else ""
        return f"counts = {offset}{abs(self.counts_per_unit)} x value"


SCALES: Mapping[str, Scale] = {
    "troika": Scale("green", 16),
    # Counts of 16 bits, with their level.
    "bami1": Scale("green", 4, 0),
    # Finger clips of monitors shine red and infrared through the finger; which of them is unconfirmed.
    "bidmc": Scale("infrared", -16384),
    "wfdb_resp": Scale("infrared", -2),
    # Which light these two used is unconfirmed.
    "ppgbp": Scale("infrared", -4),
    "usc_ppg_bp": Scale("infrared", -16384),
    "flirt_e4": Scale("green", 16),
    "heartpy": Scale("green", 8),
}
"""Powers of two that keep the last digit and give a pulse of some percent of the level."""


def scale_text(recording: Recording) -> str:
    """How the recording's light became counts; empty where it has none."""
    if recording.ppg is None:
        return ""
    return recording.sources["optical"] if recording.ppg_is_counts else str(_scale(recording))


def arrays_of(recording: Recording) -> Arrays:
    """Give the arrays of the input form by name.

    `ppg` (n, channels) int32 in 0..262143, `ppg_rate_hz`, `ppg_channels`, `optical_stack`; `accel_g` (n, 3),
    `accel_rate_hz`; `skin_temperature_c` (n,) at `skin_temperature_rate_hz` 1, the newest of each second;
    `cuff` (k, 3) of time_s, systolic_mmhg, diastolic_mmhg; `activity_counts` and `heart_rate_bpm` (k, 2) of
    time_s and value, where there are counts in place of acceleration. What is not known is left out.
    """
    found: dict[str, NDArray[Any]] = {}
    if recording.ppg is not None:
        found["ppg"] = _counts(recording)
        found["ppg_rate_hz"] = np.array(recording.ppg_rate_hz)
        found["ppg_channels"] = np.array(_channels(recording))
        found["optical_stack"] = np.array(recording.optical_stack)
    if recording.accel_g is not None:
        found["accel_g"] = recording.accel_g
        found["accel_rate_hz"] = np.array(recording.accel_rate_hz)
    if recording.skin_temperature_c is not None:
        found["skin_temperature_c"] = _each_second(recording.skin_temperature_c, recording.duration_s)
        found["skin_temperature_rate_hz"] = np.array(1.0)
    cuff = _cuff(recording)
    if cuff is not None:
        found["cuff"] = cuff
    if recording.activity_counts is not None:
        found["activity_counts"] = recording.activity_counts
        found["heart_rate_bpm"] = recording.references["heart_rate_bpm"]
    return found


def write_npz(arrays: Arrays, path: Path) -> None:
    """Write arrays as `numpy.savez` does, but the same bytes for the same arrays, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for name, values in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _FIXED_DATE), "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.asarray(values, order="C"), allow_pickle=False)
    part.replace(path)


def _scale(recording: Recording) -> Scale:
    dataset = recording.name.partition("/")[0]
    if dataset not in SCALES:
        raise RecordingError(f"{recording.name}: wanted a scale of {', '.join(SCALES)}, got {dataset}")
    return SCALES[dataset]


def _channels(recording: Recording) -> list[str]:
    if recording.ppg_is_counts:
        return list(recording.ppg_channels)
    return [_scale(recording).light] * len(recording.ppg_channels)


def _counts(recording: Recording) -> NDArray[np.int32]:
    values = recording.ppg
    assert values is not None
    if not recording.ppg_is_counts:
        scale = _scale(recording)
        values = scale.offset_counts + scale.counts_per_unit * values
    counts = np.rint(values)
    if not (np.isfinite(counts).all() and counts.min() >= 0 and counts.max() <= FULL_SCALE_COUNTS):
        raise RecordingError(
            f"{recording.name}: wanted light of 0 to {FULL_SCALE_COUNTS} counts, "
            f"got {counts.min():g} to {counts.max():g}"
        )
    return counts.astype(np.int32)


def _each_second(rows: FloatArray, duration_s: float) -> FloatArray:
    newest = np.searchsorted(rows[:, 0], np.arange(0.0, duration_s), side="right") - 1
    return rows[np.maximum(newest, 0), 1]


def _cuff(recording: Recording) -> FloatArray | None:
    pressures = [recording.references.get(name) for name in ("systolic_mmhg", "diastolic_mmhg")]
    known = [rows for rows in pressures if rows is not None]
    if len(known) < len(pressures):
        return None
    return np.column_stack([known[0], known[1][:, 1]])
