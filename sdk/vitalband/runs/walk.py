"""Many bodies on their way together, bit by bit: the key's readings, then update by update what changed.

Only what the way depends on is read here: lengths, and the `k` of codes. Numbers are noted as they come, and
`vitalband.runs.states` and `decode` make readings of all of them at once.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bandschema.vitals_run import (
    CONTACT_BITS,
    COUNT_BITS,
    FIRST_INTERVAL_MS,
    FULL_QUALITY,
    IDLE_UPDATES,
    INTERVAL_LIMIT_MS,
    MOST_UPDATES,
    QUALITY_K,
)
from vitalband.runs.changes import (
    CHANGE_BITS,
    CHANGES,
    FULL_AT,
    FULL_K,
    IS_UNSEEN,
    K_AT,
    NO_K,
    NO_STEP,
    NUMBER_AT,
    QUALITY_AT,
    entries_of_codes,
)
from vitalband.runs.states import (
    ABSENT,
    BITS,
    CAUSE,
    COUNT,
    FULL,
    FULL_BITS,
    MOST_ZEROS,
    NUMBER_LIMIT,
    SAME_CAUSE,
    TOLD_CAUSE,
    VALUE_AT,
    Bytes,
    Flags,
    Integers,
    Words,
    bit_lengths,
    deposited,
    states_in_full,
    unzigzag,
    windows,
    words_of,
)

SLOTS = 32
"""Numbers of a frame's readings: the place of one is the number of its slot modulo `SLOTS`."""
_EXPONENT, _MANTISSA_BITS = np.array(0x7FF << 52), np.array(52)
_THREE, _SEVEN, _SIX_BITS, _ALL_BITS = np.array(3), np.array(7), np.array(63), np.array(64)
_K_AT, _NUMBER_AT = np.array(K_AT), np.array(NUMBER_AT)
_CAUSE, _TOLD_CAUSE, _SAME_CAUSE = np.array(CAUSE), np.array(TOLD_CAUSE), np.array(SAME_CAUSE)
_TOLD_OR_SAME, _SAME_CAUSE_AT = _TOLD_CAUSE | _SAME_CAUSE, np.array(SAME_CAUSE.bit_length() - 1)
_BEYOND_CHANGE, _BEYOND_FULL = np.array([64 - CHANGE_BITS, 64 - FULL_BITS], np.uint64)[:, np.newaxis]
_ZERO, _TWO_ZEROS = np.array([1 << 63, 1 << 62], np.uint64)
"""As arrays, since numbers would become such at every step. Windows below the last two begin with zeros."""
_FULL_ENTRY = np.array(FULL_K << K_AT)
_BIT_LENGTHS = np.array([number.bit_length() for number in range(1 << 12)], np.uint8)
_K_WORD = np.zeros(SLOTS, np.uint16)
_K_WORD[:COUNT] = np.array(BITS) << FULL_K


def _none() -> Integers:
    return np.zeros(0, np.int64)


@dataclass(slots=True)
class Update:
    """The same update of some frames: their numbers, its interval and contact; and what changed in it.

    A reading's `slot` is frame * `SLOTS` + place. `slot` and `step` are of all changes, what they add to the
    state; of those in full, which add nothing, also `full_slot` and where their bits begin; `quality_slot`
    are those of quality alone.
    """

    frame: Integers
    interval_ms: Integers
    contact: Integers
    slot: Integers = field(default_factory=_none)
    step: Integers = field(default_factory=_none)
    full_slot: Integers = field(default_factory=_none)
    full_at: Integers = field(default_factory=_none)
    quality_slot: Integers = field(default_factory=_none)


@dataclass(slots=True)
class Key:
    """The first update of frames: contact, states (places, frames), the last cause told; then all others."""

    contact: Integers
    states: Integers
    causes: Integers
    updates: list[Update] = field(default_factory=list[Update])


