"""A block of ChaCha20's key stream on the band: `bandwire.secure.chacha_plain` again, compiled.

What stands above bit 31 where a word is longer is never looked at: every shift right is masked.
"""
# ptr32 is a word of the viper compiler, unknown to CPython's tools.
# pyright: basic, reportUndefinedVariable=false, reportAttributeAccessIssue=false

from struct import pack

import micropython
from micropython import opt_level  # noqa: F401 - CPython has no such thing, so this import fails there, as it must


def stream_block(key, count, nonce):  # pragma: no cover
    """64 bytes of key stream; `key` 32 bytes, `nonce` 12, `count` below 65536 (a handshake needs 3)."""
    start = bytearray(b"expand 32-byte k" + key + pack("<I", count) + nonce)
    state = bytearray(start)
    _twenty_rounds(state)
    _add_words(state, start)
    return bytes(state)


@micropython.viper
def _twenty_rounds(state):  # pragma: no cover
    for _ in range(10):
        for column in range(4):
            _quarter(state, column, column + 4, column + 8, column + 12)
        for column in range(4):
            _quarter(state, column, 4 + (column + 1 & 3), 8 + (column + 2 & 3), 12 + (column + 3 & 3))


@micropython.viper
def _quarter(x: ptr32, one: int, two: int, three: int, four: int):  # pragma: no cover
    a = int(x[one])
    b = int(x[two])
    c = int(x[three])
    d = int(x[four])
    a += b
    d ^= a
    d = d << 16 | d >> 16 & 0xFFFF
    c += d
    b ^= c
    b = b << 12 | b >> 20 & 0xFFF
    a += b
    d ^= a
    d = d << 8 | d >> 24 & 0xFF
    c += d
    b ^= c
    b = b << 7 | b >> 25 & 0x7F
    x[one] = a
    x[two] = b
    x[three] = c
    x[four] = d


@micropython.viper
def _add_words(state, start):  # pragma: no cover
    x = ptr32(state)
    s = ptr32(start)
    for word in range(16):
        x[word] = int(x[word]) + int(s[word])
