"""Reads the flash at the start, a few sectors or entries a step, and mends what a power cut has left.

Sectors that were closed are known by their heads; of those that were not, each entry is read and checked. An
open sector that power broke off in is closed behind its last whole entry.
"""

import struct

from journal.index import (
    FLAG_CONFIRMED,
    FLAG_THINNED,
    PHASE_CLEAN,
    PHASE_CLOSED,
    PHASE_DYING,
    PHASE_OPEN,
    PHASE_TOLD,
)
from journal.layout import (
    CLASS_CONSENT,
    CLASS_COUNT,
    CLASS_THINNED,
    CONFIRMED_AT,
    ERASED_AT,
    ERASED_BYTES,
    FORMAT,
    GIVEN_UP_AT,
    HEAD_BYTES,
    OPENED_AT,
    OPENED_BYTES,
    SUMMARY_AT,
    SUMMARY_BYTES,
    THINNED_AT,
    TOLD_AT,
)
from journal.losses import serial_of
from journal.sectors import NONE

_SECTORS_A_STEP = 8
_ENTRIES_A_STEP = 12
_MOST_FRAMES = 0xFF
_HEADER_AT = 4
_LEAST_CLEAN = 2
_PHASES_WITH_ENTRIES = (PHASE_OPEN, PHASE_CLOSED, PHASE_DYING)
_BLANK = b"\xff" * HEAD_BYTES


