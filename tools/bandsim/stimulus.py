"""What the virtual band's chips sense: the seam between the chips and whatever feeds them.

A stimulus is a function of virtual time. It is asked for samples at a chip's own rate and may be
asked for any stretch, in any order and in pieces of any size: the values do not depend on how
the questions are cut. Times are seconds since the band was switched on.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import Activity, SleepStage

FloatArray = NDArray[np.float64]

FULL_SCALE_COUNTS = (1 << 18) - 1
"""Largest value of an optical sample: the MAX30101 FIFO holds 18 bits (as in the band's driver)."""

PHONE_RGB_COUNTS_PER_UNIT = 1024
"""Counts of the `phone_rgb` stack for one unit of a camera's 8-bit mean: 255 x 1024 is below 18 bits."""

OPTICAL_STACKS: Mapping[str, tuple[str, str, str]] = {
    "max30101": ("red", "infrared", "green"),
    "phone_rgb": ("red", "green", "blue"),
}
"""Channels of each optical stack, in the order of the columns of `Stimulus.optical`."""

STACK_OF_BOARD: Mapping[str, str] = {"virtual": "max30101", "virtual_phone_rgb": "phone_rgb"}
"""The optical stack of each virtual board."""

_PHASE_STEPS = 4096


@dataclass(frozen=True, kw_only=True)
class Battery:
    """The battery as the fuel gauge sees it; charge rate in percent per hour, above 0 when charging."""

    percent: float
    volts: float
    charge_rate_percent_per_h: float


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is known of the wearer at one instant; None is unknown, never zero.

    Of a model these are its own values. Of a recording they are the values of its reference,
    whose kind `Stimulus.provenance` names; `steps` counts from the start.
    """

    heart_rate_bpm: float | None = None
    respiratory_rate_bpm: float | None = None
    spo2_percent: float | None = None
    skin_temperature_c: float | None = None
    core_temperature_c: float | None = None
    systolic_mmhg: float | None = None
    diastolic_mmhg: float | None = None
    steps: int | None = None
    activity: Activity | None = None
    sleep_stage: SleepStage | None = None
    is_worn: bool | None = None


VITALS = tuple(f.name for f in fields(Truth) if f.name != "is_worn")
"""Names of what a truth can know, in its order."""

CHANNELS = ("optical", "acceleration", "skin_temperature", "battery")
"""Names of the channels that a stimulus feeds."""


@dataclass(frozen=True, kw_only=True)
class ConsoleAction:
    """Something done to the band at a time: a name of `bandsim.scenario.ACTIONS` and its argument.

    The argument is milliseconds for `press_button` and for faults that end, a chip's name for `fail_chip` and
    `restore_chip`, the band's clock error in ppm for `set_clock_error`, and None for `agree`, `take_off` and
    `put_on`.
    """

    t_s: float
    name: str
    argument: int | str | None = None


class Wearer(Protocol):
    """A wearer and a battery, as functions of virtual time in seconds."""

    @property
    def duration_s(self) -> float:
        """How long it lasts; past the end the last instant stands still."""
        ...

    @property
    def optical_stack(self) -> str:
        """Which optical front end it feeds: a key of `OPTICAL_STACKS`."""
        ...

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where each of `CHANNELS` and `VITALS` comes from: "recorded: ...", "modelled: ..." or "none"."""
        ...

    def optical(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` optical counts, 0 to `FULL_SCALE_COUNTS`, columns as in `OPTICAL_STACKS`."""
        ...

    def acceleration_g(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `(count, 3)` accelerations x, y, z in standard gravities, gravity included."""
        ...

    def skin_temperature_c(self, t_s: float) -> float:
        """Give the temperature at the thermometer's pad."""
        ...

    def battery(self, t_s: float) -> Battery:
        """Give the state of the battery."""
        ...

    def truth(self, t_s: float) -> Truth:
        """Give what is known of the wearer."""
        ...


class Stimulus(Wearer, Protocol):
    """A wearer whose band can be taken off, with what is done to the band's button and chips."""

    def events(self) -> tuple[ConsoleAction, ...]:
        """Give the console actions that belong to it, in order of time."""
        ...

    def set_contact(self, is_worn: bool, at_s: float) -> None:
        """Take the band off or put it on, from `at_s` on; the truth follows."""
        ...


def first_sample(start_s: float, rate_hz: float) -> tuple[int, int]:
    """Give the sample of the rate's own grid at or before a time, and the phase past it.

    The phase is in 1/4096 of a sample: two stretches that touch get the same grid, so their
    values are the same as those of one long stretch. Raises ValueError for a bad rate or time.
    """
    if not (math.isfinite(rate_hz) and rate_hz > 0):
        raise ValueError(f"wanted a sample rate above 0 Hz, got {rate_hz}")
    if not (math.isfinite(start_s) and start_s >= 0):
        raise ValueError(f"wanted a start of 0 s or later, got {start_s}")
    return divmod(round(start_s * rate_hz * _PHASE_STEPS), _PHASE_STEPS)


def sample_times(first: int, phase: int, count: int, rate_hz: float) -> FloatArray:
    """Give the `(count,)` times in seconds of samples on the grid of `first_sample`."""
    return (np.arange(first, first + count, dtype=np.float64) + phase / _PHASE_STEPS) / np.float64(rate_hz)
