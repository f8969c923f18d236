"""The line from band ticks to UTC of one boot, bounded from both sides.

Each time exchange says between which two moments of UTC a tick lay. Write the UTC of a tick as
1000 us a tick and an excess x. What is known of x is an interval at each exchange, and that its
slope, the drift, lies within few ppm of one number. Two exchanges i < j bound the drift:

    (low_j - high_i) / (t_j - t_i)  <=  drift  <=  (high_j - low_i) / (t_j - t_i)

The sharpest of all these bounds are found on convex hulls (Zhang, Liu, Xia, "Clock synchronization
algorithms for network measurements", INFOCOM 2002; its abstract was read: hulls in linear time, clock
resets found in the same pass). Between and beyond exchanges x lies in what all intervals, widened with
the steepest and the flattest drift, leave (docs/time.md). The middle is the estimate, half of the width
its uncertainty: a bound, not a standard deviation.
"""

from array import array
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DRIFT_LIMIT_PPM = 200.0
"""A chosen bound of the drift between band and host before it is measured: 100 ppm for either clock,
five times the 20 ppm tolerance of a tuning-fork crystal (data sheet TF20, 008-0353-0)."""
TEMPERATURE_PPM = 3.0
"""How far the drift may leave what was measured: 0.030 ppm/degC^2 (the same data sheet; +-0.010 from
crystal to crystal) over the 10 degC to either side of the turnover at 25 degC, as worn or put aside in
a room."""
DRIFT_SPREAD_LIMIT_PPM = 10.0
"""A chosen bound: drifts of one boot that differ by more are no drift, but a step of the host's clock. By
the coefficient above a crystal does so from 18 degC off its turnover on."""
SILENCE_MS, SETTLING_MS = 10 * 60_000, 60 * 60_000
"""Chosen: a host that has made no exchange for ten minutes may have slept, and woken with a clock that is set
right within the hour. Until then what it said on waking is not held against the time before."""
UNSURE_US = 500
"""A tick lasts a millisecond: what happened in it lies within half of that of its middle."""
LEAST_UNCERTAINTY_US = 1000
EXCHANGES_KEPT = 8192
"""Of a boot, about a day of one each ten seconds; when twice as many are there the sharpest of equal
times stay."""

_PER_PPM = 1e-3
"""Microseconds a millisecond."""


class Interval(NamedTuple):
    """At `at_ms` the excess lay between `low_us` and `high_us`."""

    at_ms: int
    low_us: int
    high_us: int


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The host's clock was set between the exchange at tick `ticks_ms` and the one before it: forward by
    `step_us`, within `uncertainty_us`."""

    ticks_ms: int
    step_us: int
    uncertainty_us: int


@dataclass(frozen=True, slots=True)
class Drift:
    """How much faster UTC goes than the band's ticks, bounds in ppm."""

    low_ppm: float
    high_ppm: float


class Slopes(NamedTuple):
    """Which slopes are possible: none further from 0 than `limit`, nor all within more than `spread`."""

    limit: float
    spread: float


DRIFTS = Slopes(DRIFT_LIMIT_PPM * _PER_PPM, DRIFT_SPREAD_LIMIT_PPM * _PER_PPM)


@dataclass(slots=True)
class Segment:
    """Successive intervals that one line explains, as exchanges while no clock is set."""

    first: int
    slopes: Slopes = DRIFTS
    least: float = -np.inf
    most: float = np.inf
    highs: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    lows: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def copy(self) -> "Segment":
        """Another one that goes its own way."""
        return replace(self, highs=self.highs.copy(), lows=self.lows.copy())

    def takes(self, interval: Interval) -> bool:
        """Take an interval after all others in, unless no slope that is possible leads to it."""
        at, low, high = interval
        least = max(self.least, max((_slope(i, (at, low)) for i in self.highs), default=-np.inf))
        most = min(self.most, -max((_slope((t, -x), (at, -high)) for t, x in self.lows), default=-np.inf))
        limit, spread = self.slopes
        if least > limit or most < -limit or least - most > spread:
            return False
        self.least, self.most = least, most
        _extend_hull(self.highs, (at, high), 1)
        _extend_hull(self.lows, (at, low), -1)
        return True


