"""Points of Curve25519 on Python's long integers: what runs where nothing is compiled, and what the band's
version is tested by.

Numbers modulo 2^255 - 19 stand by place in a list: a point is its x and, one place on, its z.
"""

KEY_BYTES = 32
ONE = 0
"""The point that the ladder doubles or adds to, and that comes of it."""
TWO = 2
"""The point above it: the difference of both is always what it began with."""
START = 4
SPARE = 5
"""This place and the next one are worked in."""

_PRIME = (1 << 255) - 19
_MASK = (1 << 255) - 1
_A24 = 121665
_FOUR_PRIMES = _PRIME << 2
_MANY_PRIMES = _PRIME << 13
"""Added before a difference, so that it stays positive: more than what a step lets numbers grow to."""


def begin(public: bytes) -> "list[int]":
    """Numbers as a ladder from the point `public` (its x, 32 bytes) begins with them."""
    start = int.from_bytes(public, "little") & _MASK
    return [1, 0, start, 1, start, 0, 0]


def climb(numbers: "list[int]", one: int, two: int) -> None:
    """Double the point at place `one` and add it to that at `two`.

    Sums are left as they are, products folded as far as the next one needs: 2^255 is 19 modulo p.
    """
    plus = numbers[one] + numbers[one + 1]
    minus = numbers[one] - numbers[one + 1] + _FOUR_PRIMES
    cross_one = _folded((numbers[two] - numbers[two + 1] + _FOUR_PRIMES) * plus)
    cross_two = _folded((numbers[two] + numbers[two + 1]) * minus)
    plus = _folded(plus * plus)
    minus = _folded(minus * minus)
    difference = plus - minus + _MANY_PRIMES
    added_z = cross_one - cross_two + _MANY_PRIMES
    numbers[one] = _folded(_folded(plus * minus))
    numbers[one + 1] = _folded(_folded(difference * (plus + _A24 * difference)))
    numbers[two] = _folded(_folded((cross_one + cross_two) * (cross_one + cross_two)))
    numbers[two + 1] = _folded(_folded(_folded(added_z * added_z) * numbers[START]))


def multiply(numbers: "list[int]", to: int, one: int, other: int) -> None:
    """Multiply two numbers into place `to`."""
    numbers[to] = _folded(_folded(numbers[one] * numbers[other]))


def key_of(numbers: "list[int]", place: int) -> bytes:
    """The number at a place, 32 bytes."""
    return (numbers[place] % _PRIME).to_bytes(KEY_BYTES, "little")


def _folded(number: int) -> int:
    """The same modulo p, half as long."""
    return (number & _MASK) + 19 * (number >> 255)
