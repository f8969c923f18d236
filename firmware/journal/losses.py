"""Gives up a sector: says so on it, tells each loss by its range, says that all are told.

Told is by a frame of its own in the class of events, whose entry names the sector by its serial number. So,
when power goes in between, what was told already is found there, and is not told again.
"""

import struct

from bandwire.frames import (
    JOURNAL_CLASS_EVENTS,
    JOURNAL_CLASS_VITALS,
    JOURNAL_CLASS_WAVEFORMS,
    LOSS_CAUSE_DAMAGED,
    LOSS_CAUSE_FULL,
    LOSS_CAUSE_THINNED,
)
from journal.index import ALIVE, FLAG_CONFIRMED, PHASE_DYING
from journal.layout import (
    CLASS_EVENTS,
    CLASS_THINNED,
    CLASS_VITALS,
    CRC_BYTES,
    GIVEN_UP_AT,
    NO_MINUTE,
    OPENED_AT,
    SUBJECT_BYTES,
    TOLD_AT,
)
from journal.sectors import NONE

_CLASS_TOLD = (
    JOURNAL_CLASS_EVENTS,
    JOURNAL_CLASS_EVENTS,
    JOURNAL_CLASS_VITALS,
    JOURNAL_CLASS_VITALS,
    JOURNAL_CLASS_WAVEFORMS,
)
_ENTRIES_A_STEP = 3


class MinuteRule:
    """Which frames of a sector of vitals stay when it is thinned: the first of each minute of a boot."""

    def __init__(self):
        self._boot_id = NONE
        self._minute = NO_MINUTE

    def begin(self, minute_before):
        """Before the first frame of a sector, whose head names the minute of the frame before it."""
        self._boot_id = NONE
        self._minute = minute_before

    def keeps(self, scan):
        """Whether the frame that a scan stands at stays."""
        minute = scan.seconds() // 60
        before = self._boot_id
        is_same = minute == self._minute and (before == NONE or before == scan.boot_id)
        self._boot_id = scan.boot_id
        self._minute = minute
        return not is_same


