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
from journal.index import ALIVE, CLOSED, FLAG_CONFIRMED, PHASE_DYING
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
_LOST_BOOT_AT = 16
"""Where the entry of a loss names the boot of the frames: behind its head and the header of the frame."""


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
        is_same = minute == self._minute and self._boot_id in (NONE, scan.boot_id)
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
        self._word = bytearray(4)
        self._told_boots = []

    def give_up(self, sector, cause):
        """Give up a sector whose frames are kept until now."""
        self._sectors.index.set_phase(sector, PHASE_DYING)
        self._sectors.generation += 1
        self._sectors.mark_given_up(sector, cause)
        self._finish(sector, cause)

    def finish(self, sector):
        """Tell the losses of a sector that is given up, those that are not told yet."""
        sectors = self._sectors
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
        self._finish(sector, cause)

    def _finish(self, sector, cause):
        if not self._sectors.index.has_flag(sector, FLAG_CONFIRMED):
            self._tell_all(sector, cause)
        self._told_boots = []
        self._sectors.mark_told(sector)

    def _tell_all(self, sector, cause):
        """One loss for each boot of the sector's frames."""
        sectors = self._sectors
        serial = self._read_serial(sector)
        self._rule.begin(minute_before(sectors.head))
        scan = self._scan
        frames = sectors.index.frame_count(sector)
        scan.begin(sector, frames)
        walked = count = first = last = 0
        boot_id = NONE
        while scan.next():
            if scan.boot_id != boot_id:
                self._tell(boot_id, first, last, count, sector, cause, serial)
                boot_id = scan.boot_id
                count = 0
            walked += 1
            if self._is_lost(scan, cause):
                last = scan.sequence
                first = first if count else last
                count += 1
        self._tell(boot_id, first, last, count, sector, cause, serial)
        unread = frames - walked
        if unread and cause != LOSS_CAUSE_THINNED:
            index = sectors.index
            last = index.last_sequence(sector)
            self._tell(index.last_boot(sector), last, last, unread, sector, LOSS_CAUSE_DAMAGED, serial)

    def _is_lost(self, scan, cause):
        if cause == LOSS_CAUSE_THINNED and self._rule.keeps(scan):
            return False
        return not self._confirmed.has(scan.boot_id, scan.sequence)

    def _tell(self, boot_id, first, last, count, sector, cause, serial):
        if count and boot_id not in self._told_boots:
            told_class = _CLASS_TOLD[self._sectors.index.class_at(sector)]
            self.tell(boot_id, first, last, count, told_class, cause, serial)

    def _read_serial(self, sector):
        self._sectors.read_head(sector)
        return serial_of(self._sectors.head)

    def _find_told(self, sector):
        """Note the boots whose losses in a sector were told before power went.

        They lie in the open sector of events, or in the one before if that was opened meanwhile.
        """
        serial = self._read_serial(sector)
        index = self._sectors.index
        for events in (self._sectors.opened[CLASS_EVENTS], index.newest(1 << CLASS_EVENTS, CLOSED)):
            if events != NONE:
                self._scan.begin(events, index.frame_count(events))
                self._note_told(serial)

    def _note_told(self, serial):
        scan, word = self._scan, self._word
        while scan.next():
            if scan.has_subject:
                at = scan.at + scan.size - CRC_BYTES - SUBJECT_BYTES
                self._sectors.flash.read_into(scan.sector, at, word, 0, 4)
                if struct.unpack("<I", word)[0] == serial:
                    self._sectors.flash.read_into(scan.sector, scan.at + _LOST_BOOT_AT, word, 0, 4)
                    self._told_boots.append(word[0] | word[1] << 8)

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
