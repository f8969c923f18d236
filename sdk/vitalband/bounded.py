"""A transport whose every wait has a limit in real time, whatever it keeps itself."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from vitalband.errors import TransportError
from vitalband.transport import Searching, Transport

OPEN_TIMEOUT_S = 10.0
RADIO_TIMEOUT_S = 45.0
"""Of a transport that searches, which limits itself: above what it may be asked to take, and to clean up."""
SEND_TIMEOUT_S = 10.0
"""Above what a serial port takes at most, which knows better what failed."""
RECEIVE_MARGIN_S = 10.0
CLOSE_TIMEOUT_S = 10.0


class BoundedTransport:
    """The five calls of a transport that wait; `TransportError` in place of a wait without end.

    What a paced transport receives is not bounded: a simulated second takes what it takes.
    """

    def __init__(self, transport: Transport) -> None:
        self.inner = transport

    async def search(self) -> None:
        """Find the band, where the carrier has to look for it."""
        if isinstance(self.inner, Searching):
            async with self._limit(RADIO_TIMEOUT_S, "finds no band"):
                await self.inner.search()

    async def open(self) -> None:
        """Take hold of the carrier."""
        limit_s = RADIO_TIMEOUT_S if isinstance(self.inner, Searching) else OPEN_TIMEOUT_S
        async with self._limit(limit_s, "does not open"):
            await self.inner.open()

    async def send(self, data: bytes) -> None:
        """Send all of `data`."""
        async with self._limit(SEND_TIMEOUT_S, "takes no bytes"):
            await self.inner.send(data)

    async def receive(self, timeout_ms: int) -> bytes:
        """What came, or b"" after `timeout_ms`."""
        if self.inner.is_paced:
            return await self.inner.receive(timeout_ms)
        async with self._limit(timeout_ms / 1000 + RECEIVE_MARGIN_S, "does not return from a read"):
            return await self.inner.receive(timeout_ms)

    async def close(self) -> None:
        """Let the carrier go."""
        async with self._limit(CLOSE_TIMEOUT_S, "does not close"):
            await self.inner.close()

    @asynccontextmanager
    async def _limit(self, limit_s: float, what: str) -> AsyncGenerator[None, None]:
        try:
            async with asyncio.timeout(limit_s):
                yield
        except TimeoutError as error:
            raise TransportError(f"{self.inner.url} {what} within {limit_s:g} s") from error
