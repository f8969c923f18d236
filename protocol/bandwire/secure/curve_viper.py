"""Points of Curve25519 on the band: `bandwire.secure.curve_plain` again, compiled, in one buffer.

A number is 20 limbs of 13 bits, words of a buffer, each at most 8,200 and the lowest at most 10,015: a column
of a product, 20 times 26 bits and what is carried, stays below 2^31, so nothing that is shifted is negative.
What stands above bit 31 where a word is longer is cut off by storing it. 2^260 is 608 modulo p. Every number
takes the same instructions. Frozen for a Cortex-M4, a function has its first two names in registers.
"""
# ptr32 is a word of the viper compiler, unknown to CPython's tools.
# pyright: basic, reportUndefinedVariable=false, reportAttributeAccessIssue=false
# The products of limbs stand column by column, several to a line.
# ruff: noqa: E702

from struct import pack_into, unpack_from

import micropython
from micropython import const, opt_level  # noqa: F401 - CPython has no such thing, so this import fails there, as it must

_BYTES = const(80)  # pragma: no cover - CPython came no further
_START = const(320)  # pragma: no cover - places START and SPARE of the plain version
_SPARE = const(400)  # pragma: no cover
_COLUMNS = const(560)  # pragma: no cover - after seven numbers: the columns of three products of halves
_HALVES = const(800)  # pragma: no cover - and six halves of numbers, of ten limbs
_A24 = const(121665)  # pragma: no cover


def begin(public):  # pragma: no cover
    """Numbers as a ladder from the point `public` (its x, 32 bytes) begins with them."""
    numbers = bytearray(_HALVES + 3 * _BYTES)
    numbers[0] = numbers[3 * _BYTES] = 1
    start = int.from_bytes(public, "little")
    for limb in range(20):
        # The highest limb has eight bits: the 256th bit of a key does not count.
        word = start & (8191 if limb < 19 else 255)
        pack_into("<I", numbers, 2 * _BYTES + 4 * limb, word)
        pack_into("<I", numbers, _START + 4 * limb, word)
        start >>= 13
    return numbers


def key_of(numbers, place):  # pragma: no cover
    """The number at a place, 32 bytes."""
    number = 0
    for limb in reversed(unpack_from("<20I", numbers, _BYTES * place)):
        number = (number << 13) + limb
    return (number % ((1 << 255) - 19)).to_bytes(32, "little")


def climb(numbers, one, two):  # pragma: no cover
    """Double the point at place `one` and add it to that at `two`."""
    one *= _BYTES
    two *= _BYTES
    one_z = one + _BYTES
    two_z = two + _BYTES
    _add_and_subtract(numbers, one)
    _add_and_subtract(numbers, two)
    _multiply(numbers, one, two_z)
    _carry(numbers, two_z)
    _multiply(numbers, one_z, two)
    _carry(numbers, two)
    _add_and_subtract(numbers, two)
    _square(numbers, one)
    _carry(numbers, one)
    _square(numbers, one_z)
    _carry(numbers, one_z)
    _square(numbers, two)
    _carry(numbers, two)
    _square(numbers, two_z)
    _carry(numbers, two_z)
    _multiply(numbers, two_z, _START)
    _carry(numbers, two_z)
    _weigh(numbers, one)
    _multiply(numbers, one, one_z)
    _carry(numbers, one)
    _multiply(numbers, _SPARE, _SPARE + _BYTES)
    _carry(numbers, one_z)


def multiply(numbers, to, one, other):  # pragma: no cover
    """Multiply two numbers into place `to`."""
    if one == other:
        _square(numbers, one * _BYTES)
    else:
        _multiply(numbers, one * _BYTES, other * _BYTES)
    _carry(numbers, to * _BYTES)


