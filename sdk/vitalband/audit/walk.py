"""Goes over every frame of a recording in the order of their numbers, and accounts for all of it."""

from pathlib import Path

from bandschema.codec import decode, encode
from bandschema.enums import EventKind, Page, Part
from bandschema.field import DataClass, Sender
from bandschema.layout import BY_KIND, Layout
from bandschema.readings import BY_READING, NO_VALUE
from bandschema.records import (
    Alert,
    CompressedBlock,
    ConsentRecord,
    Event,
    LogLine,
    ManifestEntry,
    Record,
    SampleBlock,
    Vitals,
    VitalsRun,
)
from bandschema.vitals_run import decode_updates
from bandwire.errors import FrameError
from vitalband.audit.report import AuditKind, AuditReport, ItemAccount, PageAccount
from vitalband.blocks import STREAM_SHIFT
from vitalband.disclosure import manifest_digest_of
from vitalband.store import FindingKind, check_store
from vitalband.store.check.consent import TO_LESS
from vitalband.store.read import StoreReader
from vitalband.store.rows import FrameRow
from vitalband.values import label

_READING_PAGES = frozenset(spec.page for spec in BY_READING.values())
_Item = tuple[bool, int]
"""Whether it is a stream, and its id."""
_MS_PER_S = 1000


def audit_store(path: Path | str, band_id: bytes | None = None) -> AuditReport:
    """Account for every frame that a recording holds of one band; `StoreError` when it cannot be read."""
    with StoreReader(path, band_id) as reader:
        report = AuditReport(reader.store.path, reader.band_id)
        walk = _Walk(report, reader.manifest())
        for row in reader.frames():
            walk.take(row)
        walk.end()
    _take_consent(report)
    return report


def _take_consent(report: AuditReport) -> None:
    check = check_store(report.path)
    accounts = [boot for boot in check.boots if boot.band_id == report.band_id]
    report.unproven_frames = sum(boot.unproven_frames for boot in accounts)
    report.missing_frames = sum(boot.missing + boot.lost + boot.removed for boot in accounts)
    has_others = len({boot.band_id for boot in check.boots}) > 1
    for (kind, cause), count in check.counts.items():
        if kind is not FindingKind.CONSENT:
            continue
        places = [
            (found.boot_id or 0, found.sequence or 0)
            for found in check.first
            if found.kind is kind and found.cause.startswith(cause) and found.band_id == report.band_id
        ]
        # Counts are of a whole file: of several bands in one, only the places that are named are surely ours.
        for at, place in enumerate(places):
            left = 1 if has_others or at else count - len(places) + 1
            report.add(AuditKind.NOT_AGREED, cause, *place, count=left)


