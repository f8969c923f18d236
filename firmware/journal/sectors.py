"""Writes sectors: the record after an erase, the head at opening, entries, marks, the summary at the close.

Every method that writes may raise OSError, and leaves what `boot` makes sense of, as power that goes does.
"""

import struct
from binascii import crc32

import micropython

from bandwire.moving import copy_into
from journal.index import (
    FLAG_CONFIRMED,
    FLAG_THINNED,
    PHASE_CLEAN,
    PHASE_CLOSED,
    PHASE_DIRTY,
    PHASE_OPEN,
    PHASE_TOLD,
    Index,
)
from journal.layout import (
    CLASS_COUNT,
    CONFIRMED_AT,
    CRC_BYTES,
    CRC_RESIDUE,
    ENTRIES_AT,
    ENTRIES_END,
    ENTRY_HEAD_BYTES,
    ERASED_AT,
    ERASED_BYTES,
    FORMAT,
    FRAME_HEADER_BYTES,
    GIVEN_UP_AT,
    HEAD_BYTES,
    MOST_ENTRY_BYTES,
    OPENED_AT,
    OPENED_BYTES,
    SECTOR_BYTES,
    SUBJECT_BYTES,
    SUBJECT_FLAG,
    SUMMARY_AT,
    SUMMARY_BYTES,
    THINNED_AT,
    TOLD_AT,
    entry_bytes,
)
from journal.scan import Scan
from journal.seal import KEY_SECTORS

LEAST_SECTORS = 11
"""One open for each class, those that are erased ahead, one to give up, that of the key."""
NONE = -1
_PADDING = 0
_WORD_BYTES = 4
_NOT_MARKED = 0xFFFFFFFF
_LOST_BOOT_AT = ENTRY_HEAD_BYTES + FRAME_HEADER_BYTES
"""Where the entry of a loss names the boot of the frames."""


