"""Wake, NREM or REM of each 30 s epoch, from activity counts and heart rate, decided five minutes later.

The features of an epoch (`dsp.sleep_features`), some of them as they are 2, 5 and 10 epochs later and were
10 and 20 before, enter three networks of eight units whose outputs are added; one wake score tells sleep from
wake, and the mean leaning of six decisions NREM from REM. An epoch without heart rate is scored by movement
alone, linearly. Weights and thresholds: `tools/fit/sleep.py`, which says on what, and how well it does on
subjects that were left out. Quiet wakefulness is read as sleep: that is the limit of motion and heart rate.

The weights hold for activity counts as `vitals.motion` makes them only as far as its counts resemble those of
the data; that was not validated on people.

Widths: the fit keeps every sum of a unit below 2^30 for the largest inputs; a test holds it to that.
"""

from array import array

import micropython

from dsp.fitted import (
    SLEEP_FIRST,
    SLEEP_FIRST_BIAS,
    SLEEP_MOTION,
    SLEEP_MOTION_BIAS,
    SLEEP_MOTION_SHIFT,
    SLEEP_REM_ABOVE_Q10,
    SLEEP_SECOND,
    SLEEP_SECOND_BIAS,
    SLEEP_SHIFT,
    SLEEP_UNITS,
)
from dsp.sleep_features import FEATURE_COUNT, MISSING, SleepFeatures

EPOCH_S = 30
DELAY_EPOCHS = 10
"""Epochs between one and its decision: five minutes."""

INPUT_COUNT = 53
_LATER = b"\x01\x02\x06\x0a\x0c\x12\x13\x14"
_LATER_EPOCHS = (2, 5, 10)
_EARLIER = b"\x0c\x12\x14"
_EARLIER_EPOCHS = (10, 20)
_ROWS = DELAY_EPOCHS + 1
_PAST = _ROWS + 20
_REM_MEMORY = 6
_ACTIVITY, _RATE = 1, 2


@micropython.native
def weighted(weights, first, inputs):
    """Sum of inputs times int16 weights, little-endian bytes, from weight `first` on."""
    total = 0
    at = 2 * first
    for index in range(INPUT_COUNT):
        total += inputs[index] * (((weights[at] | weights[at + 1] << 8) ^ 0x8000) - 0x8000)
        at += 2
    return total


def half_at(table, index):
    """The int16 at `index` of little-endian bytes."""
    return ((table[2 * index] | table[2 * index + 1] << 8) ^ 0x8000) - 0x8000


def word_at(table, index):
    """The int32 at `index` of little-endian bytes, which lies within 30 bits and a sign."""
    at = 4 * index
    return (table[at] | table[at + 1] << 8 | table[at + 2] << 16) + (((table[at + 3] ^ 0x80) - 0x80) << 24)


def activation_q10(value):
    """x (27 + x^2) / (27 + 9 x^2) of -3 <= x <= 3, beyond that -1 and 1: the Pade approximant of tanh."""
    value = max(-3072, min(3072, value))
    square = (value * value) >> 10
    return value * (27648 + square) // (27648 + 9 * square)


