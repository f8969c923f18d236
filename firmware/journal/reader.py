"""Sends kept frames again: a backfill source over the flash, which goes on being filled and given up.

Consent records and events come first, then vital signs, thinned ones before the others, then waveforms: each
in the order of their numbers, which no two sectors of a class interleave.
"""

from journal.index import ALIVE
from journal.layout import (
    CLASS_CONSENT,
    CLASS_EVENTS,
    CLASS_THINNED,
    CLASS_VITALS,
    CLASS_WAVEFORM,
    ENTRY_HEAD_BYTES,
)
from journal.scan import Scan
from journal.sectors import NONE

_CLASSES = (
    CLASS_CONSENT,
    CLASS_EVENTS,
    CLASS_THINNED,
    CLASS_VITALS,
    CLASS_WAVEFORM,
)


class Reader:
    """`begin` an offer, `count` until it gives False, then send it as a source of the link.

    After `begin` and `count`: `kept` frames are offered, `first_sequence` is the lowest number of them.
    `sent` counts what `advance` has passed; what was given up meanwhile does not come. `unopened` counts
    frames that are there and cannot be opened, since the band started.
    """

    def __init__(self, sectors, buffer):
        self.buffer = buffer
        self.start = ENTRY_HEAD_BYTES
        self.kept = 0
        self.sent = 0
        self.unopened = 0
        self.first_sequence = 0
        self._view = memoryview(buffer)
        self._sectors = sectors
        self._scan = Scan(sectors.flash)
        self._boot_id = 0
        self._first = 0
        self._stop = 0
        self._is_counting = False
        self._turns = len(_CLASSES)
        self.cancel()

    @property
    def is_counting(self):
        """Whether it is not known yet how many frames are offered."""
        return self._is_counting

    def cancel(self):
        """Offer nothing."""
        self.kept = 0
        self._turn = self._turns
        self._length = 0
        self._sector = NONE
        self._is_counting = False

    def begin(self, boot_id, first_sequence, frame_count, is_consent_only=False):
        """Offer the kept ones of these numbers, in place of any earlier offer, once they are counted."""
        self._turns = 1 if is_consent_only else len(_CLASSES)
        self._boot_id = boot_id
        self._first = first_sequence
        self._stop = first_sequence + frame_count
        self.kept = 0
        self.sent = 0
        self.first_sequence = first_sequence
        self._lowest = self._stop
        self._is_counting = True
        self._rewind()

    def count(self):
        """Count the offered frames of one more sector; whether there are more sectors."""
        if not self._is_counting:
            return False
        if self._go_to_sector():
            self._count_sector()
            return True
        self._is_counting = False
        self.first_sequence = self._lowest if self.kept else self._first
        self._rewind()
        return False

    def peek(self):
        """Length of the next offered frame, which lies in `buffer` from `start`; 0 when there is none."""
        if self._is_counting or self._turn == self._turns:
            return 0
        while not self._length and self._load():
            pass
        return self._length

    def advance(self):
        """Count the frame of the last `peek` as sent."""
        self._length = 0
        self.sent += 1

    def _rewind(self):
        self._turn = 0
        self._length = 0
        self._begin_class()

    def _begin_class(self):
        """Stand before the first number that is wanted."""
        self._sector = NONE
        self._rank = self._sectors.index.rank(self._boot_id)
        self._sequence = self._first - 1

    def _go_to_sector(self):
        """Go to the next sector that may hold a wanted frame, of the next class if need be."""
        index = self._sectors.index
        while self._turn < self._turns:
            sector = index.following(1 << _CLASSES[self._turn], ALIVE, self._rank, self._sequence)
            if sector != NONE and self._begins_in_time(sector):
                self._sector = sector
                self._generation = self._sectors.generation
                self._scan.begin(sector, index.frame_count(sector))
                return True
            self._turn += 1
            self._begin_class()
        return False

    def _count_sector(self):
        index, scan, sector = self._sectors.index, self._scan, self._sector
        first_boot = index.first_boot(sector)
        first = index.first_sequence(sector)
        last_boot = index.last_boot(sector)
        last = index.last_sequence(sector)
        if self._is_wanted(first_boot, first) and self._is_wanted(last_boot, last):
            self.kept += index.frame_count(sector)
            self._lowest = min(self._lowest, first)
        else:
            while scan.next():
                if self._is_wanted(scan.boot_id, scan.sequence):
                    self.kept += 1
                    self._lowest = min(self._lowest, scan.sequence)
        self._pass(last_boot, last)

    def _begins_in_time(self, sector):
        """Whether the first frame of a sector comes before the end of what is wanted."""
        index = self._sectors.index
        boot_id = index.first_boot(sector)
        if boot_id == self._boot_id:
            return index.first_sequence(sector) < self._stop
        return index.rank(boot_id) < index.rank(self._boot_id)

    def _is_wanted(self, boot_id, sequence):
        return boot_id == self._boot_id and self._first <= sequence < self._stop

    def _pass(self, boot_id, sequence):
        """All frames of the class up to this one are dealt with."""
        self._rank = self._sectors.index.rank(boot_id)
        self._sequence = sequence

    def _load(self):
        """Read the next wanted frame; False when there is none."""
        sectors = self._sectors
        if self._sector == NONE or self._generation != sectors.generation:
            return self._go_to_sector()
        scan = self._scan
        if not scan.next():
            # What an open sector has got since was not counted.
            index = sectors.index
            self._pass(index.last_boot(self._sector), index.last_sequence(self._sector))
            return self._go_to_sector()
        rank = sectors.index.rank(scan.boot_id)
        is_new = (rank, scan.sequence) > (self._rank, self._sequence)
        if is_new and self._is_wanted(scan.boot_id, scan.sequence):
            self._pass(scan.boot_id, scan.sequence)
            if sectors.open_entry(scan, self.buffer, self._view):
                self._length = scan.length
            else:
                self.unopened += 1
        return True
