"""One long life of a virtual band, and what must be true of it at its end."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bandsim.firmware_reports import HeapReading
from bandsim.lane import LaneSettings
from bandsim.protocol import TICKS_MODULUS_MS
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from vitalband import Band, LinkStatistics, ReconnectPolicy, Subscription, VitalsUpdate
from vitalband.values import VitalsItem

STEP_MS = 2000
"""Between two frames of vital signs."""

PATTERN_MS = 4000
"""After two steps the reads of the sensors fall as before: each second frame is later by what they take."""

CYCLE_S = 600.0
"""Seven minutes of rest, three of walking."""

CUT_AT_S = 240.0
CUT_S = 20.0
"""When in a cycle the link is cut, in the first of each hour, and for how long: the journal holds that."""

MOST_GROWTH_BYTES = 512
"""What is alive swings by so much with what the stack holds at a look; growth over a day would be more."""

_CYCLES_AN_HOUR = 6
_FULL_S = 600.0
"""By then the journal and the windows of breathing and sleep are full; a short life has a third for that."""

_AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
_HANG_LIMIT_S = 24 * 3600.0
_CYCLE = """
[[segments]]
duration_s = 420
heart_rate_bpm = [74, 62]

[[segments]]
duration_s = 180
doing = "walk"
posture = "hanging"
heart_rate_bpm = [72, 98]
cadence_spm = [104, 112]
"""


@dataclass
class Day:
    """What a life gave. `ticks_ms`: of every frame of vital signs, also of those asked for again."""

    duration_s: float
    wall_s: float = 0.0
    restarts: int = 0
    log: list[str] = field(default_factory=list[str])
    ticks_ms: set[int] = field(default_factory=set[int])
    end_ms: int = 0
    cuts: int = 0
    heaps: list[HeapReading] = field(default_factory=list[HeapReading])
    statistics: LinkStatistics | None = None

    def failures(self) -> list[str]:
        """Say what is not as it must be."""
        found = [f"{self.restarts} restarts"] if self.restarts else []
        found += [f"log: {line}" for line in self.log if "booted" not in line]
        return found + self._failures_of_frames() + self._failures_of_heap()

    def _failures_of_frames(self) -> list[str]:
        statistics = self.statistics
        if statistics is None or len(self.ticks_ms) < 2:
            return ["no frames"]
        (first, second), last = sorted(self.ticks_ms)[:2], max(self.ticks_ms)
        wanted = set(range(first, last + 1, PATTERN_MS)) | set(range(second, last + 1, PATTERN_MS))
        found = [
            f"{getattr(statistics, name)} {name}"
            for name in (
                "missing_frames",
                "dropped_on_band",
                "bad_packets",
                "undecodable_frames",
                "dropped_items",
            )
            if getattr(statistics, name)
        ]
        if self.ticks_ms != wanted:
            found.append(f"{len(wanted - self.ticks_ms)} frames of vital signs are not there, "
                         f"{len(self.ticks_ms - wanted)} are off the tick")  # fmt: skip
        if not 0 <= self.end_ms - last < 2 * STEP_MS:
            found.append(f"the last frame is of {last} ms, the end of {self.end_ms} ms")
        if statistics.connections != self.cuts + 1:
            found.append(f"{statistics.connections} connections, {self.cuts} cuts")
        return found

    def _failures_of_heap(self) -> list[str]:
        alive = [heap.used_bytes for heap in self.heaps]
        if len(alive) < 2:
            return ["the heap was looked at too seldom"]
        growth = max(alive) - min(alive)
        return [f"the heap swings by {growth} bytes: {alive}"] if growth > MOST_GROWTH_BYTES else []


def live(duration_s: float, *, lane_kind: str, looks: int) -> Day:
    """Live so long; the heap is looked at `looks` times, and the band's ticks wrap in the middle."""
    cycles = round(duration_s // CYCLE_S) + 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.toml"
        path.write_text('description = "A day, in short."\nseed = 24\n' + _CYCLE * cycles, encoding="utf-8")
        scenario = load_scenario(str(path))
    settings = BandSettings(
        lane=LaneSettings(kind=lane_kind),
        start_tick_ms=TICKS_MODULUS_MS - round(duration_s * 500),
    )
    day = Day(duration_s)
    began_s = perf_counter()
    with VirtualBand(scenario, settings) as band:
        asyncio.run(asyncio.wait_for(_live(day, band, looks), _HANG_LIMIT_S))
        day.restarts = band.conductor.counters.restarts
        day.log = [line.text for line in band.conductor.log.lines]
    day.wall_s = perf_counter() - began_s
    return day


async def _live(day: Day, band: VirtualBand, looks: int) -> None:
    full_s = min(_FULL_S, day.duration_s / 3)
    look_at_s = [full_s + (day.duration_s - full_s) * look / (looks - 1) for look in range(looks)]
    cut_at_s = [
        cycle * CYCLE_S + CUT_AT_S for cycle in range(0, round(day.duration_s // CYCLE_S), _CYCLES_AN_HOUR)
    ]
    host = Band.open("sim+m4:", band=band, reconnect=_AT_ONCE)
    async with host:
        gathering = asyncio.create_task(_gather(host.vitals(), day))
        for at_s, is_cut in sorted(
            [(at_s, False) for at_s in look_at_s] + [(at_s, True) for at_s in cut_at_s]
        ):
            await host.run_for(max(at_s - band.now_us / 1e6, 0.001))
            if is_cut:
                band.console.cut_link(round(CUT_S * 1000))
                day.cuts += 1
            else:
                day.heaps.append(band.measure_heap(collect=True))
        day.end_ms = band.now_us // 1000
        day.statistics = host.statistics
    await gathering


async def _gather(vitals: Subscription[VitalsItem], day: Day) -> None:
    async for update in vitals:
        if isinstance(update, VitalsUpdate):
            day.ticks_ms.add(update.stamp.ticks_ms)
