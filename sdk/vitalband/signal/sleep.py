"""Wake, NREM and REM of 30 s epochs from activity counts and heart rate. Oracle of the firmware's scorer.

Twenty-one features of what came so far, a choice of this project for the data and the task of Walch et al.,
Sleep 42(12), 2019. The stage of an epoch is decided ten epochs later from its own features, some of those 10
and 20 epochs before and 2, 5 and 10 after, by small networks whose outputs are added. Every integer is that
of the firmware's `dsp.sleep`.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vitalband.signal.integers import Integers, floor_root, log2_q8

EPOCH_S = 30
DELAY_EPOCHS = 10
MISSING = -1
"""Activity of an epoch in which the wrist told nothing."""

FEATURES = (
    "activity", "mean_1_min", "mean_3_min", "mean_10_min", "mean_30_min", "most_2_min", "most_5_min",
    "stillness", "longest_stillness", "share_moving", "rate_above_30_min", "rate_above_base",
    "rate_above_median", "mean_rate_above_median", "rate_spread", "rate_change", "epoch_of_night",
    "onset", "spread_above_mean", "change_above_mean", "inner_spread_above_mean",
)  # fmt: skip
LATER = (1, 2, 6, 10, 12, 18, 19, 20)
"""Features that count again as they are 2, 5 and 10 epochs later."""
LATER_EPOCHS = (2, 5, 10)
NEXT_EPOCHS = (1, 2)
"""Epochs after, whose own activity counts."""
EARLIER = (12, 18, 20)
"""Features that count again as they were 10 and 20 epochs before."""
EARLIER_EPOCHS = (10, 20)
INPUTS = (
    len(FEATURES) + len(LATER) * len(LATER_EPOCHS) + len(NEXT_EPOCHS) + len(EARLIER) * len(EARLIER_EPOCHS)
)
FEATURE_LIMIT = 2047
REM_MEMORY = 6
"""Decisions over which the leaning to REM is averaged: 3 min."""
_MOVED_Q4, _MOVING_Q4 = 160, 320
_UP_Q7 = 512
"""Mean of ten minutes' activity, log2 of 1 + 15 counts, above which one is up; choice of this project."""
_UP_EPOCHS = 20
_NIGHT_EPOCHS = 960
_LOWEST_BPM = 30


@dataclass
class Features:
    """Features of one epoch after another; a night starts anew while its wearer is up."""

    epochs: int = 0
    moved: int = 0
    means: list[int] = field(default_factory=lambda: [0] * 4)
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=10))
    moving: deque[int] = field(default_factory=lambda: deque(maxlen=40))
    rates: deque[int] = field(default_factory=lambda: deque(maxlen=60))
    spreads: deque[int] = field(default_factory=lambda: deque(maxlen=10))
    still: int = 0
    longest_still: int = 0
    slow: int = 0
    base: int = 0
    rated: int = 0
    onset: int = 65536
    histogram: list[int] = field(default_factory=lambda: [0] * 128)
    night_means: list[int] = field(default_factory=lambda: [0] * 3)
    motion: list[int] = field(default_factory=lambda: [0] * 10)

    @property
    def is_up(self) -> bool:
        """Whether the last ten minutes were too lively for a night."""
        return self.moved >= _UP_EPOCHS and self.means[2] >> 8 > _UP_Q7

    def push(self, activity_q4: int, rate_q4: int, spread_q4: int) -> list[int]:
        """Features after an epoch of activity in 1/16 count or MISSING, heart rate in 1/16 per min or 0.

        `spread_q4` is the deviation of the heart rate within the epoch in 1/16 per min.
        """
        if activity_q4 != MISSING:
            self._move(activity_q4)
        if rate_q4:
            self.rates.append(rate_q4)
            self.spreads.append(spread_q4)
        rate = self._rate() if self.rates else [0] * 9
        row = [*self.motion, *rate[:6], min(self.epochs, _NIGHT_EPOCHS), self.onset >> 6, *rate[6:]]
        self.epochs += 1
        self.onset -= self.onset // 40
        return [min(FEATURE_LIMIT, max(-FEATURE_LIMIT, value)) for value in row]

    def _move(self, activity_q4: int) -> None:
        self.moved += 1
        activity = (_log(16 + activity_q4) - 1024) >> 1
        for index, span in enumerate((2, 6, 20, 60)):
            self.means[index] += ((activity << 8) - self.means[index]) // min(span, self.moved)
        self.recent.append(activity)
        self.moving.append(int(activity_q4 > _MOVING_Q4))
        self.still = 0 if activity_q4 >= _MOVED_Q4 else self.still + 1
        self.longest_still = max(self.longest_still, self.still)
        last = list(self.recent)
        self.motion = [
            activity, *(mean >> 8 for mean in self.means), max(last[-4:]), max(last), _log_q7(1 + self.still),
            _log_q7(1 + self.longest_still), (sum(self.moving) << 8) // len(self.moving),
        ]  # fmt: skip

    def _rate(self) -> list[int]:
        rates = list(self.rates)
        rate = rates[-1]
        if not self.rated:
            self.slow = self.base = rate << 8
        self.rated += 1
        self.slow += ((rate << 8) - self.slow) // min(60, self.rated)
        change = (rate << 8) - self.base
        self.base += change // 50 if change > 0 else change // 5
        median = self._median_with(rate)
        spreads = [_spread(rates[-10:]), _change(rates[-20:]), _inner(self.spreads)]
        return [
            ((rate << 8) - self.slow) >> 8, ((rate << 8) - self.base) >> 8, rate - median,
            sum(rates) // len(rates) - median, *spreads[:2], *self._above_means(spreads),
        ]  # fmt: skip

    def _median_with(self, rate_q4: int) -> int:
        """Median of the night's rates in 1/16 per min, this one included, interpolated in its bin of 1."""
        self.histogram[min(127, max(0, (rate_q4 >> 4) - _LOWEST_BPM))] += 1
        below = place = 0
        while 2 * (below + self.histogram[place]) < self.rated:
            below += self.histogram[place]
            place += 1
        return (_LOWEST_BPM + place) * 16 + 16 * (self.rated - 2 * below) // (2 * self.histogram[place])

    def _above_means(self, values: list[int]) -> list[int]:
        """How far values lie above their means of the night, at most of its last two hours."""
        for index, value in enumerate(values):
            if self.rated == 1:
                self.night_means[index] = value << 8
            self.night_means[index] += ((value << 8) - self.night_means[index]) // min(240, self.rated)
        return [value - (mean >> 8) for value, mean in zip(values, self.night_means, strict=True)]


