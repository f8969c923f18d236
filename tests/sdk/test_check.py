"""A check of a store tells what is missing, lost, damaged or out of order, and nothing of a sound one."""

import json
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bandschema.codec import encode
from bandschema.enums import JournalClass, LossCause, StreamId
from bandschema.records import Header, JournalLoss, SampleBlock, VitalsRun
from fuzz.targets import store as fuzzed
from sdk.fake_band import BAND_ID
from sdk.fake_records import descriptor, sample_bytes
from sdk.recordings import record, row
from vitalband import Store, StoreError
from vitalband.cli.application import app
from vitalband.clock import TimeExchange
from vitalband.store import FindingKind, check_store
from vitalband.store.database import ExchangeRow, FrameRow, LostRow


def frame_row(sequence, record_, ticks_ms=None, boot_id=1):
    ticks_ms = sequence if ticks_ms is None else ticks_ms
    header = Header(kind=record_.KIND, boot_id=boot_id, sequence=sequence, ticks_ms=ticks_ms)
    return FrameRow(BAND_ID, boot_id, sequence, record_.KIND, ticks_ms, 5, encode(header, record_))


def checked(path, frames=(), exchanges=(), lost=(), sql=()):
    with Store.create(path / "a.vband") as store:
        store.write(list(frames), list(exchanges), list(lost))
    with sqlite3.connect(path / "a.vband") as connection:
        for statement in sql:
            connection.execute(statement)
    connection.close()
    return check_store(path / "a.vband")


def kinds(report):
    return {kind for kind, _ in report.counts}


def exchange(ticks_ms, utc_us, uncertainty_us=1000, boot_id=1):
    return ExchangeRow(BAND_ID, boot_id, TimeExchange(ticks_ms, utc_us, uncertainty_us))


def block(first, count):
    samples = sample_bytes(1, first, count)
    return SampleBlock(stream_id=1, encoding=0, sample_count=count, first_sample=first, samples=samples)


def test_a_recording_as_it_was_made_is_sound(tmp_path):
    record(tmp_path / "a.vband")
    report = check_store(tmp_path / "a.vband")
    assert report.first == []
    assert report.is_sound
    assert report.unchecked_frames == 0
    assert sum(boot.received for boot in report.boots) == report.frames > 20


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["stored", "lost", "missing"]), min_size=1, max_size=20))
def test_each_number_is_received_lost_or_missing(tmp_path_factory, fates):
    folder = tmp_path_factory.mktemp("check")
    numbers = {fate: [at for at, found in enumerate(fates) if found == fate] for fate in ("stored", "lost")}
    if not (numbers["stored"] or numbers["lost"]):
        return
    report = checked(
        folder,
        [row(number) for number in numbers["stored"]],
        lost=[LostRow(BAND_ID, 1, number, 1) for number in numbers["lost"]],
    )
    (boot,) = report.boots
    known = sorted(numbers["stored"] + numbers["lost"])
    missing = fates[known[0] : known[-1] + 1].count("missing")
    assert (boot.received, boot.lost, boot.missing) == (*map(len, numbers.values()), missing)
    assert boot.received + boot.lost + boot.missing == boot.assigned == known[-1] + 1 - known[0]
    assert report.is_sound == (missing == 0)


