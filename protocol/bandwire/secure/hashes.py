"""HMAC and HKDF over SHA-256 (RFC 2104, RFC 5869; both unconfirmed, held to their published vectors)."""

from hashlib import sha256

HASH_BYTES = 32
_BLOCK_BYTES = 64
_INNER = 0x36
_OUTER = 0x5C


def hmac_sha256(key: "bytes | bytearray", data: "bytes | bytearray") -> bytes:
    """Authentication code of `data`, 32 bytes."""
    if len(key) > _BLOCK_BYTES:
        key = sha256(key).digest()
    inner = sha256(_padded(key, _INNER))
    inner.update(data)
    outer = sha256(_padded(key, _OUTER))
    outer.update(inner.digest())
    return outer.digest()


def hkdf_extract(salt: bytes, secret: bytes) -> bytes:
    """A key of 32 bytes out of a secret that need not be uniform."""
    return hmac_sha256(salt, secret)


def hkdf_expand(key: bytes, purpose: bytes, count: int) -> bytes:
    """`count` bytes for one purpose, at most 8160."""
    found = b""
    last = b""
    while len(found) < count:
        last = hmac_sha256(key, last + purpose + bytes((len(found) // HASH_BYTES + 1,)))
        found += last
    return found[:count]


def is_equal(one: "bytes | bytearray", other: "bytes | bytearray") -> bool:
    """Compare secrets; the time does not tell where they differ."""
    if len(one) != len(other):
        return False
    difference = 0
    for index in range(len(one)):
        difference |= one[index] ^ other[index]
    return difference == 0


def _padded(key: "bytes | bytearray", byte: int) -> bytes:
    padded = bytearray(bytes((byte,)) * _BLOCK_BYTES)
    for index in range(len(key)):
        padded[index] ^= key[index]
    return bytes(padded)
