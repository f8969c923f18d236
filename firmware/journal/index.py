"""What RAM knows of each sector: 12 bytes in one bytearray.

    0   class (bits 0-2), phase (3-5), CONFIRMED (6), THINNED (7)
    1   frames
    2   first boot; 4 first sequence; 7 last boot; 9 last sequence, of the frames in their order

A key is the age of a boot, as `rank` gives it, and a sequence: the order in which frames were numbered.
"""

from bandwire.moving import copy_into
from journal.search import find_newest, find_next, find_phase

ENTRY_BYTES = 12

PHASE_DIRTY = 0
"""Holds nothing of worth, must be erased."""
PHASE_CLEAN = 1
"""Erased, and known to be."""
PHASE_OPEN = 2
PHASE_CLOSED = 3
PHASE_DYING = 4
"""Given up, its losses not yet told."""
PHASE_TOLD = 5
"""Given up, to be erased."""

FLAG_CONFIRMED = 0x40
FLAG_THINNED = 0x80

ALIVE = 1 << PHASE_OPEN | 1 << PHASE_CLOSED
CLOSED = 1 << PHASE_CLOSED
_KEY_BYTES = 5
_FIRST_AT = 2
_LAST_AT = 7


class Index:
    """Phase, class, flags, frame count and ends of the numbers of every sector."""

    def __init__(self, sector_count):
        self.count = sector_count
        self.boot_id = 0
        """The newest boot, from which ages count."""
        self.entries = bytearray(ENTRY_BYTES * sector_count)

    def phase(self, sector):
        """The phase (PHASE_...) of a sector."""
        return self.entries[sector * ENTRY_BYTES] >> 3 & 7

    def class_at(self, sector):
        """The class (CLASS_...) of a sector."""
        return self.entries[sector * ENTRY_BYTES] & 7

    def has_flag(self, sector, flag):
        """Whether a sector has a flag (FLAG_...)."""
        return bool(self.entries[sector * ENTRY_BYTES] & flag)

    def frame_count(self, sector):
        """Frames in a sector."""
        return self.entries[sector * ENTRY_BYTES + 1]

    def is_alive(self, sector):
        """Whether what lies in a sector is kept."""
        return bool(1 << self.phase(sector) & ALIVE)

    def begin(self, sector, class_, phase):
        """A sector without frames and flags."""
        self.entries[sector * ENTRY_BYTES] = class_ | phase << 3
        self.entries[sector * ENTRY_BYTES + 1] = 0

    def set_phase(self, sector, phase):
        """Let a sector enter a phase."""
        at = sector * ENTRY_BYTES
        self.entries[at] = self.entries[at] & 0xC7 | phase << 3

    def set_flag(self, sector, flag):
        """Give a sector a flag."""
        self.entries[sector * ENTRY_BYTES] |= flag

    def add(self, sector, header, start):
        """Count a frame, which comes after all others of its sector, by boot and sequence of its header."""
        at = sector * ENTRY_BYTES
        if not self.entries[at + 1]:
            copy_into(self.entries, at + _FIRST_AT, header, start + 2, _KEY_BYTES)
        copy_into(self.entries, at + _LAST_AT, header, start + 2, _KEY_BYTES)
        self.entries[at + 1] += 1

    def pass_over(self, sector, frames):
        """Count frames that come after the first of a sector and before the next that `add` counts."""
        self.entries[sector * ENTRY_BYTES + 1] += frames

    def restore(self, sector, frame_count, keys):
        """Take count and ends (10 bytes: boot and sequence of the first and of the last frame) as given."""
        at = sector * ENTRY_BYTES
        self.entries[at + 1] = frame_count
        copy_into(self.entries, at + _FIRST_AT, keys, 0, 2 * _KEY_BYTES)

    def keys_into(self, buffer, sector):
        """Write what `restore` takes."""
        copy_into(buffer, 0, self.entries, sector * ENTRY_BYTES + _FIRST_AT, 2 * _KEY_BYTES)

    def first_boot(self, sector):
        """Boot of a sector's first frame."""
        return self._boot(sector * ENTRY_BYTES + _FIRST_AT)

    def last_boot(self, sector):
        """Boot of a sector's last frame."""
        return self._boot(sector * ENTRY_BYTES + _LAST_AT)

    def first_sequence(self, sector):
        """Sequence of a sector's first frame."""
        return self._sequence(sector * ENTRY_BYTES + _FIRST_AT)

    def last_sequence(self, sector):
        """Sequence of a sector's last frame."""
        return self._sequence(sector * ENTRY_BYTES + _LAST_AT)

    def rank(self, boot_id):
        """Where a boot stands in time: the newest is 65,535, though boot ids begin again after that."""
        return boot_id - self.boot_id - 1 & 0xFFFF

    def oldest(self, classes, phases, wanted=0, unwanted=0):
        """The sector with the oldest frames of those of classes and phases (bits) and flags; -1 for none."""
        return self.following(classes, phases, -1, 0, wanted, unwanted)

    def following(self, classes, phases, rank, sequence, wanted=0, unwanted=0):
        """The same among those whose last frame comes after a key."""
        return find_next(
            self.entries, self.count, classes, phases, wanted, unwanted, self.boot_id, rank, sequence
        )

    def newest(self, classes, phases):
        """The sector with the newest frames among those of classes and phases; -1 for none."""
        return find_newest(self.entries, self.count, classes, phases, self.boot_id)

    def holds_last_of(self, other, sector):
        """Whether the number of the last frame of a sector lies among those of another."""
        key = self.rank(self.last_boot(sector)), self.last_sequence(sector)
        first = self.rank(self.first_boot(other)), self.first_sequence(other)
        return first <= key <= (self.rank(self.last_boot(other)), self.last_sequence(other))

    def in_phase(self, phase, start=0):
        """The first sector in a phase from `start` on, around the end; -1 for none."""
        return find_phase(self.entries, self.count, phase, start)

    def _boot(self, at):
        return self.entries[at] | self.entries[at + 1] << 8

    def _sequence(self, at):
        return self.entries[at + 2] | self.entries[at + 3] << 8 | self.entries[at + 4] << 16
