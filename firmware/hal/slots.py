"""A record that outlives a restart, in two slots: files of a folder, each with a CRC-32.

A write goes to the slot that does not hold the newest record, so a write torn at any byte leaves the one
before it. A slot: magic, 2 bytes, format, generation (16 bits, wraps), the record, CRC-32 little-endian over
all before it.
"""

import struct
from binascii import crc32

_HEAD = "<2sBH"
_HEAD_BYTES = struct.calcsize(_HEAD)
_CRC_BYTES = 4


class Slots:
    """Two files in `folder`, `NAME` with 0 and 1 behind it; OSError when the medium does not take a write.

    A record has no more than `MOST_BYTES`. `is_damaged`: a slot is there and does not hold one.
    """

    NAME = ""
    MAGIC = b""
    FORMAT = 0
    MOST_BYTES = 0

    def __init__(self, folder):
        self.folder = folder
        self.is_damaged = False
        self.is_dirty = False
        self._generation = 0
        self._next_slot = 0

    def load(self):
        """Give the newest record, or None."""
        newest = None
        for slot in range(2):
            found = self._read(slot)
            if found is not None and (newest is None or _is_newer(found[0], self._generation)):
                self._generation = found[0]
                newest = found[1]
                self._next_slot = 1 - slot
        return newest

    def keep(self, record):
        """Make it the newest; the one before it survives until this one is whole."""
        self._generation = (self._generation + 1) & 0xFFFF
        body = struct.pack(_HEAD, self.MAGIC, self.FORMAT, self._generation) + record
        with open(self._path(self._next_slot), "wb") as file:
            file.write(body)
            file.write(struct.pack("<HH", *_crc_halves(body)))
        self._next_slot = 1 - self._next_slot

    def _path(self, slot):
        return self.folder + self.NAME + str(slot)

    def _read(self, slot):
        """Generation and record of a slot, or None."""
        most_bytes = _HEAD_BYTES + self.MOST_BYTES + _CRC_BYTES
        try:
            with open(self._path(slot), "rb") as file:
                data = file.read(most_bytes + 1)
        except OSError:  # no such slot yet: the first start
            return None
        end = len(data) - _CRC_BYTES
        if end >= _HEAD_BYTES and len(data) <= most_bytes:
            magic, record_format, generation = struct.unpack_from(_HEAD, data, 0)
            is_sound = struct.unpack_from("<HH", data, end) == _crc_halves(data[:end])
            if is_sound and magic == self.MAGIC and record_format == self.FORMAT:
                return generation, data[_HEAD_BYTES:end]
        self.is_damaged = True
        return None


def wipe_slots(kind, folder=""):
    """Leave in both slots of a class of these records one that holds nothing, whatever they held."""
    slots = Slots(folder)
    slots.NAME = kind.NAME
    slots.MAGIC = kind.MAGIC
    slots.FORMAT = kind.FORMAT
    slots.keep(b"")
    slots.keep(b"")


def _crc_halves(body):
    crc = crc32(body)
    return crc & 0xFFFF, crc >> 16 & 0xFFFF


def _is_newer(generation, other):
    """By serial-number arithmetic: the counter wraps."""
    return 0 < (generation - other) & 0xFFFF < 0x8000
