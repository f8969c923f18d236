"""Oxygen saturation in tenths of a percent, from the red / infrared ratio or from a camera's colours.

Camera trend: a change against the wearer's own first half minute, assumed healthy; fitted to four subjects
(Hoffman et al., npj Digit Med 5:146, 2022). A clock that knows the protocol of that study does nearly as
well (`dsp.fitted` has both figures): a trend, not a measurement.
"""

from array import array

from dsp.fitted import OXYGEN_CAMERA_START_TENTHS, OXYGEN_CAMERA_TENTHS
from dsp.fixed import log2_q10
from dsp.oxygen_curve import FULL_TENTHS
from dsp.ratio import Channel, RatioOfRatios

FIRST_WINDOWS = 12
"""Windows of the camera's first half minute: they end 8 to 30 s after its start."""

FEATURES = 5
"""log2 of red, green and blue level, ratio of blue to green and of red to green; all in 1/1024."""


class RatioCurve:
    """Oxygen by red and infrared.

    After `step`: `spo2_tenths`, `ratio_q10`, `correlation_q10`, `is_perfused`, `is_covered` by the curve.
    """

    def __init__(self, optical_stack, workspace, curve=None):
        """`curve` in place of the stack's own."""
        self.spo2_tenths = 0
        self.ratio_q10 = 0
        self.correlation_q10 = 0
        self.is_perfused = False
        self.is_covered = False
        self.is_ready = True
        self._stack = optical_stack
        self._curve = curve or optical_stack.oxygen_curve
        self._red = Channel(workspace, 0)
        self._infrared = Channel(workspace, 1)
        self._ratio = RatioOfRatios()

    def start(self):
        """Nothing is remembered from window to window."""

    def step(self, optical, least_perfusion_ppm):
        """Estimate from the newest 8 s of an OpticalRing, or what it holds, at least `ratio.FEWEST`."""
        self._red.load(optical, self._stack.red)
        self._infrared.load(optical, self._stack.infrared)
        self._ratio.compare(self._red, self._infrared)
        self.ratio_q10 = self._ratio.ratio_q10
        self.correlation_q10 = self._ratio.correlation_q10
        self.is_perfused = self._infrared.is_perfused(least_perfusion_ppm)
        self.is_covered = self._curve.covers(self.ratio_q10)
        self.spo2_tenths = self._curve.spo2_tenths(self.ratio_q10)


class CameraTrend:
    """Oxygen by a camera, as `RatioCurve`; `is_ready` after the first half minute, `ratio_q10` blue to green.

    `features` are those of the newest window, in the order of `FEATURES`.
    """

    def __init__(self, optical_stack, workspace):
        self.spo2_tenths = 0
        self.ratio_q10 = 0
        self.correlation_q10 = 0
        self.is_perfused = False
        self.is_covered = False
        self.is_ready = False
        self.features = array("i", bytes(4 * FEATURES))
        self._stack = optical_stack
        self._red = Channel(workspace, 0)
        self._green = Channel(workspace, 1)
        self._blue = Channel(workspace, 2)
        self._ratio = RatioOfRatios()
        self._sums = array("i", bytes(4 * FEATURES))
        self._weights = array("h", OXYGEN_CAMERA_TENTHS)
        self.start()

    def start(self):
        """Forget the first half minute: it belonged to another wearing."""
        self.is_ready = False
        self._windows = 0
        for index in range(FEATURES):
            self._sums[index] = 0

    def step(self, optical, least_perfusion_ppm):
        """Estimate from the newest 8 s of an OpticalRing."""
        self._load(optical)
        self.is_perfused = self._green.is_perfused(least_perfusion_ppm)
        if self._windows < FIRST_WINDOWS:
            self._windows += 1
            for index in range(FEATURES):
                self._sums[index] += self.features[index]
            return
        tenths = OXYGEN_CAMERA_START_TENTHS
        for index in range(FEATURES):
            change = self.features[index] - self._sums[index] // FIRST_WINDOWS
            tenths += self._weights[index] * change >> 10
        # As the references went: from 70 % on.
        self.is_covered = tenths >= 700
        tenths = min(tenths, FULL_TENTHS)
        # Camera ratios are noisy: a quarter of the way each window, 6 s.
        self.spo2_tenths = self.spo2_tenths + (tenths - self.spo2_tenths) // 4 if self.is_ready else tenths
        self.is_ready = True

    def _load(self, optical):
        stack = self._stack
        self._red.load(optical, stack.red)
        self._green.load(optical, stack.green)
        self._blue.load(optical, stack.blue)
        features = self.features
        features[0] = log2_q10(max(self._red.level, 1))
        features[1] = log2_q10(max(self._green.level, 1))
        features[2] = log2_q10(max(self._blue.level, 1))
        self._ratio.compare(self._red, self._green)
        features[4] = min(self._ratio.ratio_q10, 4096)
        self._ratio.compare(self._blue, self._green)
        features[3] = min(self._ratio.ratio_q10, 4096)
        self.ratio_q10 = self._ratio.ratio_q10
        self.correlation_q10 = self._ratio.correlation_q10
