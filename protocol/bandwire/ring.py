"""Numbered frames in a ring of RAM: what waits to be sent live, and what can be sent again.

Each entry is a length (u16, little-endian) and a frame, never split: an entry that does not fit
before the end of the memory goes to its start, and a mark says so. Appending overwrites the oldest
frames and allocates nothing. Frames are numbered in the order in which they are appended.
"""

from bandwire.errors import LocalError
from bandwire.frames import HEADER_BYTES
from bandwire.moving import copy_into

_LENGTH_BYTES = 2
_WRAP_MARK = 0xFF
"""High byte of a length that no entry has: the next entry is at the start of the memory."""


def boot_id_at(buffer: "bytes | bytearray | memoryview", start: int) -> int:
    """Boot id of the frame at `start`, without making a tuple."""
    return buffer[start + 2] | buffer[start + 3] << 8


def sequence_at(buffer: "bytes | bytearray | memoryview", start: int) -> int:
    """Sequence number of the frame at `start`, without making a tuple."""
    return buffer[start + 4] | buffer[start + 5] << 8 | buffer[start + 6] << 16


class FrameRing:
    """The newest frames within `capacity_bytes`, and a live cursor at the oldest one not yet sent.

    As a source of the link: `peek` gives the length of the frame at the cursor, which lies in
    `buffer` from `start`; `advance` passes it. `drops` counts frames that were overwritten before the
    cursor had passed them; `drops & 0xFF` belongs into every header. It counts since boot: whoever
    raises the boot id sets it to 0.
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.buffer = bytearray(capacity_bytes)
        self.start = _LENGTH_BYTES
        self.frame_count = 0
        self.unsent_count = 0
        self.drops = 0
        self.oldest_ordinal = 0
        self.oldest_position = 0
        self.found_ordinal = 0
        self._head = 0
        self._cursor = 0

    def append(self, frame: "bytes | bytearray | memoryview", length: int) -> None:
        """Keep the first `length` bytes of `frame`, at the cost of the oldest frames."""
        size = length + _LENGTH_BYTES
        if length < HEADER_BYTES or size > len(self.buffer) or length >= _WRAP_MARK << 8:
            raise LocalError(
                "a frame of %d bytes does not fit a ring of %d bytes" % (length, len(self.buffer))
            )
        self._make_room(size)
        head = self._head
        self.buffer[head] = length & 0xFF
        self.buffer[head + 1] = length >> 8
        copy_into(self.buffer, head + _LENGTH_BYTES, frame, 0, length)
        if self.unsent_count == 0:
            self._cursor = head
        if self.frame_count == 0:
            self.oldest_position = head
        self._head = head + size
        self.frame_count += 1
        self.unsent_count += 1

    def peek(self) -> int:
        """Length of the oldest frame not yet sent, which lies at `start`; 0 when all are sent."""
        if self.unsent_count == 0:
            return 0
        self.start = self._cursor + _LENGTH_BYTES
        return self.length_at(self._cursor)

    def advance(self) -> None:
        """Count the frame of the last `peek` as sent."""
        self.unsent_count -= 1
        if self.unsent_count:
            self._cursor = self.position_after(self._cursor)

    def forget(self) -> None:
        """Keep nothing any more: frames that still waited count as dropped, none can be sent again."""
        self.drops += self.unsent_count
        self.oldest_ordinal += self.frame_count
        self.frame_count = 0
        self.unsent_count = 0

    def find(self, boot_id: int, sequence: int) -> int:
        """Position of the first kept frame of this boot from that number on, or -1.

        `found_ordinal` then counts the frames appended before it.
        """
        position = self.oldest_position
        for passed in range(self.frame_count):
            start = position + _LENGTH_BYTES
            if boot_id_at(self.buffer, start) == boot_id and sequence_at(self.buffer, start) >= sequence:
                self.found_ordinal = self.oldest_ordinal + passed
                return position
            if passed + 1 < self.frame_count:
                position = self.position_after(position)
        return -1

    def length_at(self, position: int) -> int:
        """Length of the frame whose entry is at `position`."""
        return self.buffer[position] | self.buffer[position + 1] << 8

    def position_after(self, position: int) -> int:
        """Position of the entry that follows a kept one, which must not be the newest."""
        following = position + _LENGTH_BYTES + self.length_at(position)
        if following + _LENGTH_BYTES > len(self.buffer) or self.buffer[following + 1] == _WRAP_MARK:
            return 0
        return following

    def _make_room(self, size: int) -> None:
        if self._head + size > len(self.buffer):
            while self.frame_count and self.oldest_position >= self._head:
                self._drop_oldest()
            if self._head + _LENGTH_BYTES <= len(self.buffer):
                self.buffer[self._head + 1] = _WRAP_MARK
            self._head = 0
        while self.frame_count and self._head <= self.oldest_position < self._head + size:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        if self.unsent_count == self.frame_count:
            self.drops += 1
            self.advance()
        self.frame_count -= 1
        self.oldest_ordinal += 1
        if self.frame_count:
            self.oldest_position = self.position_after(self.oldest_position)


class RingReader:
    """Sends kept frames again: a backfill source over a `FrameRing` that goes on being filled.

    `overwritten` counts offered frames that the ring gave up before they were sent.
    """

    def __init__(self, ring: FrameRing) -> None:
        self.buffer = ring.buffer
        self.start = 0
        self.first_sequence = 0
        self.overwritten = 0
        self._ring = ring
        self._position = 0
        self._ordinal = 0
        self._left = 0

    def begin(self, boot_id: int, first_sequence: int, frame_count: int) -> int:
        """Offer the kept ones of these numbers, in place of any earlier offer; returns how many.

        `first_sequence` is then the number of the first of them.
        """
        self._left = 0
        position = self._ring.find(boot_id, first_sequence)
        if position < 0:
            return 0
        self._position = position
        self._ordinal = self._ring.found_ordinal
        self.first_sequence = sequence_at(self.buffer, position + _LENGTH_BYTES)
        self._left = self._count_until(boot_id, first_sequence + frame_count)
        return self._left

    def peek(self) -> int:
        """Length of the next offered frame, which lies in `buffer` from `start`; 0 when there is none."""
        overwritten = min(self._ring.oldest_ordinal - self._ordinal, self._left)
        if overwritten > 0:
            self.overwritten += overwritten
            self._left -= overwritten
            self._position = self._ring.oldest_position
            self._ordinal = self._ring.oldest_ordinal
        if self._left == 0:
            return 0
        self.start = self._position + _LENGTH_BYTES
        return self._ring.length_at(self._position)

    def advance(self) -> None:
        """Count the frame of the last `peek` as sent."""
        self._left -= 1
        if self._left:
            self._position = self._ring.position_after(self._position)
            self._ordinal += 1

    def _count_until(self, boot_id: int, stop_sequence: int) -> int:
        ring = self._ring
        newest_ordinal = ring.oldest_ordinal + ring.frame_count - 1
        position = self._position
        count = 0
        for ordinal in range(self._ordinal, newest_ordinal + 1):
            start = position + _LENGTH_BYTES
            if boot_id_at(self.buffer, start) != boot_id or sequence_at(self.buffer, start) >= stop_sequence:
                break
            count += 1
            if ordinal < newest_ordinal:
                position = ring.position_after(position)
        return count
