"""How the frames of one boot follow each other: numbers, ticks, and what the wearer agreed to."""

from dataclasses import dataclass, field

from bandschema.records import ConsentRecord
from vitalband.clock import ticks_between
from vitalband.ranges import Range, merged, size, within, without
from vitalband.store.check.consent import BootConsent
from vitalband.store.check.report import FIRST_TOLD, BootAccount, CheckReport, Finding, FindingKind
from vitalband.store.rows import FrameRow

BACKWARDS_MS = 60_000
"""Chosen: blocks and runs carry the tick of their last sample or update, and are numbered up to 6 s later."""


@dataclass(frozen=True, slots=True)
class AbsentNumbers:
    """Numbers of a boot that need not be here: `lost`, which the band has not, and `removed`, which the
    store's own limits took away. `harmless` are those of the lost that were no records of consent; limits
    take none."""

    lost: list[Range] = field(default_factory=list[Range])
    removed: list[Range] = field(default_factory=list[Range])
    harmless: list[Range] = field(default_factory=list[Range])


class BootCourse:
    """One boot, frame by frame in the order of numbers."""

    def __init__(self, report: CheckReport, account: BootAccount, absent: AbsentNumbers) -> None:
        self._report = report
        self._account = account
        self._removed = absent.removed
        self._lost = without(absent.lost, absent.removed)
        self._harmless = merged([*absent.harmless, *absent.removed])
        self._known = merged([*absent.lost, *absent.removed])
        self._next: int | None = self._known[0][0] if self._known else None
        self._ticks_ms: int | None = None
        self._consent = BootConsent(report, account)

    def take(self, row: FrameRow, groups: int) -> None:
        """Look at the next frame, which holds readings or samples of `groups`."""
        self._number(row)
        self._tick(row)
        if groups:
            self._consent.take_data(row, groups)
        elif row.kind == ConsentRecord.KIND:
            self._consent.take_record(row)

    def end(self) -> None:
        """All frames of the boot have come."""
        account = self._account
        stop = max([self._next or 0, *(first + count for first, count in self._known)])
        if self._next is not None:
            self._hole(self._next, stop)
        account.next_sequence = stop
        account.first_sequence = stop - account.received - account.lost - account.removed - account.missing

    def _number(self, row: FrameRow) -> None:
        first = row.sequence if self._next is None else min(self._next, row.sequence)
        if first < row.sequence:
            self._hole(first, row.sequence)
            if without([(first, row.sequence - first)], within(self._harmless, first, row.sequence)):
                self._consent.forget()
        self._account.received += 1
        self._next = row.sequence + 1

    def _hole(self, first: int, stop: int) -> None:
        lost = within(self._lost, first, stop)
        missing = without([(first, stop - first)], self._known)
        account = self._account
        account.lost += size(lost)
        account.removed += size(within(self._removed, first, stop))
        account.missing += size(missing)
        account.missing_range_count += len(missing)
        account.first_missing += missing[: FIRST_TOLD - len(account.first_missing)]

    def _tick(self, row: FrameRow) -> None:
        before_ms, self._ticks_ms = self._ticks_ms, row.ticks_ms
        if before_ms is None:
            return
        forwards_ms = ticks_between(before_ms, row.ticks_ms)
        if forwards_ms < -BACKWARDS_MS:
            self._add(FindingKind.TICKS, "ticks go back by more than a minute", row)
        elif forwards_ms < 0:
            self._ticks_ms = before_ms

    def _add(self, kind: FindingKind, cause: str, row: FrameRow) -> None:
        self._report.add(Finding(kind, cause, row.band_id, row.boot_id, row.sequence))
