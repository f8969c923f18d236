"""Eight features of a 6 s window of band-passed acceleration that tell walking from other movement.

Widths: the window is block-scaled to 8 bits and a sign, so a sum of squares stays below 2^23, a sum of
cubes below 2^31 (taken in two halves) and a scaled autocorrelation below 2^29.
"""

import sys
from array import array

import micropython

from dsp.fixed import isqrt, log2_q8, median

if sys.implementation.name == "micropython":
    from dsp.step_kernels_viper import autocorrelation
else:
    from dsp.step_kernels_plain import autocorrelation

WINDOW = 75
FEATURE_COUNT = 8
FIRST_LAG, LAST_LAG = 4, 19
"""Lags of the autocorrelation in samples: 0.32 to 1.52 s."""

_IRREGULAR = 369
"""Interval change assumed when there are too few candidates: 1 nat in log2 Q8."""

_UNEVEN = 185
"""Spread of heights assumed when there are too few candidates: 0.5 nat in log2 Q8."""

_STRONG = 2957
"""Spread of 0.29 g as log2 of 1/10240 g in Q8: above it the gate weighs strength on its own, as of a run."""

_FAINT = 2551
"""Spread of 0.098 g likewise: below it too."""

_MOST = 40


class StepFeatures:
    """Computes the features of a window in place; allocates nothing after construction."""

    def __init__(self):
        self.median_interval = 0
        self.candidates = 0
        self._values = array("i", bytes(4 * FEATURE_COUNT))
        self._scaled = array("h", bytes(2 * WINDOW))
        self._work = array("i", bytes(4 * _MOST))

    @micropython.native
    def compute(self, h, difference, start, places, heights, first, stop):
        """Features of h[start:start+75] and the candidates first..stop; array('i') of 8, Q8.

        In order: largest normalised autocorrelation, irregularity of the intervals, 16 x candidates,
        skewness, share of high frequency, spread of the candidates' heights, and how far log2 of the SD
        lies above 0.29 g and below 0.098 g.
        """
        values = self._values
        shift = self._scale(h, start)
        power = self._moments(values)
        deviation_16 = isqrt((power // WINDOW + 1) << 8)
        spread = log2_q8(deviation_16) + (shift << 8) - 1024
        best = autocorrelation(self._scaled, WINDOW, FIRST_LAG, LAST_LAG)
        values[0] = (best << 6) // (power >> 2) if power >= 4 else 0
        values[3] = (((values[3] << 4) // deviation_16) << 8) // (power // WINDOW + 1)
        values[4] = (isqrt((self._roughness(difference, start, shift) // WINDOW) << 8) << 8) // deviation_16
        values[6] = max(0, spread - _STRONG)
        values[7] = min(0, spread - _FAINT)
        self.candidates = stop - first
        values[2] = self.candidates << 4
        self._intervals(places, first, stop)
        self._heights(heights, first, stop)
        return values

    @micropython.native
    def _scale(self, h, start):
        total = 0
        for index in range(start, start + WINDOW):
            total += h[index]
        mean = total // WINDOW
        most = 1
        for index in range(start, start + WINDOW):
            size = abs(h[index] - mean)
            if size > most:
                most = size
        shift = 0
        while most >> shift > 255:
            shift += 1
        for index in range(WINDOW):
            self._scaled[index] = (h[start + index] - mean) >> shift
        return shift

    @micropython.native
    def _moments(self, values):
        scaled = self._scaled
        power = cubes = rest = 0
        for index in range(WINDOW):
            value = scaled[index]
            square = value * value
            power += square
            rest += square * value
            cubes += rest // WINDOW
            rest -= (rest // WINDOW) * WINDOW
        values[3] = cubes
        return power + 1

    @micropython.native
    def _roughness(self, difference, start, shift):
        total = 0
        for index in range(start, start + WINDOW):
            value = difference[index] * 10 >> (shift + 1)
            if value > 1023:
                value = 1023
            elif value < -1023:
                value = -1023
            total += value * value
        return total

    @micropython.native
    def _intervals(self, places, first, stop):
        self.median_interval = 0
        self._values[1] = _IRREGULAR
        count = stop - first
        if count <= 3:
            return
        total = 0
        for index in range(first + 2, stop):
            later = log2_q8(places[index] - places[index - 1])
            total += abs(later - log2_q8(places[index - 1] - places[index - 2]))
        self._values[1] = total // (count - 2)
        if count > 4:
            self.median_interval = self._median_interval(places, first, stop)

    @micropython.native
    def _median_interval(self, places, first, stop):
        intervals = self._work
        count = min(stop - first - 1, _MOST)
        for index in range(count):
            intervals[index] = places[first + 1 + index] - places[first + index]
        return median(intervals, count, intervals)

    @micropython.native
    def _heights(self, heights, first, stop):
        self._values[5] = _UNEVEN
        count = min(stop - first, _MOST)
        if count <= 2:
            return
        total = 0
        for index in range(count):
            self._work[index] = log2_q8(heights[first + index])
            total += self._work[index]
        mean = total // count
        squares = 0
        for index in range(count):
            squares += (self._work[index] - mean) * (self._work[index] - mean)
        self._values[5] = isqrt(squares // count)
