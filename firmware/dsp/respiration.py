"""Breathing rate every 2 s from 32 s of beats at rest; no trained parameters.

Breathing modulates the pulse: four series at 4 Hz, interpolated between good beats, carry it: interval,
height, rise (height over steepest slope) and peak level. Each is straightened, clipped, Hann-tapered,
padded to 512 points; the log spectra, pre-emphasised by f^2 and widened by 4 bins, are averaged over the
series to scores of 66 bins (5.6 to 36 /min, 0.469 each) with a weak prior around 16 /min, and a forward
filter follows them. After the series of Karlen et al. (IEEE TBME 60(7), 2013: interval, height, level);
fusion by summed log spectra is the project's own. Delay: about half the window and one beat.

Two means that decay over 16 steps (32 s) tell whether to believe the filter, whose own probability does not,
for windows overlap. One is how far its rate is from each window's own best: noise pulls windows to and fro,
breathing does not. The other is how far the score at its rate stands above the mean of all rates.

Widths: series below 2^21, tapered ones 11 bits, scores in 1/256, probabilities Q28.
"""

import sys
from array import array

from dsp.beat_grades import FAIR
from dsp.fitted import RESPIRATION_GAIN_Q8, RESPIRATION_KERNEL_Q14
from dsp.rom import table
from dsp.tables import HANN_128_Q12
from dsp.tracker import RateTracker

if sys.implementation.name == "micropython":
    from dsp.respiration_viper import add_scores, straightened
    from dsp.tracker_viper import top
else:
    from dsp.respiration_plain import add_scores, straightened
    from dsp.tracker_plain import top

WINDOW = 128
"""32 s at 4 Hz."""

FIRST_BIN = 12
BINS = 66
_SERIES = 4
_GRID_Q8 = 1600
"""A step of the 4 Hz grid in 1/256 sample of 25 Hz."""

_FFT_BITS = 9
_POWER_BINS = 100
_JUMP_Q14 = 16
"""Chosen by hand, like the floor of the spectra; walk and gain are fitted."""

_FORGET_Q8 = 51200
"""8 s without a good beat: the series would only be guessed across."""

_NEVER = -(1 << 29)

_DECAY_BITS = 4
_FARTHEST_TENTHS = 60
_FIRST_APART_TENTHS = 30
"""Trust is earned: at first the filter is taken to lie 3 /min from its windows, and at their mean score."""


