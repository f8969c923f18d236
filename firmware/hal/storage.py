"""What outlives a restart: the boot counter and the wearer's consent.

Two slots, each a file of one record with a CRC-32. A write goes to the slot that does not hold the
newest state, so a write torn at any byte leaves the state before it. A record: magic `VB`, format,
generation (16 bits, wraps), boot id, groups agreed to, manifest digest, CRC-32 little-endian over
all before it.
"""

import os
import struct
from binascii import crc32

_SLOTS = ("state.0", "state.1")
_LAYOUT = "<2sBHHH8s"
_MAGIC = b"VB"
_FORMAT = 1
_BODY_BYTES = struct.calcsize(_LAYOUT)
_RECORD_BYTES = _BODY_BYTES + 4
_RANDOM_STEPS = 4096


class Storage:
    """State in two slots below `folder`; OSError when the medium does not take a write."""

    def __init__(self, folder=""):
        self.folder = folder
        self._generation = 0
        self._next_slot = 0
        self.is_damaged = False
        self.is_dirty = False
        self.boot_id = 0
        self.consent_groups = 0
        self.consent_digest = bytes(8)
        self._load()

    def raise_boot_id(self):
        """The next boot id, written before it is given out; 1-65535, and after that from 1 again."""
        self.boot_id = self.boot_id % 0xFFFF + 1
        self.write()
        return self.boot_id

    def keep_consent(self, groups, manifest_digest):
        """Note the groups agreed to (0 = withdrawn) and their manifest; `write` makes it last."""
        self.consent_groups = groups
        self.consent_digest = manifest_digest
        self.is_dirty = True

    def is_withdrawn(self):
        """Whether the medium says that nothing is agreed to: what it did not take is not known of it."""
        return self.consent_groups == 0 and not self.is_dirty

    def take_random_boot_id(self):
        """A boot id 1-4096 above the last, by chance, for a failed medium; wraps as `raise_boot_id` does.

        Every start from the same kept state draws anew: two take the same one once in 4096 times. The
        state is dirty then: whoever writes it learns whether the medium still fails.
        """
        chance = struct.unpack("<H", os.urandom(2))[0]
        self.boot_id = (self.boot_id + chance % _RANDOM_STEPS) % 0xFFFF + 1
        self.is_dirty = True
        return self.boot_id

    def _load(self):
        newest = None
        for slot in range(2):
            record = self._read(slot)
            if record is not None and (newest is None or _is_newer(record[2], newest[2])):
                newest = record
                self._next_slot = 1 - slot
        if newest is not None:
            self._generation, self.boot_id, self.consent_groups, self.consent_digest = newest[2:]

    def _read(self, slot):
        """Fields of a slot, or None; a slot that exists and does not hold a record is damage."""
        try:
            with open(self.folder + _SLOTS[slot], "rb") as file:
                record = file.read(_RECORD_BYTES + 1)
        except OSError:  # no such slot yet: the first start
            return None
        if len(record) == _RECORD_BYTES:
            fields = struct.unpack(_LAYOUT, record[:_BODY_BYTES])
            stored_crc = struct.unpack("<HH", record[_BODY_BYTES:])
            if fields[:2] == (_MAGIC, _FORMAT) and stored_crc == _crc_halves(record[:_BODY_BYTES]):
                return fields
        self.is_damaged = True
        return None

    def write(self):
        """Make what was noted last; the state before it survives until this one is whole."""
        self._generation = (self._generation + 1) & 0xFFFF
        body = struct.pack(
            _LAYOUT, _MAGIC, _FORMAT, self._generation, self.boot_id, self.consent_groups, self.consent_digest
        )
        with open(self.folder + _SLOTS[self._next_slot], "wb") as file:
            file.write(body)
            file.write(struct.pack("<HH", *_crc_halves(body)))
        self._next_slot = 1 - self._next_slot
        self.is_dirty = False


def _crc_halves(body):
    crc = crc32(body)
    return crc & 0xFFFF, crc >> 16 & 0xFFFF


def _is_newer(generation, other):
    """By serial-number arithmetic: the counter wraps."""
    return 0 < (generation - other) & 0xFFFF < 0x8000
