"""The journal in flash: appends frames, gives up what it must, finds them again.

    log = FrameLog(flash, draw, cipher) draw(count) gives random bytes, cipher is a `secure.aes_ctr`
    log.losses.tell = ...               makes the frame of a loss and gives it to `append_loss`
    log.start(boot_id)                  then `step` until `is_ready`
    log.reserve(kind, length)           an entry for such a frame is free; gives up others if need be
    log.append(kind, buffer, start, length)
    log.expire(most_s)                  give up what is older
    log.step()                          a piece of what waits to be done; whether there is more
    log.reader, log.extents             what is kept
    log.confirm(...)                    what a host holds
    log.wipe(cause)                     keep nothing but the consent records

What writes raises OSError when the flash fails: nothing else may be called then but `start`.
"""

from journal.boot import Boot
from journal.confirmed import Confirmed
from journal.extents import Extents
from journal.index import ALIVE, PHASE_DYING
from journal.layout import (
    CLASS_CONSENT,
    CLASS_COUNT,
    CLASS_EVENTS,
    CLASS_THINNED,
    CLASS_VITALS,
    CLASS_WAVEFORM,
    MOST_ENTRY_BYTES,
    NO_MINUTE,
    class_of,
    entry_bytes,
    seconds_of,
)
from journal.losses import Losses
from journal.reader import Reader
from journal.room import Room
from journal.seal import Seal
from journal.sectors import NONE, Sectors
from journal.thinning import Thinner

_ABOUT_THE_WEARER = 1 << CLASS_THINNED | 1 << CLASS_VITALS | 1 << CLASS_WAVEFORM


class FrameLog:
    """All of the journal in flash; see the module for its use."""

    def __init__(self, flash, draw, cipher):
        sectors = self.sectors = Sectors(flash, Seal(flash, draw, cipher))
        self.confirmed = Confirmed(sectors)
        self.losses = Losses(sectors, self.confirmed)
        thinner = Thinner(sectors, self.losses)
        self.room = Room(sectors, self.losses, thinner, self.confirmed)
        self._boot = Boot(sectors, thinner, self.room)
        self.reader = Reader(sectors, bytearray(MOST_ENTRY_BYTES))
        self.extents = Extents(sectors)
        self.is_ready = False
        self.has_work = False
        """Whether `step` has something to do."""
        self.uptime_s = 0
        """Of this boot, as the owner keeps it: powered time is counted by it."""
        self._vitals_boot = NONE
        self._vitals_minute = NO_MINUTE

    def start(self, boot_id):
        """Look at the flash afresh: `step` does it."""
        self.is_ready = False
        self.has_work = True
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
        elif not self.reader.count() and not self.confirmed.step():
            self.has_work = self.room.step()
        return self.has_work

    def finish_start(self):
        """Know all of the flash before this returns."""
        while not self.is_ready:
            self.step()

    def backfill(self, boot_id, first_sequence, frame_count, is_consent_only=False):
        """Let `reader` offer the kept ones of these numbers, as soon as they are counted."""
        self.reader.begin(boot_id, first_sequence, frame_count, is_consent_only)
        self.has_work = True

    def holds_wearer_data(self):
        """Whether there is anything that withdrawing deletes, events apart."""
        return self.sectors.index.oldest(_ABOUT_THE_WEARER, ALIVE) != NONE

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

    def reserve_loss(self, length):
        """Let an entry be free for the frame of a loss, while room is made; whether there is one."""
        sectors = self.sectors
        if not sectors.has_room(CLASS_EVENTS, entry_bytes(length, True)):
            self._close(CLASS_EVENTS)
            if not sectors.clean_count:
                return False
            self._open(CLASS_EVENTS)
        return True

    def append_loss(self, buffer, length, subject):
        """Write the frame of a loss, of the sector of a serial number; an entry is reserved for it."""
        self.sectors.append(CLASS_EVENTS, buffer, 0, length, subject)

    def confirm(self, boot_id, first_sequence, frame_count):
        """A host holds these numbers of a boot."""
        self.confirmed.note(boot_id, first_sequence, frame_count)
        self.has_work = True

    def expire(self, most_s):
        """Give up a sector whose first frame is older than so many powered seconds; whether there was one."""
        is_expired = self.room.expire(self.powered_s, most_s)
        self.has_work = self.has_work or is_expired
        return is_expired

    def wipe(self, cause):
        """Give up all but the consent records, at once and for good; telling and erasing follow in steps."""
        self.finish_start()
        self.losses.finish_begun()
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
            self.has_work = True

    def _open(self, class_):
        sectors = self.sectors
        self.has_work = True
        minute = NO_MINUTE
        if class_ == CLASS_VITALS and self._vitals_boot == sectors.index.boot_id:
            minute = self._vitals_minute
        return sectors.open(class_, minute, sectors.boot_base_s, self.powered_s)

    def _seconds(self, buffer, start):
        return seconds_of(
            buffer[start + 7] | buffer[start + 8] << 8, buffer[start + 9] | buffer[start + 10] << 8
        )
