"""What a walk notes of each update, for sums to make states of."""

from dataclasses import dataclass, field

import numpy as np

from vitalband.runs.states import Integers

SLOTS = 32
"""Numbers of a frame's readings: the place of one is the number of its slot modulo `SLOTS`."""


def _none() -> Integers:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Update:
    """The same update of some frames: their numbers, its interval and contact; and what changed in it.

    A reading's `slot` is frame * `SLOTS` + place. `slot` and `step` are of all changes, what they add to the
    state; of those in full, which add nothing, also `full_slot` and where their bits begin; `quality_slot`
    are those of quality alone.
    """

    frame: Integers
    interval_ms: Integers
    contact: Integers
    slot: Integers = field(default_factory=_none)
    step: Integers = field(default_factory=_none)
    full_slot: Integers = field(default_factory=_none)
    full_at: Integers = field(default_factory=_none)
    quality_slot: Integers = field(default_factory=_none)


@dataclass(slots=True)
class Key:
    """The first update of frames: contact, states (readings, frames), last cause told; then all others."""

    contact: Integers
    states: Integers
    causes: Integers = field(default_factory=_none)
    updates: list[Update] = field(default_factory=list[Update])
