"""Bands that advertise near this computer, found by their service."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bandwire.finder import is_token_of
from bandwire.gatt import SERVICE_UUID
from vitalband.bluetooth.radio import Radio, bleak, radio_errors, reason_of
from vitalband.errors import TransportError

_NO_SIGNAL_DBM = (-127, 127)
"""Told in place of a signal strength that is not known: by bleak on BlueZ, by controllers (unconfirmed)."""

_ASK_S = 2.0
"""For the system to say what it is connected to: own choice."""


@dataclass(frozen=True, kw_only=True)
class FoundBand:
    """A band that advertises: `address` as the system gives it (on macOS an id of its own).

    `name` is what it calls itself, None if that was not heard; `rssi_dbm` None where the system tells none.
    """

    name: str | None
    address: str
    rssi_dbm: int | None
    device: Any
    """What bleak connects to."""
    token: bytes | None = None
    """By which whoever has the band's finder key knows it (`bandwire.finder`); None where none was heard."""


Heard = dict[str, FoundBand]


def known_by_token(band: FoundBand, finder_keys: Mapping[bytes, bytes]) -> bytes | None:
    """Which band it is, by the finder keys of bands by their ids; None for a stranger.

    A token can be heard and said again by anybody: who it is for sure, only a session tells.
    """
    if band.token is None:
        return None
    return next((found for found, key in finder_keys.items() if is_token_of(key, band.token)), None)


async def find_bands(radio: Radio | None = None, *, scan_s: float) -> list[FoundBand]:
    """Bands that are heard within `scan_s`, the nearest first; `TransportError` without an adapter."""
    heard = await hear_bands(radio or Radio(), scan_s, lambda _: None)
    return sorted(heard.values(), key=signal, reverse=True)


def signal(band: FoundBand) -> float:
    """What bands are ordered by: one of unknown strength counts as the farthest."""
    return float("-inf") if band.rssi_dbm is None else band.rssi_dbm


async def hear_bands(radio: Radio, scan_s: float, enough_s: Callable[[Heard], float | None]) -> Heard:
    """Bands by their addresses, of a scan that begins anew: what the system remembers is not told.

    After each report `enough_s` says how many seconds more are worth waiting for from then on, None for all
    of `scan_s`. `TransportError` without an adapter.
    """
    package = bleak()
    heard: Heard = {}
    news = asyncio.Event()

    def on_advertisement(device: Any, told: Any) -> None:
        if SERVICE_UUID in told.service_uuids:
            heard[device.address] = _found(device, told, heard.get(device.address))
            news.set()

    scanner = package.BleakScanner(on_advertisement, service_uuids=[SERVICE_UUID], **radio.scanner)
    try:
        async with scanner:
            await _listen(news, scan_s, lambda: enough_s(heard))
    except radio_errors() as error:
        raise TransportError(
            f"cannot look for bands, is Bluetooth there and switched on? ({reason_of(error)})"
        ) from error
    return heard


async def connected_here(radio: Radio) -> list[str]:
    """Addresses of bands that this computer is connected to, by whatever program; none where nobody can tell.

    Such a band does not advertise. BlueZ keeps a connection whose program was killed.
    """
    if "backend" in radio.scanner and not radio.adapter:
        return []
    try:
        async with asyncio.timeout(_ASK_S):
            adapter = await bleak().BleakAdapter.get(**radio.adapter)
            return [device.address for device in await adapter.get_connected_devices([SERVICE_UUID])]
    except (*radio_errors(), NotImplementedError):
        return []  # asked for a hint only, when something is wrong already


async def _listen(news: asyncio.Event, scan_s: float, enough_s: Callable[[], float | None]) -> None:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + scan_s
    try:
        while True:
            async with asyncio.timeout_at(until_s):
                await news.wait()
            news.clear()
            if (left_s := enough_s()) is not None:
                until_s = min(until_s, loop.time() + left_s)
    except TimeoutError:
        return


def _found(device: Any, told: Any, before: FoundBand | None) -> FoundBand:
    name = told.local_name or (before.name if before else None)
    rssi_dbm = None if told.rssi in _NO_SIGNAL_DBM else int(told.rssi)
    token = told.service_data.get(SERVICE_UUID) or (before.token if before else None)
    return FoundBand(name=name, address=device.address, rssi_dbm=rssi_dbm, device=device, token=token)
