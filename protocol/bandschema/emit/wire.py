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
    Tail,
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

_ZERO_FILLED = """

def _zero_filled(
    buffer: "bytes | bytearray | memoryview", offset: int, length: int, size: int
) -> bytearray:
    filled = bytearray(size)
    filled[:length] = buffer[offset : offset + length]
    return filled
"""


def _size(layout: Layout) -> str:
    return f"{layout.name.upper()}_BYTES"


def _item_size(layout: Layout) -> str:
    return f"{layout.name.upper()}_ITEM_BYTES"


def _is_grown(layout: Layout) -> bool:
    return layout.least_bytes < layout.fixed_bytes


def _has_grown_items(layout: Layout) -> bool:
    return layout.tail is not None and layout.least_item_bytes < layout.tail.item_bytes


def _least(layout: Layout) -> str:
    """Name of the least length of the fixed part, as its first version had it."""
    return f"{layout.name.upper()}_LEAST_BYTES" if _is_grown(layout) else _size(layout)


def _least_item(layout: Layout) -> str:
    return f"{layout.name.upper()}_LEAST_ITEM_BYTES" if _has_grown_items(layout) else _item_size(layout)


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
    computed = {TAIL_OFFSET: _size(layout), ITEM_SIZE: _item_size(layout)}
    arguments = [_BUFFER, "offset: int", *(f"{row.name}: {_type_of(row)}" for row in layout.record_rows)]
    call = _pack_call(layout.rows, f"offset + {HEADER_BYTES}", computed) if layout.rows else []
    body = [*call, f"    return offset + {_size(layout)}"]
    return _function(f"pack_{layout.name}_into", arguments, "int", layout.doc, body)


def _older_frame(layout: Layout) -> list[str]:
    """Lines that let a frame of an older version end, or start its tail, before the later fields."""
    if not _is_grown(layout):
        return []
    end = "length" if layout.tail is None else "start"
    return [
        *([] if layout.tail is None else _tail_start(layout)[2:]),
        f"    if {end} < {_size(layout)}:",
        f"        buffer, offset = _zero_filled(buffer, offset, {end}, {_size(layout)}), 0",
    ]


def _unpack_function(layout: Layout) -> str:
    if not layout.rows:
        return ""
    lead = 0
    while layout.rows[lead].meta.computed:
        lead += 1
    rows = layout.rows[lead:]
    body = [
        f"    if length < {_least(layout)}:",
        f'        raise _short("{layout.name}", {_least(layout)}, length)',
        *_older_frame(layout),
        *_unpack_body(rows, f"offset + {rows[0].offset}"),
    ]
    names = ", ".join(row.name for row in layout.record_rows)
    doc = f"Read ({names})."
    if len(doc) > _WIDTH - 10:
        doc = "Read the fixed fields in the order in which they are packed."
    arguments = [_READABLE, "offset: int", "length: int"]
    return _function(f"unpack_{layout.name}", arguments, _tuple_type(layout.rows), doc, body)


def _tail_start(layout: Layout) -> list[str]:
    check = [
        f"    if length < {_least(layout)}:",
        f'        raise _short("{layout.name}", {_least(layout)}, length)',
    ]
    if layout.is_slim:
        return [*check, f"    start = {_size(layout)}"]
    return [
        *check,
        f"    start = buffer[offset + {layout.row(TAIL_OFFSET).offset}]",
        f"    if start < {_least(layout)} or start > length:",
        f'        raise _bad_tail("{layout.name}", start, length)',
    ]


def _span_function(layout: Layout, tail: Tail) -> str:
    body = [*_tail_start(layout), "    return offset + start, offset + length"]
    return _function(
        f"{tail.name}_span_of_{layout.name}",
        [_READABLE, "offset: int", "length: int"],
        '"tuple[int, int]"',
        f"Start and stop of the {tail.name} within the buffer.",
        body,
    )


def _pack_item_function(layout: Layout, tail: Tail) -> str:
    arguments = [f"{row.name}: {_type_of(row)}" for row in tail.item_rows]
    return _function(
        f"pack_{layout.name}_item_into",
        [_BUFFER, "offset: int", "index: int", *arguments],
        "int",
        f"Write one of the {tail.name}; gives the end of the frame so far.",
        [
            f"    start = offset + {_size(layout)} + index * {_item_size(layout)}",
            *_pack_call(tail.item_rows, "start", {}),
            f"    return start + {_item_size(layout)}",
        ],
    )


