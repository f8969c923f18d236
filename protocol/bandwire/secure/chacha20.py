"""ChaCha20-Poly1305 (RFC 8439, unconfirmed, held to its published vector) for the messages of a handshake.

Poly1305 is on Python's long integers: a handshake has two tags of it.
"""

from struct import pack

from bandwire.secure.chacha_plain import STREAM_BYTES
from bandwire.secure.hashes import is_equal

try:
    from bandwire.secure.chacha_viper import stream_block
except ImportError:
    from bandwire.secure.chacha_plain import stream_block

_TAG_BYTES = 16
_CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
_PRIME = (1 << 130) - 5


class ChaCha20Poly1305:
    """Seals and opens messages of a few hundred bytes under one key of 32 bytes; nonces have 12."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        """The sealed data and 16 bytes of tag, which covers `associated` too."""
        sealed = self._mixed(nonce, data)
        return sealed + self._tag(nonce, sealed, associated)

    def open(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """The data, or None where the tag is not theirs."""
        end = len(sealed) - _TAG_BYTES
        if end < 0 or not is_equal(self._tag(nonce, sealed[:end], associated), sealed[end:]):
            return None
        return self._mixed(nonce, sealed[:end])

    def _mixed(self, nonce: bytes, data: bytes) -> bytes:
        mixed = bytearray(data)
        stream = b""
        for index in range(len(data)):
            if index % STREAM_BYTES == 0:
                stream = stream_block(self._key, index // STREAM_BYTES + 1, nonce)
            mixed[index] ^= stream[index % STREAM_BYTES]
        return bytes(mixed)

    def _tag(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
        lengths = pack("<IIII", len(associated), 0, len(sealed), 0)
        return poly1305(
            stream_block(self._key, 0, nonce)[:32], _filled(associated) + _filled(sealed) + lengths
        )


def poly1305(key: bytes, message: bytes) -> bytes:
    """The one-time code of a message under 32 bytes, 16 bytes."""
    factor = int.from_bytes(key[:16], "little") & _CLAMP
    total = 0
    for start in range(0, len(message), 16):
        block = message[start : start + 16]
        total = (total + int.from_bytes(block, "little") + (1 << 8 * len(block))) * factor % _PRIME
    total += int.from_bytes(key[16:], "little")
    return (total & (1 << 128) - 1).to_bytes(16, "little")


def _filled(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)
