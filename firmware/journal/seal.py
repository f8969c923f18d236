"""What a frame says lies in flash sealed: AES-128 in counter mode, under a key in a page of its own.

The page is the flash's last sector, and nothing else is in it: whoever erases it has made all that was ever
sealed under its key unreadable, wherever else that still lies. It is written once, twice over, before the
first frame, with a key by chance:

    0, 256   "JK", format, 0; key, 16 bytes; CRC-32

The nonce of a frame is the serial number of its sector, where its entry begins there, and its boot and
sequence. No serial number is given twice (`room`), and nothing is written twice at one place of a sector.
Were numbers of sectors ever lost, those of frames would still differ, and the reverse.
"""

import struct
from binascii import crc32
from errno import EIO

import micropython

from bandwire.moving import copy_into
from journal.layout import CRC_RESIDUE, ENTRY_HEAD_BYTES, FRAME_HEADER_BYTES, SERIAL_AT

KEY_SECTORS = 1
KEY_BYTES = 16

_MAGIC = b"JK\x01\x00"
_PAGE_BYTES = 24
_COPIES_AT = (0, 256)
_NONCE_BYTES = 13
_NUMBERS_AT = ENTRY_HEAD_BYTES + 2
"""Of boot and sequence, 5 bytes, in an entry."""
_PAYLOAD_AT = ENTRY_HEAD_BYTES + FRAME_HEADER_BYTES
_NO_FRAME = b"\xff" * _NONCE_BYTES
"""A nonce that no frame has: its last two bytes are zeros."""
_SMALL_INT = 0x3FFFFFFF


class Seal:
    """The key, and what is done with it; `draw(count)` gives random bytes, `cipher` is a `secure.aes_ctr`.

    `check` tells keys apart, and nothing of them: below 2^30, known after `load`.
    """

    def __init__(self, flash, draw, cipher):
        self.check = 0
        self._flash = flash
        self._sector = flash.sector_count - KEY_SECTORS
        self._draw = draw
        self._cipher = cipher
        self._nonce = bytearray(_NONCE_BYTES)
        self._serial = bytearray(4)

    def load(self):
        """Take the key of the page; where it holds none, make one. OSError when flash or chance fails."""
        key = self._read()
        if key is None:
            self._write(self._draw(KEY_BYTES))
            key = self._read()
            if key is None:
                raise OSError(EIO)
        self._cipher.rekey(key)
        word = bytearray(4)
        self._cipher.mask(word, 0, 4, bytearray(_NO_FRAME))
        low, high = struct.unpack("<HH", word)
        self.check = (low | high << 16) & _SMALL_INT

    @micropython.native
    def mask(self, entry, length, sector, at):
        """Seal or open the frame of so many bytes in an entry, which begins at `at` of a sector, in RAM."""
        self._flash.read_into(sector, SERIAL_AT, self._serial, 0, 4)
        nonce = self._nonce
        copy_into(nonce, 0, self._serial, 0, 4)
        nonce[4] = at & 0xFF
        nonce[5] = at >> 8
        copy_into(nonce, 6, entry, _NUMBERS_AT, 5)
        self._cipher.mask(entry, _PAYLOAD_AT, ENTRY_HEAD_BYTES + (length + 3 & ~3), nonce)

    def _read(self):
        """The key, or None; power may have gone in writing either copy."""
        page = bytearray(_PAGE_BYTES)
        for at in _COPIES_AT:
            self._flash.read_into(self._sector, at, page, 0, _PAGE_BYTES)
            if page[: len(_MAGIC)] == _MAGIC and crc32(page) == CRC_RESIDUE:
                return page[len(_MAGIC) : len(_MAGIC) + KEY_BYTES]
        return None

    def _write(self, key):
        page = bytearray(_MAGIC)
        page.extend(key)
        page.extend(struct.pack("<I", crc32(page)))
        self._flash.erase(self._sector)
        for at in _COPIES_AT:
            self._flash.program(self._sector, at, page, 0, _PAGE_BYTES)
