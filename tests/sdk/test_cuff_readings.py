"""Cuff readings in a store: verbatim, once each, with their source and without any address."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from typer.testing import CliRunner

from bandsim.radio.pressure_monitor import StoredMeasurement
from sdk.fake_band import BAND_ID
from sdk.recordings import row
from vitalband import Store, StoreError, StoreReader
from vitalband.bluetooth import MonitorSource, ReceivedPressure
from vitalband.bluetooth.pseudonym import pseudonym_of
from vitalband.cli.application import app
from vitalband.clock import LATEST_UTC_US, utc_datetime
from vitalband.export import ExportTable, export_cuff_readings, export_table
from vitalband.store import CuffRow, FindingKind, check_store, merge_stores

CUFF, OTHER_CUFF = b"cuff-one", b"cuff-two"
SAID = MonitorSource(maker="A maker", model="M1", firmware="1.0")
ZONE = timezone(timedelta(hours=8))
AT = datetime(2026, 11, 29, 23, 5, 9)
CAME_UTC_US = 1_795_000_000_000_000
TAKEN = StoredMeasurement(systolic=120, diastolic=80, mean_arterial=93, taken_at=AT, pulse_rate_bpm=72,
                          user_id=1, status=5)  # fmt: skip
TIMELESS = StoredMeasurement(systolic=130, diastolic=85)


def cuff_row(stored=TAKEN, utc_us=CAME_UTC_US, cuff_id=CUFF, said=SAID):
    value = stored if isinstance(stored, bytes) else stored.encoded()
    return CuffRow.of(ReceivedPressure(value, utc_us, said), cuff_id, ZONE)


def made(path, *rows):
    with Store.create(path) as store:
        store.write_cuff_readings(rows)
    return path


def kept(path):
    with Store.open(path) as store:
        return list(store.cuff_readings())


def changed(path, sql):
    with sqlite3.connect(path) as connection:
        connection.execute(sql)
    connection.close()


@settings(max_examples=20)  # each makes a file
@given(st.binary(max_size=24), st.integers(0, LATEST_UTC_US - 1), st.one_of(st.none(), st.text(max_size=9)))
def test_any_value_comes_back_verbatim_with_its_source_and_is_sound(tmp_path_factory, value, utc_us, text):
    path = tmp_path_factory.mktemp("cuff") / "a.vband"
    given_row = cuff_row(value, utc_us, said=MonitorSource(maker=text, model=text))
    assert kept(made(path, given_row)) == [given_row]
    report = check_store(path)
    assert (report.cuff_readings, report.is_sound, report.first) == (1, True, [])


def test_the_columns_beside_the_value_say_the_same_in_units(tmp_path):
    path = made(tmp_path / "a.vband", cuff_row())
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        (found,) = connection.execute("SELECT * FROM cuff_readings").fetchall()
    connection.close()
    wanted = {"systolic_mmhg": 120.0, "diastolic_mmhg": 80.0, "mean_arterial_mmhg": 93.0, "status": 5}
    wanted |= {"pulse_rate_bpm": 72.0, "user_id": 1, "taken_at": "2026-11-29T23:05:09", "cuff_id": CUFF}
    wanted |= {"utc_offset_s": 28_800, "maker": "A maker", "model": "M1", "firmware": "1.0"}
    assert {name: found[name] for name in wanted} == wanted
    assert utc_datetime(found["taken_utc_us"]) == AT.replace(tzinfo=ZONE).astimezone(UTC)


def test_a_reading_that_is_fetched_again_is_one_row_and_keeps_its_first_receipt(tmp_path):
    first, again = cuff_row(), cuff_row(utc_us=CAME_UTC_US + 5, cuff_id=OTHER_CUFF)
    with Store.create(tmp_path / "a.vband") as store:
        assert store.write_cuff_readings([first]) == 1
        assert store.write_cuff_readings([again, cuff_row(replace(TAKEN, systolic=121))]) == 1
    assert first in kept(tmp_path / "a.vband")
    assert again not in kept(tmp_path / "a.vband")


def test_two_without_a_time_are_two_though_they_say_the_same(tmp_path):
    two = [cuff_row(TIMELESS), cuff_row(TIMELESS, CAME_UTC_US + 1)]
    assert kept(made(tmp_path / "a.vband", *two)) == two


def test_readings_of_one_monitor_are_told_from_those_of_another(tmp_path):
    one, two = cuff_row(), cuff_row(TIMELESS, cuff_id=OTHER_CUFF)
    made(tmp_path / "a.vband", one, two)
    with Store.open(tmp_path / "a.vband") as store:
        assert list(store.cuff_readings(OTHER_CUFF)) == [two]


def test_a_year_without_a_local_time_leaves_the_time_unknown_and_the_reading_whole(tmp_path):
    received = ReceivedPressure(replace(TAKEN, taken_at=datetime(1, 1, 1)).encoded(), CAME_UTC_US, SAID)
    found = CuffRow.of(received, CUFF)
    assert found.measurement is not None
    assert found.measurement.systolic_mmhg == 120
    assert kept(made(tmp_path / "a.vband", found)) == [found]


_VERSION_3 = """
PRAGMA application_id=1447185988; PRAGMA user_version=3;
CREATE TABLE frames (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, sequence INTEGER NOT NULL, kind INTEGER NOT NULL,
    ticks_ms INTEGER NOT NULL, received_utc_us INTEGER NOT NULL, frame BLOB NOT NULL, row_crc32 INTEGER,
    PRIMARY KEY (band_id, boot_id, sequence)
) WITHOUT ROWID;
CREATE INDEX frames_by_kind ON frames (band_id, kind, boot_id, sequence);
CREATE TABLE time_exchanges (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, ticks_ms INTEGER NOT NULL, utc_us INTEGER NOT NULL,
    uncertainty_us INTEGER NOT NULL, PRIMARY KEY (band_id, boot_id, ticks_ms)
) WITHOUT ROWID;
CREATE TABLE lost_ranges (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, first_sequence INTEGER NOT NULL,
    frame_count INTEGER NOT NULL, PRIMARY KEY (band_id, boot_id, first_sequence)
) WITHOUT ROWID;
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


