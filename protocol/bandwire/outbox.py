"""The way out: frames into records, urgent before live before backfilled, at the moment of sending."""

from bandwire.errors import LocalError
from bandwire.frames import HELLO_BYTES
from bandwire.moving import copy_into
from bandwire.record import (
    CLASS_BACKFILL,
    CLASS_LIVE,
    CLASS_URGENT,
    CONTENT_FIRST_FRAGMENT,
    CONTENT_FRAMES,
    CONTENT_NEXT_FRAGMENT,
    CONTENT_ONE_FRAME,
    CONTENT_ONE_FRAME_SINCE,
    MAX_RECORD_BYTES,
    MIN_RECORD_BYTES,
    RECORD_HEADER_BYTES,
    RecordWriter,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Source, Stamper

_LENGTH_BYTES = 2
_HELLO_QUEUE_BYTES = HELLO_BYTES + _LENGTH_BYTES
_HANDSHAKE_QUEUE_BYTES = 92 + _LENGTH_BYTES
"""The longest of a handshake, the second of a resumption, takes 91."""


class FrameQueue:
    """Frames in the order of `push`, in one preallocated buffer; a source that refuses when full."""

    def __init__(self, capacity_bytes: int) -> None:
        self.buffer = bytearray(capacity_bytes)
        self.start = _LENGTH_BYTES
        self._first = 0
        self._end = 0

    def push(self, frame: "bytes | bytearray | memoryview", length: int) -> bool:
        """Add the first `length` bytes of `frame`; says whether they fitted."""
        size = length + _LENGTH_BYTES
        waiting = self._end - self._first
        if waiting + size > len(self.buffer):
            return False
        if self._end + size > len(self.buffer):
            copy_into(self.buffer, 0, self.buffer, self._first, waiting)
            self._first = 0
            self._end = waiting
        self.buffer[self._end] = length & 0xFF
        self.buffer[self._end + 1] = length >> 8
        copy_into(self.buffer, self._end + _LENGTH_BYTES, frame, 0, length)
        self._end += size
        return True

    def peek(self) -> int:
        """Length of the first frame, which lies at `start`; 0 when there is none."""
        if self._first == self._end:
            return 0
        self.start = self._first + _LENGTH_BYTES
        return self.buffer[self._first] | self.buffer[self._first + 1] << 8

    def advance(self) -> None:
        """Drop the frame of the last `peek`."""
        self._first += self.peek() + _LENGTH_BYTES

    def clear(self) -> None:
        """Drop all."""
        self._first = self._end


class Lane:
    """One class on its way out: takes frames from its source when there is room in a record.

    A frame that does not fit goes out in fragments, from a copy, as its source may move on meanwhile.
    `stamper` writes the header of each frame that goes out, if given. With a peer that knows it
    (`omits_length`), a frame that has a record for itself leaves its length out.
    """

    def __init__(self, source: "Source", max_frame_bytes: int, stamper: "Stamper | None" = None) -> None:
        self.content = CONTENT_FRAMES
        self.unsendable_frames = 0
        self.peer_max_frame_bytes = max_frame_bytes
        self.omits_length = False
        self._source = source
        self._stamper = stamper
        self._copy = bytearray(max_frame_bytes)
        self._copy_length = 0
        self._copy_sent = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is half sent."""
        return self._copy_length == 0 and self._source.peek() == 0

    def rewind(self) -> None:
        """The other side forgot what it had of a frame: send it from its start."""
        self._copy_sent = 0

    def abandon(self) -> None:
        """Give up a frame that is half sent."""
        self._copy_length = 0
        self._copy_sent = 0

    def next_number_into(self, buffer: "bytearray | memoryview", start: int) -> bool:
        """Copy boot id and sequence (5 bytes) of the frame that is sent next; False when there is none."""
        if self._copy_length:
            copy_into(buffer, start, self._copy, 2, 5)
        elif self._source.peek():
            copy_into(buffer, start, self._source.buffer, self._source.start + 2, 5)
        else:
            return False
        return True

    def fill(self, record: bytearray, room: int, now_ms: int) -> int:
        """Put frames, or a fragment, into a record of at most `room` bytes; its end, 0 for nothing."""
        if self._copy_length == 0:
            length = self._peek()
            if length == 0:
                return 0
            if RECORD_HEADER_BYTES + _LENGTH_BYTES + length <= room:
                return self._fill_with_frames(record, room, now_ms, length)
            if self.omits_length and RECORD_HEADER_BYTES + length <= room:
                self.content = CONTENT_ONE_FRAME
                return self._put(record, RECORD_HEADER_BYTES, now_ms, length)
            self._take_copy(length, now_ms)
        return self._fill_with_fragment(record, room)

    def _peek(self) -> int:
        limit = min(self.peer_max_frame_bytes, len(self._copy))
        length = self._source.peek()
        while length > limit:
            self.unsendable_frames += 1
            self._source.advance()
            length = self._source.peek()
        return length

    def _fill_with_frames(self, record: bytearray, room: int, now_ms: int, length: int) -> int:
        self.content = CONTENT_FRAMES
        start = RECORD_HEADER_BYTES + _LENGTH_BYTES
        end_of_first = start + length
        end = RECORD_HEADER_BYTES
        while length and end + _LENGTH_BYTES + length <= room:
            record[end] = length & 0xFF
            record[end + 1] = length >> 8
            end = self._put(record, end + _LENGTH_BYTES, now_ms, length)
            length = self._peek()
        if self.omits_length and end == end_of_first:
            self.content = CONTENT_ONE_FRAME
            copy_into(record, RECORD_HEADER_BYTES, record, start, end - start)
            end -= _LENGTH_BYTES
        return end

    def _put(self, record: bytearray, start: int, now_ms: int, length: int) -> int:
        copy_into(record, start, self._source.buffer, self._source.start, length)
        self._source.advance()
        if self._stamper is not None:
            self._stamper.stamp(record, start, now_ms)
        return start + length

    def _take_copy(self, length: int, now_ms: int) -> None:
        copy_into(self._copy, 0, self._source.buffer, self._source.start, length)
        self._source.advance()
        if self._stamper is not None:
            self._stamper.stamp(self._copy, 0, now_ms)
        self._copy_length = length
        self._copy_sent = 0

    def _fill_with_fragment(self, record: bytearray, room: int) -> int:
        end = RECORD_HEADER_BYTES
        self.content = CONTENT_NEXT_FRAGMENT
        if self._copy_sent == 0:
            self.content = CONTENT_FIRST_FRAGMENT
            record[end] = self._copy_length & 0xFF
            record[end + 1] = self._copy_length >> 8
            end += _LENGTH_BYTES
        count = min(room - end, self._copy_length - self._copy_sent)
        copy_into(record, end, self._copy, self._copy_sent, count)
        self._copy_sent += count
        if self._copy_sent == self._copy_length:
            self.abandon()
        return end + count


class Outbox:
    """The lanes of one side and the records they fill; `sender` is its `ROLE_...`.

    One that `may_seal` has a lane for the frames of handshakes too, which go one by one: `is_clear` says of
    the one that waits there that it was said before a seal was agreed on.
    """

    def __init__(
        self,
        sender: int,
        stamper: "Stamper",
        post_bytes: int,
        max_frame_bytes: int,
        live: "Source | None",
        backfill: "Source | None",
        may_seal: bool,
    ) -> None:
        self.writer = RecordWriter(sender)
        self.is_clear = True
        self.hello_queue = FrameQueue(_HELLO_QUEUE_BYTES)
        self.queue = FrameQueue(post_bytes)
        self.hello = Lane(self.hello_queue, _HELLO_QUEUE_BYTES, stamper)
        self.handshake_queue = FrameQueue(_HANDSHAKE_QUEUE_BYTES if may_seal else 0)
        self.handshake = Lane(self.handshake_queue, len(self.handshake_queue.buffer), stamper)
        self.urgent = Lane(self.queue, post_bytes, stamper)
        self.live = None if live is None else Lane(live, max_frame_bytes)
        self.backfill = None if backfill is None else Lane(backfill, max_frame_bytes)
        self._lanes = ((CLASS_URGENT, self.urgent), (CLASS_LIVE, self.live), (CLASS_BACKFILL, self.backfill))

    @property
    def unsendable_frames(self) -> int:
        """Frames that were longer than the other side takes in."""
        return sum([lane.unsendable_frames for _, lane in self._lanes if lane is not None])

    def restart(self) -> None:
        """A new connection: posted frames are gone with the old one, a half sent frame starts over."""
        self.writer.restart()
        self.handshake_queue.clear()
        self.handshake.abandon()
        self.queue.clear()
        self.urgent.abandon()
        for _, lane in self._lanes:
            if lane is not None:
                lane.rewind()

    def agree(self, peer_max_frame_bytes: int, version: int) -> None:
        """The longest frame that the other side takes in, longer ones are counted, not sent; the version."""
        for _, lane in self._lanes:
            if lane is not None:
                lane.peer_max_frame_bytes = peer_max_frame_bytes
                lane.omits_length = version >= CONTENT_ONE_FRAME_SINCE

    def next_record_into(self, record: bytearray, max_bytes: int, now_ms: int, is_up: bool) -> int:
        """Write the next record of at most `max_bytes`; its length, 0 when there is nothing to send."""
        if max_bytes < MIN_RECORD_BYTES:
            raise LocalError("a carrier must offer at least %d bytes, got %d" % (MIN_RECORD_BYTES, max_bytes))
        room = min(max_bytes, MAX_RECORD_BYTES)
        end = self.hello.fill(record, room, now_ms)
        if end:
            return self.writer.close_hello(record, end, self.hello.content)
        is_clear = self.is_clear
        end = self.handshake.fill(record, room if is_clear else room - self.writer.overhead, now_ms)
        if end:
            return self.writer.close(record, end, self.handshake.content, CLASS_URGENT, is_clear)
        if not is_up:
            return 0
        room -= self.writer.overhead
        for priority, lane in self._lanes:
            if lane is None:
                continue
            end = lane.fill(record, room, now_ms)
            if end:
                return self.writer.close(record, end, lane.content, priority)
        return 0
