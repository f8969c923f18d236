"""What the schema may not say: where the wearer is, or free text about the wearer.

The band's promise that it does not track rests on this check and not on good intent: a field whose
name or sentence speaks of a location fails it, and so does any field that could hold one unseen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum, IntFlag

from bandschema.field import FreeText
from bandschema.layout import (
    HEADER_ROWS,
    LAYOUTS,
    PROTOCOL_VERSION,
    Code,
    Layout,
    Row,
    Tail,
    enumerations,
)
from bandschema.readings import READINGS, ReadingSpec

_LOCATION_STEMS = (
    "address", "altitude", "beacon", "bssid", "coordinate", "elevation", "geo", "gnss", "gps", "latitud",
    "locat", "longitud", "position", "postcode", "ssid", "waypoint", "whereabout", "wifi",
)  # fmt: skip
"""A word that begins like one of these speaks of a location."""

_LOCATION_WORDS = frozenset(
    {"cell", "cells", "cellular", "city", "country", "lat", "lon", "lng", "place", "places", "region",
     "street", "town", "venue", "zip"}
)  # fmt: skip

_TEXT_FRAMES = {
    FreeText.ISSUER: frozenset({"issuance"}),
    FreeText.LOG: frozenset({"log_line"}),
    FreeText.DEVICE: frozenset({"identity", "manifest_entry"}),
}
"""Who a text may speak about -> the frames that may hold such text."""

_OPAQUE_FRAMES = frozenset({"sample_block", "log_line"})

_UNITS_BY_SUFFIX = {"_ms": "ms", "_s": "s", "_h": "h", "_mhz": "mHz", "_mmhg": "mmHg", "_bytes": "B"}


def location_words(text: str) -> list[str]:
    """Words of a name or a sentence that speak of a location."""
    words = re.findall("[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return [word for word in words if word in _LOCATION_WORDS or word.startswith(_LOCATION_STEMS)]


def problems(
    layouts: Sequence[Layout] = LAYOUTS,
    header_rows: Sequence[Row] = HEADER_ROWS,
    enums: Sequence[type[IntEnum] | type[IntFlag]] | None = None,
    readings: Sequence[ReadingSpec] = READINGS,
) -> list[str]:
    """Every breach of the rules, as a sentence with its place; empty when there is none."""
    found: list[str] = []
    for row in header_rows:
        found += _row_problems("header", row)
    for layout in layouts:
        found += _frame_problems(layout)
    for enum in enumerations() if enums is None else enums:
        found += _enum_problems(enum)
    for spec in readings:
        found += _location_problems(f"reading {spec.name}", spec.name, spec.doc, spec.name_en)
    return found


def _frame_problems(layout: Layout) -> Iterator[str]:
    yield from _location_problems(layout.name, layout.name, layout.doc)
    yield from _meaning_problems(layout.name, layout.doc, layout.since)
    for row in layout.rows:
        yield from _row_problems(layout.name, row)
    if layout.tail is not None:
        yield from _tail_problems(layout.name, layout.tail)


def _row_problems(frame: str, row: Row) -> Iterator[str]:
    where = f"{frame}.{row.name}"
    yield from _location_problems(where, row.name, row.meta.doc)
    yield from _meaning_problems(where, row.meta.doc, row.meta.since)
    if row.code is Code.TEXT:
        yield from _text_problems(frame, where, row.meta.text)
    if row.code is Code.BYTES and not row.name.endswith(("_id", "_digest")):
        yield f"{where}: fixed bytes may only be an identity (_id) or a digest (_digest)"
    for suffix, unit in _UNITS_BY_SUFFIX.items():
        if row.name.endswith(suffix) and row.meta.unit != unit:
            yield f"{where}: wanted unit {unit!r} by its name, got {row.meta.unit!r}"


def _tail_problems(frame: str, tail: Tail) -> Iterator[str]:
    where = f"{frame}.{tail.name}"
    yield from _location_problems(where, tail.name, tail.meta.doc)
    yield from _meaning_problems(where, tail.meta.doc, tail.meta.since)
    for row in tail.item_rows:
        yield from _row_problems(where, row)
    if tail.is_text:
        yield from _text_problems(frame, where, tail.meta.text)
    if not tail.is_array and frame not in _OPAQUE_FRAMES:
        yield f"{where}: an opaque body may only end {' and '.join(sorted(_OPAQUE_FRAMES))}"


def _text_problems(frame: str, where: str, text: FreeText) -> Iterator[str]:
    allowed = _TEXT_FRAMES.get(text, frozenset[str]())
    if frame not in allowed:
        yield f"{where}: free text about {text.value!r} is not allowed in a {frame} frame"


def _location_problems(where: str, *texts: str) -> Iterator[str]:
    for word in _unique(word for text in texts for word in location_words(text)):
        yield f"{where}: {word!r} speaks of a location"


def _meaning_problems(where: str, doc: str, since: int) -> Iterator[str]:
    if not doc.strip().endswith("."):
        yield f"{where}: wanted a sentence, got {doc!r}"
    if not 1 <= since <= PROTOCOL_VERSION:
        yield f"{where}: since {since} is not within 1..{PROTOCOL_VERSION}"


def _enum_problems(enum: type[IntEnum] | type[IntFlag]) -> Iterator[str]:
    yield from _location_problems(enum.__name__, enum.__name__, enum.__doc__ or "", *enum.__members__)
    yield from _meaning_problems(enum.__name__, enum.__doc__ or "", 1)
    for name, member in enum.__members__.items():
        if name != member.name:
            yield f"{enum.__name__}.{name}: number {int(member)} is that of {member.name}"
        if issubclass(enum, IntFlag) and int(member).bit_count() != 1:
            yield f"{enum.__name__}.{name}: a flag is one bit, got {int(member):#x}"


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
