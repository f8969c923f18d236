"""Virtual time, and what is scheduled on it."""

import heapq
from collections.abc import Callable

NEVER_US = 1 << 62


class Timeline:
    """Whole microseconds since the band was first switched on. What is due happens on the way."""

    def __init__(self) -> None:
        self.now_us = 0
        self.next_due_us = NEVER_US
        self._deeds: list[tuple[int, int, Callable[[], object]]] = []
        self._number = 0

    def at(self, due_us: int, deed: Callable[[], object]) -> None:
        """Schedule something, after what is scheduled for the same time already; a time that has passed
        means as soon as time runs.
        """
        self._number += 1
        heapq.heappush(self._deeds, (due_us, self._number, deed))
        self.next_due_us = self._deeds[0][0]

    def advance_to(self, time_us: int) -> None:
        """Let time pass, doing what is due at its own time; never goes back."""
        while self.next_due_us <= time_us:
            due_us, _, deed = heapq.heappop(self._deeds)
            self.next_due_us = self._deeds[0][0] if self._deeds else NEVER_US
            self.now_us = max(self.now_us, due_us)
            deed()
        self.now_us = max(self.now_us, time_us)
