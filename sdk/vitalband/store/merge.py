"""Several stores as one: what each of several phones has of the same bands, verbatim.

The result depends on what the stores hold, not on their order: of a frame that several have the earliest
time of receipt stays, of two time exchanges at one tick the sharper. Nothing is taken for lost that any of
the stores has. A row that does not agree with its CRC-32, or is stored under another name than its header's,
is left out and counted: another store may have it whole, and so may the band.

All is read once, in the order of keys, and written to a file beside the new one that gets its name when it
is whole and on the disk.

Readings and samples of which no record of consent proves that the wearer had agreed to them are left out and
counted; those that no record tells of, as in stores of before there were records, are taken where wanted.

Cuff readings are one by their id: of two hosts that read the same from a monitor, the earliest receipt stays.
Of limits on what is kept the shortest of all stores holds, at once; the access logs become one.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from heapq import merge as sorted_union
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

from bandschema.records import ConsentRecord
from vitalband.errors import LocalError, StoreConflictError, StoreError
from vitalband.ranges import merged, without
from vitalband.store.agreements import BootAgreements
from vitalband.store.cuff_rows import CuffRow
from vitalband.store.database import Store
from vitalband.store.merge_rights import merge_rights
from vitalband.store.retention import Removed
from vitalband.store.rows import ExchangeRow, FrameRow, LostRow
from vitalband.store.sources import RowSource

ROWS_AT_ONCE = 2048
CONFLICTS_TOLD = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MergeProgress:
    """How far a merge is: rows read of those that all stores have together."""

    rows: int
    all_rows: int


@dataclass(slots=True)
class MergeReport:
    """What became of the rows: `frames` and `cuff_readings` written, `duplicates` of frames that another
    store had as well, and rows of any table left out since they are damaged, by store; numbers that are still
    known as lost, and those that one store thought lost and another has; and what the shortest of the stores'
    limits has removed at once. `refused` frames were left out: nothing proves that they were agreed to."""

    frames: int = 0
    refused: int = 0
    duplicates: int = 0
    exchanges: int = 0
    lost_numbers: int = 0
    found_numbers: int = 0
    cuff_readings: int = 0
    removed: Removed = field(default_factory=Removed)
    damaged: dict[Path, int] = field(default_factory=dict[Path, int])


OnProgress = Callable[[MergeProgress], None]


def merge_stores(
    output: Path | str,
    stores: Sequence[Path | str],
    on_progress: OnProgress | None = None,
    *,
    takes_unproven: bool = False,
) -> MergeReport:
    """Make the store `output`, which must not be there, of what `stores` hold.

    `takes_unproven` takes also data of which no record tells whether the wearer had agreed to it.

    `StoreConflictError` when two of them have different frames of one number: they are of different
    recordings. `StoreError` when a file cannot be read or written; `LocalError` without stores, or when
    `output` is there. In each case there is no `output` afterwards, and what one there was is left alone.
    """
    output = Path(output)
    paths = list(dict.fromkeys(Path(path) for path in stores))
    if not paths:
        raise LocalError("wanted stores to merge, got none")
    if output.exists():
        raise LocalError(f"{output} is there: wanted the name of a new store")
    with ExitStack() as stack:
        sources = [RowSource(stack.enter_context(Store.open(path))) for path in paths]
        folder = stack.enter_context(_work_folder(output))
        part = Path(folder) / output.name
        with Store.create(part) as store:
            report = _Merge(store, sources, on_progress, takes_unproven=takes_unproven).run()
        _give_name(part, output)
    return report


def _work_folder(output: Path) -> tempfile.TemporaryDirectory[str]:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent)
    except OSError as error:
        raise StoreError(f"cannot write {output}: {error.strerror}") from error


def _give_name(part: Path, output: Path) -> None:
    try:
        # A link does not replace a file that has come to be there meanwhile, as a rename would.
        output.hardlink_to(part)
    except FileExistsError as error:
        raise LocalError(f"{output} has come to be there during the merge") from error
    except OSError:
        _rename(part, output)


def _rename(part: Path, output: Path) -> None:
    """For file systems without links."""
    try:
        part.rename(output)
    except OSError as error:
        raise StoreError(f"cannot write {output}: {error.strerror}") from error


class _Merge:
    """One merge under way."""

    def __init__(
        self, store: Store, sources: list[RowSource], on_progress: OnProgress | None, *, takes_unproven: bool
    ) -> None:
        self._store = store
        self._sources = sources
        self._on_progress = on_progress
        self._report = MergeReport()
        self._takes_unproven = takes_unproven
        self._boot: tuple[bytes, int] | None = None
        self._agreements = BootAgreements()
        self._read = 0
        self._conflicts: list[str] = []
        self._conflict_count = 0

    def run(self) -> MergeReport:
        """Write all; raises `StoreConflictError` once all is read."""
        all_rows = sum(source.store.frame_count() for source in self._sources)
        for rows in _lots(self._united_frames()):
            if not self._conflict_count:
                self._store.write(rows)
            if self._on_progress is not None:
                self._on_progress(MergeProgress(self._read, all_rows))
        self._refuse_conflicts()
        for exchanges in _lots(self._united_exchanges()):
            self._store.write([], exchanges)
            self._report.exchanges += len(exchanges)
        for row in self._still_removed():
            place = (row.first_sequence, row.frame_count)
            self._store.rights.write_removed(row.band_id, row.boot_id, [place])
        for lost in _lots(self._still_lost()):
            self._store.write([], lost=lost)
        for rows in _lots(self._united_cuff_readings()):
            self._report.cuff_readings += self._store.write_cuff_readings(rows)
        for name, value in _metadata(self._sources):
            self._store.set_metadata(name, value)
        self._report.removed = merge_rights(self._store, [source.store for source in self._sources])
        return self._report

    # -- frames ---------------------------------------------------------------------------------

    def _united_frames(self) -> Iterator[FrameRow]:
        sources = (self._frames_of(source) for source in self._sources)
        every = sorted_union(*sources, key=lambda found: _place(found[0]))
        for _, same in groupby(every, key=lambda found: _place(found[0])):
            rows = list(same)
            self._note_conflict(rows)
            row = min((row for row, _ in rows), key=lambda row: row.received_utc_us)
            if not self._is_proven(row):
                self._report.refused += 1
                continue
            self._report.frames += 1
            self._report.duplicates += len(rows) - 1
            yield row

    def _is_proven(self, row: FrameRow) -> bool:
        """Frames come in the order of their numbers, so the records before one are known."""
        if self._boot != (row.band_id, row.boot_id):
            self._boot, self._agreements = (row.band_id, row.boot_id), BootAgreements()
        if row.kind == ConsentRecord.KIND:
            self._agreements.learn(row)
        return self._agreements.proves(row, takes_unproven=self._takes_unproven)

    def _frames_of(self, source: RowSource) -> Iterator[tuple[FrameRow, Path]]:
        for found in source.frames():
            self._read += 1
            if found.row is None or found.fault is not None:
                self._note_damaged(source)
            else:
                yield found.row, source.path

    def _note_conflict(self, rows: list[tuple[FrameRow, Path]]) -> None:
        first, first_path = rows[0]
        other = next(((row, path) for row, path in rows if row.frame != first.frame), None)
        if other is None:
            return
        self._conflict_count += 1
        if len(self._conflicts) < CONFLICTS_TOLD:
            self._conflicts.append(
                f"band {first.band_id.hex()}, boot {first.boot_id}, frame {first.sequence}: "
                f"{_difference(first.frame, other[0].frame)} ({first_path}, {other[1]})"
            )

    def _refuse_conflicts(self) -> None:
        if self._conflict_count:
            lines = "\n  ".join(self._conflicts)
            raise StoreConflictError(
                f"the stores hold different frames of {self._conflict_count} numbers, so they are of "
                f"different recordings; the first:\n  {lines}"
            )

    def _note_damaged(self, source: RowSource) -> None:
        self._report.damaged[source.path] = self._report.damaged.get(source.path, 0) + 1

    # -- time, losses, metadata -----------------------------------------------------------------

    def _sound(self, source: RowSource, rows: Iterable[T | None]) -> Iterator[T]:
        for row in rows:
            if row is None:
                self._note_damaged(source)
            else:
                yield row

    def _united_exchanges(self) -> Iterator[ExchangeRow]:
        def key(row: ExchangeRow) -> tuple[bytes, int, int]:
            return row.band_id, row.boot_id, row.exchange.ticks_ms

        sources = (self._sound(source, source.exchanges()) for source in self._sources)
        for _, same in groupby(sorted_union(*sources, key=key), key=key):
            yield min(same, key=lambda row: (row.exchange.uncertainty_us, row.exchange.utc_us))

    def _still_lost(self) -> Iterator[LostRow]:
        def key(row: LostRow) -> tuple[bytes, int]:
            return row.band_id, row.boot_id

        sources = (self._sound(source, source.lost()) for source in self._sources)
        for (band_id, boot_id), rows in groupby(sorted_union(*sources, key=key), key=key):
            lost = merged((row.first_sequence, row.frame_count) for row in rows)
            left = without(lost, self._store.stored_ranges(band_id, boot_id))
            still = sum(count for _, count in left)
            self._report.lost_numbers += still
            self._report.found_numbers += sum(count for _, count in lost) - still
            for first, count in left:
                yield LostRow(band_id, boot_id, first, count)

    def _still_removed(self) -> Iterator[LostRow]:
        sources = (self._sound(source, source.removed()) for source in self._sources)
        for row in sorted_union(*sources, key=lambda row: (row.band_id, row.boot_id, row.first_sequence)):
            stored = self._store.stored_ranges(row.band_id, row.boot_id)
            for first, count in without([(row.first_sequence, row.frame_count)], stored):
                yield LostRow(row.band_id, row.boot_id, first, count)

    def _united_cuff_readings(self) -> Iterator[CuffRow]:
        sources = (self._cuff_readings_of(source) for source in self._sources)
        every = sorted_union(*sources, key=lambda row: row.reading_id)
        for _, same in groupby(every, key=lambda row: row.reading_id):
            yield min(same, key=lambda row: (row.received_utc_us, row.crc32))

    def _cuff_readings_of(self, source: RowSource) -> Iterator[CuffRow]:
        for found in source.cuff_readings():
            if found.row is None or found.fault is not None:
                self._note_damaged(source)
            else:
                yield found.row


def _lots(rows: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield some


def _place(row: FrameRow) -> tuple[bytes, int, int]:
    return row.band_id, row.boot_id, row.sequence


def _difference(first: bytes, second: bytes) -> str:
    if len(first) != len(second):
        return f"{len(first)} and {len(second)} bytes"
    differing = [at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    at = differing[0]
    return f"{len(differing)} bytes differ, the first at {at} ({first[at]:#04x} and {second[at]:#04x})"


def _metadata(sources: list[RowSource]) -> list[tuple[str, str]]:
    """Lines of all stores: what several say differently is named after the file that says it."""
    said: dict[str, set[tuple[str, str]]] = {}
    for source in sources:
        for name, value in source.store.metadata().items():
            said.setdefault(name, set()).add((value, source.path.name))
    lines: list[tuple[str, str]] = []
    for name, values in sorted(said.items()):
        if len({value for value, _ in values}) == 1:
            lines.append((name, next(iter(values))[0]))
            continue
        used: dict[str, int] = {}
        for value, file in sorted(values):
            used[file] = used.get(file, 0) + 1
            lines.append((f"{name} ({file})" + (f" {used[file]}" if used[file] > 1 else ""), value))
    return lines
