"""The walk: from the construct schema to flat rows, refusing all that lies outside the subset.

Every product (generated code, records, dtypes, tables, strategies) is made from the `Layout`
objects here and never looks at construct again.
"""

import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import Any

import construct as c

from bandschema import enums
from bandschema.field import DataClass, EnumOf, Field, FixedText, FrameSpec, GreedyText, Meta, Sender
from bandschema.frames import FRAMES, HEADER, HEADER_BYTES, MAX_FRAME_BYTES, PROTOCOL_VERSION
from bandwire.errors import LocalError

TAIL_OFFSET = "tail_offset"
ITEM_SIZE = "item_size"
_BYTE_MAXIMUM = 0xFF
_TAKEN_NAMES = frozenset({"buffer", "offset", "length", "index", "start", "fields", "header", "record"})
"""Names that the emitted code uses itself."""


class SchemaError(LocalError):
    """The schema states something that the checked subset does not allow."""


class Code(Enum):
    """Types of a fixed field: name in the reference; numbers have bits and sign."""

    U8 = ("u8", 8, False)
    S8 = ("s8", 8, True)
    U16 = ("u16", 16, False)
    S16 = ("s16", 16, True)
    U24 = ("u24", 24, False)
    U32 = ("u32", 32, False)
    S32 = ("s32", 32, True)
    BYTES = ("bytes", 0, False)
    TEXT = ("text", 0, False)

    def __init__(self, label: str, bits: int, is_signed: bool) -> None:
        self.label = label
        self.bits = bits
        self.is_signed = is_signed

    @property
    def is_number(self) -> bool:
        """Whether the field is an integer."""
        return self.bits > 0

    @property
    def lowest(self) -> int:
        """Smallest integer that the type holds."""
        return -(1 << (self.bits - 1)) if self.is_signed else 0

    @property
    def highest(self) -> int:
        """Largest integer that the type holds."""
        return (1 << (self.bits - self.is_signed)) - 1


_FORMAT_CODES = {
    "<B": Code.U8,
    "<b": Code.S8,
    "<H": Code.U16,
    "<h": Code.S16,
    "<L": Code.U32,
    "<l": Code.S32,
}


@dataclass(frozen=True)
class Row:
    """One fixed field: `offset` in bytes from the start of the frame (or of its item)."""

    name: str
    code: Code
    offset: int
    size: int
    enum: type[IntEnum] | type[IntFlag] | None
    meta: Meta

    @property
    def minimum(self) -> int:
        """Smallest raw value that may be sent."""
        return self.code.lowest if self.meta.minimum is None else self.meta.minimum

    @property
    def maximum(self) -> int:
        """Largest raw value that may be sent."""
        return self.code.highest if self.meta.maximum is None else self.meta.maximum


@dataclass(frozen=True)
class Tail:
    """What ends a frame: opaque bytes, text, or an array of flat items of `item_rows`."""

    name: str
    meta: Meta
    is_text: bool = False
    item_rows: tuple[Row, ...] = ()

    @property
    def is_array(self) -> bool:
        """Whether the tail is an array of items."""
        return bool(self.item_rows)

    @property
    def item_bytes(self) -> int:
        """Bytes of one item as this version writes it; 0 when the tail is not an array."""
        return sum(row.size for row in self.item_rows)


@dataclass(frozen=True)
class Layout:
    """One frame: its fixed rows after the header, and its tail."""

    kind: int
    name: str
    rows: tuple[Row, ...]
    tail: Tail | None
    sender: Sender
    data: DataClass
    doc: str
    since: int
    is_slim: bool = False

    @property
    def fixed_bytes(self) -> int:
        """Header and fixed part, in bytes: the least length of the frame, and where a tail starts."""
        return HEADER_BYTES + sum(row.size for row in self.rows)

    @property
    def record_rows(self) -> tuple[Row, ...]:
        """The fixed rows without the computed ones: what a record holds."""
        return tuple(row for row in self.rows if not row.meta.computed)

    @property
    def class_name(self) -> str:
        """Name of the record class: `sample_block` gives `SampleBlock`."""
        return self.name.title().replace("_", "")

    @property
    def item_class_name(self) -> str:
        """Name of the record class of an item: the frame's and the tail's in the singular."""
        assert self.tail is not None
        return self.class_name + self.tail.name.removesuffix("s").title().replace("_", "")

    def row(self, name: str) -> Row:
        """The fixed row of this name; KeyError when there is none."""
        return {row.name: row for row in self.rows}[name]

    @property
    def least_bytes(self) -> int:
        """Length of the fixed part, header included, in the version that brought the frame.

        A frame may end there, or its tail start there: later fields then read as zero.
        """
        return HEADER_BYTES + sum(row.size for row in self.rows if row.meta.since <= self.since)

    @property
    def least_item_bytes(self) -> int:
        """Bytes of one item in the version that brought the frame; 0 without an array."""
        rows = self.tail.item_rows if self.tail else ()
        return sum(row.size for row in rows if row.meta.since <= self.since)


