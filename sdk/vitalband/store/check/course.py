"""How the frames of one boot follow each other: numbers, ticks, and what the wearer agreed to."""

from bandschema.codec import decode
from bandschema.enums import ConsentAction, Group
from bandschema.records import CompressedBlock, ConsentRecord, SampleBlock, Vitals, VitalsRun
from bandwire.errors import FrameError
from vitalband.clock import ticks_between
from vitalband.ranges import Range, size, within, without
from vitalband.store.check.report import FIRST_TOLD, BootAccount, CheckReport, Finding, FindingKind
from vitalband.store.rows import FrameRow

BACKWARDS_MS = 60_000
"""Chosen: blocks and runs carry the tick of their last sample or update, and are numbered up to 6 s later."""
DATA_KINDS = (Vitals.KIND, VitalsRun.KIND, SampleBlock.KIND, CompressedBlock.KIND)


class BootCourse:
    """One boot, frame by frame in the order of numbers; `lost` are the numbers that the band has not."""

    def __init__(self, report: CheckReport, account: BootAccount, lost: list[Range]) -> None:
        self._report = report
        self._account = account
        self._lost = lost
        self._next: int | None = lost[0][0] if lost else None
        self._ticks_ms: int | None = None
        self._action: int | None = None
        self._first_data: int | None = None

    def take(self, row: FrameRow) -> None:
        """Look at the next frame."""
        self._number(row)
        self._tick(row)
        if row.kind in DATA_KINDS:
            self._data(row)
        elif row.kind == ConsentRecord.KIND:
            self._consent(row)

    def end(self) -> None:
        """All frames of the boot have come."""
        account = self._account
        stop = max([self._next or 0, *(first + count for first, count in self._lost)])
        if self._next is not None:
            self._hole(self._next, stop)
        account.next_sequence = stop
        account.first_sequence = stop - account.received - account.lost - account.missing

    def _number(self, row: FrameRow) -> None:
        first = row.sequence if self._next is None else min(self._next, row.sequence)
        if first < row.sequence:
            self._hole(first, row.sequence)
            # What the wearer did may be among what is not here.
            self._action = self._first_data = None
        self._account.received += 1
        self._next = row.sequence + 1

    def _hole(self, first: int, stop: int) -> None:
        lost = within(self._lost, first, stop)
        missing = without([(first, stop - first)], lost)
        account = self._account
        account.lost += size(lost)
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

    def _data(self, row: FrameRow) -> None:
        if self._first_data is None:
            self._first_data = row.sequence
        if self._action == ConsentAction.WITHDRAWN:
            self._add(FindingKind.CONSENT, "holds data from after the withdrawal", row)

    def _consent(self, row: FrameRow) -> None:
        try:
            _, record = decode(row.frame)
        except FrameError:
            # Told with its batch.
            self._action = self._first_data = None
            return
        if not isinstance(record, ConsentRecord) or not record.groups & ~Group.STANDARD_SERVICES:
            return  # who may read says nothing of what is collected
        if record.action == ConsentAction.AGREED and self._action is None and self._first_data is not None:
            self._add(FindingKind.CONSENT, "is an agreement that data came before", row)
        self._action = int(record.action)

    def _add(self, kind: FindingKind, cause: str, row: FrameRow) -> None:
        self._report.add(Finding(kind, cause, row.band_id, row.boot_id, row.sequence))
