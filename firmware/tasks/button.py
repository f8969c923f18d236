"""Presses of the button: debounced, short and long.

| state | look               | what happens                                       |
|-------|--------------------|----------------------------------------------------|
| up    | pressed            | down since now                                     |
| down  | released           | short press, if it was seen down for 20 ms or more |
| down  | held for 1500 ms   | long press, at once and once                       |
| held  | released           | up                                                 |

A level seen only once is no press: a glitch must not agree on the wearer's behalf.
"""

from bandwire.frames import PART_NONE
from hal.clock import elapsed_ms

DEBOUNCE_MS = 20
LONG_PRESS_MS = 1500
"""Choices of this design: longer than a contact bounces (some ms), longer than a press by accident."""

_LOOK_MS = 20
_IDLE_MS = 1000

_UP = 0
_DOWN = 1
_HELD = 2


class ButtonTask:
    """Watches the button; calls `on_short()` and `on_long()`."""

    BUDGET_PER_2_S = 20_000

    def __init__(self, pin, on_short, on_long):
        self.name = "button"
        self.part = PART_NONE
        self._pin = pin
        self._on_short = on_short
        self._on_long = on_long
        self._state = _UP
        self._down_at_ms = 0
        self._seen_ms = 0

    def start(self, _now_ms):
        """Begin with the button up."""
        self._state = _UP

    def step(self, now_ms):
        """Look at the level."""
        self._pin.has_edge = False
        is_pressed = self._pin.is_pressed()
        if self._state == _UP:
            if is_pressed:
                self._state = _DOWN
                self._down_at_ms = now_ms
                self._seen_ms = 0
        elif is_pressed:
            self._seen_ms = elapsed_ms(self._down_at_ms, now_ms)
            if self._state == _DOWN and self._seen_ms >= LONG_PRESS_MS:
                self._state = _HELD
                self._on_long()
        else:
            was_short = self._state == _DOWN and self._seen_ms >= DEBOUNCE_MS
            self._state = _UP
            if was_short:
                self._on_short()
        return _IDLE_MS if self._state == _UP else _LOOK_MS
