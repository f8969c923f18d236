"""Who read a store is noted, what is past its limit is gone, and both are commands."""

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bandschema.records import Event, SampleBlock, Vitals
from sdk.fake_band import BAND_ID
from sdk.recordings import record, row
from sdk.secret_stores import OTHER_BAND, SECRET, content_of, secret_row
from vitalband import Store, StoreError, StoreReader
from vitalband.cli import app
from vitalband.errors import LocalError, UnloggedAccessWarning
from vitalband.export import ExportTable, export_table
from vitalband.recorder import Recorder
from vitalband.store import access, check_store, merge_stores
from vitalband.store.access import SAME_WITHIN_US, Access, access_now, add_access
from vitalband.store.database import LostRow
from vitalband.store.holdings import KINDS, LIMITED, Holding

HOUR_US = 3_600_000_000
NOW_US = 1_000 * HOUR_US


def of_kind(sequence, kind, received_utc_us, boot_id=1, band_id=BAND_ID):
    """A frame of a kind; what it holds plays no part."""
    made = row(sequence, boot_id=boot_id, band_id=band_id)
    frame = made.frame[:1] + bytes([kind]) + made.frame[2:]
    return replace(made, kind=kind, received_utc_us=received_utc_us, frame=frame)


def store_of(path, frames, lost=()):
    with Store.create(path) as store:
        store.write(list(frames), lost=list(lost))
    return path


def log_of(path):
    with Store.open(path) as store:
        return [(entry.action, entry.what, entry.band_id) for entry in store.rights.accesses()]


# -- the access log -----------------------------------------------------------------------------


def test_every_reading_of_a_persons_data_is_noted_once_before_the_first_row(tmp_path):
    path = tmp_path / "night.vband"
    record(path, seconds=4)
    with StoreReader(path) as reader:
        list(reader.readings())
        next(iter(reader.frames()))
        list(reader.readings())
        assert [entry.what for entry in reader.store.rights.accesses()] == ["readings", "everything"]
    assert log_of(path) == [("read", "readings", BAND_ID), ("read", "everything", BAND_ID)]


def test_what_tells_of_nobody_is_not_noted_and_neither_is_the_log_itself(tmp_path):
    path = tmp_path / "night.vband"
    record(path, seconds=4)
    with StoreReader(path) as reader:
        reader.identity(), reader.manifest(), reader.time_status()
        list(reader.store.rights.accesses())
    assert log_of(path) == []


