"""Stores of several phones become one: all that any of them has, verbatim, or nothing at all."""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdk.fake_band import BAND_ID
from sdk.recordings import limit_pages, row
from vitalband import Store, StoreConflictError, StoreError
from vitalband.clock import TimeExchange
from vitalband.errors import LocalError
from vitalband.store import merge, merge_stores
from vitalband.store.database import ExchangeRow, LostRow

OTHER_BAND = b"band-two"


def exchange(ticks_ms, utc_us=10, uncertainty_us=2, boot_id=1):
    return ExchangeRow(BAND_ID, boot_id, TimeExchange(ticks_ms, utc_us, uncertainty_us))


def make(path, frames=(), exchanges=(), lost=(), metadata=()):
    with Store.create(path) as store:
        store.write(list(frames), list(exchanges), list(lost))
        for name, value in dict(metadata).items():
            store.set_metadata(name, value)
    return path


def content(path):
    """All that a store holds, row by row."""
    with sqlite3.connect(path) as connection:
        tables = ("frames", "time_exchanges", "lost_ranges", "metadata")
        found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    connection.close()
    return found


WHOLE = [
    *(row(number, boot_id=boot_id) for boot_id in (1, 2) for number in range(12)),
    *(row(number, band_id=OTHER_BAND) for number in range(4)),
]
EXCHANGES = [exchange(ticks) for ticks in range(0, 50, 10)]


@settings(max_examples=10, deadline=None)
@given(data=st.data(), phones=st.integers(1, 4))
def test_a_recording_split_over_phones_in_any_way_is_whole_again(tmp_path_factory, data, phones):
    folder = tmp_path_factory.mktemp("merge")
    holders = st.sets(st.integers(0, phones - 1), min_size=1)
    of_frame = [data.draw(holders) for _ in WHOLE]
    of_exchange = [data.draw(holders) for _ in EXCHANGES]
    paths = []
    for phone in range(phones):
        frames = [replace(each, received_utc_us=each.received_utc_us + phone)
                  for each, held in zip(WHOLE, of_frame, strict=True) if phone in held]  # fmt: skip
        exchanges = [each for each, held in zip(EXCHANGES, of_exchange, strict=True) if phone in held]
        has = {each.sequence for each in frames if (each.band_id, each.boot_id) == (BAND_ID, 1)}
        # What a phone has not, it thinks lost; number 20 nobody has.
        lost = [LostRow(BAND_ID, 1, number, 1) for number in (*range(12), 20) if number not in has]
        paths.append(make(folder / f"{phone}.vband", frames, exchanges, lost))
    report = merge_stores(folder / "all.vband", data.draw(st.permutations(paths)))
    expected = [replace(each, received_utc_us=each.received_utc_us + min(held))
                for each, held in zip(WHOLE, of_frame, strict=True)]  # fmt: skip
    make(folder / "whole.vband", expected, EXCHANGES, [LostRow(BAND_ID, 1, 20, 1)])
    assert content(folder / "all.vband") == content(folder / "whole.vband")
    assert report.frames == len(WHOLE)
    assert report.duplicates == sum(len(held) - 1 for held in of_frame)
    assert (report.lost_numbers, report.damaged) == (1, {})
    merge_stores(folder / "again.vband", [folder / "all.vband", data.draw(st.sampled_from(paths))])
    assert content(folder / "again.vband") == content(folder / "all.vband")


def test_different_frames_of_one_number_are_refused_with_what_differs_and_no_file_is_left(tmp_path):
    one = make(tmp_path / "one.vband", [row(1, text="first"), row(2)])
    two = make(tmp_path / "two.vband", [row(1, text="fjrst"), row(3)])
    with pytest.raises(
        StoreConflictError, match=r"boot 1, frame 1: 1 bytes differ, .*one\.vband.*two\.vband"
    ):
        merge_stores(tmp_path / "all.vband", [one, two])
    assert not list(tmp_path.glob("*all*"))


