"""Beat-to-beat variability at rest: RMSSD of the last five minutes, from sums of half minutes.

RMSSD is the root of the mean square of the differences between intervals that follow one another. A single
false beat outweighs a hundred true ones, so a difference counts only between two intervals that are both
STEADY and lie between CLEAN beats (see `dsp.beat_grades`). What was left out shows in `covered_percent`: how
much of the time lies in intervals that counted. Noise in the time of a beat adds to RMSSD, which is thus
rather too high than too low.

Widths: differences in 1/2 ms, at most 0.5 of 2 s by a STEADY limit of a quarter, whose squares make at most
2^27 in half a minute and 2^30 in all.
"""

from array import array

from dsp.beat_grades import CLEAN, FAIR, STEADY
from dsp.fixed import isqrt

BLOCKS = 10
_BLOCK_SAMPLES = 750
"""30 s at 25 Hz."""

LONGEST_S = 30 * BLOCKS


class Variability:
    """Streaming estimator; allocates nothing after construction.

    After `step`: `interval_ms`, the mean of the step's own FAIR intervals, 0 where there is none;
    `rmssd_tenths` in 1/10 ms, -1 without a difference; `covered_percent` of the time that it looks back on,
    `span_s`, which is at most 330.
    """

    def __init__(self):
        self.interval_ms = 0
        self.rmssd_tenths = -1
        self.covered_percent = 0
        self.span_s = 0
        self._squares = array("i", bytes(4 * (BLOCKS + 1)))
        self._counts = array("i", bytes(4 * (BLOCKS + 1)))
        self._covered_q8 = array("i", bytes(4 * (BLOCKS + 1)))
        self.start()

    def start(self):
        """Forget the past."""
        self.interval_ms = 0
        self._was_clean = False
        self._last_q8 = 0
        self._block = 0
        self._blocks = 0
        self._samples = 0
        for block in range(BLOCKS + 1):
            self._empty(block)

    def step(self, beats, grades, fresh, is_still):
        """Take the beats of a BeatFinder and their BeatGrades after `fresh` new samples; none in motion."""
        self._advance(fresh)
        total_q8 = 0
        count = 0
        for index in range(beats.count):
            interval_q8 = grades.interval_q8[index]
            if is_still and grades.grade[index] & FAIR:
                total_q8 += interval_q8
                count += 1
            if self._is_good(grades.grade[index], is_still):
                if self._last_q8:
                    self._add(interval_q8 - self._last_q8, interval_q8)
                self._last_q8 = interval_q8
            else:
                self._last_q8 = 0
        # A sample is 40 ms: 5/32 ms in 1/256.
        self.interval_ms = (total_q8 // count * 5 + 16) >> 5 if count else 0
        self._sum_up()

    def _is_good(self, grade, is_still):
        was_clean = self._was_clean
        self._was_clean = is_still and grade & CLEAN
        return was_clean and self._was_clean and grade & STEADY

    def _add(self, difference_q8, interval_q8):
        half_ms = (difference_q8 * 5 + 8) >> 4
        self._squares[self._block] += half_ms * half_ms
        self._counts[self._block] += 1
        self._covered_q8[self._block] += interval_q8

    def _empty(self, block):
        self._squares[block] = 0
        self._counts[block] = 0
        self._covered_q8[block] = 0

    def _advance(self, fresh):
        """Begin a block each 30 s; a break of any length is one of a block."""
        self._samples += min(fresh, _BLOCK_SAMPLES)
        if self._samples >= _BLOCK_SAMPLES:
            self._samples -= _BLOCK_SAMPLES
            self._blocks = min(self._blocks + 1, BLOCKS)
            self._block = (self._block + 1) % (BLOCKS + 1)
            self._empty(self._block)

    def _sum_up(self):
        squares = count = covered_q8 = 0
        for block in range(BLOCKS + 1):
            squares += self._squares[block]
            count += self._counts[block]
            covered_q8 += self._covered_q8[block]
        samples = self._blocks * _BLOCK_SAMPLES + self._samples
        self.span_s = samples // 25
        self.covered_percent = (covered_q8 >> 8) * 100 // max(samples, 1)
        self.rmssd_tenths = isqrt(squares // count * 25) if count else -1
