"""What a recording knows of the wearer: rows of time and value for each vital, and how long one holds."""

from collections.abc import Mapping

import numpy as np

from bandschema.enums import Activity, SleepStage
from bandsim.stimulus import FloatArray

_HOLDS_S: Mapping[str, float] = {
    "heart_rate_bpm": 10.0,
    "respiratory_rate_bpm": 30.0,
    "spo2_percent": 10.0,
    "skin_temperature_c": 30.0,
    "systolic_mmhg": np.inf,
    "diastolic_mmhg": np.inf,
    "sleep_stage": 30.0,
    "activity": np.inf,
    "steps": 0.0,
}
_CODES = {"sleep_stage": SleepStage, "activity": Activity, "steps": int}


def reference(times_s: FloatArray, values: FloatArray) -> FloatArray:
    """Give `(k, 2)` rows of time and value, without the unknown ones."""
    rows = np.column_stack([np.asarray(times_s, dtype=np.float64), np.asarray(values, dtype=np.float64)])
    return rows[np.isfinite(rows).all(axis=1)]


def constant(value: float) -> FloatArray:
    """Give the rows of one value that is measured once, at the start."""
    return np.array([[0.0, value]])


def known(name: str, rows: FloatArray, t_s: float) -> float | int | None:
    """Give a reference at a time, or None where the nearest row is further than a row holds.

    Rates, saturation and temperature run straight between rows, and a single row stands for the
    whole recording; stages, activity and steps hold from their row on.
    """
    holds_s = _HOLDS_S[name]
    after = int(np.searchsorted(rows[:, 0], t_s, side="right"))
    if name in _CODES:
        return _held(name, rows, after - 1, t_s, holds_s)
    if len(rows) == 1:
        return float(rows[0, 1])
    if 0 < after < len(rows) and rows[after, 0] - rows[after - 1, 0] <= holds_s:
        return float(np.interp(t_s, rows[after - 1 : after + 1, 0], rows[after - 1 : after + 1, 1]))
    near = [row for row in rows[max(after - 1, 0) : after + 1] if abs(row[0] - t_s) <= holds_s / 2]
    return float(min(near, key=lambda row: abs(row[0] - t_s))[1]) if near else None


def _held(name: str, rows: FloatArray, row: int, t_s: float, holds_s: float) -> int | None:
    is_last_count = name == "steps" and row == len(rows) - 1
    if row < 0 or not (is_last_count or t_s - rows[row, 0] <= holds_s):
        return None
    return _CODES[name](int(rows[row, 1]))


def rate_of_events(times_s: FloatArray, *, window_s: float, hop_s: float, spread: float) -> FloatArray:
    """Give the rate a minute of beats or breaths: reference rows in the middle of sliding windows.

    A window counts when it holds three intervals or more and none differs from their median by
    more than the share `spread`.
    """
    middles = (times_s[1:] + times_s[:-1]) / 2
    intervals_s = np.diff(times_s)
    rows: list[tuple[float, float]] = []
    last_s = float(times_s[-1]) - window_s / 2 if len(times_s) else 0.0
    for centre_s in np.arange(window_s / 2, last_s, hop_s).tolist():
        inside = intervals_s[np.abs(middles - centre_s) <= window_s / 2]
        if len(inside) >= 3:
            median = float(np.median(inside))
            if float(np.max(np.abs(inside - median))) <= spread * median:
                rows.append((centre_s, 60.0 / float(inside.mean())))
    return np.array(rows).reshape(-1, 2)
