"""Text of `protocol/kaitai/vitalband_frame.ksy`: every frame as a Kaitai Struct description.

What Kaitai cannot say stays bytes: samples and updates that are packed by bits. A field that an older
sender did not know is read where it is wholly there (`..._sent`) and has an instance that is 0 where not.
"""

import json
from collections.abc import Callable, Sequence
from enum import IntEnum, IntFlag

from bandschema.blocks import MAX_STEPS, MAX_STREAM_ID, RAW
from bandschema.emit import MARK
from bandschema.emit.wire import snake
from bandschema.enums import Reading
from bandschema.layout import (
    HEADER_BYTES,
    HEADER_ROWS,
    ITEM_SIZE,
    LAYOUTS,
    PROTOCOL_VERSION,
    TAIL_OFFSET,
    Code,
    Layout,
    Row,
    enumerations,
)
from bandschema.readings import READINGS

_HEAD = f"""# {MARK}
meta:
  id: vitalband_frame
  title: Frame of the Vitalband protocol, version {PROTOCOL_VERSION}
  license: Apache-2.0
  ks-version: 0.11
  encoding: UTF-8
  endian: le
  bit-endian: le
doc: |
  One whole frame, from its version to its last byte: what lies in a record, in a store or in a recording.
  Carriers, records and what a link does are told in docs/protocol.md. A frame has no check of its own, so
  read one only after its carrier's check. A kind that is not known here stays bytes.
seq:
  - id: header
    type: header
  - id: payload
    size-eos: true
    type:
      switch-on: header.kind
      cases:
"""
_TYPES = {
    Code.U8: "u1",
    Code.S8: "s1",
    Code.U16: "u2",
    Code.S16: "s2",
    Code.U24: "b24",
    Code.U32: "u4",
    Code.S32: "s4",
}

_WITHIN = {
    "compressed_block": (
        "num_steps:",
        f"  value: head & {MAX_STEPS:#x}",
        "is_raw:",
        f"  value: '(head & {RAW:#x}) != 0'",
        "stream_id:",
        f"  value: (head >> 11) & {MAX_STREAM_ID}",
        "  enum: stream_id",
        "table:",
        "  value: head >> 14",
    )
}
"""Name of a frame -> instances for what lies within one of its fields."""

Presence = Callable[[Row], str]
"""Expression that says whether a row is there; empty for one that always is."""


def _type_lines(row: Row) -> list[str]:
    if row.code is Code.TEXT:
        return ["type: str", f"size: {row.size}", "pad-right: 0"]
    return [f"type: {_TYPES[row.code]}"] if row.code.is_number else [f"size: {row.size}"]


def _doc_lines(row: Row) -> list[str]:
    is_plain = row.code.is_number and row.enum is None and not row.meta.computed
    notes = [f"{row.minimum}..{row.maximum}"] if is_plain else []
    notes += [f"since version {row.meta.since}"] if row.meta.since > 1 else []
    doc = row.meta.doc + (f" ({', '.join(notes)})" if notes else "")
    unit = row.meta.unit if row.meta.scale == 1 else f"{row.meta.scale} {row.meta.unit}".strip()
    return [f"doc: {_quoted(doc)}", *([f"-unit: {_quoted(unit)}"] if unit else [])]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _attribute(name: str, lines: Sequence[str]) -> list[str]:
    return [f"- id: {name}", *(f"  {line}" for line in lines)]


def _is_flags(row: Row) -> bool:
    return row.enum is not None and issubclass(row.enum, IntFlag)


def _enum_lines(row: Row) -> list[str]:
    return [] if row.enum is None or _is_flags(row) else [f"enum: {snake(row.enum.__name__)}"]


def _row(row: Row, presence: str, least: int) -> list[str]:
    lines = _type_lines(row)
    if presence:
        return _attribute(f"{row.name}_sent", [*lines, f"if: {presence}"])
    valid = ["valid:", f"  min: {least}"] if row.meta.computed else []
    return _attribute(row.name, [*lines, *_enum_lines(row), *valid, *_doc_lines(row)])


def _zero(row: Row) -> str:
    if row.code is Code.TEXT:
        return '""'
    return "0" if row.code.is_number else f"[{', '.join(['0'] * row.size)}]"


