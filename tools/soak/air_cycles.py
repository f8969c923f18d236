"""Connect, stream, cut, come back, a thousand times, and nothing is left: `python -m soak.air_cycles`.

One band of the real firmware, hosts of the real SDK, in one process on the virtual air. What a cycle does is
drawn by a seed: how late the air is, how long is streamed, at which packet or after how long the connection
is lost, and whether it is lost again while the host comes back. At each mark everything that could be left is
counted: tasks and timers, connections, subscriptions and handlers of events at both ends, what is alive on
the band's heap, and memory that the SDK, the link, bleak, bumble and the radio have taken; what the simulated
wearer takes is not in it.
"""

import argparse
import asyncio
import gc
import logging
import sys
import tempfile
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from random import Random

from bumble.gatt_server import Server
from bumble.utils import EventEmitter

from bandsim.lane import LaneSettings
from bandsim.lanes import LANES
from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from soak.air_cuts import Cutter, Moment
from soak.hosts import AT_ONCE
from vitalband import Band, BandError, ConnectionState, StreamId, Subscription
from vitalband.values import VitalsItem, WaveformItem

CYCLES = 1000
MARKS = 10
LEGS = {"one host that comes back": 0, "a host every few cycles": 4}
"""Cycles that a host lives through; 0 for all."""
KEPT_BYTES = 1000
"""Most that may be kept a cycle, of hundreds: CPython's bounded cache of attribute names takes
some hundred bytes each as long as it fills; the first cycles take more, which is not kept again."""
_EXACT = ("tasks", "timers", "connections", "subscriptions", "handlers", "band_bytes")
_COUNTED = ("*/vitalband/*", "*/bandwire/*", "*/bandsim/radio/*", "*/bleak/*", "*/bumble/*")
_STREAMED_S = 3.0
_LATENCIES_S = (0.0, 0.01, 0.03)
_MOST_PACKETS = 40
_BACK_LIMIT_S = 60.0
_TURN_S = 0.25
_AGREED_S = 8.0
_REST_S = 2.0
_SCENARIO = 'description = "Cycles."\nseed = 11\n[[segments]]\nduration_s = 170000\n'


@dataclass(frozen=True)
class Mark:
    """What is there after so many cycles; `band_bytes` are alive on the band's heap."""

    cycles: int
    tasks: int
    timers: int
    connections: int
    subscriptions: int
    handlers: int
    kept_bytes: int
    band_bytes: int


@dataclass
class Cycles:
    """Marks, the first after the warm-up of one part; hosts that were `opened` and their `connections`, those
    that `failed` to open under a cut; and what was wrong."""

    marks: list[Mark] = field(default_factory=list[Mark])
    opened: int = 0
    failed: int = 0
    connections: int = 0
    virtual_s: float = 0.0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def kept_bytes(self) -> float:
        """Memory that was kept a cycle, from the first mark to the last."""
        first, last = self.marks[0], self.marks[-1]
        return (last.kept_bytes - first.kept_bytes) / (last.cycles - first.cycles)

    def left(self) -> list[str]:
        """What there is more of at the last mark than at the first, memory apart, and what went wrong."""
        first, last = self.marks[0], self.marks[-1]
        counts = {name: (getattr(first, name), getattr(last, name)) for name in _EXACT}
        more = [f"{name}: {one} first, {other} last" for name, (one, other) in counts.items() if other > one]
        return more + self.wrong

    def lines(self) -> list[str]:
        """The account in words."""
        told = [
            f"{self.opened} hosts, {self.connections} connections, {self.failed} hosts cut before they were "
            f"open, {self.virtual_s:.0f} virtual s, {self.kept_bytes:.0f} bytes kept a cycle"
        ]
        for mark in self.marks:
            told.append(
                "  " + ", ".join(f"{each.name} {getattr(mark, each.name):,}" for each in fields(mark))
            )
        return told + [f"NOT RIGHT: {each}" for each in self.left()]


