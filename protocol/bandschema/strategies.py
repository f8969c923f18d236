"""Hypothesis strategies of headers, records and frames, derived from the walk.

Values reach the limits of their fields, and enumerations also take numbers without a member, as
a later version may send them. The only module here that needs Hypothesis.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from bandschema import codec
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
from bandschema.records import ITEMS, RECORDS, Header, Record

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
