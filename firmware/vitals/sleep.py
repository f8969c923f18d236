"""Sleep: asleep or awake for each 30 s epoch, from movement and heart rate."""

from bandwire.catalogue import INDEX_SLEEP_STAGE
from bandwire.frames import (
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    NO_VALUE,
    SLEEP_STAGE_ASLEEP,
    SLEEP_STAGE_WAKE,
)
from dsp.sleep import EPOCH_S, SleepScorer

_UPDATES_PER_EPOCH = EPOCH_S // 2
_FIRST_EPOCHS = 6
"""Epochs before the first answer: the 3 min mean must have been filled."""

_MOST_WITH_HEART = 80
_MOST_WITHOUT_HEART = 50
_LEAST = 20
"""Quality: at least 20, at most 80, or 50 when no heart rate came; choice of this project."""


class SleepVital:
    """Writes the sleep stage into `table`: wake, or asleep of unknown stage."""

    def __init__(self, table):
        self._table = table
        self._scorer = SleepScorer()
        self.start()

    def start(self):
        """Begin afresh."""
        self._scorer.restart()
        self._begin_epoch()

    def _begin_epoch(self):
        self._updates = 0
        self._activity_q4 = 0
        self._rate_sum = 0
        self._rates = 0
        self._is_worn = False

    def update(self, activity_counts_q4, heart_rate_raw, is_on_wrist):
        """Take 2 s: activity counts in 1/16, heart rate in 0.1/min or NO_VALUE, whether contact was good.

        An epoch of weak contact throughout has no stage: the band may lie on something pale.
        """
        if self._scorer.epochs < _FIRST_EPOCHS:
            self._table.withhold(INDEX_SLEEP_STAGE, CAUSE_STARTING)
        self._updates += 1
        self._is_worn = self._is_worn or is_on_wrist
        self._activity_q4 += activity_counts_q4
        if heart_rate_raw != NO_VALUE:
            self._rate_sum += heart_rate_raw
            self._rates += 1
        if self._updates == _UPDATES_PER_EPOCH:
            self._end_epoch()
            self._begin_epoch()

    def _end_epoch(self):
        heart_rate_q4 = 16 * self._rate_sum // (10 * self._rates) if self._rates else 0
        score = self._scorer.push(self._activity_q4, heart_rate_q4)
        if self._scorer.epochs < _FIRST_EPOCHS:
            return
        if not self._is_worn:
            self._table.withhold(INDEX_SLEEP_STAGE, CAUSE_WEAK_SIGNAL)
            return
        # A logit of the score is worth 20 points: two of three epochs rightly told is where it starts.
        most = _MOST_WITH_HEART if self._rates else _MOST_WITHOUT_HEART
        quality = min(most, _LEAST + abs(score) * 20 // 65536)
        self._table.set(INDEX_SLEEP_STAGE, SLEEP_STAGE_WAKE if score > 0 else SLEEP_STAGE_ASLEEP, quality)