def live_through(cycles: int, *, host_cycles: int, seed: int, lane_kind: str, marks: int = MARKS) -> Cycles:
    """Live through so many cycles, with a mark for each part of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cycles.toml"
        path.write_text(_SCENARIO, encoding="utf-8")
        settings = BandSettings(lane=LaneSettings(kind=lane_kind))
        with AirBand(load_scenario(str(path), seed=seed), settings) as band:
            assert isinstance(band, AirBand)
            run = _Cycling(band, Path(folder) / "cycles.vband", host_cycles or cycles, Random(seed))
            tracemalloc.start()
            try:
                asyncio.run(run.live(cycles, cycles // marks))
            finally:
                tracemalloc.stop()
            return run.found


class _Cycling:
    def __init__(self, band: AirBand, store: Path, host_cycles: int, chance: Random) -> None:
        self.found = Cycles()
        self._band = band
        self._store = store
        self._host_cycles = host_cycles
        self._changes_hosts = False
        self._chance = chance
        self._cutter = Cutter(band)
        self._host: Band | None = None
        self._watches: list[asyncio.Task[None]] = []

    async def live(self, cycles: int, part: int) -> None:
        band, found = self._band, self.found
        self._changes_hosts = self._host_cycles < cycles
        band.run_for(_AGREED_S)
        for cycle in range(cycles):
            if cycle % self._host_cycles == 0:
                await self._close()
                await self._open()
            await self._cycle(cycle)
            if (cycle + 1) % part == 0:
                found.marks.append(await self._mark(cycle + 1))
        await self._close()
        found.virtual_s = band.now_us / 1e6

    async def _open(self) -> None:
        self._cutter.disarm()
        if self._chance.random() < 0.3:
            self._cutter.arm(self._moment())
        while True:
            host = Band.open("ble+sim:", band=self._band, reconnect=AT_ONCE, record_to=self._store)
            try:
                await host.__aenter__()
            except BandError:
                self.found.failed += 1
                self._cutter.disarm()
            else:
                break
        self.found.opened += 1
        self._host = host
        self._watches = [
            asyncio.create_task(_follow(items)) for items in (host.vitals(), host.waveform(StreamId.OPTICAL))
        ]

    async def _close(self) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches = []
        await host.close()
        self.found.connections += host.statistics.connections
        if changes := host.statistics.impossible_changes:
            self.found.wrong.append(f"{changes} changes of state that there are not")

    def _moment(self) -> Moment:
        return Moment(self._chance.randint(1, _MOST_PACKETS), is_after=self._chance.random() < 0.5)

    async def _cycle(self, cycle: int) -> None:
        host, chance, air = self._host, self._chance, self._band.world.air
        assert host is not None
        air.faults.latency_s = chance.choice(_LATENCIES_S)
        self._cutter.disarm()
        if chance.random() < 0.5:
            self._cutter.arm(self._moment())
        await host.run_for(chance.uniform(0.05, _STREAMED_S))
        if not self._cutter.disarm():
            air.cut()
        if chance.random() < 0.3:
            self._cutter.arm(self._moment())
        if not await self._is_back(host):
            self.found.wrong.append(f"cycle {cycle}: {host.connection_state} after {_BACK_LIMIT_S:g} s")

    async def _is_back(self, host: Band) -> bool:
        limit_us = self._band.now_us + round(_BACK_LIMIT_S * 1e6)
        while True:
            await host.run_for(_TURN_S)
            if host.connection_state is ConnectionState.LIVE:
                return True
            if self._band.now_us > limit_us:
                return False

    async def _mark(self, cycles: int) -> Mark:
        band = self._band
        self._cutter.disarm()
        band.world.air.faults.latency_s = 0.0
        if self._changes_hosts:
            await self._close()
        elif self._host is not None:
            async for _ in self._host.sync():
                pass
        reports = band.conductor.reports
        before = reports.heap
        reports.want_heap(collect=True)
        while reports.heap is before:
            if self._host is None:
                band.run_for(_REST_S)
            else:
                await self._host.run_for(_REST_S)
        assert reports.heap is not None
        mark = _mark_of(cycles, band, reports.heap.used_bytes)
        if self._host is None:
            await self._open()
        return mark


async def _follow(items: Subscription[VitalsItem] | Subscription[WaveformItem]) -> None:
    async for _ in items:
        pass


def _mark_of(cycles: int, band: AirBand, band_bytes: int) -> Mark:
    """Count what is there, of all that Python's collector knows."""
    gc.collect()
    filters = [tracemalloc.Filter(True, pattern) for pattern in _COUNTED]
    traces = tracemalloc.take_snapshot().filter_traces(filters).statistics("filename")
    counts: Counter[str] = Counter()
    for each in gc.get_objects():
        kind = type(each)
        if issubclass(kind, asyncio.Task):
            counts["tasks"] += not each.done()
        elif issubclass(kind, asyncio.TimerHandle):
            counts["timers"] += not each.cancelled()
        elif issubclass(kind, EventEmitter):
            counts["handlers"] += sum(len(each.listeners(event)) for event in each.event_names())
            if issubclass(kind, Server):
                counts["subscriptions"] += sum(map(len, each.subscribers.values()))
    return Mark(
        cycles=cycles,
        tasks=counts["tasks"],
        timers=counts["timers"],
        connections=sum(len(each.le_connections) for each in band.world.air.controllers),
        subscriptions=counts["subscriptions"],
        handlers=counts["handlers"],
        kept_bytes=sum(trace.size for trace in traces),
        band_bytes=band_bytes,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through CYCLES each way; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m soak.air_cycles",
        description="Connect, stream, cut and come back over the virtual air, and count what is left.",
    )
    parser.add_argument("--cycles", type=int, default=CYCLES)
    parser.add_argument("--marks", type=int, default=MARKS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lane", choices=sorted(LANES), default="unix")
    options = parser.parse_args(arguments)
    logging.getLogger("bumble").setLevel(logging.ERROR)  # it warns of what a cut leaves on its way
    failures = 0
    for name, host_cycles in LEGS.items():
        found = live_through(
            options.cycles,
            host_cycles=host_cycles,
            seed=options.seed,
            lane_kind=options.lane,
            marks=options.marks,
        )
        print(f"{name}: ", "\n".join(found.lines()), sep="", flush=True)
        failures += len(found.left()) + (found.kept_bytes > KEPT_BYTES)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
