"""Time to catch up with what the band kept while no host was there, and how fast frames come again."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.table import Table

from bandsim.virtual_band import VirtualBand
from bench.output import table_of
from bench_link.sessions import STREAMS, virtual_band
from bench_link.sizes import Sizes
from soak.hosts import AT_ONCE
from soak.truth import Truth
from vitalband import Band, StoreReader

LINE_BYTES_A_SECOND = 11_520
"""115,200 baud, ten bits a byte."""
_AGREED_S = 30.0


@dataclass(frozen=True)
class CatchUpRow:
    """`seconds` of virtual time from opening until a host had all; `frames` came by then, of them
    `repaired` because they were asked for; `bytes` of the band went over the link."""

    name: str
    hours: float
    made: int
    stored: int
    repaired: int
    seconds: float
    bytes: int


@cache
def measure(sizes: Sizes) -> tuple[CatchUpRow, ...]:
    """Measure hosts that were away for hours, and an empty store that asks for a session with raw streams."""
    rows = [asyncio.run(_after(hours, is_streamed=False)) for hours in sizes.offline_h]
    return (*rows, asyncio.run(_after(sizes.streamed_h, is_streamed=True)))


async def _after(hours: float, *, is_streamed: bool) -> CatchUpRow:
    seconds = hours * 3600
    with tempfile.TemporaryDirectory() as folder, virtual_band(seconds + _AGREED_S) as band:
        truth = Truth(band)
        first, second = Path(folder) / "first.vband", Path(folder) / "second.vband"
        async with Band.open("sim:", band=band, reconnect=AT_ONCE, record_to=first) as host:
            for stream in STREAMS if is_streamed else ():
                await host.start_stream(stream, when_agreed=True)
            await host.run_for(_AGREED_S + (seconds if is_streamed else 0))
        if not is_streamed:
            band.run_for(seconds)
        name = f"{hours:g} h with raw streams, by an empty store" if is_streamed else f"{hours:g} h offline"
        return await _catch_up(name, hours, band, truth, second if is_streamed else first)


async def _catch_up(name: str, hours: float, band: VirtualBand, truth: Truth, path: Path) -> CatchUpRow:
    begin_us, bytes_before = band.now_us, band.link.counters.band_bytes
    made = truth.until(begin_us)
    async with Band.open("sim:", band=band, reconnect=AT_ONCE, record_to=path) as host:
        async for _ in host.sync():
            pass
        seconds = (band.now_us - begin_us) / 1e6
        passed = band.link.counters.band_bytes - bytes_before
        repaired = host.statistics.repaired_frames
    with StoreReader(path) as reader:
        rows = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
    stored = sum(rows.get(key) == frame.frame for key, frame in made.items())
    return CatchUpRow(name, hours, len(made), stored, repaired, seconds, passed)


def table(rows: Sequence[CatchUpRow]) -> Table:
    """The table of hosts that catch up."""
    return table_of(
        f"A host comes and fetches what it lacks, at {LINE_BYTES_A_SECOND:,} B/s, n = 1 each",
        ("what it lacks", "frames fetched", "s to catch up", "frames/s", "B/s", "of the line %", "lost",
         "without repair"),
        [
            (
                row.name,
                f"{row.repaired:,}",
                f"{row.seconds:.1f}",
                f"{row.repaired / row.seconds:.0f}",
                f"{row.bytes / row.seconds:,.0f}",
                f"{100 * row.bytes / row.seconds / LINE_BYTES_A_SECOND:.0f}",
                f"{row.made - row.stored}",
                f"{row.repaired:,} lost",
            )
            for row in rows
        ],
    )  # fmt: skip


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measure(sizes))]
