"""Opens what a band has sealed in its flash, by the library `cryptography` and the page of the key.

What lies where is `journal.layout`'s and `journal.seal`'s affair; this is written from docs/journal.md.
"""

from binascii import crc32
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bandsim.nor_flash import SECTOR_BYTES

_MAGIC = b"JK\x01\x00"
_COPIES_AT = (0, 256)
_KEY_BYTES = 16
_CRC_BYTES = 4
_SERIAL_AT = 16
_HEAD_BYTES = 4
_HEADER_BYTES = 12
_LEAST_BYTES = _HEAD_BYTES + _HEADER_BYTES + _CRC_BYTES
_SUBJECT_FLAG = 0x8000
_SUBJECT_BYTES = 4
_ENTRIES_AT = 60
_TOLD_BYTES = 4


class LibraryCtr:
    """What `bandwire.secure.aes_ctr.AesCtr` is, a hundred times as fast where that is not compiled."""

    def __init__(self, key: bytes = bytes(_KEY_BYTES)) -> None:
        self.rekey(key)

    def rekey(self, key: bytes | bytearray) -> None:
        """Go on with another key."""
        # Not the mode of that name: making one takes longer than all blocks of a frame.
        self._blocks = Cipher(algorithms.AES(bytes(key)), modes.ECB()).encryptor()

    def mask(self, buffer: bytearray, start: int, stop: int, nonce: bytearray | bytes) -> None:
        """Seal `buffer`, or open it, from `start` to `stop` where it is."""
        count = stop - start
        first = b"\x01" + bytes(nonce)
        counters = [first + number.to_bytes(2, "big") for number in range(1, (count + 31) // 16)]
        stream = self._blocks.update(b"".join(counters))[:count]
        masked = int.from_bytes(buffer[start:stop], "big") ^ int.from_bytes(stream, "big")
        buffer[start:stop] = masked.to_bytes(count, "big")


def key_in(image: bytes) -> bytes | None:
    """The key in the last sector of a flash; None where it holds none."""
    page = image[-SECTOR_BYTES:]
    for at in _COPIES_AT:
        end = at + len(_MAGIC) + _KEY_BYTES
        is_sound = crc32(page[at:end]) == int.from_bytes(page[end : end + _CRC_BYTES], "little")
        if page[at:].startswith(_MAGIC) and is_sound:
            return page[end - _KEY_BYTES : end]
    return None


def nonce_of(image: bytes, sector: int, offset: int, entry: bytes) -> bytes:
    """The nonce of the entry at a place: serial number of its sector, place, boot and sequence."""
    serial_at = sector * SECTOR_BYTES + _SERIAL_AT
    return image[serial_at : serial_at + 4] + offset.to_bytes(2, "little") + entry[6:11] + bytes(2)


def is_entry(data: bytes) -> bool:
    """Whether what was programmed in one go, or lies at a place, begins as an entry does."""
    if len(data) < _LEAST_BYTES:
        return False
    return int.from_bytes(data[:2], "little") ^ int.from_bytes(data[2:4], "little") == 0xFFFF


def frame_in(image: bytes, sector: int, offset: int, data: bytes, key: bytes | None = None) -> bytes | None:
    """The frame in the bytes that are at a place, or are to be; None when they are no entry of one.

    It is opened by the key of the flash, or another one.
    """
    key = key or key_in(image)
    length = int.from_bytes(data[:2], "little") & ~_SUBJECT_FLAG
    if key is None or not is_entry(data) or _HEAD_BYTES + length + _CRC_BYTES > len(data):
        return None
    opened = bytearray(data)
    nonce = nonce_of(image, sector, offset, data)
    LibraryCtr(key).mask(opened, _HEAD_BYTES + _HEADER_BYTES, _HEAD_BYTES + length, nonce)
    return bytes(opened[_HEAD_BYTES : _HEAD_BYTES + length])


def frames_in(image: bytes, key: bytes | None = None) -> Iterator[bytes]:
    """Every frame of a flash, whether the band would give it out or not."""
    for sector in range(len(image) // SECTOR_BYTES - 1):
        start, at = sector * SECTOR_BYTES, _ENTRIES_AT
        while is_entry(entry := image[start + at : start + SECTOR_BYTES - _TOLD_BYTES]):
            frame = frame_in(image, sector, at, entry, key)
            if frame is None:
                break
            yield frame
            has_subject = entry[1] & _SUBJECT_FLAG >> 8
            at += _HEAD_BYTES + (len(frame) + 3 & ~3) + (_SUBJECT_BYTES if has_subject else 0) + _CRC_BYTES
