"""Reference codec: frames to typed records and back, one at a time, by construct itself.

It shares no code with the generated encoder and decoder nor with the dtypes, so that each can be
held against it. For many frames of one kind see `bandschema.dtype`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import construct as c

from bandschema import frames, records
from bandschema.field import FrameSpec
from bandschema.layout import HEADER_ROWS, ITEM_SIZE, TAIL_OFFSET, Layout, Row, layout_of
from bandwire.errors import FrameError, LocalError, UnknownKindError

Values = dict[str, Any]
"""Field name -> value: integers, enumerations, bytes, text; an array is a list of these."""


class FrameCodec:
    """Encoder and decoder of the payloads of one kind of frame, as plain values."""

    def __init__(self, spec: FrameSpec) -> None:
        self.layout: Layout = layout_of(spec)
        self._fixed = _by_name(spec.fields[: len(self.layout.rows)])
        self._tail: c.Construct | None = None
        self._item: dict[str, c.Construct] = {}
        if self.layout.tail is not None:
            self._tail = spec.fields[-1].subcon
        if self.layout.tail is not None and self.layout.tail.is_array:
            item = _innermost(spec.fields[-1])
            assert isinstance(item, c.Struct)
            self._item = _by_name(item.subcons)

    def encode(self, values: Mapping[str, Any]) -> bytes:
        """Payload of `values`; LocalError names the field that does not fit."""
        tail = self.layout.tail
        computed = {
            TAIL_OFFSET: self.layout.fixed_bytes,
            ITEM_SIZE: tail.item_bytes if tail else 0,
        }
        payload = self._build(self.layout.rows, self._fixed, {**values, **computed})
        if tail is None:
            return payload
        if not tail.is_array:
            assert self._tail is not None
            return payload + self._tail.build(values[tail.name])
        items: Sequence[Mapping[str, Any]] = values[tail.name]
        return payload + b"".join(self._build(tail.item_rows, self._item, item) for item in items)

    def decode(self, frame: bytes) -> Values:
        """Values of a whole frame, header skipped; FrameError when it is too short for its kind.

        Fields that an older sender did not know read as zero.
        """
        layout, tail = self.layout, self.layout.tail
        if len(frame) < layout.least_bytes:
            raise FrameError(f"{layout.name}: wanted at least {layout.least_bytes} bytes, got {len(frame)}")
        if tail is None:
            return _parse(layout.rows, self._fixed, frame)
        start = layout.fixed_bytes if layout.is_slim else frame[layout.row(TAIL_OFFSET).offset]
        if not layout.least_bytes <= start <= len(frame):
            raise FrameError(f"{layout.name}: tail at {start} does not fit a frame of {len(frame)} bytes")
        values = _parse(layout.rows, self._fixed, frame[:start])
        size = values.pop(ITEM_SIZE, 0)
        values.pop(TAIL_OFFSET, None)
        if tail.is_array:
            values[tail.name] = self._items(tail.item_rows, size, frame[start:])
        else:
            assert self._tail is not None
            values[tail.name] = self._tail.parse(frame[start:])
        return values

    def _items(self, rows: tuple[Row, ...], size: int, body: bytes) -> list[Values]:
        if size < self.layout.least_item_bytes or len(body) % size:
            raise FrameError(f"{self.layout.name}: {len(body)} bytes are no whole number of items of {size}")
        parts = (body[at : at + size] for at in range(0, len(body), size))
        return [_parse(rows, self._item, part) for part in parts]

    def _build(
        self, rows: Sequence[Row], subcons: Mapping[str, c.Construct], values: Mapping[str, Any]
    ) -> bytes:
        parts: list[bytes] = []
        for row in rows:
            value = values[row.name]
            where = f"{self.layout.name}.{row.name}"
            if row.code.is_number and not row.minimum <= value <= row.maximum:
                raise LocalError(f"{where}: wanted {row.minimum}..{row.maximum}, got {value}")
            try:
                parts.append(subcons[row.name].build(value))
            except c.ConstructError as error:
                raise LocalError(f"{where}: {value!r} does not fit: {error}") from error
        return b"".join(parts)


def _by_name(subcons: Sequence[c.Construct]) -> dict[str, c.Construct]:
    return {str(subcon.name): subcon for subcon in subcons}


def _innermost(subcon: c.Construct) -> c.Construct:
    while isinstance(subcon, c.Subconstruct):
        subcon = subcon.subcon
    return subcon


def _parse(rows: Sequence[Row], subcons: Mapping[str, c.Construct], data: bytes) -> Values:
    """Values of rows, whose first offset is where they start in `data`; absent ones read as zero."""
    if not rows:
        return {}
    end = rows[-1].offset + rows[-1].size
    data = data.ljust(end, b"\0")
    return {row.name: subcons[row.name].parse(data[row.offset : row.offset + row.size]) for row in rows}


_HEADER = _by_name(frames.HEADER.subcons)
_CODECS = {spec.kind: FrameCodec(spec) for spec in frames.FRAMES}
_CLASSES = {record_class.KIND: record_class for record_class in records.RECORDS}


def encode_header(header: records.Header) -> bytes:
    """The 12 bytes of a header; LocalError names the field that does not fit."""
    parts: list[bytes] = []
    for row in HEADER_ROWS:
        value = getattr(header, row.name)
        if not row.minimum <= value <= row.maximum:
            raise LocalError(f"header.{row.name}: wanted {row.minimum}..{row.maximum}, got {value}")
        parts.append(_HEADER[row.name].build(value))
    return b"".join(parts)


def decode_header(frame: bytes) -> records.Header:
    """The header of a frame; FrameError when there is none."""
    if len(frame) < frames.HEADER_BYTES:
        raise FrameError(f"header: wanted at least {frames.HEADER_BYTES} bytes, got {len(frame)}")
    return records.Header(**_parse(HEADER_ROWS, _HEADER, bytes(frame[: frames.HEADER_BYTES])))


def encode(header: records.Header, record: records.Record) -> bytes:
    """One frame; LocalError when a value does not fit, or the header is of another kind."""
    if header.kind != record.KIND:
        raise LocalError(f"header.kind: wanted {record.KIND:#04x} of {record.NAME}, got {header.kind:#04x}")
    frame = encode_header(header) + _CODECS[record.KIND].encode(_values_of(record))
    if len(frame) > frames.MAX_FRAME_BYTES:
        raise LocalError(f"{record.NAME}: wanted at most {frames.MAX_FRAME_BYTES} bytes, got {len(frame)}")
    return frame


def decode(frame: bytes) -> tuple[records.Header, records.Record]:
    """Header and record of one frame.

    FrameError when it is too short; UnknownKindError, a FrameError, when its kind is not known.
    """
    header = decode_header(frame)
    codec = _CODECS.get(header.kind)
    if codec is None:
        raise UnknownKindError(f"kind {header.kind:#04x} is not known in version {frames.PROTOCOL_VERSION}")
    values = codec.decode(bytes(frame))
    record_class = _CLASSES[header.kind]
    tail = codec.layout.tail
    if tail is not None and tail.is_array:
        item_class = records.ITEMS[record_class]
        values[tail.name] = tuple(item_class(**item) for item in values[tail.name])
    return header, record_class(**values)


def _values_of(record: Any) -> Values:
    """Fields of a record or item by name, items as values in turn."""
    values: Values = {field.name: getattr(record, field.name) for field in fields(record)}
    tail = _CODECS[record.KIND].layout.tail
    if tail is not None and tail.is_array:
        values[tail.name] = [
            {field.name: getattr(item, field.name) for field in fields(item)} for item in values[tail.name]
        ]
    return values
