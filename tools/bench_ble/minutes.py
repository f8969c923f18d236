"""What a minute takes of the air: vital signs, samples, the Heart Rate Service alone, a chest strap's way."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.uuids import normalize_uuid_16
from rich.table import Table

from bandsim.radio.air_band import AirBand, borrow
from bandsim.radio.phy import sent_bytes
from bandwire.gatt import ATT_BYTES, SERVICE_UUID
from bench.output import table_of
from bench_ble.on_air import STREAMS, Counted, band_on_air
from bench_ble.rates import L2CAP_BYTES
from bench_ble.sizes import Sizes
from bench_codec.peers import PEERS
from bench_codec.recordings import Group
from bench_codec.sender import PACKET_BYTES
from soak.hosts import AT_ONCE
from vitalband import Band, StoreReader, StreamId
from vitalband.values import SampleChunk

HEART_RATE_MEASUREMENT = 0x2A37
REPORT_S = 30
_SETTLE_S = 60.0
"""In which a host fetches what was kept, and streams begin."""
_ANSWERED_S = 10.0
"""In which the wearer of the scenario has answered the question of the band's start."""
_PRESS_S = 0.5
_PRESSES_TO_SERVICES = 17
"""From the page of the heart rate; a page that is not that of the services is told."""
_READ_S = 10.0
"""A wearer who reads the page for so long before pressing agrees to what it asks."""
_SCAN_S = 2.0
_FIXED_WIDTH = next(peer for peer in PEERS if peer.name == "fixed width")


@dataclass(frozen=True)
class Minute:
    """What passes in a minute, in both directions, but for answers that carry nothing."""

    name: str
    packets: float
    l2cap_bytes: float
    air_bytes: float

    def without(self, other: "Minute", name: str) -> "Minute":
        """What this one takes more than another."""
        return Minute(
            name,
            self.packets - other.packets,
            self.l2cap_bytes - other.l2cap_bytes,
            self.air_bytes - other.air_bytes,
        )


@cache
def measure(sizes: Sizes) -> tuple[Minute, ...]:
    """Count each way for so many minutes, of which the first is not counted."""
    heart = _heart_rate_alone(sizes)
    each, _ = _by_our_link("all vital signs, each 2 s", sizes)
    together, _ = _by_our_link(f"all vital signs, {REPORT_S} s in a frame", sizes, report_s=REPORT_S)
    whole, strap = _by_our_link("all vital signs and samples", sizes, STREAMS)
    assert strap is not None
    return heart, each, together, whole, whole.without(each, "samples alone, as they come here"), strap


def _minute(name: str, counted: Counted, minutes: int) -> Minute:
    return Minute(name, counted.packets / minutes, counted.l2cap_bytes / minutes, counted.air_bytes / minutes)


def _by_our_link(
    name: str, sizes: Sizes, streams: Sequence[StreamId] = (), report_s: int = 0
) -> tuple[Minute, Minute | None]:
    async def follow(band: AirBand, path: Path) -> Minute:
        host = Band.open("ble+sim:", band=band, reconnect=AT_ONCE, record_to=path)
        async with host:
            if report_s:
                await host.set_report_interval(report_s * 1000)
            for stream in streams:
                await host.start_stream(stream, when_agreed=True)
            await host.run_for(_SETTLE_S)
            counted = Counted(band.world.air)
            await host.run_for(60.0 * sizes.minutes)
            return _minute(name, counted, sizes.minutes)

    with tempfile.TemporaryDirectory() as folder, band_on_air(60.0 * sizes.minutes) as band:
        assert isinstance(band, AirBand)
        path = Path(folder) / "minutes.vband"
        found = asyncio.run(follow(band, path))
        return found, _as_a_strap(path, streams) if streams else None


def _as_a_strap(path: Path, streams: Sequence[StreamId]) -> Minute:
    """The samples of a store as differences of fixed width, in packets that are full."""
    packets = 0.0
    with StoreReader(path) as reader:
        for stream in streams:
            chunks = [each for each in reader.waveform(stream) if isinstance(each, SampleChunk)]
            about = chunks[0].descriptor
            samples = np.concatenate([chunk.counts for chunk in chunks])
            group = Group(
                stream.name, about.rate_hz, about.sample_bits, about.is_signed, fitted=(), reported=(samples,)
            )
            minutes = len(samples) / about.rate_hz / 60
            packets += _FIXED_WIDTH.bits_of(samples, group) / 8 / PACKET_BYTES / minutes
    l2cap_bytes = PACKET_BYTES + ATT_BYTES + L2CAP_BYTES
    return Minute(
        "the same samples as differences of fixed width",
        packets,
        packets * l2cap_bytes,
        packets * sent_bytes(l2cap_bytes),
    )


def _heart_rate_alone(sizes: Sizes) -> Minute:
    """An app that takes the Heart Rate Measurement and nothing else, from the band's own standard service."""
    with band_on_air(60.0 * sizes.minutes) as band:
        assert isinstance(band, AirBand)
        _, radio = borrow(band.world)

        async def listen() -> Minute:
            client = await _agreed(band, radio.scanner, radio.client)
            await client.start_notify(normalize_uuid_16(HEART_RATE_MEASUREMENT), lambda *_: None)
            await asyncio.sleep(_SETTLE_S)
            counted = Counted(band.world.air)
            await asyncio.sleep(60.0 * sizes.minutes)
            await client.disconnect()
            return _minute("Heart Rate Service alone", counted, sizes.minutes)

        return band.world.run(listen())


async def _agreed(band: AirBand, scanner: Mapping[str, Any], by: Mapping[str, Any]) -> BleakClient:
    """Press through to the page on which the wearer turns the services on, and connect."""
    await asyncio.sleep(_ANSWERED_S)
    for _ in range(_PRESSES_TO_SERVICES):
        band.console.press_button()
        await asyncio.sleep(_PRESS_S)
    await asyncio.sleep(_READ_S)
    band.console.press_button()
    await asyncio.sleep(_PRESS_S)
    found: list[BLEDevice] = await BleakScanner.discover(
        timeout=_SCAN_S, service_uuids=[SERVICE_UUID], **scanner
    )
    client = BleakClient(found[-1], **by)
    await client.connect()
    if client.services.get_characteristic(normalize_uuid_16(HEART_RATE_MEASUREMENT)) is None:
        raise RuntimeError(f"no page asked for the standard services after {_PRESSES_TO_SERVICES} presses")
    return client


def table(rows: Sequence[Minute]) -> Table:
    """The table of minutes."""
    heart = rows[0]
    return table_of(
        "A minute on the air, both directions, of packets that carry something; MTU 517",
        ("what", "packets", "bytes of L2CAP", "bytes on the air", "x Heart Rate Service"),
        [
            (
                row.name,
                f"{row.packets:,.1f}",
                f"{row.l2cap_bytes:,.0f}",
                f"{row.air_bytes:,.0f}",
                f"{row.air_bytes / heart.air_bytes:.2f}",
            )
            for row in rows
        ],
    )


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measure(sizes))]
