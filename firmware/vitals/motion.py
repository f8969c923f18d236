"""Motion: steps, activity, arm posture, and what the other vitals need to know of movement.

ENMO is the Euclidean norm of acceleration minus one g, negative values set to zero. It wants a calibrated
sensor: an offset of 20 mg is as much as a quiet hour has.
"""

import micropython

from bandwire.catalogue import INDEX_ACTIVITY, INDEX_ARM_POSTURE, INDEX_ENMO_MG, INDEX_STEPS
from bandwire.frames import (
    ACTIVITY_LIGHT,
    ACTIVITY_RUN,
    ACTIVITY_STILL,
    ACTIVITY_WALK,
    ARM_POSTURE_HANGING,
    ARM_POSTURE_LEVEL,
    ARM_POSTURE_RAISED,
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_OFF_WRIST,
    CAUSE_STALE,
    NO_VALUE,
)
from dsp.fixed import isqrt
from dsp.motion import NOMINAL_RATE_MILLIHERTZ, MotionFront
from dsp.steps import StepCounter

_STILL_MG = 15
"""Rms of band-passed acceleration below which the wrist is still; choice of this project."""

_STILL_JERK_MG = 12
"""Mean change in 1/26 s, over three axes, below which the wrist does not turn either."""

_RUN_MG = 280
_RUN_CADENCE_PER_MIN = 140
"""Running: at least this strong and this quick. Choice of this project: the wrists of the 12 recordings of
Zhang, Pi and Liu (IEEE TBME 62(2), 2015) gave medians of 340 to 620 mg at the fast treadmill speeds.
"""

_RESTING_JERK_MG = 40
_RESTING_MG = 60
"""Below both an arm rests enough for gravity to tell its posture; choice of this project."""

_LEAST_GRAVITY_MG, _MOST_GRAVITY_MG = 850, 1150
"""Size of the mean acceleration of an arm that does not speed up; choice of this project."""

_ONE_G_Q10 = 1024
_COUNT_UNIT = 160
"""An activity count is 1/64 g of a second's largest band-passed deviation, beyond the first 1/64 g."""

_CLIP = 4095
"""Clip of a deviation in 1/1024 g: 25 of its squares stay below 2^29."""

_STALE_UPDATES = 2

_STEPS_QUALITY = 80
_ACTIVITY_QUALITY = 70
"""Fixed: counts and limits know nothing of their own error; choice of this project."""