def test_what_the_journal_gave_up_is_lost_and_told_with_its_cause(tmp_path):
    def loss(last, count):
        return JournalLoss(lost_boot_id=1, first_sequence=2, last_sequence=last, frame_count=count,
                           lost_class=JournalClass.VITALS, loss_cause=LossCause.FULL)  # fmt: skip

    report = checked(tmp_path, [row(0), row(1), row(5), frame_row(0, loss(4, 3), boot_id=2)])
    assert (report.boots[0].lost, report.boots[0].missing, report.is_sound) == (3, 0, True)
    (told,) = report.boots[0].told_losses
    assert (told.lost_class, told.loss_cause, told.frame_count) == (2, 1, 3)


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("UPDATE frames SET frame=x'010a' WHERE sequence=2", "CRC-32"),
        ("UPDATE frames SET received_utc_us=7 WHERE sequence=2", "CRC-32"),
        ("UPDATE frames SET row_crc32=NULL, kind=3 WHERE sequence=2", "another name"),
        ("UPDATE frames SET row_crc32=NULL, frame='text' WHERE sequence=2", "never written"),
        ("UPDATE frames SET row_crc32=NULL, ticks_ms=1<<40 WHERE sequence=2", "never written"),
    ],
)
def test_a_row_that_was_changed_is_told_and_counts_as_missing(tmp_path, sql, cause):
    report = checked(tmp_path, [row(number) for number in range(4)], sql=[sql])
    ((kind, told),) = report.counts
    assert kind is FindingKind.ROW
    assert cause in told
    assert (report.boots[0].missing, report.is_sound) == (1, False)


def test_a_body_that_cannot_be_read_is_told_though_its_check_is_right(tmp_path):
    report = checked(tmp_path, [frame_row(0, VitalsRun(updates=b"\xff"))])
    assert kinds(report) == {FindingKind.FRAME}


def test_descriptors_that_cannot_be_read_are_counted_under_one_cause_each_with_its_own(tmp_path):
    whole = frame_row(0, descriptor(1))
    frames = [replace(whole, sequence=at, frame=frame_row(at, descriptor(1)).frame[: 13 + at], ticks_ms=at)
              for at in range(4)]  # fmt: skip
    report = checked(tmp_path, frames)
    cause = "stream_descriptor cannot be read"
    assert report.counts[FindingKind.FRAME, cause] == 4
    assert len({found.cause for found in report.first if found.cause.startswith(f"{cause}: ")}) == 4
    assert len(report.counts) == 2


def test_a_frame_of_a_later_kind_is_told_and_no_damage(tmp_path):
    later = row(0).frame[:1] + b"\x3f" + row(0).frame[2:]
    report = checked(tmp_path, [replace(row(0), kind=0x3F, frame=later)])
    assert kinds(report) == {FindingKind.LATER_VERSION}
    assert report.is_sound


def test_samples_that_are_missing_or_there_twice_are_told(tmp_path):
    frames = [frame_row(0, descriptor(StreamId.OPTICAL))]
    frames += [frame_row(1 + at, block(first, 10)) for at, first in enumerate((0, 10, 25, 30))]
    report = checked(tmp_path, frames)
    assert kinds(report) == {FindingKind.SAMPLE_GAP, FindingKind.SAMPLES_TWICE}
    assert report.missing_samples == 5


def test_samples_of_before_a_stream_was_started_again_are_told_and_not_missing(tmp_path):
    start = descriptor(StreamId.OPTICAL)
    records = [start, block(0, 10), block(15, 10), start, block(60, 10), block(75, 10), start, block(85, 10)]
    report = checked(tmp_path, [frame_row(at, record) for at, record in enumerate(records)])
    causes = {cause.partition(":")[0]: count for (_, cause), count in report.counts.items()}
    assert causes == {"samples of stream 1 missing": 2, "stream 1 was started again": 1}
    assert (report.missing_samples, report.is_sound) == (10, True)


def test_a_stream_without_descriptor_is_told(tmp_path):
    assert kinds(checked(tmp_path, [frame_row(0, block(0, 10))])) == {FindingKind.DESCRIPTOR}


def test_ticks_may_wrap_but_not_go_back(tmp_path):
    lap = 1 << 32
    ticks = [lap - 5000, lap - 6000, 10, 120_000, 20]
    report = checked(tmp_path, [replace_ticks(number, at) for number, at in enumerate(ticks)])
    assert [found.sequence for found in report.first] == [4]
    assert kinds(report) == {FindingKind.TICKS}


