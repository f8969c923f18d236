"""Sleep: wake, NREM or REM for each 30 s epoch, from movement and heart rate, told five minutes later."""

from bandwire.catalogue import INDEX_SLEEP_STAGE
from bandwire.frames import (
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    NO_VALUE,
    SLEEP_STAGE_ASLEEP,
    SLEEP_STAGE_NREM,
    SLEEP_STAGE_REM,
    SLEEP_STAGE_WAKE,
)
from dsp.fixed import isqrt
from dsp.sleep import DELAY_EPOCHS, EPOCH_S, SleepScorer
from dsp.sleep_features import MISSING

_UPDATES_PER_EPOCH = EPOCH_S // 2
_FEWEST_UPDATES = 8
"""Updates with movement data that an epoch needs, of 15; choice of this project."""

_MOST_WITH_HEART = 80
_MOST_WITHOUT_HEART = 50
_LEAST = 20
"""Quality: at least 20, at most 80, or 50 when no heart rate came; choice of this project."""

_QUALITY_PER_NAT = 12
"""Quality, with the stage, orders epochs by how wake they look, up to five nats from the threshold."""


class SleepVital:
    """Writes the sleep stage of the epoch that ended five minutes ago into `table`."""

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
        self._told = 0
        self._first_rate = 0
        self._rate_sum = self._rate_squares = self._rates = 0
        self._is_worn = False

    def update(self, activity_counts_q4, heart_rate_raw, is_on_wrist):
        """Take 2 s: activity counts in 1/16 or NO_VALUE, heart rate in 0.1/min or NO_VALUE, whether contact
        was good.

        An epoch of weak contact throughout has no stage: the band may lie on something pale.
        """
        if self._scorer.epochs <= DELAY_EPOCHS:
            self._table.withhold(INDEX_SLEEP_STAGE, CAUSE_STARTING)
        self._updates += 1
        self._is_worn = self._is_worn or is_on_wrist
        if activity_counts_q4 != NO_VALUE:
            self._activity_q4 += activity_counts_q4
            self._told += 1
        if heart_rate_raw != NO_VALUE:
            if self._rates == 0:
                self._first_rate = heart_rate_raw
            change = heart_rate_raw - self._first_rate
            self._rate_sum += change
            self._rate_squares += change * change
            self._rates += 1
        if self._updates == _UPDATES_PER_EPOCH:
            self._end_epoch()
            self._begin_epoch()

    def _end_epoch(self):
        activity_q4 = MISSING
        if self._is_worn and self._told >= _FEWEST_UPDATES:
            activity_q4 = self._activity_q4 * _UPDATES_PER_EPOCH // self._told
        rate_q4 = spread_q4 = 0
        count = self._rates
        if count:
            rate_q4 = 16 * (count * self._first_rate + self._rate_sum) // (10 * count)
            # Fifteen changes of less than 215 per min: below 2^30.
            square = count * self._rate_squares - self._rate_sum * self._rate_sum
            spread_q4 = 16 * isqrt(square) // (10 * count)
        self.push_epoch(activity_q4, rate_q4, spread_q4)

    def push_epoch(self, activity_q4, rate_q4, spread_q4):
        """Take a whole epoch in place of its updates: activity counts in 1/16 or MISSING (-1), mean and
        standard deviation of heart rate in 1/16 per min, 0 for none.
        """
        self._scorer.push(activity_q4, rate_q4, spread_q4)
        if self._scorer.waiting > DELAY_EPOCHS:
            self._tell()

    @property
    def epochs(self):
        """Epochs taken since `start`."""
        return self._scorer.epochs

    @property
    def waiting(self):
        """How many of them are not told yet."""
        return self._scorer.waiting

    def flush(self):
        """No more epochs will come: tell the oldest that waits. Gives whether there was one."""
        if self._scorer.waiting == 0:
            return False
        self._tell()
        return True

    def _tell(self):
        scorer = self._scorer
        scorer.decide()
        if not scorer.has_activity:
            self._table.withhold(INDEX_SLEEP_STAGE, CAUSE_WEAK_SIGNAL)
            return
        if scorer.score_q10 > 0:
            stage = SLEEP_STAGE_WAKE
        elif not scorer.has_rate:
            stage = SLEEP_STAGE_ASLEEP
        else:
            stage = SLEEP_STAGE_REM if scorer.is_rem else SLEEP_STAGE_NREM
        most = _MOST_WITH_HEART if scorer.has_rate else _MOST_WITHOUT_HEART
        quality = min(most, _LEAST + (abs(scorer.score_q10) * _QUALITY_PER_NAT >> 10))
        self._table.set(INDEX_SLEEP_STAGE, stage, quality)