# fmt: off
@micropython.viper
def _multiply(w: ptr32, s: int, other: int):  # pragma: no cover
    """Multiply the numbers at two byte offsets by halves, whose differences save a product (Karatsuba).

    `s` is a sum, at first where a number is; what is added to comes last, as that takes fewer instructions.
    """
    s += int(w); other += int(w)
    out = ptr32(int(w) + _COLUMNS); w = ptr32(int(w) + _HALVES)
    for _ in range(2):
        w[0] = ptr32(s)[0]; w[1] = ptr32(s)[1]; w[2] = ptr32(s)[2]; w[3] = ptr32(s)[3]; w[4] = ptr32(s)[4]
        w[5] = ptr32(s)[5]; w[6] = ptr32(s)[6]; w[7] = ptr32(s)[7]; w[8] = ptr32(s)[8]; w[9] = ptr32(s)[9]
        w[20] = ptr32(s)[10]; w[21] = ptr32(s)[11]; w[22] = ptr32(s)[12]; w[23] = ptr32(s)[13]
        w[24] = ptr32(s)[14]; w[25] = ptr32(s)[15]; w[26] = ptr32(s)[16]; w[27] = ptr32(s)[17]
        w[28] = ptr32(s)[18]; w[29] = ptr32(s)[19]
        w[40] = ptr32(s)[0] - ptr32(s)[10]; w[41] = ptr32(s)[1] - ptr32(s)[11]
        w[42] = ptr32(s)[2] - ptr32(s)[12]; w[43] = ptr32(s)[3] - ptr32(s)[13]
        w[44] = ptr32(s)[4] - ptr32(s)[14]; w[45] = ptr32(s)[5] - ptr32(s)[15]
        w[46] = ptr32(s)[6] - ptr32(s)[16]; w[47] = ptr32(s)[7] - ptr32(s)[17]
        w[48] = ptr32(s)[8] - ptr32(s)[18]; w[49] = ptr32(s)[9] - ptr32(s)[19]
        w = ptr32(int(w) + 40)
        s = other
    w = ptr32(int(w) - 80)
    for _ in range(3):
        out[0] = w[0] * w[10]
        s = w[0] * w[11]; out[1] = w[1] * w[10] + s
        s = w[0] * w[12]; s = w[1] * w[11] + s; out[2] = w[2] * w[10] + s
        s = w[0] * w[13]; s = w[1] * w[12] + s; s = w[2] * w[11] + s; out[3] = w[3] * w[10] + s
        s = w[0] * w[14]; s = w[1] * w[13] + s; s = w[2] * w[12] + s; s = w[3] * w[11] + s
        out[4] = w[4] * w[10] + s
        s = w[0] * w[15]; s = w[1] * w[14] + s; s = w[2] * w[13] + s; s = w[3] * w[12] + s
        s = w[4] * w[11] + s; out[5] = w[5] * w[10] + s
        s = w[0] * w[16]; s = w[1] * w[15] + s; s = w[2] * w[14] + s; s = w[3] * w[13] + s
        s = w[4] * w[12] + s; s = w[5] * w[11] + s; out[6] = w[6] * w[10] + s
        s = w[0] * w[17]; s = w[1] * w[16] + s; s = w[2] * w[15] + s; s = w[3] * w[14] + s
        s = w[4] * w[13] + s; s = w[5] * w[12] + s; s = w[6] * w[11] + s; out[7] = w[7] * w[10] + s
        s = w[0] * w[18]; s = w[1] * w[17] + s; s = w[2] * w[16] + s; s = w[3] * w[15] + s
        s = w[4] * w[14] + s; s = w[5] * w[13] + s; s = w[6] * w[12] + s; s = w[7] * w[11] + s
        out[8] = w[8] * w[10] + s
        s = w[0] * w[19]; s = w[1] * w[18] + s; s = w[2] * w[17] + s; s = w[3] * w[16] + s
        s = w[4] * w[15] + s; s = w[5] * w[14] + s; s = w[6] * w[13] + s; s = w[7] * w[12] + s
        s = w[8] * w[11] + s; out[9] = w[9] * w[10] + s
        out = ptr32(int(out) + 80); w = ptr32(int(w) + 80)
    out = ptr32(int(out) - 240); w = ptr32(int(w) - 240)
    for _ in range(3):
        s = w[1] * w[19]; s = w[2] * w[18] + s; s = w[3] * w[17] + s; s = w[4] * w[16] + s
        s = w[5] * w[15] + s; s = w[6] * w[14] + s; s = w[7] * w[13] + s; s = w[8] * w[12] + s
        out[10] = w[9] * w[11] + s
        s = w[2] * w[19]; s = w[3] * w[18] + s; s = w[4] * w[17] + s; s = w[5] * w[16] + s
        s = w[6] * w[15] + s; s = w[7] * w[14] + s; s = w[8] * w[13] + s; out[11] = w[9] * w[12] + s
        s = w[3] * w[19]; s = w[4] * w[18] + s; s = w[5] * w[17] + s; s = w[6] * w[16] + s
        s = w[7] * w[15] + s; s = w[8] * w[14] + s; out[12] = w[9] * w[13] + s
        s = w[4] * w[19]; s = w[5] * w[18] + s; s = w[6] * w[17] + s; s = w[7] * w[16] + s
        s = w[8] * w[15] + s; out[13] = w[9] * w[14] + s
        s = w[5] * w[19]; s = w[6] * w[18] + s; s = w[7] * w[17] + s; s = w[8] * w[16] + s
        out[14] = w[9] * w[15] + s
        s = w[6] * w[19]; s = w[7] * w[18] + s; s = w[8] * w[17] + s; out[15] = w[9] * w[16] + s
        s = w[7] * w[19]; s = w[8] * w[18] + s; out[16] = w[9] * w[17] + s
        s = w[8] * w[19]; out[17] = w[9] * w[18] + s; out[18] = w[9] * w[19]
        out = ptr32(int(out) + 80); w = ptr32(int(w) + 80)


