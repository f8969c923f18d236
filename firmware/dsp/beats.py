"""Beats at rest from one pulse channel: the steepest rise of each pulse, streaming and causal.

s = moving sum of 3 samples (0.12 s at 25 Hz), d = rise of s over 3 samples. A local maximum of d is a
beat if it reaches 0.45 of the median of the last 7 beats' slopes (after 1.5 median intervals without a
beat the share falls to 0.15 of that) and comes at least 0.60 median intervals, and 0.28 to 0.90 s, after
the last beat; a steeper maximum inside that gap replaces the beat. Its time is the summit of the
parabola through three values of d, less the delay of 2.5 samples. A beat is given out when the next one
comes. Shares were chosen on 21 phone recordings with known intervals (the Welltory set, CC0).

The sign of the pulse (light falls at systole) follows the sign of the mean cube of d.

Widths: counts 18 bits, s and d 20 bits and sign, times in 1/256 sample relative to the newest sample.
"""

from array import array

import micropython

from dsp.fixed import median
from dsp.pulse import largest, next_peak, slopes, sum_of_cubes

MOST_BEATS = 16
"""Beats of one step: 2 s hold fewer than 8, a late step more."""

_WINDOW = 150
FEWEST_SAMPLES = _WINDOW
"""Samples that must be held."""

_EDGE = 8
"""Samples after a beat that its height needs, 0.28 s, and one more."""

_SEARCH = 7
_FIRST = 13
_HISTORY = 7
_NEAREST = 7
_FARTHEST_GAP = 22
_DEFAULT_INTERVAL = 20
_LONGEST = 50
_NO_BEAT = -(1 << 20)
_FLIP = -50 * 4096
"""Mean cube that turns the pulse over: one typical step whose mean cube is that of its mean size."""


class History:
    """The last few values and their median; allocates nothing after construction."""

    def __init__(self, size):
        self.held = 0
        self._values = array("i", bytes(4 * size))
        self._scratch = array("i", bytes(4 * size))
        self._place = 0

    def clear(self):
        """Forget all values."""
        self.held = 0
        self._place = 0

    def push(self, value):
        """Take a value."""
        self._values[self._place] = value
        self._place = (self._place + 1) % len(self._values)
        self.held = min(self.held + 1, len(self._values))

    def replace_last(self, value):
        """Correct the value taken last."""
        self._values[(self._place - 1) % len(self._values)] = value

    def median(self):
        """Median of the values; there must be one."""
        return median(self._values, self.held, self._scratch)


