"""A band over Bluetooth Low Energy, by `bleak`: `ble:` is the nearest one, `ble:ADDRESS` one of them.

On macOS an address is an id that the system makes up. How records lie in the values says `bandwire.gatt`.

Notifications are no reliable stream: systems drop them, and so does this transport when nobody takes them.
Records carry counters, by which the link knows what is missing and asks for it again.

Records are written with response, one at a time: the band says that it has each, a band whose memory is
full refuses instead of losing, and a host cannot be faster than the band reads, which is the only limit that
every system keeps. It costs a round trip a record; a host says little. A band whose characteristic knows
writes without response only gets those.
"""

import asyncio
import re
from typing import Any

from bandwire.gatt import LEAST_MTU, written_record_bytes
from vitalband.bluetooth.band_connection import DISCONNECT_S, BandConnection
from vitalband.bluetooth.band_search import (
    FoundBand,
    Heard,
    connected_here,
    hear_bands,
    known_by_token,
    signal,
)
from vitalband.bluetooth.known_bands import KnownBands
from vitalband.bluetooth.radio import Radio
from vitalband.bluetooth.unbroken import undone_if_cancelled
from vitalband.clock import SystemClock
from vitalband.errors import HandshakeError, LocalError, TransportError
from vitalband.transport import Clock

SCAN_S = 10.0
CONNECT_S = 15.0
"""Services are found in it too; bleak's own limits are 30 s, which is longer than one waits at a prompt."""
MOST_S = 30.0
"""Of either, which the session's own limit is above."""
TRIES = 3
RETRY_S = 0.25
"""Connecting often fails for once, by interference, and BlueZ needs a moment to clean up: as long, and about
as often, as `bleak-retry-connector` has it."""
COMPARE_S = 1.5
"""How long to listen for a nearer band than the first that was heard: own choice, longer than bands wait
between two advertisements."""
COME_BACK_S = 0.3
"""The same for a band that has answered before, as its answer tells it from others: own choice, three of the
intervals at which a band advertises that has just lost a connection."""
_ADDRESS = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


