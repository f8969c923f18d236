"""Frames in RAM: those that wait for a number and for the flash, and before them those that wait to be sent.

Each entry is a length (u16, little-endian, its top bit set when the frame is in flash too) and a frame, never
split: one that does not fit before the end of the memory goes to its start, and a mark says so. Nothing here
allocates.
"""

from bandwire.moving import copy_into

_LENGTH_BYTES = 2
_KEPT = 0x80
_WRAP_MARK = 0xFF
"""High byte of a length that no entry has: the next entry is at the start of the memory."""


class LiveQueue:
    """A source of the link: `peek` gives the length of the frame that is sent next, which lies at `start`.

    `waiting_count` frames have no number yet, `unsent_count` have. `drops` counts frames that are in flash no
    more, nor here, and were confirmed by no host; `drops & 0xFF` belongs into every header. It counts
    since boot: whoever raises the boot id sets it to 0.
    """

    def __init__(self, capacity_bytes):
        self.buffer = bytearray(capacity_bytes)
        self.start = _LENGTH_BYTES
        self.unsent_count = 0
        self.waiting_count = 0
        self.drops = 0
        self._oldest = 0
        self._waiting = 0
        self._head = 0

    def has_room(self, length):
        """Whether a frame of so many bytes fits in without another going."""
        size = length + _LENGTH_BYTES
        if self.unsent_count + self.waiting_count == 0:
            return size <= len(self.buffer)
        if self._head <= self._oldest:
            return size <= self._oldest - self._head
        return size <= len(self.buffer) - self._head or size <= self._oldest

    def append(self, frame, length):
        """Take in the first `length` bytes of `frame`, for which there is room."""
        head = self._head
        if self.unsent_count + self.waiting_count == 0:
            self._oldest = head = 0
        elif head > self._oldest and length + _LENGTH_BYTES > len(self.buffer) - head:
            if head + _LENGTH_BYTES <= len(self.buffer):
                self.buffer[head + 1] = _WRAP_MARK
            head = 0
        self.buffer[head] = length & 0xFF
        self.buffer[head + 1] = length >> 8
        copy_into(self.buffer, head + _LENGTH_BYTES, frame, 0, length)
        if self.waiting_count == 0:
            self._waiting = head
        self._head = head + length + _LENGTH_BYTES
        self.waiting_count += 1

    @property
    def waiting_start(self):
        """Where the oldest frame without a number lies in `buffer`."""
        return self._waiting + _LENGTH_BYTES

    @property
    def waiting_length(self):
        """Its length."""
        return self._length_at(self._waiting)

    def commit(self, is_kept):
        """The oldest frame without a number has one, and is in flash if it `is_kept`: it may be sent."""
        if is_kept:
            self.buffer[self._waiting + 1] |= _KEPT
        self.waiting_count -= 1
        self.unsent_count += 1
        if self.waiting_count:
            self._waiting = self._after(self._waiting)

    def drop_oldest(self):
        """Let the oldest frame that waits to be sent go: lost, unless it is in flash."""
        if not self.buffer[self._oldest + 1] & _KEPT:
            self.drops += 1
        self.advance()

    def forget(self):
        """Let all go. What has no number yet is as if it had never been."""
        self.waiting_count = 0
        while self.unsent_count:
            self.drop_oldest()

    def peek(self):
        """Length of the oldest frame not yet sent, which lies at `start`; 0 when there is none."""
        if self.unsent_count == 0:
            return 0
        self.start = self._oldest + _LENGTH_BYTES
        return self._length_at(self._oldest)

    def advance(self):
        """Count the frame of the last `peek` as sent."""
        self.unsent_count -= 1
        if self.unsent_count + self.waiting_count:
            self._oldest = self._after(self._oldest)

    def _length_at(self, position):
        return self.buffer[position] | (self.buffer[position + 1] & ~_KEPT) << 8

    def _after(self, position):
        following = position + _LENGTH_BYTES + self._length_at(position)
        if following + _LENGTH_BYTES > len(self.buffer) or self.buffer[following + 1] == _WRAP_MARK:
            return 0
        return following
