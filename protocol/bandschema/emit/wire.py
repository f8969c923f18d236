"""Text of `bandwire/frames.py`: the flat encoder and decoder that both runtimes run."""

from collections.abc import Iterable, Sequence

from bandschema.emit import MARK
from bandschema.field import FIRST_SESSION_KIND
from bandschema.frames import MAX_FRAME_BYTES
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
from bandschema.readings import NO_VALUE

_STRUCT_CODES = {
    Code.U8: "B",
    Code.S8: "b",
    Code.U16: "H",
    Code.S16: "h",
    Code.U24: "HB",
    Code.U32: "I",
    Code.S32: "i",
}
_BUFFER = 'buffer: "bytearray | memoryview"'
_READABLE = 'buffer: "bytes | bytearray | memoryview"'
_WIDTH = 100

_HEAD = f'''"""{MARK}

Encoder and decoder of every frame, for CPython and MicroPython. `offset` is where the frame
starts in the buffer and `length` its length; both must lie within the buffer. Packing allocates
nothing. Integers must fit their field: CPython raises `struct.error`, MicroPython cuts them.
Bytes and text are padded with NULs to their field and cut when longer; unpacked text has its
padding stripped. Readers honour `tail_offset` and `item_size`, and ignore what they do not know.
"""

import struct

from bandwire.errors import FrameError

try:
    from micropython import const
except ImportError:

    def const(value: int) -> int:
        return value
'''

_SHORT = """
def _short(name: str, wanted: int, length: int) -> FrameError:
    return FrameError("%s: wanted at least %d bytes, got %d" % (name, wanted, length))


def _bad_tail(name: str, start: int, length: int) -> FrameError:
    return FrameError("%s: tail at %d does not fit a frame of %d bytes" % (name, start, length))
"""


def _struct_format(rows: Sequence[Row]) -> str:
    """Struct codes of rows without the leading `<`; computed rows are skipped over when reading."""
    codes = (_STRUCT_CODES[row.code] if row.code.is_number else f"{row.size}s" for row in rows)
    return "".join(codes)


def _read_format(rows: Sequence[Row]) -> str:
    return "".join("x" * row.size if row.meta.computed else _struct_format([row]) for row in rows)


def _type_of(row: Row) -> str:
    return "int" if row.code.is_number else "bytes"


def _wrapped(opening: str, arguments: Sequence[str], closing: str, indent: str = "") -> list[str]:
    """A call or signature on one line when it fits, else one argument a line."""
    one_line = f"{indent}{opening}{', '.join(arguments)}{closing}"
    if len(one_line) <= _WIDTH:
        return [one_line]
    return [
        f"{indent}{opening}",
        *(f"{indent}    {argument}," for argument in arguments),
        f"{indent}{closing}",
    ]


def _written(row: Row, computed: dict[str, str]) -> list[str]:
    if row.meta.computed:
        return [computed[row.name]]
    if row.code is Code.U24:
        return [f"{row.name} & 0xFFFF", f"{row.name} >> 16"]
    return [row.name]


def _pack_call(rows: Sequence[Row], start: str, computed: dict[str, str]) -> list[str]:
    arguments = [f'"<{_struct_format(rows)}"', "buffer", start]
    for row in rows:
        arguments += _written(row, computed)
    return _wrapped("struct.pack_into(", arguments, ")", "    ")


def _unpack_body(rows: Sequence[Row], start: str) -> list[str]:
    """Lines that return the tuple of the rows read at `start`."""
    call = f'struct.unpack_from("<{_read_format(rows)}", buffer, {start})'
    kept = [row for row in rows if not row.meta.computed]
    if all(row.code not in {Code.U24, Code.TEXT} for row in kept):
        return [f"    return {call}"]
    lines = [f"    fields = {call}"]
    values: list[str] = []
    index = 0
    for row in kept:
        if row.code is Code.U24:
            values.append(f"fields[{index}] | fields[{index + 1}] << 16")
            index += 1
        elif row.code is Code.TEXT:
            values.append(f'fields[{index}].rstrip(b"\\0")')
        else:
            values.append(f"fields[{index}]")
        index += 1
    return lines + _wrapped("return (", values, ")", "    ")


def _tuple_type(rows: Sequence[Row]) -> str:
    inner = ", ".join(_type_of(row) for row in rows if not row.meta.computed)
    return f'"tuple[{inner}]"'


def _function(opening: str, arguments: Sequence[str], result: str, doc: str, body: Iterable[str]) -> str:
    lines = ["", "", *_wrapped(f"def {opening}(", arguments, f") -> {result}:"), f'    """{doc}"""', *body]
    return "\n".join(lines) + "\n"


def _header_functions() -> str:
    halves = ["ticks_low", "ticks_high"]
    arguments = [_BUFFER, "offset: int", "kind: int", "boot_id: int", "sequence: int"]
    arguments += [f"{half}: int" for half in halves] + ["drops: int"]
    written = ["VERSION", "kind", "boot_id", "sequence & 0xFFFF", "sequence >> 16", *halves, "drops"]
    pack = _wrapped("struct.pack_into(", ['"<BBHHBHHB"', "buffer", "offset", *written], ")", "    ")
    doc = "Write a header; the ticks as two halves of 16 bits, so that no large integer is made."
    text = _function("pack_header_into", arguments, "None", doc, pack)
    check = [
        "    if len(buffer) - offset < HEADER_BYTES:",
        '        raise _short("header", HEADER_BYTES, len(buffer) - offset)',
    ]
    names = ", ".join(row.name for row in HEADER_ROWS)
    body = [*check, *_unpack_body(HEADER_ROWS, "offset")]
    return text + _function(
        "unpack_header",
        [_READABLE, "offset: int"],
        _tuple_type(HEADER_ROWS),
        f"Read ({names}); FrameError when too short.",
        body,
    )


