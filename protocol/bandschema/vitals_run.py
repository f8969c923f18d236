"""The body of a `vitals_run` frame: successive updates of all readings, the first one a key.

One stream of bits, most significant first; numbers are unsigned. Readings go by their id, from 1 on.

```
body     reading_count 6 | is_whole 1 | if not: one bit a reading, 1 = present | contact 3 |
         of each reading present: state, and quality and value if it has a value |
         any number of updates | end
state    0 VALID | 10 UNKNOWN | 110 LOW_QUALITY | 111 STALE; for all but VALID a cause follows:
         1 the last cause told in this body, NONE at first | 0 and the cause 5
quality  1 for 100 % | 0 and the percentage 7          (of VALID and LOW_QUALITY, which have a value)
value    raw - minimum, in as many bits as maximum - minimum of the catalogue takes
update   1: interval and contact are those before | 01: code(zigzag(interval - that before)) |
            contact: 0 as before, 1 and the new one 3
         one bit a reading that is awake: 1 = it changed |
         if some are idle, one bit: any of them changed; if so, one bit an idle one |
         of each that changed:
            1 state as in the key, and quality and value in full if it has a value
            00 code(zigzag(value - expected) - 1)
            01 code(zigzag(quality - that before) - 1), its k always 2 |
               0 value as expected, 1 code(zigzag(value - expected) - 1)
end      0, or 00, and zeros to the next whole byte; nothing at all where an update ends with a byte
code     of u, with k: v = (u >> k) + 1 in m bits, after m - 1 zeros (26 at most), and the low k bits of u
zigzag   0, -1, 1, -2, ... become 0, 1, 2, 3, ...
```

`k` of an interval or a value is the number of bits of the u before it, 0 at first; each reading has its
own. A reading is idle when it has not changed in the last 6 updates, and after the key. Expected is the
value before; of a reading in seconds, as many more as whole seconds lie in the interval: an age changes by
itself. The interval before the second update counts as 2000 ms. The header's tick is that of the last
update; those before it follow from the intervals (0 to 2**24 - 1 ms), to the tick. 64 updates at most.

Sums: the key of all 17 readings, valid, none at 100 %, takes 6 + 1 + 3 + 17 x (1 + 8) + 176 = 339 bits or
43 bytes, 7 bits fewer for each at 100 %; the longest, all of low quality and each for a cause of its own,
60 bytes. An update on time where nothing changed takes 2 bits while all are idle; one with 5 awake readings
of which 3 changed by a code of 7 bits, 1 + 5 + 1 + 3 x (2 + 7) = 34.

Growth: `reading_count` is that of the sender's catalogue. A reader reads bodies of as many readings as it
knows, or of fewer; one of more, or of none, it refuses as a whole: a store keeps it for a later reader. Ids
and ranges of readings are registered (`vectors/ids.jsonl`) and stay for ever.

A body that breaks any line above is refused (FrameError): a quality over 100, a value out of its range, a
change within a reading that has no value, a code of more than 26 zeros, bits that run out, an end that is
not zeros or not within a byte. The work for a byte is bounded: an update takes at least 2 bits,
or 1 where the key has no readings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bandschema.enums import Unit, Validity
from bandschema.readings import NO_VALUE, READINGS, ReadingSpec
from bandwire.errors import FrameError

MOST_UPDATES = 64
FIRST_INTERVAL_MS = 2000
INTERVAL_LIMIT_MS = 1 << 24
IDLE_UPDATES = 6
FULL_QUALITY = 100
TICKS = 1 << 32
COUNT_BITS, CONTACT_BITS, QUALITY_BITS, CAUSE_BITS = 6, 3, 7, 5
QUALITY_K = 2
_MOST_ZEROS = 26

BY_ID: tuple[ReadingSpec, ...] = tuple(sorted(READINGS, key=lambda spec: spec.reading))
"""The catalogue in the order of a body: the reading with id 1 first, none left out."""

STATES = {Validity.VALID: "0", Validity.UNKNOWN: "10", Validity.LOW_QUALITY: "110", Validity.STALE: "111"}
HAS_VALUE = frozenset({Validity.VALID, Validity.LOW_QUALITY})


def value_bits(spec: ReadingSpec) -> int:
    """Bits of a value in full."""
    return (spec.maximum - spec.minimum).bit_length()


@dataclass(frozen=True, slots=True)
class RunReading:
    """One reading of an update, in codes and counts; `raw_value` is `NO_VALUE` when there is none."""

    validity: int
    quality: int
    cause: int
    raw_value: int


@dataclass(frozen=True, slots=True)
class RunUpdate:
    """All readings at one tick, by id."""

    ticks_ms: int
    contact: int
    readings: Mapping[int, RunReading]


@dataclass(slots=True)
class RunState:
    """What both sides know after an update: `age` is in updates since the last change."""

    interval_ms: int = FIRST_INTERVAL_MS
    interval_k: int = 0
    cause: int = 0
    k: dict[int, int] = field(default_factory=dict[int, int])
    age: dict[int, int] = field(default_factory=dict[int, int])

    def note(self, reading_id: int, has_changed: bool) -> None:
        """Count the update for a reading."""
        self.age[reading_id] = 0 if has_changed else min(self.age[reading_id] + 1, IDLE_UPDATES)

    def is_idle(self, reading_id: int) -> bool:
        """Whether only a common bit stands for it while nothing happens."""
        return self.age[reading_id] == IDLE_UPDATES


def expected_value(spec: ReadingSpec, before: RunReading, interval_ms: int) -> int:
    """The raw value that needs no bits after `before`."""
    if before.raw_value == NO_VALUE or spec.unit is not Unit.SECOND:
        return before.raw_value
    return before.raw_value + interval_ms // 1000


def is_tellable(spec: ReadingSpec, told: RunReading) -> bool:
    """Whether a body can hold the reading: ranges, and no value or quality without validity."""
    if told.validity not in STATES or not 0 <= told.cause < 1 << CAUSE_BITS:
        return False
    if told.validity == Validity.VALID and told.cause != 0:
        return False
    if told.validity in HAS_VALUE:
        return 0 <= told.quality <= FULL_QUALITY and spec.minimum <= told.raw_value <= spec.maximum
    return told.quality == 0 and told.raw_value == NO_VALUE


def _unzigzag(code: int) -> int:
    return code >> 1 if code % 2 == 0 else -(code >> 1) - 1


class _Bits:
    """Takes bits from the front; FrameError when they run out."""

    def __init__(self, body: bytes) -> None:
        self._value = int.from_bytes(body, "big")
        self.left = 8 * len(body)

    def number(self, bits: int) -> int:
        """The next `bits` as a number."""
        if self.left < bits:
            raise FrameError(f"vitals_run: wanted {bits} bits, {self.left} are left")
        self.left -= bits
        return self._value >> self.left & (1 << bits) - 1

    def next_bits(self, bits: int) -> int:
        """The same without taking them; zeros where there are none."""
        return (self._value << bits & (1 << self.left + bits) - 1) >> self.left

    def flag(self) -> bool:
        """The next bit."""
        return self.number(1) == 1

    def code(self, k: int) -> int:
        """The u of a code."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _MOST_ZEROS:
                raise FrameError(f"vitals_run: a code of more than {_MOST_ZEROS} zeros")
        v = (1 << zeros) + self.number(zeros)
        return (v - 1 << k) + self.number(k)


