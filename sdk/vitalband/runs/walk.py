"""Many bodies on their way together, bit by bit: the key's readings, then update by update what changed.

Only what the way depends on is read here: lengths, and the `k` of codes. Numbers are noted as they come, and
`vitalband.runs.states` and `decode` make readings of all of them at once.
"""

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
)
from vitalband.runs.states import (
    ABSENT,
    BITS,
    CAUSE,
    COUNT,
    FIRST_TURN,
    FULL,
    FULL_BITS,
    INDEX,
    LATE_QUALITY,
    MOST_ZEROS,
    NUMBER_LIMIT,
    STATE,
    TURN,
    TURN_AT,
    VALUE_AT,
    Bytes,
    Flags,
    Integers,
    Words,
    add_values,
    bit_lengths,
    deposited,
    unzigzag,
    windows,
    with_late_quality,
    words_of,
)
from vitalband.runs.updates import SLOTS, Key, Update

_EXPONENT, _MANTISSA_BITS = np.array(0x7FF << 52), np.array(52)
_FOUR, _FIFTEEN, _SIX_BITS, _ALL_BITS = np.array(4), np.array(15), np.array(63), np.array(64)
_K_AT, _NUMBER_AT = np.array(K_AT), np.array(NUMBER_AT)
_CAUSE, _TURN_AND_CAUSE = np.array(CAUSE), np.array(TURN | CAUSE)
_ALL_BUT_CAUSE = np.array((STATE | LATE_QUALITY) & ~CAUSE)
_BEYOND_CHANGE, _BEYOND_FULL = np.array([64 - CHANGE_BITS, 64 - FULL_BITS], np.uint64)[:, np.newaxis]
_ZERO, _TWO_ZEROS = np.array([1 << 63, 1 << 62], np.uint64)
"""As arrays, since numbers would become such at every step. Windows below the last two begin with zeros."""
_WHOLE_HEAD = np.array(COUNT << 1 | 1)
_PLACES = np.argsort(INDEX)
_FULL_ENTRY = np.array(FULL_K << K_AT)
_BIT_LENGTHS = np.array([number.bit_length() for number in range(1 << 12)], np.uint8)
_K_WORD = np.zeros(SLOTS, np.uint16)
_K_WORD[:COUNT] = np.array(BITS) << FULL_K


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
        self._present = np.full(count, (1 << COUNT) - 1)
        self._changed = [np.zeros(count, np.int64)] * IDLE_UPDATES
        self._contact = np.zeros(count, np.int64)
        self._interval_ms = np.full(count, FIRST_INTERVAL_MS)
        self._interval_k = np.zeros(count, np.int64)

    def run(self) -> Key:
        """All the way; who is bad is in `is_bad` then."""
        key = self._read_key()
        self._next = self.window(self._at)
        for number in range(MOST_UPDATES - 1):
            self._keep(self._has_more())
            if not len(self._frame):
                return key
            if not number:
                self._words = np.tile(_K_WORD, len(self.is_bad))
            key.updates.append(self._read_update())
            self._next = self.window(self._at)
        self._bad |= self._has_more()
        self._keep(self._bad)
        return key

    # -- bits -----------------------------------------------------------------------------------

    def window(self, at: Integers) -> Words:
        """The 49 bits from each place on and more, the first one highest."""
        bits = at >> _FOUR
        found = self._windows.take(bits, mode="clip")
        np.bitwise_and(at, _FIFTEEN, out=bits)
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
        if len(left) and left[left.argmin()] >= 2 and has_more.all():
            return has_more
        has_more &= (left >= 2) | (left == 1) & (window >= _ZERO)
        has_rest = (window >> words_of(_ALL_BITS - left)) != 0
        self._bad |= (left < 0) | ~has_more & (has_rest | (left >= 8))
        return has_more & ~self._bad

    def _keep(self, goes_on: Flags) -> None:
        """Go on with some of the frames."""
        self.is_bad[self._frame[self._bad]] = True
        [kept] = goes_on.nonzero()
        if len(kept) == len(goes_on):
            return
        self._changed = [words[kept] for words in self._changed]
        for name in _PER_FRAME:
            setattr(self, name, getattr(self, name)[kept])

    def _read_key(self) -> Key:
        head = self._take(slice(None), COUNT_BITS + 1)
        [others] = (head != _WHOLE_HEAD).nonzero()
        if len(others):
            self._read_present(others, head[others])
        contact = self._contact = self._take(slice(None), CONTACT_BITS)
        key = Key(contact, np.empty((COUNT, len(contact)), np.int64))
        self._read_readings(key, is_whole=not len(others))
        return key

    def _read_present(self, rows: Integers, head: Integers) -> None:
        """Which readings some frames have, that have not all of them."""
        count = head >> 1
        is_known = (count >= 1) & (count <= COUNT)
        self._bad[rows] = ~is_known
        count = np.where(is_known, count, 1)
        present = (1 << count) - 1
        [parts] = (head & 1 == 0).nonzero()
        some, count_of_some = rows[parts], count[parts]
        present[parts] = (self.window(self._at[some]) >> words_of(64 - count_of_some)).view(np.int64)
        self._at[some] += count_of_some
        self._present[rows] = present << COUNT - count

    def _read_readings(self, key: Key, *, is_whole: bool) -> None:
        told = np.full_like(self._at, FIRST_TURN << TURN_AT)
        other = np.empty_like(told)
        for place, table in enumerate(FULL):
            states, window = key.states[INDEX[place]], self.window(self._at)
            np.right_shift(window, _BEYOND_FULL, out=words_of(other))
            table.take(other, mode="clip", out=states)
            if not is_whole:
                states[(self._present >> COUNT - 1 - place & 1) == 0] = ABSENT
            self._at += add_values(window, states)
            # The latest told, from which each doubtful reading has its cause: all bits of its own are set.
            np.bitwise_and(states, _TURN_AND_CAUSE, out=other)
            np.maximum(told, other, out=told)
            np.bitwise_and(told, _CAUSE, out=other)
            other |= _ALL_BUT_CAUSE
            states &= other
        told &= _CAUSE
        key.causes = told
        if np.bitwise_or.reduce(key.states, axis=None) & LATE_QUALITY:
            rows, late = (key.states & LATE_QUALITY).nonzero()
            key.states[rows, late] = with_late_quality(key.states[rows, late], _PLACES[rows])

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
        """Beginnings that the table does not hold: they are passed, with the zeros of the value's code."""
        [rows] = (entry < 0).nonzero()
        told = entry[rows]
        begin = at[rows] + (told & 63)
        if (told & IS_UNSEEN).any():
            self._read_long_quality(order[rows], begin, told)
        has_code = told >> K_AT & NO_K == 0
        zeros = _zeros_at(self.window(begin)) * has_code
        # What follows a quality that changed alone is another's: nothing, at the end of a body.
        is_endless = zeros > MOST_ZEROS
        if is_endless.any():
            self._bad[order[rows[is_endless]]] = True
        entry[rows] = told & 255 << QUALITY_AT | np.where(has_code, zeros + 1 << NUMBER_AT, NO_K << K_AT)
        begin += zeros
        at[rows], window[rows] = begin, self.window(begin)

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
            lengths = _BIT_LENGTHS.take(number, mode="clip")
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
