"""Heap of the firmware under its cap, and what its tasks allocate while it streams everything.

The heap is that of MicroPython's unix port, whose words are 64 bits wide: objects take twice the bytes
they take on a board, data such as a bytearray's the same. Under the cap is all that the firmware makes while
it runs, and nothing else: modules, functions and constants come in as objects there and are in flash in a
board's image, so they are counted before the firmware starts and kept outside (`unix_lane/boot.py`).
"""

import asyncio
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.table import Table

from bandschema.enums import Part
from bandsim.lane import DEFAULT_HEAP_BYTES, LaneSettings
from bandsim.link_port import LinkCounters
from bench.host import SCENARIO, STREAMS, VIRTUAL_S, streaming_band, virtual_band_of
from bench.output import table_of
from vitalband import RemoteError, TransportError

ALLOCATION_VIRTUAL_S = 600.0
LEAST_HEAP_VIRTUAL_S = 120.0
LEAST_HEAP_STEP_BYTES = 4096

_MEASURED_FIRMWARE = Path(__file__).parent / "on_band" / "measured"
_POLL_S = 10.0
_WARM_UP_S = 90.0
"""So that the first report that counts holds streaming only: each speaks of the minute before it."""

_GARBAGE_BYTES_HZ = 2048
"""Room for a firmware that keeps its garbage, some 700 bytes a second. No more than that: asking how much
of a heap is taken costs time in proportion to its size.
"""

_KIB = 1024


@dataclass(frozen=True)
class HeapRow:
    """Heap at a moment, garbage collected, in bytes."""

    moment: str
    used_bytes: int
    free_bytes: int


@dataclass(frozen=True)
class HeapUse:
    """Heap from boot on, under a cap; `code_bytes` are kept outside of it."""

    heap_bytes: int
    code_bytes: int
    rows: list[HeapRow]


@dataclass(frozen=True)
class AllocationRow:
    """Steps of one task and the bytes that they allocated, in all and in the largest step."""

    task: str
    part: Part
    steps: int
    in_all_bytes: int
    largest_bytes: int


@dataclass(frozen=True)
class Allocation:
    """What `virtual_s` virtual seconds of streaming allocated; `in_all_bytes` counts more than the steps.

    `missing_frames` have not come to the host: a band that gives up frames does less than it should.
    """

    virtual_s: float
    rows: list[AllocationRow]
    in_all_bytes: int
    missing_frames: int

    @property
    def outside_bytes(self) -> int:
        """Bytes that no step allocated, but the loop around them, or an interrupt."""
        return self.in_all_bytes - sum(row.in_all_bytes for row in self.rows)


def measure_heap(virtual_s: float = VIRTUAL_S) -> HeapUse:
    """Boot, agree, and stream vitals and both raw streams until `virtual_s`."""
    return asyncio.run(_measure_heap(virtual_s))


async def _measure_heap(virtual_s: float) -> HeapUse:
    virtual_band = virtual_band_of(SCENARIO, virtual_s)
    rows: list[HeapRow] = []

    def look(moment: str) -> HeapRow:
        heap = virtual_band.measure_heap(collect=True)
        return HeapRow(moment, heap.used_bytes, heap.free_bytes)

    virtual_band.run_for(1.0)
    rows.append(look("booted, before consent"))
    async with streaming_band(virtual_band, STREAMS) as band:
        rows.append(look("connected and agreed to"))
        seen: list[HeapRow] = []
        while virtual_band.now_us < virtual_s * 1e6:
            await band.run_for(min(_POLL_S, virtual_s - virtual_band.now_us / 1e6))
            seen.append(look(f"streaming all, at {virtual_band.now_us / 1e6:.0f} s"))
    least = min(seen, key=lambda row: row.free_bytes)
    rows += [seen[0], seen[-1], HeapRow("least free of all looks", least.used_bytes, least.free_bytes)]
    heap = virtual_band.conductor.reports.heap
    assert heap is not None
    return HeapUse(DEFAULT_HEAP_BYTES, heap.code_bytes, rows)


def find_least_heap(
    virtual_s: float = LEAST_HEAP_VIRTUAL_S,
    most_bytes: int = DEFAULT_HEAP_BYTES,
    step_bytes: int = LEAST_HEAP_STEP_BYTES,
) -> int:
    """Give the least heap, in steps, with which the band sends byte for byte as much as with the most.

    This counts what no look between two steps sees: what a step needs while it runs, and gaps too small
    for an object.
    """
    wanted = asyncio.run(_sent(most_bytes, virtual_s))
    caps_bytes = range(step_bytes, most_bytes, step_bytes)
    at = bisect_left(caps_bytes, True, key=lambda cap_bytes: _sends_as_much(cap_bytes, virtual_s, wanted))
    return caps_bytes[at] if at < len(caps_bytes) else most_bytes


