"""How far each beat can be trusted, by its distance from the few before it.

FAIR, which the series of breathing are made of: an interval of 0.3 to 2 s within 30 % of the median of the
last 7, height and slope within 0.4 to 2.2 of the medians of the last 9; chosen by hand on the breathing of
four subjects (Hoffman et al. 2022). For beat-to-beat differences, which a single false beat spoils: STEADY,
the interval within a share of the median once 5 are known, and CLEAN, height and slope within shares of
theirs; these limits are fitted. An early beat and the pause after it leave the share on both sides.

Widths: heights and slopes below 2^21, intervals in 1/256 sample of 25 Hz, below 2^15.
"""

from array import array

from dsp.beats import MOST_BEATS, History
from dsp.fitted import BEATS_APART_MILLI, BEATS_LEAST_PERCENT, BEATS_MOST_PERCENT

FAIR = 1
STEADY = 2
CLEAN = 4

SHORTEST_Q8 = 1920
LONGEST_Q8 = 12800
"""0.3 and 2 s in 1/256 sample."""

_FEWEST_KNOWN = 3
_FEWEST_STEADY = 5
_NEVER = -(1 << 29)


class BeatGrades:
    """Grades the beats of a BeatFinder; allocates nothing after construction.

    After `take`: for each of the finder's beats `interval_q8`, since the beat before it, and `grade`, a sum
    of FAIR, STEADY and CLEAN; `beat_q8`, the time of the last one.
    """

    def __init__(self):
        self.interval_q8 = array("i", bytes(4 * MOST_BEATS))
        self.grade = bytearray(MOST_BEATS)
        self._intervals = History(7)
        self._heights = History(9)
        self._slopes = History(9)
        self.start()

    def start(self):
        """Forget the past."""
        self._intervals.clear()
        self._heights.clear()
        self._slopes.clear()
        self.beat_q8 = _NEVER

    def take(self, beats, fresh):
        """Grade the beats that the finder gave after `fresh` new samples."""
        self.beat_q8 = max(self.beat_q8 - (fresh << 8), _NEVER)
        for index in range(beats.count):
            time_q8 = beats.time_q8[index]
            interval_q8 = min(time_q8 - self.beat_q8, 2 * LONGEST_Q8)
            self.beat_q8 = time_q8
            self.interval_q8[index] = interval_q8
            by_interval = self._interval_grade(interval_q8)
            by_size = self._size_grade(beats.height[index], beats.slope[index])
            self.grade[index] = by_interval & by_size & FAIR | by_interval & STEADY | by_size & CLEAN

    def is_fair(self, time_q8, height, slope):
        """Whether a beat after the last one, which is not taken, would be FAIR among those that were."""
        interval_q8 = time_q8 - self.beat_q8
        if not SHORTEST_Q8 < interval_q8 < LONGEST_Q8 or self._intervals.held < _FEWEST_KNOWN:
            return False
        usual = self._intervals.median()
        if abs(interval_q8 - usual) * 10 > usual * 3:
            return False
        return bool(
            _likeness(height, self._heights.median()) & _likeness(slope, self._slopes.median()) & FAIR
        )

    def _interval_grade(self, interval_q8):
        if not SHORTEST_Q8 < interval_q8 < LONGEST_Q8:
            return 0
        known = self._intervals.held
        usual = self._intervals.median() if known >= _FEWEST_KNOWN else interval_q8
        self._intervals.push(interval_q8)
        apart = abs(interval_q8 - usual) * 1000
        grade = FAIR if apart <= usual * 300 else 0
        if known >= _FEWEST_STEADY and apart <= usual * BEATS_APART_MILLI:
            grade |= STEADY
        return grade

    def _size_grade(self, height, slope):
        self._heights.push(height)
        self._slopes.push(slope)
        return _likeness(height, self._heights.median()) & _likeness(slope, self._slopes.median())


def _likeness(value, usual):
    grade = FAIR if 2 * usual <= 5 * value <= 11 * usual else 0
    is_clean = BEATS_LEAST_PERCENT * usual <= 100 * value <= BEATS_MOST_PERCENT * usual
    return grade | CLEAN if is_clean else grade
