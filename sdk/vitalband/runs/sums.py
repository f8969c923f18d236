"""States of readings out of what a walk noted: readings in full as they are, all others by running sums."""

from dataclasses import dataclass

import numpy as np

from bandschema.vitals_run import FULL_QUALITY
from vitalband.runs.states import (
    ABSENT,
    CAUSE,
    COUNT,
    FULL,
    FULL_BITS,
    IN_SECONDS,
    INDEX,
    LATE_QUALITY,
    MAXIMUM,
    MINIMUM,
    SAME_CAUSE,
    STATE,
    TOLD_CAUSE,
    VALIDITY_AT,
    VALUE_AT,
    Flags,
    Integers,
    add_values,
    with_late_quality,
)
from vitalband.runs.updates import SLOTS, Key
from vitalband.runs.walk import Walk

_ROWS = np.zeros(SLOTS, np.int64)
_ROWS[:COUNT] = INDEX
_LOWEST, _HIGHEST = np.empty((2, COUNT, 1), np.int64)
_LOWEST[INDEX, 0], _HIGHEST[INDEX, 0] = MINIMUM << VALUE_AT, (MAXIMUM + 1 << VALUE_AT) - 1
_BLOCK = 1 << 15
"""States that are checked together: few enough that they stay in the nearest cache."""
_ABSENT_BELOW = ABSENT + (1 << VALUE_AT)
_SECOND_ROWS = [INDEX[place] for place in IN_SECONDS]


@dataclass(slots=True)
class Sums:
    """(m,) updates of a lot, frame by frame, and their states (readings, m).

    `frame` says whose each is, `interval_ms` how long after the one before it, 0 for a frame's first;
    `begins` and `counts` (frames,) where a frame's are. Frames that `is_bad` marks have none.
    """

    frame: Integers
    contact: Integers
    interval_ms: Integers
    states: Integers
    begins: Integers
    counts: Integers
    is_bad: Flags


def sums_of(walk: Walk, key: Key) -> Sums:
    """The states of a walk that is done."""
    if not key.updates:
        return _of_keys(walk, key)
    sums = _laid_out(walk, key)
    good = np.flatnonzero(~sums.is_bad)
    is_whole = np.zeros(sums.states.shape, np.bool_)
    of_quality = _placed(walk, key, sums, is_whole)
    begins = sums.begins[good]
    is_whole[:, begins] = True
    for states, states_of_keys in zip(sums.states, key.states, strict=True):
        states[begins] = states_of_keys[good]
    return _checked(sums, of_quality, _added_up(sums, is_whole))


def _of_keys(walk: Walk, key: Key) -> Sums:
    """Of frames that all have but one update."""
    count = len(walk.is_bad)
    frame, interval_ms = np.arange(count), np.zeros(count, np.int64)
    sums = Sums(frame, key.contact, interval_ms, key.states, frame, np.ones_like(frame), walk.is_bad)
    is_bad = sums.is_bad
    if (key.states.max(axis=1, initial=0, keepdims=True) > _HIGHEST).any():
        is_bad = is_bad | (key.states > _HIGHEST).any(axis=0)
    return _without(sums, np.flatnonzero(is_bad))


def _laid_out(walk: Walk, key: Key) -> Sums:
    counts = np.ones(len(walk.is_bad), np.int64)
    for update in key.updates:
        counts[update.frame] += 1
    counts[walk.is_bad] = 0
    begins = np.cumsum(counts) - counts
    frame = np.repeat(np.arange(len(counts)), counts)
    total = len(frame)
    contact, interval_ms = key.contact[frame], np.zeros(total, np.int64)
    if key.updates:
        names = ("frame", "contact", "interval_ms")
        whose, *told = (np.concatenate([getattr(each, name) for each in key.updates]) for name in names)
        row = begins[whose] + np.repeat(
            np.arange(1, 1 + len(key.updates)), [len(each.frame) for each in key.updates]
        )
        if walk.is_bad.any():
            good = ~walk.is_bad[whose]
            row, *told = (each[good] for each in (row, *told))
        contact[row], interval_ms[row] = told
    states = np.zeros((COUNT, total), np.int64)
    return Sums(frame, contact, interval_ms, states, begins, counts, walk.is_bad.copy())


