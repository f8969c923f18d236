"""What a pairing is made of beside its handshake: prologue, commitment, code, and the key that is kept.

The host commits itself to 16 bytes before it has seen the band's key, and shows them after; the code is made
of them and of the handshake. So who stands between has fixed its own part of both codes before it can know
either: they meet by chance, once in a million handshakes, of which a band allows three for each long press.
"""

from hashlib import sha256

from bandwire.secure.hashes import hkdf_expand, hmac_sha256

NONCE_BYTES = 16
COMMITMENT_BYTES = 32
KEY_BYTES = 32
MOST_NAME_BYTES = 16
CODE_DIGITS = 6
"""What a wearer types without error, as in the passkeys of Bluetooth."""


def prologue(version: int, first_step: int, host_hello: bytes, band_hello: bytes) -> bytes:
    """What both sides must have seen alike: the version, the kind of handshake, both hellos to the byte."""
    start = b"vitalband session" + bytes((version, first_step, len(host_hello)))
    return start + host_hello + band_hello


def commitment(nonce: bytes) -> bytes:
    """What the host says of its 16 bytes before it shows them."""
    return sha256(b"vitalband commitment" + nonce).digest()


def short_code(handshake_hash: bytes, nonce: bytes) -> str:
    """The digits that the band shows and the host wants typed."""
    number = int.from_bytes(sha256(b"vitalband code" + handshake_hash + nonce).digest()[:8], "big")
    digits = str(number % 10**CODE_DIGITS)
    return "0" * (CODE_DIGITS - len(digits)) + digits


def pairing_key(host_secret: bytes, band_secret: bytes, handshake_hash: bytes) -> bytes:
    """The key that both keep of a pairing, by which they know each other again."""
    return hkdf_expand(hmac_sha256(host_secret + band_secret, handshake_hash), b"vitalband resume", KEY_BYTES)


def is_name(name: "bytes | bytearray") -> bool:
    """Whether a host may call itself so: 1 to 16 printable characters of ASCII, as a band can show them."""
    if not 1 <= len(name) <= MOST_NAME_BYTES:
        return False
    return min(name) >= 0x20 and max(name) <= 0x7E
