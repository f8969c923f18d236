"""The part of MicroPython's `select` that the firmware uses: waits in the conductor's time."""

from time import ticks_add

import channel
from channel import pause, reply

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16
_READS_AND_WRITES = 5

WAKES_ON_PIN = True
"""What MicroPython's own does not: see `hal.wait`."""


class poll:
    """Waits for the UART. A pin makes no entry, as on a board, but its change ends the wait."""

    def __init__(self):
        self._entries = []
        self._found = []
        self._wake_on = 0

    def register(self, obj, eventmask=_READS_AND_WRITES):
        """Watch a UART."""
        self.unregister(obj)
        # An entry with all that it can report, made once: waiting allocates nothing.
        reports = (None, (obj, POLLIN), None, None, (obj, POLLOUT), (obj, POLLIN | POLLOUT))
        self._entries.append((eventmask, reports, obj))
        self._find_wake_on()

    def unregister(self, obj):
        """Watch a UART no more."""
        self._entries = [entry for entry in self._entries if entry[2] is not obj]
        self._find_wake_on()

    def modify(self, obj, eventmask):
        """Watch a UART for something else."""
        self.register(obj, eventmask)

    def _find_wake_on(self):
        self._wake_on = 0
        for entry in self._entries:
            if entry[0] & POLLIN:
                self._wake_on |= channel.WAKE_ON_INPUT
            if entry[0] & POLLOUT:
                self._wake_on |= channel.WAKE_ON_ROOM

    def poll(self, timeout=-1):
        """As `ipoll`, as a list of its own."""
        return list(self.ipoll(timeout))

    def ipoll(self, timeout=-1, flags=0):
        """Wait for at most `timeout` ms, -1 is for ever; gives a list of (UART, events) that is used anew."""
        # In a call of its own: a frame as large as its own is taken from the heap.
        pause()
        return self._wait(timeout)

    def _wait(self, timeout):
        until_ms = channel.NO_TICK if timeout < 0 else ticks_add(reply[channel.TICKS_MS], timeout)
        room_bytes = channel.wait(until_ms, self._wake_on)
        ready = POLLIN if reply[channel.INPUT_BYTES] else 0
        if room_bytes > 0:
            ready |= POLLOUT
        found = self._found
        found.clear()
        for entry in self._entries:
            if entry[0] & ready:
                found.append(entry[1][entry[0] & ready])
        return found