class BeatFinder:
    """Finds beats; allocates nothing after construction.

    After `step`: `count` beats in `time_q8` (1/256 sample, 0 = newest sample, negative), `height` and
    `slope` of the pulse and `peak`, its highest level, all in counts of s.
    """

    def __init__(self, workspace):
        self.count = 0
        self.time_q8 = array("i", bytes(4 * MOST_BEATS))
        self.height = array("i", bytes(4 * MOST_BEATS))
        self.slope = array("i", bytes(4 * MOST_BEATS))
        self.peak = array("i", bytes(4 * MOST_BEATS))
        self._counts = workspace.wide_words(0, _WINDOW)
        self._s = workspace.wide_words(_WINDOW, _WINDOW)
        self._d = workspace.wide_words(2 * _WINDOW, _WINDOW)
        self._slopes = History(_HISTORY)
        self._intervals = History(_HISTORY)
        self._pending = array("i", bytes(4 * 4))
        self.start()

    def start(self):
        """Forget the past."""
        self.count = 0
        self.sign = -1
        self._expected_interval = 0
        self._cubes = 0
        self._restart()

    def has_pending(self):
        """Whether a beat was found that the next one may still give out: a steeper one may replace it."""
        return self._last > -_WINDOW

    def pending_q8(self):
        """Time of that beat, like `time_q8`."""
        return (self._last << 8) + self._pending[0]

    def pending_height(self):
        """Height of that beat's pulse."""
        return self._pending[1]

    def pending_slope(self):
        """Its slope."""
        return self._pending[2]

    def _restart(self):
        self._slopes.clear()
        self._intervals.clear()
        self._last = _NO_BEAT
        self._last_value = 0
        self._scanned = _NO_BEAT

    def step(self, optical, channel, fresh, expected_interval):
        """Look at the `fresh` newest samples of an OpticalRing's channel; FEWEST_SAMPLES must be held.

        `expected_interval` in samples is known from elsewhere and used for the median one; 0 = unknown.
        Without it a fast pulse can be taken for one of half its rate.
        """
        self.count = 0
        self._expected_interval = expected_interval
        optical.take(channel, _WINDOW, self._counts)
        slopes(self._counts, _WINDOW, self.sign, self._s, self._d)
        self._last = max(self._last - fresh, _NO_BEAT)
        self._scanned = max(self._scanned - fresh, _FIRST - _WINDOW)
        if self._slopes.held == 0:
            self._slopes.push(largest(self._d, _WINDOW - 50, _WINDOW))
        self._scan()
        self._check_sign()

    def _scan(self):
        place = _WINDOW + self._scanned
        stop = _WINDOW - _EDGE
        while place < stop:
            lowest = max(1, self._slopes.median() * 17 >> 8)
            place = next_peak(self._d, place, stop, lowest)
            if place < 0:
                break
            self._judge(place)
            place += 1
        self._scanned = -_EDGE

    def _median_interval(self):
        if self._expected_interval:
            return self._expected_interval
        return self._intervals.median() if self._intervals.held >= 3 else _DEFAULT_INTERVAL

    @micropython.native
    def _judge(self, place):
        value = self._d[place]
        gap = place - _WINDOW - self._last
        interval = self._median_interval()
        level = self._slopes.median()
        if value << 8 < level * self._share_q8(gap, interval):
            return
        if gap < min(max(interval * 3 // 5, _NEAREST), _FARTHEST_GAP):
            if value > self._last_value:
                self._slopes.replace_last(min(value, 2 * level))
                self._hold(place, value)
            return
        self._give_pending()
        if _NEAREST < gap < _LONGEST:
            self._intervals.push(gap)
        self._slopes.push(min(value, 2 * level))
        self._hold(place, value)

    @micropython.native
    def _share_q8(self, gap, interval):
        """Share of the median slope that a beat needs: 0.45, and down to 0.15 of it when beats are missed."""
        late = 2 * gap - 3 * interval
        if late <= 0:
            return 115
        return max(17, 115 - 115 * min(late, 4 * interval) // (4 * interval))

    @micropython.native
    def _hold(self, place, value):
        before = self._d[place - 1]
        after = self._d[place + 1]
        bend = before - 2 * value + after
        summit_q8 = 0
        if bend < 0:
            summit_q8 = min(max((before - after) * 128 // bend, -128), 128)
        self._last = place - _WINDOW
        self._last_value = value
        pending = self._pending
        pending[0] = summit_q8 - 640 + 256
        pending[1] = self._height(place)
        pending[2] = value
        pending[3] = largest(self._s, place, place + _SEARCH + 1)

    def _height(self, place):
        foot = self._s[place]
        for index in range(place - _SEARCH, place):
            foot = min(foot, self._s[index])
        return largest(self._s, place, place + _SEARCH + 1) - foot

    def _give_pending(self):
        if self.has_pending() and self.count < MOST_BEATS:
            self.time_q8[self.count] = self.pending_q8()
            self.height[self.count] = self._pending[1]
            self.slope[self.count] = self._pending[2]
            self.peak[self.count] = self._pending[3]
            self.count += 1

    def _check_sign(self):
        cubes = sum_of_cubes(self._d, _WINDOW - 50, _WINDOW)
        self._cubes += (cubes - self._cubes) >> 4
        if self._cubes < _FLIP:
            self.sign = -self.sign
            self._cubes = 0
            self._restart()