class Walk:
    """Frames on their way through their bodies; `_frame` numbers those that still go on."""

    def __init__(self, view: Bytes, starts: Integers, stops: Integers) -> None:
        count = len(starts)
        self.is_bad = np.zeros(count, np.bool_)
        self._windows = windows(view)
        self._frame = np.arange(count)
        self._at, self._end = 8 * starts, 8 * stops
        self._bad = np.zeros(count, np.bool_)
        self._words = np.empty(0, np.uint16)
        self._next = np.empty(0, np.uint64)
        self._present = np.zeros(count, np.int64)
        self._changed = [np.zeros(count, np.int64)] * IDLE_UPDATES
        self._contact = np.zeros(count, np.int64)
        self._interval_ms = np.full(count, FIRST_INTERVAL_MS)
        self._interval_k = np.zeros(count, np.int64)

    def run(self) -> Key:
        """All the way; who is bad is in `is_bad` then."""
        key = self._read_key()
        self._words = np.tile(_K_WORD, len(self._frame))
        self._next = self.window(self._at)
        for _ in range(MOST_UPDATES - 1):
            self._keep(self._has_more())
            if not len(self._frame):
                return key
            key.updates.append(self._read_update())
            self._next = self.window(self._at)
        self._bad |= self._has_more()
        self._keep(self._bad)
        return key

    # -- bits -----------------------------------------------------------------------------------

    def window(self, at: Integers) -> Words:
        """The 57 bits from each place on and more, the first one highest."""
        bits = at >> _THREE
        found = self._windows.take(bits, mode="clip")
        np.bitwise_and(at, _SEVEN, out=bits)
        found <<= bits.view(np.uint64)
        return found

    def _take(self, rows: Any, bits: int) -> Integers:
        """A number of so many bits, which are passed."""
        number = (self.window(self._at[rows]) >> 64 - bits).view(np.int64)
        self._at[rows] += bits
        return number

    # -- the way through a body -----------------------------------------------------------------

    def _has_more(self) -> Flags:
        """Which frames have another update; of those that have none, the end is checked."""
        left, window = self._end - self._at, self._next
        has_more = window >= _TWO_ZEROS
        if has_more.all() and (left >= 2).all():
            return has_more
        has_more = (window >> words_of(62 + np.clip(2 - left, 0, 2))) != 0
        has_rest = (window >> words_of(64 - np.clip(left, 0, 8))) != 0
        self._bad |= (left < 0) | ~has_more & (has_rest | (left >= 8))
        return has_more & ~self._bad

    def _keep(self, goes_on: Flags) -> None:
        """Go on with some of the frames."""
        self.is_bad[self._frame[self._bad]] = True
        if goes_on.all():
            return
        kept = np.flatnonzero(goes_on)
        self._changed = [words[kept] for words in self._changed]
        for name in _PER_FRAME:
            setattr(self, name, getattr(self, name)[kept])

    def _read_key(self) -> Key:
        count = self._take(slice(None), COUNT_BITS)
        is_known = (count >= 1) & (count <= COUNT)
        self._bad |= ~is_known
        count = np.where(is_known, count, 1)
        self._present = (1 << count) - 1 << COUNT - count
        parts = np.flatnonzero(self._take(slice(None), 1) == 0)
        if len(parts):
            bits = self.window(self._at[parts]) >> words_of(64 - count[parts])
            self._present[parts] = bits.view(np.int64) << COUNT - count[parts]
            self._at[parts] += count[parts]
        contact = self._contact = self._take(slice(None), CONTACT_BITS)
        key = Key(contact, np.empty((COUNT, len(count)), np.int64), np.zeros(len(count), np.int64))
        self._read_readings(key)
        return key

    def _read_readings(self, key: Key) -> None:
        is_whole = bool((self._present == (1 << COUNT) - 1).all())
        entry = np.empty(len(self._at), np.int64)
        for place in range(COUNT):
            states = key.states[place]
            window = self.window(self._at)
            np.right_shift(window, _BEYOND_FULL, out=states.view(np.uint64))
            FULL[place << FULL_BITS : place + 1 << FULL_BITS].take(states, mode="clip", out=entry)
            if not is_whole:
                entry[(self._present >> COUNT - 1 - place & 1) == 0] = ABSENT
            self._at += states_in_full(window, entry, BITS[place], out=states)
            np.bitwise_and(entry, _TOLD_OR_SAME, out=entry)
            if np.count_nonzero(entry):
                causes = states & _CAUSE
                np.copyto(key.causes, causes, where=entry >= _TOLD_CAUSE)
                entry &= _SAME_CAUSE
                entry >>= _SAME_CAUSE_AT
                entry *= key.causes
                states |= entry

    def _read_update(self) -> Update:
        window = self._next
        [other] = (window < _ZERO).nonzero()
        self._at += 1
        if len(other):
            self._read_interval_and_contact(other)
            window[other] = self.window(self._at[other] - 1)
        window <<= 1
        update = Update(self._frame, self._interval_ms, self._contact)
        order, counts, slots = self._slots_of(self._read_changed(window))
        if len(slots):
            self._read_changes(update, slots, order, counts)
        return update

    def _read_interval_and_contact(self, rows: Integers) -> None:
        at = self._at[rows] + 1
        number, is_bad = self._code(at, self._interval_k[rows])
        self._at[rows] = at
        self._interval_k[rows] = bit_lengths(number)
        interval_ms = self._interval_ms[rows] + unzigzag(number)
        is_bad |= (interval_ms < 0) | (interval_ms >= INTERVAL_LIMIT_MS)
        self._bad[rows] |= is_bad
        self._interval_ms = self._interval_ms.copy()
        self._interval_ms[rows] = np.where(is_bad, 0, interval_ms)
        moved = rows[self._take(rows, 1) == 1]
        self._contact = self._contact.copy()
        self._contact[moved] = self._take(moved, CONTACT_BITS)

    def _code(self, at: Integers, k: Integers) -> tuple[Integers, Flags]:
        """The numbers of codes, and which are out of all ranges and given as 0; `at` is moved on."""
        zeros = _zeros_at(self.window(at))
        at += zeros
        number = (self.window(at) >> words_of(63 - zeros - k)).view(np.int64) - (1 << k)
        at += zeros + k + 1
        is_bad = (zeros > MOST_ZEROS) | (number > NUMBER_LIMIT)
        number[is_bad] = 0
        return number, is_bad

    def _read_changed(self, window: Words) -> Integers:
        """The readings that changed, as words."""
        awake = self._changed[0]
        for words in self._changed[1:]:
            awake = awake | words
        count = np.bitwise_count(awake)
        changed = deposited((window >> 64 - count).view(np.int64), awake)
        idle = self._present & ~awake
        has_idle = idle != 0
        window <<= count
        self._at += count
        self._at += has_idle
        some = np.flatnonzero(has_idle & (window >= 1 << 63))
        if len(some):
            idle, told = idle[some], window[some]
            told <<= 1
            count = np.bitwise_count(idle)
            changed[some] |= deposited((told >> 64 - count).view(np.int64), idle)
            self._at[some] += count
        self._changed = [changed, *self._changed[:-1]]
        return changed

    # -- changes --------------------------------------------------------------------------------

    def _slots_of(self, changed: Integers) -> tuple[Integers, list[int], Integers]:
        """The frames in an order in which those with more changes come first; how many of them have a first
        change, a second one, and so on; and the slots of all first ones, of all second ones, and so on.
        """
        counts = np.bitwise_count(changed)
        order = np.argsort(COUNT - counts, kind="stable")
        more = (len(changed) - np.cumsum(np.bincount(counts))).tolist()[:-1]
        slots = np.empty(sum(more), np.int64)
        # The highest bit of a word is the exponent of the float; the float without it goes on.
        left = changed[order].astype(np.float64)
        exponents, stop = left.view(np.int64), 0
        last = self._frame[order] * SLOTS + (COUNT - 1 + 1023)
        for members in more:
            highest = exponents[:members] & _EXPONENT
            left[:members] -= highest.view(np.float64)
            highest >>= _MANTISSA_BITS
            np.subtract(last[:members], highest, out=slots[stop : stop + members])
            stop += members
        return order, more, slots

    def _read_changes(self, update: Update, slots: Integers, order: Integers, counts: list[int]) -> None:
        words = self._words.take(slots).astype(np.int64)
        begins, entries, numbers, k = np.empty((4, len(slots)), np.int64)
        ats, stop = self._at[order], 0
        for members in counts:
            part = slice(stop, stop + members)
            stop += members
            at, entry, number, own = ats[:members], entries[part], numbers[part], k[part]
            begins[part] = at
            window, number_as_word = self.window(at), number.view(np.uint64)
            np.right_shift(window, _BEYOND_CHANGE, out=number_as_word)
            CHANGES.take(number, mode="clip", out=entry)
            if entry[entry.argmin()] < 0:
                self._read_long(order, at, window, entry)
            np.right_shift(entry, _K_AT, out=own)
            np.right_shift(words[part], own, out=own)
            own &= _SIX_BITS
            length = entry >> _NUMBER_AT
            length &= _SIX_BITS
            length += own
            before = entry & _SIX_BITS
            at += before
            at += length
            window <<= before.view(np.uint64)
            np.subtract(_ALL_BITS, length, out=length)
            np.right_shift(window, length.view(np.uint64), out=number_as_word)
        self._at[order] = ats
        np.left_shift(1, k, out=k)
        numbers -= k
        self._note_k(slots, entries, numbers)
        _note_changes(update, slots, begins, entries, numbers)

    def _read_long(self, order: Integers, at: Integers, window: Words, entry: Integers) -> None:
        """Beginnings that the table does not hold: they are passed up to the zeros of the value's code."""
        [rows] = (entry < 0).nonzero()
        told = entry[rows]
        begin = at[rows] + (told & 63)
        if (told & IS_UNSEEN).any():
            self._read_long_quality(order[rows], begin, told)
        seen = self.window(begin)
        zeros = _zeros_at(seen)
        has_code = told >> K_AT & NO_K == 0
        # What follows a quality that changed alone is another's: nothing, at the end of a body.
        is_endless = has_code & (zeros > MOST_ZEROS)
        if is_endless.any():
            self._bad[order[rows[is_endless]]] = True
        entry[rows] = told & 255 << QUALITY_AT | np.where(
            has_code, entries_of_codes(zeros, np.zeros_like(zeros)), NO_K << K_AT
        )
        at[rows], window[rows] = begin, seen

    def _read_long_quality(self, frames: Integers, begin: Integers, told: Integers) -> None:
        """Pass codes of quality, and the bit behind that says whether one of the value follows."""
        [rows] = (told & IS_UNSEEN).nonzero()
        at = begin[rows]
        number, is_bad = self._code(at, np.full(len(at), QUALITY_K))
        step = unzigzag(number + 1)
        is_bad |= abs(step) > FULL_QUALITY
        self._bad[frames[rows[is_bad]]] = True
        step[is_bad] = 0
        has_none = self.window(at) < 1 << 63
        begin[rows] = at + 1
        told[rows] = step + NO_STEP << QUALITY_AT | has_none * (NO_K << K_AT)

    def _note_k(self, slots: Integers, entries: Integers, numbers: Integers) -> None:
        """Note how long the numbers of codes are, for those to come."""
        [has_code] = (entries < _FULL_ENTRY).nonzero()
        number, slot = numbers.take(has_code), slots.take(has_code)
        if len(number) and number[number.argmax()] >= len(_BIT_LENGTHS):
            lengths = bit_lengths(np.maximum(number, 0)).astype(np.uint16)
            is_bad = np.zeros(len(self.is_bad), np.bool_)
            is_bad[slot[number >= NUMBER_LIMIT] // SLOTS] = True
            self._bad |= is_bad[self._frame]
        else:
            lengths = _BIT_LENGTHS.take(number)
        self._words[slot] = _K_WORD.take(slot & SLOTS - 1) | lengths


def _note_changes(
    update: Update, slots: Integers, begins: Integers, entries: Integers, numbers: Integers
) -> None:
    numbers += 1
    step = unzigzag(numbers)
    step <<= VALUE_AT
    entries >>= QUALITY_AT
    step += entries & 255
    step -= NO_STEP
    update.slot, update.step = slots, step
    entries >>= FULL_AT - QUALITY_AT
    [full] = (entries & 1).nonzero()
    step[full] = 0
    update.full_slot, update.full_at = slots[full], begins[full]
    update.quality_slot = slots[entries == NO_K << K_AT - FULL_AT]


def _zeros_at(window: Words) -> Integers:
    """How many zeros windows begin with, up to 27."""
    return 27 - bit_lengths((window >> 37).view(np.int64))


_PER_FRAME = (
    "_frame", "_at", "_end", "_bad", "_present", "_contact", "_interval_ms", "_interval_k", "_next",
)  # fmt: skip
