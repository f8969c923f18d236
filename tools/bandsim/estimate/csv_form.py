"""Reads the CSV form of a recording: docs/estimate.md."""

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.estimate.npz_form import Arrays, recording_of
from bandsim.estimate.recording import LIGHTS, InputRecording, whole_rows
from bandsim.stimulus import FloatArray

TIME = "time_s"
_LIGHT = re.compile(rf"ppg_({'|'.join(LIGHTS)})(_[2-9])?")
_AXES = ("accel_x_g", "accel_y_g", "accel_z_g")
_TEMPERATURE = "skin_temperature_c"
_CUFF = ("systolic_mmhg", "diastolic_mmhg")
_ROWS = {"activity_counts": "activity_count", "heart_rate_bpm": "heart_rate_bpm"}
_OTHERS = (*_AXES, _TEMPERATURE, *_CUFF, *_ROWS.values())
_FEWEST_SAMPLES = 2


def read_csv(path: Path, stack: str) -> InputRecording:
    """Read a recording with light of an optical stack; RecordingError names the line or the column."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        columns = [name.strip() for name in next(rows, [])]
        _check(columns, path)
        values = _numbers(rows, len(columns), path)
    values = values[np.argsort(values[:, 0], kind="stable")]
    table = {name: values[:, place] for place, name in enumerate(columns)}
    times_s = values[:, 0] - values[0, 0]
    return recording_of(_arrays(table, times_s, stack, str(path)), str(path))


def _check(columns: Sequence[str], path: Path) -> None:
    strange = [
        name for name in columns if name != TIME and name not in _OTHERS and not _LIGHT.fullmatch(name)
    ]
    if columns[:1] != [TIME] or len(columns) < 2 or strange or len(set(columns)) < len(columns):
        wanted = (
            f"{TIME}, and of ppg_LIGHT ({', '.join(LIGHTS)}; ppg_green_2), {', '.join(_OTHERS)}, each once"
        )
        raise RecordingError(f"{path}: wanted the columns {wanted}, got {', '.join(columns) or 'none'}")
    for group in (_AXES, _CUFF):
        if 0 < len(set(group) & set(columns)) < len(group):
            raise RecordingError(f"{path}: wanted all of the columns {', '.join(group)}, or none")


def _numbers(rows: Iterable[Sequence[str]], width: int, path: Path) -> FloatArray:
    found: list[list[float]] = []
    for line, cells in enumerate(rows, 2):
        if not cells:
            continue
        if len(cells) != width:
            raise RecordingError(f"{path}, line {line}: wanted {width} cells, got {len(cells)}")
        try:
            found.append([float(cell) if cell.strip() else math.nan for cell in cells])
        except ValueError as error:
            raise RecordingError(f"{path}, line {line}: wanted numbers or empty cells ({error})") from error
        if not math.isfinite(found[-1][0]):
            raise RecordingError(f"{path}, line {line}: wanted a {TIME} in the first column, got none")
    if not found:
        raise RecordingError(f"{path}: wanted lines below the header, found none")
    return np.array(found)


def _arrays(table: Mapping[str, FloatArray], times_s: FloatArray, stack: str, where: str) -> Arrays:
    arrays: dict[str, np.ndarray] = {}
    lights = [name for name in table if _LIGHT.fullmatch(name)]
    if lights:
        arrays["ppg"], arrays["ppg_rate_hz"] = _even(table, lights, times_s, where)
        arrays["ppg_channels"] = np.array([name.split("_")[1] for name in lights])
        arrays["optical_stack"] = np.array(stack)
    for columns, name, rate_name in (
        (_AXES, "accel_g", "accel_rate_hz"),
        ((_TEMPERATURE,), "skin_temperature_c", "skin_temperature_rate_hz"),
    ):
        if columns[0] in table:
            arrays[name], arrays[rate_name] = _even(table, columns, times_s, where)
    for columns, name in ((_CUFF, "cuff"), *(((column,), name) for name, column in _ROWS.items())):
        if columns[0] in table:
            rows = np.column_stack([times_s, *(table[column] for column in columns)])
            arrays[name] = rows[whole_rows(rows)]
    return arrays


def _even(
    table: Mapping[str, FloatArray], columns: Sequence[str], times_s: FloatArray, where: str
) -> tuple[FloatArray, FloatArray]:
    """Samples at an even rate, NaN where a line is missing, and the rate: by the usual distance of lines."""
    values = np.column_stack([table[name] for name in columns])
    is_there = np.isfinite(values).any(axis=1)
    moments_s = times_s[is_there]
    steps_s = np.diff(moments_s)
    if len(moments_s) < _FEWEST_SAMPLES or float(np.median(steps_s)) <= 0:
        raise RecordingError(
            f"{where}: wanted {_FEWEST_SAMPLES} lines or more of rising {TIME} with {columns[0]}, "
            f"got {len(moments_s)}"
        )
    places = np.concatenate([[0], np.cumsum(np.rint(steps_s / np.median(steps_s)))]).astype(np.int64)
    rate_hz = float(places[-1] / (moments_s[-1] - moments_s[0]))
    places += round(moments_s[0] * rate_hz)
    even = np.full((places[-1] + 1, len(columns)), np.nan)
    even[places] = values[is_there]
    return even, np.array(round(rate_hz, 4))
