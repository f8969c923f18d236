"""Tables of `protocol/wireshark/vitalband.lua`: what its hand-written part knows of the schema."""

from collections.abc import Sequence
from enum import IntEnum, IntFlag

from bandschema.emit import MARK, between
from bandschema.emit.wire import snake
from bandschema.layout import (
    HEADER_BYTES,
    HEADER_ROWS,
    LAYOUTS,
    MAX_FRAME_BYTES,
    TAIL_OFFSET,
    Code,
    Layout,
    Row,
    enumerations,
)
from bandschema.predictors import TABLES
from bandschema.readings import NO_VALUE, READINGS
from bandwire.gatt import FROM_BAND_UUID, TO_BAND_UUID
from bandwire.record import MAX_RECORD_BYTES

BEGIN = f"-- BEGIN {MARK}"
END = "-- END GENERATED"
FILE = "protocol/wireshark/vitalband.lua"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _row(row: Row) -> str:
    cells = [
        _quoted(row.name),
        _quoted(row.code.label),
        str(row.offset),
        str(row.size),
        _quoted(row.meta.doc),
    ]
    if row.enum is not None:
        name = "flags" if issubclass(row.enum, IntFlag) else "enum"
        cells.append(f"{name} = {_quoted(snake(row.enum.__name__))}")
    unit = row.meta.unit if row.meta.scale == 1 else f"{row.meta.scale} {row.meta.unit}".strip()
    if unit:
        cells.append(f"unit = {_quoted(unit)}")
    return f"{{ {', '.join(cells)} }}"


def _rows(name: str, rows: Sequence[Row], indent: str) -> str:
    lines = "".join(f"{indent}  {_row(row)},\n" for row in rows)
    return f"{indent}{name} = {{\n{lines}{indent}}},\n"


def _tail(layout: Layout) -> str:
    tail = layout.tail
    if tail is None:
        return ""
    code = "items" if tail.is_array else Code.TEXT.label if tail.is_text else Code.BYTES.label
    numbers = f"{layout.fixed_bytes}, {layout.least_item_bytes}"
    head = f"{_quoted(tail.name)}, {_quoted(code)}, {numbers}, {_quoted(tail.meta.doc)}"
    rows = _rows("rows", tail.item_rows, "      ") if tail.is_array else ""
    return f"    tail = {{ {head},\n{rows}    }},\n"


def _frame(layout: Layout) -> str:
    has_offset = any(row.name == TAIL_OFFSET for row in layout.rows)
    offset = f"    tail_offset = {layout.row(TAIL_OFFSET).offset},\n" if has_offset else ""
    names = f"    name = {_quoted(layout.name)},\n    doc = {_quoted(layout.doc)},\n"
    rows = f"{_rows('rows', layout.rows, '    ')}{_tail(layout)}"
    return f"  [0x{layout.kind:02X}] = {{\n{names}    least = {layout.least_bytes},\n{offset}{rows}  }},\n"


def _enumeration(enum: type[IntEnum] | type[IntFlag]) -> str:
    members = ", ".join(f"[{int(member)}] = {_quoted(str(member.name))}" for member in enum)
    return f"  {snake(enum.__name__)} = {{ {members} }},\n"


def _readings() -> str:
    lines: list[str] = []
    for spec in READINGS:
        scale = f"{spec.scale.numerator}, {spec.scale.denominator}"
        words = f"{_quoted(spec.name)}, {scale}, {_quoted(spec.unit.name.lower())}"
        lines.append(f"  [{int(spec.reading)}] = {{ {words}, {spec.minimum}, {spec.maximum} }},\n")
    return "".join(lines)


def _predictors() -> str:
    tables = ""
    for number, predictors in TABLES.items():
        weights = "".join(f"    {{ {', '.join(map(str, weights))} }},\n" for weights in predictors)
        tables += f"  [{number}] = {{\n{weights}  }},\n"
    return tables


def tables(layouts: Sequence[Layout] = LAYOUTS) -> str:
    """The generated part. A row is name, type, offset, bytes (of a tail an item's least), sentence."""
    return (
        f"local HEADER_BYTES, MAX_FRAME_BYTES, MAX_RECORD_BYTES, NO_VALUE = "
        f"{HEADER_BYTES}, {MAX_FRAME_BYTES}, {MAX_RECORD_BYTES}, {NO_VALUE}\n"
        f"local FROM_BAND_UUID, TO_BAND_UUID = {_quoted(FROM_BAND_UUID)}, {_quoted(TO_BAND_UUID)}\n"
        f"local ENUMERATIONS = {{\n{''.join(map(_enumeration, enumerations()))}}}\n"
        f"local READINGS = {{\n{_readings()}}}\n"
        f"local PREDICTORS = {{\n{_predictors()}}}\n"
        f"local HEADER = {{\n{''.join(f'  {_row(row)},' + chr(10) for row in HEADER_ROWS)}}}\n"
        f"local KINDS = {{\n{''.join(map(_frame, layouts))}}}\n"
    )


def filled(script: str) -> str:
    """The script with the tables of today between its marks; SchemaError when they are missing."""
    return between(script, BEGIN, END, tables(), FILE)
