"""Waiting for the host or for the time to pass."""

import select


class Waiter:
    """Sleeps until a due time, the first byte from the host, or `max_wait_ms`."""

    def __init__(self, stream, max_wait_ms):
        self._poll = select.poll()
        self._poll.register(stream, select.POLLIN)
        self._max_wait_ms = max_wait_ms

    def wait(self, delay_ms):
        """Sleep at most `delay_ms`."""
        for _ in self._poll.ipoll(min(delay_ms, self._max_wait_ms)):
            return
