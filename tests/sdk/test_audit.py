"""An audit accounts for every frame of a recording, and lists whatever was not agreed to, listed or shown."""

import json
from dataclasses import replace

import pytest

from bandschema.enums import (
    Cause,
    ConsentAction,
    EventKind,
    Group,
    LogLevel,
    Page,
    Part,
    Reading,
    Recipient,
    Unit,
    Validity,
)
from bandschema.field import DataClass
from bandschema.frames import FRAMES
from bandschema.layout import BY_KIND
from bandschema.readings import NO_VALUE
from bandschema.records import (
    Alert,
    ConsentRecord,
    Event,
    LogLine,
    ManifestEntry,
    SampleBlock,
    StoreConfirm,
    StreamDescriptor,
    Vitals,
    VitalsReading,
    VitalsRun,
)
from sdk.fake_band import BAND_ID, descriptor
from sdk.test_check import frame_row
from sdk.test_cli import invoke
from vitalband.audit import AuditKind, AuditReport, ItemAccount, audit_store
from vitalband.disclosure import manifest_digest_of
from vitalband.store import Store

GROUPS = Group.PULSE | Group.RAW_OPTICAL


def manifest(page: int = Page.HEART) -> list[ManifestEntry]:
    common = {"entry_count": 2, "manifest_digest": bytes(8), "unit": Unit.NONE, "retention_h": 72,
              "recipients": Recipient.HOST, "name_zh": "心率", "agreement_milli": 0}  # fmt: skip
    heart = ManifestEntry(
        entry=0, reading_id=Reading.HEART_RATE_BPM, stream_id=0, group=Group.PULSE, page=page,
        interval_ms=2000, name_en="Heart rate", **common,
    )  # fmt: skip
    light = ManifestEntry(
        entry=1, reading_id=0, stream_id=1, group=Group.RAW_OPTICAL, page=Page.MANIFEST,
        interval_ms=40, name_en="Raw light", **common,
    )  # fmt: skip
    digest = manifest_digest_of([heart, light])
    return [replace(entry, manifest_digest=digest) for entry in (heart, light)]


def consent(action: ConsentAction, groups: Group = GROUPS) -> ConsentRecord:
    return ConsentRecord(
        action=action, groups=groups, manifest_digest=bytes(8), firmware_digest=bytes(8),
        issuance_digest=bytes(8),
    )  # fmt: skip


def vitals(reading: int = Reading.HEART_RATE_BPM, raw_value: int = 650) -> Vitals:
    validity = Validity.UNKNOWN if raw_value == NO_VALUE else Validity.VALID
    one = VitalsReading(
        reading_id=reading, validity=validity, quality=90, cause=Cause.NONE, raw_value=raw_value
    )
    return Vitals(contact=2, readings=(one,))


def block(stream_id: int = 1) -> SampleBlock:
    return SampleBlock(stream_id=stream_id, encoding=0, sample_count=1, first_sample=0, samples=bytes(9))


def event(kind: EventKind, detail: int = 0, part: Part = Part.DISPLAY) -> Event:
    return Event(event=kind, part=part, detail=detail)


START = [*manifest(), consent(ConsentAction.AGREED)]


def audited(folder, records, changed=()) -> AuditReport:
    """The report of a recording of these frames, a second apart; `changed` ones take the place of others."""
    rows = [frame_row(at, record, ticks_ms=1000 * at) for at, record in enumerate(records)]
    rows = [replace(row, frame=changed[row.sequence]) if row.sequence in changed else row for row in rows]
    with Store.create(folder / "a.vband") as store:
        store.write(rows, [], [])
    return audit_store(folder / "a.vband")


def told(report: AuditReport) -> dict[AuditKind, list[str]]:
    found: dict[AuditKind, list[str]] = {}
    for one in report.findings:
        found.setdefault(one.kind, []).append(one.what)
    return found


def test_a_recording_of_what_was_agreed_to_and_has_a_page_holds_nothing_else(tmp_path):
    report = audited(
        tmp_path,
        [*START, event(EventKind.PAGE_SHOWN, Page.HEART), vitals(), vitals(raw_value=NO_VALUE), block(),
         event(EventKind.PAGE_SHOWN, Page.STATUS), LogLine(level=LogLevel.INFO, part=0, text="up"), vitals()],
    )  # fmt: skip
    assert told(report) == {}
    assert report.is_clean
    assert report.items == [
        ItemAccount("Heart rate", Group.PULSE, Page.HEART, sent=2, withheld=1),
        ItemAccount("Raw light", Group.RAW_OPTICAL, Page.MANIFEST, sent=1),
    ]
    assert {page: (one.shown, one.seconds) for page, one in report.pages.items()} == {
        Page.HEART: (1, 4.0),
        Page.STATUS: (1, 2.0),
    }
    assert report.texts == {"up": 1}
    assert report.frames[DataClass.TEXT, "log_line"] == 1
    assert sum(report.frames.values()) == 10


@pytest.mark.parametrize("record", [vitals(Reading.STEPS), vitals(99), block(stream_id=2)])
def test_what_the_manifest_does_not_list_is_something_else(tmp_path, record):
    report = audited(tmp_path, [*START, record])
    assert list(told(report)) == [AuditKind.NOT_LISTED]
    assert report.findings[0].first == ((1, 3),)


def test_a_reading_in_an_alert_counts_as_one(tmp_path):
    alert = Alert(alert_id=1, level=2, cause=12, reading_id=Reading.STEPS, score=0, raw_value=1)
    assert told(audited(tmp_path, [*START, alert])) == {AuditKind.NOT_LISTED: ["reading 9"]}


