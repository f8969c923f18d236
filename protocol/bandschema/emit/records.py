"""Text of `bandschema/records.py`: one frozen dataclass a frame, for the host."""

from collections.abc import Sequence

from bandschema.emit import MARK
from bandschema.layout import HEADER_ROWS, LAYOUTS, PROTOCOL_VERSION, Code, Layout, Row, Tail

_HEAD = f'''"""{MARK}

Typed records of every frame: attributes are named as in the schema, numbers stand for an
enumeration's member when there is one and stay integers when there is none.
"""

from dataclasses import dataclass
from typing import ClassVar

from bandschema.enums import (
{{enums}}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The payload of one frame; see the subclasses."""

    KIND: ClassVar[int]
    NAME: ClassVar[str]
'''


def _type_of(row: Row) -> str:
    if row.enum is not None:
        return f"{row.enum.__name__} | int"
    return "str" if row.code is Code.TEXT else "int" if row.code.is_number else "bytes"


def _doc_of(row: Row) -> str:
    notes = [f"in {row.meta.unit}"] if row.meta.unit else []
    if row.meta.scale != 1:
        notes.append(f"times {row.meta.scale}")
    if row.code.is_number and row.enum is None:
        notes.append(f"{row.minimum}..{row.maximum}")
    if not row.code.is_number:
        notes.append(f"{row.size} bytes" if row.code is Code.BYTES else f"at most {row.size} bytes of UTF-8")
    if row.meta.since > 1:
        notes.append(f"since {row.meta.since}")
    return f"{row.meta.doc.removesuffix('.')} ({', '.join(notes)})." if notes else row.meta.doc


def _attributes(rows: Sequence[Row], defaults: dict[str, str]) -> list[str]:
    lines: list[str] = []
    for row in rows:
        default = f" = {defaults[row.name]}" if row.name in defaults else ""
        lines += [f"    {row.name}: {_type_of(row)}{default}", f'    """{_doc_of(row)}"""']
    return lines


def _class(name: str, base: str, doc: str, body: Sequence[str]) -> str:
    head = ["@dataclass(frozen=True, kw_only=True, slots=True)", f"class {name}{base}:", f'    """{doc}"""']
    return "\n".join(["", "", *head, "", *body]) + "\n"


def _tail_type(layout: Layout, tail: Tail) -> str:
    if tail.is_array:
        return f"tuple[{layout.item_class_name}, ...]"
    return "str" if tail.is_text else "bytes"


def _frame_classes(layout: Layout) -> str:
    text, tail = "", layout.tail
    body = [
        f"    KIND: ClassVar[int] = 0x{layout.kind:02X}",
        f'    NAME: ClassVar[str] = "{layout.name}"',
        "",
    ]
    body += _attributes(layout.record_rows, {})
    if tail is not None:
        body += [f"    {tail.name}: {_tail_type(layout, tail)}", f'    """{tail.meta.doc}"""']
        if tail.is_array:
            doc = f"One of the {tail.name} of a {layout.name} frame."
            text = _class(layout.item_class_name, "", doc, _attributes(tail.item_rows, {}))
    return text + _class(layout.class_name, "(Record)", layout.doc, body)


def _enum_names(layouts: Sequence[Layout]) -> list[str]:
    rows = [row for layout in layouts for row in layout.rows]
    rows += [row for layout in layouts if layout.tail for row in layout.tail.item_rows]
    return sorted({row.enum.__name__ for row in rows if row.enum is not None})


def text(layouts: Sequence[Layout] = LAYOUTS) -> str:
    """The whole module."""
    enums = "\n".join(f"    {name}," for name in _enum_names(layouts))
    doc = "The common header of every frame."
    header = _class(
        "Header", "", doc, _attributes(HEADER_ROWS, {"version": str(PROTOCOL_VERSION), "drops": "0"})
    )
    classes = "".join(_frame_classes(layout) for layout in layouts)
    names = "\n".join(f"    {layout.class_name}," for layout in layouts)
    table = f'\n\nRECORDS: tuple[type[Record], ...] = (\n{names}\n)\n"""Every record class, by kind."""\n'
    arrays = [layout for layout in layouts if layout.tail and layout.tail.is_array]
    items = "\n".join(f"    {layout.class_name}: {layout.item_class_name}," for layout in arrays)
    classes_of_items = " | ".join(f"type[{layout.item_class_name}]" for layout in arrays)
    table += f"\nITEMS: dict[type[Record], {classes_of_items}] = {{\n{items}\n}}\n"
    table += '"""Record class with an array at its end -> class of its items."""\n'
    return _HEAD.format(enums=enums) + header + classes + table
