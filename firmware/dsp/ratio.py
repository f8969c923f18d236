"""Ratio of ratios of two colours over one window, without looking for beats.

Slopes of both channels (rise over 0.12 s, less its mean over 1 s) are compared by total least squares, which
noise in either channel hurts least: with the sums of squares S_aa, S_bb and of products S_ab, and t = S_aa -
S_bb, the slope ratio is (t + sqrt(t^2 + 4 S_ab^2)) / (2 S_ab). The ratio of ratios is that times DC_b / DC_a.
Each second, about one beat, gives a slope ratio of its own, a new one every 12 samples; the median of them is
taken, so that one second disturbed does not move it.

Widths: slopes below 2^21, shifted to 12 bits (8 mean sizes fit, larger ones are motion and clipped; small
ones are shifted up, below 2^29); sums of a second below 2^29, cut to 14 bits together; everything outside the
kernels below 2^30. The oracle is `vitalband.signal.ratio`.
"""

from array import array

from dsp.fixed import bit_length, isqrt, median
from dsp.pulse import free_slopes, mean_size, products, slope_ratio_q13, total_of

WINDOW = 200
"""8 s at 25 Hz."""

FEWEST = 60
"""Samples of the shortest window, 2.4 s: two beats of a slow pulse."""

_SECOND = 25
_HOP = 12
_MOST_SECONDS = (WINDOW - _SECOND) // _HOP + 1
_MOST_RATIO_Q10 = (16 << 10) - 1
_MOST_LEVEL_Q11 = 8 << 11
_FINE_RATIO_Q13 = 2 << 13
"""A slope ratio below it is taken in Q13, a larger one in Q10."""


class Channel:
    """Level and free slopes of one channel's window, for one step; allocates nothing after construction."""

    def __init__(self, workspace, place):
        """`place`: 0 to 2; they are loaded by rising place, for each works where the next one will lie."""
        self.level = 0
        self.size = 0
        self.count = 0
        self.slope = workspace.wide_words(WINDOW * place, 2 * WINDOW)
        self._counts = workspace.wide_words(4 * WINDOW, WINDOW)

    def load(self, optical, channel):
        """Take the newest window of an OpticalRing's channel, or what it holds, at least `FEWEST` samples."""
        count = min(optical.held, WINDOW)
        optical.take(channel, count, self._counts)
        self.level = total_of(self._counts, 0, count) // count
        self.count = free_slopes(self._counts, count, self.slope)
        self.size = mean_size(self.slope, self.count)

    def is_perfused(self, least_ppm):
        """Whether the mean size of the slope, in quarters of a count, reaches `least_ppm` of the level."""
        return self.size >= self.level * least_ppm // 1000 // 250


class RatioOfRatios:
    """Compares two channels. After `compare`: `ratio_q10` and `correlation_q10`."""

    def __init__(self):
        self.ratio_q10 = 0
        self.correlation_q10 = 0
        self._sums = array("i", bytes(4 * 3))
        self._totals = array("i", bytes(4 * 3))
        self._ratios = array("i", bytes(4 * _MOST_SECONDS))

    def compare(self, above, below):
        """Ratio of `above` to `below`; False when their slopes have nothing in common."""
        self.ratio_q10 = self.correlation_q10 = 0
        slope_q13 = self._slope_q13(above, below)
        totals = self._totals
        cut = max(0, bit_length(max(totals[0], totals[1])) - 15)
        aa = totals[0] >> cut
        bb = totals[1] >> cut
        ab = totals[2] >> cut
        if slope_q13 <= 0 or ab <= 0 or aa <= 0 or bb <= 0 or above.level <= 0:
            return False
        level_q11 = min((below.level << 11) // above.level, _MOST_LEVEL_Q11)
        if slope_q13 < _FINE_RATIO_Q13:
            self.ratio_q10 = slope_q13 * level_q11 + (1 << 13) >> 14
        else:
            self.ratio_q10 = min(slope_q13 >> 3, _MOST_RATIO_Q10) * level_q11 + (1 << 10) >> 11
        self.correlation_q10 = min((ab << 10) // max(isqrt(aa * bb), 1), 1024)
        return True

    def _slope_q13(self, above, below):
        """Median over the seconds, an opposed one counting as 0; a sixteenth of their sums is totalled."""
        bits = bit_length(8 * max(above.size, below.size))
        up = max(0, min(12 - bits, 8))
        down = max(0, bits - 12)
        sums = self._sums
        totals = self._totals
        ratios = self._ratios
        totals[0] = totals[1] = totals[2] = 0
        count = 0
        start = (above.count - _SECOND) % _HOP
        while start + _SECOND <= above.count:
            products(above.slope, below.slope, start, start + _SECOND, up, down, sums)
            for index in range(3):
                totals[index] += sums[index] >> 4
            ratios[count] = slope_ratio_q13(sums)
            count += 1
            start += _HOP
        median(ratios, count, ratios)
        return (ratios[(count - 1) >> 1] + ratios[count >> 1]) >> 1
