"""Live mode: a virtual band whose time is tied to the wall clock, for people and for real hosts.

With a factor, virtual time is wall time times the factor, from the start on; a machine that is too
slow falls behind and does not hurry after. Without one, time goes as fast as it can: it stands still
until the host has sent its first byte, whenever the host leaves more than `BACKLOG_BYTES` unread, and when
it has said nothing for `RUN_AHEAD_US`: a band lets go of a silent host, and a host cannot be as fast.
"""

import select
import threading
import time
from collections.abc import Callable

from bandsim.console_server import ConsoleServer
from bandsim.endpoints import Endpoint
from bandsim.virtual_band import VirtualBand
from bandwire.bandlink import HOST_SILENCE_LIMIT_MS
from vitalband.upkeep import TIME_INTERVAL_TICKS_MS

BACKLOG_BYTES = 8192
RUN_AHEAD_US = (TIME_INTERVAL_TICKS_MS + HOST_SILENCE_LIMIT_MS) // 2 * 1000
"""Half-way between the time by which the SDK says something and the one at which the band lets go."""
LONGEST_WAIT_S = 0.05
"""How late a stop, or a byte that a pseudo-terminal did not take, may be noticed."""
SLICE_US = 100_000
"""Virtual time in one go between two looks at the host."""
LARGEST_LAG_S = 0.5


class LiveBand:
    """Serves one band on one endpoint, with a test console beside it, in one thread, to its scenario's end.

    `factor`: virtual seconds a wall second, None for as fast as it goes.
    """

    def __init__(
        self,
        band: VirtualBand,
        endpoint: Endpoint,
        *,
        factor: float | None = 1.0,
        console_server: ConsoleServer | None = None,
        wall_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._band = band
        self._endpoint = endpoint
        self._console_server = console_server
        self._factor = factor
        self._wall_s = wall_s
        self._start_wall_s = 0.0
        self._start_us = 0
        self._heard_host_us: int | None = None
        band.link.output_limit_bytes = BACKLOG_BYTES

    def serve(self, stop: threading.Event | None = None) -> None:
        """Run until the end, or until `stop` is set; raises FirmwareError."""
        self._band.start()
        self._tie_clocks()
        while self._band.now_us < self._band.end_us and not (stop and stop.is_set()):
            target_us = self._target_us()
            if target_us > self._band.now_us or self._band.link.input_bytes:
                self._band.conductor.run_until(max(target_us, self._band.now_us), stop_on_output=True)
            self._serve_host()
            if self._console_server is not None:
                self._console_server.turn()
            self._wait()

    def _tie_clocks(self) -> None:
        self._start_wall_s = self._wall_s()
        self._start_us = self._band.now_us

    def _target_us(self) -> int:
        now_us = self._band.now_us
        if self._factor is None:
            if self._heard_host_us is None or self._band.link.output_bytes >= BACKLOG_BYTES:
                return now_us
            return min(now_us + SLICE_US, self._heard_host_us + RUN_AHEAD_US, self._band.end_us)
        wall_us = self._start_us + int((self._wall_s() - self._start_wall_s) * self._factor * 1_000_000)
        if wall_us - now_us > LARGEST_LAG_S * self._factor * 1_000_000:
            self._tie_clocks()
        return min(wall_us, now_us + max(SLICE_US, int(SLICE_US * self._factor)), self._band.end_us)

    def _serve_host(self) -> None:
        data = self._endpoint.read()
        if data:
            self._heard_host_us = self._band.now_us
            self._band.link.feed(data)
        link = self._band.link
        while link.has_output:
            waiting = link.take_output()
            taken = self._endpoint.write(waiting)
            if taken < len(waiting):
                link.give_back(waiting[taken:])
                return

    def _wait(self) -> None:
        descriptors = self._endpoint.descriptors()
        if self._console_server is not None:
            descriptors += self._console_server.descriptors()
        select.select(descriptors, [], [], self._idle_s())

    def _idle_s(self) -> float:
        conductor = self._band.conductor
        if self._factor is None:
            return 0.0 if self._target_us() > self._band.now_us else LONGEST_WAIT_S
        wake_us = min(conductor.next_wake_us(), self._band.end_us)
        wake_s = self._start_wall_s + (wake_us - self._start_us) / (self._factor * 1_000_000)
        return min(max(wake_s - self._wall_s(), 0.0), LONGEST_WAIT_S)