def _pack_function(layout: Layout) -> str:
    size = f"{layout.name.upper()}_BYTES"
    computed = {TAIL_OFFSET: size, ITEM_SIZE: f"{layout.name.upper()}_ITEM_BYTES"}
    arguments = [_BUFFER, "offset: int", *(f"{row.name}: {_type_of(row)}" for row in layout.record_rows)]
    body = [*_pack_call(layout.rows, f"offset + {HEADER_BYTES}", computed), f"    return offset + {size}"]
    return _function(f"pack_{layout.name}_into", arguments, "int", layout.doc, body)


def _unpack_function(layout: Layout) -> str:
    size = f"{layout.name.upper()}_BYTES"
    lead = 0
    while layout.rows[lead].meta.computed:
        lead += 1
    rows = layout.rows[lead:]
    body = [
        f"    if length < {size}:",
        f'        raise _short("{layout.name}", {size}, length)',
        *_unpack_body(rows, f"offset + {rows[0].offset}"),
    ]
    names = ", ".join(row.name for row in layout.record_rows)
    doc = f"Read ({names})."
    if len(doc) > _WIDTH - 10:
        doc = "Read the fixed fields in the order in which they are packed."
    arguments = [_READABLE, "offset: int", "length: int"]
    return _function(f"unpack_{layout.name}", arguments, _tuple_type(layout.rows), doc, body)


def _tail_start(layout: Layout) -> list[str]:
    size = f"{layout.name.upper()}_BYTES"
    return [
        f"    if length < {size}:",
        f'        raise _short("{layout.name}", {size}, length)',
        f"    start = buffer[offset + {layout.row(TAIL_OFFSET).offset}]",
        f"    if start < {size} or start > length:",
        f'        raise _bad_tail("{layout.name}", start, length)',
    ]


def _span_function(layout: Layout) -> str:
    assert layout.tail is not None
    body = [*_tail_start(layout), "    return offset + start, offset + length"]
    return _function(
        f"{layout.tail.name}_span_of_{layout.name}",
        [_READABLE, "offset: int", "length: int"],
        '"tuple[int, int]"',
        f"Where in the buffer the {layout.tail.name} of the frame lie.",
        body,
    )


def _item_functions(layout: Layout) -> str:
    tail, name = layout.tail, layout.name
    assert tail is not None
    size, item_size = f"{name.upper()}_BYTES", f"{name.upper()}_ITEM_BYTES"
    where = [f"    start = offset + {size} + index * {item_size}"]
    arguments = [f"{row.name}: {_type_of(row)}" for row in tail.item_rows]
    text = _function(
        f"pack_{name}_item_into",
        [_BUFFER, "offset: int", "index: int", *arguments],
        "int",
        f"Write one of the {tail.name}; gives the end of the frame so far.",
        [*where, *_pack_call(tail.item_rows, "start", {}), f"    return start + {item_size}"],
    )
    at_tail, at_size = layout.row(TAIL_OFFSET).offset, layout.row(ITEM_SIZE).offset
    count = [
        *_tail_start(layout),
        f"    item_size = buffer[offset + {at_size}]",
        f"    if item_size < {item_size} or (length - start) % item_size:",
        f'        raise _bad_tail("{name}", start, length)',
        "    return (length - start) // item_size",
    ]
    text += _function(
        f"{name}_item_count",
        [_READABLE, "offset: int", "length: int"],
        "int",
        f"How many {tail.name} the frame holds; FrameError when they do not fill it.",
        count,
    )
    start = f"    start = offset + buffer[offset + {at_tail}] + index * buffer[offset + {at_size}]"
    names = ", ".join(row.name for row in tail.item_rows)
    return text + _function(
        f"unpack_{name}_item",
        [_READABLE, "offset: int", "index: int"],
        _tuple_type(tail.item_rows),
        f"Read ({names}) of item `index`, which must be below the count.",
        [start, *_unpack_body(tail.item_rows, "start")],
    )


def _constants() -> str:
    lines = [
        f"VERSION = const({PROTOCOL_VERSION})",
        f"HEADER_BYTES = const({HEADER_BYTES})",
        f"MAX_FRAME_BYTES = const({MAX_FRAME_BYTES})",
        f"FIRST_SESSION_KIND = const(0x{FIRST_SESSION_KIND:02X})",
        f"NO_VALUE = const({NO_VALUE})",
        "",
        *(f"KIND_{layout.name.upper()} = const(0x{layout.kind:02X})" for layout in LAYOUTS),
        "",
    ]
    for layout in LAYOUTS:
        lines.append(f"{layout.name.upper()}_BYTES = const({layout.fixed_bytes})")
        if layout.tail is not None and layout.tail.is_array:
            lines.append(f"{layout.name.upper()}_ITEM_BYTES = const({layout.tail.item_bytes})")
    return "\n".join(lines) + "\n"


def snake(name: str) -> str:
    """`EventKind` gives `event_kind`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def _enumerations() -> str:
    lines: list[str] = []
    for enum in enumerations():
        prefix = snake(enum.__name__).upper()
        lines += ["", *(f"{prefix}_{member.name} = const({int(member)})" for member in enum)]
    return "\n".join(lines) + "\n"


def _frame_functions(layout: Layout) -> str:
    text = _pack_function(layout) + _unpack_function(layout)
    if layout.tail is None:
        return text
    return text + (_item_functions(layout) if layout.tail.is_array else _span_function(layout))


def text() -> str:
    """The whole module."""
    functions = "".join(_frame_functions(layout) for layout in LAYOUTS)
    return f"{_HEAD}\n\n{_constants()}{_enumerations()}\n{_SHORT}{_header_functions()}{functions}"
