"""States of readings and words of frames, of which `vitalband.runs.lot` works.

A reading's state is one integer, so that an update that changes nothing is a copy:

| bits  | 0-7     | 8-15  | 16-23    | 24-31   | 32-63     |
|-------|---------|-------|----------|---------|-----------|
| state | quality | cause | validity | is sent | raw value |

The columns that are handed out are views of the states.

Of the readings of a frame a word has one bit each, the highest that of the reading with id 1.
"""

from collections.abc import Iterator
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
STATE_BITS = 3 + 1 + CAUSE_BITS + 1 + QUALITY_BITS
"""Most bits of a reading in full before its value."""
SAME_CAUSE, LENGTH_AT = 1 << 26, 32
STATE_MASK = (1 << SENT_AT + 1) - 1
MOST_ZEROS = 26
DOUBTFUL = 1 << 25
NUMBER_LIMIT = 1 << 27
"""More than any step that stays within a range."""

MINIMUM = np.array([spec.minimum for spec in BY_ID])
MAXIMUM = np.array([spec.maximum for spec in BY_ID])
BITS = [value_bits(spec) for spec in BY_ID]
IN_SECONDS = [place for place, spec in enumerate(BY_ID) if spec.unit is Unit.SECOND]
INDEX = [READINGS.index(spec) for spec in BY_ID]


def _full_table() -> Integers:
    """By the first `STATE_BITS` bits of a reading in full: its state without the value, and behind
    `LENGTH_AT` how many bits they are; 0 for a quality that is none.

    `SAME_CAUSE` stands in the state for the last cause told.
    """
    codes = np.arange(1 << STATE_BITS)

    def bits(start: NDArray[Any] | int, count: int) -> Integers:
        return codes >> (STATE_BITS - count - start) & (1 << count) - 1

    first, second, third = bits(0, 1), bits(1, 1), bits(2, 1)
    prefix = 1 + first + first * second
    validity = np.select(
        [first == 0, second == 0, third == 0],
        [Validity.VALID, Validity.UNKNOWN, Validity.LOW_QUALITY],
        Validity.STALE,
    )
    is_same = bits(prefix, 1)
    has_told = first & (1 - is_same)
    length = prefix + first + CAUSE_BITS * has_told
    cause = np.where(has_told == 1, bits(prefix + 1, CAUSE_BITS), 0)
    state = (
        np.where(first & is_same == 1, SAME_CAUSE, cause << CAUSE_AT)
        | first * DOUBTFUL
        | validity << VALIDITY_AT
        | SENT
    )
    has_value = (validity == Validity.VALID) | (validity == Validity.LOW_QUALITY)
    is_full = bits(length, 1) == 1
    quality = np.where(
        is_full, FULL_QUALITY, bits(np.minimum(length + 1, STATE_BITS - QUALITY_BITS), QUALITY_BITS)
    )
    state = np.where(has_value, state | quality, state)
    length = np.where(has_value, length + np.where(is_full, 1, 1 + QUALITY_BITS), length)
    length = np.where(has_value & (quality > FULL_QUALITY), 0, length)
    return state | length << LENGTH_AT


FULL = _full_table()


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
ONES = np.array([bin(mask).count("1") for mask in range(64)])


def windows(view: Bytes) -> Words:
    """The 64 bits from each byte on, the first byte highest; zeros after the last one."""
    two = np.zeros(len(view) + 16, np.uint16)
    two[: len(view)] = view
    two[:-1] = two[:-1] << np.uint16(8) | two[1:]
    four = two[:-2].astype(np.uint32) << np.uint32(16) | two[2:]
    return four[:-4].astype(np.uint64) << np.uint64(32) | four[4:]


def shift(bits: Any) -> Any:
    """A number of bits as NumPy shifts words by it."""
    return np.asarray(bits).view(np.uint64)


def bit_lengths(numbers: Integers) -> Integers:
    """Bits that each number from 0 to 2**53 takes: the exponent of the float."""
    return np.maximum((numbers.astype(np.float64).view(np.int64) >> 52) - 1022, 0)


def values_in(states: Integers) -> Integers:
    """1 for the states with a value, those of validity 1 and 2; else 0."""
    return states + (1 << VALIDITY_AT) >> VALIDITY_AT + 1 & 1


def unzigzag(codes: Integers) -> Integers:
    return codes >> 1 ^ -(codes & 1)


def deposited(window: Words, masks: Integers) -> tuple[Integers, Integers]:
    """Words whose ones of `masks` are the next bits of the windows, the highest first, and how many."""
    starts = range(0, COUNT, 6)
    parts = [masks >> start & 63 for start in starts]
    counts = [ONES[part] for part in parts]
    count = sum(counts[1:], counts[0])
    bits = (window >> shift(64 - count)).view(np.int64)
    words = np.zeros(len(masks), np.int64)
    for start, part, ones in zip(starts, parts, counts, strict=True):
        words |= DEPOSITED[part << 6 | bits & 63].astype(np.int64) << start
        bits = bits >> ones
    return words, count


def rows_of_places(words: Integers) -> Iterator[tuple[int, Any]]:
    """Each place with the rows whose word has its bit, all of them as a slice."""
    common, some = np.bitwise_and.reduce(words), np.bitwise_or.reduce(words)
    for place in range(COUNT):
        bit = 1 << COUNT - 1 - place
        if common & bit:
            yield place, slice(None)
        elif some & bit:
            yield place, np.flatnonzero(words & bit)
