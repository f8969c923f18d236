"""Everything that a store holds can be taken away in open formats, found by an index, and erased again."""

import json
from hashlib import sha256

import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from typer.testing import CliRunner

from sdk.fake_band import BAND_ID
from sdk.recordings import record, row
from vitalband import Store, StoreError, StoreReader, StreamId
from vitalband.cli import app
from vitalband.errors import LocalError
from vitalband.export import export_everything
from vitalband.store import check_store

OTHER_BAND = b"band-two"
BAND = f"band-{BAND_ID.hex()}"


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "night.vband"
    record(path, seconds=20)
    with Store.create(path) as store:
        store.write([row(1, band_id=OTHER_BAND)])
        store.set_metadata("note", "of mine")
    return path


def test_every_frame_reading_sample_and_record_of_every_band_is_there(recording, tmp_path):
    folder = tmp_path / "all"
    done = export_everything(recording, folder)
    assert done.unreadable == 0
    with Store.open(recording) as store:
        for band_id in (BAND_ID, OTHER_BAND):
            frames = pq.read_table(folder / f"band-{band_id.hex()}" / "frames.parquet").to_pylist()
            assert [found["frame"] for found in frames] == [found.frame for found in store.frames(band_id)]
    with StoreReader(recording, BAND_ID) as reader:
        assert csv.read_csv(folder / BAND / "vitals.csv").num_rows == reader.vitals_table().num_rows
        samples = pq.read_table(folder / BAND / "optical.parquet")
        assert samples.equals(reader.waveform_table(StreamId.OPTICAL))
    kinds = [json.loads(line)["kind"] for line in (folder / BAND / "records.jsonl").read_text().splitlines()]
    assert {"identity", "event"} <= set(kinds)
    (line,) = (folder / f"band-{OTHER_BAND.hex()}" / "records.jsonl").read_text().splitlines()
    assert json.loads(line)["text"] == "x"
    assert not {"vitals", "sample_block"} & set(kinds)
    assert json.loads((folder / "store.json").read_text())["metadata"] == {"note": "of mine"}


def test_the_index_lists_every_file_with_its_digest_and_columns_and_a_page_says_what_they_are(
    recording, tmp_path
):
    folder = tmp_path / "all"
    export_everything(recording, folder)
    index = json.loads((folder / "index.json").read_text())
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {file["path"] for file in index["files"]} == there - {"index.json"}
    for file in index["files"]:
        content = (folder / file["path"]).read_bytes()
        assert (file["size_bytes"], file["sha256"]) == (len(content), sha256(content).hexdigest())
        if file["path"].endswith(".csv"):
            names = [column["name"] for column in file["columns"]]
            assert names == content.decode().splitlines()[0].replace('"', "").split(",")
    assert index["bands"] == [BAND_ID.hex(), OTHER_BAND.hex()]
    readme = (folder / "README.txt").read_text()
    assert "never zero" in readme
    assert "绝不表示零" in readme


def test_it_is_logged_and_erasing_the_store_takes_the_whole_folder_with_it(recording, tmp_path):
    folder = tmp_path / "all"
    export_everything(recording, folder)
    with Store.create(recording) as store:
        last = list(store.rights.accesses())[-1]
        assert (last.action, last.what, last.detail) == ("exported", "everything", str(folder))
        assert store.rights.erase(BAND_ID).left == []  # a folder of all bands was this band's too
        assert store.bands() == [OTHER_BAND]
    assert not folder.exists()
    assert check_store(recording).is_sound


def test_a_folder_that_is_there_is_left_alone_and_one_that_cannot_be_made_leaves_nothing(recording, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(LocalError, match="wanted the name of a new folder"):
        export_everything(recording, tmp_path / "there")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        export_everything(recording, tmp_path / "file" / "all")
    with pytest.raises(StoreError, match="no store at"):
        export_everything(tmp_path / "none.vband", tmp_path / "all")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "night.vband", "there"]


def test_the_command_writes_the_folder_and_says_how_much(recording, tmp_path):
    arguments = ["export", str(recording), str(tmp_path / "all"), "--everything"]
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["files"] == len(json.loads((tmp_path / "all" / "index.json").read_text())["files"])
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