def decode_updates(body: bytes, ticks_ms: int) -> tuple[RunUpdate, ...]:
    """The updates of a body whose last is of `ticks_ms`; FrameError when it is not such a body."""
    bits, state = _Bits(body), RunState()
    specs = _specs_of(bits)
    contact = bits.number(CONTACT_BITS)
    readings: dict[int, RunReading] = {}
    for spec in specs:
        state.age[int(spec.reading)] = IDLE_UPDATES
        readings[int(spec.reading)] = _full(bits, spec, state)
    found = [(0, contact, readings)]
    while _has_more(bits, len(found)):
        interval_ms, contact = _interval_and_contact(bits, state, contact)
        readings = _next_readings(bits, specs, readings, interval_ms, state)
        found.append((interval_ms, contact, readings))
    updates: list[RunUpdate] = []
    for interval_ms, contact, readings in reversed(found):
        updates.append(RunUpdate(ticks_ms, contact, readings))
        ticks_ms = (ticks_ms - interval_ms) % TICKS
    return tuple(reversed(updates))


def _specs_of(bits: _Bits) -> list[ReadingSpec]:
    reading_count = bits.number(COUNT_BITS)
    if not 1 <= reading_count <= len(BY_ID):
        raise FrameError(f"vitals_run: wanted 1..{len(BY_ID)} readings, got a catalogue of {reading_count}")
    known = BY_ID[:reading_count]
    return list(known) if bits.flag() else [spec for spec in known if bits.flag()]


