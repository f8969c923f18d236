"""What hosts say they hold: a few ranges of numbers in RAM, and marks on the sectors that they cover wholly.

Ranges that are forgotten, by a restart or for want of room, do no harm: a host confirms anew at each
connection.
"""

from array import array

import micropython

from journal.index import FLAG_CONFIRMED, PHASE_CLOSED

MOST_RANGES = 16
_FIELDS = 3
_SECTORS_A_STEP = 16


class Confirmed:
    """`note` what a host confirms, then `step` until it gives False; `has` knows single frames."""

    def __init__(self, sectors):
        self._sectors = sectors
        self._scan = sectors.scan
        self._ranges = array("i", bytes(4 * _FIELDS * MOST_RANGES))
        self._count = 0
        self._next_sector = sectors.count

    def forget(self):
        """Know of no range."""
        self._count = 0

    def note(self, boot_id, first_sequence, frame_count):
        """A host holds these numbers of a boot."""
        first = first_sequence
        stop = first_sequence + frame_count
        ranges = self._ranges
        for at in range((self._count - 1) * _FIELDS, -1, -_FIELDS):
            if ranges[at] == boot_id and ranges[at + 1] <= stop and ranges[at + 2] >= first:
                first = min(first, ranges[at + 1])
                stop = max(stop, ranges[at + 2])
                self._remove(at)
        if self._count == MOST_RANGES:
            self._remove(self._oldest())
        at = self._count * _FIELDS
        ranges[at] = boot_id
        ranges[at + 1] = first
        ranges[at + 2] = stop
        self._count += 1
        self._next_sector = 0

    def note_closed(self):
        """A sector has been closed: perhaps all of it is confirmed."""
        if self._count:
            self._next_sector = 0

    def has(self, boot_id, sequence):
        """Whether a host holds a frame."""
        return self._covers(boot_id, sequence, sequence)

    def step(self):
        """Look at a few sectors; whether there are more to look at."""
        passed = 0
        while self._next_sector < self._sectors.count and passed < _SECTORS_A_STEP:
            sector = self._next_sector
            self._next_sector += 1
            passed += 1
            if self._is_to_mark(sector):
                self._sectors.mark_confirmed(sector)
                passed = _SECTORS_A_STEP
        return self._next_sector < self._sectors.count

    def _is_to_mark(self, sector):
        index = self._sectors.index
        if index.phase(sector) != PHASE_CLOSED or index.has_flag(sector, FLAG_CONFIRMED):
            return False
        first_boot = index.first_boot(sector)
        last_boot = index.last_boot(sector)
        first = index.first_sequence(sector)
        last = index.last_sequence(sector)
        if not self.has(first_boot, first) or not self.has(last_boot, last):
            return False
        if first_boot == last_boot and self._covers(first_boot, first, last):
            return True
        scan = self._scan
        scan.begin(sector, index.frame_count(sector))
        while scan.next():
            if not self.has(scan.boot_id, scan.sequence):
                return False
        return scan.is_complete

    @micropython.native
    def _covers(self, boot_id, first, last):
        ranges = self._ranges
        for at in range(0, self._count * _FIELDS, _FIELDS):
            if ranges[at] == boot_id and ranges[at + 1] <= first and last < ranges[at + 2]:
                return True
        return False

    def _remove(self, at):
        self._count -= 1
        last = self._count * _FIELDS
        for field in range(_FIELDS):
            self._ranges[at + field] = self._ranges[last + field]

    def _oldest(self):
        rank = self._sectors.index.rank
        ranges = self._ranges
        return min(
            range(0, self._count * _FIELDS, _FIELDS), key=lambda at: (rank(ranges[at]), ranges[at + 1])
        )
