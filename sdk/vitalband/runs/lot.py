"""Many bodies on their way together: reading by reading through their keys, then update by update."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bandschema.readings import NO_VALUE
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
from vitalband.runs.states import (
    ABSENT,
    BITS,
    CAUSE_AT,
    COUNT,
    DOUBTFUL,
    FULL,
    IN_SECONDS,
    INDEX,
    LENGTH_AT,
    MAXIMUM,
    MINIMUM,
    MOST_ZEROS,
    NUMBER_LIMIT,
    SAME_CAUSE,
    STATE_BITS,
    STATE_MASK,
    VALUE_AT,
    Flags,
    Integers,
    Words,
    bit_lengths,
    deposited,
    rows_of_places,
    shift,
    unzigzag,
    values_in,
    windows,
)


@dataclass(slots=True)
class Rows:
    """One update of each of some frames: `state` (places, frames)."""

    frame: Integers
    state: Integers
    contact: Integers
    elapsed_ms: Integers


class Lot:
    """Frames on their way through their bodies; `frame` numbers those that still go on."""

    def __init__(self, windows: Words, positions: Integers, ends: Integers) -> None:
        count = len(positions)
        self.is_bad = np.zeros(count, np.bool_)
        self._windows = windows
        self._frame = np.arange(count)
        self._at = positions
        self._end = ends
        self._bad = np.zeros(count, np.bool_)
        self._state = np.full((COUNT, count), ABSENT)
        self._k = np.zeros((COUNT, count), np.int64)
        self._present = np.zeros(count, np.int64)
        self._changed = [np.zeros(count, np.int64)] * IDLE_UPDATES
        self._cause = np.zeros(count, np.int64)
        self._contact = np.zeros(count, np.int64)
        self._interval_ms = np.full(count, FIRST_INTERVAL_MS)
        self._interval_k = np.zeros(count, np.int64)
        self._elapsed_ms = np.zeros(count, np.int64)

    @classmethod
    def begin(cls, buffer: bytes, starts: Integers, stops: Integers) -> "Lot":
        """A lot of bodies that lie in `buffer`."""
        first, last = (int(starts.min()), int(stops.max())) if len(starts) else (0, 0)
        view = np.frombuffer(buffer, np.uint8, last - first, first)
        return cls(windows(view), 8 * (starts - first), 8 * (stops - first))

    def rows(self) -> Iterator[Rows]:
        """The first update of every frame, then the second of those that have one, and so on."""
        self._read_key()
        yield self._rows()
        for _ in range(MOST_UPDATES - 1):
            self._keep(self._has_more())
            if not len(self._frame):
                return
            self._read_update()
            yield self._rows()
        self._bad |= self._has_more()
        self._keep(self._bad)

    def _rows(self) -> Rows:
        return Rows(self._frame, self._state, self._contact.copy(), self._elapsed_ms.copy())

    # -- bits -----------------------------------------------------------------------------------

    def _window(self, at: Integers) -> Words:
        """The 57 bits from each place on and more, the first one highest."""
        return self._windows.take(at >> 3, mode="clip") << (at & 7).view(np.uint64)

    def _code(self, rows: Any, k: Integers) -> Integers:
        """The numbers of codes, which are passed; one out of all ranges is bad and gives 0."""
        at = self._at[rows]
        number, is_bad = self._number(at, self._window(at), k)
        self._at[rows] = at
        self._bad[rows] |= is_bad
        return number

    def _number(self, at: Integers, window: Words, k: Integers) -> tuple[Integers, Flags]:
        """The numbers of codes, and which are out of all ranges and given as 0; `at` is moved on."""
        zeros = 27 - bit_lengths((window >> np.uint64(37)).view(np.int64))
        passed = 2 * zeros + 1
        number = (window << shift(zeros) >> shift(63 - zeros)).view(np.int64)
        at += passed
        is_short = len(at) and int((passed + k).max()) <= 55
        low = window << shift(passed) if is_short else self._window(at)
        at += k
        number -= 1
        number <<= k
        number += (low >> shift(64 - k)).view(np.int64)
        is_bad = (zeros > MOST_ZEROS) | (number > NUMBER_LIMIT)
        if is_bad.any():
            number[is_bad] = 0
        return number, is_bad

    def _take(self, rows: Any, bits: int) -> Integers:
        """A number of so many bits, which are passed."""
        at = self._at[rows]
        number = (self._window(at) >> np.uint64(64 - bits)).view(np.int64)
        self._at[rows] = at + bits
        return number

    # -- the way through a body -----------------------------------------------------------------

    def _has_more(self) -> Flags:
        """Which frames have another update; of those that have none, the end is checked."""
        left = self._end - self._at
        window = self._window(self._at)
        has_more = (window >> shift(62 + np.clip(2 - left, 0, 2))) != 0
        has_rest = (window >> shift(64 - np.clip(left, 0, 8))) != 0
        self._bad |= (left < 0) | ~has_more & (has_rest | (left >= 8))
        return has_more & ~self._bad

    def _keep(self, goes_on: Flags) -> None:
        """Go on with some of the frames."""
        self.is_bad[self._frame[self._bad]] = True
        if goes_on.all():
            self._state = self._state.copy()
            return
        kept = np.flatnonzero(goes_on)
        self._state, self._k = self._state[:, kept], self._k[:, kept]
        self._changed = [words[kept] for words in self._changed]
        for name in _PER_FRAME:
            setattr(self, name, getattr(self, name)[kept])

    def _read_key(self) -> None:
        count = self._take(slice(None), COUNT_BITS)
        is_known = (count >= 1) & (count <= COUNT)
        self._bad |= ~is_known
        count = np.where(is_known, count, 1)
        self._present = (1 << count) - 1 << COUNT - count
        parts = np.flatnonzero(self._take(slice(None), 1) == 0)
        if len(parts):
            bits = self._window(self._at[parts]) >> shift(64 - count[parts])
            self._present[parts] = bits.view(np.int64) << COUNT - count[parts]
            self._at[parts] += count[parts]
        self._contact = self._take(slice(None), CONTACT_BITS)
        for place, rows in rows_of_places(self._present):
            self._read_full(place, rows)

    def _read_update(self) -> None:
        other = np.flatnonzero(self._take(slice(None), 1) == 0)
        if len(other):
            self._read_interval_and_contact(other)
        self._elapsed_ms += self._interval_ms
        for place in IN_SECONDS:
            has_value = values_in(self._state[INDEX[place]])
            self._state[INDEX[place]] += (self._interval_ms // 1000 * has_value) << VALUE_AT
        for place, rows in rows_of_places(self._read_changed()):
            self._read_change(place, rows)
        for place in IN_SECONDS:
            self._check(place, slice(None))

    def _read_interval_and_contact(self, rows: Integers) -> None:
        self._at[rows] += 1
        number = self._code(rows, self._interval_k[rows])
        self._interval_k[rows] = bit_lengths(number)
        interval_ms = self._interval_ms[rows] + unzigzag(number)
        is_bad = (interval_ms < 0) | (interval_ms >= INTERVAL_LIMIT_MS)
        self._bad[rows] |= is_bad
        self._interval_ms[rows] = np.where(is_bad, 0, interval_ms)
        moved = rows[self._take(rows, 1) == 1]
        self._contact[moved] = self._take(moved, CONTACT_BITS)

    def _read_changed(self) -> Integers:
        """The readings that changed, as words."""
        awake = self._changed[0]
        for words in self._changed[1:]:
            awake = awake | words
        window = self._window(self._at)
        changed, count = deposited(window, awake)
        idle = self._present & ~awake
        self._at += count
        some = np.flatnonzero(idle)
        some = some[self._take(some, 1) == 1]
        if len(some):
            word, count = deposited(self._window(self._at[some]), idle[some])
            changed[some] |= word
            self._at[some] += count
        self._changed = [changed, *self._changed[:-1]]
        return changed

    def _read_full(self, place: int, rows: Any) -> None:
        """State, quality and value."""
        at = self._at[rows]
        window = self._window(at)
        full = FULL[(window >> np.uint64(64 - STATE_BITS)).view(np.int64)]
        length = full >> LENGTH_AT
        state = full & STATE_MASK
        self._bad[rows] |= length == 0
        doubtful = np.flatnonzero(full & DOUBTFUL)
        if len(doubtful):
            told = full[doubtful]
            which = doubtful if isinstance(rows, slice) else rows[doubtful]
            cause = np.where(told & SAME_CAUSE, self._cause[which], told >> CAUSE_AT & 31)
            state[doubtful] = state[doubtful] & ~(31 << CAUSE_AT) | cause << CAUSE_AT
            self._cause[which] = cause
        has_value = values_in(state)
        value = (window << shift(length) >> np.uint64(64 - BITS[place])).view(np.int64)
        value += MINIMUM[place] - NO_VALUE
        value *= has_value
        value += NO_VALUE
        self._bad[rows] |= value > MAXIMUM[place]
        value <<= VALUE_AT
        value |= state
        self._state[INDEX[place], rows] = value
        has_value *= BITS[place]
        at += length
        at += has_value
        self._at[rows] = at

    def _read_change(self, place: int, rows: Any) -> None:
        """How a reading changed: its state, or quality or value or both."""
        at = self._at[rows]
        window = self._window(at)
        is_plain = window >> np.uint64(62) == 0
        if not is_plain.all():
            rows = np.arange(len(at)) if isinstance(rows, slice) else rows
            self._read_other_change(place, rows[~is_plain], window[~is_plain] >> np.uint64(63) == 1)
            rows, at, window = rows[is_plain], at[is_plain], window[is_plain]
        window <<= np.uint64(2)
        at += 2
        self._step(place, rows, at, window)

    def _read_other_change(self, place: int, rows: Integers, is_full: Flags) -> None:
        """A change of state, or of quality; a value that changed with the latter too."""
        self._at[rows] += 2 - is_full
        self._read_full(place, rows[is_full])
        rows = rows[~is_full]
        number = self._code(rows, np.full(len(rows), QUALITY_K))
        state = self._state[INDEX[place], rows]
        quality = (state & 255) + unzigzag(number + 1)
        is_bad = (quality < 0) | (quality > FULL_QUALITY) | (values_in(state) == 0)
        self._bad[rows] |= is_bad
        self._state[INDEX[place], rows] = state & ~255 | np.where(is_bad, 0, quality)
        rows = rows[self._take(rows, 1) == 1]
        at = self._at[rows]
        self._step(place, rows, at, self._window(at))

    def _step(self, place: int, rows: Any, at: Integers, window: Words) -> None:
        """A value that is not as expected, by the code at `at`."""
        k = self._k[place, rows]
        number, is_bad = self._number(at, window, k)
        self._at[rows] = at
        self._k[place, rows] = bit_lengths(number)
        number += 1
        step = unzigzag(number)
        step <<= VALUE_AT
        state = self._state[INDEX[place], rows]
        step += state
        is_bad |= step < MINIMUM[place] << VALUE_AT
        is_bad |= step >= MAXIMUM[place] + 1 << VALUE_AT
        if is_bad.any():
            step[is_bad] = state[is_bad]
            self._bad[rows] |= is_bad
        self._state[INDEX[place], rows] = step

    def _check(self, place: int, rows: Any) -> None:
        """A value out of its range makes a frame bad."""
        raw_value = self._state[INDEX[place], rows] >> VALUE_AT
        is_beyond = (raw_value < MINIMUM[place]) & (raw_value != NO_VALUE) | (raw_value > MAXIMUM[place])
        if is_beyond.any():
            self._bad[rows] |= is_beyond
            self._state[INDEX[place], rows] = np.where(is_beyond, ABSENT, self._state[INDEX[place], rows])


_PER_FRAME = (
    "_frame", "_at", "_end", "_bad", "_present", "_cause", "_contact", "_interval_ms", "_interval_k",
    "_elapsed_ms",
)  # fmt: skip