def _has_more(bits: _Bits, update_count: int) -> bool:
    if bits.next_bits(2):
        if update_count == MOST_UPDATES:
            raise FrameError(f"vitals_run: wanted {MOST_UPDATES} updates at most, got more")
        return True
    if bits.left >= 8 or bits.number(bits.left):
        raise FrameError("vitals_run: what follows the last update is not the zeros of a byte")
    return False


def _full(bits: _Bits, spec: ReadingSpec, state: RunState) -> RunReading:
    validity = Validity.VALID
    if bits.flag():
        validity = Validity.UNKNOWN
        if bits.flag():
            validity = Validity.STALE if bits.flag() else Validity.LOW_QUALITY
    cause = 0
    if validity is not Validity.VALID:
        if not bits.flag():
            state.cause = bits.number(CAUSE_BITS)
        cause = state.cause
    if validity not in HAS_VALUE:
        return RunReading(validity, 0, cause, NO_VALUE)
    quality = FULL_QUALITY if bits.flag() else bits.number(QUALITY_BITS)
    raw_value = spec.minimum + bits.number(value_bits(spec))
    return _checked(spec, RunReading(validity, quality, cause, raw_value))


def _checked(spec: ReadingSpec, told: RunReading) -> RunReading:
    if not is_tellable(spec, told):
        raise FrameError(f"vitals_run.{spec.name}: {told} is out of its ranges")
    return told


def _interval_and_contact(bits: _Bits, state: RunState, contact: int) -> tuple[int, int]:
    if bits.flag():
        return state.interval_ms, contact
    bits.flag()
    u = bits.code(state.interval_k)
    state.interval_ms, state.interval_k = state.interval_ms + _unzigzag(u), u.bit_length()
    if not 0 <= state.interval_ms < INTERVAL_LIMIT_MS:
        raise FrameError(f"vitals_run: an interval of {state.interval_ms} ms")
    return state.interval_ms, bits.number(CONTACT_BITS) if bits.flag() else contact


def _next_readings(
    bits: _Bits,
    specs: Sequence[ReadingSpec],
    before: Mapping[int, RunReading],
    interval_ms: int,
    state: RunState,
) -> dict[int, RunReading]:
    changed = set(_changed_ids(bits, [int(spec.reading) for spec in specs], state))
    readings: dict[int, RunReading] = {}
    for spec in specs:
        reading_id = int(spec.reading)
        last = before[reading_id]
        if reading_id in changed:
            told = _changed(bits, spec, last, interval_ms, state)
        else:
            expected = expected_value(spec, last, interval_ms)
            told = _checked(spec, RunReading(last.validity, last.quality, last.cause, expected))
        readings[reading_id] = told
        state.note(reading_id, reading_id in changed)
    return readings


def _changed_ids(bits: _Bits, ids: Sequence[int], state: RunState) -> Iterator[int]:
    idle = [reading_id for reading_id in ids if state.is_idle(reading_id)]
    for reading_id in ids:
        if reading_id not in idle and bits.flag():
            yield reading_id
    if idle and bits.flag():
        for reading_id in idle:
            if bits.flag():
                yield reading_id


def _changed(
    bits: _Bits, spec: ReadingSpec, before: RunReading, interval_ms: int, state: RunState
) -> RunReading:
    if bits.flag():
        return _full(bits, spec, state)
    if before.raw_value == NO_VALUE:
        raise FrameError(f"vitals_run.{spec.name}: a change of a reading that has no value")
    quality, has_step = before.quality, True
    if bits.flag():
        quality += _unzigzag(bits.code(QUALITY_K) + 1)
        has_step = bits.flag()
    raw_value = expected_value(spec, before, interval_ms)
    if has_step:
        u = bits.code(state.k.get(int(spec.reading), 0))
        state.k[int(spec.reading)] = u.bit_length()
        raw_value += _unzigzag(u + 1)
    return _checked(spec, RunReading(before.validity, quality, before.cause, raw_value))