class _Walk:
    def __init__(self, report: AuditReport, manifest: list[ManifestEntry]) -> None:
        self._report = report
        self._listed: dict[_Item, ManifestEntry] = {
            (bool(entry.stream_id), entry.stream_id or entry.reading_id): entry for entry in manifest
        }
        self._items: dict[_Item, ItemAccount] = {}
        self._page: tuple[int, int] | None = None
        self._has_failed = False
        self._boot_id = -1
        self._ticks_ms = 0
        self._agreed = 0
        digests = {entry.manifest_digest for entry in manifest}
        is_whole = bool(manifest) and len(manifest) == manifest[0].entry_count
        if is_whole and digests == {manifest_digest_of(manifest)}:
            report.manifest_digest = manifest[0].manifest_digest
        else:
            report.add(AuditKind.NO_MANIFEST, "manifest", 0, 0)

    def end(self) -> None:
        """Nothing more comes."""
        self._turn_page(None)
        self._report.items += [self._items[key] for key in sorted(self._items)]

    def take(self, row: FrameRow) -> None:
        """One frame, behind all of lower numbers."""
        if row.boot_id != self._boot_id:
            self._turn_page(None)
            self._boot_id, self._has_failed, self._agreed = row.boot_id, False, 0
        self._ticks_ms = row.ticks_ms
        layout = BY_KIND.get(row.kind)
        if layout is None:
            self._else(AuditKind.UNKNOWN_KIND, f"kind {row.kind:#04x}", row)
            return
        self._report.frames[layout.data, layout.name] += 1
        if layout.sender is Sender.HOST:
            self._else(AuditKind.HOSTS_ONLY, layout.name, row)
        try:
            self._take_known(layout, row)
        except FrameError as error:
            self._else(AuditKind.UNREADABLE, f"{layout.name} ({error})", row)

    def _take_known(self, layout: Layout, row: FrameRow) -> None:
        if row.kind == VitalsRun.KIND:
            self._take_run(row)
            return
        header, record = decode(row.frame)
        if encode(header, record) != row.frame:
            self._else(AuditKind.UNSTATED_BYTES, layout.name, row)
        self._take_record(layout, record, row)

    def _take_run(self, row: FrameRow) -> None:
        _, record = decode(row.frame)
        assert isinstance(record, VitalsRun)
        for update in decode_updates(record.updates, row.ticks_ms):
            for number, reading in update.readings.items():
                self._take_reading(number, reading.raw_value, row)

    def _take_record(self, layout: Layout, record: Record, row: FrameRow) -> None:
        match record:
            case Vitals():
                for item in record.readings:
                    self._take_reading(item.reading_id, item.raw_value, row)
            case Alert():
                if record.reading_id:
                    self._take_reading(record.reading_id, record.raw_value, row)
            case SampleBlock():
                self._take_item((True, int(record.stream_id)), row).sent += 1
            case CompressedBlock():
                self._take_item((True, record.head >> STREAM_SHIFT & 7), row).sent += 1
            case Event():
                self._take_event(record, row)
            case ConsentRecord():
                self._take_consent(record)
            case LogLine():
                self._report.texts[record.text] += 1
            case _:
                if layout.data in (DataClass.READINGS, DataClass.WAVEFORMS):
                    self._else(AuditKind.UNREADABLE, f"{layout.name} (nobody has taught the audit to)", row)

    def _take_reading(self, number: int, raw_value: int, row: FrameRow) -> None:
        item = self._take_item((False, number), row)
        if raw_value == NO_VALUE:
            item.withheld += 1
            return
        item.sent += 1
        if self._has_failed:
            self._else(AuditKind.DISPLAY_FAILED, item.name, row)

    def _take_item(self, key: _Item, row: FrameRow) -> ItemAccount:
        item = self._items.get(key)
        if item is None:
            item = self._items[key] = self._new_item(key)
        is_stream, _ = key
        if item.group is None:
            self._else(AuditKind.NOT_LISTED, item.name, row)
        elif not is_stream and item.page not in _READING_PAGES:
            self._else(AuditKind.NO_PAGE, item.name, row)
        return item

    def _new_item(self, key: _Item) -> ItemAccount:
        is_stream, number = key
        entry = self._listed.get(key)
        if entry is None:
            return ItemAccount(f"stream {number}" if is_stream else f"reading {number}", None, None)
        return ItemAccount(entry.name_en, int(entry.group), int(entry.page))

    def _take_event(self, event: Event, row: FrameRow) -> None:
        self._report.events[label(event.event)] += 1
        if event.event == EventKind.PAGE_SHOWN:
            self._report.tells_pages = True
            self._turn_page(event.detail)
        elif event.part == Part.DISPLAY and event.event in (EventKind.FAULT, EventKind.RECOVERED):
            self._has_failed = event.event == EventKind.FAULT
            self._turn_page(None)

    def _take_consent(self, record: ConsentRecord) -> None:
        groups = int(record.groups)
        self._agreed = self._agreed & ~groups if record.action in TO_LESS else self._agreed | groups
        if not self._agreed:
            # The band tells of no page any more.
            self._turn_page(None)

    def _turn_page(self, page: int | None) -> None:
        pages = self._report.pages
        if self._page is not None:
            before, since_ms = self._page
            pages[before].seconds += max(0, self._ticks_ms - since_ms) / _MS_PER_S
        self._page = None if page is None else (page, self._ticks_ms)
        if page is not None:
            pages.setdefault(page, PageAccount()).shown += 1

    def _else(self, kind: AuditKind, what: str, row: FrameRow) -> None:
        self._report.add(kind, what, row.boot_id, row.sequence)


def page_name(page: int) -> str:
    """What a page is called; its number when this version does not know it."""
    return label(Page(page)) if page in set(Page) else str(page)
