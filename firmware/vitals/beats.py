"""Beats at rest: the interval between them, how much it varies from one to the next, and their shape."""

from bandwire.catalogue import INDEX_PULSE_INTERVAL_MS, INDEX_PULSE_SHAPE_INDEX, INDEX_RMSSD_MS
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_NONE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    NO_VALUE,
)
from dsp.beat_grades import FAIR, BeatGrades
from dsp.beat_rate import BeatRate
from dsp.beats import FEWEST_SAMPLES, BeatFinder
from dsp.fitted import BEATS_AGREE_PERCENT, BEATS_COVERED_PERCENT
from dsp.pulse_shape import PulseShape
from dsp.variability import LONGEST_S, Variability

DISTURBING_MG = 40
"""Motion in which no beat is trusted: the recordings by which beats were chosen were all at rest."""

_SHORTEST_SPAN_S = 60
"""Variability is told from a minute on: this project's choice."""

_MOST_QUALITY = 90
_MOST_WITHOUT_MOTION = 60


class BeatsVital:
    """Writes the pulse interval, RMSSD and the shape index every step.

    `finder` and `grades` have the step's beats, `rate` that of the last 8 s, and `fresh` the samples it took;
    `is_ready` once there can be beats.
    """

    def __init__(self, optical_stack, optical, workspace, table):
        """`optical` is the ring of `dsp.rings`."""
        self.finder = BeatFinder(workspace)
        self.grades = BeatGrades()
        self.rate = BeatRate()
        self._channel = optical_stack.pulse
        self._optical = optical
        self._table = table
        self._variability = Variability()
        self._shape = PulseShape()
        self.start()

    def start(self):
        """Forget everything: a new wearing begins."""
        self.is_ready = False
        self.fresh = 0
        self._seen = self._optical.total
        self.finder.start()
        self.grades.start()
        self.rate.start()
        self._variability.start()
        self._shape.start()

    def update(self, motion, heart):
        """Find the beats of the last 2 s; `motion` as in `HeartVital.update`, `heart` is that vital."""
        self.is_ready = self._optical.held >= FEWEST_SAMPLES
        if not self.is_ready:
            self._table.withhold(INDEX_PULSE_INTERVAL_MS, CAUSE_STARTING)
            self._table.withhold(INDEX_RMSSD_MS, CAUSE_STARTING)
            self._table.withhold(INDEX_PULSE_SHAPE_INDEX, CAUSE_STARTING)
            return
        self.fresh = self._optical.total - self._seen
        self._seen = self._optical.total
        # 25 samples a second, 600 tenths of 1/min a beat a second.
        expected_interval = 15000 // heart.rate_tenths if heart.rate_tenths != NO_VALUE else 0
        self.finder.step(self._optical, self._channel, self.fresh, expected_interval)
        self.grades.take(self.finder, self.fresh)
        self.rate.take(self.finder, self.grades, self.fresh)
        is_moving = motion is not None and max(motion.motion_rms_mg, motion.jerk_mg) > DISTURBING_MG
        self._variability.step(self.finder, self.grades, self.fresh, not is_moving)
        most_quality = _MOST_WITHOUT_MOTION if motion is None else _MOST_QUALITY
        self._shape.step(self.finder, self.grades, not is_moving)
        self._report_interval(is_moving, most_quality, heart.estimator.rate_tenths)
        self._report_variability(is_moving, most_quality)
        self._report_shape(is_moving, most_quality)

    def fair_intervals_into(self, intervals_q8):
        """Write the step's FAIR intervals in 1/256 sample, oldest first, as many as fit; gives how many."""
        count = 0
        for index in range(self.finder.count):
            if self.grades.grade[index] & FAIR and count < len(intervals_q8):
                intervals_q8[count] = self.grades.interval_q8[index]
                count += 1
        return count

    def _report_interval(self, is_moving, most_quality, rate_tenths):
        """Beats and spectrum err in different ways: an interval is shown where both tell the same rate."""
        interval_ms = self._variability.interval_ms
        if not interval_ms:
            self._table.withhold(INDEX_PULSE_INTERVAL_MS, CAUSE_MOTION if is_moving else CAUSE_LOW_CONFIDENCE)
            return
        apart = abs(600_000 // interval_ms - rate_tenths) * 100
        quality = max(most_quality - apart // max(rate_tenths, 1), 0)
        if apart <= rate_tenths * BEATS_AGREE_PERCENT:
            self._table.set(INDEX_PULSE_INTERVAL_MS, interval_ms, quality)
        else:
            cause = CAUSE_WEAK_SIGNAL if rate_tenths else CAUSE_STARTING
            self._table.doubt(INDEX_PULSE_INTERVAL_MS, interval_ms, quality, cause)

    def _report_variability(self, is_moving, most_quality):
        """The reading has its quality from how much of five minutes it rests on."""
        variability = self._variability
        quality = min(variability.covered_percent * variability.span_s // LONGEST_S, most_quality)
        cause = CAUSE_NONE
        if variability.covered_percent < BEATS_COVERED_PERCENT:
            cause = CAUSE_MOTION if is_moving else CAUSE_WEAK_SIGNAL
        if variability.span_s < _SHORTEST_SPAN_S or variability.rmssd_tenths < 0:
            self._table.withhold(INDEX_RMSSD_MS, CAUSE_STARTING if cause == CAUSE_NONE else cause)
        elif cause == CAUSE_NONE:
            self._table.set(INDEX_RMSSD_MS, variability.rmssd_tenths, quality)
        else:
            self._table.doubt(INDEX_RMSSD_MS, variability.rmssd_tenths, quality // 2, cause)

    def _report_shape(self, is_moving, most_quality):
        if self._shape.share_thousandths < 0:
            self._table.withhold(INDEX_PULSE_SHAPE_INDEX, CAUSE_MOTION if is_moving else CAUSE_LOW_CONFIDENCE)
        else:
            quality = min(self._variability.covered_percent, most_quality)
            self._table.set(INDEX_PULSE_SHAPE_INDEX, self._shape.share_thousandths, quality)
