"""X25519, the key agreement on Curve25519 (RFC 7748, section 5), in steps.

One agreement costs a Cortex-M4 13 million instructions, so it is a generator: whoever runs it samples
between the steps. Compiled, it takes about the same time for every key; plainly it does not. A private key of
the band is drawn for one handshake, for its two multiplications; do not use this for keys that stay. The host
uses a compiled library.
"""

from bandwire.secure.curve_plain import KEY_BYTES, ONE, SPARE, START, TWO

try:
    from bandwire.secure.curve_viper import begin, climb, key_of, multiply
except ImportError:
    from bandwire.secure.curve_plain import begin, climb, key_of, multiply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Steps

__all__ = ["BASE_POINT", "KEY_BYTES", "agree", "agreed"]

BASE_POINT = b"\x09" + bytes(31)

_A, _B, _C = TWO, TWO + 1, START
_INVERSION = (
    (_B, ONE + 1, 3, ONE + 1),
    (_A, ONE + 1, 1, _B),
    (_B, _A, 1, _B),
    (_B, _B, 5, _B),
    (_C, _B, 10, _B),
    (_C, _C, 20, _C),
    (_B, _C, 10, _B),
    (_C, _B, 50, _B),
    (_C, _C, 100, _C),
    (_C, _C, 50, _B),
    (_C, _C, 5, _A),
)
"""The power p - 2 of a point's z, which inverts it: (place to write, place to square, how often, place to
multiply by). What the ladder is done with makes room. The exponents are 9, 11, 2^5 - 1, 2^10 - 1, 2^20 - 1,
2^40 - 1, 2^50 - 1, 2^100 - 1, 2^200 - 1, 2^250 - 1, 2^255 - 21.
"""
_SQUARINGS_PER_STEP = 50


def agree(private: bytes, public: bytes, bytes_per_step: int = 2) -> "Steps":
    """Multiply the point `public` by `private`, both 32 bytes: yields b"" after each step, 32 bytes last.

    32 zero bytes come of a point of low order, which whoever asked must refuse.
    """
    scalar = bytearray(private)
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    numbers = begin(public)
    # The 256th bit is clear, and nothing comes of it: the ladder starts from no point at all.
    for place in range(KEY_BYTES - 1, -1, -1):
        bits = scalar[place]
        for _ in range(8):
            # A bit that is set changes what the points are for, and none is moved.
            if bits & 128:
                climb(numbers, TWO, ONE)
            else:
                climb(numbers, ONE, TWO)
            bits <<= 1
        if place % bytes_per_step == 0:
            yield b""
    for index in range(KEY_BYTES):
        scalar[index] = 0
    for to, source, squarings, factor in _INVERSION:
        multiply(numbers, SPARE, source, source)
        for _ in range(squarings - 1):
            multiply(numbers, SPARE, SPARE, SPARE)
        multiply(numbers, to, SPARE, factor)
        if squarings >= _SQUARINGS_PER_STEP:
            yield b""
    multiply(numbers, SPARE, ONE, _C)
    yield key_of(numbers, SPARE)


def agreed(private: bytes, public: bytes = BASE_POINT) -> bytes:
    """The same in one go; with the base point it gives the public key."""
    steps = agree(private, public, KEY_BYTES)
    found = next(steps)
    while not found:
        found = next(steps)
    return found
