"""A link over a byte stream: packets out of records, records out of bytes; both ends."""

from bandwire.framing import Deframer, encode_packet_into, packet_bytes
from bandwire.record import MAX_RECORD_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.link import Link
    from bandwire.seams import Event


class SerialCarrier:
    """Joins a link and the framing of a byte stream; memory is bounded by the longest record.

    Sending: `fill` puts the next record's packet into `output[output_start:output_stop]`, only when
    the last one is gone, so that an urgent frame never waits behind more than one packet; `sent` says
    how much of it the port took. Receiving: `receive`, then `next_event` until None.
    """

    def __init__(self, link: "Link", max_record_bytes: int = 256) -> None:
        self.link = link
        self.deframer = Deframer(MAX_RECORD_BYTES)
        self.output = memoryview(bytearray(packet_bytes(max_record_bytes)))
        self.output_start = 0
        self.output_stop = 0
        self._record = bytearray(max_record_bytes + 4)
        self._max_record_bytes = max_record_bytes

    def fill(self, now_ms: int) -> int:
        """Number of bytes that wait in `output`, after taking the next record when there were none."""
        if self.output_start == self.output_stop:
            self.output_start = 0
            self.output_stop = 0
            length = self.link.next_record_into(self._record, self._max_record_bytes, now_ms)
            if length:
                self.output_stop = encode_packet_into(self._record, length, self.output)
        return self.output_stop - self.output_start

    def sent(self, count: int) -> None:
        """The port took the first `count` of the waiting bytes."""
        self.output_start += count

    def receive(self, data: "bytes | bytearray", length: int, now_ms: int) -> None:
        """Take in the first `length` bytes of `data`, which stay unchanged until the events are taken.

        Time-outs come first: what was due before these bytes came is over.
        """
        self.link.poll(now_ms)
        self.deframer.feed(data, length)

    def next_event(self, now_ms: int) -> "Event | None":
        """The next event of the link (`bandwire.events`); None when more bytes are needed."""
        while True:
            event = self.link.next_event()
            if event is not None:
                return event
            record = self.deframer.next_record()
            if record is None:
                return None
            self.link.receive_record(record, now_ms)