def test_a_damaged_row_is_left_out_and_told_and_another_store_fills_it(tmp_path):
    one = make(tmp_path / "one.vband", [row(1), row(2)])
    two = make(tmp_path / "two.vband", [row(2)])
    with sqlite3.connect(one) as connection:
        connection.execute("UPDATE frames SET frame=? WHERE sequence=2", (row(2).frame[:-1] + b"y",))
    connection.close()
    report = merge_stores(tmp_path / "some.vband", [one])
    assert (report.frames, report.damaged) == (1, {one: 1})
    merge_stores(tmp_path / "all.vband", [one, two])
    with Store.open(tmp_path / "all.vband") as store:
        assert list(store.frames(BAND_ID)) == [row(1), row(2)]


@pytest.mark.parametrize(("change", "frames"), [("DROP COLUMN utc_us", None), ("ADD COLUMN more", 1)])
def test_a_store_without_a_column_is_refused_and_one_with_more_is_taken(tmp_path, change, frames):
    one = make(tmp_path / "one.vband", [row(0)], [exchange(0)])
    with sqlite3.connect(one) as connection:
        connection.execute(f"ALTER TABLE time_exchanges {change}")
    connection.close()
    if frames is None:
        with pytest.raises(StoreError, match="no such column"):
            merge_stores(tmp_path / "all.vband", [one])
        assert not (tmp_path / "all.vband").exists()
    else:
        assert merge_stores(tmp_path / "all.vband", [one]).frames == frames


def test_of_two_exchanges_at_one_tick_the_sharper_stays_whatever_the_order(tmp_path):
    one = make(tmp_path / "one.vband", [row(1)], [exchange(5, utc_us=100, uncertainty_us=9)])
    two = make(tmp_path / "two.vband", [row(1)], [exchange(5, utc_us=108, uncertainty_us=3)])
    for name, order in (("a", [one, two]), ("b", [two, one])):
        merge_stores(tmp_path / name, order)
        with Store.open(tmp_path / name) as store:
            assert list(store.exchanges(BAND_ID)) == [exchange(5, utc_us=108, uncertainty_us=3)]


def test_metadata_that_differs_is_kept_with_the_file_that_says_it(tmp_path):
    one = make(tmp_path / "one.vband", [row(1)], metadata={"place": "home", "study": "x"})
    two = make(tmp_path / "two.vband", [row(1)], metadata={"place": "ward", "study": "x"})
    merge_stores(tmp_path / "all.vband", [two, one])
    with Store.open(tmp_path / "all.vband") as store:
        assert store.metadata() == {"place (one.vband)": "home", "place (two.vband)": "ward", "study": "x"}


def test_a_store_that_is_there_is_not_touched(tmp_path):
    one = make(tmp_path / "one.vband", [row(1)])
    before = one.read_bytes()
    with pytest.raises(LocalError, match="is there"):
        merge_stores(one, [make(tmp_path / "two.vband", [row(2)])])
    assert one.read_bytes() == before
    with pytest.raises(LocalError, match="got none"):
        merge_stores(tmp_path / "all.vband", [])


def test_a_disk_that_is_full_leaves_no_file(tmp_path, monkeypatch):
    one = make(tmp_path / "one.vband", [row(number, text="x" * 200) for number in range(200)])
    create = Store.create

    def create_on_a_full_disk(path):
        store = create(path)
        limit_pages(store, 2)
        return store

    monkeypatch.setattr(merge.Store, "create", create_on_a_full_disk)
    with pytest.raises(StoreError, match="no space left"):
        merge_stores(tmp_path / "all.vband", [one])
    assert not list(tmp_path.glob("*all*"))


def test_progress_ends_with_all_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(merge, "ROWS_AT_ONCE", 3)
    told = []
    one = make(tmp_path / "one.vband", [row(number) for number in range(10)])
    merge_stores(tmp_path / "all.vband", [one], told.append)
    assert len(told) == 4
    assert (told[-1].rows, told[-1].all_rows) == (10, 10)
