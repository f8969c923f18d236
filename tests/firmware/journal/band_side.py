"""A journal that is filled, given up, thinned and read again: digests of what the flash then holds.

As a script under MicroPython the same as here, where `flash_of` gives the model that keeps the rules.
"""

import hashlib
from binascii import hexlify

from bandwire.frames import (
    HEADER_BYTES,
    JOURNAL_LOSS_BYTES,
    KIND_COMPRESSED_BLOCK,
    KIND_CONSENT_RECORD,
    KIND_EVENT,
    KIND_JOURNAL_LOSS,
    KIND_VITALS,
    LOSS_CAUSE_WITHDRAWN,
    pack_header_into,
    pack_journal_loss_into,
)
from bandwire.secure.aes_ctr import AesCtr
from journal import search, search_plain
from journal.log import FrameLog

SECTORS = 13
KINDS = ((KIND_COMPRESSED_BLOCK, 241), (KIND_EVENT, 18), (KIND_CONSENT_RECORD, 23), (KIND_VITALS, 90))


class PlainFlash:
    """A flash in RAM, without rules."""

    def __init__(self, sector_count):
        self.sector_count = sector_count
        self.content = bytearray(b"\xff" * (4096 * sector_count))

    def read_into(self, sector, offset, buffer, start, count):
        at = sector * 4096 + offset
        buffer[start : start + count] = self.content[at : at + count]

    def program(self, sector, offset, buffer, start, count):
        at = sector * 4096 + offset
        self.content[at : at + count] = buffer[start : start + count]

    def erase(self, sector):
        self.content[sector * 4096 : sector * 4096 + 4096] = b"\xff" * 4096


class Band:
    """Numbers frames and appends them."""

    def __init__(self, flash, boot_id, cipher):
        self.log = FrameLog(flash, lambda count: bytes(range(count)), cipher)
        self.log.losses.tell = self._tell
        self.boot_id = boot_id
        self.sequence = 0
        self.frame = bytearray(256)
        self.loss = bytearray(JOURNAL_LOSS_BYTES)
        self.log.start(boot_id)
        self.log.finish_start()

    def append(self, kind, length, seconds):
        self.log.reserve(kind, length)
        self._number(self.frame, kind, seconds)
        for at in range(HEADER_BYTES, length):
            self.frame[at] = self.sequence * 5 + at & 0xFF
        self.log.append(kind, self.frame, 0, length)

    def _number(self, frame, kind, seconds):
        ticks = seconds * 1000
        pack_header_into(frame, 0, kind, self.boot_id, self.sequence, ticks & 0xFFFF, ticks >> 16, 0)
        self.sequence += 1

    def _tell(self, boot_id, first, last, count, lost_class, cause, subject):
        self.log.reserve_loss(JOURNAL_LOSS_BYTES)
        self._number(self.loss, KIND_JOURNAL_LOSS, 0)
        pack_journal_loss_into(self.loss, 0, boot_id, first, last, count, lost_class, cause)
        self.log.append_loss(self.loss, JOURNAL_LOSS_BYTES, subject)

    def read_again(self):
        digest = hashlib.sha256()
        reader = self.log.reader
        reader.begin(self.boot_id, 3, 1 << 20)
        while reader.count():
            pass
        while True:
            length = reader.peek()
            if not length:
                return reader.sent, digest
            digest.update(reader.buffer[reader.start : reader.start + length])
            reader.advance()


def same_searches(index, step):
    """Whether fast and plain searches find the same."""
    classes = 1 << step % 5 | 1 << step % 3
    asked = index.entries, index.count, classes, 12
    more = step & 0x40, step & 0x80, index.boot_id, 0xFFFF - step % 3, step * 3
    phase = index.entries, index.count, step % 6, step % index.count
    return (
        search.find_next(*(asked + more)) == search_plain.find_next(*(asked + more))
        and search.find_newest(*asked, index.boot_id) == search_plain.find_newest(*asked, index.boot_id)
        and search.find_phase(*phase) == search_plain.find_phase(*phase)
    )


def run(flash, content_of, cipher):
    """Lines of digests."""
    lines = []
    agreed = 0
    for boot_id in range(65_534, 65_538):
        band = Band(flash, boot_id & 0xFFFF, cipher)
        for step in range(250):
            kind, length = KINDS[(step * step >> 3) % 4]
            band.append(kind, length, step * 7)
            band.log.step()
            agreed += same_searches(band.log.sectors.index, step)
            if step == 60:
                band.log.confirm(band.boot_id, 0, 50)
        if boot_id == 65_535:
            band.log.wipe(LOSS_CAUSE_WITHDRAWN)
        while band.log.step():
            pass
        sent, digest = band.read_again()
        again = hexlify(digest.digest()).decode()
        held = hexlify(hashlib.sha256(content_of(flash)).digest()).decode()
        lines.append(f"{boot_id} {sent} {again} {held}")
    lines.append(f"{agreed}")
    return lines


if __name__ == "__main__":
    for line in run(PlainFlash(SECTORS), lambda flash: flash.content, AesCtr()):
        print(line)
