"""Forward filter over the bins of a rate: where the rate can be, given all windows so far.

Each step the state spreads as a random walk, keeps a small chance of a jump to anywhere, and is weighed
by 2^(gain * score). A reading may be taken sharper and wider than the state: spread from the previous
state, weighed more, not fed back. Widths: probabilities Q28, factors Q14, scores in 1/256 nat.
"""

import sys
from array import array

from dsp.rom import table
from dsp.tables import POWERS_OF_TWO_Q14

if sys.implementation.name == "micropython":
    from dsp.tracker_viper import mix, normalise, spread, top, weigh
else:
    from dsp.tracker_plain import mix, normalise, spread, top, weigh

ONE = 1 << 28
HALF_PEAK = 4
"""Bins to either side of the best one that count as the same rate."""


class RateTracker:
    """Tracks one rate over `bins` bins; allocates nothing after construction.

    After `step`: `place_q8`, the mean bin around the best one in 1/256; `share_percent`, how much of the
    reading and of the state lies there, multiplied, 0-100.
    """

    def __init__(self, workspace, bins, kernel, gain_q8, jump_q14, wide_kernel=None, wide_gain_q8=0):
        """Kernels: Q14 (int16 as bytes, odd count); gains: log2 of the weight a nat of score, in 1/256.

        Without a wide kernel the reading is taken from the state itself. A step works in the first
        `2 * bins` words of `workspace.wide`.
        """
        self.bins = bins
        self.place_q8 = 0
        self.share_percent = 0
        self._kernel = table("h", kernel)
        self._half = len(kernel) >> 2
        self._gain_q8 = gain_q8
        self._keep_q14 = 16384 - jump_q14
        self._floor = (jump_q14 << 14) // bins
        self._wide_kernel = None if wide_kernel is None else table("h", wide_kernel)
        self._wide_half = 0 if wide_kernel is None else len(wide_kernel) >> 2
        self._wide_gain_q8 = wide_gain_q8
        self._powers = table("h", POWERS_OF_TWO_Q14)
        self._state = array("i", bytes(4 * bins))
        self._next = workspace.wide_words(0, bins)
        self._reading = workspace.wide_words(bins, bins)
        self.start()

    def start(self):
        """Know nothing: every bin is as likely."""
        for index in range(self.bins):
            self._state[index] = ONE // self.bins

    def step(self, scores):
        """Take the scores of one window (array('i'), 1/256 nat)."""
        reading = self._next
        if self._wide_kernel is not None:
            reading = self._reading
            spread(self._state, self._wide_kernel, self.bins, self._wide_half, reading)
            weigh(reading, self.bins, scores, self._wide_gain_q8, self._powers)
            normalise(reading, self.bins)
        self._follow(scores)
        best = top(reading, self.bins)
        share = self._share_near(reading, best)
        if self._wide_kernel is not None:
            share = share * self._share_near(self._state, best) >> 14
        self.share_percent = min(100, (share * 100 + 8192) >> 14)
        self.place_q8 = self._centre_q8(reading, best)

    def _follow(self, scores):
        spread(self._state, self._kernel, self.bins, self._half, self._next)
        mix(self._next, self.bins, self._keep_q14, self._floor)
        weigh(self._next, self.bins, scores, self._gain_q8, self._powers)
        normalise(self._next, self.bins)
        for index in range(self.bins):
            self._state[index] = self._next[index]

    def _share_near(self, probabilities, best):
        """Q14 share of the probability around a bin."""
        total = 0
        for index in range(max(0, best - HALF_PEAK), min(self.bins, best + HALF_PEAK + 1)):
            total += probabilities[index]
        return total >> 14

    def _centre_q8(self, probabilities, best):
        weight = 0
        moment = 0
        for offset in range(-HALF_PEAK, HALF_PEAK + 1):
            if 0 <= best + offset < self.bins:
                share = probabilities[best + offset] >> 14
                weight += share
                moment += share * offset
        return (best << 8) + (moment << 8) // max(weight, 1)