@micropython.viper
def _square(w: ptr32, s: int):  # pragma: no cover
    """Multiply the number at a byte offset by itself."""
    other = int(w) + _HALVES
    out = ptr32(other)
    columns = int(w) + _COLUMNS
    w = ptr32(int(w) + s)
    out[0] = w[0] - w[10]; out[1] = w[1] - w[11]; out[2] = w[2] - w[12]; out[3] = w[3] - w[13]
    out[4] = w[4] - w[14]; out[5] = w[5] - w[15]; out[6] = w[6] - w[16]; out[7] = w[7] - w[17]
    out[8] = w[8] - w[18]; out[9] = w[9] - w[19]
    out = ptr32(columns)
    for part in range(3):
        out[0] = w[0] * w[0]
        s = w[0] * w[1]; out[1] = s << 1
        s = w[0] * w[2]; out[2] = (s << 1) + w[1] * w[1]
        s = w[0] * w[3]; s = w[1] * w[2] + s; out[3] = s << 1
        s = w[0] * w[4]; s = w[1] * w[3] + s; out[4] = (s << 1) + w[2] * w[2]
        s = w[0] * w[5]; s = w[1] * w[4] + s; s = w[2] * w[3] + s; out[5] = s << 1
        s = w[0] * w[6]; s = w[1] * w[5] + s; s = w[2] * w[4] + s; out[6] = (s << 1) + w[3] * w[3]
        s = w[0] * w[7]; s = w[1] * w[6] + s; s = w[2] * w[5] + s; s = w[3] * w[4] + s; out[7] = s << 1
        s = w[0] * w[8]; s = w[1] * w[7] + s; s = w[2] * w[6] + s; s = w[3] * w[5] + s
        out[8] = (s << 1) + w[4] * w[4]
        s = w[0] * w[9]; s = w[1] * w[8] + s; s = w[2] * w[7] + s; s = w[3] * w[6] + s; s = w[4] * w[5] + s
        out[9] = s << 1
        s = w[1] * w[9]; s = w[2] * w[8] + s; s = w[3] * w[7] + s; s = w[4] * w[6] + s
        out[10] = (s << 1) + w[5] * w[5]
        s = w[2] * w[9]; s = w[3] * w[8] + s; s = w[4] * w[7] + s; s = w[5] * w[6] + s; out[11] = s << 1
        s = w[3] * w[9]; s = w[4] * w[8] + s; s = w[5] * w[7] + s; out[12] = (s << 1) + w[6] * w[6]
        s = w[4] * w[9]; s = w[5] * w[8] + s; s = w[6] * w[7] + s; out[13] = s << 1
        s = w[5] * w[9]; s = w[6] * w[8] + s; out[14] = (s << 1) + w[7] * w[7]
        s = w[6] * w[9]; s = w[7] * w[8] + s; out[15] = s << 1
        s = w[7] * w[9]; out[16] = (s << 1) + w[8] * w[8]
        s = w[8] * w[9]; out[17] = s << 1
        out[18] = w[9] * w[9]
        out = ptr32(int(out) + 80)
        w = ptr32(other if part else int(w) + 40)
# fmt: on


