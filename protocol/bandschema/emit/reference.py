"""Tables of `docs/protocol.md`: every frame, enumeration and reading, and the predictors of blocks."""

from collections.abc import Sequence
from enum import IntFlag

from bandschema.emit import MARK, between
from bandschema.layout import HEADER_BYTES, HEADER_ROWS, LAYOUTS, Layout, Row, enumerations
from bandschema.predictors import TABLES
from bandschema.readings import READINGS, ReadingSpec

BEGIN = f"<!-- BEGIN {MARK} -->"
END = "<!-- END GENERATED -->"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(cell) + " |" for cell in cells) + "\n"


def _type_of(row: Row) -> str:
    label = row.code.label if row.code.is_number else f"{row.code.label}[{row.size}]"
    return f"{label} {row.enum.__name__}" if row.enum else label


def _range_of(row: Row) -> str:
    if not row.code.is_number or row.enum is not None or row.meta.computed:
        return ""
    return f"{row.minimum}..{row.maximum}"


def _row_cells(row: Row) -> list[str]:
    unit = row.meta.unit if row.meta.scale == 1 else f"{row.meta.scale} {row.meta.unit}".strip()
    since = str(row.meta.since)
    return [str(row.offset), f"`{row.name}`", _type_of(row), unit, _range_of(row), since, row.meta.doc]


_HEAD = ("offset", "field", "type", "unit", "range", "since", "meaning")


def _frame(layout: Layout) -> str:
    sender = {"band": "sent by the band", "host": "sent by the host", "both": "sent by either"}
    lines = [_row_cells(row) for row in layout.rows]
    tail = layout.tail
    if tail is not None:
        what = f"items of {tail.item_bytes} bytes" if tail.is_array else "text" if tail.is_text else "bytes"
        since = str(tail.meta.since)
        lines.append([str(layout.fixed_bytes), f"`{tail.name}`", what, "", "", since, tail.meta.doc])
    length = f"{layout.fixed_bytes} bytes" + (" and a tail" if tail else "")
    text = f"### 0x{layout.kind:02X} `{layout.name}`\n\n{layout.doc} {length}; "
    text += f"{sender[layout.sender.value]}; since version {layout.since}.\n\n{_table(_HEAD, lines)}"
    if tail is not None and tail.is_array:
        text += f"\nOne of the `{tail.name}`, offsets within the item:\n\n"
        text += _table(_HEAD, [_row_cells(row) for row in tail.item_rows])
    return text


def _enumerations() -> str:
    text = ""
    for enum in enumerations():
        kind = "Flags; " if issubclass(enum, IntFlag) else ""
        members = ", ".join(f"{int(member):#x} {member.name}" if kind else f"{int(member)} {member.name}"
                            for member in enum)  # fmt: skip
        doc = (enum.__doc__ or "").splitlines()[0]
        text += f"- **{enum.__name__}**: {doc} {kind}{members}.\n"
    return text


def _reading_cells(spec: ReadingSpec) -> list[str]:
    return [
        str(int(spec.reading)),
        f"`{spec.name}`",
        f"{spec.name_en} / {spec.name_zh}",
        f"{spec.scale} {spec.unit.name.lower()}",
        f"{spec.minimum}..{spec.maximum}",
        spec.group.name or "",
        spec.page.name,
        str(spec.interval_ms),
        str(spec.retention_h),
        spec.doc,
    ]


def _readings() -> str:
    head = ("id", "reading", "name", "one count", "raw range", "group", "page")
    return _table(
        (*head, "interval_ms", "retention_h", "meaning"), [_reading_cells(spec) for spec in READINGS]
    )


def _predictors() -> str:
    text = "Weights of the last four differences, in sixteenths; predictors of a table from 0 on.\n"
    for number, predictors in TABLES.items():
        rows = [" ".join(f"{weight:d}" for weight in predictor) for predictor in predictors]
        lines = [[str(at), *rows[at : at + 4]] for at in range(0, len(rows), 4)]
        text += f"\nTable {number}:\n\n{_table(('from', '+0', '+1', '+2', '+3'), lines)}"
    return text


def tables() -> str:
    """All generated sections, as Markdown."""
    kinds = _table(
        ("kind", "frame", "bytes", "data", "meaning"),
        [
            [f"0x{layout.kind:02X}", f"`{layout.name}`", f"{layout.fixed_bytes}{'+' if layout.tail else ''}",
             layout.data.value, layout.doc]
            for layout in LAYOUTS
        ],
    )  # fmt: skip
    header = _table(_HEAD, [_row_cells(row) for row in HEADER_ROWS])
    frames = "\n".join(_frame(layout) for layout in LAYOUTS)
    return (
        f"## Header\n\n{HEADER_BYTES} bytes, before every payload.\n\n{header}\n## Kinds\n\n{kinds}\n"
        f"## Layouts\n\nOffsets are from the start of the frame.\n\n{frames}\n"
        f"## Enumerations\n\n{_enumerations()}\n## Readings\n\n{_readings()}\n"
        f"## Predictors\n\n{_predictors()}"
    )


def filled(document: str) -> str:
    """The document with the tables of today between its marks; SchemaError when they are missing."""
    return between(document, BEGIN, END, f"\n{tables()}\n", "docs/protocol.md")
