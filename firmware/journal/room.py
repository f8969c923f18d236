"""Keeps erased sectors ahead, by giving up what the stated order gives up first.

1. the oldest sector whose frames are all confirmed; 2. the oldest consent records beyond
`MOST_CONSENT_SECTORS`; 3. the oldest of waveforms; 4. of the oldest vitals all but one frame a minute; 5. the
oldest thinned vitals; 6. the oldest events; 7. the oldest consent records.
"""

from bandwire.frames import LOSS_CAUSE_EXPIRED, LOSS_CAUSE_FULL
from journal.index import ALIVE, CLOSED, FLAG_CONFIRMED, FLAG_THINNED, PHASE_DIRTY, PHASE_DYING, PHASE_TOLD
from journal.layout import (
    CLASS_CONSENT,
    CLASS_COUNT,
    CLASS_EVENTS,
    CLASS_THINNED,
    CLASS_VITALS,
    CLASS_WAVEFORM,
)
from journal.losses import opened_s_of
from journal.sectors import NONE

CLEAN_AHEAD = 4
"""One to open, and what giving up may open: of thinned vitals twice, should power go, of events once."""

MOST_CONSENT_SECTORS = 4
"""Closed ones that outlast all else: each start writes a record, and starts alone must not fill the flash.
Own choice: of 300 starts and more, while one uncut retention of vitals is one.
"""

_ALL = (1 << CLASS_COUNT) - 1
_ALL_VITALS = 1 << CLASS_VITALS | 1 << CLASS_THINNED
_EXPIRING = _ALL_VITALS | 1 << CLASS_WAVEFORM
"""What the manifest states a retention for."""


class Room:
    """`step` does one thing: an erase, a few entries of the losses of a sector or of its thinning."""

    def __init__(self, sectors, losses, thinner, confirmed):
        self._sectors = sectors
        self._losses = losses
        self.thinner = thinner
        self._confirmed = confirmed

    def forget(self):
        """Be in the middle of nothing."""
        self.thinner.forget()
        self._losses.forget()

    def step(self, may_thin=True):
        """Do what is next; whether there was something."""
        sectors, index = self._sectors, self._sectors.index
        sector = index.in_phase(PHASE_TOLD)
        if sector == sectors.newest:
            # With its head the highest serial number would go, and be given out again after a restart.
            sector = index.in_phase(PHASE_TOLD, sector + 1)
        if sector not in (NONE, sectors.newest):
            sectors.prepare(sector)
            return True
        sector = index.in_phase(PHASE_DYING)
        if sector != NONE:
            self._losses.finish(sector)
            return True
        if self.thinner.is_busy:
            self.thinner.step()
            return True
        if sectors.clean_count >= CLEAN_AHEAD:
            return False
        sector = index.in_phase(PHASE_DIRTY, sectors.next_sector)
        if sector != NONE:
            sectors.prepare(sector)
        else:
            self._give_up_one(may_thin)
        return True

    def make_now(self):
        """Have enough erased sectors before this returns."""
        while self._sectors.clean_count < CLEAN_AHEAD:
            self.step()

    def expire(self, now_s, most_s):
        """Give up a sector whose first frame is older than so many powered seconds; whether there is one."""
        sectors, index = self._sectors, self._sectors.index
        sector = index.oldest(_EXPIRING, ALIVE)
        if sector == NONE:
            return False
        sectors.read_head(sector)
        if now_s - opened_s_of(sectors.head) < most_s:
            return False
        class_ = index.class_at(sector)
        if sectors.opened[class_] == sector:
            sectors.close(class_)
        self._losses.give_up(sector, LOSS_CAUSE_EXPIRED)
        return True

    def _give_up_one(self, may_thin):
        while self._confirmed.step():
            pass
        index = self._sectors.index
        sector = index.oldest(_ALL, CLOSED, FLAG_CONFIRMED)
        if sector == NONE:
            sector = self._spare_consent()
        if sector == NONE:
            sector = index.oldest(1 << CLASS_WAVEFORM, CLOSED)
        if sector == NONE and may_thin:
            sector = index.oldest(1 << CLASS_VITALS, CLOSED, 0, FLAG_THINNED)
            if sector != NONE:
                self.thinner.begin(sector)
                return
        for classes in (_ALL_VITALS, 1 << CLASS_EVENTS, 1 << CLASS_CONSENT):
            if sector == NONE:
                sector = index.oldest(classes, CLOSED)
        self._losses.give_up(sector, LOSS_CAUSE_FULL)

    def _spare_consent(self):
        """The oldest consent records where there are more than outlast all else."""
        index = self._sectors.index
        oldest = sector = index.oldest(1 << CLASS_CONSENT, CLOSED)
        for _ in range(MOST_CONSENT_SECTORS):
            if sector == NONE:
                return NONE
            rank = index.rank(index.last_boot(sector))
            sector = index.following(1 << CLASS_CONSENT, CLOSED, rank, index.last_sequence(sector))
        return NONE if sector == NONE else oldest
