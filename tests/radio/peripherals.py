"""A peripheral on bumble alone, with a value of each kind, and a host beside it on the same air."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bleak import BleakClient, BleakScanner
from bumble import att
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner

HOST, PERIPHERAL = "C0:00:00:00:00:01", "C0:00:00:00:00:02"
NAME = "a peripheral"
SERVICE = "0f1e0000-5a4b-4c3d-8e2f-1a0b9c8d7e6f"
READ, WRITTEN, NOTIFIED, INDICATED, SECRET, REFUSED = (
    SERVICE.replace("0000-5", f"000{n}-5") for n in range(1, 7)
)
REFUSAL = 0x81
_P = Characteristic.Properties
_BY_BOND = Characteristic.READABLE | Characteristic.READ_REQUIRES_ENCRYPTION


@dataclass
class Peripheral:
    """What was written to it, and how often a host paired with it."""

    adapter: Adapter
    notified: Characteristic[bytes]
    indicated: Characteristic[bytes]
    written: list[bytes] = field(default_factory=list)
    pairings: int = 0

    @property
    def device(self) -> Device:
        return self.adapter.device


async def advertise(device: Device, services: tuple[UUID, ...], name: str) -> None:
    """Services in the advertising, the name in the scan response only."""
    lists = b"".join(uuid.to_bytes() for uuid in services)
    kind = AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
    data = AdvertisingData([(AdvertisingData.FLAGS, b"\x06"), (kind, lists)])
    response = AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())])
    await device.start_advertising(
        advertising_data=bytes(data),
        scan_response_data=bytes(response),
        auto_restart=True,
        advertising_interval_min=100,
        advertising_interval_max=100,
    )


def _refuse(_connection: Connection) -> bytes:
    raise att.ATT_Error(REFUSAL)


async def peripheral_on(air: Air, address: str = PERIPHERAL, name: str = NAME) -> Peripheral:
    written: list[bytes] = []
    notified = Characteristic(UUID(NOTIFIED), _P.NOTIFY, Characteristic.READABLE, b"")
    indicated = Characteristic(UUID(INDICATED), _P.INDICATE, Characteristic.READABLE, b"")
    takes = CharacteristicValue(write=lambda _connection, value: written.append(bytes(value)))
    values = [
        Characteristic(UUID(READ), _P.READ, Characteristic.READABLE, bytes(range(200))),
        Characteristic(UUID(WRITTEN), _P.WRITE | _P.WRITE_WITHOUT_RESPONSE, Characteristic.WRITEABLE, takes),
        notified,
        indicated,
        Characteristic(UUID(SECRET), _P.READ, _BY_BOND, b"secret"),
        Characteristic(UUID(REFUSED), _P.READ, Characteristic.READABLE, CharacteristicValue(read=_refuse)),
    ]
    adapter = await Adapter.plugged_in(
        air, address, name, prepare=lambda device: device.add_service(Service(UUID(SERVICE), values))
    )
    made = Peripheral(adapter, notified, indicated, written)

    def count(connection: Connection) -> None:
        def paired(_keys: object) -> None:
            made.pairings += 1

        connection.on(Connection.EVENT_PAIRING, paired)

    adapter.device.on(Device.EVENT_CONNECTION, count)
    await advertise(adapter.device, (UUID(SERVICE),), name)
    return made


@dataclass
class World:
    """One peripheral and one host."""

    air: Air
    peripheral: Peripheral
    host: Adapter

    async def found(self, name: str = NAME, timeout_s: float = 5.0):
        return await BleakScanner.find_device_by_name(
            name, timeout=timeout_s, backend=AirScanner, radio=self.host
        )

    async def client(self, **options: object) -> BleakClient:
        device = await self.found()
        assert device is not None
        return BleakClient(device, backend=AirClient, radio=self.host, **options)


@asynccontextmanager
async def world(seed: int = 0) -> AsyncIterator[World]:
    air = Air(seed)
    made = World(air, await peripheral_on(air), await Adapter.plugged_in(air, HOST))
    try:
        yield made
    finally:
        await made.host.unplug()
        await made.peripheral.adapter.unplug()
        await asyncio.sleep(0.01)
