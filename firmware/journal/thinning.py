"""Thins the vital signs: the first frame of each minute of a sector goes to a sector of thinned ones.

A few entries a step: first what would stay is measured, then it is copied. Nobody sees the copies before all
are there: then they are kept, and the sector is given up, in one go. When power goes in between, the newest
thinned frame says how far the copying got: `resume` goes on from there.
"""

from bandwire.frames import LOSS_CAUSE_THINNED
from journal.index import ALIVE, FLAG_THINNED, PHASE_CLOSED
from journal.layout import (
    CLASS_THINNED,
    CLASS_VITALS,
    ENTRIES_AT,
    ENTRY_HEAD_BYTES,
    NO_MINUTE,
)
from journal.losses import MinuteRule, minute_before, opened_s_of
from journal.sectors import NONE

_LEAST_CLEAN = 2
"""Before a sector of thinned frames is opened: one stays, should power break off an entry in it."""
_ENTRIES_A_STEP = 4


class Thinner:
    """Thins one sector at a time: `begin`, then `step` while it `is_busy`."""

    def __init__(self, sectors, losses):
        self._sectors = sectors
        self._losses = losses
        self._scan = sectors.scan
        self._rule = MinuteRule()
        self.forget()

    def forget(self):
        """Be busy with nothing."""
        self._source = NONE
        self._target = NONE
        self._at = 0
        self._kept = 0
        self._copied = 0
        self._first_at = 0
        self._last_at = 0
        self._new = 0

    @property
    def is_busy(self):
        """Whether a sector is being thinned."""
        return self._source != NONE

    def begin(self, sector):
        """Thin a closed sector: it is given up in the end, or marked where that would free too little."""
        self.forget()
        self._source = sector
        self._rewind()

    def step(self):
        """Go through a few of its entries; what follows behind the last one is a step of its own."""
        scan = self._scan
        is_copying = self._target != NONE
        if not self._is_still_there():
            self._let_go()
            return
        if scan.sector != self._source or scan.at != self._at:
            self._rewind()
        for passed in range(_ENTRIES_A_STEP):
            if not scan.next():
                if passed:
                    break
                if is_copying:
                    self._finish()
                else:
                    self._decide()
                return
            if self._rule.keeps(scan):
                self._kept += 1 if is_copying else scan.size
                if is_copying and self._kept > self._copied:
                    self._copy_entry()
                    break
        self._at = scan.at

    def resume(self):
        """Go on with what power broke off, if it did."""
        sector = self.broken_off()
        if sector != NONE:
            self._source = sector
            if self._sectors.opened[CLASS_THINNED] == NONE:
                self._open()
            self._target = self._sectors.opened[CLASS_THINNED]
            self._at = self._scan.at
            while self.is_busy:
                self.step()

    def broken_off(self):
        """The sector of vitals of which the newest thinned frame is a copy; NONE when there is none."""
        index = self._sectors.index
        thinned = index.newest(1 << CLASS_THINNED, ALIVE)
        sector = index.oldest(1 << CLASS_VITALS, ALIVE, 0, FLAG_THINNED)
        if NONE in (thinned, sector) or not index.holds_last_of(sector, thinned):
            return NONE
        self.forget()
        self._source = sector
        self._rewind()
        self._source = NONE
        return sector if self._pass(thinned) else NONE

    def _is_still_there(self):
        """Neither the sector nor that of its copies has been given up meanwhile."""
        sectors = self._sectors
        return sectors.index.phase(self._source) == PHASE_CLOSED and (
            self._target == NONE or sectors.opened[CLASS_THINNED] == self._target
        )

    def _let_go(self):
        """Copies in a sector that is still open must never count: close it before them."""
        sectors = self._sectors
        if self._target != NONE and sectors.opened[CLASS_THINNED] == self._target:
            sectors.close(CLASS_THINNED)
        self.forget()

    def _decide(self):
        """All is measured: go on to copy what stays, if that frees enough."""
        sectors = self._sectors
        if 2 * self._kept > self._scan.at - ENTRIES_AT or not self._has_room(self._kept):
            sectors.mark_thinned(self._source)
            self.forget()
            return
        self._target = sectors.opened[CLASS_THINNED]
        self._rewind()

    def _has_room(self, size):
        if self._sectors.has_room(CLASS_THINNED, size):
            return True
        if self._sectors.clean_count < _LEAST_CLEAN:
            return False
        self._open()
        return True

    def _open(self):
        sectors = self._sectors
        sectors.close(CLASS_THINNED)
        sectors.read_head(self._source)
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

    def _copy_entry(self):
        sectors = self._sectors
        if not sectors.has_room(CLASS_THINNED, self._scan.size):
            # After a loss of power alone, when nobody has measured.
            self._keep_copies()
            self._open()
            self._target = sectors.opened[CLASS_THINNED]
        at = sectors.ends[CLASS_THINNED]
        if sectors.copy(self._scan, CLASS_THINNED):
            self._last_at = at
            self._first_at = self._first_at if self._new else at
            self._new += 1
        self._copied += 1

    def _keep_copies(self):
        """From here on the copies count, all at once."""
        if self._new:
            self._keep_copy(self._first_at)
            self._sectors.index.pass_over(self._target, max(self._new - 2, 0))
        if self._new > 1:
            self._keep_copy(self._last_at)
        self._new = 0

    def _keep_copy(self, at):
        head = self._scan.head
        self._sectors.flash.read_into(self._target, at, head, 0, len(head))
        self._sectors.index.add(self._target, head, ENTRY_HEAD_BYTES)

    def _rewind(self):
        """Stand before the first entry of the sector."""
        sectors = self._sectors
        sectors.read_head(self._source)
        self._rule.begin(minute_before(sectors.head))
        self._scan.begin(self._source, sectors.index.frame_count(self._source))
        self._at = self._scan.at
        self._kept = 0

    def _finish(self):
        self._keep_copies()
        source = self._source
        self.forget()
        self._losses.give_up(source, LOSS_CAUSE_THINNED)
