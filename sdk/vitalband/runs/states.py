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
INDEX = [READINGS.index(spec) for spec in BY_ID]

FULL_BITS = 12
"""By so many bits `FULL` is looked up: all of a reading in full before its value, but for some qualities."""
SAME_CAUSE, LATE_QUALITY, TOLD_CAUSE = 1 << 13, 1 << 14, 1 << 15
HAS_VALUE_AT = 18
LENGTH_AT = 26
_LENGTH_AT, _HAS_VALUE_AT, _VALUE_AT, _STATE, _LATE_QUALITY, _ONE, _SIX_BITS, _ALL_BITS = map(
    np.array, (LENGTH_AT, HAS_VALUE_AT, VALUE_AT, STATE, LATE_QUALITY, 1, 63, 64)
)
"""As arrays: an operation makes one of a number each time."""


def bits_of(codes: Integers, width: int, start: Any, count: int) -> Integers:
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
    """[place, bits]: state of a reading in full without the value's bits, its length, and what is to be done.

    `LATE_QUALITY`: the quality does not lie within these bits. `TOLD_CAUSE`: it is the last cause told from
    here on. `SAME_CAUSE`: the last cause told is its own.
    """
    codes = np.arange(1 << FULL_BITS)
    validity, length, has_told, has_value = state_prefixes(codes, FULL_BITS)
    doubtful = validity != Validity.VALID
    cause = bits_of(codes, FULL_BITS, length - CAUSE_BITS, CAUSE_BITS) * has_told
    is_full = bits_of(codes, FULL_BITS, length, 1) == 1
    quality = np.where(is_full, FULL_QUALITY, bits_of(codes, FULL_BITS, length + 1, QUALITY_BITS))
    state = SENT | validity << VALIDITY_AT | cause << CAUSE_AT | has_told * TOLD_CAUSE
    state |= (doubtful & ~has_told) * SAME_CAUSE
    total = np.where(has_value, length + np.where(is_full, 1, 1 + QUALITY_BITS), length)
    is_late = has_value & (total > FULL_BITS)
    state |= has_value * (1 << HAS_VALUE_AT | np.where(is_late, LATE_QUALITY, quality))
    of_place = [
        state | total + has_value * bits << LENGTH_AT | np.where(has_value, minimum, NO_VALUE) << VALUE_AT
        for bits, minimum in zip(BITS, MINIMUM.tolist(), strict=True)
    ]
    return np.concatenate(of_place)


FULL = _full_table()


def states_in_full(window: Words, entry: Integers, bits: Any, out: Integers) -> Integers:
    """States of readings that windows begin with, by entries of `FULL`, into `out`; gives their lengths.

    A cause told before is still missing. Each value has so many `bits`.
    """
    length = entry >> _LENGTH_AT
    length &= _SIX_BITS
    after = _ALL_BITS - length
    np.right_shift(window, words_of(after), out=words_of(out))
    out &= (1 << bits) - 1
    has_value = entry >> _HAS_VALUE_AT
    has_value &= _ONE
    out *= has_value
    out <<= _VALUE_AT
    np.bitwise_and(entry, _STATE, out=has_value)
    out += has_value
    [late] = (entry & _LATE_QUALITY).nonzero()
    if len(late):
        shift = words_of((after + bits)[late])
        out[late] += (window[late] >> shift).view(np.int64) & (1 << QUALITY_BITS) - 1
    return length


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
    """The 64 bits from each byte on, the first byte highest; zeros after the last one."""
    padded = np.zeros(len(view) + 8, np.uint8)
    padded[: len(view)] = view
    return np.ndarray((len(view) + 1,), ">u8", padded, strides=(1,)).astype(np.uint64)


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
