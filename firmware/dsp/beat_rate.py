"""Heart rate at rest from a settled run of beats: their mean interval over the last 8 s.

A spectrum of 8 s tells where in the band a rate lies, and of a heart that quickens and slows as its wearer
breathes tells it within a few beats a minute; beats that are each found tell the mean within the time of the
first and the last one. The run is settled when FAIR intervals make at least 4.8 of the 8 s, at most two
others lie among them, and the newest beat is no further back than 2.2 of the mean interval. The beat that the
finder has not given out yet counts, too: without it the rate is late by a beat. Limits were chosen on the
phone recordings of the Welltory set (CC0), held against the chest strap beside them.

Widths: times and intervals in 1/256 sample of 25 Hz, below 2^17; sums of them below 2^18.
"""

from array import array

from dsp.beat_grades import FAIR

_MOST = 32
"""Beats in 8 s are at least 7 samples apart: 29."""

_WINDOW_Q8 = 200 << 8
_LEAST_COVERED_Q8 = 120 << 8
_FEWEST_BEATS = 3
_MOST_STRANGE = 2


class BeatRate:
    """Keeps the intervals of the last 8 s; allocates nothing after construction.

    After `take`: `rate_tenths` in 1/10 a minute, 0 while no run of beats is settled.
    """

    def __init__(self):
        self.rate_tenths = 0
        self._end_q8 = array("i", bytes(4 * _MOST))
        self._interval_q8 = array("i", bytes(4 * _MOST))
        self._held = 0

    def start(self):
        """Forget the past."""
        self.rate_tenths = 0
        self._held = 0

    def take(self, beats, grades, fresh):
        """Take the beats that a BeatFinder gave after `fresh` new samples, and their BeatGrades."""
        self._age(fresh)
        for index in range(beats.count):
            is_fair = grades.grade[index] & FAIR
            self._add(beats.time_q8[index], grades.interval_q8[index] if is_fair else 0)
        waiting_q8 = 0
        if beats.has_pending() and grades.is_fair(
            beats.pending_q8(), beats.pending_height(), beats.pending_slope()
        ):
            waiting_q8 = beats.pending_q8() - grades.beat_q8
        self.rate_tenths = self._rate(waiting_q8, grades.beat_q8)

    def _age(self, fresh):
        """Move all back by the new samples, and leave out what is older than the window."""
        kept = 0
        for index in range(self._held):
            end_q8 = self._end_q8[index] - (fresh << 8)
            if end_q8 > -_WINDOW_Q8:
                self._end_q8[kept] = end_q8
                self._interval_q8[kept] = self._interval_q8[index]
                kept += 1
        self._held = kept

    def _add(self, end_q8, interval_q8):
        """`interval_q8` is 0 of a beat that is not to be trusted."""
        if end_q8 > -_WINDOW_Q8 and self._held < _MOST:
            self._end_q8[self._held] = end_q8
            self._interval_q8[self._held] = interval_q8
            self._held += 1

    def _rate(self, waiting_q8, newest_q8):
        total_q8 = waiting_q8
        count = 1 if waiting_q8 else 0
        for index in range(self._held):
            total_q8 += self._interval_q8[index]
            count += self._interval_q8[index] > 0
        strange = self._held + (waiting_q8 > 0) - count
        if count < _FEWEST_BEATS or strange > _MOST_STRANGE or total_q8 < _LEAST_COVERED_Q8:
            return 0
        if -(newest_q8 + waiting_q8) * 5 * count > 11 * total_q8:
            return 0
        # 25 samples a second, 600 tenths of 1/min a beat a second.
        return (count * 15000 * 256 + total_q8 // 2) // total_q8