class BandTransport:
    """A packet transport: a notification is a record, and so is a write, behind its length.

    `address` None for the nearest band; once a band has answered, it is that one which is sought again, under
    another address too where it has told by what it is found.
    `radio` is how bleak is reached, `clock` None for this computer's. `search` takes `scan_s` at most, `open`
    `connect_s`. In `known` each band that answered is written, None for nowhere.
    """

    is_stream = False
    is_paced = False

    def __init__(
        self,
        url: str,
        *,
        address: str | None = None,
        radio: Radio | None = None,
        clock: Clock | None = None,
        scan_s: float = SCAN_S,
        connect_s: float = CONNECT_S,
        known: KnownBands | None = None,
    ) -> None:
        for name, value in (("scan_s", scan_s), ("connect_s", connect_s)):
            if not 0 < value <= MOST_S:
                raise LocalError(f"{url}: wanted {name} above 0 and up to {MOST_S:g}, got {value!r}")
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self._address = None if address is None else address.lower()
        self._radio = radio or Radio()
        self._scan_s = scan_s
        self._connect_s = connect_s
        self._known = known
        self._found: FoundBand | None = None
        self._is_fresh = False
        self._is_closed = True
        self._connection: BandConnection | None = None
        self._dropped_before = 0
        self._band_id: bytes | None = None
        self._finder_key = b""
        self._last_address: str | None = None
        self._others: set[str] = set()

    @property
    def max_packet(self) -> int:
        """Bytes of the longest record: of this connection, and now, as Windows tells 20 bytes at first."""
        connection = self._connection
        return written_record_bytes(LEAST_MTU) if connection is None else connection.max_packet

    @property
    def dropped_records(self) -> int:
        """Records that came and that nobody took, of all connections."""
        now = 0 if self._connection is None else self._connection.dropped_records
        return self._dropped_before + now

    @property
    def found(self) -> FoundBand | None:
        """The band that was found last."""
        return self._found

    async def search(self) -> None:
        """Find the band, anew each time: what the system gave for it before may be none of its any more."""
        self._found, self._is_fresh = None, False
        await self._let_go()  # a band that is connected does not advertise
        work = hear_bands(self._radio, self._scan_s, self._enough_s)
        heard = await undone_if_cancelled(work, DISCONNECT_S)
        self._found = self._chosen(heard)
        if self._found is None:
            raise TransportError(self._not_found(heard, await connected_here(self._radio)))
        self._is_fresh = True

    def _enough_s(self, heard: Heard) -> float | None:
        if self._named(heard) is not None:
            return 0.0
        if self._address or not self._candidates(heard):
            return None
        return COMPARE_S if self._band_id is None else COME_BACK_S

    def _chosen(self, heard: Heard) -> FoundBand | None:
        if self._address is not None:
            return self._named(heard)
        return self._named(heard) or max(self._candidates(heard), key=signal, default=None)

    def _named(self, heard: Heard) -> FoundBand | None:
        """The one that is wanted for certain, as far as it can be heard."""
        wanted = self._address or self._last_address
        found = next((band for band in heard.values() if band.address.lower() == wanted), None)
        if found is not None or not self._finder_key:
            return found
        mine = {b"": self._finder_key}
        known = (band for band in self._candidates(heard) if known_by_token(band, mine) is not None)
        return max(known, key=signal, default=None)

    def _candidates(self, heard: Heard) -> list[FoundBand]:
        return [band for band in heard.values() if band.address not in self._others]

    def _not_found(self, heard: Heard, connected: list[str]) -> str:
        told = f"{self.url}: no such band was heard within {self._scan_s:g} s"
        if connected:
            hint = (
                f"this computer is connected to {', '.join(connected)}, by a program that runs or was killed"
            )
        else:
            hint = f"others: {len(heard)}" if heard else "is it near, awake, and connected to nobody else?"
        return f"{told}; {hint}"

    async def open(self) -> None:
        """Connect to the band that `search` has just found, and subscribe; searches if it has not.

        It searches before each further try too: a band that was lost while it was being connected to may
        have another address by then.
        """
        if not self._is_fresh:
            await self.search()
        self._is_closed = False
        try:
            async with asyncio.timeout(self._connect_s):
                await self._open()
        except TimeoutError as error:
            address = self._found.address if self._found else "its address"
            told = f"{self.url} at {address} does not connect within {self._connect_s:g} s"
            raise TransportError(told) from error

    async def _open(self) -> None:
        for tries_left in reversed(range(TRIES)):
            found, self._is_fresh = self._found, False
            assert found is not None
            await self._let_go()
            connection = self._connection = BandConnection(self.url)
            try:
                return await undone_if_cancelled(connection.connect(found, self._radio), DISCONNECT_S)
            except BaseException as error:
                self._connection = None
                await _give_up(connection, error)
                if self._is_closed or not tries_left or not isinstance(error, TransportError):
                    raise
            await asyncio.sleep(RETRY_S)
            await self.search()
            if self._is_closed:
                raise TransportError(f"{self.url} was closed while it was connected to")
        raise AssertionError("the last try returns or raises")

    def met(self, band_id: bytes, finder_key: bytes) -> None:
        """See `vitalband.transport.Recognizing`."""
        found = self._found
        if found is None:
            return
        if self._band_id not in (None, band_id):
            self._others.add(found.address)
            raise HandshakeError(
                f"{self.url}: wanted the band {self._band_id.hex()} again, "
                f"{band_id.hex()} answered at {found.address}"
            )
        self._band_id = band_id
        self._finder_key = finder_key or self._finder_key
        if self._last_address != found.address.lower() and self._known is not None:
            self._known.remember(found.address, band_id, found.name, self.clock.utc_us())
        self._last_address = found.address.lower()
        self._others.clear()

    async def send(self, data: bytes) -> None:
        """Write one record; see the module for how."""
        await self._connected().send(data)

    async def receive(self, timeout_ms: int) -> bytes:
        """The record of one notification; `TransportError` as soon as the connection is lost."""
        return await self._connected().receive(timeout_ms)

    def _connected(self) -> BandConnection:
        if self._connection is None:
            raise TransportError(f"{self.url} is not open")
        return self._connection

    async def close(self) -> None:
        """Disconnect, which ends the subscription too; a `receive` under way ends at once."""
        self._is_closed = True
        await self._let_go()

    async def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._dropped_before += connection.dropped_records
            await connection.close()


async def _give_up(connection: BandConnection, error: BaseException) -> None:
    try:
        await connection.close()
    except TransportError as also:
        error.add_note(str(also))


def open_ble(url: str, **options: Any) -> BandTransport:
    """The transport for `ble:` or `ble:ADDRESS`; options `radio`, `clock`, `scan_s`, `connect_s`, `known`.

    What is met by the system's own radio is known from then on; with another `radio`, if `known` is given.
    """
    address = url.removeprefix("ble:")
    if address and not _ADDRESS.fullmatch(address):
        raise LocalError(f"wanted ble:, or ble:ADDRESS as `vitalband scan` shows it, got {url!r}")
    if "radio" not in options:
        options.setdefault("known", KnownBands())
    return BandTransport(url, address=address or None, **options)
