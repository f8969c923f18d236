"""The way in: frames out of records, put together again from fragments within bounded memory."""

from bandwire.events import BAD_REASSEMBLY, BAD_RECORD
from bandwire.frames import HEADER_BYTES
from bandwire.moving import copy_into
from bandwire.record import (
    CLASS_BACKFILL,
    CONTENT_FIRST_FRAGMENT,
    CONTENT_FRAMES,
    CONTENT_ONE_FRAME,
    RecordReader,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.events import EventQueue
    from bandwire.seams import Seal

REASSEMBLY_TIMEOUT_MS = 5000
"""A frame is given up when no fragment of it came for so long. A choice of this design: longer than
urgent frames hold up a lower class on the slowest carrier, short enough to be seen."""
TICKS_MASK = 0xFFFFFFFF
"""The band's clock has 32 bits: an age is the difference under this mask, also across the wrap."""
_HELLO_BYTES = 128
"""Room for a hello, which later versions may make longer than today's 45 bytes."""
_LENGTH_BYTES = 2


class Reassembly:
    """One frame that arrives in fragments; `buffer[:length]` once `is_complete`."""

    def __init__(self, max_frame_bytes: int) -> None:
        self.buffer = bytearray(max_frame_bytes)
        self.length = 0
        self.touched_ms = 0
        self._filled = 0

    @property
    def is_open(self) -> bool:
        """Whether fragments are still missing."""
        return self._filled < self.length

    def drop(self) -> bool:
        """Give up what is open; says whether there was something."""
        was_open = self.is_open
        self.length = 0
        self._filled = 0
        return was_open

    def begin(self, length: int) -> bool:
        """A first fragment of a frame of `length` bytes; says whether such a frame is taken."""
        self.drop()
        if HEADER_BYTES <= length <= len(self.buffer):
            self.length = length
        return self.is_open

    def add(self, source: "bytes | bytearray | memoryview", start: int, stop: int) -> bool:
        """The bytes of a fragment; says whether they fit an open frame, which is given up if not."""
        count = stop - start
        if not self.is_open or self._filled + count > self.length:
            self.drop()
            return False
        copy_into(self.buffer, self._filled, source, start, count)
        self._filled += count
        return True


class Inbox:
    """Takes records, gives frames: `take`, then `next_frame` until False.

    After True the frame lies in `buffer[start:stop]` until the next call. `class_count` classes are
    put together from fragments, from urgent on. Bad input goes to `events`.
    """

    def __init__(
        self, sender: int, class_count: int, max_frame_bytes: int, may_seal: bool, events: "EventQueue"
    ) -> None:
        self.reader = RecordReader(sender, may_seal)
        self.buffer: "bytes | bytearray | memoryview" = b""
        self.start = 0
        self.stop = 0
        self._events = events
        self._frames = [Reassembly(max_frame_bytes) for _ in range(class_count)]
        self._hello = Reassembly(_HELLO_BYTES)
        self._unfinished = self._frames + [self._hello]
        self._hello_counter = 0
        self._read = 0
        self._whole: "Reassembly | None" = None

    @property
    def is_hello(self) -> bool:
        """Whether the frame came in a hello's record."""
        return self.reader.is_hello

    @property
    def is_backfilled(self) -> bool:
        """Whether the frame was sent again from what the band keeps."""
        return self.reader.priority == CLASS_BACKFILL

    def use_seal(self, seal: "Seal | None") -> None:
        """What is taken from now on; no frame may begin without a seal and end under one."""
        if seal is not self.reader.seal:
            self._drop_fragments()
            self.reader.seal = seal

    def restart(self) -> None:
        """A connection begins with the hello just taken."""
        self._drop_fragments()
        self.reader.restart()

    def close(self) -> None:
        """No connection: nothing but a hello is taken."""
        self._drop_fragments()
        self.reader.close()

    def take(self, record: "bytes | bytearray | memoryview", now_ms: int) -> int:
        """Take in a record; any bytes are safe. -1 when it is good, else the `BAD_...` that was counted."""
        reader = self.reader
        self._read = reader.stop = 0
        self._whole = None
        reason = reader.open(record)
        if reason >= 0:
            reader.stop = 0
            self._events.bad(reason)
            return reason
        self._read = reader.start
        if reader.lost:
            self._drop_fragments()
        if reader.content != CONTENT_FRAMES and reader.content != CONTENT_ONE_FRAME:
            self._take_fragment(now_ms)
            self._read = reader.stop
        return -1

    def next_frame(self) -> bool:
        """Whether there is another frame in the record just taken."""
        if self._whole is not None:
            self.buffer = self._whole.buffer
            self.start = 0
            self.stop = self._whole.length
            self._whole = None
            return True
        if self._read == self.reader.stop:
            return False
        return self._next_whole_frame()

    def expire(self, now_ms: int) -> int:
        """Give up what is stale, half a hello too; when to ask again (ms), or -1."""
        deadline = -1
        for frame in self._unfinished:
            if not frame.is_open:
                continue
            left = REASSEMBLY_TIMEOUT_MS - (now_ms - frame.touched_ms & TICKS_MASK)
            if left <= 0:
                self._give_up(frame)
            elif deadline < 0 or now_ms + left < deadline:
                deadline = now_ms + left
        return deadline

    def _next_whole_frame(self) -> bool:
        buffer = self.reader.buffer
        if self.reader.content == CONTENT_ONE_FRAME:
            self.buffer = buffer
            self.start = self._read
            self.stop = self._read = self.reader.stop
            return True
        start = self._read + _LENGTH_BYTES
        stop = start
        if start <= self.reader.stop:
            stop += buffer[self._read] | buffer[self._read + 1] << 8
        if stop > self.reader.stop:
            self._events.bad(BAD_RECORD)
            self._read = self.reader.stop
            return False
        self.buffer = buffer
        self.start = start
        self.stop = self._read = stop
        return True

    def _take_fragment(self, now_ms: int) -> None:
        reader = self.reader
        frame = self._frame_of_record()
        if frame is None:
            self._events.bad(BAD_RECORD)
            return
        start = reader.start
        is_taken = True
        if reader.content == CONTENT_FIRST_FRAGMENT:
            self._give_up(frame)
            start += _LENGTH_BYTES
            is_taken = start < reader.stop and frame.begin(
                reader.buffer[start - 2] | reader.buffer[start - 1] << 8
            )
        frame.touched_ms = now_ms
        if not (is_taken and frame.add(reader.buffer, start, reader.stop)):
            self._events.bad(BAD_REASSEMBLY)
        elif not frame.is_open:
            self._whole = frame

    def _frame_of_record(self) -> "Reassembly | None":
        reader = self.reader
        if not reader.is_hello:
            return self._frames[reader.priority] if reader.priority < len(self._frames) else None
        if reader.content != CONTENT_FIRST_FRAGMENT and reader.counter != self._hello_counter + 1 & 0xFFFF:
            self._hello.drop()
        self._hello_counter = reader.counter
        return self._hello

    def _drop_fragments(self) -> None:
        for frame in self._frames:
            self._give_up(frame)

    def _give_up(self, frame: Reassembly) -> None:
        if frame.drop():
            self._events.bad(BAD_REASSEMBLY)
