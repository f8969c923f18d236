"""Blood-pressure monitors with a cuff that follow the Bluetooth SIG's Blood Pressure Profile, of any maker.

A monitor that has measurements indicates them as soon as a host subscribes, the stored ones too, and goes
when it has no more; the documents of the profile were read in excerpts only, so that this is unconfirmed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vitalband.bluetooth.pressure_measurement import PressureMeasurement, parse_pressure
from vitalband.bluetooth.radio import Radio, bleak, radio_errors, reason_of
from vitalband.clock import SystemClock
from vitalband.errors import RemoteError, TransportError
from vitalband.transport import Clock

BLOOD_PRESSURE_SERVICE = "00001810-0000-1000-8000-00805f9b34fb"
MEASUREMENT = "00002a35-0000-1000-8000-00805f9b34fb"

SCAN_S = 10.0
QUIET_S = 5.0
"""After so long without a measurement no more are waited for: own choice."""
CONNECT_S = 20.0
LIMIT_S = 120.0
"""Of connecting, and of one reading altogether: own choices."""
SOURCE_S = 2.0
"""For what the monitor says of itself, ahead of the readings: some go soon after they were connected to."""
_SAID = {
    "maker": "00002a29-0000-1000-8000-00805f9b34fb",
    "model": "00002a24-0000-1000-8000-00805f9b34fb",
    "firmware": "00002a26-0000-1000-8000-00805f9b34fb",
}
"""Manufacturer Name, Model Number and Firmware Revision String of the Device Information Service: numbers as
in the Bluetooth SIG's list of assigned numbers (characteristic_uuids.yaml)."""


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


@dataclass(frozen=True, kw_only=True)
class MonitorSource:
    """What a monitor says of itself, None where it says nothing: foreign text, which may be anything.

    `failure`: why it was asked no further, None when it answered all.
    """

    maker: str | None = None
    model: str | None = None
    firmware: str | None = None
    failure: str | None = None


@dataclass(frozen=True)
class ReceivedPressure:
    """A value of the characteristic as it came, and UTC by the host's clock in us when it did."""

    value: bytes
    utc_us: int
    source: MonitorSource

    @cached_property
    def measurement(self) -> PressureMeasurement | None:
        """What it says; None when it cannot be read."""
        try:
            return parse_pressure(self.value)
        except RemoteError:
            return None


OnPressure = Callable[[ReceivedPressure], None]


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
    on_pressure: OnPressure | None = None,
    clock: Clock | None = None,
    quiet_s: float = QUIET_S,
    connect_s: float = CONNECT_S,
    limit_s: float = LIMIT_S,
) -> list[ReceivedPressure]:
    """All measurements that the monitor gives, in the order in which it does; each goes to `on_pressure` at
    once, which must not raise, as the monitor forgets it then.

    Ends when it goes or gives none for `quiet_s`. What came before a loss is given. `TransportError` when it
    cannot be reached, `RemoteError` when it has no such characteristic.
    """
    package = bleak()
    reading = _Reading(quiet_s, clock or SystemClock(), on_pressure)
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
            reading.source = await _source(client)
            await client.start_notify(MEASUREMENT, reading.on_value)
            await reading.until_quiet()
    except (package.exc.BleakError, OSError, TimeoutError) as error:
        if not reading.received:
            raise TransportError(f"cannot read {monitor.source}: {reason_of(error)}") from error
    return reading.received


async def _source(client: Any) -> MonitorSource:
    """What can be had of it: a monitor need not say anything, and is read all the same."""
    said: dict[str, str] = {}
    failure = None
    try:
        async with asyncio.timeout(SOURCE_S):
            for name, characteristic in _SAID.items():
                if client.services.get_characteristic(characteristic) is not None:
                    said[name] = _text(await client.read_gatt_char(characteristic))
    except radio_errors() as error:
        failure = reason_of(error)
    return MonitorSource(**{name: text for name, text in said.items() if text}, failure=failure)


def _text(value: bytes) -> str:
    return bytes(value).decode("utf-8", "replace").strip("\0 ")


class _Reading:
    """What a monitor has told so far."""

    def __init__(self, quiet_s: float, clock: Clock, on_pressure: OnPressure | None) -> None:
        self.received: list[ReceivedPressure] = []
        self.source = MonitorSource()
        self._quiet_s = quiet_s
        self._clock = clock
        self._on_pressure = on_pressure
        self._is_gone = False
        self._news = asyncio.Event()

    def on_value(self, _: Any, value: bytearray) -> None:
        """Take an indication."""
        utc_us = self._clock.utc_us()
        if self.received:
            # Two without a time of their own are told apart by this one.
            utc_us = max(utc_us, self.received[-1].utc_us + 1)
        received = ReceivedPressure(bytes(value), utc_us, self.source)
        self.received.append(received)
        if self._on_pressure is not None:
            self._on_pressure(received)
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