def _slope(earlier: tuple[int, int], later: tuple[int, int]) -> float:
    passed_ms, rise_us = later[0] - earlier[0], later[1] - earlier[1]
    if passed_ms:
        return rise_us / passed_ms
    return np.inf if rise_us > 0 else -np.inf


def _extend_hull(hull: list[tuple[int, int]], point: tuple[int, int], side: int) -> None:
    """Add a point after all others to the lower hull (side 1) or the upper one (-1): monotone chain."""
    if hull and hull[-1][0] == point[0]:
        if (point[1] - hull[-1][1]) * side >= 0:
            return
        hull.pop()
    while len(hull) >= 2:
        (t0, x0), (t1, x1) = hull[-2:]
        if ((x1 - x0) * (point[0] - t0) - (point[1] - x0) * (t1 - t0)) * side < 0:
            break
        hull.pop()
    hull.append(point)


class Timeline:
    """The exchanges of one boot, taken in the order of their ticks; `place` then bounds any tick."""

    def __init__(self) -> None:
        self.doubted: Interval | None = None
        """The last exchange, when it does not fit: a step or an error, which the next one decides."""
        self._at = array("q")
        self._low = array("q")
        self._high = array("q")
        self._segments: list[Segment] = []
        self._before_silence: tuple[Segment, int] | None = None
        self._bounds: _Bounds | None = None
        self._steps: tuple[ClockStep, ...] = ()

    def __len__(self) -> int:
        return len(self._at)

    def add(self, interval: Interval) -> None:
        """Take in an interval whose tick is none before the last one's."""
        doubted, self.doubted = self.doubted, None
        if self._segments and self._continues(interval):
            self._keep(interval)
        elif doubted is not None and self._begins(doubted, interval):
            self._keep(doubted)
            self._keep(interval)
        elif not self._segments:
            self._segments.append(Segment(0))
            self._segments[0].takes(interval)
            self._keep(interval)
        else:
            self.doubted = interval

    def _continues(self, interval: Interval) -> bool:
        segment = self._segments[-1]
        is_silence = interval.at_ms - self._at[-1] > SILENCE_MS
        before = segment.copy() if is_silence else segment
        if not segment.takes(interval):
            return False
        if is_silence:
            self._before_silence = before, len(self._at)
        return True

    def _begins(self, first: Interval, second: Interval) -> bool:
        segment = Segment(len(self._at))
        if not (segment.takes(first) and segment.takes(second)):
            return False
        self._part_from_silence(first.at_ms)
        self._segments.append(segment)
        return True

    def _part_from_silence(self, step_ms: int) -> None:
        if self._before_silence is None:
            return
        before, first = self._before_silence
        self._before_silence = None
        if step_ms - self._at[first] < SETTLING_MS:
            after = Segment(first)
            for row in zip(self._at[first:], self._low[first:], self._high[first:], strict=True):
                after.takes(Interval(*row))
            self._segments[-1:] = [before, after]

    def _keep(self, interval: Interval) -> None:
        self._at.append(interval.at_ms)
        self._low.append(interval.low_us)
        self._high.append(interval.high_us)
        self._bounds = None

    @property
    def is_full(self) -> bool:
        """Whether it holds more than `intervals` gives."""
        return len(self._at) > 2 * EXCHANGES_KEPT

    @property
    def span_ms(self) -> tuple[int, int]:
        """Ticks of the first exchange and of the last."""
        return self._at[0], self._at[-1]

    @property
    def steps(self) -> tuple[ClockStep, ...]:
        """When the host's clock was set, in order."""
        self._bounded()
        return self._steps

    def intervals(self) -> list[Interval]:
        """All that it holds, in order; fewer when there are too many."""
        held = [Interval(*row) for row in zip(self._at, self._low, self._high, strict=True)]
        if self.is_full:
            held = _thinned(held)
        return held + ([] if self.doubted is None else [self.doubted])

    @property
    def drift(self) -> Drift:
        """Bounds of the drift, with what temperature may add."""
        least = max((segment.least for segment in self._segments), default=-np.inf)
        most = min((segment.most for segment in self._segments), default=np.inf)
        low, high = min(least, most) / _PER_PPM, max(least, most) / _PER_PPM
        return Drift(
            max(low - TEMPERATURE_PPM, -DRIFT_LIMIT_PPM), min(high + TEMPERATURE_PPM, DRIFT_LIMIT_PPM)
        )

    def place(self, at_ms: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Excess of (n,) ticks and how far it may be off, (n,) us; there must be an exchange."""
        low, high = self._bounded().at(at_ms.astype(np.float64))
        # Where a step was too small to be told the two sides may contradict each other: either may be right.
        half = np.abs(high - low) / 2 + UNSURE_US
        return (low + high) / 2 + UNSURE_US, np.maximum(half, LEAST_UNCERTAINTY_US)

    def _bounded(self) -> "_Bounds":
        if self._bounds is None:
            self._bounds = self._joined()
        return self._bounds

    def _joined(self) -> "_Bounds":
        """The segments on one line: earlier ones as if the host's clock had been set then as it was last."""
        at, low, high = (np.array(column, np.float64) for column in (self._at, self._low, self._high))
        drift = self.drift
        flattest, steepest = drift.low_ppm * _PER_PPM, drift.high_ppm * _PER_PPM
        steps: list[ClockStep] = []
        for later, segment in pairwise(reversed(self._segments)):
            before, after = slice(segment.first, later.first), slice(later.first, None)
            step_ms = at[later.first]
            away, until = step_ms - at[before], at[after] - step_ms
            low_step = np.max(low[after] - steepest * until) - np.min(high[before] + steepest * away)
            high_step = np.min(high[after] - flattest * until) - np.max(low[before] + flattest * away)
            step, half = (low_step + high_step) / 2, abs(high_step - low_step) / 2
            if abs(step) > half:
                steps.append(ClockStep(int(step_ms), round(step), round(half)))
            low[before] += step - half
            high[before] += step + half
        self._steps = tuple(reversed(steps))
        return _Bounds.of(at, low, high, flattest, steepest)


def _thinned(held: list[Interval]) -> list[Interval]:
    """The sharpest of each of `EXCHANGES_KEPT` equal times, and the first and the last."""
    first_ms, span_ms = held[0].at_ms, held[-1].at_ms - held[0].at_ms + 1
    sharpest: dict[int, Interval] = {}
    for interval in held:
        bucket = (interval.at_ms - first_ms) * EXCHANGES_KEPT // span_ms
        known = sharpest.get(bucket)
        if known is None or interval.high_us - interval.low_us < known.high_us - known.low_us:
            sharpest[bucket] = interval
    return sorted({held[0], *sharpest.values(), held[-1]})


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What all exchanges before and after each exchange leave of the excess there, (n,) us."""

    at_ms: NDArray[np.float64]
    low_before: NDArray[np.float64]
    high_before: NDArray[np.float64]
    low_after: NDArray[np.float64]
    high_after: NDArray[np.float64]
    flattest: float
    steepest: float

    @classmethod
    def of(
        cls,
        at: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        flattest: float,
        steepest: float,
    ) -> "_Bounds":
        def most(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.maximum.accumulate(values)

        return cls(
            at,
            most(low - flattest * at) + flattest * at,
            -most(steepest * at - high) + steepest * at,
            most((low - steepest * at)[::-1])[::-1] + steepest * at,
            -most((flattest * at - high)[::-1])[::-1] + flattest * at,
            flattest,
            steepest,
        )

    def at(self, at_ms: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high bounds at (n,) ticks."""
        after = np.searchsorted(self.at_ms, at_ms, side="right")
        last = len(self.at_ms) - 1
        before, is_first, is_last = np.maximum(after - 1, 0), after == 0, after > last
        after = np.minimum(after, last)
        away, until = at_ms - self.at_ms[before], self.at_ms[after] - at_ms
        low = np.maximum(
            np.where(is_first, -np.inf, self.low_before[before] + self.flattest * away),
            np.where(is_last, -np.inf, self.low_after[after] - self.steepest * until),
        )
        high = np.minimum(
            np.where(is_first, np.inf, self.high_before[before] + self.steepest * away),
            np.where(is_last, np.inf, self.high_after[after] - self.flattest * until),
        )
        return low, high
