"""Virtual seconds a real second: the whole band, the band without a host, and the bare channel below both.

CPU time is that of both processes, from boot to end; the two take turns and hardly overlap.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bandschema.enums import StreamId
from bandsim.lane import LaneSettings
from bandsim.virtual_band import VirtualBand
from bench.host import SCENARIO, STREAMS, VIRTUAL_S, streaming_band, virtual_band_of
from bench.output import table_of
from bench.usage import Usage, usage_now

_EMPTY_FIRMWARE = Path(__file__).parent / "on_band" / "empty"


@dataclass(frozen=True)
class SpeedRow:
    """One run of `virtual_s` virtual seconds and what it took; `link_bytes` are those that the band sent."""

    name: str
    virtual_s: float
    usage: Usage
    exchanges: int
    bus_transfers: int
    link_bytes: int

    @property
    def virtual_s_per_cpu_s(self) -> float:
        """Virtual seconds a second of CPU time."""
        return self.virtual_s / self.usage.cpu_s

    @property
    def virtual_s_per_real_s(self) -> float:
        """Virtual seconds a second of wall time."""
        return self.virtual_s / self.usage.wall_s

    @property
    def band_percent(self) -> float:
        """Part of the CPU time that the band's process took: firmware, interpreter and shims."""
        return 100 * self.usage.children_s / self.usage.cpu_s


def _row(name: str, band: VirtualBand, before: Usage) -> SpeedRow:
    counters = band.conductor.counters
    used = usage_now() - before
    link_bytes = band.link.counters.band_bytes
    return SpeedRow(name, band.now_us / 1e6, used, counters.exchanges, counters.bus_transfers, link_bytes)


async def _session(virtual_s: float, name: str, streams: tuple[StreamId, ...]) -> SpeedRow:
    before = usage_now()
    virtual_band = virtual_band_of(SCENARIO, virtual_s)
    async with streaming_band(virtual_band, streams) as band:
        await band.run_for(virtual_s - virtual_band.now_us / 1e6)
    return _row(name, virtual_band, before)


def whole_band(virtual_s: float, name: str, streams: tuple[StreamId, ...]) -> SpeedRow:
    """Measure a host that takes vitals, and every chunk of `streams`."""
    return asyncio.run(_session(virtual_s, name, streams))


def band_alone(virtual_s: float) -> SpeedRow:
    """Measure firmware, chips and conductor without a host, the wearer having agreed."""
    before = usage_now()
    with virtual_band_of(SCENARIO, virtual_s) as band:
        band.start()
        band.run_for(1.0)
        band.console.agree()
        band.run_for(virtual_s - 1.0)
    return _row("no host", band, before)


def empty_loop(virtual_s: float) -> SpeedRow:
    """Measure a firmware that only waits: what no band with about as many exchanges can exceed."""
    before = usage_now()
    settings = LaneSettings(firmware_dir=_EMPTY_FIRMWARE)
    with virtual_band_of(SCENARIO, virtual_s, settings) as band:
        band.run_for(virtual_s)
    return _row("floor: 10 waits/s", band, before)


def measure(virtual_s: float = VIRTUAL_S) -> list[SpeedRow]:
    """Measure every row, one after another."""
    return [
        whole_band(virtual_s, "SDK takes vitals", ()),
        whole_band(virtual_s, "SDK takes all", STREAMS),
        band_alone(virtual_s),
        empty_loop(virtual_s),
    ]


def speed_table(rows: list[SpeedRow]) -> Table:
    """The table of speeds."""
    return table_of(
        f"{SCENARIO}: {rows[0].virtual_s:.0f} virtual seconds from boot; counts a virtual second",
        ("what runs", "x CPU time", "x real time", "exchanges", "bus transfers", "link bytes", "band CPU"),
        [
            (
                row.name,
                f"{row.virtual_s_per_cpu_s:.0f}",
                f"{row.virtual_s_per_real_s:.0f}",
                f"{row.exchanges / row.virtual_s:.2f}",
                f"{row.bus_transfers / row.virtual_s:.2f}",
                f"{row.link_bytes / row.virtual_s:.0f}",
                f"{row.band_percent:.0f} %",
            )
            for row in rows
        ],
    )


def run(virtual_s: float = VIRTUAL_S) -> Iterator[Table]:
    """Measure and give the table of speeds."""
    yield speed_table(measure(virtual_s))
