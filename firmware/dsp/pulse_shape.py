"""How the pulse rises, as one number without a unit: its rise in hundredths of the interval between beats.

The rise lasts as long as the height would at the steepest slope: height / slope. Its share of the interval
is told in thousandths, the median of the last 9 beats that can be trusted (`dsp.beat_grades`). For research:
it is not blood pressure, and nothing is known that it should be used for (docs/vital_signs.md).

Widths: heights and slopes below 2^21, so that 192 heights stay below 2^29.
"""

from dsp.beat_grades import CLEAN, LONGEST_Q8, STEADY
from dsp.beats import History

BEATS = 9
FEWEST_BEATS = 5
_MOST_STEPS_WITHOUT = 5
"""Steps of 2 s without a beat to trust, after which what was is not what is."""

_TRUSTED = CLEAN | STEADY


class PulseShape:
    """Streaming estimator; allocates nothing after construction. After `step`: `share_thousandths`, or -1."""

    def __init__(self):
        self.share_thousandths = -1
        self._shares = History(BEATS)
        self.start()

    def start(self):
        """Forget the past."""
        self.share_thousandths = -1
        self._shares.clear()
        self._steps_without = 0

    def step(self, beats, grades, is_still):
        """Take the beats of a BeatFinder and their BeatGrades; movement ends what was."""
        self._steps_without += 1
        for index in range(beats.count):
            if grades.grade[index] & _TRUSTED == _TRUSTED and beats.slope[index] > 0:
                self._steps_without = 0
                self._take(beats.height[index], beats.slope[index], grades.interval_q8[index])
        if not is_still or self._steps_without >= _MOST_STEPS_WITHOUT:
            self.start()
        elif self._shares.held >= FEWEST_BEATS:
            self.share_thousandths = self._shares.median()

    def _take(self, height, slope, interval_q8):
        # A slope is a rise over 3 samples: 3 * 64 in 1/64 sample.
        rise_q8 = min(height * 192 // slope << 2, LONGEST_Q8)
        self._shares.push(min(rise_q8 * 1000 // interval_q8, 1000))