@micropython.viper
def _carry(w: ptr32, s: int):  # pragma: no cover
    """Write what the columns come to at the byte offset `s`.

    They are those of low, high and middle products, 19 each: the middle ones are low + high - those.
    """
    to = int(w) + s
    w = ptr32(int(w) + _COLUMNS)
    middle = ptr32(int(w) + 160)
    w[19] = 0
    w[39] = 0
    middle[19] = 0
    end = int(w) + 40
    while int(w) < end:
        s = w[10] + w[20]
        w[10] = w[0] + s - middle[0]
        w[20] = w[30] + s - middle[10]
        s = w[11] + w[21]
        w[11] = w[1] + s - middle[1]
        w[21] = w[31] + s - middle[11]
        middle = ptr32(int(middle) + 8)
        w = ptr32(int(w) + 8)
    w = ptr32(int(w) - 40)
    s = 0
    high = 0
    end = to + 80
    while to < end:
        high = w[20] + high
        s = (high & 8191) * 608 + w[0] + s
        ptr32(to)[0] = s & 8191
        s >>= 13
        high >>= 13
        high = w[21] + high
        s = (high & 8191) * 608 + w[1] + s
        ptr32(to)[1] = s & 8191
        s >>= 13
        high >>= 13
        high = w[22] + high
        s = (high & 8191) * 608 + w[2] + s
        ptr32(to)[2] = s & 8191
        s >>= 13
        high >>= 13
        high = w[23] + high
        s = (high & 8191) * 608 + w[3] + s
        ptr32(to)[3] = s & 8191
        s >>= 13
        high >>= 13
        w = ptr32(int(w) + 16)
        to += 16
    w = ptr32(to - 80)
    s = (608 * high + s) * 608 + w[0]
    w[0] = s & 8191
    s = (s >> 13) + w[1]
    w[1] = s & 8191
    w[2] = (s >> 13) + w[2]


@micropython.viper
def _add_and_subtract(x: ptr32, plus: int):  # pragma: no cover
    """Write sum and difference of the two numbers from the offset `plus` in their places."""
    x = ptr32(int(x) + plus)
    plus = 0
    # What is added to the difference is 64 p: its lowest limb is 15168, the others are 16382.
    minus = -1214
    end = int(x) + 80
    while int(x) < end:
        one = x[0]
        plus = x[20] + one + plus
        minus = one - x[20] + 16382 + minus
        x[0] = plus & 8191
        x[20] = minus & 8191
        plus >>= 13
        minus >>= 13
        one = x[1]
        plus = x[21] + one + plus
        minus = one - x[21] + 16382 + minus
        x[1] = plus & 8191
        x[21] = minus & 8191
        plus >>= 13
        minus >>= 13
        one = x[2]
        plus = x[22] + one + plus
        minus = one - x[22] + 16382 + minus
        x[2] = plus & 8191
        x[22] = minus & 8191
        plus >>= 13
        minus >>= 13
        one = x[3]
        plus = x[23] + one + plus
        minus = one - x[23] + 16382 + minus
        x[3] = plus & 8191
        x[23] = minus & 8191
        plus >>= 13
        minus >>= 13
        x = ptr32(int(x) + 16)
    x = ptr32(int(x) - 80)
    x[0] = x[0] + plus * 608
    x[20] = x[20] + minus * 608


@micropython.viper
def _weigh(x: ptr32, pair: int):  # pragma: no cover
    """Of the squares at the offset `pair`, the first less the second, and `_A24` times that and the first."""
    y = ptr32(int(x) + _SPARE)
    x = ptr32(int(x) + pair)
    difference = -1214
    total = 0
    end = int(x) + 80
    while int(x) < end:
        difference = x[0] - x[20] + 16382 + difference
        limb = difference & 8191
        y[0] = limb
        total = limb * _A24 + x[0] + total
        y[20] = total & 8191
        difference >>= 13
        total >>= 13
        difference = x[1] - x[21] + 16382 + difference
        limb = difference & 8191
        y[1] = limb
        total = limb * _A24 + x[1] + total
        y[21] = total & 8191
        difference >>= 13
        total >>= 13
        difference = x[2] - x[22] + 16382 + difference
        limb = difference & 8191
        y[2] = limb
        total = limb * _A24 + x[2] + total
        y[22] = total & 8191
        difference >>= 13
        total >>= 13
        difference = x[3] - x[23] + 16382 + difference
        limb = difference & 8191
        y[3] = limb
        total = limb * _A24 + x[3] + total
        y[23] = total & 8191
        difference >>= 13
        total >>= 13
        x = ptr32(int(x) + 16)
        y = ptr32(int(y) + 16)
    y = ptr32(int(y) - 80)
    y[0] = difference * 608 + y[0]
    total = (difference * _A24 + total) * 608 + y[20]
    y[20] = total & 8191
    total = (total >> 13) + y[21]
    y[21] = total & 8191
    y[22] = (total >> 13) + y[22]
