"""The registry's services on bumble, and what tshark shows of the air between a band and a host."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.uuids import normalize_uuid_16
from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service
from bumble.snoop import BtSnooper

from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner
from languages.programs import run as run_program
from radio.peripherals import HOST, NAME, PERIPHERAL, SERVICE, advertise
from standard_services import registry

RATE, OXYGEN, SKIN = "heart_rate_measurement", "plxs.spot_check_measurement", "temperature_measurement"
CUFF, PRESSURE = "blood_pressure_measurement", "blood_pressure_measurement.compound_value"
CLOCK = ["year", "month", "day", "hours", "minutes", "seconds"]
"""As tshark names them, without `btatt.`."""
_FLAGS = {
    uuid: registry.flags_of(properties, is_encrypted, can_encrypt=True)
    for _, _, characteristics in registry.SERVICES
    for uuid, properties, is_encrypted, _ in characteristics
}
_IN_ONE_DIRECTION = "btatt.opcode in {0x0b, 0x1b, 0x1d}"
"""Read responses, notifications, indications."""


def _characteristic(uuid: int) -> Characteristic[bytes]:
    is_encrypted = _FLAGS[uuid] & registry.READ_ENCRYPTED
    permissions = Characteristic.READABLE | (Characteristic.READ_REQUIRES_ENCRYPTION if is_encrypted else 0)
    return Characteristic(
        UUID.from_16_bits(uuid),
        Characteristic.Properties(_FLAGS[uuid] & ~(registry.READ_ENCRYPTED | registry.READ_AUTHENTICATED)),
        Characteristic.Permissions(permissions),
        b"",
    )


class Served:
    """A peripheral with the registry's services, and a host on the same air whose traffic is captured."""

    def __init__(self) -> None:
        self.characteristics = {uuid: _characteristic(uuid) for uuid in _FLAGS}
        self.pairings = 0
        self.came: list[bytes] = []
        """What reached the host, in turn."""

    async def start(self) -> None:
        air = Air(seed=1)
        self.host = await Adapter.plugged_in(air, HOST)
        self.band = await Adapter.plugged_in(air, PERIPHERAL, NAME, prepare=self._add_services)
        self.band.device.on(Device.EVENT_CONNECTION, self._count_pairings)
        await advertise(self.band.device, (UUID(SERVICE),), NAME)

    def _add_services(self, device: Device) -> None:
        for service, _, rows in registry.SERVICES:
            device.add_service(
                Service(UUID.from_16_bits(service), [self.characteristics[row[0]] for row in rows])
            )

    def _count_pairings(self, connection: Connection) -> None:
        def paired(_keys: object) -> None:
            self.pairings += 1

        connection.on(Connection.EVENT_PAIRING, paired)

    async def tell(self, values: list[tuple[int, bytes]], capture: Path) -> None:
        """Send each value as its characteristic is sent, or let it be read where it is not; capture all."""
        with captured(self.host, capture):
            by: dict[str, Any] = {"backend": AirScanner, "radio": self.host}
            found = await BleakScanner.find_device_by_name(NAME, timeout=5, **by)
            assert found is not None
            async with BleakClient(found, backend=AirClient, radio=self.host) as client:
                for uuid, flags in _FLAGS.items():
                    if flags & (registry.NOTIFY | registry.INDICATE):
                        await client.start_notify(normalize_uuid_16(uuid), self._take)
                for uuid, value in values:
                    await self._tell_one(client, uuid, value)

    def _take(self, _characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
        self.came.append(bytes(value))

    async def _tell_one(self, client: BleakClient, uuid: int, value: bytes) -> None:
        characteristic = self.characteristics[uuid]
        if value and _FLAGS[uuid] & registry.NOTIFY:
            await self.band.device.notify_subscribers(characteristic, value)
        elif value and _FLAGS[uuid] & registry.INDICATE:
            await self.band.device.indicate_subscribers(characteristic, value)
        else:
            characteristic.value = value
            self.came.append(bytes(await client.read_gatt_char(normalize_uuid_16(uuid))))


@contextmanager
def captured(adapter: Adapter, capture: Path) -> Iterator[None]:
    """Write what passes between an adapter and its host to a file of btsnoop's format."""
    with capture.open("wb") as file:
        adapter.device.host.snooper = BtSnooper(file)
        try:
            yield
        finally:
            adapter.device.host.snooper = None


def shown(capture: Path, fields: list[str]) -> list[dict[str, list[str]]]:
    """What tshark shows of each value in turn: by field, without `btatt.`, all that it has of it."""
    arguments = ["-r", str(capture), "-Y", _IN_ONE_DIRECTION, "-T", "fields", "-E", "aggregator=,"]
    arguments += [f"-ebtatt.{field}" for field in fields]
    lines = run_program("tshark", *arguments, package="tshark").splitlines()
    return [
        {field: cell.split(",") if cell else [] for field, cell in zip(fields, line.split("\t"), strict=True)}
        for line in lines
    ]


def float_of(four: bytes) -> Fraction | None:
    """IEEE-11073 FLOAT, which tshark 4.0 shows as 0 whatever it holds; None for NaN."""
    if four == b"\xff\xff\x7f\x00":
        return None
    exponent = int.from_bytes(four[3:], "little", signed=True)
    return int.from_bytes(four[:3], "little", signed=True) * Fraction(10) ** exponent
