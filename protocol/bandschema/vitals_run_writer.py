"""The sender's side of `bandschema.vitals_run`, as plainly as its page: bits as text."""

from collections.abc import Sequence

from bandschema.enums import Validity
from bandschema.readings import ReadingSpec
from bandschema.vitals_run import (
    BY_ID,
    CAUSE_BITS,
    CONTACT_BITS,
    COUNT_BITS,
    FULL_QUALITY,
    HAS_VALUE,
    IDLE_UPDATES,
    INTERVAL_LIMIT_MS,
    MOST_UPDATES,
    QUALITY_BITS,
    QUALITY_K,
    STATES,
    TICKS,
    RunReading,
    RunState,
    RunUpdate,
    expected_value,
    is_tellable,
    value_bits,
)
from bandwire.errors import LocalError


def encode_updates(updates: Sequence[RunUpdate], reading_count: int = len(BY_ID)) -> bytes:
    """The body of successive updates, all of the same readings; LocalError when one cannot be told so.

    `reading_count` is that of the sender's catalogue.
    """
    if not 1 <= len(updates) <= MOST_UPDATES:
        raise LocalError(f"vitals_run: wanted 1..{MOST_UPDATES} updates, got {len(updates)}")
    specs = [spec for spec in BY_ID[:reading_count] if int(spec.reading) in updates[0].readings]
    for update in updates:
        _check_update(update, specs)
    state = RunState()
    bits = _key_text(updates[0], specs, reading_count, state)
    for place, update in enumerate(updates[1:]):
        bits += _update_text(updates[place], update, specs, state)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _check_update(update: RunUpdate, specs: Sequence[ReadingSpec]) -> None:
    if set(update.readings) != {int(spec.reading) for spec in specs}:
        raise LocalError(f"vitals_run: wanted readings {[spec.name for spec in specs]} in every update")
    if not 0 <= update.contact < 1 << CONTACT_BITS:
        raise LocalError(f"vitals_run.contact: {update.contact} takes more than {CONTACT_BITS} bits")
    for spec in specs:
        told = update.readings[int(spec.reading)]
        if not is_tellable(spec, told):
            raise LocalError(f"vitals_run.{spec.name}: {told} is no reading that can be sent")


def _number(value: int, bits: int) -> str:
    return f"{value:0{bits}b}" if bits else ""


def _code(u: int, k: int) -> str:
    v = (u >> k) + 1
    return "0" * (v.bit_length() - 1) + f"{v:b}" + _number(u & (1 << k) - 1, k)


def _key_text(update: RunUpdate, specs: Sequence[ReadingSpec], reading_count: int, state: RunState) -> str:
    text = _number(reading_count, COUNT_BITS)
    present = {int(spec.reading) for spec in specs}
    is_whole = len(present) == reading_count
    text += (
        "1"
        if is_whole
        else "0"
        + "".join("1" if reading_id in present else "0" for reading_id in range(1, reading_count + 1))
    )
    text += _number(update.contact, CONTACT_BITS)
    for spec in specs:
        state.age[int(spec.reading)] = IDLE_UPDATES
        text += _full_text(spec, update.readings[int(spec.reading)], state)
    return text


def _full_text(spec: ReadingSpec, told: RunReading, state: RunState) -> str:
    text = STATES[Validity(told.validity)]
    if told.validity != Validity.VALID:
        text += "1" if told.cause == state.cause else "0" + _number(told.cause, CAUSE_BITS)
        state.cause = told.cause
    if told.validity in HAS_VALUE:
        text += "1" if told.quality == FULL_QUALITY else "0" + _number(told.quality, QUALITY_BITS)
        text += _number(told.raw_value - spec.minimum, value_bits(spec))
    return text


def _update_text(before: RunUpdate, update: RunUpdate, specs: Sequence[ReadingSpec], state: RunState) -> str:
    interval_ms = (update.ticks_ms - before.ticks_ms) % TICKS
    if interval_ms >= INTERVAL_LIMIT_MS:
        raise LocalError(f"vitals_run: {interval_ms} ms are too long between two updates")
    text = "1"
    if (interval_ms, update.contact) != (state.interval_ms, before.contact):
        u = _zigzag(interval_ms - state.interval_ms)
        text = "01" + _code(u, state.interval_k)
        state.interval_ms, state.interval_k = interval_ms, u.bit_length()
        has_moved = update.contact != before.contact
        text += "1" + _number(update.contact, CONTACT_BITS) if has_moved else "0"
    changed = {
        int(spec.reading)
        for spec in specs
        if not _is_as_expected(spec, before.readings[int(spec.reading)], update, interval_ms)
    }
    idle = [int(spec.reading) for spec in specs if state.is_idle(int(spec.reading))]
    awake = [int(spec.reading) for spec in specs if int(spec.reading) not in idle]
    text += "".join("1" if reading_id in changed else "0" for reading_id in awake)
    if idle:
        text += "1" if changed & set(idle) else "0"
    if changed & set(idle):
        text += "".join("1" if reading_id in changed else "0" for reading_id in idle)
    for spec in specs:
        reading_id = int(spec.reading)
        if reading_id in changed:
            text += _change_text(
                spec, before.readings[reading_id], update.readings[reading_id], interval_ms, state
            )
        state.note(reading_id, reading_id in changed)
    return text


def _is_as_expected(spec: ReadingSpec, before: RunReading, update: RunUpdate, interval_ms: int) -> bool:
    told = update.readings[int(spec.reading)]
    as_before = (told.validity, told.quality, told.cause) == (before.validity, before.quality, before.cause)
    return as_before and told.raw_value == expected_value(spec, before, interval_ms)


def _change_text(
    spec: ReadingSpec, before: RunReading, told: RunReading, interval_ms: int, state: RunState
) -> str:
    if (told.validity, told.cause) != (before.validity, before.cause):
        return "1" + _full_text(spec, told, state)
    text = "0"
    step = told.raw_value - expected_value(spec, before, interval_ms)
    if told.quality == before.quality:
        text += "0"
    else:
        text += "1" + _code(_zigzag(told.quality - before.quality) - 1, QUALITY_K) + ("1" if step else "0")
    if step:
        u = _zigzag(step) - 1
        text += _code(u, state.k.get(int(spec.reading), 0))
        state.k[int(spec.reading)] = u.bit_length()
    return text


def _zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1
