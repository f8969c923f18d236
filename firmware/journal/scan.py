"""Walks through the entries of one sector, by their heads; what is not an entry ends it."""

import micropython

from journal.layout import (
    CRC_BYTES,
    ENTRIES_AT,
    ENTRIES_END,
    ENTRY_HEAD_BYTES,
    MOST_FRAME_BYTES,
    SUBJECT_BYTES,
    SUBJECT_FLAG,
    seconds_of,
)

_READ_BYTES = 16
_LEAST_FRAME_BYTES = 12


class Scan:
    """The entry it stands at: `at`, `size`, `length` of the frame, and what its header says.

    `head` holds the entry's first 16 bytes: the header of the frame from byte 4 on.
    """

    def __init__(self, flash):
        self._flash = flash
        self.head = bytearray(_READ_BYTES)
        self.begin(0, 0)

    def begin(self, sector, most_frames):
        """Stand before the first entry of a sector that holds so many, if it is read at all."""
        self.sector = sector
        self.at = ENTRIES_AT
        self.size = 0
        self.length = 0
        self.has_subject = False
        self.boot_id = 0
        self.sequence = 0
        self._left = most_frames

    @micropython.native
    def next(self):
        """Go to the next entry; whether there is one."""
        at = self.at + self.size
        self.at = at
        self.size = 0
        if self._left == 0 or at + ENTRY_HEAD_BYTES + _LEAST_FRAME_BYTES + CRC_BYTES > ENTRIES_END:
            return False
        head = self.head
        self._flash.read_into(self.sector, at, head, 0, _READ_BYTES)
        length = head[0] | head[1] << 8
        if length ^ (head[2] | head[3] << 8) != 0xFFFF:
            return False
        size = ENTRY_HEAD_BYTES + CRC_BYTES
        self.has_subject = length >= SUBJECT_FLAG
        if length >= SUBJECT_FLAG:
            length -= SUBJECT_FLAG
            size += SUBJECT_BYTES
        size += length + 3 & ~3
        if length < _LEAST_FRAME_BYTES or length > MOST_FRAME_BYTES or at + size > ENTRIES_END:
            return False
        self._left -= 1
        self.size = size
        self.length = length
        self.boot_id = head[6] | head[7] << 8
        self.sequence = head[8] | head[9] << 8 | head[10] << 16
        return True

    def step_back(self):
        """Stand before the entry that it stands at, which is none: power broke off its erase."""
        self.size = 0
        self._left += 1

    @property
    def is_complete(self):
        """Whether every frame that the sector should hold was there."""
        return self._left == 0

    def seconds(self):
        """Seconds since boot of the frame that it stands at."""
        head = self.head
        return seconds_of(head[11] | head[12] << 8, head[13] | head[14] << 8)
