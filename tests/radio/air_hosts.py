"""A host without the SDK on a band's air: the link alone, over bleak."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from bandsim.radio.adapter import Adapter
from bandsim.radio.air_band import AirBand, plug_in
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner
from bandsim.radio.world import World
from bandsim.scenario import load_scenario
from bandwire.gatt import FROM_BAND_UUID, SERVICE_UUID, TO_BAND_UUID, written_record_bytes
from bandwire.hostlink import HostLink

TURN_S = 0.5


def band_on_air(seed: int = 1, world: World | None = None, scenario: str = "rest") -> AirBand:
    """A band that has been on for a second."""
    band = AirBand(load_scenario(scenario, seed=seed), world=world)
    band.run_for(1.0)
    return band


async def heard(adapter: Adapter, seconds: float) -> dict[str, BLEDevice]:
    """Bands that are heard in so long, by address."""
    by: dict[str, Any] = {"backend": AirScanner, "radio": adapter}
    found = await BleakScanner.discover(timeout=seconds, service_uuids=[SERVICE_UUID], **by)
    return {device.address: device for device in found}


class AirHost:
    """Connected by `connected`; `records` are all notifications, `frames` what the link made of them."""

    def __init__(self, world: World, session_id: bytes = b"12345678") -> None:
        self.world = world
        self.adapter, _ = plug_in(world)
        self.link = HostLink(session_id)
        self.records: list[bytes] = []
        self.events: list[tuple[Any, ...]] = []
        self.is_gone = False
        self.client: Any = None

    @property
    def now_ms(self) -> int:
        return round(self.world.loop.time() * 1000)

    @asynccontextmanager
    async def connected(self, band: BLEDevice | None = None) -> AsyncIterator["AirHost"]:
        """Connect to a band, the one that is heard if none is named, and subscribe."""
        if band is None:
            (band,) = (await heard(self.adapter, 2.0)).values()
        by: dict[str, Any] = {"backend": AirClient, "radio": self.adapter}
        async with BleakClient(band, disconnected_callback=self._on_gone, **by) as self.client:
            await self.client.start_notify(FROM_BAND_UUID, lambda _, data: self._take(bytes(data)))
            yield self

    def _on_gone(self, _client: Any) -> None:
        self.is_gone = True

    def _take(self, record: bytes) -> None:
        self.records.append(record)
        self.link.receive_record(record, self.now_ms)
        while (event := self.link.next_event()) is not None:
            self.events.append(event)

    async def say(self) -> None:
        """Write all that the link has to say."""
        record = bytearray(255)
        room = written_record_bytes(self.client.mtu_size)
        self.link.poll(self.now_ms)
        while length := self.link.next_record_into(record, room, self.now_ms):
            await self.client.write_gatt_char(
                TO_BAND_UUID, bytes([length]) + bytes(record[:length]), response=True
            )

    async def listen(self, seconds: float) -> None:
        """Say what there is to be said, and listen, until the connection is gone at most."""
        end_s = self.world.loop.time() + seconds
        while not self.is_gone and self.world.loop.time() < end_s:
            await self.say()
            await asyncio.sleep(min(TURN_S, end_s - self.world.loop.time()))

    def of_kind(self, event_kind: int) -> list[tuple[Any, ...]]:
        """Events of the link of one kind."""
        return [event for event in self.events if event[0] == event_kind]
