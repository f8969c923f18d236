"""The store: what it holds is verbatim, whole, and survives every fault."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from sdk.fake_band import BAND_ID
from sdk.recordings import limit_pages, row
from vitalband import (
    Store,
    StoreError,
)
from vitalband.clock import TimeExchange
from vitalband.errors import UnloggedAccessWarning
from vitalband.store.database import ExchangeRow, LostRow, default_store_path

ROOT = Path(__file__).parents[2]


def test_frames_come_back_verbatim_in_order_of_boot_and_sequence(tmp_path):
    rows = [row(3), row(1), row(2, boot_id=2), row(1, boot_id=2)]
    with Store.create(tmp_path / "a.vband") as store:
        store.write(rows)
    with Store.open(tmp_path / "a.vband") as store:
        assert list(store.frames(BAND_ID)) == [rows[1], rows[0], rows[3], rows[2]]
        assert store.bands() == [BAND_ID]
        assert store.boots(BAND_ID) == [1, 2]


def test_writing_a_frame_again_changes_nothing(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1)])
        store.write([row(1), row(2)])
        assert list(store.frames(BAND_ID)) == [row(1), row(2)]


def test_another_frame_of_the_same_number_is_refused_and_nothing_of_its_batch_is_written(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1, text="first")])
        with pytest.raises(StoreError, match=r"another frame 1 of band .*, boot 1.*another file"):
            store.write([row(1, text="second"), row(2)])
        assert list(store.frames(BAND_ID)) == [row(1, text="first")]


def test_time_exchanges_and_metadata_come_back(tmp_path):
    exchange = ExchangeRow(BAND_ID, 1, TimeExchange(5, 10, 2))
    with Store.create(tmp_path / "a.vband") as store:
        store.write([], [exchange])
        store.set_metadata("source", "test")
        assert list(store.exchanges(BAND_ID)) == [exchange]
        assert store.metadata() == {"source": "test"}


def test_a_locked_store_is_a_clear_error_and_nothing_is_half_written(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path, busy_timeout_ms=20) as store:
        locker = sqlite3.connect(path)
        locker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another writer"):
            store.write([row(1), row(2)])
        locker.rollback()
        locker.close()
        assert store.frame_count() == 0
        store.write([row(1)])
        assert store.frame_count() == 1


def test_a_full_disk_is_a_clear_error_and_what_was_written_stays(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1)])
        limit_pages(store, 0)
        with pytest.raises(StoreError, match="no space left"):
            store.write([row(number, text="x" * 900) for number in range(2, 200)])
        assert store.frame_count() == 1


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path):
    garbage = tmp_path / "garbage.vband"
    garbage.write_bytes(b"not a database at all" * 100)
    stranger = tmp_path / "stranger.vband"
    with sqlite3.connect(stranger) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    empty = tmp_path / "empty.vband"
    empty.write_bytes(b"")
    with pytest.raises(StoreError, match="is empty"):
        Store.open(empty)
    for path, reason in ((garbage, "not a SQLite database"), (stranger, "not a store of bands")):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=reason):
            Store.create(path)
        with pytest.raises(StoreError, match=reason):
            Store.open(path)
        assert path.read_bytes() == before


def test_a_corrupt_store_is_a_clear_error(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(number, text="x" * 200) for number in range(500)])
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 8192 - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"corrupt|not a SQLite"), Store.open(path) as store:
        list(store.frames(BAND_ID))


def test_a_store_of_a_later_version_is_refused_by_its_number(tmp_path):
    path = tmp_path / "a.vband"
    Store.create(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreError, match="store version 99"):
        Store.create(path)


def test_a_missing_store_is_told_by_name(tmp_path):
    with pytest.raises(StoreError, match=r"no store at .*nothing\.vband"):
        Store.open(tmp_path / "nothing.vband")


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="store"):
        Store.create(tmp_path / "file" / "a.vband")


def test_recordings_go_to_the_users_data_folder_by_default():
    assert default_store_path().suffix == ".vband"
    assert default_store_path().is_absolute()


_WRITER = """
    import sys
    sys.path[:0] = [{tests!r}]
    from pathlib import Path
    from sdk.recordings import row
    from vitalband import Store
    store = Store.create(Path({path!r}))
    number = 0
    while True:
        store.write([row(number + offset) for offset in range(7)])
        number += 7
        print(number, flush=True)
"""


def test_confirmed_frames_survive_a_killed_process(tmp_path):
    path = tmp_path / "a.vband"
    script = textwrap.dedent(_WRITER.format(tests=str(ROOT / "tests"), path=str(path)))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as writer:
        try:
            confirmed = 0
            while confirmed < 700:
                confirmed = int(writer.stdout.readline())
        finally:
            os.kill(writer.pid, signal.SIGKILL)
        confirmed = max([confirmed, *(int(line) for line in writer.stdout.read().split("\n")[:-1])])
    with Store.open(path) as store:
        sequences = [frame.sequence for frame in store.frames(BAND_ID)]
    assert sequences[:confirmed] == list(range(confirmed))
    assert len(sequences) % 7 == 0  # a batch is there whole or not at all


def _checks(path):
    with sqlite3.connect(path) as connection:
        found = [check for (check,) in connection.execute("SELECT row_crc32 FROM frames ORDER BY sequence")]
    connection.close()
    return found


def test_each_row_is_kept_with_a_check_over_all_that_it_holds(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(1), row(2)])
    assert _checks(path) == [row(1).crc32, row(2).crc32]
    changes = [("boot_id", 2), ("sequence", 3), ("kind", 9), ("ticks_ms", 2), ("received_utc_us", 5)]
    changes += [("band_id", b"bandband"), ("frame", row(1).frame[:-1] + b"y")]
    changed = [replace(row(1), **{name: value}).crc32 for name, value in changes]
    assert len({row(1).crc32, *changed}) == len(changes) + 1


def test_a_row_with_a_number_that_fits_no_field_has_no_check():
    with pytest.raises(ValueError, match="impossible number"):
        _ = replace(row(1), boot_id=1 << 16).crc32


NEW_IN_VERSION_5 = ("retention_limits", "removed_ranges", "access_log", "archives", "erasures")


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_an_earlier_version_goes_on_and_its_rows_have_no_check(tmp_path, version):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(1)])
    with sqlite3.connect(path) as connection:
        for table in ("cuff_readings", *NEW_IN_VERSION_5):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE frames DROP COLUMN row_crc32")
        if version == 1:
            connection.execute("DROP TABLE lost_ranges")
        connection.execute(f"PRAGMA user_version={version}")
    connection.close()
    with Store.open(path) as store, pytest.warns(UnloggedAccessWarning, match="earlier version keeps no log"):
        assert list(store.frames(BAND_ID)) == [row(1)]
    with Store.create(path) as store:
        store.write([row(2)], lost=[LostRow(BAND_ID, 1, 3, 2)])
        assert store.lost_ranges(BAND_ID, 1) == [(3, 2)]
        assert list(store.frames(BAND_ID)) == [row(1), row(2)]
    assert _checks(path) == [None, row(2).crc32]