class MotionVital:
    """Writes steps, activity, ENMO and arm posture into `table`; fed by `on_motion`, updated every 2 s.

    After `update`: `motion_rms_mg`, `jerk_mg` (mean change in 1/26 s over three axes), `is_still` and
    `activity_counts_q4` (counts in 1/16, NO_VALUE when no sample came) speak of the last 2 s.
    """

    def __init__(self, table):
        self._table = table
        self._front = MotionFront()
        self._counter = StepCounter()
        self.forget()
        self.start()

    def forget(self):
        """Count steps from zero."""
        self._steps_before = self._counter.steps

    def start(self):
        """Begin afresh; the count of steps goes on."""
        self.motion_rms_mg = 0
        self.jerk_mg = 0
        self.is_still = False
        self.activity_counts_q4 = 0
        self._front.restart()
        self._counter.restart()
        self._updates_without_samples = 0
        self._begin_interval()

    def set_rate(self, rate_millihertz):
        """Expect samples at this rate, 10 to 200 Hz, in place of the IMU's nominal one; then `start`."""
        self._front.set_rate(rate_millihertz)

    def finish(self):
        """No more samples will come, as at the end of a recording: count the steps that wait for some."""
        self._counter.finish()
        if self._table.raw(INDEX_STEPS) != NO_VALUE:
            self._table.set(INDEX_STEPS, self._counter.steps - self._steps_before, _STEPS_QUALITY)

    def _begin_interval(self):
        self._samples = 0
        self._magnitudes = 0
        self._squares = 0
        self._peak = 0
        self._counts_q4 = 0
        self._excess = 0

    @micropython.native
    def on_motion(self, samples, count):
        """Take `count` samples x, y, z (array('h'), 8192 counts a g) at the rate that was set, else 26 Hz."""
        outputs = self._front.push(samples, count)
        self._samples += count
        for index in range(outputs):
            magnitude = self._front.magnitude[index]
            if magnitude > _ONE_G_Q10:
                self._excess += magnitude - _ONE_G_Q10
            self._counter.push(magnitude)
            self._take_deviation(abs(self._counter.deviation))

    @micropython.native
    def _take_deviation(self, deviation):
        """`deviation`: size of the band-passed magnitude in 1/10240 g, at 12.5 Hz."""
        self._peak = max(self._peak, deviation)
        size = min(deviation // 10, _CLIP)
        self._squares += size * size
        self._magnitudes += 1
        if self._magnitudes == 12 or self._magnitudes == 25:
            self._counts_q4 += max(0, self._peak - _COUNT_UNIT) // (_COUNT_UNIT // 16)
            self._peak = 0

    def update(self, is_off):
        """Bring steps and activity up to date; due every 2 s. Off the wrist nothing is counted nor told."""
        if is_off:
            self._counter.restart()
            self._withhold(CAUSE_OFF_WRIST)
        if self._samples == 0:
            self._wait(is_off)
            return
        self._updates_without_samples = 0
        self.motion_rms_mg = isqrt(self._squares // max(1, self._magnitudes)) * 125 // 128
        jerk_mg = self._front.take_jerk() * 125 // 128 // self._samples
        self.jerk_mg = jerk_mg * self._front.rate_millihertz // NOMINAL_RATE_MILLIHERTZ
        self.is_still = self.motion_rms_mg < _STILL_MG and self.jerk_mg < _STILL_JERK_MG
        self.activity_counts_q4 = self._counts_q4
        if not is_off:
            self._table.set(INDEX_STEPS, self._counter.steps - self._steps_before, _STEPS_QUALITY)
            self._table.set(INDEX_ACTIVITY, self._judge_level(), _ACTIVITY_QUALITY)
            enmo_mg = self._excess * 125 // (128 * max(1, self._magnitudes))
            self._table.set(INDEX_ENMO_MG, enmo_mg, _ACTIVITY_QUALITY)
        self._judge_posture(is_off)
        self._begin_interval()

    def _wait(self, is_off):
        self._updates_without_samples += 1
        self.activity_counts_q4 = NO_VALUE
        if self._updates_without_samples > _STALE_UPDATES:
            self.is_still = False
            if not is_off:
                self._withhold(CAUSE_STALE)

    def _withhold(self, cause):
        self._table.withhold(INDEX_STEPS, cause)
        self._table.withhold(INDEX_ACTIVITY, cause)
        self._table.withhold(INDEX_ENMO_MG, cause)
        self._table.withhold(INDEX_ARM_POSTURE, cause)

    def _judge_posture(self, is_off):
        """By the forearm's angle to the horizontal, 30 degrees the border: the sine is a half there.

        The x axis of the band lies along the forearm towards the elbow (unconfirmed on a built band).
        """
        front = self._front
        x_mg = front.take_sum(0) * 125 // (256 * self._samples)
        y_mg = front.take_sum(1) * 125 // (256 * self._samples)
        z_mg = front.take_sum(2) * 125 // (256 * self._samples)
        if is_off:
            return
        gravity_mg = isqrt(x_mg * x_mg + y_mg * y_mg + z_mg * z_mg)
        if self.jerk_mg >= _RESTING_JERK_MG or self.motion_rms_mg >= _RESTING_MG:
            self._table.withhold(INDEX_ARM_POSTURE, CAUSE_MOTION)
        elif not _LEAST_GRAVITY_MG <= gravity_mg <= _MOST_GRAVITY_MG:
            self._table.withhold(INDEX_ARM_POSTURE, CAUSE_LOW_CONFIDENCE)
        else:
            posture = ARM_POSTURE_LEVEL
            if 2 * x_mg > gravity_mg:
                posture = ARM_POSTURE_HANGING
            elif -2 * x_mg > gravity_mg:
                posture = ARM_POSTURE_RAISED
            self._table.set(INDEX_ARM_POSTURE, posture, _ACTIVITY_QUALITY)

    def _judge_level(self):
        if self.is_still:
            return ACTIVITY_STILL
        if self._counter.gate < 128:
            return ACTIVITY_LIGHT
        if self.motion_rms_mg >= _RUN_MG and self._counter.cadence_per_min >= _RUN_CADENCE_PER_MIN:
            return ACTIVITY_RUN
        return ACTIVITY_WALK
