"""What movement and heart rate of a night tell of sleep so far, epoch by epoch, as small integers.

Logarithms are to the base 2 in Q7, rates in 1/16 per min, shares in Q8; each of the 21 is cut to 11 bits
and a sign. `vitalband.signal.sleep` states them for whole nights. A night starts anew, and all is forgotten,
while the movement of ten minutes is that of somebody who is up: means are then those of what came since.
Widths: a rate below 2^12, so the square of a deviation, cut to 1023, of ten below 2^24, and 2^28 in Q4.
"""

from array import array

import micropython

from dsp.fixed import isqrt, log2_q8

FEATURE_COUNT = 21
MISSING = -1
"""Activity of an epoch in which the wrist told nothing."""

_LIMIT = 2047
_SPANS = (2, 6, 20, 60)
_MOVED_Q4, _MOVING_Q4 = 160, 320
_UP_Q7 = 512
"""Mean of ten minutes' activity, log2 of 1 + 15 counts, above which one is up; choice of this project."""

_UP_EPOCHS = 20
_NIGHT_EPOCHS = 960
_MEMORY_EPOCHS = 240
_LOWEST_BPM = 30
_BINS = 128
_RECENT, _MOVING, _RATES, _SPREADS = 10, 40, 60, 10


class SleepFeatures:
    """Keeps `row` (array('h')) of the last epoch; allocates nothing after construction."""

    def __init__(self):
        self.row = array("h", bytes(2 * FEATURE_COUNT))
        self._means = array("i", bytes(4 * 4))
        self._night_means = array("i", bytes(4 * 3))
        self._recent = array("h", bytes(2 * _RECENT))
        self._moving = bytearray(_MOVING)
        self._rates = array("h", bytes(2 * _RATES))
        self._spreads = array("h", bytes(2 * _SPREADS))
        self._histogram = array("H", bytes(2 * _BINS))
        self.restart()

    def restart(self):
        """Forget the past: a night starts."""
        self._epochs = self._moved = self._rated = self._rate_epochs = 0
        self._still = self._longest_still = self._slow = self._base = 0
        self._onset = 65536
        for index in range(FEATURE_COUNT):
            self.row[index] = 0
        for index in range(4):
            self._means[index] = 0
        for index in range(_BINS):
            self._histogram[index] = 0

    def push(self, activity_q4, rate_q4, spread_q4):
        """Take an epoch: activity in 1/16 count or MISSING, heart rate in 1/16 per min or 0 for unknown.

        `spread_q4`: standard deviation of the rates within the epoch, in 1/16 per min.
        """
        if self._moved >= _UP_EPOCHS and self._means[2] >> 8 > _UP_Q7:
            self.restart()
        if activity_q4 != MISSING:
            self._move(activity_q4)
        if rate_q4:
            self._rates[self._rated % _RATES] = rate_q4
            self._spreads[self._rated % _SPREADS] = spread_q4
            self._rated += 1
        if self._rated:
            self._rate()
        self._put(16, min(self._epochs, _NIGHT_EPOCHS))
        self._put(17, self._onset >> 6)
        self._epochs += 1
        self._onset -= self._onset // 40

    def _put(self, index, value):
        self.row[index] = max(-_LIMIT, min(_LIMIT, value))

    def _move(self, activity_q4):
        activity = (log2_q8(16 + activity_q4) - 1024) >> 1
        self._recent[self._moved % _RECENT] = activity
        self._moving[self._moved % _MOVING] = activity_q4 > _MOVING_Q4
        self._moved += 1
        self._still = 0 if activity_q4 >= _MOVED_Q4 else self._still + 1
        self._longest_still = max(self._longest_still, self._still)
        self._put(0, activity)
        for index in range(4):
            self._means[index] += ((activity << 8) - self._means[index]) // min(_SPANS[index], self._moved)
            self._put(1 + index, self._means[index] >> 8)
        self._put(5, self._most_of(4))
        self._put(6, self._most_of(_RECENT))
        self._put(7, log2_q8(1 + self._still) >> 1)
        self._put(8, log2_q8(1 + self._longest_still) >> 1)
        count = min(_MOVING, self._moved)
        moving = 0
        for index in range(count):
            moving += self._moving[index]
        self._put(9, (moving << 8) // count)

    def _most_of(self, count):
        most = -_LIMIT
        for back in range(1, min(count, self._moved) + 1):
            most = max(most, self._recent[(self._moved - back) % _RECENT])
        return most

    def _rate(self):
        rate = self._rates[(self._rated - 1) % _RATES]
        if self._rate_epochs == 0:
            self._slow = self._base = rate << 8
        self._rate_epochs += 1
        self._slow += ((rate << 8) - self._slow) // min(60, self._rate_epochs)
        change = (rate << 8) - self._base
        self._base += change // 50 if change > 0 else change // 5
        median = self._median_with(rate)
        count = min(_RATES, self._rated)
        total = 0
        for index in range(count):
            total += self._rates[index]
        self._put(10, ((rate << 8) - self._slow) >> 8)
        self._put(11, ((rate << 8) - self._base) >> 8)
        self._put(12, rate - median)
        self._put(13, total // count - median)
        self._put(14, self._spread())
        self._put(15, self._change())
        self._put_spread(0, self.row[14])
        self._put_spread(1, self.row[15])
        self._put_spread(2, self._inner())

    def _put_spread(self, index, value):
        """How far a spread lies above its mean of the night, at most of its last two hours."""
        means = self._night_means
        if self._rate_epochs == 1:
            means[index] = value << 8
        means[index] += ((value << 8) - means[index]) // min(_MEMORY_EPOCHS, self._rate_epochs)
        self._put(18 + index, value - (means[index] >> 8))

    @micropython.native
    def _median_with(self, rate_q4):
        """Median of the night's rates, this one included, interpolated within its bin of 1 per min."""
        bins = self._histogram
        bins[max(0, min(_BINS - 1, (rate_q4 >> 4) - _LOWEST_BPM))] += 1
        rated = self._rate_epochs
        below = place = 0
        while 2 * (below + bins[place]) < rated:
            below += bins[place]
            place += 1
        return (_LOWEST_BPM + place) * 16 + 16 * (rated - 2 * below) // (2 * bins[place])

    def _spread(self):
        """Standard deviation of the last ten rates."""
        count = min(10, self._rated)
        total = squares = 0
        for back in range(1, count + 1):
            total += self._rates[(self._rated - back) % _RATES]
        for back in range(1, count + 1):
            deviation = (self._rates[(self._rated - back) % _RATES] * count - total) // count
            deviation = max(-1023, min(1023, deviation))
            squares += deviation * deviation
        return (log2_q8(isqrt((squares << 4) // count) + 19) - 1536) >> 1

    def _change(self):
        """Mean change from one of the last twenty rates to the next."""
        count = min(20, self._rated)
        total = 0
        for back in range(1, count):
            later = self._rates[(self._rated - back) % _RATES]
            total += abs(later - self._rates[(self._rated - back - 1) % _RATES])
        return (log2_q8((total << 4) // max(1, count - 1) + 51) - 2048) >> 1

    def _inner(self):
        """Mean of the last ten spreads within an epoch."""
        count = min(_SPREADS, self._rated)
        total = 0
        for index in range(count):
            total += self._spreads[index]
        return (log2_q8((total << 4) // count + 77) - 2048) >> 1
