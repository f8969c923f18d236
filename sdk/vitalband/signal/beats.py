"""Beats at rest and their variability. Oracle of `dsp.beats`, `dsp.beat_grades`, `dsp.beat_rate`,
`dsp.variability` and `dsp.pulse_shape`.

Whole recordings at once, in floats. A beat is the steepest rise of a pulse; RMSSD is the root of the mean
square of differences between intervals that follow one another, without those that a false beat would spoil.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

RATE_HZ = 25.0
SHORTEST_S, LONGEST_S = 0.3, 2.0
_DELAY_SAMPLES = 2.5
_SIDE_SAMPLES = 7
_NEAREST, _FARTHEST, _LONGEST, _USUAL = 7, 22, 50, 20
_SHARE, _FAINTEST = 115 / 256, 17 / 256

RUN_S = 8.0
_LATEST_S = 0.44
"""A beat is found when so much of the light after it is there: its height, and the delay of its slope."""

_LEAST_COVERED_S, _FEWEST_BEATS, _MOST_STRANGE, _MOST_LATE = 4.8, 3, 2, 2.2


@dataclass(frozen=True)
class Beats:
    """Beats in order of time, all (n,): when, height, steepest slope and peak level in one unit."""

    time_s: FloatArray
    height: FloatArray
    slope: FloatArray
    peak: FloatArray


@dataclass(frozen=True)
class Grades:
    """How far beats can be trusted, all (n,); `interval_s` since the beat before, infinite at the first.

    `apart` is the interval's distance from the median of those before it, as a share of it, infinite where
    fewer than five are known; `least` and `most` are the shares of the medians that height and slope have.
    """

    interval_s: FloatArray
    is_fair: BoolArray
    apart: FloatArray
    least: FloatArray
    most: FloatArray


@dataclass(frozen=True)
class Limits:
    """When a beat may count for differences: `apart` at most so much, its size within `least` to `most`.

    Those of the firmware are fitted: BEATS_... of its `dsp.fitted`.
    """

    apart: float
    least: float
    most: float

    def is_steady(self, grades: Grades) -> BoolArray:
        """Which intervals (n,) are near the usual one."""
        return grades.apart <= self.apart

    def is_clean(self, grades: Grades) -> BoolArray:
        """Which beats (n,) have the usual height and slope."""
        return (grades.least >= self.least) & (grades.most <= self.most)


@dataclass(frozen=True)
class Variability:
    """`interval_s` of each fair interval, RMSSD (NaN without a difference), time in intervals that count."""

    interval_s: FloatArray
    rmssd_ms: float
    covered_s: float


def find_beats(light: FloatArray) -> Beats:
    """Beats of light (n,) at 25 Hz in counts, which falls at systole; the first seconds set the level."""
    level = np.zeros(len(light))
    level[2:] = -(light[2:] + light[1:-1] + light[:-2])
    slope = np.zeros(len(light))
    slope[5:] = level[5:] - level[2:-3]
    places = _places(slope)
    before, top, after = slope[places - 1], slope[places], slope[places + 1]
    bend = before - 2 * top + after
    summit = np.where(bend < 0, (before - after) / np.where(bend < 0, 2 * bend, 1.0), 0.0)
    foot = np.array([level[max(0, place - _SIDE_SAMPLES) : place + 1].min() for place in places.tolist()])
    peak = np.array([level[place : place + _SIDE_SAMPLES + 1].max() for place in places.tolist()])
    time_s: FloatArray = np.asarray(places + summit - _DELAY_SAMPLES, np.float64) / RATE_HZ
    return Beats(time_s, peak - foot, top, peak)


def grades_of(beats: Beats) -> Grades:
    """Grade beats by the medians of the last 7 intervals and 9 heights and slopes, their own included."""
    interval_s: FloatArray = np.diff(beats.time_s, prepend=-np.inf)
    intervals: deque[float] = deque(maxlen=7)
    sizes = (deque[float](maxlen=9), deque[float](maxlen=9))
    is_fair = np.zeros(len(beats.time_s), np.bool_)
    apart, least, most = np.full((3, len(beats.time_s)), np.inf)
    for index, interval in enumerate(interval_s.tolist()):
        shares: list[float] = []
        for values, size in zip((beats.height, beats.slope), sizes, strict=True):
            size.append(float(values[index]))
            shares.append(size[-1] / _upper_median(size))
        least[index], most[index] = min(shares), max(shares)
        if not SHORTEST_S < interval < LONGEST_S:
            continue
        known = len(intervals)
        usual = _upper_median(intervals) if known >= 3 else interval
        intervals.append(interval)
        share = abs(interval - usual) / usual
        is_fair[index] = share <= 0.3 and least[index] >= 0.4 and most[index] <= 2.2
        apart[index] = share if known >= 5 else np.inf
    return Grades(interval_s, is_fair, apart, least, most)


def variability_of(grades: Grades, limits: Limits) -> Variability:
    """Variability of all the beats graded; the firmware looks back on five minutes of them."""
    is_clean = limits.is_clean(grades)
    good = limits.is_steady(grades) & is_clean & np.append(False, is_clean[:-1])
    counts = good[1:] & good[:-1]
    differences_ms = 1000 * np.diff(grades.interval_s)[counts]
    rmssd_ms = float(np.sqrt(np.mean(differences_ms**2))) if len(differences_ms) else float("nan")
    return Variability(
        grades.interval_s[grades.is_fair], rmssd_ms, float(grades.interval_s[1:][counts].sum())
    )


def settled_rate_bpm(beats: Beats, grades: Grades, at_s: float) -> float:
    """Mean rate of the fair intervals that end in the 8 s before a moment, by the beats found until then.

    NaN where they cover less than 4.8 s, more than two others lie among them, or the last one is far back.
    """
    is_found = (beats.time_s > at_s - RUN_S) & (beats.time_s <= at_s - _LATEST_S)
    is_fair = is_found & grades.is_fair
    count, total_s = int(is_fair.sum()), float(grades.interval_s[is_fair].sum())
    strange = int(is_found.sum()) - count
    if count < _FEWEST_BEATS or strange > _MOST_STRANGE or total_s < _LEAST_COVERED_S:
        return float("nan")
    if at_s - float(beats.time_s[is_found][-1]) > _MOST_LATE * total_s / count:
        return float("nan")
    return 60.0 * count / total_s


def pulse_shape_index(beats: Beats, grades: Grades, limits: Limits) -> float:
    """How long the pulse rises, in hundredths of the interval: the median of the last 9 beats to trust.

    Height / steepest slope / interval. NaN below 5 beats. Without a unit, for research: it is not blood
    pressure, and nothing is known that it should be used for.
    """
    trusted = limits.is_steady(grades) & limits.is_clean(grades) & (beats.slope > 0)
    shares = 3 / RATE_HZ * beats.height[trusted] / beats.slope[trusted] / grades.interval_s[trusted]
    return 100 * _upper_median(shares[-9:].tolist()) if len(shares) >= 5 else float("nan")


def _places(slope: FloatArray) -> NDArray[np.int64]:
    """Samples of the beats: maxima of the slope that are steep and far enough from the one before."""
    start = round(6 * RATE_HZ)
    steep: deque[float] = deque([float(slope[start - 50 : start].max())], maxlen=7)
    gaps: deque[int] = deque(maxlen=7)
    found: list[int] = []
    is_peak = (slope[1:-1] > 0) & (slope[1:-1] >= slope[:-2]) & (slope[1:-1] > slope[2:])
    for place in (np.flatnonzero(is_peak) + 1).tolist():
        value = float(slope[place])
        usual = int(_upper_median(gaps)) if len(gaps) >= 3 else _USUAL
        gap = place - found[-1] if found else _LONGEST
        late = min(max(gap / usual - 1.5, 0.0) / 2, 1.0)
        level = _upper_median(steep)
        if value < level * max(_FAINTEST, _SHARE * (1 - late)):
            continue
        if gap < min(max(usual * 3 // 5, _NEAREST), _FARTHEST):
            if value > slope[found[-1]]:
                steep[-1] = min(value, 2 * level)
                found[-1] = place
            continue
        if _NEAREST < gap < _LONGEST:
            gaps.append(gap)
        steep.append(min(value, 2 * level))
        found.append(place)
    return np.array(found, np.int64)


def _upper_median(values: Iterable[float]) -> float:
    ranked = sorted(values)
    return ranked[len(ranked) // 2]
