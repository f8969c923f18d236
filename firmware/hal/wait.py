"""Waiting for the host or for the time to pass."""

import select
from time import sleep_ms

LONGEST_DEAF_WAIT_MS = 50
"""MicroPython's own `select` waits on when a pin's interrupt has come (extmod/modselect.c of 1.25.0): a short
press must not be over before the wait is.
"""


def pause(duration_ms):
    """Let time pass; neither button nor host ends it."""
    sleep_ms(duration_ms)


class Waiter:
    """Sleeps until a due time, the first byte from the host, or `max_wait_ms`.

    A `select` that a pin wakes says so by `WAKES_ON_PIN`; any other waits `LONGEST_DEAF_WAIT_MS` at most.
    """

    def __init__(self, stream, max_wait_ms):
        self._poll = select.poll()
        self._poll.register(stream, select.POLLIN)
        wakes_on_pin = getattr(select, "WAKES_ON_PIN", False)
        self._max_wait_ms = max_wait_ms if wakes_on_pin else min(max_wait_ms, LONGEST_DEAF_WAIT_MS)

    def wait(self, delay_ms):
        """Sleep at most `delay_ms`."""
        for _ in self._poll.ipoll(min(delay_ms, self._max_wait_ms)):
            return
