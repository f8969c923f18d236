"""One connection to a band over Bluetooth Low Energy, from connecting to its end."""

import asyncio
from collections import deque
from typing import Any

from bandwire.gatt import (
    ATT_BYTES,
    FROM_BAND_UUID,
    LEAST_MTU,
    SERVICE_UUID,
    TO_BAND_UUID,
    written_record_bytes,
)
from vitalband.bluetooth.band_search import FoundBand
from vitalband.bluetooth.radio import Radio, bleak, radio_errors, reason_of
from vitalband.bluetooth.unbroken import done_anyway
from vitalband.errors import HandshakeError, TransportError

WRITE_S = 8.0
"""After so long without an answer the connection is given up; below what the session allows a send: own
choice."""
DISCONNECT_S = 5.0
"""As in `bleak-retry-connector`."""
RECEIVE_LIMIT_RECORDS = 2048
"""Records that wait for the session, 1 MB of the longest: seconds at the rate of any radio, minutes of vital
signs. Own choice."""


class BandConnection:
    """A connection that is under way, stands, or is over; used once, then `close`.

    `dropped_records` counts records that came and were not taken in time.
    """

    def __init__(self, url: str) -> None:
        self.dropped_records = 0
        self._url = url
        self._client: Any = None
        self._to_band: Any = None
        self._is_acknowledged = False
        self._is_up = False
        self._records: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._ended: TransportError | None = None

    async def connect(self, band: FoundBand, radio: Radio) -> None:
        """Connect and subscribe; the caller limits the time, and calls `close` whatever comes of it.

        `TransportError`; `HandshakeError` when what is there has not the characteristics of a band.
        """
        try:
            await self._connect(band, radio)
        except radio_errors() as error:
            told = f"cannot connect to {self._url} at {band.address}: {reason_of(error)}"
            raise TransportError(told) from error

    async def _connect(self, band: FoundBand, radio: Radio) -> None:
        package = bleak()
        client = self._client = package.BleakClient(
            band.device,
            disconnected_callback=self._on_disconnection,
            services=[SERVICE_UUID],
            **radio.client,
        )
        await client.connect()
        if self._ended is not None:  # closed meanwhile, by somebody who had nothing to disconnect yet
            self._client = client
            raise self._ended
        from_band = client.services.get_characteristic(FROM_BAND_UUID)
        self._to_band = client.services.get_characteristic(TO_BAND_UUID)
        if from_band is None or self._to_band is None:
            raise HandshakeError(
                f"{self._url}: wanted the characteristics of a band at {band.address}, it has not both; if "
                "its firmware has changed, have the system forget it: it may remember what was there before"
            )
        self._is_acknowledged = "write" in self._to_band.properties
        # Not by `AcquireNotify` of BlueZ, which loses less: bluetoothd 5.66 crashed when a program ended with
        # the socket that this opens. What is lost is asked for again, and what comes twice is taken once.
        await client.start_notify(from_band, self._on_record)
        if not client.is_connected:
            raise package.exc.BleakError("the connection was lost again")
        self._is_up = True

    @property
    def max_packet(self) -> int:
        """Bytes of the longest record that fits into a write now."""
        if not self._is_up or self._ended is not None:
            return written_record_bytes(LEAST_MTU)
        mtu = self._to_band.max_write_without_response_size + ATT_BYTES
        return written_record_bytes(max(mtu, LEAST_MTU))

    async def send(self, record: bytes) -> None:
        """Write one record; `TransportError` when the band is gone or does not answer."""
        if self._ended is not None:
            raise self._ended
        try:
            async with asyncio.timeout(WRITE_S):
                await self._client.write_gatt_char(
                    self._to_band, bytes([len(record)]) + record, response=self._is_acknowledged
                )
        except radio_errors() as error:
            # ATT allows nothing more on a connection with a write that was not answered.
            told = f"{self._url} does not take {len(record)} bytes: {reason_of(error)}"
            raise self._end(TransportError(told)) from error

    async def receive(self, timeout_ms: int) -> bytes:
        """The next record, or b"" after `timeout_ms`; what came before the end is given before it is told."""
        if not self._records and self._ended is None:
            self._news.clear()
            try:
                async with asyncio.timeout(timeout_ms / 1000):
                    await self._news.wait()
            except TimeoutError:
                return b""
        if self._records:
            return self._records.popleft()
        raise self._ended or AssertionError("news without any")

    async def close(self) -> None:
        """Disconnect; may be called twice, and at any time. `TransportError` when that fails."""
        self._end(TransportError(f"the connection to {self._url} was closed"))
        await done_anyway(self._let_go(), DISCONNECT_S)

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(DISCONNECT_S):
                await client.disconnect()
        except radio_errors() as error:
            raise TransportError(f"{self._url} does not disconnect: {reason_of(error)}") from error

    def _end(self, error: TransportError) -> TransportError:
        """It is over; why, which an earlier error may know better."""
        self._ended = self._ended or error
        self._news.set()
        return self._ended

    def _on_disconnection(self, client: Any) -> None:
        if self._is_up and client is self._client:
            self._end(TransportError(f"the connection to {self._url} was lost"))

    def _on_record(self, _: Any, value: bytearray) -> None:
        if self._ended is not None or not value:
            return
        if len(self._records) >= RECEIVE_LIMIT_RECORDS:
            self._records.popleft()
            self.dropped_records += 1
        self._records.append(bytes(value))
        self._news.set()
