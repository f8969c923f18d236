"""X25519, the key agreement on Curve25519 (RFC 7748, section 5), on Python's long integers, in steps.

One agreement costs a Cortex-M4 about a second, so it is a generator: whoever runs it samples between the
steps. It is not constant in time. On the band every private key is drawn for one handshake and used for its
two multiplications only, which leaves nothing to average over; do not use it for keys that stay. The host
uses a compiled library.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Steps

KEY_BYTES = 32
BASE_POINT = b"\x09" + bytes(31)

_PRIME = (1 << 255) - 19
_MASK = (1 << 255) - 1
_A24 = 121665
_FOUR_PRIMES = _PRIME << 2
_MANY_PRIMES = _PRIME << 13
"""Added before a difference, so that it stays positive: more than what the ladder lets numbers grow to."""

_INVERSION = (
    (0, 1, -1),
    (0, 2, 255),
    (1, 0, 0),
    (2, 1, 1),
    (3, 5, 3),
    (4, 10, 4),
    (5, 20, 5),
    (6, 10, 4),
    (7, 50, 7),
    (8, 100, 8),
    (9, 50, 7),
    (10, 5, 2),
)
"""The power p - 2, which inverts: (power to start from, squarings, power to multiply by) by place here.

-1 multiplies by nothing, 255 by the number itself, which the first entry starts from too. The exponents are
2, 9, 11, 2^5 - 1, 2^10 - 1, 2^20 - 1, 2^40 - 1, 2^50 - 1, 2^100 - 1, 2^200 - 1, 2^250 - 1, 2^255 - 21.
"""
_SQUARINGS_PER_STEP = 32


def agree(private: bytes, public: bytes, bits_per_step: int = 8) -> "Steps":
    """Multiply the point `public` by `private`, both 32 bytes: yields b"" after each step, 32 bytes last.

    32 zero bytes come of a point of low order, which whoever asked must refuse.
    """
    scalar = bytearray(private)
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    start = int.from_bytes(public, "little") & _MASK
    one_x, one_z, two_x, two_z = 1, 0, start, 1
    swapped = 0
    for place in range(254, -1, -1):
        bit = scalar[place >> 3] >> (place & 7) & 1
        if swapped != bit:
            one_x, two_x = two_x, one_x
            one_z, two_z = two_z, one_z
        swapped = bit
        one_x, one_z, two_x, two_z = _ladder_step(one_x, one_z, two_x, two_z, start)
        if place % bits_per_step == 0:
            yield b""
    # The scalar's last bit is clear, so the two points stand in their places.
    for index in range(KEY_BYTES):
        scalar[index] = 0
    inverse = one_z
    powers: "list[int]" = []
    for source, squarings, factor in _INVERSION:
        inverse = powers[source] if powers else one_z
        for done in range(squarings):
            inverse = _folded_twice(inverse * inverse)
            if done % _SQUARINGS_PER_STEP == _SQUARINGS_PER_STEP - 1:
                yield b""
        if factor >= 0:
            inverse = _folded_twice(inverse * (one_z if factor == 255 else powers[factor]))
        powers.append(inverse)
    yield (one_x * inverse % _PRIME).to_bytes(KEY_BYTES, "little")


def agreed(private: bytes, public: bytes = BASE_POINT) -> bytes:
    """The same in one go; with the base point it gives the public key."""
    steps = agree(private, public, 255)
    found = next(steps)
    while not found:
        found = next(steps)
    return found


def _ladder_step(one_x: int, one_z: int, two_x: int, two_z: int, start: int) -> "tuple[int, int, int, int]":
    """Double the one and add both.

    Sums are left as they are, products folded as far as the next step needs: 2^255 is 19 modulo p. The folds
    are written out, as a call for each would cost a twentieth of an agreement.
    """
    plus = one_x + one_z
    minus = one_x - one_z + _FOUR_PRIMES
    cross_one = (two_x - two_z + _FOUR_PRIMES) * plus
    cross_one = (cross_one & _MASK) + 19 * (cross_one >> 255)
    cross_two = (two_x + two_z) * minus
    cross_two = (cross_two & _MASK) + 19 * (cross_two >> 255)
    plus = plus * plus
    plus = (plus & _MASK) + 19 * (plus >> 255)
    minus = minus * minus
    minus = (minus & _MASK) + 19 * (minus >> 255)
    difference = plus - minus + _MANY_PRIMES
    added_z = cross_one - cross_two + _MANY_PRIMES
    added_z = added_z * added_z
    return (
        _folded_twice(plus * minus),
        _folded_twice(difference * (plus + _A24 * difference)),
        _folded_twice((cross_one + cross_two) * (cross_one + cross_two)),
        _folded_twice(((added_z & _MASK) + 19 * (added_z >> 255)) * start),
    )


def _folded_twice(number: int) -> int:
    """The same modulo p, of at most 256 bits."""
    number = (number & _MASK) + 19 * (number >> 255)
    return (number & _MASK) + 19 * (number >> 255)
