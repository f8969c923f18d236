"""Frames and their bytes a second of virtual time, fetched from the band's journal at each MTU."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bumble.att import Opcode
from bumble.controller import Controller
from rich.table import Table

from bandsim.radio.air import AirFaults
from bandsim.radio.air_band import AirBand
from bandsim.radio.phy import PHY_BYTES_S, packets_of, taken_bytes
from bandsim.radio.transport import AirTransport
from bandwire.gatt import ATT_BYTES
from bench.output import table_of
from bench_ble.on_air import STREAMS, band_on_air
from bench_ble.sizes import Sizes
from soak.hosts import AT_ONCE
from soak.truth import Truth
from vitalband import Band, StoreReader

L2CAP_BYTES = 4
"""Of the head of each packet of L2CAP."""
MOST_PACKETS, INTERVAL_S = 6, 0.030
"""A host that takes so many packets in a connection event, and events so often: both are figures that are
told of phones (Laird Connectivity, "What factors affect BLE throughput?"; the interval is an own choice)."""


@dataclass(frozen=True)
class Link:
    """An air: late by so much each way, and its rate."""

    name: str
    latency_s: float
    rate_bytes_s: float | None


LINKS = (
    Link("no limit", 0.001, None),
    Link("1M", 0.001, PHY_BYTES_S),
    Link("1M, 15 ms late", 0.015, PHY_BYTES_S),
)
"""A host on an air that is not late at all writes more at one moment than the band has room for. 15 ms: half
of an interval of 30 ms, which is how long a packet waits for its connection event in the mean."""


@dataclass(frozen=True)
class Fetched:
    """What an empty store fetched: frames, their bytes, and the virtual time from the hello to the last."""

    frames: int
    frame_bytes: int
    seconds: float


@dataclass(frozen=True)
class RateRow:
    """One MTU, and what was fetched over each of `LINKS`."""

    mtu: int
    fetched: tuple[Fetched, ...]


def ceiling_bytes_s(mtu: int) -> float:
    """Bytes of values that full notifications carry one after another over the modelled 1M PHY."""
    return (mtu - ATT_BYTES) / taken_bytes(mtu + L2CAP_BYTES) * PHY_BYTES_S


def few_packets_bytes_s(mtu: int) -> float:
    """The same by `MOST_PACKETS` each `INTERVAL_S`, where that is less."""
    notification_s = packets_of(mtu + L2CAP_BYTES) / MOST_PACKETS * INTERVAL_S
    return min((mtu - ATT_BYTES) / notification_s, ceiling_bytes_s(mtu))


@cache
def measure(sizes: Sizes) -> tuple[RateRow, ...]:
    """Record for so long, then fetch all of it at each MTU over each link; `RuntimeError` if not all came."""
    with tempfile.TemporaryDirectory() as folder, band_on_air(sizes.recorded_s) as band:
        assert isinstance(band, AirBand)
        return asyncio.run(_measure(band, Path(folder), sizes))


async def _measure(band: AirBand, folder: Path, sizes: Sizes) -> tuple[RateRow, ...]:
    truth = Truth(band)
    async with Band.open("ble+sim:", band=band, reconnect=AT_ONCE, record_to=folder / "first.vband") as host:
        for stream in STREAMS:
            await host.start_stream(stream, when_agreed=True)
        await host.run_for(sizes.recorded_s)
    rows: list[RateRow] = []
    for mtu in sizes.mtus:
        fetched = [
            await _fetch(band, truth, folder / f"{mtu} {number}.vband", mtu, link)
            for number, link in enumerate(LINKS)
        ]
        rows.append(RateRow(mtu, tuple(fetched)))
    return tuple(rows)


async def _fetch(band: AirBand, truth: Truth, path: Path, mtu: int, link: Link) -> Fetched:
    air = band.world.air
    air.faults = AirFaults(latency_s=link.latency_s, rate_bytes_s=link.rate_bytes_s)
    made = truth.until(band.now_us)
    notified_us: list[int] = []

    def note(_sender: Controller, packet: bytes) -> None:
        if packet[L2CAP_BYTES] == Opcode.ATT_HANDLE_VALUE_NOTIFICATION:
            notified_us.append(band.now_us)

    host = Band.open("ble+sim:", band=band, reconnect=AT_ONCE, record_to=path)
    assert isinstance(host.transport, AirTransport)
    host.transport.adapter.preferred_mtu = mtu
    air.on_arrived = note
    async with host:
        async for _ in host.sync():
            pass
        seconds = (notified_us[-1] - notified_us[0]) / 1e6
        missing = host.statistics.missing_frames
    with StoreReader(path) as reader:
        rows = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
    lost = sum(rows.get(key) != frame.frame for key, frame in made.items())
    if missing or lost:
        raise RuntimeError(f"MTU {mtu}, {link.name}: {missing} frames are missing, {lost} not stored")
    return Fetched(len(rows), sum(map(len, rows.values())), seconds)


def table(rows: Sequence[RateRow]) -> Table:
    """The table of rates."""
    headings = ["MTU", "frames"]
    for link in LINKS:
        headings += [f"{link.name}: /s", "B/s"]
    headings += ["of ceiling %", "ceiling B/s", f"{MOST_PACKETS} a 30 ms B/s"]
    return table_of(
        "A host fetches what the band has kept, frames and their bytes a second of virtual time, n = 1 each",
        headings,
        [_cells(row) for row in rows],
    )


def _cells(row: RateRow) -> list[str]:
    cells = [str(row.mtu), f"{row.fetched[0].frames:,}"]
    for each in row.fetched:
        cells += [f"{each.frames / each.seconds:,.0f}", f"{each.frame_bytes / each.seconds:,.0f}"]
    ceiling = ceiling_bytes_s(row.mtu)
    reached = row.fetched[1].frame_bytes / row.fetched[1].seconds / ceiling
    return [*cells, f"{100 * reached:.0f}", f"{ceiling:,.0f}", f"{few_packets_bytes_s(row.mtu):,.0f}"]


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measure(sizes))]
