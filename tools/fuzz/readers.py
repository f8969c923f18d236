"""Three readers of one frame that share no code; what each makes of it, in one form.

A reading is `(header, values, rest)`: plain numbers, bytes and text in the order of the schema; `rest` is
None, bytes, text or a tuple of items. None: the reader refused the frame.
"""

from typing import Any

from bandschema import codec
from bandschema.dtype import decode_layout
from bandschema.frames import FRAMES
from bandschema.layout import BY_KIND, HEADER_BYTES, HEADER_ROWS, Code, Layout, Row
from bandwire import frames
from bandwire.errors import FrameError

Reading = tuple[tuple[Any, ...], tuple[Any, ...], Any]

_CODECS = {spec.kind: codec.FrameCodec(spec) for spec in FRAMES}
_HEADER_NAMES = tuple(row.name for row in HEADER_ROWS)


def layout_of(frame: bytes) -> Layout | None:
    """The layout of a frame by its kind; None when it has no header or its kind is not known."""
    return BY_KIND.get(frame[1]) if len(frame) >= HEADER_BYTES else None


def by_construct(layout: Layout, frame: bytes) -> Reading | None:
    """The reference."""
    try:
        values = _CODECS[layout.kind].decode(frame)
    except FrameError:
        return None
    header = codec.decode_header(frame)
    tail = layout.tail
    rest = None if tail is None else values[tail.name]
    if tail is not None and tail.is_array:
        rest = tuple(tuple(item[row.name] for row in tail.item_rows) for item in values[tail.name])
    names = (row.name for row in layout.record_rows)
    return tuple(getattr(header, name) for name in _HEADER_NAMES), tuple(values[name] for name in names), rest


def by_generated(layout: Layout, frame: bytes, offset: int = 0) -> Reading | None:
    """The generated code, on a frame that lies `offset` bytes within a buffer."""
    buffer, name = memoryview(b"\xa5" * offset + frame), layout.name
    try:
        header = frames.unpack_header(buffer, offset)
        # A kind without fields has no function that would read them.
        unpack = getattr(frames, f"unpack_{name}", None)
        read = () if unpack is None else unpack(buffer, offset, len(frame))
        values = _texts(layout.record_rows, read)
        if layout.tail is None:
            return header, values, None
        if not layout.tail.is_array:
            find = getattr(frames, f"{layout.tail.name}_span_of_{name}")
            start, stop = find(buffer, offset, len(frame))
            rest = bytes(buffer[start:stop])
            return header, values, rest.decode(errors="replace") if layout.tail.is_text else rest
        count = getattr(frames, f"{name}_item_count")(buffer, offset, len(frame))
        item_of = getattr(frames, f"unpack_{name}_item")
        rows = layout.tail.item_rows
        return header, values, tuple(_texts(rows, item_of(buffer, offset, index)) for index in range(count))
    except FrameError:
        return None


def _texts(rows: tuple[Row, ...], values: Any) -> tuple[Any, ...]:
    return tuple(
        value.decode(errors="replace") if row.code is Code.TEXT else value
        for row, value in zip(rows, values, strict=True)
    )


def by_dtype(layout: Layout, buffer: bytes, offsets: list[int], lengths: list[int]) -> list[Reading] | None:
    """Many frames of one kind by NumPy; None when one of them is refused."""
    try:
        columns = decode_layout(layout, buffer, offsets, lengths)
    except FrameError:
        return None
    headers = zip(*(columns.fixed[name].tolist() for name in _HEADER_NAMES), strict=True)
    values = list(zip(*(_column(row, columns.fixed) for row in layout.record_rows), strict=True))
    values = values or [()] * len(offsets)
    rests: list[Any] = [None] * len(offsets)
    if layout.tail is not None and layout.tail.is_array:
        items = list(zip(*(_column(row, columns.items) for row in layout.tail.item_rows), strict=True))
        rests = [
            tuple(item for item, owner in zip(items, columns.frame_of_item, strict=True) if owner == index)
            for index in range(len(offsets))
        ]
    elif layout.tail is not None:
        spans = zip(columns.tail_starts.tolist(), columns.tail_stops.tolist(), strict=True)
        rests = [buffer[start:stop] for start, stop in spans]
        if layout.tail.is_text:
            rests = [rest.decode(errors="replace") for rest in rests]
    return list(zip(headers, values, rests, strict=True))


def _column(row: Row, table: Any) -> list[Any]:
    column = table[row.name]
    if row.code is Code.BYTES:
        return [bytes(value) for value in column]
    values = column.tolist()
    return [value.decode(errors="replace") for value in values] if row.code is Code.TEXT else values
