"""An app that knows the standard services only, on a band's air, and the wearer who turns them on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

from bleak import BleakClient
from bleak.backends.device import BLEDevice
from bleak.uuids import normalize_uuid_16

from bandschema import codec
from bandschema.records import Header, Record
from bandsim.radio.adapter import Adapter
from bandsim.radio.air_band import AirBand
from bandsim.radio.client import AirClient
from bandwire.frames import PAGE_HEART, PAGE_STANDARD_SERVICES
from display.screen import Screen
from display.services_view import READ_S
from display.trend import Trends
from radio.air_hosts import heard
from readings import ReadingTable
from standard_services import registry
from status import Status

PRESS_S = 0.5
"""A press with what follows it."""
SENT = tuple(
    row[0]
    for _, _, rows in registry.SERVICES
    for row in rows
    if row[1] & (registry.NOTIFY | registry.INDICATE)
)
"""Characteristics that are notified or indicated."""


def pages_of_button() -> list[int]:
    """Pages in the order of the button."""
    core: Any = SimpleNamespace(
        status=Status(), table=ReadingTable(), trends=Trends(), handover=None, clock=None, issued=None
    )
    return [view.page for view in Screen(None, core, None, None, None, None, None).views]


async def press(band: AirBand, count: int = 1) -> None:
    """Press the button so often."""
    for _ in range(count):
        band.console.press_button()
        await asyncio.sleep(PRESS_S)


async def come_to_services(band: AirBand, first: bool = True) -> None:
    """Go to the page of the services by the button: from the heart rate, or from that page around to it."""
    pages = pages_of_button()
    way = pages.index(PAGE_STANDARD_SERVICES) - pages.index(PAGE_HEART)
    await press(band, way if first else len(pages))


async def turn_services(band: AirBand, first: bool = True) -> None:
    """Turn the standard services on, or off, as the wearer does, who reads the page before."""
    await come_to_services(band, first)
    await asyncio.sleep(READ_S)
    await press(band)


class App:
    """Connected by `connected`; `came` is what was sent, by characteristic, with its time."""

    def __init__(self, band: AirBand) -> None:
        self.band = band
        self.adapter: Any = None
        self.came: dict[int, list[tuple[float, bytes]]] = {}
        self.is_gone = False
        self.client: Any = None

    async def plug_in(self) -> None:
        """Have an adapter of its own on the band's air."""
        if self.adapter is None:
            world = self.band.world
            world.adapters += 1
            self.adapter = await Adapter.plugged_in(world.air, f"C0:00:00:00:01:{world.adapters:02X}")

    @asynccontextmanager
    async def connected(self, device: BLEDevice | None = None) -> AsyncIterator["App"]:
        """Connect to the band that is heard."""
        await self.plug_in()
        if device is None:
            # The last one: it may have taken another address meanwhile.
            device = list((await heard(self.adapter, 2.0)).values())[-1]
        by: dict[str, Any] = {"backend": AirClient, "radio": self.adapter}
        async with BleakClient(device, disconnected_callback=self._on_gone, **by) as self.client:
            yield self

    async def subscribe(self, *uuids: int) -> None:
        """Take what is sent of these characteristics."""
        for uuid in uuids:
            sent = self.came.setdefault(uuid, [])
            await self.client.start_notify(
                normalize_uuid_16(uuid),
                lambda _, data, sent=sent: sent.append((asyncio.get_running_loop().time(), bytes(data))),
            )

    async def read(self, uuid: int) -> bytes:
        """Read a characteristic."""
        return bytes(await self.client.read_gatt_char(normalize_uuid_16(uuid)))

    def services(self) -> set[int]:
        """Services that are offered beside the band's own and those of every device, by their short UUIDs."""
        shorts = {int(service.uuid[:8], 16) for service in self.client.services}
        return {short for short in shorts if short < 1 << 16} - {0x1800, 0x1801}

    def values(self, uuid: int) -> list[bytes]:
        """What was sent of a characteristic."""
        return [value for _, value in self.came.get(uuid, [])]

    def _on_gone(self, _client: Any) -> None:
        self.is_gone = True


def frame_of(record: Record) -> bytearray:
    """A record as a frame of a host's; the link fills in the header."""
    return bytearray(codec.encode(Header(kind=record.KIND, boot_id=0, sequence=0, ticks_ms=0), record))