class SleepScorer:
    """Takes epochs, decides each once ten more came; allocates nothing after construction.

    After `decide`: `score_q10` (log odds of wake above its threshold, positive is wake), `is_rem`,
    `has_activity` and `has_rate` speak of the epoch decided.
    """

    def __init__(self):
        self._features = SleepFeatures()
        self._rows = array("h", bytes(2 * FEATURE_COUNT * _ROWS))
        self._past = array("h", bytes(2 * 3 * _PAST))
        self._known = bytearray(_ROWS)
        self._inputs = array("h", bytes(2 * INPUT_COUNT))
        self._logits = array("i", bytes(4 * 3))
        self._leaning = array("i", bytes(4 * _REM_MEMORY))
        self.restart()

    def restart(self):
        """Forget the past."""
        self._features.restart()
        self.epochs = 0
        self._decided = 0
        self._leanings = 0
        self.score_q10 = 0
        self.is_rem = self.has_activity = self.has_rate = False

    @property
    def waiting(self):
        """Epochs that were taken and are not decided."""
        return self.epochs - self._decided

    def push(self, activity_q4, rate_q4, spread_q4):
        """Take an epoch as `SleepFeatures.push` does; decide first what would otherwise be eleven back."""
        row = self._features
        row.push(activity_q4, rate_q4, spread_q4)
        start = self.epochs % _ROWS * FEATURE_COUNT
        for index in range(FEATURE_COUNT):
            self._rows[start + index] = row.row[index]
        start = self.epochs % _PAST * 3
        for index in range(3):
            self._past[start + index] = row.row[_EARLIER[index]]
        has_activity = _ACTIVITY if activity_q4 != MISSING else 0
        self._known[self.epochs % _ROWS] = has_activity | (_RATE if rate_q4 else 0)
        self.epochs += 1

    def decide(self):
        """Score the oldest epoch that waits, by those after it that there are."""
        known = self._known[self._decided % _ROWS]
        self.has_activity = bool(known & _ACTIVITY)
        self.has_rate = bool(known & _RATE)
        self._gather()
        if self.has_rate:
            self._run_networks()
            self.score_q10 = self._wake_score()
            if self.has_activity:
                self.is_rem = self._mean_leaning() > SLEEP_REM_ABOVE_Q10
        else:
            total = SLEEP_MOTION_BIAS + weighted(SLEEP_MOTION, 0, self._inputs)
            self.score_q10 = total >> SLEEP_MOTION_SHIFT
        self._decided += 1

    def _gather(self):
        decided = self._decided
        newest = self.epochs - 1
        inputs = self._inputs
        rows = self._rows
        start = decided % _ROWS * FEATURE_COUNT
        for index in range(FEATURE_COUNT):
            inputs[index] = rows[start + index]
        place = FEATURE_COUNT
        for later in _LATER_EPOCHS:
            start = min(decided + later, newest) % _ROWS * FEATURE_COUNT
            for column in _LATER:
                inputs[place] = rows[start + column]
                place += 1
        for later in (1, 2):
            inputs[place] = rows[min(decided + later, newest) % _ROWS * FEATURE_COUNT]
            place += 1
        for earlier in _EARLIER_EPOCHS:
            start = max(decided - earlier, 0) % _PAST * 3
            for index in range(3):
                inputs[place] = self._past[start + index]
                place += 1

    def _run_networks(self):
        logits = self._logits
        for index in range(3):
            logits[index] = word_at(SLEEP_SECOND_BIAS, index)
        for unit in range(SLEEP_UNITS):
            total = word_at(SLEEP_FIRST_BIAS, unit) + weighted(SLEEP_FIRST, unit * INPUT_COUNT, self._inputs)
            hidden = activation_q10(total >> SLEEP_SHIFT)
            for index in range(3):
                logits[index] += hidden * half_at(SLEEP_SECOND, 3 * unit + index)
        for index in range(3):
            logits[index] >>= 10

    def _wake_score(self):
        """Log odds of wake; log(1 + e^-d) is taken as 0.693 (1 - d / 4)^2 up to d = 4, and 0 beyond."""
        high = max(self._logits[1], self._logits[2])
        room = max(0, 4096 - (high - min(self._logits[1], self._logits[2])))
        return self._logits[0] - high - ((room * room >> 10) * 44 >> 10)

    def _mean_leaning(self):
        """Mean of REM over NREM of the last six epochs with heart rate."""
        self._leaning[self._leanings % _REM_MEMORY] = self._logits[2] - self._logits[1]
        self._leanings += 1
        count = min(_REM_MEMORY, self._leanings)
        total = 0
        for index in range(count):
            total += self._leaning[index]
        return total // count