def _unwrap(subcon: c.Construct) -> c.Construct:
    # "name" / Type * "doc" wraps in several layers of Renamed.
    while isinstance(subcon, c.Renamed):
        subcon = subcon.subcon
    return subcon


def _number_code(subcon: c.Construct) -> Code | None:
    if isinstance(subcon, c.FormatField):
        return _FORMAT_CODES.get(subcon.fmtstr)
    if isinstance(subcon, c.BytesInteger):
        is_u24 = (subcon.length, subcon.signed, subcon.swapped) == (3, False, True)
        return Code.U24 if is_u24 else None
    return None


def _walk_field(field: Any, offset: int, where: str) -> Row:
    if not isinstance(field, Field):
        raise SchemaError(f"{where}: wanted a field with its meaning, got {field!r}")
    name, meta, subcon = str(field.name), field.meta, _unwrap(field)
    if not name.isidentifier() or name != name.lower() or keyword.iskeyword(name) or name in _TAKEN_NAMES:
        raise SchemaError(f"{where}: {name!r} cannot name a field")
    if isinstance(subcon, FixedText):
        return Row(name, Code.TEXT, offset, subcon.size, None, meta)
    if isinstance(subcon, c.Bytes) and isinstance(subcon.length, int):
        return Row(name, Code.BYTES, offset, subcon.length, None, meta)
    enum = subcon.enum if isinstance(subcon, EnumOf) else None
    code = _number_code(_unwrap(subcon.subcon) if isinstance(subcon, EnumOf) else subcon)
    if code is None:
        raise SchemaError(f"{where}.{name}: {subcon!r} is outside the allowed subset of construct")
    row = Row(name, code, offset, code.bits // 8, enum, meta)
    if not code.lowest <= row.minimum <= row.maximum <= code.highest:
        raise SchemaError(f"{where}.{name}: range {row.minimum}..{row.maximum} does not fit {code.label}")
    return row


def _walk_fields(fields: Sequence[Any], offset: int, where: str) -> tuple[Row, ...]:
    rows: list[Row] = []
    for field in fields:
        row = _walk_field(field, offset, where)
        if row.name in {other.name for other in rows}:
            raise SchemaError(f"{where}: field {row.name} is stated twice")
        rows.append(row)
        offset += row.size
    return tuple(rows)


def _walk_tail(field: Any, where: str) -> Tail | None:
    if not isinstance(field, Field):
        return None
    name, subcon = str(field.name), _unwrap(field)
    if subcon is c.GreedyBytes:
        return Tail(name, field.meta)
    if isinstance(subcon, GreedyText):
        return Tail(name, field.meta, is_text=True)
    if not isinstance(subcon, c.GreedyRange):
        return None
    item = _unwrap(subcon.subcon)
    if not isinstance(item, c.Struct) or not item.subcons:
        raise SchemaError(f"{where}.{name}: an array holds flat items, got {item!r}")
    if not name.endswith("s"):
        raise SchemaError(f"{where}.{name}: the name of an array is a plural in s")
    return Tail(name, field.meta, item_rows=_walk_fields(item.subcons, 0, f"{where}.{name}"))


def _check_computed(layout: Layout) -> None:
    tail = layout.tail
    wanted = [] if tail is None else [TAIL_OFFSET, ITEM_SIZE] if tail.is_array else [TAIL_OFFSET]
    if layout.is_slim:
        wanted = []
    found = [row.name for row in layout.rows if row.meta.computed]
    if found != wanted:
        raise SchemaError(f"{layout.name}: computed fields must be {wanted}, got {found}")
    if any(row.code is not Code.U8 for row in layout.rows if row.meta.computed):
        raise SchemaError(f"{layout.name}: computed fields are u8")
    if tail is not None and max(layout.fixed_bytes, tail.item_bytes) > _BYTE_MAXIMUM:
        raise SchemaError(f"{layout.name}: tail or item starts beyond {_BYTE_MAXIMUM} bytes")


def _check_slim(layout: Layout) -> None:
    tail = layout.tail
    if tail is None or tail.is_array or tail.is_text:
        raise SchemaError(f"{layout.name}: a slim frame ends in bytes")
    if any(row.meta.since != layout.since for row in layout.rows):
        raise SchemaError(f"{layout.name}: a slim frame never gets another field")


def _check_growth(rows: Sequence[Row], where: str) -> None:
    versions = [row.meta.since for row in rows]
    if versions != sorted(versions):
        raise SchemaError(f"{where}: later fields go to the end, got versions {versions}")


def layout_of(spec: FrameSpec) -> Layout:
    """Walk one frame; SchemaError when it leaves the subset."""
    fields = list(spec.fields)
    tail = _walk_tail(fields[-1], spec.name) if fields else None
    rows = _walk_fields(fields[:-1] if tail else fields, HEADER_BYTES, spec.name)
    if tail is not None and tail.name in {row.name for row in rows}:
        raise SchemaError(f"{spec.name}: field {tail.name} is stated twice")
    layout = Layout(
        spec.kind, spec.name, rows, tail, spec.sender, spec.data, spec.doc, spec.since, spec.is_slim
    )
    _check_computed(layout)
    if layout.is_slim:
        _check_slim(layout)
    _check_growth(rows, spec.name)
    _check_growth(tail.item_rows if tail else (), f"{spec.name} item")
    if layout.fixed_bytes > MAX_FRAME_BYTES:
        raise SchemaError(f"{spec.name}: {layout.fixed_bytes} bytes are more than {MAX_FRAME_BYTES}")
    return layout


def header_rows() -> tuple[Row, ...]:
    """The rows of the common header; SchemaError when they are not `HEADER_BYTES` long."""
    rows = _walk_fields(HEADER.subcons, 0, "header")
    size = sum(row.size for row in rows)
    if size != HEADER_BYTES:
        raise SchemaError(f"header: wanted {HEADER_BYTES} bytes, got {size}")
    return rows


def walk(specs: Sequence[FrameSpec]) -> tuple[Layout, ...]:
    """Walk every frame; SchemaError when an id or a name is used twice."""
    layouts = tuple(layout_of(spec) for spec in specs)
    kinds, names = [str(layout.kind) for layout in layouts], [layout.name for layout in layouts]
    for label, keys in (("kind", kinds), ("name", names)):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise SchemaError(f"frames: {label} {', '.join(twice)} is used twice")
    return layouts


def enumerations() -> tuple[type[IntEnum] | type[IntFlag], ...]:
    """Every enumeration and flag set of `bandschema.enums`, those that it takes from its part first."""
    return tuple(
        member
        for member in vars(enums).values()
        if isinstance(member, type)
        and issubclass(member, IntEnum | IntFlag)
        and member not in (IntEnum, IntFlag)
    )


HEADER_ROWS = header_rows()
LAYOUTS = walk(FRAMES)
BY_KIND = {layout.kind: layout for layout in LAYOUTS}
BY_NAME = {layout.name: layout for layout in LAYOUTS}

__all__ = [
    "BY_KIND",
    "BY_NAME",
    "HEADER_BYTES",
    "HEADER_ROWS",
    "ITEM_SIZE",
    "LAYOUTS",
    "MAX_FRAME_BYTES",
    "PROTOCOL_VERSION",
    "TAIL_OFFSET",
    "Code",
    "Layout",
    "Row",
    "SchemaError",
    "Tail",
    "enumerations",
    "header_rows",
    "layout_of",
    "walk",
]
