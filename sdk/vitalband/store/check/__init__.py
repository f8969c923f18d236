"""Whether a store is whole and sound, and what is wrong with it, in bounded memory."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from bandschema.codec import decode
from bandschema.enums import JournalClass
from bandschema.records import JournalLoss, StreamDescriptor
from bandwire.errors import FrameError
from vitalband.errors import StoreError
from vitalband.ranges import Range, merged
from vitalband.store.check.clocks import check_clocks
from vitalband.store.check.contents import Contents
from vitalband.store.check.course import AbsentNumbers, BootCourse
from vitalband.store.check.report import (
    BootAccount,
    CheckReport,
    Finding,
    FindingKind,
    ToldLoss,
)
from vitalband.store.database import READ_BATCH_FRAMES, Store
from vitalband.store.rows import FrameRow, LostRow
from vitalband.store.sources import RowFault, RowSource, integrity_errors

__all__ = ["BootAccount", "CheckProgress", "CheckReport", "Finding", "FindingKind", "ToldLoss", "check_store"]

INTEGRITY_LINES = 100

_Boot = tuple[bytes, int]


@dataclass(frozen=True, slots=True)
class CheckProgress:
    """How far a check is: rows looked at of all frames."""

    rows: int
    all_rows: int


OnProgress = Callable[[CheckProgress], None]


def check_store(path: Path | str, on_progress: OnProgress | None = None) -> CheckReport:
    """Look at all that a store holds: structures of the file, checks and names of rows, frames and what they
    hold, numbers, samples, ticks, time exchanges, consent and cuff readings.

    What is wrong is in the report. `StoreError` when the file cannot even be opened as a store.
    """
    with Store.open(path) as store:
        report = CheckReport(store.path)
        for line in integrity_errors(store, INTEGRITY_LINES):
            report.add(Finding(FindingKind.FILE, line))
        source = RowSource(store)
        check = _Check(report, source, on_progress)
        parts = (check.look_ahead, check.look_at_frames, lambda: check_clocks(report, source))
        for part in (*parts, lambda: _check_cuff_readings(report, source)):
            try:
                part()
            except StoreError as error:
                report.add(Finding(FindingKind.FILE, f"not all can be read: {error}"))
        check.end()
    return report


class _Check:
    """One check under way."""

    def __init__(self, report: CheckReport, source: RowSource, on_progress: OnProgress | None) -> None:
        self._report = report
        self._source = source
        self._on_progress = on_progress
        self._contents: dict[bytes, Contents] = {}
        self._lost: dict[_Boot, list[Range]] = defaultdict(list)
        self._removed: dict[_Boot, list[Range]] = defaultdict(list)
        self._harmless: dict[_Boot, list[Range]] = defaultdict(list)
        self._told: dict[_Boot, dict[tuple[int, int], int]] = defaultdict(dict)
        self._seen: set[_Boot] = set()

    def look_ahead(self) -> None:
        """What other frames need to be understood: descriptors, and what the band has lost."""
        self._take_ranges(self._source.lost(), self._lost, "lost")
        self._take_ranges(self._source.removed(), self._removed, "removed")
        for found in self._source.frames(StreamDescriptor.KIND):
            if found.row is not None and found.fault is None:
                self._contents_of(found.row.band_id).add_descriptor(found.row)
        for found in self._source.frames(JournalLoss.KIND):
            if found.row is not None and found.fault is None:
                self._note_loss(found.row)
        for boot, ranges in self._lost.items():
            self._lost[boot] = merged(ranges)

    def _take_ranges(self, rows: Iterator[LostRow | None], into: dict[_Boot, list[Range]], name: str) -> None:
        for row in rows:
            if row is None:
                self._report.add(Finding(FindingKind.ROW, f"a range of {name} numbers that is none"))
            else:
                into[row.band_id, row.boot_id].append((row.first_sequence, row.frame_count))

    def _contents_of(self, band_id: bytes) -> Contents:
        if band_id not in self._contents:
            self._contents[band_id] = Contents(self._report, band_id)
        return self._contents[band_id]

    def _note_loss(self, row: FrameRow) -> None:
        try:
            _, loss = decode(row.frame)
        except FrameError:
            return  # told with its batch
        if not isinstance(loss, JournalLoss):
            return
        boot = row.band_id, loss.lost_boot_id
        key = int(loss.lost_class), int(loss.loss_cause)
        self._told[boot][key] = self._told[boot].get(key, 0) + loss.frame_count
        if loss.frame_count == loss.last_sequence - loss.first_sequence + 1:
            # Each number of the range is one of those; else others lie between, and nobody can say which.
            lost = loss.first_sequence, loss.frame_count
            self._lost[boot].append(lost)
            if loss.lost_class in (JournalClass.VITALS, JournalClass.WAVEFORMS):
                self._harmless[boot].append(lost)

    def look_at_frames(self) -> None:
        """Every row, in the order of keys."""
        for boot, rows in groupby(self._sound_rows(), key=lambda row: (row.band_id, row.boot_id)):
            self._seen.add(boot)
            contents = self._contents_of(boot[0])
            contents.begin_boot()
            course = self._course(boot)
            try:
                while some := list(islice(rows, READ_BATCH_FRAMES)):
                    for row, groups in zip(some, contents.take(some).tolist(), strict=True):
                        course.take(row, groups)
            finally:
                course.end()

    def end(self) -> None:
        """Boots of which nothing is here but that it was lost, or removed; all in order."""
        for boot in {*self._lost, *self._removed} - self._seen:
            if self._lost.get(boot) or self._removed.get(boot):
                self._course(boot).end()
        self._report.boots.sort(key=lambda account: (account.band_id, account.boot_id))

    def _course(self, boot: _Boot) -> BootCourse:
        found = (self._lost, self._removed, self._harmless)
        absent = AbsentNumbers(*(merged(ranges.get(boot, [])) for ranges in found))
        return BootCourse(self._report, self._account(boot), absent)

    def _account(self, boot: _Boot) -> BootAccount:
        losses = self._told.get(boot, {})
        told = [ToldLoss(*key, frame_count=count) for key, count in sorted(losses.items())]
        account = BootAccount(*boot, told_losses=told)
        self._report.boots.append(account)
        return account

    def _sound_rows(self) -> Iterator[FrameRow]:
        report, all_rows = self._report, self._source.store.frame_count()
        for found in self._source.frames():
            report.frames += 1
            report.unchecked_frames += not found.has_check
            if self._on_progress is not None and report.frames % READ_BATCH_FRAMES == 0:
                self._on_progress(CheckProgress(report.frames, all_rows))
            if found.fault is not None:
                report.add(_row_finding(found.fault, found.row))
            elif found.row is not None:
                yield found.row
        if self._on_progress is not None:
            self._on_progress(CheckProgress(report.frames, all_rows))


def _check_cuff_readings(report: CheckReport, source: RowSource) -> None:
    for found in source.cuff_readings():
        report.cuff_readings += 1
        if found.fault is not None:
            report.add(Finding(FindingKind.ROW, f"a cuff reading {found.fault.value}"))


def _row_finding(fault: RowFault, row: FrameRow | None) -> Finding:
    if row is None:
        return Finding(FindingKind.ROW, fault.value)
    return Finding(FindingKind.ROW, fault.value, row.band_id, row.boot_id, row.sequence)
