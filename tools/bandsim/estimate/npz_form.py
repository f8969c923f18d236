"""Reads the NPZ form of a recording: docs/estimate.md."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandsim.errors import RecordingError
from bandsim.estimate.recording import (
    FASTEST_HZ,
    SLOWEST_HZ,
    InputRecording,
    Samples,
    acceleration_of,
    light_of,
    whole_rows,
)
from bandsim.stimulus import FloatArray

NAMES = (
    "ppg", "ppg_rate_hz", "ppg_channels", "optical_stack", "accel_g", "accel_rate_hz", "skin_temperature_c",
    "skin_temperature_rate_hz", "cuff", "activity_counts", "heart_rate_bpm",
)  # fmt: skip
_DATA = ("ppg", "accel_g", "skin_temperature_c", "cuff", "activity_counts")
_SLOWEST_TEMPERATURE_HZ = 0.01

Arrays = Mapping[str, NDArray[Any]]


def read_npz(path: Path) -> InputRecording:
    """Read a recording; RecordingError names what is wanted and what is there."""
    with path.open("rb") as stream:
        if not zipfile.is_zipfile(stream):
            raise RecordingError(f"{path}: wanted an NPZ file, got one that is no archive")
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files if name in NAMES}
            names = list(archive.files)
    except (ValueError, EOFError, KeyError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise RecordingError(f"{path}: wanted an NPZ file of plain arrays, got none ({error})") from error
    if not any(name in arrays for name in _DATA):
        raise RecordingError(f"{path}: wanted one of {', '.join(_DATA)}, got {', '.join(names) or 'nothing'}")
    return recording_of(arrays, str(path))


def recording_of(arrays: Arrays, where: str) -> InputRecording:
    """The recording of arrays by their names; an empty array is one that is not there."""
    arrays = {name: values for name, values in arrays.items() if values.size}
    light = None
    if "ppg" in arrays:
        values = _columns(arrays, "ppg", None, where)
        rate_hz = _rate(arrays, "ppg_rate_hz", SLOWEST_HZ, FASTEST_HZ, where)
        stack = _texts(arrays, "optical_stack", where) if "optical_stack" in arrays else ["max30101"]
        light = light_of(values, rate_hz, _texts(arrays, "ppg_channels", where), stack[0], where)
    accel_g = _samples(arrays, "accel_g", "accel_rate_hz", 3, SLOWEST_HZ, where)
    notes: tuple[str, ...] = ()
    if accel_g is not None:
        accel_g, notes = acceleration_of(accel_g.values, accel_g.rate_hz)
    return InputRecording(
        notes=notes,
        light=light,
        accel_g=accel_g,
        skin_temperature_c=_samples(
            arrays, "skin_temperature_c", "skin_temperature_rate_hz", 1, _SLOWEST_TEMPERATURE_HZ, where
        ),
        cuff=_rows(arrays, "cuff", 3, where),
        activity_counts=_rows(arrays, "activity_counts", 2, where),
        heart_rate_bpm=_rows(arrays, "heart_rate_bpm", 2, where),
    )


def _samples(
    arrays: Arrays, name: str, rate_name: str, columns: int, slowest_hz: float, where: str
) -> Samples | None:
    if name not in arrays:
        return None
    values = _columns(arrays, name, columns, where)
    return Samples(values, _rate(arrays, rate_name, slowest_hz, FASTEST_HZ, where))


def _columns(arrays: Arrays, name: str, columns: int | None, where: str) -> FloatArray:
    """An array of numbers, (n, columns); one column may be flat."""
    values = _numbers(arrays[name], name, where)
    if values.ndim == 1 and columns in (1, None):
        values = values[:, None]
    if values.ndim != 2 or (columns is not None and values.shape[1] != columns):
        wanted = "(n, channels)" if columns is None else f"(n, {columns})"
        raise RecordingError(f"{where}: wanted {name} of the shape {wanted}, got {values.shape}")
    return np.where(np.isfinite(values), values, np.nan)


def _rows(arrays: Arrays, name: str, columns: int, where: str) -> FloatArray | None:
    """Rows of time and values in order of time, those that are not all numbers left out."""
    if name not in arrays:
        return None
    rows = _columns(arrays, name, columns, where)
    rows = rows[whole_rows(rows)]
    return rows[np.argsort(rows[:, 0], kind="stable")]


def _rate(arrays: Arrays, name: str, lowest_hz: float, highest_hz: float, where: str) -> float:
    if name not in arrays:
        raise RecordingError(f"{where}: wanted {name}, found none")
    values = _numbers(arrays[name], name, where).ravel()
    if len(values) != 1 or not lowest_hz <= values[0] <= highest_hz:
        got = ", ".join(f"{value:g}" for value in values[:3]) or "nothing"
        raise RecordingError(f"{where}: wanted {name} of {lowest_hz:g} to {highest_hz:g}, got {got}")
    return float(values[0])


def _numbers(values: NDArray[Any], name: str, where: str) -> FloatArray:
    if values.dtype.kind not in "iufb":
        raise RecordingError(f"{where}: wanted numbers in {name}, got {values.dtype}")
    return values.astype(np.float64)


def _texts(arrays: Arrays, name: str, where: str) -> list[str]:
    if name not in arrays:
        raise RecordingError(f"{where}: wanted {name}, found none")
    values = arrays[name]
    if values.dtype.kind == "U" and values.size == 1:
        values = np.array(str(values.ravel()[0]).split(","))
    if values.dtype.kind == "S":
        values = np.char.decode(values, "ascii", "replace")
    if values.dtype.kind != "U" or not values.size:
        raise RecordingError(f"{where}: wanted names in {name}, got {values.dtype}")
    return [str(text).strip().lower() for text in values.ravel()]
