"""Vibration: a number of pulses, or one of a given length."""

from bandwire.frames import PART_NONE

_PULSE_MS = 200
_PAUSE_MS = 150
_IDLE_MS = 60_000


class HapticsTask:
    """Runs the motor; `wake` is called when there is something to do."""

    BUDGET_PER_2_S = 10_000

    def __init__(self, motor):
        self.name = "haptics"
        self.part = PART_NONE
        self._motor = motor
        self._pulses = 0
        self._pulse_ms = 0
        self._is_on = False
        self._is_asked = False

    def pulse(self, count, duration_ms=_PULSE_MS):
        """Vibrate `count` times for `duration_ms`; replaces what still runs."""
        self._pulses = count
        self._pulse_ms = duration_ms
        self._is_asked = True

    def is_ready(self):
        """Whether a vibration was asked for."""
        return self._is_asked

    def start(self, _now_ms):
        """Begin still."""
        self._motor.switch(False)
        self._is_on = False

    def step(self, _now_ms):
        """Switch the motor as the pulses want it."""
        if self._is_on and not self._is_asked:
            self._motor.switch(False)
            self._is_on = False
            return _PAUSE_MS if self._pulses else _IDLE_MS
        self._is_asked = False
        if self._pulses:
            self._pulses -= 1
            self._motor.switch(True)
            self._is_on = True
            return self._pulse_ms
        return _IDLE_MS
