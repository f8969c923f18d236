"""A journal on a model of NOR flash, and beside it all that was ever appended, confirmed and given up."""

import os
from binascii import crc32
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from bandsim.nor_flash import SECTOR_BYTES, Cut, Erasure, NorFlash, PowerCutError
from bandsim.sealed_journal import LibraryCtr, frame_in
from bandwire.frames import (
    HEADER_BYTES,
    JOURNAL_CLASS_EVENTS,
    JOURNAL_CLASS_VITALS,
    JOURNAL_CLASS_WAVEFORMS,
    JOURNAL_LOSS_BYTES,
    KIND_COMPRESSED_BLOCK,
    KIND_CONSENT_RECORD,
    KIND_EVENT,
    KIND_JOURNAL_LOSS,
    KIND_VITALS,
    KIND_VITALS_RUN,
    LOSS_CAUSE_FULL,
    LOSS_CAUSE_THINNED,
    pack_header_into,
    pack_journal_loss_into,
    unpack_journal_loss,
)
from journal.confirmed import MOST_RANGES
from journal.index import CLOSED, PHASE_CLOSED
from journal.layout import (
    CLASS_CONSENT,
    CLASS_EVENTS,
    CLASS_THINNED,
    CLASS_VITALS,
    CLASS_WAVEFORM,
    CRC_RESIDUE,
    ENTRY_HEAD_BYTES,
    class_of,
    entry_bytes,
)
from journal.log import FrameLog
from journal.room import MOST_CONSENT_SECTORS
from journal.scan import Scan

CLASS_TOLD = {
    CLASS_CONSENT: JOURNAL_CLASS_EVENTS,
    CLASS_EVENTS: JOURNAL_CLASS_EVENTS,
    CLASS_VITALS: JOURNAL_CLASS_VITALS,
    CLASS_THINNED: JOURNAL_CLASS_VITALS,
    CLASS_WAVEFORM: JOURNAL_CLASS_WAVEFORMS,
}
MUST_BE_GONE = {
    JOURNAL_CLASS_WAVEFORMS: 0,
    JOURNAL_CLASS_VITALS: 1 << CLASS_WAVEFORM,
    JOURNAL_CLASS_EVENTS: 1 << CLASS_WAVEFORM | 1 << CLASS_VITALS | 1 << CLASS_THINNED,
}
"""Classes of which no closed sector may be left when one is given up for want of room."""

Key = tuple[int, int]


class BlockFlash:
    """What `hal.flash` offers, over the model."""

    def __init__(self, nor: NorFlash):
        self.nor = nor
        self.sector_count = nor.sector_count

    def read_into(self, sector, offset, buffer, start, count):
        buffer[start : start + count] = self.nor.read(sector, offset, count)

    def program(self, sector, offset, buffer, start, count):
        self.nor.program(sector, offset, bytes(buffer[start : start + count]))

    def erase(self, sector):
        self.nor.erase(sector)


@dataclass(frozen=True)
class Loss:
    """What the frame of a loss says."""

    boot_id: int
    first: int
    last: int
    count: int
    lost_class: int
    cause: int


