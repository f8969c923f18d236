"""The reader of runs for numba to compile, body after body; only `vitalband.runs.compiled` imports it."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bandschema.enums import Validity
from bandschema.readings import NO_VALUE
from bandschema.vitals_run import (
    BY_ID,
    CAUSE_BITS,
    CONTACT_BITS,
    COUNT_BITS,
    FIRST_INTERVAL_MS,
    FULL_QUALITY,
    IDLE_UPDATES,
    INTERVAL_LIMIT_MS,
    MOST_UPDATES,
    QUALITY_BITS,
    QUALITY_K,
)
from vitalband.runs.states import BITS, IN_SECONDS, MAXIMUM, MINIMUM, MOST_ZEROS, SENT, VALUE_AT

Numbers = NDArray[np.int64]
Octets = NDArray[np.uint8]

COUNT = len(BY_ID)
VALID, UNKNOWN = int(Validity.VALID), int(Validity.UNKNOWN)
LOW_QUALITY, STALE = int(Validity.LOW_QUALITY), int(Validity.STALE)
NOTHING = NO_VALUE
LOWEST, HIGHEST = MINIMUM.astype(np.int64), MAXIMUM.astype(np.int64)
WIDTHS = np.array(BITS)
IS_SECONDS = np.array([place in IN_SECONDS for place in range(COUNT)])
RAW, VALIDITY, QUALITY, CAUSE, K, AGE, CHANGED, PRESENT = range(8)
AT, LAST_CAUSE, IS_BAD = range(3)
"""Places in what is known of a body: where the next bit is, the cause told last, 1 once it is refused."""


@njit(cache=True)
def _bits(data: Octets, body: Numbers, count: int) -> int:
    """The next 0-32 bits, which are passed."""
    at, place = body[AT] >> 3, body[AT] & 7
    word = np.int64(0)
    for octet in range(5):
        word = word << 8 | np.int64(data[at + octet])
    body[AT] += count
    return (word >> (40 - place - count)) & ((1 << count) - 1)


@njit(cache=True)
def _code(data: Octets, body: Numbers, k: int) -> int:
    zeros = 0
    while _bits(data, body, 1) == 0:
        zeros += 1
        if zeros > MOST_ZEROS:
            body[IS_BAD] = 1
            return 0
    head = (1 << zeros) + _bits(data, body, zeros)
    return ((head - 1) << k) + _bits(data, body, k)


@njit(cache=True)
def _unzigzag(code: int) -> int:
    return (code >> 1) ^ -(code & 1)


@njit(cache=True)
def _bit_length(number: int) -> int:
    bits = 0
    while number:
        number >>= 1
        bits += 1
    return bits


@njit(cache=True)
def _full(data: Octets, body: Numbers, known: Numbers, place: int) -> None:
    validity = VALID
    if _bits(data, body, 1):
        validity = UNKNOWN
        if _bits(data, body, 1):
            validity = STALE if _bits(data, body, 1) else LOW_QUALITY
    cause = np.int64(0)
    if validity != VALID:
        if _bits(data, body, 1) == 0:
            body[LAST_CAUSE] = _bits(data, body, CAUSE_BITS)
        cause = body[LAST_CAUSE]
    known[VALIDITY, place], known[CAUSE, place] = validity, cause
    known[QUALITY, place], known[RAW, place] = 0, NOTHING
    if validity in (VALID, LOW_QUALITY):
        is_full = _bits(data, body, 1)
        known[QUALITY, place] = FULL_QUALITY if is_full else _bits(data, body, QUALITY_BITS)
        known[RAW, place] = LOWEST[place] + _bits(data, body, WIDTHS[place])
        _check(body, known, place)


@njit(cache=True)
def _check(body: Numbers, known: Numbers, place: int) -> None:
    raw, quality = known[RAW, place], known[QUALITY, place]
    if raw < LOWEST[place] or raw > HIGHEST[place] or quality < 0 or quality > FULL_QUALITY:
        body[IS_BAD] = 1


@njit(cache=True)
def _change(data: Octets, body: Numbers, known: Numbers, place: int) -> None:
    if _bits(data, body, 1):
        _full(data, body, known, place)
        return
    if known[RAW, place] == NOTHING:
        body[IS_BAD] = 1
        return
    has_step = 1
    if _bits(data, body, 1):
        known[QUALITY, place] += _unzigzag(_code(data, body, QUALITY_K) + 1)
        has_step = _bits(data, body, 1)
    if has_step:
        number = _code(data, body, known[K, place])
        known[K, place] = _bit_length(number)
        known[RAW, place] += _unzigzag(number + 1)
    _check(body, known, place)


@njit(cache=True)
def _read_changed(data: Octets, body: Numbers, known: Numbers) -> None:
    """Which readings changed, and which are idle no more."""
    idle = False
    for place in range(COUNT):
        known[CHANGED, place] = 0
        if known[PRESENT, place]:
            if known[AGE, place] < IDLE_UPDATES:
                known[CHANGED, place] = _bits(data, body, 1)
            else:
                idle = True
    if idle and _bits(data, body, 1):
        for place in range(COUNT):
            if known[PRESENT, place] and known[AGE, place] == IDLE_UPDATES:
                known[CHANGED, place] = _bits(data, body, 1)


@njit(cache=True)
def _update(data: Octets, body: Numbers, known: Numbers, interval_ms: int) -> None:
    _read_changed(data, body, known)
    for place in range(COUNT):
        if known[PRESENT, place] == 0:
            continue
        is_moved = IS_SECONDS[place] and known[RAW, place] != NOTHING
        if is_moved:
            known[RAW, place] += interval_ms // 1000
        if known[CHANGED, place]:
            _change(data, body, known, place)
            known[AGE, place] = 0
        else:
            known[AGE, place] = min(known[AGE, place] + 1, IDLE_UPDATES)
            if is_moved:
                _check(body, known, place)


@njit(cache=True)
def _put(known: Numbers, index: Numbers, states: Numbers) -> None:
    for place in range(COUNT):
        states[index[place]] = np.int64(NOTHING) << VALUE_AT
        if known[PRESENT, place]:
            codes = known[VALIDITY, place] << 16 | known[CAUSE, place] << 8 | known[QUALITY, place]
            states[index[place]] = (known[RAW, place] << VALUE_AT) | SENT | codes


@njit(cache=True)
def _key(data: Octets, body: Numbers, known: Numbers) -> int:
    """The first update; its contact."""
    known[:] = 0
    known[RAW, :] = NOTHING
    known[AGE, :] = IDLE_UPDATES
    count = _bits(data, body, COUNT_BITS)
    if count < 1 or count > COUNT:
        body[IS_BAD] = 1
        return 0
    is_whole = _bits(data, body, 1)
    for place in range(count):
        known[PRESENT, place] = 1 if is_whole else _bits(data, body, 1)
    contact = _bits(data, body, CONTACT_BITS)
    for place in range(COUNT):
        if known[PRESENT, place]:
            _full(data, body, known, place)
    return contact


@njit(cache=True)
def _has_more(data: Octets, body: Numbers, end: int) -> bool:
    left = end - body[AT]
    taken = min(left, 2)
    if left > 0 and _bits(data, body, taken):
        body[AT] -= taken
        return True
    if left >= 8 or left < 0 or (left > 2 and _bits(data, body, left - 2)):
        body[IS_BAD] = 1
    return False


@njit(cache=True)
def decode_body(
    data: Octets, start: int, end: int, known: Numbers, index: Numbers, states: Numbers, others: Numbers
) -> int:
    """How many updates the bits hold, 0 for none that are a run: `states` (64, readings), and of each
    update its contact and the ms since the first one in `others` (64, 2)."""
    body = np.zeros(3, np.int64)
    body[AT] = start
    contact = _key(data, body, known)
    interval_ms, interval_k, elapsed_ms, count = FIRST_INTERVAL_MS, 0, 0, 0
    while body[IS_BAD] == 0 and body[AT] <= end:
        _put(known, index, states[count])
        others[count, 0], others[count, 1] = contact, elapsed_ms
        count += 1
        if not _has_more(data, body, end):
            return 0 if body[IS_BAD] else count
        if count == MOST_UPDATES:
            return 0
        if _bits(data, body, 1) == 0:
            body[AT] += 1
            number = _code(data, body, interval_k)
            interval_k = _bit_length(number)
            interval_ms += _unzigzag(number)
            if interval_ms < 0 or interval_ms >= INTERVAL_LIMIT_MS:
                return 0
            if _bits(data, body, 1):
                contact = _bits(data, body, CONTACT_BITS)
        elapsed_ms += interval_ms
        _update(data, body, known, interval_ms)
    return 0


@njit(cache=True)
def decode_all(
    data: Octets,
    starts: Numbers,
    stops: Numbers,
    index: Numbers,
    states: Numbers,
    others: Numbers,
    counts: Numbers,
) -> int:
    """All bodies, their updates in turn in `states` and `others`; how many there are."""
    known = np.zeros((8, COUNT), np.int64)
    done = 0
    for frame in range(len(starts)):
        counts[frame] = decode_body(
            data, 8 * starts[frame], 8 * stops[frame], known, index, states[done:], others[done:]
        )
        done += counts[frame]
    return done
