"""Where a live band's link can be had: a TCP port, or a pseudo-terminal."""

import errno
import os
import socket
import tty
from typing import Protocol

from vitalband.errors import LocalError

_READ_BYTES = 4096
_MOST_READS = 16
"""In one turn, so that a host which sends without end does not hold up the band."""


class Endpoint(Protocol):
    """One end of a byte stream, never blocking."""

    url: str

    def descriptors(self) -> list[int]:
        """Give the file descriptors to wait for."""
        ...

    def read(self) -> bytes:
        """Give what came; b"" for nothing."""
        ...

    def write(self, data: bytes) -> int:
        """Give how many bytes were taken."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class TcpEndpoint:
    """A TCP port for one host at a time; another is turned away while the first is there."""

    def __init__(self, address: str) -> None:
        self._listener = listen(address)
        self._host: socket.socket | None = None
        self.url = f"socket://{address_of(self._listener)}"

    def descriptors(self) -> list[int]:
        """Give the listener, and the host when there is one."""
        return [self._listener.fileno(), *([] if self._host is None else [self._host.fileno()])]

    def read(self) -> bytes:
        """Give what the host sent; when nothing more is there, let another in or turn it away.

        In this order: a host that has gone makes room for one that came at once after it.
        """
        data = bytearray()
        for _ in range(_MOST_READS):
            part = self._receive()
            data += part
            if not part:
                self._accept()
                break
        return bytes(data)

    def _receive(self) -> bytes:
        if self._host is None:
            return b""
        try:
            data = self._host.recv(_READ_BYTES)
        except BlockingIOError:
            return b""
        except ConnectionError:
            data = b""
        if not data:
            self._drop()
        return data

    def write(self, data: bytes) -> int:
        """Give bytes to the host; without one they are lost, as on a line that nobody listens to."""
        if self._host is None:
            return len(data)
        try:
            return self._host.send(data)
        except BlockingIOError:
            return 0
        except ConnectionError:
            self._drop()
            return len(data)

    def close(self) -> None:
        """Close the host's connection and the port."""
        self._drop()
        self._listener.close()

    def _accept(self) -> None:
        try:
            host, _ = self._listener.accept()
        except BlockingIOError:
            return
        if self._host is not None:
            host.close()
            return
        host.setblocking(False)
        host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = host

    def _drop(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None


class PtyEndpoint:
    """A pseudo-terminal that pyserial opens like a serial port.

    Its far side is held open here too: else reading fails whenever no host has it open.
    """

    def __init__(self) -> None:
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self.url = f"serial://{os.ttyname(self._far)}"

    def descriptors(self) -> list[int]:
        """Give the near side."""
        return [self._near]

    def read(self) -> bytes:
        """Give what the host wrote."""
        try:
            return os.read(self._near, _READ_BYTES)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """Give bytes to the terminal, as many as fit."""
        try:
            return os.write(self._near, data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Remove the pseudo-terminal."""
        os.close(self._near)
        os.close(self._far)


def listen(address: str) -> socket.socket:
    """Open a non-blocking TCP listener on `HOST:PORT`, port 0 for any; LocalError when it cannot be."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise LocalError(f"wanted HOST:PORT, such as 127.0.0.1:0, got {address!r}")
    try:
        listener = socket.create_server((host.strip("[]"), int(port)), backlog=1)
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "unknown")
        raise LocalError(f"cannot listen on {address}: {error} ({reason})") from error
    listener.setblocking(False)
    return listener


def address_of(listener: socket.socket) -> str:
    """Give `HOST:PORT` of a listener."""
    host, port = listener.getsockname()[:2]
    return f"{host}:{port}"