def test_a_reading_without_a_page_of_its_own_is_something_else(tmp_path):
    start = [*manifest(page=Page.MANIFEST), consent(ConsentAction.AGREED)]
    assert told(audited(tmp_path, [*start, vitals()])) == {AuditKind.NO_PAGE: ["Heart rate"]}


def test_what_was_withdrawn_or_not_agreed_to_is_something_else(tmp_path):
    report = audited(tmp_path, [*START, vitals(), consent(ConsentAction.WITHDRAWN, Group.PULSE), vitals()])
    [found] = report.findings
    assert (found.kind, found.count, found.first) == (AuditKind.NOT_AGREED, 1, ((1, 5),))
    raw = [*manifest(), consent(ConsentAction.IN_FORCE, Group.PULSE), vitals(), block()]
    (tmp_path / "b").mkdir()
    assert list(told(audited(tmp_path / "b", raw))) == [AuditKind.NOT_AGREED]


def test_what_no_record_tells_of_is_told_apart_and_so_are_missing_frames(tmp_path):
    report = audited(tmp_path, [*manifest(), vitals()])
    assert report.is_clean
    assert report.unproven_frames == 1
    rows = [frame_row(at, record) for at, record in [*enumerate(START), (7, vitals())]]
    with Store.create(tmp_path / "gap.vband") as store:
        store.write(rows, [], [])
    assert audit_store(tmp_path / "gap.vband").missing_frames == 4


def test_readings_sent_while_the_display_had_failed_are_something_else(tmp_path):
    report = audited(
        tmp_path,
        [*START, event(EventKind.PAGE_SHOWN, Page.HEART), event(EventKind.FAULT, 5), vitals(),
         vitals(raw_value=NO_VALUE), event(EventKind.RECOVERED), vitals(),
         event(EventKind.FAULT, 5, Part.MOTION), vitals()],
    )  # fmt: skip
    [found] = report.findings
    assert (found.kind, found.count, found.first) == (AuditKind.DISPLAY_FAILED, 1, ((1, 5),))
    assert report.pages[Page.HEART].seconds == 1.0


def test_kinds_that_nobody_knows_and_bytes_that_no_layout_states_are_something_else(tmp_path):
    worn = frame_row(3, event(EventKind.WORN, part=Part.NONE), ticks_ms=3000).frame
    report = audited(tmp_path, [*START, event(EventKind.WORN, part=Part.NONE)], {3: worn + b"\x07"})
    assert told(report) == {AuditKind.UNSTATED_BYTES: ["event"]}

    with Store.create(tmp_path / "kind.vband") as store:
        unknown = frame_row(3, event(EventKind.WORN))
        row = replace(unknown, kind=0x3F, frame=unknown.frame[:1] + b"\x3f" + unknown.frame[2:])
        store.write([*(frame_row(at, record) for at, record in enumerate(START)), row], [], [])
    assert told(audit_store(tmp_path / "kind.vband")) == {AuditKind.UNKNOWN_KIND: ["kind 0x3f"]}


def test_a_frame_that_cannot_be_read_or_that_only_hosts_send_is_something_else(tmp_path):
    report = audited(tmp_path, [*START, VitalsRun(updates=b"\xff")])
    assert list(told(report)) == [AuditKind.UNREADABLE]
    (tmp_path / "b").mkdir()
    confirm = StoreConfirm(confirmed_boot_id=1, first_sequence=0, frame_count=1)
    assert told(audited(tmp_path / "b", [*START, confirm])) == {AuditKind.HOSTS_ONLY: ["store_confirm"]}


def test_every_kind_of_readings_and_waveforms_is_looked_into(tmp_path, monkeypatch):
    taught = {"vitals", "vitals_run", "alert", "sample_block", "compressed_block"}
    held = {
        spec.name
        for spec in FRAMES
        if spec.data in (DataClass.READINGS, DataClass.WAVEFORMS) and spec.numbered
    }
    assert held == taught
    # One more of them, which nobody has taught the audit, is no part of what it vouches for.
    layout = replace(BY_KIND[StreamDescriptor.KIND], data=DataClass.READINGS)
    monkeypatch.setitem(BY_KIND, StreamDescriptor.KIND, layout)
    assert list(told(audited(tmp_path, [*START, descriptor(1)]))) == [AuditKind.UNREADABLE]


def test_a_recording_without_its_whole_manifest_proves_nothing(tmp_path):
    report = audited(tmp_path, [manifest()[0], consent(ConsentAction.AGREED), vitals()])
    assert AuditKind.NO_MANIFEST in told(report)
    assert report.manifest_digest is None


def test_the_command_says_nothing_else_or_what_else(tmp_path):
    audited(tmp_path, [*START, event(EventKind.PAGE_SHOWN, Page.HEART), vitals()])
    output = invoke("audit", tmp_path / "a.vband").output
    assert "a.vband: nothing else" in output
    assert "1 x, 1 s" in output
    (tmp_path / "b").mkdir()
    audited(tmp_path / "b", [*START, vitals(99), LogLine(level=20, part=0, text="\x1b[31m")])
    output = invoke("audit", tmp_path / "b" / "a.vband", code=6).output
    assert "Something else: 1 x reading 99 is not in the manifest, first at boot 1, frame 3" in output
    assert "\x1b" not in output
    document = json.loads(invoke("audit", tmp_path / "b" / "a.vband", "--json", code=6).stdout)
    assert document["is_clean"] is False
    assert document["band_id"] == BAND_ID.hex()
    assert document["else"][0]["why"] == "is not in the manifest"
