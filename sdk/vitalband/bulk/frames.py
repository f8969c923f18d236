"""Frames of mixed kinds in one buffer: sorted by kind, and each kind decoded in one go.

Frames that are not what their header says are told and left out, and so are those of a later protocol.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandschema.dtype import Columns, FrameFault, decode_good
from bandschema.layout import BY_KIND, HEADER_BYTES, PROTOCOL_VERSION, Layout
from vitalband.bulk.damage import DamageReport, FrameDamage

Integers = NDArray[np.int64]
TOO_SHORT_FOR_HEADER = f"is shorter than a header of {HEADER_BYTES} bytes"
UNKNOWN_KIND = "is of a kind that is not known"
UNKNOWN_VERSION = f"is of a protocol version other than 1 to {PROTOCOL_VERSION}"


@dataclass(frozen=True, slots=True)
class FrameBatch:
    """(n,) frames, verbatim: from `starts` to `stops` in `data`, in bytes; boot and number of each as the
    place that damage is told by."""

    data: bytes
    starts: Integers
    stops: Integers
    boot_ids: Integers
    sequences: Integers

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[int, int, bytes]]) -> "FrameBatch":
        """From (boot, number, frame) of each."""
        frames = [row[2] for row in rows]
        stops = np.cumsum(np.array([len(frame) for frame in frames], np.int64))
        starts = np.concatenate([np.zeros(1, np.int64), stops[:-1]]) if frames else stops
        places = np.array([row[:2] for row in rows], np.int64).reshape(-1, 2)
        return cls(b"".join(frames), starts, stops, places[:, 0], places[:, 1])

    def __len__(self) -> int:
        return len(self.starts)

    def taken(self, rows: Integers) -> "FrameBatch":
        """Those of `rows`, in that order."""
        return FrameBatch(
            self.data, self.starts[rows], self.stops[rows], self.boot_ids[rows], self.sequences[rows]
        )

    def damage(self, row: int, cause: str) -> FrameDamage:
        """What to tell of a frame."""
        return FrameDamage(int(self.boot_ids[row]), int(self.sequences[row]), cause)


@dataclass(frozen=True, slots=True)
class KindColumns:
    """The frames of one kind: (m,) `rows` of the batch that they are, and their columns in that order."""

    rows: Integers
    columns: Columns


def decode_frames(batch: FrameBatch, report: DamageReport) -> dict[int, KindColumns]:
    """Decode frames of any kinds, by kind; what cannot be read is told to `report` and left out."""
    rows = _with_header(batch, report)
    kinds = np.frombuffer(batch.data, np.uint8)[batch.starts[rows] + 1]
    order = np.argsort(kinds, kind="stable")
    bounds = np.flatnonzero(np.diff(kinds[order].astype(np.int64), prepend=-1, append=-1))
    by_kind: dict[int, KindColumns] = {}
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        kind, members = int(kinds[order[begin]]), rows[order[begin:end]]
        layout = BY_KIND.get(kind)
        if layout is not None:
            by_kind[kind] = _of_layout(layout, batch, members, report)
            continue
        for row in members.tolist():
            report.add(batch.damage(row, UNKNOWN_KIND))
    return by_kind


def decode_kind(kind: int, batch: FrameBatch, report: DamageReport) -> KindColumns:
    """Decode frames that should all be of one kind; what cannot be read is told and left out."""
    layout = BY_KIND[kind]
    return _of_layout(layout, batch, _with_header(batch, report), report)


def _of_layout(layout: Layout, batch: FrameBatch, rows: Integers, report: DamageReport) -> KindColumns:
    starts = batch.starts[rows]
    faults, columns = decode_good(layout, batch.data, starts, batch.stops[rows] - starts)
    for place in np.flatnonzero(faults).tolist():
        report.add(batch.damage(int(rows[place]), f"{layout.name} {FrameFault(faults[place]).reason}"))
    return KindColumns(rows[faults == FrameFault.NONE], columns)


def _with_header(batch: FrameBatch, report: DamageReport) -> Integers:
    """The rows of frames that have a header of a version that is known."""
    has_header = batch.stops - batch.starts >= HEADER_BYTES
    versions = np.zeros(len(batch), np.uint8)
    versions[has_header] = np.frombuffer(batch.data, np.uint8)[batch.starts[has_header]]
    is_known = (versions > 0) & (versions <= PROTOCOL_VERSION)
    for row in np.flatnonzero(~is_known).tolist():
        report.add(batch.damage(row, UNKNOWN_VERSION if has_header[row] else TOO_SHORT_FOR_HEADER))
    return np.flatnonzero(is_known)