class Boot:
    """`step` until it gives False: then the sectors are known."""

    def __init__(self, sectors, thinner, room):
        self._sectors = sectors
        self._thinner = thinner
        self._room = room
        self._scan = sectors.scan
        self.begin(0)

    def begin(self, boot_id):
        """Start over: what is known is forgotten. `boot_id` is that of this boot."""
        self._sectors.forget()
        self._room.forget()
        self._sectors.index.boot_id = boot_id
        self._sector = 0
        self._newest_serial = 0
        self._elapsed_s = 0
        self._last_s = 0
        self._boot_id = NONE
        self._do = self._load_key

    def step(self):
        """A piece of the work; whether there is more."""
        self._do()
        return self._do != self._rest

    def _load_key(self):
        self._sectors.seal.load()
        self._do = self._read_heads

    def _read_heads(self):
        stop = min(self._sector + _SECTORS_A_STEP, self._sectors.count)
        while self._sector < stop:
            self._read_head(self._sector)
            self._sector += 1
        if stop == self._sectors.count:
            self._sector = 0
            self._do = self._drop_below_floor

    def _read_head(self, sector):
        sectors, head, index = self._sectors, self._sectors.head, self._sectors.index
        sectors.read_head(sector)
        if head != _BLANK:
            # Of another format or key perhaps, and then not to lie about until its room is wanted.
            index.set_phase(sector, PHASE_TOLD)
        if head[ERASED_AT] != FORMAT or not sectors.is_sound(ERASED_AT, ERASED_BYTES):
            return
        class_ = head[OPENED_AT] & 7
        erases = head[ERASED_AT + 1] | head[ERASED_AT + 2] << 8 | head[ERASED_AT + 3] << 16
        sectors.most_erases = max(sectors.most_erases, erases)
        is_given_up = _is_marked(head, GIVEN_UP_AT)
        is_told = sectors.is_marked(sector, TOLD_AT)
        if head[OPENED_AT:] == _BLANK[OPENED_AT:] and not is_given_up and not is_told:
            index.begin(sector, 0, PHASE_CLEAN)
            sectors.clean_count += 1
        elif sectors.is_sound(OPENED_AT, OPENED_BYTES, sectors.seal.check) and class_ < CLASS_COUNT:
            index.begin(sector, class_, PHASE_CLOSED)
            self._take_head(sector)
            if is_told:
                index.set_phase(sector, PHASE_TOLD)
            elif is_given_up:
                index.set_phase(sector, PHASE_DYING)

    def _take_head(self, sector):
        sectors, head, index = self._sectors, self._sectors.head, self._sectors.index
        _, serial, floor, base_s, opened_s = struct.unpack_from("<IIIII", head, OPENED_AT)
        if serial > self._newest_serial:
            self._newest_serial = serial
            sectors.next_serial = serial + 1
            sectors.next_sector = (sector + 1) % sectors.count
            sectors.newest = sector
            sectors.floor = floor
            sectors.floor_cause = head[OPENED_AT] >> 4
        sectors.boot_base_s = max(sectors.boot_base_s, base_s, opened_s)
        if _is_marked(head, CONFIRMED_AT):
            index.set_flag(sector, FLAG_CONFIRMED)
        if _is_marked(head, THINNED_AT):
            index.set_flag(sector, FLAG_THINNED)
        if sectors.is_sound(SUMMARY_AT, SUMMARY_BYTES):
            sectors.restore_summary(sector)
        elif head[SUMMARY_AT:] == _BLANK[SUMMARY_AT:]:
            index.set_phase(sector, PHASE_OPEN)

    def _drop_below_floor(self):
        """Give up what was wiped, as the newest head says, whether its sector says so itself or not."""
        sectors, index = self._sectors, self._sectors.index
        stop = min(self._sector + _SECTORS_A_STEP, sectors.count) if sectors.floor else sectors.count
        while self._sector < stop and sectors.floor:
            sector = self._sector
            if index.is_alive(sector) and index.class_at(sector) != CLASS_CONSENT:
                sectors.read_head(sector)
                if serial_of(sectors.head) < sectors.floor:
                    index.set_phase(sector, PHASE_DYING)
            self._sector += 1
        if stop == sectors.count:
            self._sector = 0
            self._do = self._next_entries

    def _next_entries(self):
        """Find the next sector whose entries must be read: it was not closed, or its summary broke off."""
        index = self._sectors.index
        while self._sector < index.count:
            if index.phase(self._sector) in _PHASES_WITH_ENTRIES and not index.frame_count(self._sector):
                self._scan.begin(self._sector, _MOST_FRAMES)
                self._boot_id = NONE
                self._elapsed_s = self._last_s = 0
                self._do = self._read_entries
                return
            self._sector += 1
        self._do = self._resume

    def _read_entries(self):
        sectors, scan = self._sectors, self._scan
        for _ in range(_ENTRIES_A_STEP):
            at = scan.at + scan.size
            if not scan.next() or not sectors.is_entry_sound(scan):
                self._end_entries(scan.sector, at)
                self._sector += 1
                self._do = self._next_entries
                return
            sectors.index.add(scan.sector, scan.head, _HEADER_AT)
            if scan.boot_id != self._boot_id:
                self._elapsed_s += self._last_s
                self._boot_id = scan.boot_id
            self._last_s = scan.seconds()

    def _end_entries(self, sector, end):
        """Go on with an open sector where its entries end, if nothing was begun there."""
        sectors, index = self._sectors, self._sectors.index
        phase = index.phase(sector)
        class_ = index.class_at(sector)
        if phase == PHASE_OPEN:
            self._note_powered(sector, class_)
            if sectors.opened[class_] == NONE and sectors.is_blank(sector, end):
                sectors.opened[class_] = sector
                sectors.ends[class_] = end
            else:
                sectors.close_sector(sector)
        elif phase == PHASE_CLOSED and not index.frame_count(sector):
            index.set_phase(sector, PHASE_TOLD)

    def _note_powered(self, sector, class_):
        """The band had power at least until the last entry; copies say nothing of when they were made."""
        if class_ != CLASS_THINNED:
            sectors = self._sectors
            sectors.read_head(sector)
            base_s = struct.unpack_from("<I", sectors.head, OPENED_AT + 12)[0]
            sectors.boot_base_s = max(sectors.boot_base_s, base_s + self._elapsed_s + self._last_s)

    def _resume(self):
        """Finish what thinning had begun; the copy needs an erased sector if power broke off its last one."""
        is_pending = self._thinner.broken_off() != NONE
        if is_pending and self._sectors.clean_count < _LEAST_CLEAN:
            self._room.step(False)
            return
        if is_pending:
            self._thinner.resume()
        self._do = self._rest

    def _rest(self):
        """Nothing is left to do."""


def _is_marked(head, at):
    return head[at : at + 4] != _BLANK[:4]