def _log(value: int) -> int:
    return int(log2_q8(np.array(value)))


def _log_q7(value: int) -> int:
    return _log(value) >> 1


def _spread(rates: list[int]) -> int:
    count, total = len(rates), sum(rates)
    deviations = [max(-1023, min(1023, (rate * count - total) // count)) for rate in rates]
    square = sum(value * value for value in deviations)
    return (_log(int(floor_root(np.array((square << 4) // count))) + 19) - 1536) >> 1


def _change(rates: list[int]) -> int:
    total = sum(abs(later - earlier) for earlier, later in pairwise(rates))
    return (_log((total << 4) // max(1, len(rates) - 1) + 51) - 2048) >> 1


def _inner(spreads: deque[int]) -> int:
    return (_log((sum(spreads) << 4) // len(spreads) + 77) - 2048) >> 1


def features_of(activity_q4: Integers, rate_q4: Integers, spread_q4: Integers) -> Integers:
    """Features (n, 21) of the epochs of a night, each of what came up to its end."""
    state = Features()
    rows: list[list[int]] = []
    for epoch in zip(activity_q4.tolist(), rate_q4.tolist(), spread_q4.tolist(), strict=True):
        if state.is_up:
            state = Features()
        rows.append(state.push(*epoch))
    return np.array(rows, np.int64).reshape(-1, len(FEATURES))


def inputs_of(features: Integers) -> Integers:
    """Inputs (n, 53) of the networks: features (n, 21), later and earlier ones beside; ends repeat."""
    count = len(features)

    def at(offset: int, columns: tuple[int, ...]) -> Integers:
        return features[np.clip(np.arange(count) + offset, 0, count - 1)][:, list(columns)]

    later = [at(offset, LATER) for offset in LATER_EPOCHS]
    following = [at(offset, (0,)) for offset in NEXT_EPOCHS]
    earlier = [at(-offset, EARLIER) for offset in EARLIER_EPOCHS]
    return np.hstack([features, *later, *following, *earlier])


@dataclass(frozen=True)
class Networks:
    """Networks of one hidden layer as integers, their outputs added: `units` hidden ones in all.

    Before its activation a unit has `shift` + 10 fraction bits; what follows has 10.
    """

    first: Integers
    """(units, 53)"""
    first_bias: Integers
    """(units,)"""
    second: Integers
    """(3, units), 10 fraction bits"""
    second_bias: Integers
    """(3,), 20 fraction bits"""
    shift: int

    def logits_q10(self, inputs: Integers) -> Integers:
        """Logits of wake, NREM and REM (n, 3) with 10 fraction bits."""
        hidden = activation_q10((inputs @ self.first.T + self.first_bias) >> self.shift)
        return (hidden @ self.second.T + self.second_bias) >> 10


def activation_q10(values: Integers) -> Integers:
    """x (27 + x^2) / (27 + 9 x^2) of -3 <= x <= 3, beyond that -1 and 1: the Pade approximant of tanh."""
    x = np.clip(values, -3072, 3072)
    square = (x * x) >> 10
    return x * (27648 + square) // (27648 + 9 * square)


def wake_score_q10(logits: Integers) -> Integers:
    """Log odds of wake against sleep (n,) of logits (n, 3), within 0.08.

    log(1 + e^-d) is taken as 0.693 (1 - d / 4)^2 up to d = 4, and 0 beyond.
    """
    high, low = logits[:, 1:].max(axis=1), logits[:, 1:].min(axis=1)
    room = np.maximum(0, 4096 - (high - low))
    return logits[:, 0] - high - ((room * room >> 10) * 44 >> 10)


def rem_leaning_q10(logits: Integers) -> Integers:
    """How far REM outweighs NREM (n,), averaged over the last six epochs that there were."""
    leaning = logits[:, 2] - logits[:, 1]
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(leaning)])
    end = np.arange(1, len(leaning) + 1)
    start = np.maximum(0, end - REM_MEMORY)
    return (sums[end] - sums[start]) // (end - start)


@dataclass(frozen=True)
class Scorer:
    """All that a fit gives. Without heart rate movement alone tells sleep from wake, linearly."""

    networks: Networks
    """Their wake score is above zero for wake."""
    rem_above_q10: int
    motion: Integers
    """(53,), only those of movement and time not zero"""
    motion_bias: int
    motion_shift: int
    """Fraction bits of the linear score are this and 10."""

    def scores_q10(self, inputs: Integers, rate_q4: Integers) -> Integers:
        """Log odds of wake above its threshold (n,) of inputs (n, 53)."""
        linear = (inputs @ self.motion + self.motion_bias) >> self.motion_shift
        return np.where(rate_q4 > 0, wake_score_q10(self.networks.logits_q10(inputs)), linear)

    def stages(self, activity_q4: Integers, rate_q4: Integers, spread_q4: Integers) -> Integers:
        """Stages (n,) of a night: 0 wake, 1 NREM, 2 REM, 3 asleep without heart rate; -1 without counts."""
        inputs = inputs_of(features_of(activity_q4, rate_q4, spread_q4))
        has_rate = rate_q4 > 0
        told = has_rate & (activity_q4 != MISSING)
        leaning = np.zeros(len(inputs), np.int64)
        leaning[told] = rem_leaning_q10(self.networks.logits_q10(inputs[told]))
        asleep = np.where(has_rate, np.where(leaning > self.rem_above_q10, 2, 1), 3)
        stages = np.where(self.scores_q10(inputs, rate_q4) > 0, 0, asleep)
        return np.where(activity_q4 == MISSING, MISSING, stages)


def epochs_of(
    counts: NDArray[np.float64], rates: NDArray[np.float64], epochs: int, start_s: float = 0.0
) -> tuple[Integers, Integers, Integers]:
    """Activity, heart rate and its deviation of 30 s epochs from rows of time and value, all in 1/16.

    `counts` (k, 2) are activity counts, summed; `rates` (k, 2) in 1/min, averaged. An epoch without counts is
    MISSING, one without rates 0.
    """
    activity = np.zeros(epochs)
    seen = np.zeros(epochs, np.int64)
    mean, square, number = np.zeros(epochs), np.zeros(epochs), np.zeros(epochs)
    for rows, is_count in ((counts, True), (rates, False)):
        epoch = np.floor((rows[:, 0] - start_s) / EPOCH_S).astype(np.int64)
        inside = (epoch >= 0) & (epoch < epochs)
        epoch, values = epoch[inside], rows[inside, 1]
        if is_count:
            np.add.at(activity, epoch, values)
            np.add.at(seen, epoch, 1)
        else:
            np.add.at(number, epoch, 1)
            np.add.at(mean, epoch, values)
            np.add.at(square, epoch, values * values)
    count = np.maximum(number, 1)
    deviation = np.sqrt(np.maximum(0, square / count - (mean / count) ** 2))
    activity_q4 = np.where(seen > 0, np.rint(16 * activity), MISSING).astype(np.int64)
    return activity_q4, np.rint(16 * mean / count).astype(np.int64), np.rint(16 * deviation).astype(np.int64)
