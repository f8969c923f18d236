"""Thins the vital signs: the first frame of each minute of a sector goes to a sector of thinned ones.

All that stays is copied before the sector is given up. When power goes in between, the newest thinned frame
says how far the copying got: `resume` goes on from there.
"""

from bandwire.frames import LOSS_CAUSE_THINNED
from journal.index import ALIVE, FLAG_THINNED
from journal.layout import (
    CLASS_THINNED,
    CLASS_VITALS,
    ENTRIES_AT,
    NO_MINUTE,
)
from journal.losses import MinuteRule, minute_before, opened_s_of
from journal.sectors import NONE

_LEAST_CLEAN = 2
"""Before a sector of thinned frames is opened: one stays, should power break off an entry in it."""


class Thinner:
    """Thins one sector at a time, the oldest first."""

    def __init__(self, sectors, losses):
        self._sectors = sectors
        self._losses = losses
        self._scan = sectors.scan
        self._rule = MinuteRule()

    def thin(self, sector):
        """Copy what stays of a closed sector and give it up, or mark it where that frees too little."""
        kept = self._kept_bytes(sector)
        scan = self._scan
        if 2 * kept > scan.at - ENTRIES_AT or not self._has_room(sector, kept):
            self._sectors.mark_thinned(sector)
            return
        self._begin(sector)
        self._copy(sector)

    def resume(self):
        """Go on with what power broke off, if it did."""
        sector = self.broken_off()
        if sector != NONE:
            self._copy(sector)

    def broken_off(self):
        """The sector of vitals of which the newest thinned frame is a copy; NONE when there is none."""
        index = self._sectors.index
        thinned = index.newest(1 << CLASS_THINNED, ALIVE)
        sector = index.oldest(1 << CLASS_VITALS, ALIVE, 0, FLAG_THINNED)
        if NONE in (thinned, sector) or not index.holds_last_of(sector, thinned):
            return NONE
        self._begin(sector)
        return sector if self._pass(thinned) else NONE

    def _kept_bytes(self, sector):
        """Bytes of the entries that stay; the scan then stands behind the last entry."""
        self._begin(sector)
        kept = 0
        while self._scan.next():
            if self._rule.keeps(self._scan):
                kept += self._scan.size
        return kept

    def _has_room(self, source, size):
        if self._sectors.has_room(CLASS_THINNED, size):
            return True
        if self._sectors.clean_count < _LEAST_CLEAN:
            return False
        self._open(source)
        return True

    def _open(self, source):
        sectors = self._sectors
        sectors.close(CLASS_THINNED)
        sectors.read_head(source)
        opened_s = opened_s_of(sectors.head)
        sectors.open(CLASS_THINNED, NO_MINUTE, opened_s, opened_s)

    def _pass(self, thinned):
        """Go to the frame that is the last one of the thinned sector; whether it is there."""
        index, scan = self._sectors.index, self._scan
        while scan.next():
            is_kept = self._rule.keeps(scan)
            if scan.boot_id == index.last_boot(thinned) and scan.sequence == index.last_sequence(thinned):
                return is_kept
        return False

    def _copy(self, sector):
        """Copy what stays of the frames that come after the one it stands at, and give the sector up."""
        while self._scan.next():
            if self._rule.keeps(self._scan):
                self._copy_entry(sector)
        self._losses.give_up(sector, LOSS_CAUSE_THINNED)

    def _copy_entry(self, source):
        if not self._sectors.has_room(CLASS_THINNED, self._scan.size):
            self._open(source)
        self._sectors.copy(self._scan, CLASS_THINNED)

    def _begin(self, sector):
        self._sectors.read_head(sector)
        self._rule.begin(minute_before(self._sectors.head))
        self._scan.begin(sector, self._sectors.index.frame_count(sector))
