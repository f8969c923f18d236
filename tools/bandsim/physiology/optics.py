"""From blood volume, oxygen, breathing and movement to the counts of the optical chip.

The light that returns falls as blood volume rises: counts go down at systole. For a channel c

    counts = DC_c * (1 - AC_c * (volume * amplitude(breath) + baseline(breath)) + artefact_c) + noise

with AC_red = R * AC_infrared. Levels, depths and noise are this model's own choice, within what an
18-bit front end on a wrist can give; the line between R and SpO2 is taken from elsewhere, and what gait does
to the light from recordings.
"""

import numpy as np

from bandsim.physiology.course import Course, Wear
from bandsim.physiology.motion import Motion
from bandsim.physiology.noise import SmoothNoise
from bandsim.physiology.pulse import PulseSource
from bandsim.physiology.rhythm import Rhythm
from bandsim.stimulus import FULL_SCALE_COUNTS, OPTICAL_STACKS, PHONE_RGB_COUNTS_PER_UNIT, FloatArray

SPO2_AT_ZERO_RATIO = 112.1
SPO2_PER_RATIO = -33.7
"""SpO2 = 112.1 - 33.7 R: an assumption of this model. The line was fitted to the 58 points of one
person in the OxiWear recordings (finger, MAX86161, 70-98 %); it is no calibration of any chip."""

_DC_COUNTS = {
    "max30101": np.array([130e3, 150e3, 140e3]),
    "phone_rgb": np.array([60.0, 70.0, 50.0]) * PHONE_RGB_COUNTS_PER_UNIT,
}
_RELATIVE_PULSE = {"red": 1.0, "infrared": 1.0, "green": 1.6, "blue": 1.3}
_RELATIVE_ARTEFACT = {"red": 1.0, "infrared": 1.0, "green": 0.6, "blue": 0.6}
_ARTEFACT_PER_G = np.array([0.010, 0.006, 0.004])
"""Of restless movement along each axis."""

_ARTEFACT_PER_GAIT_G = 0.012
_GAIT_SHARES = (1.8, 1.0, 0.65, 0.4)
"""Gait moves the light however the arm is held, and the less the faster it shakes. Measured on 24 people on
treadmills (Zhang, Pi and Liu 2015; Lee et al. 2018), in seconds whose pulse is away from the steps: light
over acceleration at half, twice and three times the step rate over what it is there, medians; and steps in
the light are 0.9 of the pulse (quartiles 0.75 and 1.3), as this size gives a run at 1 % of perfusion."""

_AMPLITUDE_BY_BREATH = 0.15
_BASELINE_BY_BREATH = 0.30
_BREATH_LAG_CYCLES = 0.1
_NOISE_COUNTS = 15.0
_WEAK = {"level": 0.6, "pulse": 0.12, "artefact": 4.0, "noise": 5.0, "wander": 0.01}
_AMBIENT_COUNTS = 3000.0
_AMBIENT_WANDER_COUNTS = 200.0
_AMBIENT_NOISE_COUNTS = 8.0


def ratio_of_spo2(spo2_percent: FloatArray) -> FloatArray:
    """Give the ratio of ratios R = (AC/DC)_red / (AC/DC)_infrared for a saturation."""
    return (spo2_percent - SPO2_AT_ZERO_RATIO) / SPO2_PER_RATIO


class Optics:
    """The optical channels of one wearer; `has_artefact` couples movement into the light."""

    def __init__(
        self,
        course: Course,
        seed: int,
        *,
        stack: str,
        rhythm: Rhythm,
        pulse: PulseSource,
        motion: Motion,
        has_artefact: bool,
        has_breathing: bool,
    ) -> None:
        self._course = course
        self._stack = stack
        self._rhythm = rhythm
        self._pulse = pulse
        self._motion = motion
        self._has_artefact = has_artefact
        self._has_breathing = has_breathing
        self._wander = SmoothNoise(seed, "optical wander", duration_s=course.duration_s, rate_hz=0.5)

    def counts(self, times_s: FloatArray, rate_hz: float, random: np.random.Generator) -> FloatArray:
        """Give `(n, 3)` counts in the order of the stack's channels."""
        on, weak = 1 - self._share(Wear.OFF, times_s), self._share(Wear.WEAK, times_s)
        wander = self._wander.at(times_s)[:, np.newaxis]
        facing = self._course.at((self._course.wear == Wear.FACING).astype(np.float64), times_s)[
            :, np.newaxis
        ]
        depth = self._depths(times_s) * (1 + weak * (_WEAK["pulse"] - 1)) * (1 - facing)
        artefact = self._artefact(times_s) * (1 + weak * (_WEAK["artefact"] - 1)) * (1 - facing)
        level = _DC_COUNTS[self._stack] * (1 + weak * (_WEAK["level"] - 1))
        worn = level * (1 - depth * self._beat(times_s, rate_hz) + artefact + weak * _WEAK["wander"] * wander)
        noise_counts = _NOISE_COUNTS * (1 + weak * (_WEAK["noise"] - 1))
        ambient = _AMBIENT_COUNTS + _AMBIENT_WANDER_COUNTS * wander
        noise = random.standard_normal((len(times_s), 3))
        bare = ambient + noise * _AMBIENT_NOISE_COUNTS
        return np.clip(bare + on * (worn + noise * noise_counts - bare), 0.0, float(FULL_SCALE_COUNTS))

    def _share(self, wear: Wear, times_s: FloatArray) -> FloatArray:
        """How far the band sits so, 0 to 1: `(n, 1)`."""
        return self._course.at((self._course.wear == wear).astype(np.float64), times_s)[:, np.newaxis]

    def _depths(self, times_s: FloatArray) -> FloatArray:
        perfusion = self._course.at(self._course.perfusion_percent, times_s) / 100.0
        ratio = ratio_of_spo2(self._course.at(self._course.spo2_percent, times_s))
        channels = OPTICAL_STACKS[self._stack]
        return np.stack(
            [perfusion * _RELATIVE_PULSE[c] * (ratio if c == "red" else 1.0) for c in channels], axis=1
        )

    def _beat(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        volume = self._pulse.volume(times_s, rate_hz)
        if self._has_breathing:
            breath = np.sin(2 * np.pi * (self._rhythm.breath_phase(times_s) - _BREATH_LAG_CYCLES))
            volume = volume * (1 + _AMPLITUDE_BY_BREATH * breath) + _BASELINE_BY_BREATH * breath
        return volume[:, np.newaxis]

    def _artefact(self, times_s: FloatArray) -> FloatArray:
        channels = OPTICAL_STACKS[self._stack]
        if not self._has_artefact:
            return np.zeros((len(times_s), len(channels)))
        pushed = self._motion.restless_g(times_s) @ _ARTEFACT_PER_G
        pushed += _ARTEFACT_PER_GAIT_G * self._motion.gait_g(times_s, _GAIT_SHARES)
        return np.stack([pushed * _RELATIVE_ARTEFACT[c] for c in channels], axis=1)
