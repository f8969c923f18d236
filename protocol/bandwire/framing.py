"""The serial carrier's packets: COBS(record + CRC-32, little-endian) and a zero byte.

The check lies outside the record: line noise is refused here and never counts as forgery of a
sealed record. A zero byte ends every packet and occurs nowhere within, so a reader that starts or
stumbles in the middle is in step again at the next zero.
"""

import binascii
import struct

from bandwire.errors import LocalError
from bandwire.moving import cobs_decode_in_place, cobs_encode_into, copy_into, find_zero

CRC_BYTES = 4
_RESIDUE = 0x2144DF1C
"""CRC-32 of any bytes followed by their own CRC-32, little-endian; a property of the polynomial."""


def packet_bytes(max_record_bytes: int) -> int:
    """Longest packet of a record of so many bytes: CRC, one COBS byte in 254, the closing zero."""
    checked = max_record_bytes + CRC_BYTES
    return checked + checked // 254 + 2


def encode_packet_into(record: bytearray, length: int, out: "bytearray | memoryview") -> int:
    """Write the packet of the first `length` bytes of `record`; returns the packet's length.

    `record` has 4 bytes of room after them, where the CRC goes; `out` has `packet_bytes(length)`.
    """
    struct.pack_into("<I", record, length, binascii.crc32(memoryview(record)[:length]))
    end = cobs_encode_into(record, length + CRC_BYTES, out)
    out[end] = 0
    return end + 1


class Deframer:
    """Finds records in a byte stream; memory is bounded whatever comes in.

    Feed bytes, then take records until None, then feed again. Counters: `records` found; packets
    refused because of `bad_crc`, `oversize` (longer than any record allowed), `malformed` (COBS that
    breaks off, or nothing beside a CRC); `empty` ones (a zero after a zero), which do no harm.
    """

    def __init__(self, max_record_bytes: int) -> None:
        self.records = 0
        self.bad_crc = 0
        self.oversize = 0
        self.malformed = 0
        self.empty = 0
        self._packet = bytearray(packet_bytes(max_record_bytes) - 1)
        self._view = memoryview(self._packet)
        self._length = 0
        self._is_oversize = False
        self._data: "bytes | bytearray" = b""
        self._at = 0
        self._stop = 0

    def feed(self, data: "bytes | bytearray", length: int = -1) -> None:
        """Take in the first `length` bytes of `data` (-1: all), which stay unchanged until all are taken."""
        if self._at < self._stop:
            raise LocalError("records must be taken before feeding: %d bytes wait" % (self._stop - self._at))
        self._data = data
        self._at = 0
        self._stop = len(data) if length < 0 else length

    def next_record(self) -> "memoryview | None":
        """The next sound record, valid until the next call; None when more bytes are needed."""
        while self._at < self._stop:
            zero = find_zero(self._data, self._at, self._stop)
            self._keep(zero)
            if zero == self._stop:
                break
            self._at = zero + 1
            length = self._close_packet()
            if length:
                self.records += 1
                return self._view[:length]
        return None

    def _keep(self, stop: int) -> None:
        count = stop - self._at
        if self._length + count > len(self._packet):
            self._is_oversize = True
        elif not self._is_oversize:
            copy_into(self._packet, self._length, self._data, self._at, count)
            self._length += count
        self._at = stop

    def _close_packet(self) -> int:
        length = self._length
        self._length = 0
        if self._is_oversize:
            self._is_oversize = False
            self.oversize += 1
            return 0
        if length == 0:
            self.empty += 1
            return 0
        return self._checked_length(cobs_decode_in_place(self._packet, length))

    def _checked_length(self, length: int) -> int:
        if length <= CRC_BYTES:
            self.malformed += 1
            return 0
        if binascii.crc32(self._view[:length]) != _RESIDUE:
            self.bad_crc += 1
            return 0
        return length - CRC_BYTES
