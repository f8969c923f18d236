"""A link on a transport: packets out of records and back, for byte streams and for packet carriers."""

from dataclasses import dataclass
from typing import Any

from bandschema.enums import Role
from bandwire.hostlink import HostLink
from bandwire.record import MAX_RECORD_BYTES
from bandwire.serial import SerialCarrier
from vitalband.bounded import BoundedTransport
from vitalband.capture import LinkCapture

LinkEvent = tuple[Any, ...]


@dataclass(slots=True)
class CarrierCounters:
    """What came over the carrier; the bad packets are those that noise or a stranger made."""

    received_bytes: int = 0
    sent_bytes: int = 0


class Carrier:
    """Moves packets between one host link and one transport; `now_ms` is the transport's clock.

    `capture`, if given, is told every byte, when it is sent and when it came.
    """

    def __init__(
        self, link: HostLink, transport: BoundedTransport, capture: LinkCapture | None = None
    ) -> None:
        self.counters = CarrierCounters()
        self._capture = capture
        self._link = link
        self._transport = transport
        inner = self._inner = transport.inner
        self._serial = SerialCarrier(link, inner.max_packet) if inner.is_stream else None
        self._packet = bytearray(MAX_RECORD_BYTES)

    async def send_waiting(self) -> None:
        """Send all that the link has to say; raises `TransportError`."""
        while packet := self._next_packet(self._inner.clock.monotonic_ms()):
            await self._transport.send(packet)
            self.counters.sent_bytes += len(packet)
            if self._capture is not None:
                self._capture.note(Role.HOST, packet)

    def _next_packet(self, now_ms: int) -> bytes:
        if self._serial is None:
            # Asked each time: a radio agrees on another length when it is connected, or later.
            length = self._link.next_record_into(self._packet, self._inner.max_packet, now_ms)
            return bytes(self._packet[:length])
        count = self._serial.fill(now_ms)
        start = self._serial.output_start
        packet = bytes(self._serial.output[start : start + count])
        self._serial.sent(count)
        return packet

    def take(self, data: bytes, now_ms: int) -> None:
        """Bytes came in; follow with `next_event` until it gives None."""
        self.counters.received_bytes += len(data)
        if self._capture is not None:
            self._capture.note(Role.BAND, data)
        if self._serial is None:
            self._link.receive_record(data, now_ms)
        else:
            self._serial.receive(data, len(data), now_ms)

    def next_event(self, now_ms: int) -> LinkEvent | None:
        """The next event of the link, or None."""
        return self._link.next_event() if self._serial is None else self._serial.next_event(now_ms)

    @property
    def good_packets(self) -> int:
        """Packets whose check was right; 0 on a packet carrier, which checks by itself."""
        return 0 if self._serial is None else self._serial.deframer.records

    @property
    def bad_packets(self) -> int:
        """Packets with a wrong check, too long or malformed."""
        if self._serial is None:
            return 0
        deframer = self._serial.deframer
        return deframer.bad_crc + deframer.oversize + deframer.malformed

    def describe(self) -> str:
        """What came so far, for an error message."""
        return (
            f"{self.counters.received_bytes} bytes came, {self.good_packets} good packets, "
            f"{self.bad_packets} bad ones"
        )