class World:
    """A band's journal; `append` returns as the band's does, `check` compares with the flash."""

    def __init__(self, sectors: int = 14, nor: "NorFlash | None" = None):
        self.nor = nor or NorFlash(sectors)
        self.boot_id = 0
        self.ticks_ms = 0
        self.appended: dict[Key, bytes] = {}
        self.confirmed: dict[Key, None] = {}
        self.given_up: dict[Key, None] = {}
        """In sectors that were being given up: they may be gone."""
        self.losses: list[Loss] = []
        self.pending: bytes = b""
        """The frame whose append has not returned."""
        self.out_of_order: list[str] = []
        self.boot()

    def boot(self, *, until_ready: bool = True):
        """Switch on: what the flash holds is all that is known."""
        self._look_for_pending()
        self.boot_id += 1
        self.sequence = 0
        self.ticks_ms = 0
        self.log = FrameLog(BlockFlash(self.nor), os.urandom, LibraryCtr())
        self.log.losses.tell = self._tell
        give_up = self.log.losses.give_up
        finish = self.log.losses.finish

        begin_thinning = self.log.room.thinner.begin

        def note_begun(sector):
            self._check_order(sector, LOSS_CAUSE_THINNED)
            begin_thinning(sector)

        def note_given_up(sector, cause):
            self._note_given_up(sector)
            if cause != LOSS_CAUSE_THINNED:
                self._check_order(sector, cause)
            give_up(sector, cause)

        def note_finished(sector):
            self._note_given_up(sector)
            finish(sector)

        self.log.losses.give_up = note_given_up
        self.log.losses.finish = note_finished
        self.log.room.thinner.begin = note_begun
        self.log.start(self.boot_id)
        for first, count, boot_id in self._confirmed_runs():
            self.log.confirm(boot_id, first, count)
        if until_ready:
            self.log.finish_start()

    def append(self, kind: int, payload_bytes: int, step_ms: int = 2000) -> Key:
        """Number a frame and write it."""
        length = HEADER_BYTES + payload_bytes
        self.log.reserve(kind, length)
        self.ticks_ms += step_ms
        self.log.uptime_s = self.ticks_ms // 1000
        frame = self._numbered(kind, length)
        seed = self.sequence * 7 + self.boot_id
        frame[HEADER_BYTES:] = bytes((seed + at * 31) & 0xFF for at in range(payload_bytes))
        self.pending = bytes(frame)
        self.log.append(kind, frame, 0, length)
        return self._note_appended()

    def confirm(self, boot_id: int, first: int, count: int):
        """A host holds these numbers."""
        self.confirmed.update(dict.fromkeys((boot_id, sequence) for sequence in range(first, first + count)))
        self.log.confirm(boot_id, first, count)

    def wipe(self, cause: int):
        """Give up all that is not a consent record."""
        index = self.log.sectors.index
        for sector in range(index.count):
            if index.is_alive(sector) and index.class_at(sector) != CLASS_CONSENT:
                self._note_given_up(sector)
        self.log.wipe(cause)

    def expire(self, most_s: int):
        """Give up the sectors that are older than so many powered seconds."""
        while self.log.expire(most_s):
            pass

    def settle(self):
        """Let the journal do all that waits to be done."""
        while self.log.step():
            pass

    def kept(self) -> dict[Key, bytes]:
        """Every frame that a host could have again, in the order in which it would come."""
        self.log.extents.begin()
        found: dict[Key, bytes] = {}
        while self.log.extents.step():
            pass
        for boot_id in self.log.extents.boots:
            frames = self.backfilled(boot_id, 0, 1 << 24)
            self.log.extents.look_at(boot_id)
            while self.log.extents.step():
                pass
            extents = self.log.extents
            sequences = [key[1] for key in frames]
            assert (extents.frame_count, extents.first, extents.stop) == (
                len(frames), min(sequences), max(sequences) + 1
            )  # fmt: skip
            found |= frames
        return found

    def backfilled(self, boot_id: int, first: int, count: int) -> dict[Key, bytes]:
        """What comes for a request, of which the reader must have told how many and from where."""
        reader = self.log.reader
        reader.begin(boot_id, first, count)
        while reader.count():
            pass
        kept, lowest = reader.kept, reader.first_sequence
        found: dict[Key, bytes] = {}
        while length := reader.peek():
            frame = bytes(reader.buffer[reader.start : reader.start + length])
            key = key_of(frame)
            assert key not in found, "a frame comes once"
            found[key] = frame
            reader.advance()
        assert reader.sent == len(found) == kept
        if found:
            assert lowest == min(found)[1]
        return found

    def check(self):
        """Nothing is invented, nothing missing that was not given up, each loss is counted once."""
        kept = self.kept()
        assert {key: self.appended.get(key) for key in kept} == kept, "an invented frame, or other bytes"
        gone = self.appended.keys() - kept.keys()
        assert gone <= self.given_up.keys()
        assert not self.out_of_order
        return gone

    def check_losses(self):
        """Once the journal is settled: every unconfirmed frame that is gone is in one loss, and in no other.

        Of more boots than the band has ranges for, frames that were confirmed may be told as lost too.
        """
        gone = self.check()
        every, least = self._by_class(gone), self._by_class(gone - self.confirmed.keys())
        is_exact = len(self._confirmed_runs()) <= MOST_RANGES
        told: dict[tuple[int, int], int] = {}
        for loss in self.losses:
            at = loss.boot_id, loss.lost_class
            told[at] = told.get(at, 0) + loss.count
            sequences = (least if is_exact else every)[at]
            first, stop = bisect_left(sequences, loss.first), bisect_right(sequences, loss.last)
            assert stop - first >= loss.count, loss
            assert (sequences[first], sequences[stop - 1]) == (loss.first, loss.last), loss
        for at, sequences in every.items():
            assert len(least.get(at, ())) <= told.get(at, 0) <= len(sequences)
        if is_exact:
            assert told == {at: len(sequences) for at, sequences in least.items()}

    # Inside

    def _by_class(self, keys: Iterable[Key]) -> dict[tuple[int, int], list[int]]:
        """Sequences in their order, by boot and class as a loss tells it."""
        found: dict[tuple[int, int], list[int]] = {}
        for key in sorted(keys):
            found.setdefault((key[0], CLASS_TOLD[class_of(self.appended[key][1])]), []).append(key[1])
        return found

    def _numbered(self, kind: int, length: int) -> bytearray:
        frame = bytearray(length)
        low, high = self.ticks_ms & 0xFFFF, self.ticks_ms >> 16
        pack_header_into(frame, 0, kind, self.boot_id, self.sequence, low, high, 0)
        self.sequence += 1
        return frame

    def _look_for_pending(self):
        """Whether the frame whose append did not return is whole in the flash all the same."""
        if self.pending and self._is_whole(self.pending, self.nor.image()):
            self._note_appended()
        self.pending = b""

    def _is_whole(self, frame: bytes, image: bytes) -> bool:
        sizes = entry_bytes(len(frame)), entry_bytes(len(frame), True)
        at = -1
        while (at := image.find(frame[:HEADER_BYTES], at + 1)) >= 0:
            start = at - ENTRY_HEAD_BYTES
            for size in sizes:
                entry = image[start : start + size]
                if (
                    crc32(entry) == CRC_RESIDUE
                    and frame_in(image, *divmod(start, SECTOR_BYTES), entry) == frame
                ):
                    return True
        return False

    def _note_appended(self) -> Key:
        frame, self.pending = self.pending, b""
        key = key_of(frame)
        self.appended[key] = frame
        if frame[1] == KIND_JOURNAL_LOSS:
            self.losses.append(Loss(*unpack_journal_loss(frame, 0, len(frame))))
        return key

    def _tell(self, boot_id, first, last, count, lost_class, cause, subject):
        assert self.log.reserve_loss(JOURNAL_LOSS_BYTES)
        frame = self._numbered(KIND_JOURNAL_LOSS, JOURNAL_LOSS_BYTES)
        pack_journal_loss_into(frame, 0, boot_id, first, last, count, lost_class, cause)
        self.pending = bytes(frame)
        self.log.append_loss(frame, JOURNAL_LOSS_BYTES, subject)
        self._note_appended()

    def _note_given_up(self, sector: int):
        scan = Scan(self.log.sectors.flash)
        scan.begin(sector, self.log.sectors.index.frame_count(sector))
        while scan.next():
            self.given_up[scan.boot_id, scan.sequence] = None

    def _check_order(self, sector: int, cause: int):
        index = self.log.sectors.index
        lost_class = CLASS_TOLD[index.class_at(sector)]
        is_confirmed = index.entries[sector * 12] & 0x40
        if cause not in (LOSS_CAUSE_FULL, LOSS_CAUSE_THINNED):
            return
        if is_confirmed:
            if index.oldest(0x1F, CLOSED, 0x40) != sector:
                self.out_of_order.append(f"sector {sector} is not the oldest confirmed one")
            return
        is_spare = self._consent_sectors() > MOST_CONSENT_SECTORS
        if is_spare and index.oldest(1 << CLASS_CONSENT, CLOSED) != sector:
            self.out_of_order.append(f"sector {sector} goes before the oldest of too many consent records")
        if is_spare:
            return
        before = [index.oldest(MUST_BE_GONE[lost_class], CLOSED), index.oldest(0x1F, CLOSED, 0x40)]
        if index.class_at(sector) == CLASS_THINNED:
            before.append(index.oldest(1 << CLASS_VITALS, CLOSED, 0, 0x80))
        if index.class_at(sector) == CLASS_CONSENT:
            before.append(index.oldest(1 << CLASS_EVENTS, CLOSED))
        if max(before) >= 0:
            self.out_of_order.append(f"sector {sector} goes before {before}")

    def _consent_sectors(self) -> int:
        index = self.log.sectors.index
        phases = [index.phase(at) for at in range(index.count) if index.class_at(at) == CLASS_CONSENT]
        return phases.count(PHASE_CLOSED)

    def _confirmed_runs(self):
        """The confirmed numbers as (first, count, boot), as a host would tell them anew."""
        runs: list[list[int]] = []
        for boot_id, sequence in sorted(self.confirmed):
            if runs and runs[-1][2] == boot_id and sum(runs[-1][:2]) == sequence:
                runs[-1][1] += 1
            else:
                runs.append([sequence, 1, boot_id])
        return runs


def key_of(frame: bytes) -> Key:
    """Boot and sequence of a frame."""
    return frame[2] | frame[3] << 8, frame[4] | frame[5] << 8 | frame[6] << 16


KINDS = {
    "block": (KIND_COMPRESSED_BLOCK, 229),
    "run": (KIND_VITALS_RUN, 200),
    "update": (KIND_VITALS, 40),
    "event": (KIND_EVENT, 6),
    "consent": (KIND_CONSENT_RECORD, 11),
}
"""Kinds of frames as a band makes them, and bytes of their payloads."""

__all__ = ["KINDS", "BlockFlash", "Cut", "Erasure", "Loss", "NorFlash", "PowerCutError", "World", "key_of"]