class Respiration:
    """Streaming estimator; allocates nothing after construction.

    After `step`: `rate_tenths` (1/min in tenths), `apart_tenths` (mean distance of the rate from the windows'
    own), `contrast_q8` (mean log2 by which its score stands above the mean score), `good_percent` (share of
    the window between good beats); `is_ready` once 32 s are filled.
    """

    def __init__(self, transformer):
        self.rate_tenths = 0
        self.apart_tenths = 0
        self.contrast_q8 = 0
        self.good_percent = 0
        self.is_ready = False
        self._transformer = transformer
        self._series = tuple(array("i", bytes(4 * WINDOW)) for _ in range(_SERIES))
        self._good = bytearray(WINDOW)
        workspace = transformer.workspace
        half_words = WINDOW >> 1
        self._straight = tuple(workspace.narrow_halves(half_words * at, WINDOW) for at in range(_SERIES))
        self._work = workspace.narrow_words(half_words * _SERIES, WINDOW)
        self._scores = workspace.narrow_words(half_words * _SERIES + WINDOW, BINS)
        self._taper = table("h", HANN_128_Q12)
        self._before = array("i", bytes(4 * _SERIES))
        self._now = array("i", bytes(4 * _SERIES))
        self._tracker = RateTracker(workspace, BINS, RESPIRATION_KERNEL_Q14, RESPIRATION_GAIN_Q8, _JUMP_Q14)
        self.start()

    def start(self):
        """Forget the past."""
        self.is_ready = False
        self.good_percent = 0
        self._restart_series()

    def _restart_series(self):
        self._tracker.start()
        self._good_q8 = _NEVER
        self._grid_q8 = _NEVER
        self._apart_sum = _FIRST_APART_TENTHS << _DECAY_BITS
        self._contrast_sum = 0
        self._filled = 0
        self._place = 0
        self._is_good_run = False
        for index in range(WINDOW):
            self._good[index] = 0

    def step(self, beats, grades, fresh):
        """Take the beats of a BeatFinder and their BeatGrades after `fresh` new samples."""
        self._good_q8 = max(self._good_q8 - (fresh << 8), _NEVER)
        self._grid_q8 = max(self._grid_q8 - (fresh << 8), _NEVER)
        if self._good_q8 < -_FORGET_Q8:
            self._restart_series()
        for index in range(beats.count):
            self._take(beats, grades, index)
        self.is_ready = self._filled >= WINDOW
        if self.is_ready:
            self._estimate()

    def _take(self, beats, grades, index):
        if not grades.grade[index] & FAIR:
            self._is_good_run = False
            return
        time_q8 = beats.time_q8[index]
        now = self._now
        now[0] = grades.interval_q8[index]
        now[1] = beats.height[index]
        now[2] = (beats.height[index] << 8) // max(beats.slope[index], 1)
        now[3] = beats.peak[index]
        if self._good_q8 == _NEVER:
            self._grid_q8 = time_q8
        else:
            self._fill(time_q8)
        self._good_q8 = time_q8
        self._is_good_run = True
        for series in range(_SERIES):
            self._before[series] = now[series]

    def _fill(self, time_q8):
        """Interpolate the series on the grid up to this good beat."""
        span = max(time_q8 - self._good_q8, 1)
        while self._grid_q8 <= time_q8:
            part_q8 = ((self._grid_q8 - self._good_q8) << 8) // span
            for series in range(_SERIES):
                old = self._before[series]
                # The difference is below 2^21 and the part at most 256.
                self._series[series][self._place] = old + ((self._now[series] - old) * part_q8 >> 8)
            self._good[self._place] = 1 if self._is_good_run else 0
            self._place = (self._place + 1) & (WINDOW - 1)
            self._filled = min(self._filled + 1, WINDOW)
            self._grid_q8 += _GRID_Q8

    def _estimate(self):
        for index in range(BINS):
            self._scores[index] = 0
        for series in range(_SERIES):
            straightened(self._series[series], self._place, self._work, self._straight[series])
        for series in (0, 2):
            transformer = self._transformer
            transformer.pair(
                self._straight[series],
                self._straight[series + 1],
                WINDOW,
                self._taper,
                _FFT_BITS,
                _POWER_BINS,
            )
            add_scores(transformer.first_power, self._work, self._scores)
            add_scores(transformer.second_power, self._work, self._scores)
        good = 0
        for index in range(WINDOW):
            good += self._good[index]
        self.good_percent = good * 100 >> 7
        self._weigh()

    def _weigh(self):
        """Follow the scores, and note how well they bear out what is followed."""
        # The rate of the last step: that of this one was drawn to this window's best.
        contrast_q8 = self._scores[(self._tracker.place_q8 + 128) >> 8] >> 2
        total = 0
        for index in range(BINS):
            score = self._scores[index] >> 2
            total += score
            self._scores[index] = score + _prior_q8(index)
        window_tenths = _tenths((FIRST_BIN + top(self._scores, BINS)) << 8)
        self._tracker.step(self._scores)
        self.rate_tenths = _tenths((FIRST_BIN << 8) + self._tracker.place_q8)
        apart_tenths = min(abs(self.rate_tenths - window_tenths), _FARTHEST_TENTHS)
        self._apart_sum += apart_tenths - (self._apart_sum >> _DECAY_BITS)
        self._contrast_sum += contrast_q8 - total // BINS - (self._contrast_sum >> _DECAY_BITS)
        self.apart_tenths = self._apart_sum >> _DECAY_BITS
        self.contrast_q8 = self._contrast_sum >> _DECAY_BITS


def _tenths(place_q8):
    """Bins in 1/256 to tenths of 1/min: a bin is 4 * 60 / 512 /min."""
    return (place_q8 * 75 + 2048) >> 12


def _prior_q8(index):
    """-((rate - 16) / 7)^2 / 2 in 1/256: around the usual rate at rest, weak; fixed by hand."""
    distance = 15 * (FIRST_BIN + index) - 512
    return -128 * distance * distance // 50176