def test_a_store_of_version_3_is_read_as_it_is_and_goes_on_with_readings(tmp_path):
    path = tmp_path / "a.vband"
    with sqlite3.connect(path) as connection:
        connection.executescript(_VERSION_3)
        one = row(1)
        values = (one.band_id, 1, 1, one.kind, one.ticks_ms, one.received_utc_us, one.frame, one.crc32)
        connection.execute("INSERT INTO frames VALUES (?,?,?,?,?,?,?,?)", values)
    connection.close()
    before = path.read_bytes()
    assert kept(path) == []
    assert check_store(path).is_sound
    merge_stores(tmp_path / "all.vband", [path])
    assert path.read_bytes() == before
    made(path, cuff_row())
    assert kept(path) == [cuff_row()]
    with Store.open(path) as store:
        assert list(store.frames(BAND_ID)) == [row(1)]
    report = check_store(path)
    assert (report.is_sound, report.unchecked_frames, report.cuff_readings) == (True, 0, 1)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("value=x'00'", "CRC-32"),
        ("received_utc_us=received_utc_us+1", "CRC-32"),
        ("utc_offset_s=NULL", "CRC-32"),
        ("cuff_id=x'0102030405060708'", "CRC-32"),
        ("maker='Another'", "CRC-32"),
        ("systolic_mmhg=121", "what its value says"),
        ("taken_at=NULL", "what its value says"),
        ("taken_utc_us=taken_utc_us+1", "what its value says"),
        ("reading_id=x'00'", "what its value says"),
        ("user_id=2", "what its value says"),
        ("model=CAST(x'ff' AS TEXT)", "never written"),
        ("value='text'", "never written"),
        ("received_utc_us=1e300", "never written"),
        ("maker=3, row_crc32='x'", "CRC-32"),
    ],
)
def test_a_row_that_was_changed_is_told_and_left_out_of_a_merge(tmp_path, change, cause):
    path = made(tmp_path / "a.vband", cuff_row(), cuff_row(TIMELESS))
    changed(path, f"UPDATE cuff_readings SET {change} WHERE user_id=1")
    report = check_store(path)
    ((kind, told),) = report.counts
    assert (kind, cause in told, report.is_sound) == (FindingKind.ROW, True, False)
    merged = merge_stores(tmp_path / "all.vband", [path])
    assert (merged.cuff_readings, merged.damaged) == (1, {path: 1})
    assert kept(tmp_path / "all.vband") == [cuff_row(TIMELESS)]


