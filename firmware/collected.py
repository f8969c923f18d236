"""The manifest: all that this band collects, from the one list of readings and its streams.

The digest that consent refers to is SHA-256 over the payloads of all manifest entries in order,
each with its digest field zero; the first 8 bytes of it travel.
"""

from hashlib import sha256

from bandwire.catalogue import JOURNAL_RETENTION_H, READINGS
from bandwire.frames import (
    HEADER_BYTES,
    KIND_MANIFEST_ENTRY,
    MANIFEST_ENTRY_BYTES,
    PAGE_MANIFEST,
    RECIPIENT_HOST,
    pack_manifest_entry_into,
)

DIGEST_BYTES = 8
ITEMS_A_SHEET = 3
"""What the display has lines for above its button's."""
NO_ITEM = 0xFF
_SHEET_BYTES = 1 + ITEMS_A_SHEET
_LAST_SHEET = 0x80


class Manifest:
    """Entries for `READINGS` and then for `streams` (rows of `streams.StreamRow`)."""

    def __init__(self, streams):
        self._streams = streams
        self.entry_count = len(READINGS) + len(streams)
        self.digest = bytes(DIGEST_BYTES)
        self.groups = self._all_groups()
        self.digest = self._compute_digest()
        self._sheets = bytes(self._list_sheets())
        self.sheet_count = len(self._sheets) // _SHEET_BYTES

    def send(self, outbox):
        """Send every entry."""
        for entry in range(self.entry_count):
            self._pack_into(outbox.buffer, entry)
            outbox.send(KIND_MANIFEST_ENTRY, MANIFEST_ENTRY_BYTES)

    def name_en(self, entry):
        """English name of an entry, UTF-8 bytes."""
        row = self._stream(entry)
        return READINGS[entry][11] if row is None else row.name_en

    def name_zh(self, entry):
        """Chinese name of an entry, UTF-8 bytes."""
        row = self._stream(entry)
        return READINGS[entry][12] if row is None else row.name_zh

    def sheet_group(self, sheet):
        """The group (GROUP_...) that a sheet of the question belongs to."""
        return 1 << (self._sheets[sheet * _SHEET_BYTES] & ~_LAST_SHEET)

    def is_last_of_group(self, sheet):
        """Whether a sheet is the last of its group, where the wearer may agree to it."""
        return bool(self._sheets[sheet * _SHEET_BYTES] & _LAST_SHEET)

    def sheet_item(self, sheet, line):
        """The entry that a line of a sheet names, or NO_ITEM."""
        return self._sheets[sheet * _SHEET_BYTES + 1 + line]

    def _stream(self, entry):
        return None if entry < len(READINGS) else self._streams[entry - len(READINGS)]

    def _all_groups(self):
        groups = 0
        for row in READINGS:
            groups |= row[6]
        for stream in self._streams:
            groups |= stream.group
        return groups

    def _group(self, entry):
        stream = self._stream(entry)
        return READINGS[entry][6] if stream is None else stream.group

    def _list_sheets(self):
        """Of each group, in the order of the entries: its bit, and its entries, so many to a sheet."""
        sheets = bytearray()
        asked = 0
        for first in range(self.entry_count):
            group = self._group(first)
            if asked & group:
                continue
            asked |= group
            entries = [entry for entry in range(first, self.entry_count) if self._group(entry) == group]
            bit = 0
            while group >> bit != 1:
                bit += 1
            for at in range(0, len(entries), ITEMS_A_SHEET):
                is_last = at + ITEMS_A_SHEET >= len(entries)
                sheets.append(bit | (_LAST_SHEET if is_last else 0))
                shown = entries[at : at + ITEMS_A_SHEET]
                sheets.extend(bytes(shown + [NO_ITEM] * (ITEMS_A_SHEET - len(shown))))
        return sheets

    def _compute_digest(self):
        entry_frame = bytearray(MANIFEST_ENTRY_BYTES)
        payload = memoryview(entry_frame)[HEADER_BYTES:]
        digest = sha256()
        for entry in range(self.entry_count):
            self._pack_into(entry_frame, entry)
            digest.update(payload)
        return digest.digest()[:DIGEST_BYTES]

    def _pack_into(self, buffer, entry):
        stream = self._stream(entry)
        if stream is None:
            (
                reading_id, unit, _, _, _, _, group, page, interval_ms, retention_h, recipients, en, zh,
                agreement_milli,
            ) = READINGS[entry]  # fmt: skip
            stream_id = 0
        else:
            reading_id, stream_id, page = 0, stream.stream_id, PAGE_MANIFEST
            unit, group, recipients = stream.unit, stream.group, RECIPIENT_HOST
            retention_h = JOURNAL_RETENTION_H
            agreement_milli = 0
            interval_ms, en, zh = 1000 // stream.rate_hz, stream.name_en, stream.name_zh
        pack_manifest_entry_into(
            buffer, 0, entry, self.entry_count, self.digest, reading_id, stream_id,
            group, page, unit, interval_ms, retention_h, recipients, en, zh, agreement_milli,
        )  # fmt: skip