def _instances(rows: Sequence[Row], presence: Presence) -> list[str]:
    lines: list[str] = []
    for row in rows:
        there = presence(row)
        if there:
            lines += [f"{row.name}:", f"  value: '({there}) ? {row.name}_sent : {_zero(row)}'"]
            lines += [f"  {line}" for line in (*_enum_lines(row), *_doc_lines(row))]
        if _is_flags(row) and row.enum is not None:
            for flag in row.enum:
                lines += [
                    f"{row.name}_has_{str(flag.name).lower()}:",
                    f"  value: '({row.name} & {flag:#x}) != 0'",
                ]
    return lines


def _indented(lines: Sequence[str], by: int) -> str:
    return "".join(" " * by + line + "\n" for line in lines)


def _type(name: str, doc: str, seq: Sequence[str], instances: Sequence[str]) -> str:
    text = f"  {name}:\n    doc: {_quoted(doc)}\n    seq:\n{_indented(seq, 6)}"
    return text + (f"    instances:\n{_indented(instances, 6)}" if instances else "")


def _frame(layout: Layout) -> str:
    # Its own fixed part ends where a frame's tail starts; in a payload, offsets lack the header.
    has_offset = any(row.name == TAIL_OFFSET for row in layout.rows)
    end = f"{TAIL_OFFSET} - {HEADER_BYTES}" if has_offset else "_io.size"

    def presence(row: Row) -> str:
        is_late = row.meta.since > layout.since
        return f"{end} >= {row.offset + row.size - HEADER_BYTES}" if is_late else ""

    seq: list[str] = []
    for row in layout.rows:
        least = layout.least_bytes if row.name == TAIL_OFFSET else layout.least_item_bytes
        seq += _row(row, presence(row), least)
    if has_offset:
        doc = '"Fields of a version after this one."'
        seq += _attribute("later_fields", [f"size: {end} - _io.pos", f"doc: {doc}"])
    instances = [*_instances(layout.rows, presence), *_WITHIN.get(layout.name, ())]
    text = _type(layout.name, layout.doc, seq + _tail(layout), instances)
    return text + _item(layout)


def _tail(layout: Layout) -> list[str]:
    tail = layout.tail
    if tail is None:
        return []
    how = ["type: str", "size-eos: true"] if tail.is_text else ["size-eos: true"]
    if tail.is_array:
        how = [f"type: {snake(layout.item_class_name)}", f"size: {ITEM_SIZE}", "repeat: eos"]
    return _attribute(tail.name, [*how, f"doc: {_quoted(tail.meta.doc)}"])


def _item(layout: Layout) -> str:
    if layout.tail is None or not layout.tail.is_array:
        return ""
    rows = layout.tail.item_rows

    def presence(row: Row) -> str:
        return f"_io.size >= {row.offset + row.size}" if row.meta.since > layout.since else ""

    seq = [line for row in rows for line in _row(row, presence(row), 0)]
    doc = f"One of the {layout.tail.name} of {layout.name}; what a later version added to it is skipped."
    return _type(snake(layout.item_class_name), doc, seq, _instances(rows, presence))


def _header() -> str:
    seq: list[str] = []
    for row in HEADER_ROWS:
        enum = ["enum: kind"] if row.name == "kind" else []
        seq += _attribute(row.name, [*_type_lines(row), *enum, *_doc_lines(row)])
    return _type("header", f"The {HEADER_BYTES} bytes before every payload.", seq, [])


def _reading_docs() -> dict[int, str]:
    return {
        int(spec.reading): f"{spec.doc} One count is {spec.scale} {spec.unit.name.lower()}."
        for spec in READINGS
    }


def _enumeration(enum: type[IntEnum] | type[IntFlag]) -> str:
    docs = _reading_docs() if enum is Reading else {}
    text = f"  {snake(enum.__name__)}:\n"
    for member in enum:
        name, doc = str(member.name).lower(), docs.get(int(member))
        text += f"    {int(member)}:\n      id: {name}\n      doc: {_quoted(doc)}\n" if doc else ""
        text += "" if doc else f"    {int(member)}: {name}\n"
    return text


def text(layouts: Sequence[Layout] = LAYOUTS) -> str:
    """The whole description."""
    cases = "".join(f"        'kind::{layout.name}': {layout.name}\n" for layout in layouts)
    types = _header() + "".join(_frame(layout) for layout in layouts)
    kinds = "  kind:\n" + "".join(f"    {layout.kind:#04x}: {layout.name}\n" for layout in layouts)
    plain = [enum for enum in enumerations() if not issubclass(enum, IntFlag)]
    enums = kinds + "".join(_enumeration(enum) for enum in plain)
    return f"{_HEAD}{cases}types:\n{types}enums:\n{enums}"
