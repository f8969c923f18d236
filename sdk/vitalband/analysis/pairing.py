"""Which reading answers which reference: one recording's readings of a vital beside what is true of it.

- A reading at t speaks of what came before t: 8 s for the heart rate, 32 s for breathing, 2 s for the rest.
- Heart rate references 2 s apart on even seconds from 8 s on are means over the 8 s that end there, as the
  published data sets have them. Any other series is averaged over the span of the reading.
- A reference of one row speaks of the whole recording: the median reading answers it, of the variability
  between beats the last one, which looks back on up to five minutes.
- Sleep stages answer the 30 s epoch that ends at their time, totals the last row, cuff readings the last
  reference before them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vitalband.analysis.agreement import BoolArray, FloatArray
from vitalband.signal.sleep import EPOCH_S

HEART_RATE_SPAN_S = 8.0
RESPIRATORY_SPAN_S = 32.0
STEP_S = 2.0
"""A reading every 2 s."""
LARGEST_GAP_SHARE = 0.5
"""A span counts when the reference has rows in at least so much of it: choice of this project."""

_SPANS_S: Mapping[str, float] = {
    "heart_rate_bpm": HEART_RATE_SPAN_S,
    "respiratory_rate_bpm": RESPIRATORY_SPAN_S,
}
_LOOKING_BACK = ("rmssd_ms",)
_HELD = ("systolic_mmhg", "diastolic_mmhg", "activity")


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one vital in order of time, all (n,).

    `value` is NaN where a row has none; `is_shown` says whether the band would show it (validity "valid");
    `quality` is 0 to 100.
    """

    time_s: FloatArray
    value: FloatArray
    is_shown: BoolArray
    quality: FloatArray

    def __len__(self) -> int:
        return len(self.time_s)


NO_SERIES = Series(np.empty(0), np.empty(0), np.empty(0, np.bool_), np.empty(0))


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was to be answered, all (n,): `reference` at `time_s`, and the reading, NaN where none came."""

    time_s: FloatArray
    reference: FloatArray
    value: FloatArray
    is_shown: BoolArray
    quality: FloatArray

    def __len__(self) -> int:
        return len(self.time_s)

    @property
    def error(self) -> FloatArray:
        """Reading minus reference, NaN where none came."""
        return self.value - self.reference

    @property
    def is_answered(self) -> BoolArray:
        """Where a reading came with a value, shown or not."""
        return np.isfinite(self.value)

    def only(self, chosen: BoolArray) -> "Pairs":
        """Those that are chosen."""
        return Pairs(
            self.time_s[chosen],
            self.reference[chosen],
            self.value[chosen],
            self.is_shown[chosen],
            self.quality[chosen],
        )


def pairs_of(vital: str, readings: Series, reference: FloatArray) -> Pairs:
    """Pair the readings of a vital with `reference` (k, 2) rows of time_s and value, in order of time."""
    reference = reference[np.isfinite(reference).all(axis=1)]
    if not len(reference):
        return _answered(np.empty(0), np.empty(0), NO_SERIES, np.empty(0))
    if vital == "sleep_stage":
        return _epochs(readings, reference)
    if vital == "steps":
        return _total(readings, reference)
    if vital in _HELD:
        return _held(readings, reference)
    if len(reference) == 1:
        return _whole(readings, reference, is_last=vital in _LOOKING_BACK)
    times_s, values = _expected(vital, reference)
    return _answered(times_s, values, readings, _nearest(readings.time_s, times_s, STEP_S / 2))


def _expected(vital: str, reference: FloatArray) -> tuple[FloatArray, FloatArray]:
    """When readings are to come, and the truth of each."""
    if vital == "heart_rate_bpm" and _is_windowed(reference[:, 0]):
        return reference[:, 0], reference[:, 1]
    span_s = _SPANS_S.get(vital, STEP_S)
    times_s = np.arange(max(span_s, HEART_RATE_SPAN_S), reference[-1, 0] + STEP_S / 2, STEP_S)
    first, after = (
        np.searchsorted(reference[:, 0], moment, side="right") for moment in (times_s - span_s, times_s)
    )
    counts = after - first
    sums = np.concatenate([[0.0], np.cumsum(reference[:, 1])])
    spacing_s = float(np.median(np.diff(reference[:, 0])))
    is_known = counts >= max(1.0, LARGEST_GAP_SHARE * span_s / spacing_s)
    return times_s[is_known], ((sums[after] - sums[first]) / np.maximum(counts, 1))[is_known]


def _is_windowed(times_s: FloatArray) -> bool:
    return bool(times_s[0] >= HEART_RATE_SPAN_S and np.all(times_s % STEP_S == 0))


def _nearest(times_s: FloatArray, wanted_s: FloatArray, tolerance_s: float) -> FloatArray:
    """Index of the nearest of `times_s` to each wanted time, NaN where none is within the tolerance."""
    if not len(times_s):
        return np.full(len(wanted_s), np.nan)
    after = np.searchsorted(times_s, wanted_s).clip(1, max(len(times_s) - 1, 1))
    before = after - 1
    after = after.clip(0, len(times_s) - 1)
    is_before = np.abs(wanted_s - times_s[before]) <= np.abs(times_s[after] - wanted_s)
    index = np.where(is_before, before, after)
    return np.where(np.abs(times_s[index] - wanted_s) < tolerance_s, index, np.nan)


def _answered(times_s: FloatArray, values: FloatArray, readings: Series, index: FloatArray) -> Pairs:
    """Pairs whose reading has this index, NaN for none."""
    is_there = np.isfinite(index)
    rows = np.where(is_there, index, 0).astype(np.int64)
    if not len(readings):
        nothing = np.full(len(times_s), np.nan)
        return Pairs(times_s, values, nothing, np.zeros(len(times_s), np.bool_), np.zeros(len(times_s)))
    value = np.where(is_there, readings.value[rows], np.nan)
    is_shown = is_there & readings.is_shown[rows] & np.isfinite(value)
    return Pairs(times_s, values, value, is_shown, np.where(is_there, readings.quality[rows], 0.0))


def _epochs(readings: Series, reference: FloatArray) -> Pairs:
    wanted = np.rint(reference[:, 0] / EPOCH_S)
    found = np.rint(readings.time_s / EPOCH_S)
    return _answered(reference[:, 0], reference[:, 1], readings, _nearest(found, wanted, 0.5))


def _total(readings: Series, reference: FloatArray) -> Pairs:
    known = np.flatnonzero(np.isfinite(readings.value))
    index = np.array([float(known[-1]) if len(known) else np.nan])
    return _answered(reference[-1:, 0], reference[-1:, 1], readings, index)


def _held(readings: Series, reference: FloatArray) -> Pairs:
    row = np.searchsorted(reference[:, 0], readings.time_s, side="right") - 1
    index = np.flatnonzero(row >= 0)
    return _answered(readings.time_s[index], reference[row[index], 1], readings, index.astype(np.float64))


def _whole(readings: Series, reference: FloatArray, *, is_last: bool) -> Pairs:
    is_known = np.isfinite(readings.value)
    if is_last:
        is_known[: int(np.flatnonzero(is_known)[-1]) if is_known.any() else 0] = False
    is_shown = is_known & readings.is_shown
    chosen = is_shown if is_shown.any() else is_known
    if not chosen.any():
        return _answered(reference[:, 0], reference[:, 1], NO_SERIES, np.array([np.nan]))
    return Pairs(
        reference[:, 0],
        reference[:, 1],
        np.array([float(np.median(readings.value[chosen]))]),
        np.array([bool(is_shown.any())]),
        np.array([float(np.median(readings.quality[chosen]))]),
    )
