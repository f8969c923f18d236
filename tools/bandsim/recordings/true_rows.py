"""What is true of a recording, as rows of a reference file: each at the end of what it speaks of.

Left out is what is no reference: rates found offline in the same recording, the thermometer that the band is
given, a heart rate that is part of the input.
"""

import numpy as np

from bandsim.recordings.recording import Recording
from bandsim.stimulus import FloatArray
from vitalband.analysis import ReferenceRow
from vitalband.signal.sleep import EPOCH_S

_ENTERED = ("systolic_mmhg", "diastolic_mmhg")
_AROUND, _TOLERANCE, _FEWEST = 7, 0.25, 5


def rows_of(recording: Recording) -> list[ReferenceRow]:
    """Give the rows of the recording's reference, vital by vital.

    A single value of a whole recording stands at its end, a cuff reading where it is entered. Series of
    several values a second are means of a second. Breathing is the rate of each breath, every second, where
    its window is a regular one: over 32 s its mean is the number of breaths.
    """
    found: list[ReferenceRow] = []
    for vital, rows in recording.references.items():
        if vital == "heart_rate_bpm" and recording.activity_counts is not None:
            continue
        moved = _ends(recording, vital, rows)
        found += [ReferenceRow(time_s, vital, value) for time_s, value in moved.tolist()]
    if recording.beat_intervals_ms is not None:
        rmssd_ms = rmssd_of(recording.beat_intervals_ms)
        found += [ReferenceRow(recording.duration_s, "rmssd_ms", rmssd_ms)] * bool(np.isfinite(rmssd_ms))
    return found


def rmssd_of(intervals_ms: FloatArray) -> float:
    """Root mean square of successive differences, in ms; NaN with fewer than five.

    A difference counts between two intervals of 0.3 to 2 s within a quarter of the median of the seven
    around each: a beat that the strap missed is no variability (choice of this project).
    """
    side = _AROUND // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(intervals_ms, side, mode="edge"), _AROUND)
    usual = np.median(around, axis=1)
    is_good = (
        (np.abs(intervals_ms - usual) <= _TOLERANCE * usual) & (intervals_ms > 300) & (intervals_ms < 2000)
    )
    differences = np.diff(intervals_ms)[is_good[1:] & is_good[:-1]]
    return float(np.sqrt(np.mean(differences**2))) if len(differences) >= _FEWEST else float("nan")


def _ends(recording: Recording, vital: str, rows: FloatArray) -> FloatArray:
    whole = _of_the_whole(recording, vital, rows)
    if whole is not None:
        return np.array([[recording.duration_s, whole]])
    if vital == "respiratory_rate_bpm" and recording.breaths_s is not None:
        return _breath_by_breath(recording.breaths_s, rows[:, 0], recording.windows_s[vital])
    if len(rows) > 1 and np.median(np.diff(rows[:, 0])) < 1.0:
        return _means_of_seconds(rows)
    later_s = EPOCH_S if vital == "sleep_stage" else recording.windows_s.get(vital, 0.0) / 2
    return rows + np.array([later_s, 0.0])


def _of_the_whole(recording: Recording, vital: str, rows: FloatArray) -> float | None:
    if vital == "heart_rate_bpm" and recording.beat_intervals_ms is not None:
        return 60_000.0 / float(recording.beat_intervals_ms.mean())
    is_single = vital == "steps" or (len(rows) == 1 and vital not in _ENTERED)
    return float(rows[-1, 1]) if is_single else None


def _breath_by_breath(breaths_s: FloatArray, middles_s: FloatArray, window_s: float) -> FloatArray:
    """The rate of the breath that each whole second lies in, where a window of a known rate covers it."""
    breaths_s = np.unique(breaths_s)
    seconds = np.arange(np.ceil(breaths_s[0]), breaths_s[-1])
    breath = np.searchsorted(breaths_s, seconds, side="right") - 1
    rates = 60.0 / np.diff(breaths_s)[breath]
    is_known = (np.abs(seconds[:, np.newaxis] - middles_s) <= window_s / 2).any(axis=1)
    return np.column_stack([seconds, rates])[is_known]


def _means_of_seconds(rows: FloatArray) -> FloatArray:
    seconds, which = np.unique(np.ceil(rows[:, 0]), return_inverse=True)
    return np.column_stack([seconds, np.bincount(which, weights=rows[:, 1]) / np.bincount(which)])
