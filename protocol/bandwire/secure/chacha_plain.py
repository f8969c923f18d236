"""A block of ChaCha20's key stream, plainly: what the band's version is tested by.

Words are kept as two halves of 16 bits, so that no number is too long for a 32-bit port.
"""

from struct import pack, unpack

STREAM_BYTES = 64
_CONSTANT = b"expand 32-byte k"
_ROUNDS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
"""Words of each quarter round of a double round: columns, then diagonals (RFC 8439, unconfirmed)."""


def stream_block(key: bytes, count: int, nonce: bytes) -> bytes:
    """64 bytes of key stream; `key` 32 bytes, `nonce` 12, `count` below 65536 (a handshake needs 3)."""
    state = list(unpack("<32H", _CONSTANT + key + pack("<I", count) + nonce))
    low = state[0::2]
    high = state[1::2]
    for _ in range(10):
        for one, two, three, four in _ROUNDS:
            _add_and_turn(low, high, one, two, four, 16)
            _add_and_turn(low, high, three, four, two, 12)
            _add_and_turn(low, high, one, two, four, 8)
            _add_and_turn(low, high, three, four, two, 7)
    for word in range(16):
        total = low[word] + state[2 * word]
        state[2 * word + 1] = (high[word] + state[2 * word + 1] + (total >> 16)) & 0xFFFF
        state[2 * word] = total & 0xFFFF
    return pack("<32H", *state)


def _add_and_turn(low: "list[int]", high: "list[int]", to: int, added: int, turned: int, bits: int) -> None:
    """Word `to` grows by `added`, then `turned` is mixed with it and turned left by `bits`, 7 to 16."""
    total = low[to] + low[added]
    low[to] = total & 0xFFFF
    high[to] = (high[to] + high[added] + (total >> 16)) & 0xFFFF
    below = low[turned] ^ low[to]
    above = high[turned] ^ high[to]
    low[turned] = (below << bits | above >> (16 - bits)) & 0xFFFF
    high[turned] = (above << bits | below >> (16 - bits)) & 0xFFFF
