"""One direction of the link: bytes come out in their order, once the line has carried them."""

from collections import deque
from collections.abc import Callable

from bandsim.timeline import Timeline


class LinkLine:
    """Gives bytes to `deliver` when they have come to the end of the line."""

    def __init__(self, deliver: Callable[[bytes], None]) -> None:
        self.timeline = Timeline()
        self.is_stalled = False
        self._deliver = deliver
        self._way: deque[tuple[int, bytes]] = deque()
        self._free_at_us = 0

    @property
    def waiting_bytes(self) -> int:
        """Bytes under way."""
        return sum(len(data) for _, data in self._way) if self._way else 0

    def carry(self, data: bytes, byte_ns: int, delay_us: int) -> None:
        """Take bytes in, each of which keeps the line busy for `byte_ns`, and which then take `delay_us`."""
        now_us = self.timeline.now_us
        self._free_at_us = max(now_us, self._free_at_us) + len(data) * byte_ns // 1000
        arrives_us = self._free_at_us + delay_us
        if arrives_us <= now_us and not self._way and not self.is_stalled:
            self._deliver(data)
            return
        self._way.append((arrives_us, data))
        self.timeline.at(arrives_us, self._let_arrive)

    def let_go(self) -> None:
        """End a stall: what has waited for that comes at once."""
        self.is_stalled = False
        self._let_arrive()

    def clear(self) -> int:
        """Lose what is under way; gives how many bytes that was."""
        lost = self.waiting_bytes
        self._way.clear()
        self._free_at_us = 0
        return lost

    def _let_arrive(self) -> None:
        # In their order even where a later piece was given less delay.
        while self._way and not self.is_stalled and self._way[0][0] <= self.timeline.now_us:
            self._deliver(self._way.popleft()[1])
