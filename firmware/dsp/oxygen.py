"""Oxygen saturation in tenths of a percent, from the red / infrared ratio or from a camera's colours.

Line: SpO2 = 111.5 - 34.2 R, fitted to 58 points of one person's finger (OxiWear recordings, MAXM86161,
70 to 98 %; Arms 3.2 % by blocks left out). It calibrates no other chip and no other person.

Camera trend: a change against the wearer's own first minute, assumed healthy; fitted to four subjects
(Hoffman et al., npj Digit Med 5:146, 2022) by tools/bench/vitals_training/fit_camera_oxygen.py. Arms 4.1 %
leaving one subject out, when a clock alone scores 4.5 there: a trend, not a measurement.
"""

from array import array

from dsp.fixed import log2_q8
from dsp.ratio import Channel, RatioOfRatios

_LINE_START_TENTHS = 1115
_LINE_FALL_TENTHS = 342
_FULL_TENTHS = 1000

FIRST_WINDOWS = 27
"""Windows of the camera's first minute: they end 8 to 60 s after its start."""

_TREND_START_TENTHS = 982
_TREND_TENTHS = (364, -244, 192, -126, 111)
_TREND_BITS = (8, 8, 8, 10, 10)
"""Per log2 of red, green and blue level (Q8), per ratio of blue to green and of red to green (Q10)."""


def spo2_of_ratio_tenths(ratio_q10):
    """The line, at most 100 %."""
    return min(_LINE_START_TENTHS - (_LINE_FALL_TENTHS * ratio_q10 >> 10), _FULL_TENTHS)


class RatioLine:
    """Oxygen by red and infrared.

    After `step`: `spo2_tenths`, `ratio_q10`, `correlation_q10`, `is_perfused`.
    """

    def __init__(self, optical_stack, workspace):
        self.spo2_tenths = 0
        self.ratio_q10 = 0
        self.correlation_q10 = 0
        self.is_perfused = False
        self.is_ready = True
        self._stack = optical_stack
        self._red = Channel(workspace, 0)
        self._infrared = Channel(workspace, 1)
        self._ratio = RatioOfRatios()

    def start(self):
        """Nothing is remembered from window to window."""

    def step(self, optical, least_perfusion_ppm):
        """Estimate from the newest 8 s of an OpticalRing."""
        self._red.load(optical, self._stack.red)
        self._infrared.load(optical, self._stack.infrared)
        self._ratio.compare(self._red, self._infrared)
        self.ratio_q10 = self._ratio.ratio_q10
        self.correlation_q10 = self._ratio.correlation_q10
        self.is_perfused = self._infrared.is_perfused(least_perfusion_ppm)
        self.spo2_tenths = spo2_of_ratio_tenths(self.ratio_q10)


class CameraTrend:
    """Oxygen by a camera, as `RatioLine`; `is_ready` after the first minute, `ratio_q10` blue to green."""

    def __init__(self, optical_stack, workspace):
        self.spo2_tenths = 0
        self.ratio_q10 = 0
        self.correlation_q10 = 0
        self.is_perfused = False
        self.is_ready = False
        self._stack = optical_stack
        self._red = Channel(workspace, 0)
        self._green = Channel(workspace, 1)
        self._blue = Channel(workspace, 2)
        self._ratio = RatioOfRatios()
        self._now = array("i", bytes(4 * 5))
        self._sums = array("i", bytes(4 * 5))
        self.start()

    def start(self):
        """Forget the first minute: it belonged to another wearing."""
        self.is_ready = False
        self._windows = 0
        for index in range(5):
            self._sums[index] = 0

    def step(self, optical, least_perfusion_ppm):
        """Estimate from the newest 8 s of an OpticalRing."""
        self._load(optical)
        self.is_perfused = self._green.is_perfused(least_perfusion_ppm)
        if self._windows < FIRST_WINDOWS:
            self._windows += 1
            for index in range(5):
                self._sums[index] += self._now[index]
            return
        tenths = 0
        for index in range(5):
            change = self._now[index] - self._sums[index] // FIRST_WINDOWS
            tenths += _TREND_TENTHS[index] * change >> _TREND_BITS[index]
        tenths = min(_TREND_START_TENTHS + tenths, _FULL_TENTHS)
        # Camera ratios are noisy: a quarter of the way each window, 6 s.
        self.spo2_tenths = self.spo2_tenths + (tenths - self.spo2_tenths) // 4 if self.is_ready else tenths
        self.is_ready = True

    def _load(self, optical):
        stack = self._stack
        self._red.load(optical, stack.red)
        self._green.load(optical, stack.green)
        self._blue.load(optical, stack.blue)
        now = self._now
        now[0] = log2_q8(self._red.level)
        now[1] = log2_q8(self._green.level)
        now[2] = log2_q8(self._blue.level)
        self._ratio.compare(self._red, self._green)
        now[4] = min(self._ratio.ratio_q10, 4096)
        self._ratio.compare(self._blue, self._green)
        now[3] = min(self._ratio.ratio_q10, 4096)
        self.ratio_q10 = self._ratio.ratio_q10
        self.correlation_q10 = self._ratio.correlation_q10
