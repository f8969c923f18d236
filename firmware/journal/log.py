"""The journal in flash: appends frames, gives up what it must, finds them again.

    log = FrameLog(flash)
    log.losses.tell = ...               makes the frame of a loss and gives it to `append_loss`
    log.start(boot_id)                  then `step` until `is_ready`
    log.reserve(kind, length)           an entry for such a frame is free; gives up others if need be
    log.append(kind, buffer, start, length)
    log.step()                          a piece of what waits to be done; whether there is more
    log.reader, log.extents             what is kept
    log.confirmed.note(...)             what a host holds
    log.wipe(cause)                     keep nothing but the consent records

What writes raises OSError when the flash fails: nothing else may be called then but `start`.
"""

from journal.boot import Boot
from journal.confirmed import Confirmed
from journal.extents import Extents
from journal.index import PHASE_DYING
from journal.layout import (
    CLASS_CONSENT,
    CLASS_COUNT,
    CLASS_EVENTS,
    CLASS_VITALS,
    MOST_ENTRY_BYTES,
    NO_MINUTE,
    class_of,
    entry_bytes,
    seconds_of,
)
from journal.losses import Losses
from journal.reader import Reader
from journal.room import Room
from journal.sectors import NONE, Sectors
from journal.thinning import Thinner


class FrameLog:
    """All of the journal in flash; see the module for its use."""

    def __init__(self, flash):
        scratch = bytearray(MOST_ENTRY_BYTES)
        sectors = self.sectors = Sectors(flash)
        self.confirmed = Confirmed(sectors)
        self.losses = Losses(sectors, self.confirmed)
        thinner = Thinner(sectors, self.losses, scratch)
        self.room = Room(sectors, self.losses, thinner, self.confirmed)
        self._boot = Boot(sectors, thinner, self.room, scratch)
        self.reader = Reader(sectors, bytearray(MOST_ENTRY_BYTES))
        self.extents = Extents(sectors)
        self.is_ready = False
        self.uptime_s = 0
        """Of this boot, as the owner keeps it: powered time is counted by it."""
        self._vitals_boot = NONE
        self._vitals_minute = NO_MINUTE

    def start(self, boot_id):
        """Look at the flash afresh: `step` does it."""
        self.is_ready = False
        self.reader.cancel()
        self._vitals_boot = NONE
        self._boot.begin(boot_id)

    @property
    def powered_s(self):
        """Seconds that the band has had power since its journal began, as far as is known."""
        return self.sectors.boot_base_s + self.uptime_s

    def step(self):
        """A piece of what waits to be done; whether there is more."""
        if not self.is_ready:
            self.is_ready = not self._boot.step()
            return True
        if self.reader.count() or self.confirmed.step():
            return True
        return self.room.step()

    def finish_start(self):
        """Know all of the flash before this returns."""
        while not self.is_ready:
            self.step()

    def begin_boot(self, boot_id):
        """Frames to come are of this boot."""
        self.sectors.index.boot_id = boot_id

    def reserve(self, kind, length):
        """Let an entry be free for a frame, at the cost of others if need be."""
        class_ = class_of(kind)
        if not self.sectors.has_room(class_, entry_bytes(length)):
            self.finish_start()
            self._close(class_)
            self.room.make_now()
            if not self.sectors.has_room(class_, entry_bytes(length)):
                self._open(class_)

    def append(self, kind, buffer, start, length):
        """Write a frame, for which an entry is reserved."""
        class_ = class_of(kind)
        self.sectors.append(class_, buffer, start, length)
        if class_ == CLASS_VITALS:
            self._vitals_boot = buffer[start + 2] | buffer[start + 3] << 8
            self._vitals_minute = self._seconds(buffer, start) // 60

    def append_loss(self, buffer, length, subject):
        """Write the frame of a loss, of the sector of a serial number; whether there was room for it."""
        sectors = self.sectors
        if not sectors.has_room(CLASS_EVENTS, entry_bytes(length, True)):
            self._close(CLASS_EVENTS)
            if not sectors.clean_count:
                return False
            self._open(CLASS_EVENTS)
        sectors.append(CLASS_EVENTS, buffer, 0, length, subject)
        return True

    def wipe(self, cause):
        """Give up all but the consent records, at once and for good; telling and erasing follow in steps."""
        self.finish_start()
        self.room.make_now()
        sectors, index = self.sectors, self.sectors.index
        sectors.floor = sectors.next_serial
        sectors.floor_cause = cause
        kept = self._open(CLASS_EVENTS)
        sectors.generation += 1
        for class_ in range(CLASS_COUNT):
            if class_ not in (CLASS_CONSENT, CLASS_EVENTS):
                sectors.opened[class_] = NONE
        for sector in range(sectors.count):
            if index.is_alive(sector) and index.class_at(sector) != CLASS_CONSENT and sector != kept:
                index.set_phase(sector, PHASE_DYING)

    def _close(self, class_):
        if self.sectors.close(class_) != NONE:
            self.confirmed.note_closed()

    def _open(self, class_):
        sectors = self.sectors
        minute = NO_MINUTE
        if class_ == CLASS_VITALS and self._vitals_boot == sectors.index.boot_id:
            minute = self._vitals_minute
        return sectors.open(class_, minute, sectors.boot_base_s, self.powered_s)

    def _seconds(self, buffer, start):
        return seconds_of(
            buffer[start + 7] | buffer[start + 8] << 8, buffer[start + 9] | buffer[start + 10] << 8
        )
