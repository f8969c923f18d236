"""What was erased is nowhere in the files of a store, whatever cut the erasing, and in no exported file."""

import sqlite3
from contextlib import closing

import pytest

from sdk.fake_band import BAND_ID
from sdk.recordings import record
from sdk.secret_stores import OTHER_BAND, SECRET, a_store_with_secrets, content_of
from vitalband import Store, StoreError, StoreReader
from vitalband.export import ExportTable, export_table
from vitalband.store import check_store, erase
from vitalband.store.archives import Archive, digest_of


def test_nothing_of_what_was_erased_is_in_the_file_its_log_or_its_free_pages(tmp_path):
    path = a_store_with_secrets(tmp_path / "a.vband")
    assert content_of(path).count(SECRET) > 300
    with Store.create(path) as store:
        erased = store.rights.erase()
        assert (erased.frames, erased.left) == (400, [])
        for trace in (SECRET, BAND_ID, OTHER_BAND):
            assert trace not in content_of(path)
        assert (store.frame_count(), store.metadata(), store.bands()) == (0, {}, [])
        (line,) = store.rights.accesses()
        assert (line.action, line.detail) == ("erased", "400 frames, 0 cuff readings, 0 files")
        assert store._connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert check_store(path).is_sound


def test_of_one_band_nothing_stays_and_of_another_all(tmp_path):
    path = a_store_with_secrets(tmp_path / "a.vband")
    with Store.create(path) as store:
        before = list(store.frames(OTHER_BAND))
        store.rights.erase(BAND_ID)
        assert BAND_ID not in content_of(path)
        assert list(store.frames(OTHER_BAND)) == before
        assert list(store.exchanges(BAND_ID)) == []
        assert {line.band_id for line in store.rights.accesses()} == {OTHER_BAND, None}


class CutError(Exception):
    """The power, gone."""


@pytest.mark.parametrize("step", range(8))
def test_a_cut_at_any_step_leaves_a_store_that_gives_nothing_and_ends_it_when_it_is_next_opened(
    tmp_path, monkeypatch, step
):
    path = a_store_with_secrets(tmp_path / "a.vband")
    (tmp_path / "night.csv").write_bytes(SECRET)
    with Store.create(path) as store:
        register(store, tmp_path / "night.csv")
    done = 0

    def cut_before(function):
        def cut(*arguments):
            nonlocal done
            if done == step:
                raise CutError
            done += 1
            return function(*arguments)

        return cut

    for name in ("begin_erasure", "finish_erasures"):
        monkeypatch.setattr(f"vitalband.store.rights.{name}", cut_before(getattr(erase, name)))
    for name in ("erase_archive", "_delete", "_build_anew", "cut_write_ahead_log", "insert_access"):
        monkeypatch.setattr(erase, name, cut_before(getattr(erase, name)))
    store = Store.create(path)
    with pytest.raises(CutError):
        store.rights.erase()
    store.close()
    monkeypatch.undo()
    if step == 0:  # nothing was begun
        assert SECRET in content_of(path)
        return
    with pytest.raises(StoreError, match="is being erased"):
        Store.open(path)
    Store.create(path).close()
    assert SECRET not in content_of(path)
    assert not (tmp_path / "night.csv").exists()
    with Store.open(path) as store:
        assert [line.action for line in store.rights.accesses()] == ["erased"]


def register(store, file, band_id=BAND_ID):
    store.rights.register([Archive(str(file), 0, digest_of(file), "vitals", band_id)])


def test_exported_files_go_too_and_one_that_was_changed_since_is_left_and_told(tmp_path):
    path = tmp_path / "night.vband"
    record(path, seconds=4)
    with StoreReader(path) as reader:
        for name in ("one.csv", "two.csv", "three.parquet"):
            export_table(reader, ExportTable.READINGS, tmp_path / name)
    (tmp_path / "two.csv").write_text("mine")
    (tmp_path / "three.parquet").unlink()
    with Store.create(path) as store:
        assert len(store.rights.archives()) == 3
        erased = store.rights.erase(BAND_ID)
    assert not (tmp_path / "one.csv").exists()
    assert (tmp_path / "two.csv").read_text() == "mine"
    (left,) = erased.left
    assert (left.path, "is not what was exported" in left.reason) == (str(tmp_path / "two.csv"), True)


def test_while_another_program_reads_nothing_is_begun_and_that_is_said(tmp_path):
    path = a_store_with_secrets(tmp_path / "a.vband")
    with closing(sqlite3.connect(path)) as reader, Store.create(path, busy_timeout_ms=1) as store:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM frames").fetchone()
        store.set_metadata("new", "page")
        with pytest.raises(StoreError, match="another program has the store open"):
            store.rights.erase()
        assert store.frame_count() == 400
        reader.execute("COMMIT")
        store.rights.erase()
    assert SECRET not in content_of(path)
