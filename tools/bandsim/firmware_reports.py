"""What the firmware says of itself: its log, and its heap and its cost when it is asked."""

from collections.abc import Callable
from dataclasses import dataclass

from bandsim.band_log import BandLog
from bandsim.firmware_cost import CostReading, cost_of
from bandsim.protocol import HEAP_PAYLOAD, Operation, ReplyFlag
from bandsim.timeline import Timeline


@dataclass(frozen=True)
class HeapReading:
    """Heap of the firmware at a virtual time, in bytes, its code apart, which is in flash on a board.

    `is_collected`: garbage was collected first, so that `used_bytes` is what is alive.
    """

    now_us: int
    free_bytes: int
    used_bytes: int
    code_bytes: int
    is_collected: bool


class FirmwareReports:
    """The last reading of each kind, and the log."""

    def __init__(self, timeline: Timeline) -> None:
        self.log = BandLog()
        self.heap: HeapReading | None = None
        self.cost: CostReading | None = None
        self._timeline = timeline
        self._wanted_flags = 0

    def want_heap(self, *, collect: bool) -> None:
        """Ask the firmware to report its heap after its next wait; `heap` then changes."""
        self._wanted_flags |= ReplyFlag.MEASURE_HEAP | (ReplyFlag.COLLECT_FIRST if collect else 0)

    def want_cost(self) -> None:
        """Ask the firmware to report its cost after its next wait; `cost` then changes."""
        self._wanted_flags |= ReplyFlag.MEASURE_COST

    def take_wanted_flags(self) -> int:
        """Give what is wanted, once."""
        flags, self._wanted_flags = self._wanted_flags, 0
        return flags

    def handlers(self) -> dict[int, Callable[[int, int, int, memoryview], int | None]]:
        """Give the handler of each operation."""
        return {Operation.HEAP: self._on_heap, Operation.COST: self._on_cost, Operation.LOG: self._on_log}

    def _on_heap(self, is_collected: int, _argument: int, free_bytes: int, payload: memoryview) -> int:
        used_bytes, code_bytes = HEAP_PAYLOAD.unpack(payload)
        now_us = self._timeline.now_us
        self.heap = HeapReading(now_us, free_bytes, used_bytes, code_bytes, bool(is_collected))
        return 0

    def _on_cost(self, _unit: int, _argument: int, _value: int, payload: memoryview) -> int:
        self.cost = cost_of(payload, self._timeline.now_us)
        return 0

    def _on_log(self, _unit: int, _argument: int, _value: int, payload: memoryview) -> int:
        self.log.add(self._timeline.now_us, bytes(payload).decode(errors="replace"))
        return 0