class Losses:
    """`tell(boot_id, first, last, count, class, cause, subject)` makes the frame of a loss and appends it.

    `confirmed` knows which frames a host holds: they are no losses.
    """

    def __init__(self, sectors, confirmed):
        self.tell = None
        self._sectors = sectors
        self._confirmed = confirmed
        self._scan = sectors.scan
        self._rule = MinuteRule()
        self._told_boots = []
        self.forget()

    def forget(self):
        """Be in the middle of nothing."""
        self._sector = NONE
        self._may_be_torn = False
        self._cause = 0
        self._at = 0
        self._walked = 0
        self._count = 0
        self._first = 0
        self._last = 0
        self._boot_id = NONE

    def give_up(self, sector, cause):
        """Give up a sector whose frames are kept until now; `finish` tells its losses."""
        self._sectors.index.set_phase(sector, PHASE_DYING)
        self._sectors.generation += 1
        self._sectors.mark_given_up(sector, cause)
        self._told_boots = []
        self._may_be_torn = False
        self._begin(sector, cause)

    def finish(self, sector):
        """Tell the losses of a sector that is given up, those that are not told yet: a few entries a step."""
        if self._sector != sector:
            self._look_at(sector)
        if self._sectors.index.has_flag(sector, FLAG_CONFIRMED) or not self._walk():
            self.forget()
            self._sectors.mark_told(sector)

    def finish_begun(self):
        """Tell all of the sectors whose telling may have begun: a wipe takes what was told already."""
        sectors = self._sectors
        for sector in range(sectors.count):
            while sectors.index.phase(sector) == PHASE_DYING and sectors.is_marked(sector, GIVEN_UP_AT):
                self.finish(sector)

    def _look_at(self, sector):
        """Find what was told of a sector that an earlier start gave up, or a wipe."""
        sectors = self._sectors
        self._told_boots = []
        # An erase that broke off may have taken the mark that all is told, and a part of the entries.
        self._may_be_torn = True
        sectors.read_head(sector)
        cause = sectors.head[GIVEN_UP_AT]
        if sectors.is_marked(sector, GIVEN_UP_AT):
            if cause ^ sectors.head[GIVEN_UP_AT + 1] != 0xFF:
                cause = self._torn_cause(sector)
            if not sectors.is_marked(sector, TOLD_AT):
                self._find_told(sector)
        else:
            cause = sectors.floor_cause
            sectors.mark_given_up(sector, cause)
        self._begin(sector, cause)

    def _begin(self, sector, cause):
        self._sector = sector
        self._cause = cause
        self._rewind()

    def _rewind(self):
        """Stand before the first entry of the sector."""
        sectors = self._sectors
        sectors.read_head(self._sector)
        self._rule.begin(minute_before(sectors.head))
        self._scan.begin(self._sector, sectors.index.frame_count(self._sector))
        self._at = self._scan.at
        self._walked = self._count = 0
        self._boot_id = NONE

    def _walk(self):
        """Go through a few entries, and tell one loss for each boot of them; whether more is to be done."""
        scan = self._scan
        if scan.sector != self._sector or scan.at != self._at:
            self._rewind()
        for passed in range(_ENTRIES_A_STEP):
            if not self._next_entry():
                if passed:
                    break
                self._tell_boot()
                self._tell_unread()
                return False
            boot_id = scan.boot_id
            is_other = boot_id != self._boot_id
            if is_other:
                self._tell_boot()
                if self._count:
                    self._told_boots.append(self._boot_id)
                self._boot_id = boot_id
                self._count = 0
            self._walked += 1
            if self._is_lost(scan, self._cause):
                self._last = scan.sequence
                if not self._count:
                    self._first = self._last
                self._count += 1
        self._at = scan.at
        return True

    def _next_entry(self):
        scan = self._scan
        if not scan.next():
            return False
        if self._may_be_torn and not self._sectors.is_entry_sound(scan):
            scan.step_back()
            return False
        return True

    def _tell_unread(self):
        """Of entries that cannot be read only the last number is known."""
        index, sector = self._sectors.index, self._sector
        unread = index.frame_count(sector) - self._walked
        if unread and self._cause != LOSS_CAUSE_THINNED:
            self._boot_id = index.last_boot(sector)
            self._first = self._last = index.last_sequence(sector)
            self._count = unread
            self._cause = LOSS_CAUSE_DAMAGED
            self._tell_boot()

    def _is_lost(self, scan, cause):
        if cause == LOSS_CAUSE_THINNED and self._rule.keeps(scan):
            return False
        return not self._confirmed.has(scan.boot_id, scan.sequence)

    def _tell_boot(self):
        boot_id, sector = self._boot_id, self._sector
        if self._count and boot_id not in self._told_boots:
            told_class = _CLASS_TOLD[self._sectors.index.class_at(sector)]
            serial = self._read_serial(sector)
            self.tell(boot_id, self._first, self._last, self._count, told_class, self._cause, serial)

    def _read_serial(self, sector):
        self._sectors.read_head(sector)
        return serial_of(self._sectors.head)

    def _find_told(self, sector):
        """Note the boots whose losses in a sector were told before power went: in events after its frames."""
        serial = self._read_serial(sector)
        index = self._sectors.index
        told_in = sector
        while told_in != NONE:
            rank = index.rank(index.last_boot(told_in))
            told_in = index.following(1 << CLASS_EVENTS, ALIVE, rank, index.last_sequence(told_in))
            if told_in != NONE:
                self._scan.begin(told_in, index.frame_count(told_in))
                self._note_told(serial)

    def _note_told(self, serial):
        scan, word = self._scan, self._sectors.word
        while scan.next():
            if scan.has_subject:
                at = scan.at + scan.size - CRC_BYTES - SUBJECT_BYTES
                self._sectors.flash.read_into(scan.sector, at, word, 0, 4)
                if struct.unpack("<I", word)[0] == serial:
                    self._told_boots.append(self._sectors.lost_boot(scan))

    def _torn_cause(self, sector):
        """The cause of a mark that power broke off: thinning, if frames of the sector are thinned already."""
        index = self._sectors.index
        thinned = index.newest(1 << CLASS_THINNED, ALIVE)
        if thinned == NONE or index.class_at(sector) != CLASS_VITALS:
            return LOSS_CAUSE_FULL
        return LOSS_CAUSE_THINNED if index.holds_last_of(sector, thinned) else LOSS_CAUSE_FULL


def serial_of(head):
    """Serial number of the sector whose head this is."""
    return struct.unpack_from("<I", head, OPENED_AT + 4)[0]


def opened_s_of(head):
    """Powered seconds at the opening of the sector whose head this is."""
    return struct.unpack_from("<I", head, OPENED_AT + 16)[0]


def minute_before(head):
    """Minute of the frame before the first one of the sector whose head this is."""
    return head[OPENED_AT + 1] | head[OPENED_AT + 2] << 8 | head[OPENED_AT + 3] << 16
