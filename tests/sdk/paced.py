"""The fake band in memory, on a virtual clock, behind the transport of a session."""

from collections import deque

from bandwire.record import MAX_RECORD_BYTES
from bandwire.serial import SerialCarrier
from sdk.fake_band import FakeBand
from vitalband.errors import EndOfDataError, TransportError

START_UTC_US = 1_700_000_000_000_000


class VirtualClock:
    """Time that only the transport moves."""

    def __init__(self) -> None:
        self.now_ms = 0

    def monotonic_ms(self) -> int:
        return self.now_ms

    def utc_us(self) -> int:
        return START_UTC_US + self.now_ms * 1000


class PacedTransport:
    """A fake band in memory; time passes inside `receive` only.

    `fail_at_ms` makes the peer vanish at that time; `reopens` says how often `open` works after that.
    """

    url = "fake:"
    is_stream = False
    is_paced = True
    max_packet = MAX_RECORD_BYTES

    def __init__(self, band: FakeBand) -> None:
        self.band = band
        self.clock = VirtualClock()
        self.fail_at_ms: int | None = None
        self.failed_opens = 0
        self.opened = 0
        self.is_open = False
        self._packet = bytearray(self.max_packet)

    async def open(self) -> None:
        if self.failed_opens:
            self.failed_opens -= 1
            raise TransportError("fake: no such band")
        self.opened += 1
        self.is_open = True

    async def send(self, data: bytes) -> None:
        self.band.link.receive_record(data, self.clock.now_ms)
        self.band.take_events(self.clock.now_ms, self.band.link.next_event)

    async def receive(self, timeout_ms: int) -> bytes:
        if packet := self._next_packet():
            return packet
        now_ms = self.clock.now_ms
        if self.fail_at_ms is not None and now_ms >= self.fail_at_ms:
            self.fail_at_ms = None
            raise TransportError("fake: the band is gone")
        if self.band.script.end_ms is not None and now_ms >= self.band.script.end_ms:
            raise EndOfDataError("fake: the script is over")
        until_ms = now_ms + timeout_ms
        if self.fail_at_ms is not None:
            until_ms = min(until_ms, self.fail_at_ms)
        self.clock.now_ms = max(now_ms, min(until_ms, self.band.next_due_ms()))
        self.band.step(self.clock.now_ms)
        return self._next_packet()

    def _next_packet(self) -> bytes:
        length = self.band.link.next_record_into(self._packet, self.max_packet, self.clock.now_ms)
        self.band.finish_backfill()
        return bytes(self._packet[:length])

    async def close(self) -> None:
        self.is_open = False


class PacedStreamTransport(PacedTransport):
    """The same over a byte stream; what is `injected` comes between two packets, as noise would."""

    is_stream = True
    max_packet = 256

    def __init__(self, band: FakeBand) -> None:
        super().__init__(band)
        self.injected: deque[bytes] = deque()
        self._carrier = SerialCarrier(band.link)

    async def send(self, data: bytes) -> None:
        now_ms = self.clock.now_ms
        self._carrier.receive(data, len(data), now_ms)
        self.band.take_events(now_ms, lambda: self._carrier.next_event(now_ms))

    def _next_packet(self) -> bytes:
        if self.injected:
            return self.injected.popleft()
        count = self._carrier.fill(self.clock.now_ms)
        self.band.finish_backfill()
        start = self._carrier.output_start
        packet = bytes(self._carrier.output[start : start + count])
        self._carrier.sent(count)
        return packet
