"""The last seconds of raw samples: light at 25 Hz, acceleration at 26 Hz brought to the light's clock.

Widths: counts 18 bits unsigned, axes 16 bits signed; the resampler works on the 16.16 distance to the
newest sample, below 2^25.
"""

import sys
from array import array

import micropython

if sys.implementation.name == "micropython":
    from dsp.rings_viper import push_axes, push_counts, resample_axis, take_channel
else:
    from dsp.rings_plain import push_axes, push_counts, resample_axis, take_channel

OPTICAL_SAMPLES = 256
"""10.2 s at 25 Hz: the heart rate window of 8 s and a late step."""

MOTION_SAMPLES = 256
"""9.8 s at 26 Hz: 8 s at up to 32 Hz."""

NOMINAL_RATIO_Q16 = 68157
"""26 / 25 in 1/65536: acceleration samples an optical sample, until it is measured."""

_MARKS = 16
_MOTION_WORDS = 3 * MOTION_SAMPLES


class OpticalRing:
    """The newest optical samples. `held` counts those since `clear`, `total` all there ever were."""

    def __init__(self, channels):
        """Of samples of so many channels."""
        self.total = 0
        self.held = 0
        self._channels = channels
        self._words = channels * OPTICAL_SAMPLES
        self._ring = array("i", bytes(4 * self._words))
        self._place = 0
        self._seen = 0

    def clear(self):
        """Forget the samples held."""
        self.held = 0

    def push(self, samples, count):
        """Take `count` samples of interleaved counts."""
        self._place = push_counts(samples, self._channels * count, self._ring, self._place, self._words)
        self.total += count
        self.held = min(self.held + count, OPTICAL_SAMPLES)

    def take_fresh(self):
        """Whether samples came since the last call."""
        fresh = self.total != self._seen
        self._seen = self.total
        return fresh

    @micropython.native
    def take(self, channel, count, out):
        """Copy the newest `count` (at most `held`) samples of a channel to `out`, oldest first."""
        take_channel(self._ring, self._words, self._place, self._channels, channel, count, out)


class MotionRing:
    """The newest acceleration samples and their rate against the optical ones.

    The ratio is measured over up to 16 marks (32 s), so a clock error of the IMU does not move
    movement against the pulse; until it is, or when the measure is not plausible, it is the nominal one.
    """

    def __init__(self):
        self.nominal_ratio_q16 = NOMINAL_RATIO_Q16
        self.held = 0
        self.is_live = False
        self._ring = array("h", bytes(2 * _MOTION_WORDS))
        self._place = 0
        self._total = 0
        self._optical_marks = array("i", bytes(4 * _MARKS))
        self._motion_marks = array("i", bytes(4 * _MARKS))
        self._marks = 0

    def clear(self):
        """Forget everything held."""
        self.held = 0
        self.is_live = False
        self._marks = 0

    def push(self, samples, count):
        """Take `count` samples x, y, z."""
        self._place = push_axes(samples, 3 * count, self._ring, self._place, _MOTION_WORDS)
        self._total += count
        self.held = min(self.held + count, MOTION_SAMPLES)

    def mark(self, optical_total):
        """Note, every 2 s, how many samples of both kinds there are."""
        before = (self._marks - 1) % _MARKS
        self.is_live = self.held > 1 and (self._marks == 0 or self._motion_marks[before] != self._total)
        if not self.is_live:
            self._marks = 0
            return
        self._optical_marks[self._marks % _MARKS] = optical_total
        self._motion_marks[self._marks % _MARKS] = self._total
        self._marks += 1
        if self._marks == 2 * _MARKS:
            self._marks = _MARKS

    def ratio_q16(self):
        """Acceleration samples an optical sample in 1/65536."""
        if self._marks < 5:
            return self.nominal_ratio_q16
        newest = (self._marks - 1) % _MARKS
        oldest = self._marks % _MARKS if self._marks >= _MARKS else 0
        motion = self._motion_marks[newest] - self._motion_marks[oldest]
        optical = self._optical_marks[newest] - self._optical_marks[oldest]
        # Eight seconds must lie inside the ring, hence no more than 256 / 200.
        if optical <= 0 or motion * 10 < optical * 7 or motion * 10 > optical * 12:
            return self.nominal_ratio_q16
        return (motion << 16) // optical

    @micropython.native
    def take(self, axis, count, out):
        """Bring the newest samples of an axis to 25 Hz: `count` values (array('h')), oldest first."""
        resample_axis(self._ring, _MOTION_WORDS, self._place, axis, self.held, self.ratio_q16(), count, out)