class Sectors:
    """All sectors of a flash and what is known of them (`index`); `opened` and `ends` are by class.
    `scan` serves whoever goes through a sector, and who does so in steps looks where it stands; `word` is for
    whoever reads one.

    `newest` is the sector with the highest serial number. `generation` counts how often something that was
    kept ceased to be. `boot_base_s` is the powered time at which this boot began; a sector whose serial
    number is below `floor` is given up with `floor_cause`.
    """

    def __init__(self, flash, seal):
        if flash.sector_count < LEAST_SECTORS:
            raise ValueError("a journal wants %d sectors, got %d" % (LEAST_SECTORS, flash.sector_count))
        self.flash = flash
        self.seal = seal
        self.count = flash.sector_count - KEY_SECTORS
        self.index = Index(self.count)
        self.scan = Scan(flash)
        self.head = bytearray(HEAD_BYTES)
        self._head_view = memoryview(self.head)
        self._entry = bytearray(MOST_ENTRY_BYTES)
        self._entry_view = memoryview(self._entry)
        self._keys = bytearray(10)
        self.word = bytearray(_WORD_BYTES)
        self.opened = [NONE] * CLASS_COUNT
        self.ends = [0] * CLASS_COUNT
        self.forget()

    def forget(self):
        """Know nothing, as before the first look at the flash."""
        for class_ in range(CLASS_COUNT):
            self.opened[class_] = NONE
        for at in range(len(self.index.entries)):
            self.index.entries[at] = 0
        self.clean_count = 0
        self.next_serial = 1
        self.next_sector = 0
        self.newest = NONE
        self.most_erases = 0
        self.floor = 0
        self.floor_cause = 0
        self.boot_base_s = 0
        self.generation = 0

    # Entries

    def has_room(self, class_, size):
        """Whether the open sector of a class takes an entry of so many bytes."""
        return self.opened[class_] != NONE and self.ends[class_] + size <= ENTRIES_END

    def append(self, class_, buffer, start, length, subject=NONE):
        """Write a frame into the open sector of a class, where `has_room`; `subject` is another's serial."""
        sector = self.opened[class_]
        at = self.ends[class_]
        has_subject = subject != NONE
        size = entry_bytes(length, has_subject)
        entry = self._entry
        said = length | SUBJECT_FLAG if has_subject else length
        struct.pack_into("<HH", entry, 0, said, ~said & 0xFFFF)
        struct.pack_into("<II", entry, length & ~3, _PADDING, _PADDING)
        if has_subject:
            struct.pack_into("<I", entry, size - CRC_BYTES - SUBJECT_BYTES, subject)
        copy_into(entry, ENTRY_HEAD_BYTES, buffer, start, length)
        self.seal.mask(entry, length, sector, at)
        self._close_with_crc(entry, self._entry_view, 0, size)
        self.flash.program(sector, at, entry, 0, size)
        self.ends[class_] = at + size
        self.index.add(sector, buffer, start)

    @micropython.native
    def read_entry(self, sector, at, size, buffer, view):
        """Read an entry of so many bytes; whether it is sound."""
        self.flash.read_into(sector, at, buffer, 0, size)
        return crc32(view[:size]) == CRC_RESIDUE

    def open_entry(self, scan, buffer, view):
        """Read the entry that a scan stands at, and open it; whether it is sound."""
        is_sound = self.read_entry(scan.sector, scan.at, scan.size, buffer, view)
        if is_sound:
            self.seal.mask(buffer, scan.length, scan.sector, scan.at)
        return is_sound

    def is_entry_sound(self, scan):
        """Whether the entry that a scan stands at is."""
        return self.read_entry(scan.sector, scan.at, scan.size, self._entry, self._entry_view)

    def lost_boot(self, scan):
        """The boot of which the loss tells that a scan stands at; NONE where that is not sound."""
        if not self.open_entry(scan, self._entry, self._entry_view):
            return NONE
        return self._entry[_LOST_BOOT_AT] | self._entry[_LOST_BOOT_AT + 1] << 8

    def copy(self, scan, class_):
        """Write the entry that a scan stands at again, where `has_room`, if it is sound; whether it is.

        It does not count as one of the sector's before the index is told of it.
        """
        entry = self._entry
        is_sound = self.open_entry(scan, entry, self._entry_view)
        if is_sound:
            sector, at = self.opened[class_], self.ends[class_]
            self.seal.mask(entry, scan.length, sector, at)
            self._close_with_crc(entry, self._entry_view, 0, scan.size)
            self.flash.program(sector, at, entry, 0, scan.size)
            self.ends[class_] = at + scan.size
        return is_sound

    # Heads

    def open(self, class_, minute, base_s, opened_s):
        """Open a clean sector for a class; gives it."""
        index = self.index
        sector = index.in_phase(PHASE_CLEAN, self.next_sector)
        self.clean_count -= 1
        index.begin(sector, class_, PHASE_DIRTY)
        head = self.head
        serial = self.next_serial
        struct.pack_into(
            "<BHBIIII", head, OPENED_AT, class_ | self.floor_cause << 4, minute & 0xFFFF, minute >> 16,
            serial, self.floor, base_s, opened_s,
        )  # fmt: skip
        self._close_with_crc(head, self._head_view, OPENED_AT, OPENED_BYTES, self.seal.check)
        self.flash.program(sector, OPENED_AT, head, OPENED_AT, OPENED_BYTES)
        self.next_serial = serial + 1
        self.next_sector = (sector + 1) % self.count
        self.newest = sector
        index.set_phase(sector, PHASE_OPEN)
        self.opened[class_] = sector
        self.ends[class_] = ENTRIES_AT
        return sector

    def close(self, class_):
        """Close the open sector of a class, if there is one; gives it, or NONE."""
        sector = self.opened[class_]
        if sector != NONE:
            self.opened[class_] = NONE
            self.close_sector(sector)
        return sector

    def close_sector(self, sector):
        """Write the summary of a sector; without a frame it is only to be erased."""
        index = self.index
        count = index.frame_count(sector)
        if not count:
            index.set_phase(sector, PHASE_TOLD)
            return
        head, keys = self.head, self._keys
        index.keys_into(keys, sector)
        copy_into(head, SUMMARY_AT, keys, 0, 2)
        copy_into(head, SUMMARY_AT + 2, keys, 5, 2)
        copy_into(head, SUMMARY_AT + 4, keys, 2, 3)
        head[SUMMARY_AT + 7] = count
        copy_into(head, SUMMARY_AT + 8, keys, 7, 3)
        head[SUMMARY_AT + 11] = _PADDING
        self._close_with_crc(head, self._head_view, SUMMARY_AT, SUMMARY_BYTES)
        self.flash.program(sector, SUMMARY_AT, head, SUMMARY_AT, SUMMARY_BYTES)
        index.set_phase(sector, PHASE_CLOSED)

    def read_head(self, sector):
        """Read the head of a sector into `head`."""
        self.flash.read_into(sector, 0, self.head, 0, HEAD_BYTES)

    def is_sound(self, at, count, check=0):
        """Whether a record of the head that was read, with its CRC-32 that goes on from `check`, is."""
        return crc32(self._head_view[at : at + count], check) == CRC_RESIDUE

    def restore_summary(self, sector):
        """Take what the summary in the head that was read says, into the index."""
        head, keys = self.head, self._keys
        copy_into(keys, 0, head, SUMMARY_AT, 2)
        copy_into(keys, 5, head, SUMMARY_AT + 2, 2)
        copy_into(keys, 2, head, SUMMARY_AT + 4, 3)
        copy_into(keys, 7, head, SUMMARY_AT + 8, 3)
        self.index.restore(sector, head[SUMMARY_AT + 7], keys)

    # Marks

    def mark_given_up(self, sector, cause):
        """Say that a sector is given up, before its losses are told."""
        word = self.word
        word[0] = cause
        word[1] = cause ^ 0xFF
        word[2] = word[3] = 0
        self.flash.program(sector, GIVEN_UP_AT, word, 0, _WORD_BYTES)

    def mark_told(self, sector):
        """Say that all losses of a sector are told: from here on it may be erased."""
        if not self.is_marked(sector, TOLD_AT):
            self._clear_word(sector, TOLD_AT)
        self.index.set_phase(sector, PHASE_TOLD)

    def mark_confirmed(self, sector):
        """Say that a host holds every frame of a closed sector."""
        self._clear_word(sector, CONFIRMED_AT)
        self.index.set_flag(sector, FLAG_CONFIRMED)

    def mark_thinned(self, sector):
        """Say that thinning a sector would free too little."""
        self._clear_word(sector, THINNED_AT)
        self.index.set_flag(sector, FLAG_THINNED)

    def is_marked(self, sector, at):
        """Whether a word of a sector is programmed."""
        self.flash.read_into(sector, at, self.word, 0, _WORD_BYTES)
        return struct.unpack("<I", self.word)[0] != _NOT_MARKED

    # Erasing

    def prepare(self, sector):
        """Erase a sector and write the record of it."""
        head = self.head
        self.read_head(sector)
        erases = self.most_erases
        if head[ERASED_AT] == FORMAT and self.is_sound(ERASED_AT, ERASED_BYTES):
            erases = head[ERASED_AT + 1] | head[ERASED_AT + 2] << 8 | head[ERASED_AT + 3] << 16
        erases = min(erases + 1, 0xFFFFFF)
        self.flash.erase(sector)
        self.index.begin(sector, 0, PHASE_DIRTY)
        struct.pack_into("<BBH", head, ERASED_AT, FORMAT, erases & 0xFF, erases >> 8)
        self._close_with_crc(head, self._head_view, ERASED_AT, ERASED_BYTES)
        self.flash.program(sector, ERASED_AT, head, ERASED_AT, ERASED_BYTES)
        self.most_erases = max(self.most_erases, erases)
        self.index.begin(sector, 0, PHASE_CLEAN)
        self.clean_count += 1

    def is_blank(self, sector, at):
        """Whether nothing was programmed where the next entry would lie."""
        count = min(MOST_ENTRY_BYTES, SECTOR_BYTES - at)
        self.flash.read_into(sector, at, self._entry, 0, count)
        return bytes(self._entry_view[:count]) == b"\xff" * count

    def _clear_word(self, sector, at):
        word = self.word
        word[0] = word[1] = word[2] = word[3] = 0
        self.flash.program(sector, at, word, 0, _WORD_BYTES)

    def _close_with_crc(self, buffer, view, at, size, check=0):
        end = at + size - CRC_BYTES
        struct.pack_into("<I", buffer, end, crc32(view[at:end], check))
