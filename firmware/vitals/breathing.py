"""Breathing rate from the modulation of the pulse by breathing, at rest."""

from bandwire.catalogue import INDEX_RESPIRATORY_RATE_BPM
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_NONE,
    CAUSE_OUT_OF_RANGE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    NO_VALUE,
)
from dsp.fitted import RESPIRATION_APART_TENTHS, RESPIRATION_CONTRAST_Q8
from dsp.respiration import Respiration
from vitals.beats import DISTURBING_MG

_FEWEST_GOOD_PERCENT = 70
"""Of the window between good beats; by hand. Distance from the windows' own rates and contrast are fitted:
2 % of windows of made beats that carry no breathing, but noise as strong at any rate, pass the contrast."""

_SURE_CONTRAST_Q8 = 768
_MOST_QUALITY = 80
_MOST_WITHOUT_MOTION = 50
_WINDOW_STEPS = 16
_MOST_MOVED_STEPS = 4
"""No reading when more of the last 16 steps moved: the method was never tried in motion."""


def _ones(bits):
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


class BreathingVital:
    """Writes the respiratory rate reading every step."""

    def __init__(self, transformer, table):
        self._table = table
        self.estimator = Respiration(transformer)
        self.start()

    def start(self):
        """Forget everything: a new wearing begins."""
        self._moved = 0
        self.estimator.start()

    def update(self, motion, heart, beats):
        """Give the rate of the last 32 s; `motion` as in `HeartVital.update`, the others are those vitals."""
        is_moving = motion is not None and max(motion.motion_rms_mg, motion.jerk_mg) > DISTURBING_MG
        self._moved = (self._moved << 1 | is_moving) & ((1 << _WINDOW_STEPS) - 1)
        if not beats.is_ready:
            self._table.withhold(INDEX_RESPIRATORY_RATE_BPM, CAUSE_STARTING)
            return
        self.estimator.step(beats.finder, beats.grades, beats.fresh)
        self._report(motion, heart)

    def _report(self, motion, heart):
        estimator = self.estimator
        if not estimator.is_ready:
            cause = CAUSE_MOTION if self._has_moved() else CAUSE_STARTING
            self._table.withhold(INDEX_RESPIRATORY_RATE_BPM, cause)
            return
        sureness = min(max(estimator.contrast_q8, 0) * 100 // _SURE_CONTRAST_Q8, 100 - estimator.apart_tenths)
        quality = min(sureness * estimator.good_percent // 100, _MOST_QUALITY)
        if motion is None:
            quality = min(quality, _MOST_WITHOUT_MOTION)
        cause = self._doubt(heart)
        if cause == CAUSE_NONE:
            self._table.set(INDEX_RESPIRATORY_RATE_BPM, estimator.rate_tenths, quality)
        else:
            self._table.doubt(INDEX_RESPIRATORY_RATE_BPM, estimator.rate_tenths, quality // 2, cause)

    def _has_moved(self):
        return _ones(self._moved) > _MOST_MOVED_STEPS

    def _doubt(self, heart):
        estimator = self.estimator
        if self._has_moved():
            return CAUSE_MOTION
        if estimator.good_percent < _FEWEST_GOOD_PERCENT:
            return CAUSE_WEAK_SIGNAL
        # Sampled once a beat, breathing above half the heart rate appears as something slower.
        if heart.rate_tenths != NO_VALUE and estimator.rate_tenths * 2 > heart.rate_tenths:
            return CAUSE_OUT_OF_RANGE
        if (
            estimator.apart_tenths > RESPIRATION_APART_TENTHS
            or estimator.contrast_q8 < RESPIRATION_CONTRAST_Q8
        ):
            return CAUSE_LOW_CONFIDENCE
        return CAUSE_NONE
