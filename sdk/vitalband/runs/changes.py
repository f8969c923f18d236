"""How a change of a reading begins, looked up by its first bits.

An entry says how many bits come before the number, how many belong to it beside its k, which k that is, and
the step of quality. The number's first bit is the one after its zeros; of a reading in full it is the value.
"""

import numpy as np

from bandschema.vitals_run import QUALITY_BITS, QUALITY_K
from vitalband.runs.states import Integers, bit_lengths, bits_of, state_prefixes, unzigzag

CHANGE_BITS = 14
NUMBER_AT, QUALITY_AT, FULL_AT, K_AT = 6, 12, 20, 24
"""Where in an entry are: from 0 on the bits before the number; its bits beside those of k; the step of
quality and `NO_STEP`; whether the reading is told in full; and how far k lies in the word of a reading."""
NO_STEP = 128
IS_FULL = 1 << FULL_AT
STEP_K, FULL_K, NO_K = 0, 8, 16
"""A reading's word: the k of its steps, above it the bits of its value, above these nothing."""
LONG, IS_UNSEEN = -1 << 40, 1 << 21
"""Added to entries that are longer than the table: those say only where the code of the value begins, and
the step of quality. `IS_UNSEEN`: not even that, the quality's code does not end there."""


def entries_of_codes(zeros: Integers, before: Integers) -> Integers:
    """Entries of codes of values with so many zeros, after `before` bits, but for the step of quality."""
    return before + zeros | zeros + 1 << NUMBER_AT


def _with_code(codes: Integers, start: Integers) -> Integers:
    """Entries of changes whose code begins at `start`."""
    zeros = CHANGE_BITS - start - bit_lengths(codes & (1 << CHANGE_BITS - start) - 1)
    return np.where(start + zeros < CHANGE_BITS, entries_of_codes(zeros, start), LONG | start)


def _of_quality(codes: Integers) -> Integers:
    """Entries of changes of quality, with or without one of the value."""
    zeros = CHANGE_BITS - 2 - bit_lengths(codes & (1 << CHANGE_BITS - 2) - 1)
    stop = 3 + 2 * zeros + QUALITY_K
    number = bits_of(codes, CHANGE_BITS, stop - 16, 16) & (1 << zeros + 1 + QUALITY_K) - 1
    step = unzigzag(number - (1 << QUALITY_K) + 1)
    is_seen = stop < CHANGE_BITS
    after = np.where(is_seen, stop + 1, 2)
    has_code = bits_of(codes, CHANGE_BITS, after - 1, 1) == 1
    found = np.where(has_code, _with_code(codes, after), after | NO_K << K_AT)
    return np.where(is_seen, found | step + NO_STEP << QUALITY_AT, LONG | IS_UNSEEN | 2)


def _in_full(codes: Integers) -> Integers:
    rest = codes << 1 & (1 << CHANGE_BITS) - 1
    _, length, _, has_value = state_prefixes(rest, CHANGE_BITS)
    is_full_quality = bits_of(rest, CHANGE_BITS, length, 1) == 1
    length += has_value * np.where(is_full_quality, 1, 1 + QUALITY_BITS)
    return IS_FULL | 1 + length | np.where(has_value, FULL_K, NO_K) << K_AT | NO_STEP << QUALITY_AT


def _change_table() -> Integers:
    codes = np.arange(1 << CHANGE_BITS)
    plain = _with_code(codes, np.full_like(codes, 2)) | NO_STEP << QUALITY_AT
    choices = [codes >> CHANGE_BITS - 1 == 1, codes >> CHANGE_BITS - 2 == 1]
    return np.select(choices, [_in_full(codes), _of_quality(codes)], plain)


CHANGES = _change_table()
