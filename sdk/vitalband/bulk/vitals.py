"""Readings of many frames, column by column: what `vitalband.decode` gives frame by frame."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.dtype import Columns
from bandschema.readings import NO_VALUE, READINGS
from bandschema.records import Vitals, VitalsRun
from vitalband.bulk.damage import DamageReport
from vitalband.bulk.frames import FrameBatch, Integers, decode_kind
from vitalband.runs.decode import decode_runs

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_COLUMN_OF_READING = np.full(256, -1)
_COLUMN_OF_READING[[int(spec.reading) for spec in READINGS]] = np.arange(len(READINGS))
_NUMERATORS = np.array([[float(spec.scale.numerator)] for spec in READINGS])
_DENOMINATORS = np.array([[float(spec.scale.denominator)] for spec in READINGS])
_BLOCK = 1 << 15
"""Values that are made together: few enough that they stay in the nearest cache."""


@dataclass(frozen=True, slots=True)
class StampColumns:
    """Where (n,) frames stand, as `vitalband.values.Stamp`.

    `boot_id` uint16, `sequence` and `ticks_ms` uint32; `utc_us` int64, `UNKNOWN_UTC_US` where the time
    cannot be told; `uncertainty_ms` float64, NaN there.
    """

    boot_id: NDArray[np.uint16]
    sequence: NDArray[np.uint32]
    ticks_ms: NDArray[np.uint32]
    utc_us: NDArray[np.int64]
    uncertainty_ms: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VitalsColumns:
    """(n,) updates: `contact` (n,), all else (n, readings) in the order of `READINGS`.

    `value` is in the unit of the reading, NaN where there is none; a reading that an update does not hold
    is not `is_sent`, and has code 0 everywhere.
    """

    stamps: StampColumns
    contact: Bytes
    is_sent: Flags
    value: NDArray[np.float64]
    validity: Bytes
    quality: Bytes
    cause: Bytes


@dataclass(frozen=True, slots=True)
class VitalsRows:
    """(n,) updates out of a batch of frames, a frame's own in their order.

    `rows` (n,) is the frame of each in the batch, `ticks_ms` (n,) uint32; `contact` (n,), and `raw_value`
    int32, with `NO_VALUE` where there is none, `is_sent` and the codes (n, readings) as in `VitalsColumns`.
    """

    rows: Integers
    ticks_ms: NDArray[np.uint32]
    contact: Bytes
    is_sent: Flags
    raw_value: NDArray[np.int32]
    validity: Bytes
    quality: Bytes
    cause: Bytes


def values_of(raw_value: NDArray[np.int32]) -> NDArray[np.float64]:
    """(n, readings) values in their units, NaN where there is none."""
    by_reading = raw_value.T
    values = np.empty(by_reading.shape)
    width = max(1, _BLOCK // max(1, by_reading.shape[1]))
    for row in range(0, len(values), width):
        rows = slice(row, row + width)
        value = values[rows]
        value[...] = by_reading[rows]
        is_absent = value == NO_VALUE
        # First the product, which a double holds exactly, then the quotient: the live decoder's very number.
        value *= _NUMERATORS[rows]
        value /= _DENOMINATORS[rows]
        np.copyto(value, np.nan, where=is_absent)
    return values.T


def vitals_rows(batch: FrameBatch, report: DamageReport) -> VitalsRows:
    """The updates of frames of kind `vitals`, one each."""
    found = decode_kind(Vitals.KIND, batch, report)
    columns = found.columns
    # Reading by reading in memory: what is done to one is done to a run of memory.
    shape = len(READINGS), len(found.rows)
    is_sent, raw_value = np.zeros(shape, np.bool_), np.full(shape, NO_VALUE, np.int32)
    codes = {name: np.zeros(shape, np.uint8) for name in ("validity", "quality", "cause")}
    for place, column, part in _columns_of_like(columns) or _columns_of_any(columns):
        is_sent[column, place] = True
        raw_value[column, place] = part["raw_value"]
        for name, table in codes.items():
            table[column, place] = part[name]
    fixed, turned = columns.fixed, {name: table.T for name, table in codes.items()}
    return VitalsRows(found.rows, fixed["ticks_ms"], fixed["contact"], is_sent.T, raw_value.T, **turned)


_Places = list[tuple[Any, Any, NDArray[np.void]]]
"""Frames, columns, and the items that belong there."""


def _columns_of_like(columns: Columns) -> _Places:
    """For frames that all hold the same readings in the same order; nothing where they do not."""
    frames, items = len(columns.fixed), columns.items
    each = len(items) // frames if frames else 0
    if not each or each * frames != len(items):
        return []
    owners, ids = (numbers.reshape(frames, each) for numbers in (columns.frame_of_item, items["reading_id"]))
    if (owners[:, 0] != owners[:, -1]).any() or (ids != ids[0]).any():
        return []
    whole = np.dtype((np.void, items.dtype.itemsize))
    turned = np.ascontiguousarray(items.view(whole).reshape(frames, each).T).view(items.dtype)
    wanted = zip(_COLUMN_OF_READING[ids[0]].tolist(), turned, strict=True)
    return [(slice(None), column, part) for column, part in wanted if column >= 0]


def _columns_of_any(columns: Columns) -> _Places:
    column = _COLUMN_OF_READING[columns.items["reading_id"]]
    is_ours = column >= 0
    return [(columns.frame_of_item[is_ours], column[is_ours], columns.items[is_ours])]


def run_rows(batch: FrameBatch, report: DamageReport) -> VitalsRows:
    """The updates of frames of kind `vitals_run`, any number each."""
    found = decode_kind(VitalsRun.KIND, batch, report)
    columns = found.columns
    runs = decode_runs(batch.data, columns.tail_starts, columns.tail_stops, columns.fixed["ticks_ms"])
    for row in found.rows[runs.is_bad].tolist():
        report.add(batch.damage(row, "vitals_run holds a body that is no run"))
    return VitalsRows(
        rows=found.rows[runs.frame],
        ticks_ms=runs.ticks_ms,
        contact=runs.contact,
        is_sent=runs.is_sent,
        raw_value=runs.raw_value,
        validity=runs.validity,
        quality=runs.quality,
        cause=runs.cause,
    )


VITALS_DECODERS: dict[int, Callable[[FrameBatch, DamageReport], VitalsRows]] = {
    Vitals.KIND: vitals_rows,
    VitalsRun.KIND: run_rows,
}
"""By kind of frame: what gives the updates of frames that should all be of that kind."""


def decode_vitals(kinds: NDArray[np.integer[Any]], batch: FrameBatch, report: DamageReport) -> VitalsRows:
    """The updates of frames of the (n,) `kinds`, in the order of the frames."""
    present = np.flatnonzero(np.bincount(kinds)).tolist()
    if len(present) == 1:
        return VITALS_DECODERS[present[0]](batch, report)
    parts: list[VitalsRows] = []
    for kind in present:
        members = np.flatnonzero(kinds == kind)
        part = VITALS_DECODERS[kind](batch.taken(members), report)
        parts.append(_with_rows(part, members[part.rows]))
    order = np.argsort(np.concatenate([part.rows for part in parts]), kind="stable")
    return VitalsRows(*(np.concatenate(pieces)[order] for pieces in zip(*map(_pieces, parts), strict=True)))


def _pieces(part: VitalsRows) -> list[NDArray[Any]]:
    return [getattr(part, each.name) for each in fields(part)]


def _with_rows(part: VitalsRows, rows: Integers) -> VitalsRows:
    return VitalsRows(rows, *_pieces(part)[1:])


def joined(batches: Iterable[VitalsColumns]) -> VitalsColumns:
    """Batches as one, which may be of no updates at all."""
    parts = list(batches)
    stamps = [part.stamps for part in parts]

    def one(pieces: Sequence[NDArray[Any]], kind: Any, width: int | None = None) -> NDArray[Any]:
        empty = np.empty(0 if width is None else (0, width), kind)
        return np.concatenate([empty, *pieces], dtype=kind)

    width = len(READINGS)
    return VitalsColumns(
        stamps=StampColumns(
            boot_id=one([each.boot_id for each in stamps], np.uint16),
            sequence=one([each.sequence for each in stamps], np.uint32),
            ticks_ms=one([each.ticks_ms for each in stamps], np.uint32),
            utc_us=one([each.utc_us for each in stamps], np.int64),
            uncertainty_ms=one([each.uncertainty_ms for each in stamps], np.float64),
        ),
        contact=one([part.contact for part in parts], np.uint8),
        is_sent=one([part.is_sent for part in parts], np.bool_, width),
        value=one([part.value for part in parts], np.float64, width),
        validity=one([part.validity for part in parts], np.uint8, width),
        quality=one([part.quality for part in parts], np.uint8, width),
        cause=one([part.cause for part in parts], np.uint8, width),
    )