def test_a_line_says_when_who_and_by_which_program(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody else")
    monkeypatch.setattr(access.sys, "argv", ["/usr/bin/reader.py", "secret"])
    path = store_of(tmp_path / "a.vband", [row(1)])
    before_us = time.time_ns() // 1000
    with Store.open(path) as store:
        list(store.frames(BAND_ID))
        (line,) = store.rights.accesses()
    assert before_us <= line.first_utc_us <= time.time_ns() // 1000
    assert line.program == "reader.py"
    assert line.user not in ("", "somebody else")  # the system's word, not the environment's


def test_the_same_again_within_an_hour_counts_on_and_anything_else_is_a_line_of_its_own(tmp_path):
    path = store_of(tmp_path / "a.vband", [])
    first = access_now(Access.READ, "readings", BAND_ID)
    with Store.create(path) as store, closing(sqlite3.connect(path)) as connection:
        for later_us in (0, 5, SAME_WITHIN_US + 5, 2 * SAME_WITHIN_US + 6, -1):
            with connection:
                at_us = first.first_utc_us + later_us
                add_access(connection, replace(first, first_utc_us=at_us, last_utc_us=at_us))
        with connection:
            add_access(connection, replace(first, user="another"))
        found = [(line.times, line.user == first.user) for line in store.rights.accesses()]
    assert found == [(3, True), (1, True), (1, True), (1, False)]


def test_the_log_keeps_the_newest_lines_and_says_how_many_it_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(access, "MOST_ENTRIES", 5)
    with Store.create(tmp_path / "a.vband") as store:
        for number in range(12):
            store.rights.note(Access.READ, f"{number}")
        assert [line.what for line in store.rights.accesses()] == ["7", "8", "9", "10", "11"]
        assert store.rights.dropped_accesses() == 7


def test_a_reading_that_cannot_be_noted_is_told_to_all(tmp_path):
    path = store_of(tmp_path / "a.vband", [row(1)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # as one who would keep the log from being written
        with (
            Store.open(path, busy_timeout_ms=1) as store,
            pytest.warns(UnloggedAccessWarning, match="locked"),
        ):
            assert list(store.frames(BAND_ID)) == [row(1)]


def test_an_export_is_noted_with_the_place_where_it_went(tmp_path):
    path = tmp_path / "night.vband"
    record(path, seconds=4)
    with StoreReader(path) as reader:
        export_table(reader, ExportTable.VITALS, tmp_path / "night.csv")
        lines = list(reader.store.rights.accesses())
    assert [(line.action, line.what) for line in lines] == [("read", "readings"), ("exported", "vitals")]
    assert lines[1].detail == str(tmp_path / "night.csv")


# -- limits -------------------------------------------------------------------------------------

AGES_H = st.integers(0, 300)
FRAMES = st.lists(
    st.tuples(st.sampled_from([Vitals.KIND, SampleBlock.KIND, Event.KIND, 0x7F]), AGES_H, st.integers(1, 2)),
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(frames=FRAMES, limits=st.dictionaries(st.sampled_from(LIMITED), AGES_H), later_h=AGES_H)
def test_what_is_past_its_limit_is_gone_the_rest_stays_and_no_number_is_missing(
    tmp_path_factory, frames, limits, later_h
):
    path = tmp_path_factory.mktemp("limits") / "a.vband"
    rows = [of_kind(number, kind, NOW_US - age_h * HOUR_US - 1, boot_id)
            for number, (kind, age_h, boot_id) in enumerate(frames)]  # fmt: skip
    store_of(path, rows)
    limit_of = {kind: limits[holding] for holding in limits for kind in KINDS[holding]}
    with Store.create(path) as store:
        store.rights.set_limits(limits)
        assert store.rights.limits() == limits
        assert store.rights.overdue(NOW_US).counts == store.rights.remove_overdue(NOW_US).counts
        store.rights.remove_overdue(NOW_US + later_h * HOUR_US)  # a second time adds to what is known
        now_us = NOW_US + later_h * HOUR_US
        kept = [each for each in rows
                if each.received_utc_us >= now_us - limit_of.get(each.kind, 10**6) * HOUR_US]  # fmt: skip
        assert sorted(store.frames(BAND_ID), key=lambda each: each.sequence) == kept
        gone = {each.sequence for each in rows} - {each.sequence for each in kept}
        ranges = [found for boot_id in (1, 2) for found in store.rights.removed_ranges(BAND_ID, boot_id)]
        known = [number for first, count in ranges for number in range(first, first + count)]
        assert sorted(known) == sorted(gone)
        recorder = Recorder(store, is_paced=False)
        for boot_id in (1, 2):
            assert recorder.lost_ranges(BAND_ID, boot_id) == store.rights.removed_ranges(BAND_ID, boot_id)
    boots = check_store(path).boots
    assert sum(boot.removed for boot in boots) == len(gone)
    assert all(boot.received + boot.lost + boot.removed + boot.missing == boot.assigned for boot in boots)


def test_a_gap_that_limits_made_is_no_gap_and_a_lost_number_is_counted_once(tmp_path):
    path = tmp_path / "a.vband"
    ages = [(number, NOW_US - (100 if 3 <= number < 7 else 1) * HOUR_US) for number in range(10)]
    store_of(path, [of_kind(number, Vitals.KIND, at_us) for number, at_us in ages],
             [LostRow(BAND_ID, 1, 5, 1), LostRow(BAND_ID, 1, 10, 2)])  # fmt: skip
    with Store.create(path) as store:
        store.rights.set_limits({Holding.READINGS: 50})
        assert store.rights.remove_overdue(NOW_US).counts == {Holding.READINGS: 4}
    (boot,) = check_store(path).boots
    assert (boot.received, boot.lost, boot.removed, boot.missing, boot.assigned) == (6, 2, 4, 0, 12)


def test_nothing_is_removed_unless_a_limit_is_set_and_what_was_removed_is_in_the_log(tmp_path):
    path = store_of(tmp_path / "a.vband", [of_kind(1, Vitals.KIND, 0)])
    with Store.create(path) as store:
        assert not store.rights.remove_overdue()
        store.rights.set_limits({Holding.READINGS: 24, Holding.WAVEFORMS: 1})
        removed = store.rights.remove_overdue()
        assert removed.words() == "1 of readings"
        store.rights.set_limits({Holding.WAVEFORMS: None})
        assert store.rights.limits() == {Holding.READINGS: 24}
        found = [(line.action, line.what, line.detail) for line in store.rights.accesses()]
    assert found == [
        ("limits set", "readings", "24 h"),
        ("limits set", "waveforms", "1 h"),
        ("removed", "readings", "1, received more than 24 h ago"),
        ("limits set", "waveforms", "no limit"),
    ]


@pytest.mark.parametrize("limits", [{Holding.CONSENTS: 1}, {Holding.READINGS: -1}, {Holding.READINGS: 10**6}])
def test_a_limit_that_is_none_is_refused_and_changes_nothing(tmp_path, limits):
    with Store.create(tmp_path / "a.vband") as store:
        with pytest.raises(LocalError, match="wanted 0 to 876000 h of readings"):
            store.rights.set_limits({Holding.EVENTS: 5, **limits})
        assert store.rights.limits() == {}


def test_what_a_limit_removed_is_not_in_the_files_any_more(tmp_path):
    path = store_of(tmp_path / "a.vband", [secret_row(number) for number in range(300)])
    with Store.create(path) as store:
        store.rights.set_limits({Holding.EVENTS: 1})
        assert SECRET in content_of(path)
        store.rights.remove_overdue()
        assert SECRET not in content_of(path)
    assert SECRET not in content_of(path)


def test_whoever_records_keeps_the_limits_at_both_ends(tmp_path):
    path = tmp_path / "night.vband"
    with Store.create(path) as store:
        store.write([of_kind(1, Vitals.KIND, 0, band_id=OTHER_BAND)])
        store.rights.set_limits({Holding.READINGS: 0})
    record(path, seconds=30)
    with Store.open(path) as store:
        assert list(store.frames(OTHER_BAND)) == []
        assert store.count_of(BAND_ID, KINDS[Holding.READINGS]) < 3  # those of the last moment
        boots = store.boots(BAND_ID)
        removed = [found for boot_id in boots for found in store.rights.removed_ranges(BAND_ID, boot_id)]
        assert sum(count for _, count in removed) > 3


def test_a_merge_holds_the_shortest_limit_and_all_lines_of_the_logs(tmp_path):
    paths = [tmp_path / "one.vband", tmp_path / "two.vband"]
    for number, path in enumerate(paths):
        with Store.create(path) as store:
            store.write([of_kind(number, Vitals.KIND, 0), of_kind(5 + number, Event.KIND, 0)])
            store.rights.set_limits({Holding.READINGS: 24 + number} | ({Holding.EVENTS: 9} if number else {}))
            store.rights.note(Access.READ, f"of {number}")
        before = path.read_bytes()
        report = None
    report = merge_stores(tmp_path / "all.vband", paths, takes_unproven=True)
    assert paths[1].read_bytes() == before  # a merge changes none that it reads
    assert report.removed.counts == {Holding.READINGS: 2, Holding.EVENTS: 2}
    with Store.open(tmp_path / "all.vband") as store:
        assert store.rights.limits() == {Holding.READINGS: 24, Holding.EVENTS: 9}
        assert store.rights.removed_ranges(BAND_ID, 1) == [(0, 2), (5, 2)]
        said = [line.what for line in store.rights.accesses() if line.action == "read"]
    assert said == ["of 0", "of 1"]


def test_what_one_store_has_removed_and_another_has_is_there_when_no_limit_stands_against_it(tmp_path):
    frames = [of_kind(number, Vitals.KIND, 0) for number in range(4)]
    with Store.create(tmp_path / "one.vband") as store:
        store.write(frames)
        store.rights.set_limits({Holding.READINGS: 1})
        store.rights.remove_overdue()
        store.rights.set_limits({Holding.READINGS: None})
    store_of(tmp_path / "two.vband", frames[:2])
    merge_stores(
        tmp_path / "all.vband", [tmp_path / "one.vband", tmp_path / "two.vband"], takes_unproven=True
    )
    with Store.open(tmp_path / "all.vband") as store:
        assert list(store.frames(BAND_ID)) == frames[:2]
        assert store.rights.removed_ranges(BAND_ID, 1) == [(2, 2)]


# -- commands -----------------------------------------------------------------------------------


def invoke(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.mark.filterwarnings("default::vitalband.errors.UnloggedAccessWarning")
def test_a_command_says_in_one_line_that_it_could_not_be_noted(tmp_path, monkeypatch):
    path = tmp_path / "night.vband"
    record(path, seconds=4)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE access_log")
        connection.execute("DROP TABLE archives")
        connection.commit()
    told = invoke("export", path, tmp_path / "night.csv")
    assert f"warning: {path}: this access is not in the store's access log: " in told.stderr
    assert "erasing the store will not reach" in told.stderr
    assert "no log: the file is of an earlier version" in invoke("log", path).stdout


def test_a_limit_that_damage_has_changed_is_told_and_nothing_is_removed_by_it(tmp_path):
    path = store_of(tmp_path / "a.vband", [of_kind(1, Vitals.KIND, 0)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO retention_limits VALUES ('readings', 'soon')")
    with Store.create(path) as store:
        with pytest.raises(StoreError, match="corrupt: wanted a limit"):
            store.rights.remove_overdue()
        assert store.frame_count() == 1


def test_the_commands_show_the_log_set_limits_and_erase(tmp_path):
    path = tmp_path / "night.vband"
    record(path, seconds=4)
    invoke("export", path, tmp_path / "night.csv")
    lines = json.loads(invoke("log", path, "--json").stdout)["accesses"]
    assert [line["action"] for line in lines] == ["read", "exported"]
    assert "exported" in invoke("log", path).stdout

    assert "waveforms: no limit" in invoke("retention", path).stdout
    said = invoke("retention", path, "--keep", "readings=0", "--keep", "waveforms=24").stdout
    assert "readings: 0 h" in said
    assert "past its limit: " in said
    assert "wanted --yes" in invoke("retention", path, "--apply", code=2).stderr
    removed = json.loads(invoke("retention", path, "--apply", "--yes", "--json").stdout)
    assert removed["limits_h"] == {"readings": 0, "waveforms": 24}
    assert removed["removed"]["readings"] > 0
    assert "removed" in invoke("check", path).stdout
    assert (
        "--keep: wanted one of readings" in invoke("retention", path, "--keep", "consents=1", code=2).stderr
    )

    assert "wanted --yes" in invoke("erase", path, code=2).stderr
    assert "wanted a band that it holds" in invoke("erase", path, "--band", "00" * 8, "--yes", code=2).stderr
    erased = json.loads(invoke("erase", path, "--yes", "--json").stdout)
    assert erased["frames"] > 0
    assert [file["is_gone"] for file in erased["files"]] == [True]
    assert not (tmp_path / "night.csv").exists()
    assert "erased 0 frames" in invoke("erase", path, "--yes").stdout
    for command in ("log", "retention", "erase"):
        assert "no store at" in invoke(command, tmp_path / "none.vband", code=5).stderr
