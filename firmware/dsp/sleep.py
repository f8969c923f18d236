"""Sleep or wake per 30 s epoch, from activity counts and heart rate; streaming, no look-ahead.

Five trailing features (log2, Q8) of the kind used by Walch et al., Sleep 42(12), 2019, enter one
logistic score: means of log activity over 1, 3 and 10 min, the time since the last movement, and heart
rate above its own low envelope. Weights and threshold: logistic regression on the 20 nights of that
paper's published data (PhysioNet sleep-accel), wake weighted twice; leaving one subject out gives an
area under the curve of 0.875 and 66 % of wake found where 93 % of sleep is (0.60 with the 3 min mean
alone). Quiet wakefulness is read as sleep: that is the limit of motion and heart rate.

The weights hold for activity counts as `vitals.motion` makes them only as far as its counts resemble
those of the data; that was not validated on people.
"""

from dsp.fixed import log2_q8

EPOCH_S = 30

_WEIGHTS = (73, 103, 398, -43, 13)
"""Score per Q8 feature, 16-bit fraction: means of 2, 6 and 20 epochs, stillness, heart rate."""

_WAKE_ABOVE = 93_313
"""Score from which an epoch is wake: 93 % of sleep lies below it in the data."""

_MEAN_EPOCHS = (2, 6, 20)
_MOVED_Q4 = 160
"""Activity of an epoch from which it counts as movement: 10 counts."""


class SleepScorer:
    """Scores one epoch after another; allocates nothing after construction. Restart for each night."""

    def __init__(self):
        self._means = [0, 0, 0]
        self.restart()

    def restart(self):
        """Forget the past."""
        self.epochs = 0
        self._still_epochs = 0
        self._envelope_q12 = 0
        for index in range(3):
            self._means[index] = 0

    def push(self, activity_q4, heart_rate_q4):
        """Score an epoch: activity counts in 1/16, mean heart rate in 1/16 per min or 0 for unknown.

        Positive means wake; 65536 is one logit.
        """
        self.epochs += 1
        activity = log2_q8(16 + activity_q4) - 1024
        self._still_epochs = 0 if activity_q4 >= _MOVED_Q4 else self._still_epochs + 1
        score = -_WAKE_ABOVE
        for index in range(3):
            span = min(_MEAN_EPOCHS[index], self.epochs)
            self._means[index] += ((activity << 8) - self._means[index]) // span
            score += _WEIGHTS[index] * (self._means[index] >> 8)
        score += _WEIGHTS[3] * log2_q8(1 + self._still_epochs)
        return score + _WEIGHTS[4] * self._above_envelope(heart_rate_q4)

    def _above_envelope(self, heart_rate_q4):
        """Heart rate above its low envelope (down 1/5, up 1/50 an epoch), per min in Q8."""
        if heart_rate_q4 == 0:
            return 0
        rate_q12 = heart_rate_q4 << 8
        if self._envelope_q12 == 0:
            self._envelope_q12 = rate_q12
        change = rate_q12 - self._envelope_q12
        self._envelope_q12 += change // 50 if change > 0 else change // 5
        return (rate_q12 - self._envelope_q12) >> 4
