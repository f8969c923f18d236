"""Bulk decoding of many frames of one kind, through NumPy dtypes of their layouts.

An hour of streaming holds more frames than construct can read in reasonable time; here the cost
is one gather for all frames together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.layout import (
    BY_NAME,
    HEADER_ROWS,
    ITEM_SIZE,
    TAIL_OFFSET,
    Code,
    Layout,
    Row,
)
from bandwire.errors import FrameError

Structured = NDArray[np.void]
Offsets = NDArray[np.int64]

_CODES = {
    Code.U8: "u1",
    Code.S8: "i1",
    Code.U16: "<u2",
    Code.S16: "<i2",
    Code.U32: "<u4",
    Code.S32: "<i4",
}


def _column(row: Row) -> tuple[Any, ...]:
    """One column as it lies in the frame; 24 bits are a column of three bytes."""
    if row.code is Code.TEXT:
        return row.name, f"S{row.size}"
    if row.code in _CODES:
        return row.name, _CODES[row.code]
    return row.name, "u1", (row.size,)


def _wide_column(row: Row) -> tuple[Any, ...]:
    """One column as it is given out: 24 bits as 32."""
    return (row.name, "<u4") if row.code is Code.U24 else _column(row)


@cache
def _kinds(rows: tuple[Row, ...]) -> tuple[np.dtype[np.void], np.dtype[np.void]]:
    """As rows lie in the frame, and as they are given out."""
    return np.dtype([_column(row) for row in rows]), np.dtype([_wide_column(row) for row in rows])


def _frame_rows(layout: Layout) -> tuple[Row, ...]:
    return HEADER_ROWS + layout.rows


@dataclass(frozen=True)
class Columns:
    """Many frames of one kind, column by column.

    `fixed`: (n,) header and fixed fields. `tail_starts`, `tail_stops`: (n,) where each tail lies
    in the buffer (both the end of the frame when it has none). `items`: (m,) the items of all
    frames in turn, and `frame_of_item`: (m,) the index of the frame of each; both empty without
    an array.
    """

    fixed: Structured
    tail_starts: Offsets
    tail_stops: Offsets
    items: Structured
    frame_of_item: Offsets


class FrameFault(IntEnum):
    """Why bytes are not a frame of a kind; `NONE` of those that are."""

    NONE = 0
    OUTSIDE = 1
    TOO_SHORT = 2
    OTHER_KIND = 3
    BAD_TAIL = 4
    SHORT_ITEM = 5
    CUT_ITEM = 6

    @property
    def reason(self) -> str:
        """In words, to follow what the frame is called."""
        return _REASONS[self]


_REASONS = {
    FrameFault.NONE: "can be read",
    FrameFault.OUTSIDE: "does not lie within the buffer",
    FrameFault.TOO_SHORT: "is shorter than its fixed part",
    FrameFault.OTHER_KIND: "is of another kind",
    FrameFault.BAD_TAIL: "has a tail that does not fit",
    FrameFault.SHORT_ITEM: "has items that are too short",
    FrameFault.CUT_ITEM: "ends within an item",
}


def faults_of(
    layout: Layout,
    buffer: bytes | bytearray | memoryview,
    offsets: Sequence[int] | Offsets,
    lengths: Sequence[int] | Offsets,
) -> NDArray[np.uint8]:
    """(n,) `FrameFault` numbers of frames that should be of one kind; places and lengths in bytes."""
    raw, starts, stops = _spans(buffer, offsets, lengths)
    faults = np.zeros(len(starts), np.uint8)

    def rest(fault: FrameFault, is_bad: NDArray[np.bool_], rows: Offsets) -> Offsets:
        faults[rows[is_bad]] = fault
        return rows[~is_bad]

    rows = np.arange(len(starts))
    rows = rest(FrameFault.OUTSIDE, (starts < 0) | (starts > stops) | (stops > raw.size), rows)
    rows = rest(FrameFault.TOO_SHORT, (stops - starts)[rows] < layout.least_bytes, rows)
    rows = rest(FrameFault.OTHER_KIND, raw[starts[rows] + 1] != layout.kind, rows)
    if layout.tail is None or layout.is_slim:
        return faults
    tails = starts[rows] + raw[starts[rows] + layout.row(TAIL_OFFSET).offset]
    is_bad = (tails < starts[rows] + layout.least_bytes) | (tails > stops[rows])
    rows, tails = rest(FrameFault.BAD_TAIL, is_bad, rows), tails[~is_bad]
    if layout.tail.is_array:
        sizes = raw[starts[rows] + layout.row(ITEM_SIZE).offset].astype(np.int64)
        is_short = sizes < layout.least_item_bytes
        rows, tails, sizes = rest(FrameFault.SHORT_ITEM, is_short, rows), tails[~is_short], sizes[~is_short]
        rest(FrameFault.CUT_ITEM, (stops[rows] - tails) % sizes != 0, rows)
    return faults


def decode_many(
    name: str,
    buffer: bytes | bytearray | memoryview,
    offsets: Sequence[int] | Offsets,
    lengths: Sequence[int] | Offsets,
) -> Columns:
    """Decode the frames of kind `name` that lie at `offsets` with `lengths` in `buffer`, in bytes.

    Raises FrameError with the index of the first frame that is too short, of another kind, or
    whose tail does not fit.
    """
    return decode_layout(BY_NAME[name], buffer, offsets, lengths)


def decode_layout(
    layout: Layout,
    buffer: bytes | bytearray | memoryview,
    offsets: Sequence[int] | Offsets,
    lengths: Sequence[int] | Offsets,
) -> Columns:
    """As `decode_many`, for a layout that need not be one of this version."""
    faults, columns = decode_good(layout, buffer, offsets, lengths)
    if faults.any():
        first = int(faults.astype(np.bool_).argmax())
        raise FrameError(f"{layout.name}: frame {first} {FrameFault(faults[first]).reason}")
    return columns


def decode_good(
    layout: Layout,
    buffer: bytes | bytearray | memoryview,
    offsets: Sequence[int] | Offsets,
    lengths: Sequence[int] | Offsets,
) -> tuple[NDArray[np.uint8], Columns]:
    """The faults of all frames, as `faults_of`, and the columns of those without one, in their order."""
    faults = faults_of(layout, buffer, offsets, lengths)
    raw, starts, stops = _spans(buffer, offsets, lengths)
    if faults.any():
        starts, stops = starts[faults == FrameFault.NONE], stops[faults == FrameFault.NONE]
    fixed_stops = _fixed_stops(layout, raw, starts, stops)
    fixed = _widened(_frame_rows(layout), _gather(raw, starts, fixed_stops, layout.fixed_bytes))
    items, frame_of_item = _items(layout, raw, fixed, fixed_stops, stops)
    return faults, Columns(fixed, fixed_stops, stops, items, frame_of_item)


def _spans(
    buffer: bytes | bytearray | memoryview, offsets: Sequence[int] | Offsets, lengths: Sequence[int] | Offsets
) -> tuple[NDArray[np.uint8], Offsets, Offsets]:
    starts = np.asarray(offsets, np.int64)
    return np.frombuffer(buffer, np.uint8), starts, starts + np.asarray(lengths, np.int64)


def _fixed_stops(layout: Layout, raw: NDArray[np.uint8], starts: Offsets, stops: Offsets) -> Offsets:
    if layout.tail is None:
        return stops
    if layout.is_slim:
        return starts + layout.fixed_bytes
    return starts + raw[starts + layout.row(TAIL_OFFSET).offset]


def _gather(raw: NDArray[np.uint8], starts: Offsets, stops: Offsets, size: int) -> NDArray[np.uint8]:
    """(n, size) bytes from each start, zero from its stop on: what an older sender did not know."""
    # As one thing of `size` bytes each: a quarter of the time that byte after byte takes.
    kind = np.dtype((np.void, size))
    windows = np.ndarray((max(0, raw.size - size + 1),), kind, raw, 0, (1,))
    is_whole = stops - starts >= size
    if is_whole.all():
        return windows[starts].view(np.uint8).reshape(-1, size)
    gathered = np.zeros((len(starts), size), np.uint8)
    gathered.view(kind)[is_whole, 0] = windows[starts[is_whole]]
    some, ends = starts[~is_whole, np.newaxis], stops[~is_whole, np.newaxis]
    where = some + np.arange(size)
    gathered[~is_whole] = np.where(where < ends, raw[np.minimum(where, raw.size - 1)], 0)
    return gathered


def _widened(rows: Sequence[Row], packed: NDArray[np.uint8]) -> Structured:
    """Columns from (n, size) bytes, 24-bit ones made 32 bits wide."""
    narrow_kind, wide_kind = _kinds(tuple(rows))
    narrow = packed.view(narrow_kind)[:, 0]
    if narrow_kind == wide_kind:
        return narrow
    wide = np.empty(len(packed), wide_kind)
    for row in rows:
        column = narrow[row.name]
        if row.code is Code.U24:
            low, middle, high = (column[:, byte].astype(np.uint32) for byte in range(3))
            column = low | middle << 8 | high << 16
        wide[row.name] = column
    return wide


def _items(
    layout: Layout, raw: NDArray[np.uint8], fixed: Structured, starts: Offsets, stops: Offsets
) -> tuple[Structured, Offsets]:
    tail = layout.tail
    if tail is None or not tail.is_array:
        return np.empty(0, np.dtype([])), np.empty(0, np.int64)
    sizes = fixed[ITEM_SIZE].astype(np.int64)
    counts = (stops - starts) // sizes
    frame_of_item = np.repeat(np.arange(len(fixed), dtype=np.int64), counts)
    if len(fixed) and counts[0] and (sizes == tail.item_bytes).all() and (counts == counts[0]).all():
        # As most senders write them: all items of a frame are one thing.
        packed = _gather(raw, starts, stops, int(counts[0]) * tail.item_bytes)
        return _widened(tail.item_rows, packed.reshape(-1, tail.item_bytes)), frame_of_item
    first_of_frame = np.cumsum(counts) - counts
    index = np.arange(len(frame_of_item)) - first_of_frame[frame_of_item]
    item_starts = starts[frame_of_item] + index * sizes[frame_of_item]
    item_stops = item_starts + sizes[frame_of_item]
    return _widened(tail.item_rows, _gather(raw, item_starts, item_stops, tail.item_bytes)), frame_of_item
