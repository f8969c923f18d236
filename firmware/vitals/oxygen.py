"""Oxygen saturation from two or more colours of light, of a quality that tells how well it is calibrated.

A ratio that the curve does not cover leaves a value in doubt, OUT_OF_RANGE: no reading. So does light of
less than 8 s, STARTING. A ratio within the curve's own error above full saturation reads 100 %.
"""

from bandwire.catalogue import INDEX_SPO2_PERCENT
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_NONE,
    CAUSE_OUT_OF_RANGE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
)
from dsp.oxygen import CameraTrend, RatioCurve
from dsp.pulse import span_of
from dsp.ratio import FEWEST, WINDOW

_LEAST_PERFUSION_PPM = 60
"""Mean rise over 0.12 s. Unconfirmed: no recording of a weakly perfused wrist was at hand."""

_CURVE_CORRELATION_Q10 = 922
_CAMERA_CORRELATION_Q10 = 512
_CALIBRATED_QUALITY = 90
_UNCALIBRATED_QUALITY = 60
_CAMERA_QUALITY = 30
"""Most quality: a maker's calibration, a line of another stack, a camera trend that a clock nearly equals."""

_WITHOUT_MOTION_QUALITY = 30
_DISTURBING_MG = 40
_WINDOW_STEPS = 4
_STEP_SAMPLES = 50
_JUMP_Q1 = 5
"""A step whose light spans 2.5 times what the step before spanned has jumped: the band has shifted on the
skin. Both colours jump alike, which the ratio would read as about 77 %. Choice of this project: breathing
changes the span of a pulse by half at most.
"""


class OxygenVital:
    """Writes the oxygen reading every step."""

    def __init__(self, optical_stack, optical, workspace, table, curve=None):
        """`optical` is the ring of `dsp.rings`, `curve` the maker's own for red and infrared."""
        self._optical = optical
        self._table = table
        self._has_curve = optical_stack.oxygen_curve is not None
        if self._has_curve:
            curve = curve or optical_stack.oxygen_curve
            self.estimator = RatioCurve(optical_stack, workspace, curve)
            self._most_quality = _CALIBRATED_QUALITY if curve.is_calibrated else _UNCALIBRATED_QUALITY
            self._least_correlation_q10 = _CURVE_CORRELATION_Q10
            self._fewest = FEWEST
        else:
            self.estimator = CameraTrend(optical_stack, workspace)
            self._most_quality = _CAMERA_QUALITY
            self._least_correlation_q10 = _CAMERA_CORRELATION_Q10
            self._fewest = WINDOW
        self._contact_channel = optical_stack.contact if optical_stack.contact >= 0 else optical_stack.pulse
        self._counts = workspace.wide_words(0, _STEP_SAMPLES)
        self.start()

    def start(self):
        """Forget everything: a new wearing begins."""
        self._moved_steps_ago = _WINDOW_STEPS
        self._span = 0
        self.estimator.start()

    def distrust(self):
        """What the window holds tells nothing: only light from now on counts."""
        self._moved_steps_ago = 0
        self._span = 0

    def update(self, motion):
        """Give the saturation of the last 8 s; `motion` as in `HeartVital.update`."""
        is_moving = motion is not None and max(motion.motion_rms_mg, motion.jerk_mg) > _DISTURBING_MG
        if self._has_jumped() or is_moving:
            self._moved_steps_ago = 0
        elif self._moved_steps_ago < _WINDOW_STEPS:
            self._moved_steps_ago += 1
        if self._optical.held < self._fewest:
            self._table.withhold(INDEX_SPO2_PERCENT, CAUSE_STARTING)
            return
        self.estimator.step(self._optical, _LEAST_PERFUSION_PPM)
        if self.estimator.is_ready:
            self._report(motion)
        else:
            self._table.withhold(INDEX_SPO2_PERCENT, CAUSE_STARTING)

    def _has_jumped(self):
        if not self._has_curve or self._optical.held < _STEP_SAMPLES:
            return False
        self._optical.take(self._contact_channel, _STEP_SAMPLES, self._counts)
        before = self._span
        self._span = span_of(self._counts, 0, _STEP_SAMPLES)
        return before > 0 and 2 * self._span > _JUMP_Q1 * before

    def _report(self, motion):
        quality = self._quality()
        if motion is None:
            quality = min(quality, _WITHOUT_MOTION_QUALITY)
        cause = self._doubt()
        if cause == CAUSE_NONE:
            self._table.set(INDEX_SPO2_PERCENT, self.estimator.spo2_tenths, quality)
        elif cause == CAUSE_WEAK_SIGNAL:
            self._table.withhold(INDEX_SPO2_PERCENT, cause)
        else:
            self._table.doubt(INDEX_SPO2_PERCENT, self.estimator.spo2_tenths, quality // 2, cause)

    def _quality(self):
        """Half of the most at the least correlation, all of it at full correlation."""
        least = self._least_correlation_q10
        above = max(0, self.estimator.correlation_q10 - least)
        return self._most_quality // 2 + self._most_quality * above // (2 * (1024 - least))

    def _doubt(self):
        estimator = self.estimator
        if not estimator.is_perfused:
            return CAUSE_WEAK_SIGNAL
        if self._moved_steps_ago < _WINDOW_STEPS:
            return CAUSE_MOTION
        if estimator.correlation_q10 < self._least_correlation_q10:
            return CAUSE_LOW_CONFIDENCE
        if not estimator.is_covered:
            return CAUSE_OUT_OF_RANGE
        return CAUSE_STARTING if self._optical.held < WINDOW else CAUSE_NONE