def _sends_as_much(heap_bytes: int, virtual_s: float, wanted: LinkCounters) -> bool:
    try:
        return asyncio.run(_sent(heap_bytes, virtual_s)) == wanted
    except (TransportError, RemoteError):
        # A band that is short of memory crashes at boot, or fails to answer, in whatever way it does.
        return False


async def _sent(heap_bytes: int, virtual_s: float) -> LinkCounters:
    virtual_band = virtual_band_of(SCENARIO, virtual_s, LaneSettings(heap_bytes=heap_bytes))
    async with streaming_band(virtual_band, STREAMS) as band:
        await band.run_for(virtual_s)
        return replace(virtual_band.link.counters)


def measure_allocation(virtual_s: float = ALLOCATION_VIRTUAL_S) -> Allocation:
    """Stream all for so long; what the first minute or two made is left out."""
    return asyncio.run(_measure_allocation(virtual_s))


async def _measure_allocation(virtual_s: float) -> Allocation:
    lasts_s = _WARM_UP_S + virtual_s
    heap_bytes = DEFAULT_HEAP_BYTES + round(_GARBAGE_BYTES_HZ * lasts_s)
    settings = LaneSettings(heap_bytes=heap_bytes, firmware_dir=_MEASURED_FIRMWARE)
    virtual_band = virtual_band_of(SCENARIO, lasts_s, settings)
    async with streaming_band(virtual_band, STREAMS) as band:
        await band.run_for(_WARM_UP_S)
        start_us = virtual_band.now_us
        await band.run_for(virtual_s)
        reports = [line.text for line in virtual_band.console.log_lines if line.now_us > start_us]
        return _sum_up(reports, band.statistics.missing_frames)


def _sum_up(lines: list[str], missing_frames: int) -> Allocation:
    """Add up the lines that `on_band/measured` prints."""
    tasks: dict[tuple[str, Part], list[int]] = {}
    virtual_s = in_all_bytes = 0
    for line in lines:
        match line.split():
            case ["allocated", "all", period_s, grown_bytes]:
                virtual_s += int(period_s)
                in_all_bytes += int(grown_bytes)
            case ["allocated", name, part, steps, step_bytes, largest_bytes]:
                sums = tasks.setdefault((name, Part(int(part))), [0, 0, 0])
                sums[0] += int(steps)
                sums[1] += int(step_bytes)
                sums[2] = max(sums[2], int(largest_bytes))
            case _:
                continue
    rows = [AllocationRow(name, part, *sums) for (name, part), sums in sorted(tasks.items()) if sums[0]]
    return Allocation(virtual_s, rows, in_all_bytes, missing_frames)


def heap_table(use: HeapUse, least_bytes: int) -> Table:
    """The table of the heap."""
    return table_of(
        f"Heap of the firmware, capped at {use.heap_bytes // _KIB} KiB",
        ("moment, garbage collected", "used KiB", "free KiB"),
        [
            *((row.moment, _kib(row.used_bytes), _kib(row.free_bytes)) for row in use.rows),
            ("least cap with which it sends the same bytes", f"{least_bytes / _KIB:.0f}"),
            ("outside the cap: code and modules", f"{use.code_bytes / _KIB:.0f}"),
        ],
    )


def _kib(count_bytes: int) -> str:
    return f"{count_bytes / _KIB:.1f}"


def allocation_table(allocation: Allocation) -> Table:
    """The table of allocation, by name."""

    def rate(count: int) -> float:
        return count / allocation.virtual_s

    return table_of(
        f"Bytes allocated while streaming all, {allocation.virtual_s:.0f} virtual seconds",
        ("task", "steps/s", "bytes/s", "bytes, largest step"),
        [
            *(
                (
                    row.task if row.part is Part.NONE else f"{row.task} ({row.part.name.lower()})",
                    f"{rate(row.steps):.2f}",
                    f"{rate(row.in_all_bytes):.1f}",
                    f"{row.largest_bytes}",
                )
                for row in allocation.rows
            ),
            ("loop and waiting", "", f"{rate(allocation.outside_bytes):.1f}"),
            ("in all", "", f"{rate(allocation.in_all_bytes):.1f}"),
        ],
    )


def run() -> Iterator[Table]:
    """Measure and give the table of the heap, then the table of allocation."""
    yield heap_table(measure_heap(), find_least_heap())
    yield allocation_table(measure_allocation())
