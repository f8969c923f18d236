"""Serial ports, and TCP sockets that stand for one, by pyserial.

`serial:///dev/ttyACM0` opens the port exclusively; `socket://host:port` connects to a serial-to-TCP
bridge or an emulated band. Reading happens in one thread a port, so that the event loop never
blocks; a vanished device ends `receive` with a `TransportError` at once.
"""

import asyncio
import errno
import os
import threading
from functools import partial
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import serial

from vitalband.clock import SystemClock
from vitalband.errors import LocalError, TransportError

BAUD_RATE = 115_200
"""Default line speed; USB CDC ports ignore it."""
MAX_PACKET = 256
"""Longest record sent: an urgent frame waits behind one at most, 25 ms at the default speed."""
READ_TIMEOUT_S = 0.05
WRITE_TIMEOUT_S = 2.0
JOIN_TIMEOUT_S = 2.0
READ_BYTES = 4096
RECEIVE_LIMIT_BYTES = 1 << 20
"""Bytes that wait for the session; a session that reads no more for minutes loses the link, loudly."""


_REASONS = {
    errno.ENOENT: "no such port",
    errno.EACCES: "no permission; on Linux the user must be in the group of the port, often dialout",
    errno.EBUSY: "another program uses it",
    errno.EAGAIN: "another program uses it",
    errno.ENOTTY: "it is no serial port",
}


class _Port(Protocol):
    # pyserial is not typed; this is all that is used of it.
    in_waiting: int

    def read(self, size: int) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def close(self) -> None: ...


class SerialTransport:
    """A byte stream over pyserial; `url` as in the module's first lines."""

    is_stream = True
    is_paced = False

    def __init__(self, url: str, *, baud_rate: int = BAUD_RATE, max_packet: int = MAX_PACKET) -> None:
        self.url = url
        self.max_packet = max_packet
        self.clock = SystemClock()
        self._address = _address(url)
        self._baud_rate = baud_rate
        self._port: _Port | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._received = bytearray()
        self._has_news = asyncio.Event()
        self._error: TransportError | None = None

    async def open(self) -> None:
        """Open the port exclusively, or connect; raises `TransportError`."""
        self._received.clear()
        self._error = None
        self._stop = threading.Event()
        self._has_news = asyncio.Event()
        try:
            self._port = await asyncio.to_thread(self._open_port, self._stop)
        except asyncio.CancelledError:
            # The thread cannot be stopped: it closes what it opens for nobody.
            self._stop.set()
            raise
        except (serial.SerialException, OSError, ValueError) as error:
            raise TransportError(f"cannot open {self.url}: {_reason(error)}") from error
        loop = asyncio.get_running_loop()
        reader = partial(self._read_forever, self._port, loop, self._stop)
        self._thread = threading.Thread(target=reader, name=f"vitalband {self.url}", daemon=True)
        self._thread.start()

    def _open_port(self, stop: threading.Event) -> _Port:
        options: dict[str, Any] = {"baudrate": self._baud_rate, "timeout": READ_TIMEOUT_S}
        if not self._address.startswith("socket:"):
            options |= {"write_timeout": WRITE_TIMEOUT_S, "exclusive": True}
        port = cast(_Port, serial.serial_for_url(self._address, **options))
        if stop.is_set():
            _close_port(port)
            raise serial.SerialException("nobody waits for the port any more")
        return port

    def _read_forever(self, port: _Port, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        error: TransportError | None = None
        while error is None and not stop.is_set():
            data = bytearray()
            try:
                _read_into(port, data)
            except (serial.SerialException, OSError, TypeError, ValueError) as cause:
                # TypeError and ValueError: pyserial on a file descriptor that went away.
                error = TransportError(f"{self.url} is gone: {cause}")
            if data or error:
                try:
                    loop.call_soon_threadsafe(self._take, bytes(data), error)
                except RuntimeError:  # the loop is closed: nobody is left to be told
                    return

    def _take(self, data: bytes, error: TransportError | None) -> None:
        self._received += data
        if len(self._received) > RECEIVE_LIMIT_BYTES:
            error = TransportError(f"{self.url}: {len(self._received)} bytes came and nobody took them")
            self._received.clear()
        self._error = self._error or error
        self._has_news.set()

    async def send(self, data: bytes) -> None:
        """Write all of `data` within `WRITE_TIMEOUT_S`."""
        if self._port is None:
            raise TransportError(f"{self.url} is not open")
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S * 2):
                await asyncio.to_thread(self._port.write, data)
        except (serial.SerialException, OSError, TypeError, TimeoutError) as error:
            raise TransportError(f"{self.url} takes no bytes: {str(error) or 'timed out'}") from error

    async def receive(self, timeout_ms: int) -> bytes:
        """What came, at once or within `timeout_ms`; then b""; `TransportError` when the port is gone."""
        if not self._received and self._error is None:
            self._has_news.clear()
            try:
                async with asyncio.timeout(timeout_ms / 1000):
                    await self._has_news.wait()
            except TimeoutError:
                return b""
        if self._received:
            data = bytes(self._received)
            self._received.clear()
            return data
        raise self._error or TransportError(f"{self.url} was closed")

    async def close(self) -> None:
        """Close the port and end its thread."""
        port, thread = self._port, self._thread
        self._port = self._thread = None
        self._stop.set()
        self._error = self._error or TransportError(f"{self.url} was closed")
        self._has_news.set()
        if thread is not None:
            await asyncio.to_thread(thread.join, JOIN_TIMEOUT_S)
        if port is not None:
            await asyncio.to_thread(_close_port, port)


def _reason(error: Exception) -> str:
    """Why a port does not open; pyserial wraps the system's error, or says it twice."""
    for told in (error, error.__context__):
        # Those of `OSError`, and of `termios.error`, which is none.
        match getattr(told, "args", ()):
            case (int(number), text):
                # A name that cannot be resolved has a negative number and its own text.
                return _REASONS.get(number, os.strerror(number) if number > 0 else str(text))
            case _:
                pass
    return str(error)


def _read_into(port: _Port, data: bytearray) -> None:
    data += port.read(1)
    # On a socket `in_waiting` is 0 or 1, so one read after another; a longer read would wait.
    while data and len(data) < READ_BYTES and (waiting := port.in_waiting):
        data += port.read(min(waiting, READ_BYTES))


def _close_port(port: _Port) -> None:
    # pyserial forgets to close a socket whose peer has gone first.
    left_open = getattr(port, "_socket", None)
    port.close()
    if left_open is not None:
        left_open.close()


def _address(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme == "serial" and rest:
        return rest
    if scheme == "socket" and _names_port(url):
        return url
    raise LocalError(f"wanted serial://PORT, or socket://HOST:PORT with a port of 1 to 65535, got {url!r}")


def _names_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:  # a port out of range, or no number
        return False


def open_serial(url: str, **options: Any) -> SerialTransport:
    """The transport for a `serial:` or `socket:` URL; options `baud_rate`, `max_packet`."""
    return SerialTransport(url, **options)