def replace_ticks(number, ticks_ms):
    whole = row(number)
    frame = whole.frame[:7] + ticks_ms.to_bytes(4, "little") + whole.frame[11:]
    return replace(whole, ticks_ms=ticks_ms, frame=frame)


HOUR_MS, HOUR_US = 3_600_000, 3_600_000_000
START_US = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("exchanges", "found"),
    [
        ([exchange(0, START_US), exchange(HOUR_MS, START_US + HOUR_US + 300_000)], set()),
        ([exchange(0, START_US), exchange(HOUR_MS, START_US + 2 * HOUR_US)], {FindingKind.EXCHANGE}),
        ([exchange(0, START_US), exchange(5, START_US + (5 + (1 << 32)) * 1000)], set()),
        ([exchange(-1, START_US)], {FindingKind.EXCHANGE}),
        ([exchange(0, START_US), exchange(0, START_US + HOUR_US, boot_id=2)], set()),
        ([exchange(0, START_US), exchange(0, START_US - HOUR_US, boot_id=2)], {FindingKind.BOOT_ORDER}),
    ],
)
def test_times_that_cannot_be_true_together_are_told(tmp_path, exchanges, found):
    assert kinds(checked(tmp_path, [row(0)], exchanges)) == found


def test_contradictions_are_counted_together_and_the_first_told_with_their_ticks(tmp_path):
    exchanges = [exchange(at * HOUR_MS, START_US + (at % 2) * HOUR_US) for at in range(40)]
    report = checked(tmp_path, exchanges=exchanges)
    contradictions = FindingKind.EXCHANGE, "time exchanges contradict each other"
    assert report.counts == {contradictions: 19}
    assert [found.cause for found in report.first] == [
        f"{contradictions[1]} at {at * HOUR_MS} ms of ticks" for at in range(2, 22, 2)
    ]


@pytest.mark.parametrize(
    ("sql", "kinds_found"),
    [
        ("ALTER TABLE time_exchanges DROP COLUMN uncertainty_us", {FindingKind.FILE}),
        ("ALTER TABLE lost_ranges RENAME COLUMN band_id TO band", {FindingKind.FILE}),
        ("DROP TABLE time_exchanges", {FindingKind.FILE}),
        ("ALTER TABLE time_exchanges ADD COLUMN more", set()),
        ("ALTER TABLE lost_ranges ADD COLUMN more", set()),
    ],
)
def test_columns_that_are_lost_are_told_and_others_are_not_read(tmp_path, sql, kinds_found):
    lost = [LostRow(BAND_ID, 1, 1, 1)]
    report = checked(tmp_path, [row(0)], [exchange(0, START_US)], lost, sql=[sql])
    assert kinds(report) == kinds_found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(100, 1 << 17), st.binary(min_size=1, max_size=40)), min_size=1, max_size=5)
)
def test_a_damaged_file_is_told_and_nothing_else_happens(tmp_path_factory, changes):
    image = bytearray(fuzzed._sound_image())
    for place, new in changes:
        at = place % len(image)
        image[at : at + len(new)] = new[: len(image) - at]
    path = tmp_path_factory.mktemp("check") / "a.vband"
    path.write_bytes(image)
    try:
        report = check_store(path)
    except StoreError:
        return
    assert all(boot.received + boot.lost + boot.missing == boot.assigned for boot in report.boots)


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def test_the_command_tells_the_account_and_ends_with_0_or_5(tmp_path):
    checked(tmp_path, [row(number) for number in range(4)])
    told = run(tmp_path / "a.vband")
    assert (told.exit_code, "sound" in told.output) == (0, True)
    checked(tmp_path, [row(9)])
    told = run(tmp_path / "a.vband")
    assert told.exit_code == 5
    assert "missing from 4 on: 5" in told.output
    document = json.loads(run(tmp_path / "a.vband", "--json").output)
    assert document["boots"][0]["first_missing"] == [[4, 5]]
    assert (document["is_sound"], document["boots"][0]["missing"]) == (False, 5)
