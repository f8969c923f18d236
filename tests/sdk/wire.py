"""The fake band in real time, behind a pseudo-terminal or a TCP port, in a thread of its own."""

import os
import select
import socket
import threading
import time
import tty
from contextlib import suppress

from bandwire.serial import SerialCarrier
from sdk.fake_band import FakeBand


class WireBand:
    """Runs `band` on a file descriptor until `stop`; `unplug` closes its end at once."""

    def __init__(self, band: FakeBand, speed: int = 20) -> None:
        self.band = band
        self.error: Exception | None = None
        self._speed = speed
        self._start_s = time.monotonic()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def now_ms(self) -> int:
        """The band's ticks: `speed` times real time, so that two seconds of vitals come sooner."""
        return int((time.monotonic() - self._start_s) * 1000 * self._speed)

    def serve(self, fd: int) -> None:
        """Serve one host on `fd` in this thread until it is gone or `stop` is called."""
        carrier = SerialCarrier(self.band.link)
        while not self._stop.is_set():
            readable, _, _ = select.select([fd], [], [], 0.005)
            now_ms = self.now_ms()
            if readable:
                data = os.read(fd, 4096)
                if not data:
                    return
                carrier.receive(data, len(data), now_ms)
                self.band.take_events(now_ms, lambda now_ms=now_ms: carrier.next_event(now_ms))
            self.band.step(now_ms)
            while count := carrier.fill(now_ms):
                self.band.finish_backfill()
                carrier.sent(
                    os.write(fd, carrier.output[carrier.output_start : carrier.output_start + count])
                )

    def _run(self, work) -> None:
        try:
            with suppress(OSError):  # the other end went away, which some tests are about
                work()
        except Exception as error:  # noqa: BLE001 - told to the test by `stop`
            self.error = error

    def start(self, work) -> None:
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)
            assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error


class PtyBand(WireBand):
    """Behind a pseudo-terminal: `url` is a serial port to the SDK."""

    def __enter__(self) -> "PtyBand":
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        self.url = f"serial://{os.ttyname(self._slave)}"
        self.start(lambda: self.serve(self._master))
        return self

    def unplug(self) -> None:
        """Pull the cable: both ends close, and the host's reads fail."""
        self.stop()
        for fd in (self._master, self._slave):
            with suppress(OSError):
                os.close(fd)

    def __exit__(self, *_: object) -> None:
        self.unplug()


class SocketBand(WireBand):
    """Behind a TCP port: serves one host after another, until the `with` block ends."""

    def __enter__(self) -> "SocketBand":
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._client: socket.socket | None = None
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self.start(self._accept)
        return self

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            with client:
                self._client = client
                with suppress(OSError):
                    self.serve(client.fileno())

    def unplug(self) -> None:
        """Break the present connection; the next one is accepted."""
        if self._client is not None:
            with suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._server.close()


class Stranger:
    """A serial port with something on it that is no band: it says `chatter`, or echoes without one."""

    def __init__(self, chatter: bytes) -> None:
        self._chatter = chatter
        self._stop = threading.Event()

    def __enter__(self) -> "Stranger":
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        self.url = f"serial://{os.ttyname(self._slave)}"
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()
        return self

    def _talk(self) -> None:
        while not self._stop.is_set():
            readable, _, _ = select.select([self._master], [], [], 0.02)
            heard = os.read(self._master, 4096) if readable else b""
            os.write(self._master, self._chatter or heard)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        os.close(self._master)
        os.close(self._slave)
