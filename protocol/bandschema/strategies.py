"""Hypothesis strategies of headers, records and frames, derived from the walk.

Values reach the limits of their fields, and enumerations also take numbers without a member, as
a later version may send them. The only module here that needs Hypothesis.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from bandschema import codec
from bandschema.enums import Validity
from bandschema.layout import (
    BY_NAME,
    HEADER_ROWS,
    LAYOUTS,
    MAX_FRAME_BYTES,
    PROTOCOL_VERSION,
    Code,
    Row,
    Tail,
)
from bandschema.readings import NO_VALUE, ReadingSpec
from bandschema.records import ITEMS, RECORDS, Header, Record
from bandschema.run_vectors import drawn_updates
from bandschema.vitals_run import BY_ID, FULL_QUALITY, RunReading, RunUpdate

_CLASSES = {record_class.NAME: record_class for record_class in RECORDS}


def _text(size: int) -> st.SearchStrategy[str]:
    """Text of at most `size` bytes of UTF-8 that does not end in NUL."""

    def cut(text: str) -> str:
        return text.encode()[:size].decode(errors="ignore").rstrip("\0")

    return st.text(st.characters(codec="utf-8"), max_size=size).map(cut)


def _value(row: Row) -> st.SearchStrategy[Any]:
    if row.code is Code.TEXT:
        return _text(row.size)
    if row.code is Code.BYTES:
        return st.binary(min_size=row.size, max_size=row.size)
    numbers = st.integers(row.minimum, row.maximum)
    return numbers if row.enum is None else st.sampled_from(list(row.enum)) | numbers


def _values(rows: Sequence[Row]) -> dict[str, st.SearchStrategy[Any]]:
    return {row.name: _value(row) for row in rows}


def _tail(tail: Tail, record_class: type[Record], room: int) -> st.SearchStrategy[Any]:
    if tail.is_array:
        item = st.builds(ITEMS[record_class], **_values(tail.item_rows))
        return st.lists(item, max_size=room // tail.item_bytes).map(tuple)
    return _text(room) if tail.is_text else st.binary(max_size=room)


def headers(kind: int | None = None) -> st.SearchStrategy[Header]:
    """Headers of this version's frames, of one kind or of any."""
    values = _values(HEADER_ROWS)
    values["version"] = st.just(PROTOCOL_VERSION)
    kinds = [layout.kind for layout in LAYOUTS] if kind is None else [kind]
    values["kind"] = st.sampled_from(kinds)
    return st.builds(Header, **values)


def records(name: str) -> st.SearchStrategy[Record]:
    """Records of one kind of frame, by its schema name."""
    layout, record_class = BY_NAME[name], _CLASSES[name]
    values = _values(layout.record_rows)
    if layout.tail is not None:
        room = MAX_FRAME_BYTES - layout.fixed_bytes
        values[layout.tail.name] = _tail(layout.tail, record_class, room)
    return st.builds(record_class, **values)


def frames(name: str) -> st.SearchStrategy[bytes]:
    """Whole frames of one kind, by its schema name."""
    return st.builds(codec.encode, headers(BY_NAME[name].kind), records(name))


# Strategies are made once: making and checking them takes longer than drawing from them.
_TICKS_MS = st.integers(0, (1 << 32) - 1)
_CONTACTS = st.integers(0, 7)
_SOME_SPECS = st.lists(st.sampled_from(BY_ID), unique=True, max_size=3)
_INTERVALS_MS = st.just(2000) | st.integers(0, (1 << 24) - 1)
_QUALITIES = st.integers(0, FULL_QUALITY)
_STEPS = st.integers(-40, 40)
_FATES = st.sampled_from("aaaaabbcd")


@cache
def _run_reading(spec: ReadingSpec) -> st.SearchStrategy[RunReading]:
    quality = st.just(FULL_QUALITY) | _QUALITIES
    raw_value = st.integers(spec.minimum, spec.maximum)
    cause = st.integers(0, 31)
    withheld = st.sampled_from((Validity.UNKNOWN, Validity.STALE))
    return (
        st.builds(RunReading, st.just(Validity.VALID), quality, st.just(0), raw_value)
        | st.builds(RunReading, st.just(Validity.LOW_QUALITY), quality, cause, raw_value)
        | st.builds(RunReading, withheld, st.just(0), cause, st.just(NO_VALUE))
    )


def _next_reading(draw: st.DrawFn, spec: ReadingSpec, before: RunReading) -> RunReading:
    fate = draw(_FATES)
    if fate == "a":
        return before
    if fate == "d" or before.raw_value == NO_VALUE:
        return draw(_run_reading(spec))
    raw_value = min(max(before.raw_value + draw(_STEPS), spec.minimum), spec.maximum)
    quality = before.quality if fate == "b" else draw(_QUALITIES)
    return RunReading(before.validity, quality, before.cause, raw_value)


@st.composite
def _few_readings(draw: st.DrawFn, most: int) -> list[RunUpdate]:
    specs = draw(_SOME_SPECS)
    ticks_ms = draw(_TICKS_MS)
    contact = draw(_CONTACTS)
    readings = {int(spec.reading): draw(_run_reading(spec)) for spec in specs}
    updates = [RunUpdate(ticks_ms, contact, readings)]
    for _ in range(draw(st.integers(0, most - 1))):
        ticks_ms = (ticks_ms + draw(_INTERVALS_MS)) % (1 << 32)
        contact = contact if draw(st.booleans()) else draw(_CONTACTS)
        readings = {
            int(spec.reading): _next_reading(draw, spec, readings[int(spec.reading)]) for spec in specs
        }
        updates.append(RunUpdate(ticks_ms, contact, readings))
    return updates


def run_updates(most: int = 12) -> st.SearchStrategy[list[RunUpdate]]:
    """Up to `most` successive updates, as a body of a run holds them: few readings, or all by chance."""
    seeds = st.integers(0, 1 << 32).map(str)
    return _few_readings(min(most, 8)) | st.builds(drawn_updates, seeds, st.integers(1, most))
