"""A band on bumble alone: the scripted band of the SDK's tests behind the GATT service of `bandwire.gatt`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner
from bandwire.gatt import FROM_BAND_UUID, SERVICE_UUID, TO_BAND_UUID, WrittenRecords, sent_record_bytes
from bandwire.record import MAX_RECORD_BYTES
from radio.peripherals import HOST, advertise
from sdk.fake_band import FakeBand, Script
from vitalband.bluetooth import Radio
from vitalband.bluetooth.band_transport import BandTransport

BAND, OTHER = "C0:00:00:00:00:21", "C0:00:00:00:00:22"
_P = Characteristic.Properties
_LONGEST_WAIT_S = 0.5
EPOCH_US = 1_800_000_000_000_000


class LoopClock:
    """The loop's time, which is virtual here."""

    def monotonic_ms(self) -> int:
        return int(asyncio.get_running_loop().time() * 1000)

    def utc_us(self) -> int:
        return EPOCH_US + int(asyncio.get_running_loop().time() * 1_000_000)


class AirBand:
    """`fake` on the air, advertising when nobody is connected."""

    def __init__(self, fake: FakeBand, from_band: Characteristic[bytes]) -> None:
        self.fake = fake
        self.adapter: Adapter | None = None
        self.from_band = from_band
        self.connection: Connection | None = None
        self.connections = 0
        self.largest_write = 0
        self.notified: list[bytes] = []
        self.on_first_write = lambda: None
        self._written = WrittenRecords()
        self._pump: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._clock = LoopClock()
        from_band.on(Characteristic.EVENT_SUBSCRIPTION, self._on_subscription)

    @classmethod
    async def plugged_in(
        cls, air: Air, address: str = BAND, name: str = "a band", script: Script | None = None, **options
    ) -> "AirBand":
        from_band = Characteristic(UUID(FROM_BAND_UUID), _P.NOTIFY, Characteristic.READABLE, b"")
        band = cls(FakeBand(script, **options), from_band)
        to_band = Characteristic(
            UUID(TO_BAND_UUID),
            _P.WRITE | _P.WRITE_WITHOUT_RESPONSE,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=lambda _, value: band.take(bytes(value))),
        )
        service = Service(UUID(SERVICE_UUID), [from_band, to_band])
        band.adapter = await Adapter.plugged_in(
            air, address, name, prepare=lambda device: device.add_service(service)
        )
        band.device.on(Device.EVENT_CONNECTION, band._on_connection)
        await advertise(band.device, (UUID(SERVICE_UUID),), name)
        return band

    @property
    def device(self) -> Device:
        assert self.adapter is not None
        return self.adapter.device

    @property
    def has_subscribers(self) -> bool:
        return any(self.device.gatt_server.subscribers.values())

    def take(self, value: bytes) -> None:
        if not self.largest_write:
            self.on_first_write()
        self.largest_write = max(self.largest_write, len(value))
        self._written.feed(value)
        now_ms = self._clock.monotonic_ms()
        while (record := self._written.next_record()) is not None:
            self.fake.link.receive_record(record, now_ms)
            self.fake.take_events(now_ms, self.fake.link.next_event)
        self._wake.set()

    def _on_connection(self, connection: Connection) -> None:
        self.connection = connection
        self.connections += 1
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)

    def _on_subscription(self, _: Connection, notifies: bool, _indicates: bool) -> None:
        if notifies and self._pump is None:
            self._pump = asyncio.ensure_future(self._run())

    def _on_disconnection(self, _reason: int) -> None:
        self.connection = None
        self.fake.link.hang_up()
        self.fake.active.clear()
        self._written = WrittenRecords()
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None

    async def _run(self) -> None:
        record = bytearray(MAX_RECORD_BYTES)
        fake = self.fake
        while (connection := self.connection) is not None:
            now_ms = self._clock.monotonic_ms()
            fake.step(now_ms)
            fake.link.poll(now_ms)
            fake.take_events(now_ms, fake.link.next_event)
            limit = sent_record_bytes(connection.att_mtu)
            while length := fake.link.next_record_into(record, min(limit, MAX_RECORD_BYTES), now_ms):
                self.notified.append(bytes(record[:length]))
                await self.device.notify_subscriber(connection, self.from_band, self.notified[-1])
            fake.finish_backfill()
            self._wake.clear()
            due_s = max(0.001, (fake.next_due_ms() - now_ms) / 1000)
            try:
                async with asyncio.timeout(min(due_s, _LONGEST_WAIT_S)):
                    await self._wake.wait()
            except TimeoutError:
                continue


class AirHost:
    """A host with its adapter, which may be pulled out and put in again."""

    def __init__(self, air: Air, adapter: Adapter, address: str) -> None:
        self.air = air
        self.adapter = adapter
        self.address = address
        self.radio = Radio({"backend": AirScanner}, {"backend": AirClient})
        self._use(adapter)

    def _use(self, adapter: Adapter) -> None:
        self.adapter = adapter
        for options in (self.radio.scanner, self.radio.client):
            options["radio"] = adapter  # type: ignore[index]

    @classmethod
    async def plugged_in(cls, air: Air, address: str = HOST) -> "AirHost":
        return cls(air, await Adapter.plugged_in(air, address), address)

    async def plug_in_again(self) -> None:
        self._use(await Adapter.plugged_in(self.air, self.address))

    def transport(self, url: str = "ble:", **options) -> BandTransport:
        address = url.removeprefix("ble:") or None
        return BandTransport(url, address=address, radio=self.radio, clock=LoopClock(), **options)


@asynccontextmanager
async def air_with_a_band(
    seed: int = 0, script: Script | None = None
) -> AsyncIterator[tuple[Air, AirHost, AirBand]]:
    """One host and one band; nothing of them may be left at the end."""
    air = Air(seed)
    host = await AirHost.plugged_in(air)
    band = await AirBand.plugged_in(air, script=script)
    try:
        yield air, host, band
    finally:
        await host.adapter.unplug()
        assert band.adapter is not None
        await band.adapter.unplug()
        await asyncio.sleep(0.01)
