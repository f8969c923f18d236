"""Oxygen saturation from two or more colours of light: an uncalibrated estimate, of low quality."""

from bandwire.catalogue import INDEX_SPO2_PERCENT
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_NONE,
    CAUSE_OUT_OF_RANGE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
)
from dsp.optical_stack import OXYGEN_RATIO_LINE
from dsp.oxygen import CameraTrend, RatioLine
from dsp.pulse import span_of
from dsp.ratio import WINDOW

_LEAST_PERFUSION_PPM = 100
"""Unconfirmed: no recording of a weakly perfused wrist was at hand."""

_LOWEST_RATIO_Q10 = 307
_HIGHEST_RATIO_Q10 = 1638
"""0.3 to 1.6: the ratios that the line was fitted on, and a little beyond."""

_LINE_CORRELATION_Q10 = 922
_CAMERA_CORRELATION_Q10 = 512
_LINE_QUALITY = 60
_CAMERA_QUALITY = 30
"""Most quality: one person's line, and a camera trend that four subjects' clock nearly equals."""

_WITHOUT_MOTION_QUALITY = 30
_DISTURBING_MG = 40
_WITHOUT_VALUE = (CAUSE_WEAK_SIGNAL, CAUSE_OUT_OF_RANGE)
"""Causes that leave not even a doubtful value; made once, so that a step allocates nothing."""

_WINDOW_STEPS = 4
_STEP_SAMPLES = 50
_JUMP_Q1 = 5
"""A step whose light spans 2.5 times what the step before spanned has jumped: the band has shifted on the
skin. Both colours jump alike, which the ratio would read as about 77 %. Choice of this project: breathing
changes the span of a pulse by half at most.
"""


class OxygenVital:
    """Writes the oxygen reading every step."""

    def __init__(self, optical_stack, optical, workspace, table):
        """`optical` is the ring of `dsp.rings`."""
        self._optical = optical
        self._table = table
        self._has_line = optical_stack.oxygen_model == OXYGEN_RATIO_LINE
        estimator = RatioLine if self._has_line else CameraTrend
        self.estimator = estimator(optical_stack, workspace)
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
        if self._optical.held < WINDOW:
            self._table.withhold(INDEX_SPO2_PERCENT, CAUSE_STARTING)
            return
        self.estimator.step(self._optical, _LEAST_PERFUSION_PPM)
        if self.estimator.is_ready:
            self._report(motion)
        else:
            self._table.withhold(INDEX_SPO2_PERCENT, CAUSE_STARTING)

    def _has_jumped(self):
        if not self._has_line or self._optical.held < _STEP_SAMPLES:
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
        elif cause in _WITHOUT_VALUE:
            self._table.withhold(INDEX_SPO2_PERCENT, cause)
        else:
            self._table.doubt(INDEX_SPO2_PERCENT, self.estimator.spo2_tenths, quality // 2, cause)

    def _least_correlation_q10(self):
        return _LINE_CORRELATION_Q10 if self._has_line else _CAMERA_CORRELATION_Q10

    def _quality(self):
        """Half of the most at the least correlation, all of it at full correlation."""
        most = _LINE_QUALITY if self._has_line else _CAMERA_QUALITY
        least = self._least_correlation_q10()
        above = max(0, self.estimator.correlation_q10 - least)
        return most // 2 + most * above // (2 * (1024 - least))

    def _doubt(self):
        estimator = self.estimator
        if not estimator.is_perfused:
            return CAUSE_WEAK_SIGNAL
        if self._moved_steps_ago < _WINDOW_STEPS:
            return CAUSE_MOTION
        if estimator.correlation_q10 < self._least_correlation_q10():
            return CAUSE_LOW_CONFIDENCE
        if self._has_line and not _LOWEST_RATIO_Q10 <= estimator.ratio_q10 <= _HIGHEST_RATIO_Q10:
            return CAUSE_OUT_OF_RANGE
        return CAUSE_NONE
