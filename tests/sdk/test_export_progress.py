"""Export in pieces: progress on a terminal only, and what was damaged told at the end."""

import io
import json
import sqlite3

import pyarrow.csv
import pytest
from pyarrow import parquet
from rich.console import Console

from sdk.test_bulk_frames import vitals_store
from sdk.test_cli import invoke
from vitalband import StoreError, StoreReader
from vitalband.cli import common
from vitalband.cli import export as export_command
from vitalband.export import ExportProgress, ExportTable, export_table
from vitalband.export import tables as export_tables


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("vitalband.store.database.READ_BATCH_FRAMES", 100)
    vitals_store(tmp_path / "a.vband", 450).close()
    return tmp_path / "a.vband"


def damaged(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE frames SET frame=substr(frame, 1, 11) WHERE sequence IN (7, 9)")
        connection.execute("UPDATE frames SET frame=substr(frame, 1, length(frame)-1) WHERE sequence=8")
    connection.close()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_written_in_pieces_is_the_whole_table(store, tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(export_tables, "ROWS_AT_ONCE", 150)
    with StoreReader(store) as reader:
        whole = reader.readings_table()
        assert export_table(reader, ExportTable.READINGS, tmp_path / f"a{suffix}") == whole.num_rows == 450
    read = pyarrow.csv.read_csv if suffix == ".csv" else parquet.read_table
    for name in ("sequence", "value", "reading"):
        assert read(tmp_path / f"a{suffix}")[name].to_pylist() == whole[name].to_pylist()


def test_progress_counts_the_frames_of_the_table(store, tmp_path):
    told = []
    with StoreReader(store) as reader:
        export_table(reader, ExportTable.VITALS, tmp_path / "a.csv", told.append)
    assert [progress.frames for progress in told] == [0, 100, 200, 300, 400, 450]
    assert {progress.all_frames for progress in told} == {450}
    assert isinstance(told[0], ExportProgress)


def test_progress_is_told_of_its_own_export_only(store, tmp_path):
    told = []
    with StoreReader(store) as reader:
        export_table(reader, ExportTable.VITALS, tmp_path / "a.csv", told.append)
        whole = list(told)
        export_table(reader, ExportTable.VITALS, tmp_path / "b.csv")
        assert reader.vitals_table().num_rows == 450
        with pytest.raises(StoreError, match="holds no motion stream"):
            export_table(reader, ExportTable.MOTION, tmp_path / "c.csv", told.append)
        assert sum(1 for _ in reader.vitals()) == 450
    assert told == [*whole, ExportProgress(0, 0)]


def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(store, tmp_path, monkeypatch):
    for is_terminal in (True, False):
        output = io.StringIO()
        console = Console(file=output, force_terminal=is_terminal, width=200)
        for module in (export_command, common):
            monkeypatch.setattr(module, "console", console)
        invoke("export", store, tmp_path / "a.csv")
        assert ("frames" in output.getvalue()) is is_terminal
        assert "wrote 450 rows of vitals" in output.getvalue()


def test_damage_is_told_at_the_end_with_counts_and_first_places(store, tmp_path):
    damaged(store)
    lines = invoke("export", store, tmp_path / "a.csv").output.splitlines()
    # What is above names the file, in as many lines as its path takes.
    lines = lines[lines.index("left out 3 frames that cannot be read:") :]
    assert lines[:3] == [
        "left out 3 frames that cannot be read:",
        "  2 x is shorter than a header of 12 bytes",
        "  1 x vitals ends within an item",
    ]
    assert "  at boot 1, frame 8: vitals ends within an item" in lines[3:]
    assert len(lines) == 6
    document = json.loads(invoke("export", store, tmp_path / "a.csv", "--json").output)
    assert document["unreadable"] == 3
    assert document["rows"] == 447
    assert document["causes"] == {
        "is shorter than a header of 12 bytes": 2,
        "vitals ends within an item": 1,
    }
    assert {each["sequence"] for each in document["first_unreadable"]} == {7, 8, 9}
