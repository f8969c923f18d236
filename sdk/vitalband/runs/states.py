"""States of readings and words of frames, of which the bulk reader of runs works.

A reading's state is one integer, so that a change of quality and value is an addition:

| bits  | 0-7     | 8-12  | 16-17    | 24      | 32-63     |
|-------|---------|-------|----------|---------|-----------|
| state | quality | cause | validity | is sent | raw value |

The columns that are handed out are views of the states. What lies between is for `FULL` only, and is
masked away: the total length of a reading in full and what has to be seen to before its state is whole.

Of the readings of a frame a word has one bit each, the highest that of the reading with id 1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import Unit, Validity
from bandschema.readings import NO_VALUE, READINGS
from bandschema.vitals_run import (
    BY_ID,
    CAUSE_BITS,
    FULL_QUALITY,
    QUALITY_BITS,
    value_bits,
)

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

COUNT = len(BY_ID)
CAUSE_AT, VALIDITY_AT, SENT_AT, VALUE_AT = 8, 16, 24, 32
SENT = 1 << SENT_AT
ABSENT = NO_VALUE * (1 << VALUE_AT)
CAUSE = (1 << CAUSE_BITS) - 1 << CAUSE_AT
CODES = SENT | 3 << VALIDITY_AT | CAUSE | 255
STATE = CODES | ~0 << VALUE_AT
MOST_ZEROS = 26
NUMBER_LIMIT = 1 << 27
"""More than any step that stays within a range."""

MINIMUM = np.array([spec.minimum for spec in BY_ID])
MAXIMUM = np.array([spec.maximum for spec in BY_ID])
BITS = [value_bits(spec) for spec in BY_ID]
IN_SECONDS = [place for place, spec in enumerate(BY_ID) if spec.unit is Unit.SECOND]
_BITS = np.array(BITS)
INDEX = [READINGS.index(spec) for spec in BY_ID]

FULL_BITS = 12
"""By so many bits `FULL` is looked up: all of a reading in full before its value, but for some qualities."""
SAME_CAUSE, LATE_QUALITY, TOLD_CAUSE = 1 << 13, 1 << 14, 1 << 15
TURN_AT, LENGTH_AT = 18, 26
TURN, FIRST_TURN = 31 << TURN_AT, 1
_BEYOND = 1 << 30
"""Added to a value whose quality is more than 100 %: so it is beyond all ranges."""
_LENGTH_AT, _SIX_BITS, _ALL_BITS = map(np.array, (LENGTH_AT, 63, 64))
_VALUE_AT = np.array(VALUE_AT, np.uint64)
"""As arrays: an operation makes one of a number each time."""


def bits_of(codes: Integers, width: int, start: Any, count: Any) -> Integers:
    """`count` bits of numbers of `width` bits, from the highest `start` on; zeros beyond the last one."""
    return codes << 16 >> 16 + width - start - count & (1 << count) - 1


def state_prefixes(codes: Integers, width: int) -> tuple[Integers, Integers, Flags, Flags]:
    """Of readings in full at the front of numbers of `width` bits: validity, the bits up to quality or end,
    whether a cause is told and whether there is a value."""
    first, second, third = (bits_of(codes, width, start, 1) for start in range(3))
    validity = np.select(
        [first == 0, second == 0, third == 0],
        [Validity.VALID, Validity.UNKNOWN, Validity.LOW_QUALITY],
        Validity.STALE,
    )
    length = 1 + first + first * second
    has_told = (first == 1) & (bits_of(codes, width, length, 1) == 0)
    length += first + CAUSE_BITS * has_told
    return validity, length, has_told, (validity == Validity.VALID) | (validity == Validity.LOW_QUALITY)


def _full_table() -> Integers:
    """[place, bits]: state of a reading in full without its value, its length, and what is to be done.

    The value is less by what the bits before it are, so that all bits of the reading can be added to it at
    once. `LATE_QUALITY`: the quality does not lie within these bits. `TOLD_CAUSE`: it is the last cause told
    from here on, and `TURN` says since when. `SAME_CAUSE`: the last cause told is its own; all bits of its
    cause are set.
    """
    codes = np.arange(1 << FULL_BITS)
    validity, length, has_told, has_value = state_prefixes(codes, FULL_BITS)
    has_same = (validity != Validity.VALID) & ~has_told
    cause = np.where(has_told, bits_of(codes, FULL_BITS, length - CAUSE_BITS, CAUSE_BITS), 0)
    is_full = bits_of(codes, FULL_BITS, length, 1) == 1
    quality = np.where(is_full, FULL_QUALITY, bits_of(codes, FULL_BITS, length + 1, QUALITY_BITS))
    state = SENT | validity << VALIDITY_AT | cause << CAUSE_AT | has_told * TOLD_CAUSE
    state |= has_same * (SAME_CAUSE | CAUSE)
    total = np.where(has_value, length + np.where(is_full, 1, 1 + QUALITY_BITS), length)
    is_late = has_value & (total > FULL_BITS)
    state |= has_value * np.where(is_late, LATE_QUALITY, quality)
    seen = np.where(is_late, total - QUALITY_BITS, total)
    before = bits_of(codes, FULL_BITS, 0, seen) << np.where(is_late, QUALITY_BITS, 0)
    is_beyond = has_value & ~is_late & (quality > FULL_QUALITY)
    table = np.empty((COUNT, len(codes)), np.int64)
    for place, (bits, minimum) in enumerate(zip(BITS, MINIMUM.tolist(), strict=True)):
        value = np.where(has_value, minimum - (before << bits), NO_VALUE - before)
        value += is_beyond * _BEYOND
        table[place] = value << VALUE_AT | state | total + has_value * bits << LENGTH_AT
        table[place] |= has_told * (FIRST_TURN + place + 1) << TURN_AT
    return table


FULL = _full_table()


def add_values(window: Words, states: Integers) -> Integers:
    """Make states of entries of `FULL` by adding the bits that windows begin with, which are lost.

    Gives how many these were. What is to be done is left to do.
    """
    length = states >> _LENGTH_AT
    length &= _SIX_BITS
    window >>= words_of(_ALL_BITS - length)
    window <<= _VALUE_AT
    states += window.view(np.int64)
    return length


def with_late_quality(states: Integers, place: Integers) -> Integers:
    """States of readings of which `FULL` did not see the quality, from what it lies in: above the value."""
    bits, minimum = _BITS[place], MINIMUM[place]
    told = (states >> VALUE_AT) - minimum & (1 << 64 - VALUE_AT) - 1
    quality = told >> bits
    value = (told & (1 << bits) - 1) + minimum + (quality > FULL_QUALITY) * _BEYOND
    return value << VALUE_AT | states & CODES & ~255 | np.minimum(quality, FULL_QUALITY)


def _deposit_table() -> Bytes:
    """[mask, bits]: the low bits of `bits` at the places of the ones of `mask`, six of them."""
    table = np.zeros((64, 64), np.uint8)
    codes = np.arange(64)
    for mask in range(64):
        taken = 0
        for place in range(6):
            if mask >> place & 1:
                table[mask] |= ((codes >> taken & 1) << place).astype(np.uint8)
                taken += 1
    return table.ravel()


DEPOSITED = _deposit_table()


def windows(view: Bytes) -> Words:
    """The 64 bits from each second byte on, the first byte highest; zeros after the last one."""
    padded = np.zeros(len(view) + 9, np.uint8)
    padded[: len(view)] = view
    return np.ndarray((len(view) // 2 + 1,), ">u8", padded, strides=(2,)).astype(np.uint64)


def words_of(numbers: Integers) -> Words:
    """The same numbers as NumPy shifts words by them."""
    return numbers.view(np.uint64)


def bit_lengths(numbers: Integers) -> Integers:
    """Bits that each number from 0 to 2**53 takes: the exponent of the float."""
    return np.maximum((numbers.astype(np.float64).view(np.int64) >> 52) - 1022, 0)


def unzigzag(codes: Integers) -> Integers:
    return codes >> 1 ^ -(codes & 1)


def deposited(bits: Integers, masks: Integers) -> Integers:
    """Words whose ones of `masks` are the lowest of `bits`, which are moved on."""
    words = np.zeros(len(masks), np.int64)
    for start in range(0, COUNT, 6):
        part = masks >> start
        part &= 63
        ones = np.bitwise_count(part)
        part <<= 6
        part |= bits & 63
        words |= DEPOSITED.take(part).astype(np.int64) << start
        bits >>= ones
    return words