def _placed(walk: Walk, key: Key, sums: Sums, is_whole: Flags) -> Integers:
    """Put steps and whole states of all changes where they belong; gives where a quality alone changed."""
    at = (_ROWS * len(sums.frame) + sums.begins[:, np.newaxis]).ravel()
    states, has_bad = sums.states.ravel(), bool(sums.is_bad.any())
    for number, update in enumerate(key.updates, 1):
        slot, step = update.slot, update.step
        if has_bad:
            good = ~sums.is_bad[slot // SLOTS]
            slot, step = slot[good], step[good]
        states[at.take(slot) + number] = step
    slot, begin, number = _together(key, sums, "full_slot", "full_at")
    target = at[slot] + number
    states[target] = _full_states(walk, slot, begin, key.causes)
    is_whole.ravel()[target] = True
    slot, number = _together(key, sums, "quality_slot")
    return at[slot] + number


def _together(key: Key, sums: Sums, slots: str, *names: str) -> tuple[Integers, ...]:
    """Some of what the updates tell, all in turn but that of bad frames; and the update's number of each."""
    found = [np.concatenate([getattr(each, name) for each in key.updates]) for name in (slots, *names)]
    lengths = [len(getattr(each, slots)) for each in key.updates]
    good = ~sums.is_bad[found[0] // SLOTS]
    return tuple(each[good] for each in (*found, np.repeat(np.arange(1, len(lengths) + 1), lengths)))


def _full_states(walk: Walk, slot: Integers, begin: Integers, causes: Integers) -> Integers:
    """States of the readings that changed in full."""
    place, window = slot % SLOTS, walk.window(begin + 1)
    states = FULL[place, (window >> 64 - FULL_BITS).view(np.int64)]
    add_values(window, states)
    doubtful = np.flatnonzero(states & (TOLD_CAUSE | SAME_CAUSE))
    doubtful = doubtful[np.argsort(slot[doubtful] // SLOTS, kind="stable")]
    told = _causes_told_before(states[doubtful], slot[doubtful] // SLOTS, causes)
    states[doubtful] &= told | ~CAUSE
    late = np.flatnonzero(states & LATE_QUALITY)
    states[late] = with_late_quality(states[late], place[late])
    states &= STATE
    return states


def _causes_told_before(states: Integers, frame: Integers, causes: Integers) -> Integers:
    """For doubtful readings in turn, frame by frame, the last cause told."""
    is_same = (states & SAME_CAUSE) != 0
    is_first = np.diff(frame, prepend=-1) != 0
    known = np.where(is_same, causes[frame], states & CAUSE)
    last = np.where(is_same & ~is_first, 0, np.arange(len(states)))
    np.maximum.accumulate(last, out=last)
    return known[last]


def _added_up(sums: Sums, is_whole: Flags) -> Flags:
    """Make states of steps, row by row: from each whole state on its sum with the steps behind it.

    Gives the updates that change a reading in seconds which has no value.
    """
    is_bad = np.zeros(len(sums.frame), np.bool_)
    for row in range(COUNT):
        steps = sums.states[row]
        place = np.flatnonzero(is_whole[row])
        before = None
        if row in _SECOND_ROWS:
            before = steps.copy()
            before[place] = 0
            seconds = sums.interval_ms // 1000 << VALUE_AT
            seconds[place] = 0
            steps += seconds
        # A whole state is a step from the last one before it, where all steps up to there lead.
        steps[place[1:]] -= np.add.reduceat(steps, place)[:-1]
        np.cumsum(steps, out=steps)
        if before is not None:
            absent = np.flatnonzero((steps + (1 << VALIDITY_AT) & 2 << VALIDITY_AT) == 0)
            steps[absent] = steps[absent] & (1 << VALUE_AT) - 1 | ABSENT
            is_bad[absent] = before[absent] != 0
    return is_bad


def _checked(sums: Sums, of_quality: Integers, is_bad: Flags | None = None) -> Sums:
    """Leave out the frames of which a value or a quality is out of its range.

    `of_quality` are the states in which a quality changed and no value, `is_bad` updates known to be bad.
    """
    bad = [] if is_bad is None else [np.flatnonzero(is_bad)]
    of_quality = of_quality[sums.states.ravel()[of_quality] < _ABSENT_BELOW]
    bad.append(of_quality % len(sums.frame) if len(of_quality) else of_quality)
    width = max(1, _BLOCK // max(1, len(sums.frame)))
    for row in range(0, COUNT, width):
        states = sums.states[row : row + width]
        lowest, highest = _LOWEST[row : row + width], _HIGHEST[row : row + width]
        is_beyond = (states < lowest) ^ (states < _ABSENT_BELOW)
        is_beyond |= states > highest
        is_beyond |= (states & 255) > FULL_QUALITY
        if is_beyond.any() or states.min(initial=0) < ABSENT:
            bad.append(np.flatnonzero((is_beyond | (states < ABSENT)).any(axis=0)))
    return _without(sums, np.concatenate(bad))


def _without(sums: Sums, rows: Integers) -> Sums:
    """Leave out the frames of some updates."""
    if not len(rows):
        return sums
    sums.is_bad[sums.frame[rows]] = True
    good = np.flatnonzero(~sums.is_bad[sums.frame])
    counts = np.where(sums.is_bad, 0, sums.counts)
    return Sums(
        sums.frame[good],
        sums.contact[good],
        sums.interval_ms[good],
        sums.states.take(good, axis=1),
        np.cumsum(counts) - counts,
        counts,
        sums.is_bad,
    )
