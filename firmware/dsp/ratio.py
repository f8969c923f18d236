"""Ratio of ratios of two colours over one window, without looking for beats.

Slopes of both channels (rise over 0.2 s of a moving sum of 0.12 s, less their mean over 1 s) are compared
by total least squares, which noise in either channel hurts least: with the sums of squares S_aa, S_bb and
of products S_ab, t = S_aa - S_bb, the slope ratio is (t + sqrt(t^2 + 4 S_ab^2)) / (2 S_ab), and the ratio
of ratios is that times DC_b / DC_a.

Widths: slopes below 2^21, shifted to 10 bits (8 mean sizes fit, larger ones are motion and clipped);
sums below 2^28, cut to 13 bits together; everything outside the kernels below 2^30.
"""

from array import array

from dsp.fixed import bit_length, isqrt
from dsp.pulse import free_slopes, mean_size, products, total_of

WINDOW = 200
"""8 s at 25 Hz."""

_MOST_RATIO_Q11 = (16 << 11) - 1
_MOST_LEVEL_Q11 = 8 << 11


class Channel:
    """Level and free slopes of one channel's window, for one step; allocates nothing after construction."""

    def __init__(self, workspace, place):
        """`place`: 0 to 2, which third of `workspace.wide`."""
        self.level = 0
        self.size = 0
        self.count = 0
        first = 3 * WINDOW * place
        self.slope = workspace.wide_words(first, 2 * WINDOW)
        self._counts = workspace.wide_words(first + 2 * WINDOW, WINDOW)

    def load(self, optical, channel):
        """Take the newest window of an OpticalRing's channel."""
        optical.take(channel, WINDOW, self._counts)
        self.level = total_of(self._counts, 0, WINDOW) // WINDOW
        self.count = free_slopes(self._counts, WINDOW, self.slope)
        self.size = mean_size(self.slope, self.count)

    def is_perfused(self, least_ppm):
        """Whether the mean size of the slope (of a sum of three counts) reaches `least_ppm` of the level."""
        return self.size >= self.level * least_ppm // 1000 * 3 // 1000


class RatioOfRatios:
    """Compares two channels. After `compare`: `ratio_q10` and `correlation_q10`."""

    def __init__(self):
        self.ratio_q10 = 0
        self.correlation_q10 = 0
        self._sums = array("i", bytes(4 * 3))

    def compare(self, above, below):
        """Ratio of `above` to `below`; False when their slopes have nothing in common."""
        down = max(0, bit_length(8 * max(above.size, below.size)) - 10)
        products(above.slope, below.slope, above.count, down, self._sums)
        cut = max(0, bit_length(max(self._sums[0], self._sums[1])) - 13)
        aa = self._sums[0] >> cut
        bb = self._sums[1] >> cut
        ab = self._sums[2] >> cut
        if ab <= 0 or aa <= 0 or bb <= 0 or above.level <= 0:
            self.ratio_q10 = self.correlation_q10 = 0
            return False
        t = aa - bb
        slope_q11 = ((t + isqrt(t * t + 4 * ab * ab)) << 11) // (2 * ab)
        level_q11 = (below.level << 11) // above.level
        self.ratio_q10 = min(slope_q11, _MOST_RATIO_Q11) * min(level_q11, _MOST_LEVEL_Q11) >> 12
        self.correlation_q10 = min((ab << 10) // max(isqrt(aa * bb), 1), 1024)
        return True
