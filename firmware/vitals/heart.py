"""Heart rate from the optical pulse, in motion and at rest."""

from bandwire.catalogue import INDEX_HEART_RATE_BPM
from bandwire.frames import CAUSE_LOW_CONFIDENCE, CAUSE_MOTION, CAUSE_STARTING, NO_VALUE
from dsp.fitted import HEART_VALID_CONFIDENCE
from dsp.heart_rate import WINDOW, HeartRate

_SHOWN_CONFIDENCE = 20
"""Below it there is not even a best value: the first windows, mostly."""

_MOST_WITHOUT_MOTION = 60
"""Quality without acceleration: nothing tells a swing of the arm from a pulse."""

_MOVING_MG = 60


class HeartVital:
    """Writes the heart rate reading every step. `rate_tenths`: the last valid rate, or NO_VALUE."""

    def __init__(self, optical_stack, optical, acceleration, transformer, table):
        """`optical` and `acceleration` are the rings of `dsp.rings`."""
        self.rate_tenths = NO_VALUE
        self._is_ready = False
        self._channels = optical_stack.pulses
        self._optical = optical
        self._acceleration = acceleration
        self._table = table
        self.estimator = HeartRate(transformer)

    def start(self):
        """Forget everything: a new wearing begins."""
        self.rate_tenths = NO_VALUE
        self._is_ready = False
        self.estimator.start()

    def update(self, motion):
        """Give the heart rate of the last 8 s; `motion` is the MotionVital, or None without motion data."""
        self._is_ready = self._optical.held >= WINDOW
        if not self._is_ready:
            self.rate_tenths = NO_VALUE
            self._table.withhold(INDEX_HEART_RATE_BPM, CAUSE_STARTING)
            return
        self.estimator.step(self._optical, self._channels, None if motion is None else self._acceleration)
        self._report(motion)

    def settle(self, motion, beat_rate_tenths):
        """Give it again, at rest by the beats of the last 8 s: their rate, 0 if unknown. After `update`."""
        if self._is_ready and beat_rate_tenths:
            self.estimator.settle(beat_rate_tenths, HEART_VALID_CONFIDENCE)
            self._report(motion)

    def _report(self, motion):
        estimator = self.estimator
        self.rate_tenths = NO_VALUE
        quality = estimator.confidence
        if motion is None:
            quality = min(quality, _MOST_WITHOUT_MOTION)
        if estimator.confidence >= HEART_VALID_CONFIDENCE:
            self.rate_tenths = estimator.rate_tenths
            self._table.set(INDEX_HEART_RATE_BPM, estimator.rate_tenths, quality)
            return
        is_moving = motion is not None and max(motion.motion_rms_mg, motion.jerk_mg) > _MOVING_MG
        cause = CAUSE_MOTION if is_moving else CAUSE_LOW_CONFIDENCE
        if estimator.confidence >= _SHOWN_CONFIDENCE:
            self._table.doubt(INDEX_HEART_RATE_BPM, estimator.rate_tenths, quality, cause)
        else:
            self._table.withhold(INDEX_HEART_RATE_BPM, cause)
