"""Blood-pressure monitors with a cuff that follow the Bluetooth SIG's Blood Pressure Profile, of any maker.

A monitor that has measurements indicates them as soon as a host subscribes, the stored ones too, and goes
when it has no more; the documents of the profile were read in excerpts only, so that this is unconfirmed.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from vitalband.bluetooth.pressure_measurement import PressureMeasurement, parse_pressure
from vitalband.bluetooth.radio import Radio, bleak, reason_of
from vitalband.errors import RemoteError, TransportError

BLOOD_PRESSURE_SERVICE = "00001810-0000-1000-8000-00805f9b34fb"
MEASUREMENT = "00002a35-0000-1000-8000-00805f9b34fb"

SCAN_S = 10.0
QUIET_S = 5.0
"""After so long without a measurement no more are waited for: own choice."""
CONNECT_S = 20.0
LIMIT_S = 120.0
"""Of connecting, and of one reading altogether: own choices."""


@dataclass(frozen=True, kw_only=True)
class FoundMonitor:
    """A monitor that advertises: `address` as the system gives it (on macOS an id of its own)."""

    name: str | None
    address: str
    rssi_dbm: int
    device: Any
    """What bleak connects to."""

    @property
    def source(self) -> str:
        """What to call it: its name, else its address."""
        return self.name or self.address


async def find_pressure_monitors(radio: Radio | None = None, *, scan_s: float = SCAN_S) -> list[FoundMonitor]:
    """Monitors that are heard within `scan_s`, the nearest first; `TransportError` without an adapter."""
    options = (radio or Radio()).scanner
    package = bleak()
    try:
        heard = await package.BleakScanner.discover(
            timeout=scan_s, return_adv=True, service_uuids=[BLOOD_PRESSURE_SERVICE], **options
        )
    except (package.exc.BleakError, OSError) as error:
        raise TransportError(
            f"cannot look for blood-pressure monitors, is Bluetooth there and switched on? ({error})"
        ) from error
    found = [
        FoundMonitor(name=told.local_name, address=device.address, rssi_dbm=told.rssi, device=device)
        for device, told in heard.values()
        if BLOOD_PRESSURE_SERVICE in told.service_uuids
    ]
    return sorted(found, key=lambda monitor: -monitor.rssi_dbm)


async def read_pressure_monitor(
    monitor: FoundMonitor,
    radio: Radio | None = None,
    *,
    quiet_s: float = QUIET_S,
    connect_s: float = CONNECT_S,
    limit_s: float = LIMIT_S,
) -> list[PressureMeasurement]:
    """All measurements that the monitor gives, in the order in which it does.

    Ends when it goes or gives none for `quiet_s`. What came before a loss is given. `TransportError` when it
    cannot be reached, `RemoteError` when it has no such characteristic. A value that cannot be read comes as
    `malformed`, as the monitor may have forgotten the others by then.
    """
    package = bleak()
    reading = _Reading(quiet_s)
    client = package.BleakClient(
        monitor.device,
        disconnected_callback=reading.on_disconnection,
        timeout=connect_s,
        **(radio or Radio()).client,
    )
    try:
        async with asyncio.timeout(connect_s + limit_s), client:
            if client.services.get_characteristic(MEASUREMENT) is None:
                raise RemoteError(f"{monitor.source}: wanted blood pressure measurements, it has none")
            await client.start_notify(MEASUREMENT, reading.on_value)
            await reading.until_quiet()
    except (package.exc.BleakError, OSError, TimeoutError) as error:
        if not reading.values:
            raise TransportError(f"cannot read {monitor.source}: {reason_of(error)}") from error
    return [_parsed(value) for value in reading.values]


def _parsed(value: bytes) -> PressureMeasurement:
    try:
        return parse_pressure(value)
    except RemoteError:
        return PressureMeasurement(
            systolic_mmhg=None, diastolic_mmhg=None, mean_arterial_mmhg=None, malformed=value
        )


class _Reading:
    """What a monitor has told so far."""

    def __init__(self, quiet_s: float) -> None:
        self.values: list[bytes] = []
        self._quiet_s = quiet_s
        self._is_gone = False
        self._news = asyncio.Event()

    def on_value(self, _: Any, value: bytearray) -> None:
        """Take an indication."""
        self.values.append(bytes(value))
        self._news.set()

    def on_disconnection(self, _: Any) -> None:
        """The monitor went."""
        self._is_gone = True
        self._news.set()

    async def until_quiet(self) -> None:
        """Wait until nothing has come for a while, or nothing more can come."""
        while not self._is_gone:
            self._news.clear()
            try:
                async with asyncio.timeout(self._quiet_s):
                    await self._news.wait()
            except TimeoutError:
                return
