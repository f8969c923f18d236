"""Calibration curves from the ratio of ratios to oxygen saturation: data that a maker provisions.

A curve belongs to an optical stack as it is built (emitters' wavelengths, their distance, the window), so
each stack has one, and a board states its own in place of it: `OXYGEN_CURVE` of its profile, the arguments of
`OxygenCurve`.
"""

from dsp.fitted import (
    OXYGEN_HIGHEST_RATIO_Q10,
    OXYGEN_LINE_FALL_TENTHS,
    OXYGEN_LINE_START_TENTHS,
    OXYGEN_LOWEST_RATIO_Q10,
)

FULL_TENTHS = 1000


class OxygenCurve:
    """SpO2 = constant + linear R + quadratic R^2 in 0.1 %, for ratios R from lowest to highest.

    Coefficients are below 2^13 in size, ratios at most 4 (Q10), so that nothing passes 2^28. `is_calibrated`
    is False unless the points were taken with this stack on several people.
    """

    def __init__(
        self, is_calibrated, constant_tenths, linear_tenths, quadratic_tenths, lowest_q10, highest_q10
    ):
        self.is_calibrated = is_calibrated
        self._constant = constant_tenths
        self._linear = linear_tenths
        self._quadratic = quadratic_tenths
        self._lowest_q10 = lowest_q10
        self._highest_q10 = highest_q10

    def spo2_tenths(self, ratio_q10):
        """Saturation of a ratio, at most 100 %; outside what the curve covers a guess."""
        ratio_q10 = min(ratio_q10, 4096)
        square_q10 = ratio_q10 * ratio_q10 >> 10
        tenths = self._constant + (self._linear * ratio_q10 >> 10) + (self._quadratic * square_q10 >> 10)
        return min(tenths, FULL_TENTHS)

    def covers(self, ratio_q10):
        """Whether the curve was made for such a ratio."""
        return self._lowest_q10 <= ratio_q10 <= self._highest_q10


OXIWEAR_LINE = OxygenCurve(
    False,
    OXYGEN_LINE_START_TENTHS,
    -OXYGEN_LINE_FALL_TENTHS,
    0,
    OXYGEN_LOWEST_RATIO_Q10,
    OXYGEN_HIGHEST_RATIO_Q10,
)
"""One person's finger on a MAXM86161: it calibrates no other chip and no other person."""