@pytest.mark.parametrize(
    "change",
    ["value='text'", "model=CAST(x'ff' AS TEXT)", "utc_offset_s=1<<62", "received_utc_us=-(1<<62)"],
)
def test_what_is_never_written_is_a_store_error(tmp_path, change):
    path = made(tmp_path / "a.vband", cuff_row())
    changed(path, f"UPDATE cuff_readings SET {change}")
    with Store.open(path) as store, pytest.raises(StoreError):
        export_cuff_readings(store, tmp_path / "a.csv")
    ((_, cause),) = check_store(path).counts
    assert "never written" in cause


def test_of_several_hosts_the_earliest_receipt_stays_whatever_the_order(tmp_path):
    early, late = cuff_row(), cuff_row(utc_us=CAME_UTC_US + 9, cuff_id=OTHER_CUFF)
    same = cuff_row(utc_us=CAME_UTC_US, cuff_id=OTHER_CUFF)
    only = cuff_row(TIMELESS)
    paths = [made(tmp_path / f"{number}.vband", *rows) for number, rows in enumerate([
        [late, only], [early], [same]])]  # fmt: skip
    results = []
    for number, order in enumerate(permutations(paths)):
        report = merge_stores(tmp_path / f"all{number}.vband", order)
        assert (report.cuff_readings, report.damaged) == (2, {})
        results.append(kept(tmp_path / f"all{number}.vband"))
    assert all(found == results[0] for found in results)
    assert only in results[0]
    assert early in results[0] or same in results[0]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_readings_are_a_table_of_their_own_without_a_band(tmp_path, suffix):
    malformed = cuff_row(b"\x1e\x01", CAME_UTC_US + 2)
    path = made(tmp_path / "a.vband", cuff_row(), cuff_row(TIMELESS, CAME_UTC_US + 1), malformed)
    file = tmp_path / f"cuff.{suffix}"
    result = CliRunner().invoke(app, ["export", str(path), str(file), "--table", "cuff_readings", "--json"])
    assert (result.exit_code, json.loads(result.stdout)["rows"]) == (0, 3), result.output
    read = pyarrow.csv.read_csv if suffix == "csv" else parquet.read_table
    first, second, third = read(file).to_pylist()
    assert (first["systolic_mmhg"], first["diastolic_mmhg"], first["user_id"]) == (120, 80, 1)
    assert (second["systolic_mmhg"], second["time"], third["systolic_mmhg"]) == (130, None, None)
    if suffix == "parquet":
        assert (third["value"], first["cuff_id"]) == ("1e01", CUFF.hex())
        assert first["time"] == AT.replace(tzinfo=ZONE)
        assert first["received"] == utc_datetime(CAME_UTC_US)
        assert first["status"] == "body_moved irregular_pulse"
    else:
        assert "2026-11-29T15:05:09.000000Z" in file.read_text()


def test_a_reader_of_a_band_exports_them_as_well(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1)])
        store.write_cuff_readings([cuff_row()])
    with StoreReader(tmp_path / "a.vband") as reader:
        assert export_table(reader, ExportTable.CUFF_READINGS, tmp_path / "a.csv", lambda _: None) == 1
    told = CliRunner().invoke(app, ["check", str(tmp_path / "a.vband")])
    assert (told.exit_code, "1 cuff readings" in told.output) == (0, True)


def test_a_pseudonym_is_the_same_for_a_user_another_for_another_and_its_key_is_private(tmp_path):
    key, other = tmp_path / "folder" / "key", tmp_path / "other"
    name = pseudonym_of("C0:FF:EE:00:00:01", key)
    assert pseudonym_of("c0:ff:ee:00:00:01", key) == name
    assert len({name, pseudonym_of("C0:FF:EE:00:00:02", key), pseudonym_of("C0:FF:EE:00:00:01", other)}) == 3
    assert (len(name), key.stat().st_mode & 0o777) == (8, 0o600)
    assert [each.name for each in key.parent.iterdir()] == ["key"]
    key.write_bytes(b"short")
    with pytest.raises(StoreError, match="wanted a key of 32 bytes, got 5"):
        pseudonym_of("C0:FF:EE:00:00:01", key)
    with pytest.raises(StoreError, match="cannot use the key"):
        pseudonym_of("C0:FF:EE:00:00:01", other / "in a file" / "key")
