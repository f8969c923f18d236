"""A simulated blood-pressure monitor with a cuff, as the Bluetooth SIG's profile has it, on bumble."""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bumble.core import UUID, AdvertisingData, ProtocolError
from bumble.core import TimeoutError as AirTimeoutError
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service

from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air

_SERVICE = UUID.from_16_bits(0x1810)
_MEASUREMENT = UUID.from_16_bits(0x2A35)
_FEATURE = UUID.from_16_bits(0x2A49)
_DEVICE_INFORMATION = UUID.from_16_bits(0x180A)
_NO_NUMBER = 0x07FF
_LARGEST_MANTISSA = 0x7FD
_ADVERTISING_INTERVAL_MS = 100


@dataclass(frozen=True, kw_only=True)
class StoredMeasurement:
    """What the monitor keeps; pressures in its unit, None for a measurement that failed."""

    systolic: float | None
    diastolic: float | None
    mean_arterial: float | None = None
    is_kpa: bool = False
    taken_at: datetime | None = None
    pulse_rate_bpm: float | None = None
    user_id: int | None = None
    status: int | None = None

    def encoded(self) -> bytes:
        """The value of the characteristic: flags, three pressures, and what the flags announce."""
        extras = (self.taken_at, self.pulse_rate_bpm, self.user_id, self.status)
        flags = self.is_kpa | sum(2 << bit for bit, extra in enumerate(extras) if extra is not None)
        parts = [struct.pack("<B", flags)]
        parts += [_number(value) for value in (self.systolic, self.diastolic, self.mean_arterial)]
        if self.taken_at is not None:
            at = self.taken_at
            parts.append(struct.pack("<HBBBBB", at.year, at.month, at.day, at.hour, at.minute, at.second))
        if self.pulse_rate_bpm is not None:
            parts.append(_number(self.pulse_rate_bpm))
        if self.user_id is not None:
            parts.append(struct.pack("<B", self.user_id))
        if self.status is not None:
            parts.append(struct.pack("<H", self.status))
        return b"".join(parts)


def _number(value: float | None) -> bytes:
    """16 bits: a mantissa of 12 and an exponent of 4, with as many decimals as the mantissa has room for."""
    if value is None:
        return struct.pack("<H", _NO_NUMBER)
    exponent = 0
    while exponent > -8 and round(value) != value and abs(value) * 10 <= _LARGEST_MANTISSA:
        value, exponent = value * 10, exponent - 1
    return struct.pack("<H", (exponent & 0xF) << 12 | round(value) & 0xFFF)


class PressureMonitor:
    """Gives what it keeps to the first host that subscribes, each once, and then goes if it `leaves`."""

    def __init__(self, adapter: Adapter, measurement: Characteristic[bytes], *, leaves: bool) -> None:
        self.adapter = adapter
        self.stored: list[StoredMeasurement] = []
        self._measurement = measurement
        self._leaves = leaves
        self._giving: asyncio.Task[None] | None = None
        measurement.on(Characteristic.EVENT_SUBSCRIPTION, self._on_subscription)

    @classmethod
    async def plugged_in(
        cls,
        air: Air,
        address: str,
        name: str = "a cuff",
        *,
        stored: Sequence[StoredMeasurement] = (),
        leaves: bool = True,
        information: Mapping[int, bytes] | None = None,
    ) -> "PressureMonitor":
        """Put one on the air, which advertises from then on; `information` is what it says of itself, by the
        16-bit numbers of the characteristics of Device Information, None without that service."""
        properties = Characteristic.Properties
        measurement = Characteristic(_MEASUREMENT, properties.INDICATE, Characteristic.READABLE, b"")
        feature = Characteristic(_FEATURE, properties.READ, Characteristic.READABLE, struct.pack("<H", 0))
        service = Service(_SERVICE, [measurement, feature])
        services = [service, *_information_services(information)]
        adapter = await Adapter.plugged_in(
            air, address, name, prepare=lambda device: device.add_services(services)
        )
        monitor = cls(adapter, measurement, leaves=leaves)
        monitor.stored += stored
        await _advertise(adapter.device, name)
        return monitor

    def _on_subscription(self, connection: Connection, _notifies: bool, indicates: bool) -> None:
        if indicates and self._giving is None:
            self._giving = asyncio.ensure_future(self._give(connection))

    async def _give(self, connection: Connection) -> None:
        try:
            while self.stored:
                value = self.stored[0].encoded()
                await self.adapter.device.indicate_subscriber(connection, self._measurement, value)
                del self.stored[0]
            if self._leaves:
                await connection.disconnect()
        except (AirTimeoutError, ProtocolError):
            return  # the host went: what it did not confirm is kept for the next one
        finally:
            self._giving = None


def _information_services(information: Mapping[int, bytes] | None) -> list[Service]:
    if information is None:
        return []
    said = [
        Characteristic(
            UUID.from_16_bits(number), Characteristic.Properties.READ, Characteristic.READABLE, value
        )
        for number, value in information.items()
    ]
    return [Service(_DEVICE_INFORMATION, said)]


async def _advertise(device: Device, name: str) -> None:
    services = (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, _SERVICE.to_bytes())
    data = AdvertisingData([(AdvertisingData.FLAGS, b"\x06"), services])
    response = AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())])
    await device.start_advertising(
        advertising_data=bytes(data),
        scan_response_data=bytes(response),
        auto_restart=True,
        advertising_interval_min=_ADVERTISING_INTERVAL_MS,
        advertising_interval_max=_ADVERTISING_INTERVAL_MS,
    )