def _item_count_function(layout: Layout, tail: Tail) -> str:
    return _function(
        f"{layout.name}_item_count",
        [_READABLE, "offset: int", "length: int"],
        "int",
        f"How many {tail.name} the frame holds; FrameError when they do not fill it.",
        [
            *_tail_start(layout),
            f"    item_size = buffer[offset + {layout.row(ITEM_SIZE).offset}]",
            f"    if item_size < {_least_item(layout)} or (length - start) % item_size:",
            f'        raise _bad_tail("{layout.name}", start, length)',
            "    return (length - start) // item_size",
        ],
    )


def _unpack_item_function(layout: Layout, tail: Tail) -> str:
    size = f"buffer[offset + {layout.row(ITEM_SIZE).offset}]"
    start = f"offset + buffer[offset + {layout.row(TAIL_OFFSET).offset}] + index"
    lines = [f"    start = {start} * {size}"]
    if _has_grown_items(layout):
        known = _item_size(layout)
        lines = [
            f"    item_size = {size}",
            f"    start = {start} * item_size",
            f"    if item_size < {known}:",
            f"        buffer, start = _zero_filled(buffer, start, item_size, {known}), 0",
        ]
    names = ", ".join(row.name for row in tail.item_rows)
    return _function(
        f"unpack_{layout.name}_item",
        [_READABLE, "offset: int", "index: int"],
        _tuple_type(tail.item_rows),
        f"Read ({names}); `index` must be below the count.",
        [*lines, *_unpack_body(tail.item_rows, "start")],
    )


def _sizes(layouts: Sequence[Layout]) -> list[str]:
    sizes: dict[str, int] = {}
    for layout in layouts:
        sizes[_size(layout)] = layout.fixed_bytes
        sizes[_least(layout)] = layout.least_bytes
        if layout.tail is not None and layout.tail.is_array:
            sizes[_item_size(layout)] = layout.tail.item_bytes
            sizes[_least_item(layout)] = layout.least_item_bytes
    return [f"{name} = const({size})" for name, size in sizes.items()]


def _kinds(layouts: Sequence[Layout]) -> list[str]:
    """Every kind as one literal of bytes: on the band it lies in flash, and needs no object a kind."""
    codes = [f"\\x{layout.kind:02x}" for layout in layouts]
    rows = ["".join(codes[start : start + 20]) for start in range(0, len(codes), 20)]
    return ["KINDS = (", *(f'    b"{row}"' for row in rows), ")"]


def _constants(layouts: Sequence[Layout]) -> str:
    lines = [
        f"VERSION = const({PROTOCOL_VERSION})",
        f"HEADER_BYTES = const({HEADER_BYTES})",
        f"MAX_FRAME_BYTES = const({MAX_FRAME_BYTES})",
        f"FIRST_SESSION_KIND = const(0x{FIRST_SESSION_KIND:02X})",
        f"NO_VALUE = const({NO_VALUE})",
        "",
        *(f"KIND_{layout.name.upper()} = const(0x{layout.kind:02X})" for layout in layouts),
        "",
        *_kinds(layouts),
        "",
        *_sizes(layouts),
    ]
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
    text, tail = _pack_function(layout) + _unpack_function(layout), layout.tail
    if tail is None:
        return text
    if not tail.is_array:
        return text + _span_function(layout, tail)
    items = (_pack_item_function, _item_count_function, _unpack_item_function)
    return text + "".join(function(layout, tail) for function in items)


def text(layouts: Sequence[Layout] = LAYOUTS) -> str:
    """The whole module."""
    functions = "".join(_frame_functions(layout) for layout in layouts)
    has_grown = any(_is_grown(layout) or _has_grown_items(layout) for layout in layouts)
    helpers = _SHORT + (_ZERO_FILLED if has_grown else "")
    return f"{_HEAD}\n\n{_constants(layouts)}{_enumerations()}\n{helpers}{_header_functions()}{functions}"
