"""The band's pins: a button that pulls its pin low, a vibration motor that a high pin runs."""

from collections import deque
from dataclasses import dataclass

from bandsim.protocol import PIN_COUNT

BUTTON_PIN = 0
MOTOR_PIN = 1
SECURE_PIN = 2
"""Pins of the virtual boards (`firmware/boards/virtual.py`)."""

_ALL = (1 << PIN_COUNT) - 1
_HISTORY = 1000


@dataclass(frozen=True)
class MotorChange:
    """The vibration motor was switched at a virtual time."""

    now_us: int
    is_on: bool


class Pins:
    """Levels of all pins as a bit mask, and which inputs changed since the lane was last told.

    Inputs are pulled up, and held low from outside; outputs begin low.
    """

    def __init__(self) -> None:
        self.levels = _ALL
        self.changed = 0
        self.motor_changes: deque[MotorChange] = deque(maxlen=_HISTORY)
        self._outputs = 0
        self._high_outputs = 0
        self._held_low = 0

    def power_on(self, now_us: int) -> None:
        """Let every pin be an input again, as after a reset; what is held from outside stays held."""
        self._outputs = self._high_outputs = 0
        self._settle(now_us)
        self.changed = 0

    def set_mode(self, pin: int, is_output: bool, now_us: int) -> None:
        """Make a pin an output, low, or an input."""
        self._outputs = _with_bit(self._outputs, pin, is_output)
        self._high_outputs = _with_bit(self._high_outputs, pin, False)
        self._settle(now_us)

    def drive(self, pin: int, is_high: bool, now_us: int) -> None:
        """Set an output; without effect on an input until it becomes one."""
        self._high_outputs = _with_bit(self._high_outputs, pin, is_high)
        self._settle(now_us)

    def hold_low(self, pin: int, is_held: bool, now_us: int) -> None:
        """Pull an input low from outside, or let it go."""
        before = self.levels
        self._held_low = _with_bit(self._held_low, pin, is_held)
        self._settle(now_us)
        self.changed |= before ^ self.levels

    @property
    def is_motor_on(self) -> bool:
        """Whether the vibration motor runs."""
        return bool(self.motor_changes) and self.motor_changes[-1].is_on

    def _settle(self, now_us: int) -> None:
        self.levels = (self._high_outputs & self._outputs) | (_ALL & ~self._outputs & ~self._held_low)
        is_on = bool(self._outputs & self._high_outputs & 1 << MOTOR_PIN)
        if is_on != self.is_motor_on:
            self.motor_changes.append(MotorChange(now_us, is_on))


def _with_bit(mask: int, pin: int, is_set: bool) -> int:
    return mask | 1 << pin if is_set else mask & ~(1 << pin)
