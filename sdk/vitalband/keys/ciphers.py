"""The cryptography of a session by the library `cryptography`, behind the seams of `bandwire.seams`."""

import secrets
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import aead

from bandwire.secure.aes_ccm import TAG_BYTES

_KEY_BYTES = 32
Buffer = bytearray | memoryview


class LibraryCcm:
    """AES-128-CCM with a tag of 8 bytes, in place: a `bandwire.seams.RecordCipher`."""

    def __init__(self, key: bytes) -> None:
        self._cipher = aead.AESCCM(key, tag_length=TAG_BYTES)

    def seal(self, buffer: Buffer, header_bytes: int, stop: int, tag: bytearray, nonce: bytearray) -> None:
        """Seal `buffer` from `header_bytes` to `stop` where it is; writes the 8 bytes of `tag`."""
        content, header = bytes(buffer[header_bytes:stop]), bytes(buffer[:header_bytes])
        sealed = self._cipher.encrypt(bytes(nonce), content, header)
        buffer[header_bytes:stop] = sealed[:-TAG_BYTES]
        tag[:] = sealed[-TAG_BYTES:]

    def open(self, buffer: Buffer, header_bytes: int, stop: int, tag: bytearray, nonce: bytearray) -> bool:
        """Open it where it is; False, and nothing changed, when the tag is wrong."""
        content, header = bytes(buffer[header_bytes:stop]), bytes(buffer[:header_bytes])
        try:
            buffer[header_bytes:stop] = self._cipher.decrypt(bytes(nonce), content + bytes(tag), header)
        except InvalidTag:
            return False
        return True


class LibraryChaCha:
    """ChaCha20-Poly1305 of a handshake's messages: a `bandwire.seams.Aead`."""

    def __init__(self, key: bytes) -> None:
        self._cipher = aead.ChaCha20Poly1305(key)

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        """The sealed data and 16 bytes of tag, which covers `associated` too."""
        return self._cipher.encrypt(nonce, data, associated)

    def open(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """The data, or None where the tag is not theirs."""
        try:
            return self._cipher.decrypt(nonce, sealed, associated)
        except InvalidTag:
            return None


class LibraryPrimitives:
    """A `bandwire.seams.Primitives`: an agreement takes one step."""

    aead = LibraryChaCha
    cipher = LibraryCcm

    def random(self, count: int) -> bytes:
        """`count` bytes of the operating system's random source."""
        return secrets.token_bytes(count)

    def agree(self, private: bytes, public: bytes) -> Iterator[bytes]:
        """X25519, 32 bytes; zeros for a point of low order."""
        key = X25519PrivateKey.from_private_bytes(private)
        try:
            yield key.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError:
            yield bytes(_KEY_BYTES)
