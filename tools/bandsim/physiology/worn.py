"""A band that can be taken off and put on again, around any wearer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bandsim.physiology.course import Wear, steady_course
from bandsim.physiology.model import PhysiologyStimulus
from bandsim.physiology.segments import AMBIENT_C, SKIN_TIME_CONSTANT_S
from bandsim.stimulus import Battery, ConsoleAction, FloatArray, Truth, Wearer, first_sample, sample_times


@dataclass(frozen=True)
class _Change:
    t_s: float
    is_worn: bool


class WornStimulus:
    """A wearer, the moments at which the band is taken off or put on, and timed console actions.

    While the band is off it lies on a table: ambient light, gravity alone, and a pad that cools
    to the air. Changes are made in order of time; what was sampled before them stands.
    """

    def __init__(self, wearer: Wearer, events: Sequence[ConsoleAction] = (), *, seed: int = 0) -> None:
        self._wearer = wearer
        self._events = tuple(sorted(events, key=lambda action: action.t_s))
        self._seed = seed
        self._changes: list[_Change] = []
        self._table: PhysiologyStimulus | None = None

    @property
    def duration_s(self) -> float:
        """How long the wearer lasts."""
        return self._wearer.duration_s

    @property
    def optical_stack(self) -> str:
        """Which optical front end it feeds."""
        return self._wearer.optical_stack

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where the wearer's channels and references come from."""
        return self._wearer.provenance

    def events(self) -> tuple[ConsoleAction, ...]:
        """Give the timed console actions."""
        return self._events

    def set_contact(self, is_worn: bool, at_s: float) -> None:
        """Take the band off or put it on, from `at_s` on; a change to what already is does nothing.

        Raises ValueError for a time before the last change.
        """
        if self._changes and at_s < self._changes[-1].t_s:
            raise ValueError(f"wanted a time of {self._changes[-1].t_s} s or later, got {at_s}")
        if self._is_on(at_s) != is_worn:
            self._changes.append(_Change(at_s, is_worn))

    def optical(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` optical counts; ambient light where the band is off."""
        worn = self._wearer.optical(start_s, count, rate_hz)
        off = self._off(start_s, count, rate_hz)
        return worn if off is None else np.where(off, self._bare().optical(start_s, count, rate_hz), worn)

    def acceleration_g(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` accelerations; gravity alone where the band is off."""
        worn = self._wearer.acceleration_g(start_s, count, rate_hz)
        off = self._off(start_s, count, rate_hz)
        return (
            worn if off is None else np.where(off, self._bare().acceleration_g(start_s, count, rate_hz), worn)
        )

    def skin_temperature_c(self, t_s: float) -> float:
        """Give the pad's temperature: it nears the skin's or the air's within minutes."""
        warmth, since_s, is_on = 1.0, 0.0, True
        for change in (*self._changes, _Change(math.inf, True)):
            until_s = min(change.t_s, t_s)
            kept = math.exp(-max(until_s - since_s, 0.0) / SKIN_TIME_CONSTANT_S)
            warmth = float(is_on) + (warmth - float(is_on)) * kept
            if change.t_s >= t_s:
                break
            since_s, is_on = change.t_s, change.is_worn
        return AMBIENT_C + (self._wearer.skin_temperature_c(t_s) - AMBIENT_C) * warmth

    def battery(self, t_s: float) -> Battery:
        """Give the state of the battery."""
        return self._wearer.battery(t_s)

    def truth(self, t_s: float) -> Truth:
        """Give what is known of the wearer; nothing that needs touch while the band is off."""
        known = self._wearer.truth(t_s)
        if not self._changes:
            return known
        if not self._is_on(t_s):
            return Truth(
                core_temperature_c=known.core_temperature_c,
                systolic_mmhg=known.systolic_mmhg,
                diastolic_mmhg=known.diastolic_mmhg,
                sleep_stage=known.sleep_stage,
                is_worn=False,
            )
        if known.skin_temperature_c is None:
            return known
        return replace(known, skin_temperature_c=self.skin_temperature_c(t_s))

    def _is_on(self, t_s: float) -> bool:
        past = [change.is_worn for change in self._changes if change.t_s <= t_s]
        return past[-1] if past else True

    def _off(self, start_s: float, count: int, rate_hz: float) -> np.ndarray | None:
        """Give which of some samples `(count, 1)` fall where the band is off; None for none."""
        if not self._changes:
            return None
        times_s = sample_times(*first_sample(start_s, rate_hz), count, rate_hz)
        past = np.searchsorted([change.t_s for change in self._changes], times_s, side="right")
        states = np.array([False, *(not change.is_worn for change in self._changes)])
        off = states[past]
        return off[:, np.newaxis] if bool(off.any()) else None

    def _bare(self) -> PhysiologyStimulus:
        if self._table is None:
            course = steady_course(self.duration_s)
            course = replace(course, wear=np.full_like(course.wear, Wear.OFF))
            self._table = PhysiologyStimulus(course, self._seed, optical_stack=self.optical_stack)
        return self._table
