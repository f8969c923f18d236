"""Writes the body of a `vitals_run` frame, update by update; `bandschema.vitals_run` is its specification.

Nothing here allocates after construction, and no number leaves 30 bits.
"""

from array import array

from bandwire.catalogue import BITS_OF_ID, INDEX_OF_ID, READING_COUNT, READINGS
from bandwire.errors import LocalError
from bandwire.frames import (
    HEADER_BYTES,
    NO_VALUE,
    UNIT_SECOND,
    VALIDITY_STALE,
    VALIDITY_UNKNOWN,
    VALIDITY_VALID,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import ReadingSource

MOST_UPDATES = 64
LEAST_FRAME_BYTES = HEADER_BYTES + 60
"""Room for one update, whatever it is: 10 bits, 17 a reading and 176 of values."""
_FIRST_INTERVAL_MS = 2000
_INTERVAL_LIMIT_HIGH = 0x100
_IDLE_UPDATES = 6
_FULL_QUALITY = 100
_QUALITY_K = 2

# What is known of a reading lies side by side in `_codes`: one piece of the heap, not seven.
_PRESENT = 0
_VALIDITY = 1
_QUALITY = 2
_CAUSE = 3
_K = 4
_AGE = 5
_CHANGED = 6
_CODES = 7


def bit_length(number: int) -> int:
    """Bits that a number of 0 or more takes; MicroPython has no method for it."""
    bits = 0
    while number:
        number >>= 1
        bits += 1
    return bits


class RunWriter:
    """The open run: `add` updates of a table of readings, then `close` it into a frame in `buffer`.

    The frame has at most `frame_bytes`; LocalError when one update could be longer. `ticks_low` and
    `ticks_high` are those of the last update, `update_count` how many there are. A run that is full,
    or whose last update is of a later tick, takes no more: close it, and add again.
    """

    def __init__(self, table: "ReadingSource", frame_bytes: int) -> None:
        if frame_bytes < LEAST_FRAME_BYTES:
            raise LocalError("an update takes up to %d bytes, got %d" % (LEAST_FRAME_BYTES, frame_bytes))
        self.buffer = bytearray(frame_bytes)
        self.update_count = 0
        self.ticks_low = 0
        self.ticks_high = 0
        self._table = table
        self._codes = bytearray(_CODES * READING_COUNT)
        self._raw = array("i", bytes(4 * READING_COUNT))
        self._contact = 0
        self._last_cause = 0
        self._interval_ms = 0
        self._interval_k = 0
        self._bit = 0
        self._is_full = False

    def choose(self, groups: int) -> None:
        """Tell the readings of these groups from now on; an open run is thrown away."""
        self.update_count = 0
        for place in range(READING_COUNT):
            self._codes[_CODES * place + _PRESENT] = 1 if READINGS[INDEX_OF_ID[place]][6] & groups else 0

    def add(self, ticks_low: int, ticks_high: int) -> bool:
        """Add the readings as they are now; False, and nothing is added, when the run takes no more."""
        if self.update_count == 0:
            self._begin()
            self._key()
        elif not self._update(ticks_low, ticks_high):
            return False
        self.ticks_low = ticks_low
        self.ticks_high = ticks_high
        self.update_count += 1
        return True

    def close(self) -> int:
        """End the run; the end of the frame, whose header is not written yet."""
        self.update_count = 0
        return self._bit + 7 >> 3

    def _begin(self) -> None:
        self._bit = 8 * HEADER_BYTES
        self._is_full = False
        self._last_cause = 0
        self._interval_ms = _FIRST_INTERVAL_MS
        self._interval_k = 0
        for place in range(READING_COUNT):
            self._codes[_CODES * place + _K] = 0
            self._codes[_CODES * place + _AGE] = _IDLE_UPDATES

    def _key(self) -> None:
        codes = self._codes
        self._put(READING_COUNT, 6)
        is_whole = 1
        for place in range(READING_COUNT):
            is_whole &= codes[_CODES * place + _PRESENT]
        self._put(is_whole, 1)
        if not is_whole:
            for place in range(READING_COUNT):
                self._put(codes[_CODES * place + _PRESENT], 1)
        self._contact = self._table.contact
        self._put(self._contact, 3)
        for place in range(READING_COUNT):
            if codes[_CODES * place + _PRESENT]:
                self._full(place)

    def _update(self, ticks_low: int, ticks_high: int) -> bool:
        """Write an update behind those that are there, or leave all as it was if it does not fit."""
        high = ticks_high - self.ticks_high & 0xFFFF
        if high > _INTERVAL_LIMIT_HIGH or self.update_count == MOST_UPDATES:
            return False
        interval_ms = (high << 16) + ticks_low - self.ticks_low
        if not 0 <= interval_ms < _INTERVAL_LIMIT_HIGH << 16:
            return False
        start = self._bit
        self._interval_and_contact(interval_ms)
        self._changes(interval_ms // 1000)
        if self._is_full:
            self._bit = start
            if start & 7:
                self.buffer[start >> 3] &= 0xFF00 >> (start & 7)
            return False
        return True

    def _interval_and_contact(self, interval_ms: int) -> None:
        contact = self._table.contact
        if interval_ms == self._interval_ms and contact == self._contact:
            self._put(1, 1)
            return
        self._put(1, 2)
        number = zigzag(interval_ms - self._interval_ms)
        self._code(number, self._interval_k)
        self._interval_k = bit_length(number)
        self._interval_ms = interval_ms
        if contact == self._contact:
            self._put(0, 1)
        else:
            self._put(8 | contact, 4)
            self._contact = contact

    def _changes(self, passed_s: int) -> None:
        """Which readings changed, those that are awake first, and then how each did."""
        codes = self._codes
        has_idle = False
        has_idle_changed = 0
        for place in range(READING_COUNT):
            if codes[_CODES * place + _PRESENT]:
                changed = self._compare(place, passed_s)
                codes[_CODES * place + _CHANGED] = changed
                if codes[_CODES * place + _AGE] < _IDLE_UPDATES:
                    self._put(changed, 1)
                else:
                    has_idle = True
                    has_idle_changed |= changed
        if has_idle:
            self._put(has_idle_changed, 1)
        if has_idle_changed:
            for place in range(READING_COUNT):
                if codes[_CODES * place + _PRESENT] and codes[_CODES * place + _AGE] == _IDLE_UPDATES:
                    self._put(codes[_CODES * place + _CHANGED], 1)
        for place in range(READING_COUNT):
            if codes[_CODES * place + _PRESENT]:
                if codes[_CODES * place + _CHANGED]:
                    self._change(place)
                    codes[_CODES * place + _AGE] = 0
                elif codes[_CODES * place + _AGE] < _IDLE_UPDATES:
                    codes[_CODES * place + _AGE] += 1

    def _compare(self, place: int, passed_s: int) -> int:
        """1 when a reading is not as expected, whose value `_raw` then holds; else 0."""
        index = INDEX_OF_ID[place]
        table = self._table
        expected = self._raw[place]
        if expected != NO_VALUE and READINGS[index][1] == UNIT_SECOND:
            expected += passed_s
            self._raw[place] = expected
        if table.raw(index) != expected or table.quality(index) != self._codes[_CODES * place + _QUALITY]:
            return 1
        return 0 if self._is_same_state(place) else 1

    def _is_same_state(self, place: int) -> bool:
        index = INDEX_OF_ID[place]
        return (
            self._table.validity(index) == self._codes[_CODES * place + _VALIDITY]
            and self._table.cause(index) == self._codes[_CODES * place + _CAUSE]
        )

    def _change(self, place: int) -> None:
        if not self._is_same_state(place):
            self._put(1, 1)
            self._full(place)
            return
        index = INDEX_OF_ID[place]
        quality = self._table.quality(index)
        raw = self._table.raw(index)
        step = raw - self._raw[place]
        if quality == self._codes[_CODES * place + _QUALITY]:
            self._put(0, 2)
        else:
            self._put(1, 2)
            self._code(zigzag(quality - self._codes[_CODES * place + _QUALITY]) - 1, _QUALITY_K)
            self._codes[_CODES * place + _QUALITY] = quality
            self._put(1 if step else 0, 1)
        if step:
            number = zigzag(step) - 1
            self._code(number, self._codes[_CODES * place + _K])
            self._codes[_CODES * place + _K] = bit_length(number)
            self._raw[place] = raw

    def _full(self, place: int) -> None:
        """State, quality and value of a reading, and remember them."""
        index = INDEX_OF_ID[place]
        table = self._table
        validity = self._codes[_CODES * place + _VALIDITY] = table.validity(index)
        quality = self._codes[_CODES * place + _QUALITY] = table.quality(index)
        cause = self._codes[_CODES * place + _CAUSE] = table.cause(index)
        raw = self._raw[place] = table.raw(index)
        if validity == VALIDITY_VALID:
            self._put(0, 1)
        else:
            if validity == VALIDITY_UNKNOWN:
                self._put(2, 2)
            else:
                self._put(7 if validity == VALIDITY_STALE else 6, 3)
            if cause == self._last_cause:
                self._put(1, 1)
            else:
                self._put(cause, 6)
                self._last_cause = cause
        if raw != NO_VALUE:
            if quality == _FULL_QUALITY:
                self._put(1, 1)
            else:
                self._put(quality, 8)
            self._put(raw - READINGS[index][4], BITS_OF_ID[place])

    def _code(self, number: int, k: int) -> None:
        head = (number >> k) + 1
        bits = bit_length(head)
        self._put(0, bits - 1)
        self._put(head, bits)
        self._put(number, k)

    def _put(self, number: int, count: int) -> None:
        """Write the low `count` bits of a number, the most significant first."""
        at = self._bit
        buffer = self.buffer
        if at + count > 8 * len(buffer):
            self._is_full = True
            return
        while count:
            room = 8 - (at & 7)
            taken = room if room < count else count
            count -= taken
            bits = (number >> count & (1 << taken) - 1) << room - taken
            if at & 7:
                bits |= buffer[at >> 3]
            buffer[at >> 3] = bits
            at += taken
        self._bit = at


def zigzag(number: int) -> int:
    """0, -1, 1, -2, ... become 0, 1, 2, 3, ..."""
    return 2 * number if number >= 0 else -2 * number - 1
