"""The physiology model as a stimulus: a course and a seed make every channel and the truth."""

from collections.abc import Mapping

import numpy as np

from bandschema.enums import Activity, SleepStage
from bandsim.physiology.battery import battery_at
from bandsim.physiology.blocks import BlockCache
from bandsim.physiology.course import UNKNOWN, Course, Wear
from bandsim.physiology.motion import Motion
from bandsim.physiology.noise import stream
from bandsim.physiology.optics import Optics
from bandsim.physiology.pulse import ModelledPulse, PulseSource
from bandsim.physiology.rhythm import Rhythm
from bandsim.stimulus import CHANNELS, VITALS, Battery, FloatArray, Truth

MODELLED = "modelled: physiology model"


class PhysiologyStimulus:
    """A modelled wearer.

    `pulse` replaces the modelled pulse by another source, such as a recording.
    `has_artefact` couples movement into the optical channels; `has_breathing` lets breathing
    change amplitude and baseline: both are switched off where a recorded pulse has its own.
    The same course, seed and pulse give the same values, bit for bit, on one machine.
    """

    def __init__(
        self,
        course: Course,
        seed: int,
        *,
        optical_stack: str = "max30101",
        pulse: PulseSource | None = None,
        has_artefact: bool = True,
        has_breathing: bool = True,
    ) -> None:
        self._course = course
        self._stack = optical_stack
        self._rhythm = Rhythm(course, seed)
        self._motion = Motion(course, seed)
        self._pulse = pulse if pulse is not None else ModelledPulse(self._rhythm)
        optics = Optics(
            course,
            seed,
            stack=optical_stack,
            rhythm=self._rhythm,
            pulse=self._pulse,
            motion=self._motion,
            has_artefact=has_artefact,
            has_breathing=has_breathing,
        )
        self._optical = BlockCache(optics.counts, lambda *keys: stream(seed, "optical noise", *keys))
        self._acceleration = BlockCache(
            lambda times_s, _rate_hz, random: self._motion.acceleration_g(times_s, random),
            lambda *keys: stream(seed, "acceleration noise", *keys),
        )

    @property
    def duration_s(self) -> float:
        """How long the course lasts."""
        return self._course.duration_s

    @property
    def optical_stack(self) -> str:
        """Which optical front end it feeds."""
        return self._stack

    @property
    def provenance(self) -> Mapping[str, str]:
        """Every channel and every truth is the model's own."""
        return dict.fromkeys((*CHANNELS, *VITALS), MODELLED)

    def optical(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` optical counts in the order of the stack's channels."""
        return self._optical.rows(start_s, count, rate_hz)

    def acceleration_g(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` accelerations in g, gravity included."""
        return self._acceleration.rows(start_s, count, rate_hz)

    def skin_temperature_c(self, t_s: float) -> float:
        """Give the temperature under the band."""
        return self._course.value(self._course.skin_temperature_c, t_s)

    def battery(self, t_s: float) -> Battery:
        """Give the state of the battery."""
        return battery_at(self._course, t_s)

    def truth(self, t_s: float) -> Truth:
        """Give the model's own values; while the band is off, only steps, activity and sleep."""
        course = self._course
        activity = course.code(course.activity, t_s)
        stage = course.code(course.sleep_stage, t_s)
        is_worn = course.code(course.wear, t_s) not in (Wear.OFF, Wear.FACING)
        return Truth(
            steps=self._motion.steps(t_s),
            activity=None if activity == UNKNOWN else Activity(activity),
            sleep_stage=None if stage == UNKNOWN else SleepStage(stage),
            core_temperature_c=course.value(course.core_temperature_c, t_s),
            systolic_mmhg=course.systolic_mmhg,
            diastolic_mmhg=course.diastolic_mmhg,
            is_worn=is_worn,
            heart_rate_bpm=self._pulse.heart_rate_bpm(t_s) if is_worn else None,
            respiratory_rate_bpm=self._rhythm.respiratory_rate_bpm(t_s) if is_worn else None,
            spo2_percent=course.value(course.spo2_percent, t_s) if is_worn else None,
            skin_temperature_c=self.skin_temperature_c(t_s) if is_worn else None,
        )

    def beat_times_s(self) -> FloatArray:
        """Give the times at which the modelled beats begin."""
        times_s = np.arange(0.0, self.duration_s, 0.01)
        phase = self._rhythm.heart_phase(times_s)
        return np.interp(np.arange(1.0, np.floor(phase[-1]) + 1), phase, times_s)
