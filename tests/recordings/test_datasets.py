"""Fetching data sets: terms first, checksums compared, from a server on this machine alone."""

import functools
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bandsim import datasets
from bandsim.data_cli import data_app
from bandsim.datasets import (
    DATA_VARIABLE,
    PUBLISHED_SETS,
    PublishedSet,
    fetch,
    layout_of,
    pins_of,
    published_set,
)
from bandsim.errors import RecordingError
from bandsim.recordings import DATASETS
from vitalband.cli import app

FILES = {"one.csv": b"1,2,3\n", "deep er/two.csv": b"4,5,6\n"}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    root = tmp_path / "served"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", root
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, served: tuple[str, Path]) -> PublishedSet:
    """A set of two files, served both as its publisher would and as a mirror."""
    address, root = served
    for path, content in FILES.items():
        for folder in (root / "raw", root / "small"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    small = PublishedSet(
        name="small",
        folder="small",
        title="Two files",
        citation="Nobody, 2026",
        licence="CC0",
        page="https://example.org/small",
        addresses={"": f"{address}/raw/"},
    )
    pins = {path: hashlib.sha256(content).hexdigest() for path, content in FILES.items()}
    monkeypatch.setattr(datasets, "PUBLISHED_SETS", {**PUBLISHED_SETS, "small": small})
    real_pins_of = datasets.pins_of
    monkeypatch.setattr(datasets, "pins_of", lambda p: pins if p.name == "small" else real_pins_of(p))
    return small


def test_every_loader_has_a_published_set_with_pins() -> None:
    assert set(PUBLISHED_SETS) == set(DATASETS)
    for name, published in PUBLISHED_SETS.items():
        assert published.folder == DATASETS[name].folder
        pins = pins_of(published)
        assert pins, name
        assert all(len(digest) == 64 for digest in pins.values())
        assert published.licence
        assert published.citation
        assert published.folder in layout_of(published)


def test_address_is_the_publishers_own_path_with_blanks_escaped() -> None:
    base = "https://raw.githubusercontent.com/"
    hoffman = published_set("hoffman").address_of("gt/100001.csv")
    assert hoffman == f"{base}ubicomplab/oximetry-phone-cam-data/HEAD/data/gt/100001.csv"
    usc = published_set("usc_ppg_bp").address_of("PPG signal_csv/PPG_subj_01.csv")
    assert usc == f"{base}Santiagoat21/PPG-signal-dataset/HEAD/PPG%20signal_csv/PPG_subj_01.csv"
    bidmc = published_set("bidmc").address_of("bidmc_01_Signals.csv")
    assert bidmc == "https://physionet.org/files/bidmc/1.0.0/bidmc_csv/bidmc_01_Signals.csv"
    welltory = published_set("welltory").address_of("subject_01/PPG.csv")
    assert welltory == f"{base}Welltory/welltory-ppg-dataset/HEAD/data/subject_01/PPG.csv"
    assert published_set("troika").address_of("DATA_01_TYPE01.mat") is None


def test_fetch_brings_every_file_where_the_loader_looks(small: PublishedSet, tmp_path: Path) -> None:
    paths = fetch(small, tmp_path / "data")
    assert {p.relative_to(tmp_path / "data" / "small").as_posix() for p in paths} == set(FILES)
    assert all(p.read_bytes() in FILES.values() for p in paths)


def test_mirror_takes_the_place_of_the_publisher(
    small: PublishedSet, served: tuple[str, Path], tmp_path: Path
) -> None:
    (served[1] / "raw" / "one.csv").unlink()
    assert len(fetch(small, tmp_path / "data", mirror=f"{served[0]}/")) == 2


def test_changed_file_is_refused_and_not_kept(
    small: PublishedSet, served: tuple[str, Path], tmp_path: Path
) -> None:
    (served[1] / "raw" / "one.csv").write_bytes(b"other\n")
    with pytest.raises(RecordingError, match=r"wanted one.csv from http.*SHA-256"):
        fetch(small, tmp_path / "data")
    assert not (tmp_path / "data" / "small" / "one.csv").exists()


def test_fetched_file_is_not_fetched_again_and_a_spoilt_one_is(
    small: PublishedSet, served: tuple[str, Path], tmp_path: Path
) -> None:
    one, two = fetch(small, tmp_path / "data")
    (served[1] / "raw" / "deep er" / "two.csv").unlink()
    one.write_bytes(b"spoilt")
    assert fetch(small, tmp_path / "data") == (one, two)
    assert one.read_bytes() == FILES["one.csv"]


def test_missing_file_and_dead_server_are_clear_errors(
    small: PublishedSet, served: tuple[str, Path], tmp_path: Path
) -> None:
    (served[1] / "raw" / "one.csv").unlink()
    with pytest.raises(RecordingError, match="404"):
        fetch(small, tmp_path / "data")
    with pytest.raises(RecordingError, match=r"wanted one\.csv from http://127\.0\.0\.1:9/"):
        fetch(small, tmp_path / "data", mirror="http://127.0.0.1:9")


def test_set_without_single_files_names_its_page_and_layout(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"physionet.org/content/sleep-accel.*walch/cropped"):
        fetch(published_set("walch"), tmp_path)


def test_command_shows_the_terms_and_takes_no_for_an_answer(small: PublishedSet, tmp_path: Path) -> None:
    run = CliRunner().invoke
    refused = run(data_app, ["fetch", "small", "--data", str(tmp_path / "data")], input="n\n")
    assert refused.exit_code == 1
    assert refused.output.index("Licence: CC0") < refused.output.index("Fetch it under these terms?")
    assert not (tmp_path / "data").exists()
    agreed = run(data_app, ["fetch", "small", "--data", str(tmp_path / "data")], input="y\n")
    assert agreed.exit_code == 0, agreed.output
    assert "2 files" in agreed.output
    assert run(data_app, ["fetch", "small", "--yes", "--data", str(tmp_path / "data")]).exit_code == 0


def test_commands_list_and_find_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    run = CliRunner().invoke
    assert "heartpy/data3" in run(data_app, ["list"]).output
    assert '"hoffman": []' in run(data_app, ["list", "--json"]).output
    found = run(data_app, ["path", "bidmc", "--data", str(tmp_path)])
    assert found.output.strip().endswith("bidmc_subset")
    lost = run(data_app, ["path", "bidmc"])
    assert isinstance(lost.exception, RecordingError)
    assert "--data DIR" in str(lost.exception)
    assert isinstance(run(data_app, ["path", "nothing", "--data", "x"]).exception, RecordingError)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["list", "--data", "no-folder"], "wanted a folder of recordings, got no-folder"),
        (["fetch", "nope", "--data", "."], "nope: wanted one of hoffman, "),
        (["path", "hoffman"], "wanted --data DIR or VITALBAND_DATA"),
    ],
)
def test_what_the_data_commands_cannot_have_is_one_line(
    arguments: list[str], wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    result = CliRunner().invoke(app, ["data", *arguments])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert wanted in line


def test_the_list_of_data_sets_fits_on_80_columns_and_is_json_when_asked(tmp_path: Path) -> None:
    run = CliRunner(env={"COLUMNS": "80"}).invoke
    lines = run(app, ["data", "list", "--data", str(tmp_path)]).stdout.splitlines()
    assert max(len(line) for line in lines) <= 80
    document = json.loads(run(app, ["data", "list", "--data", str(tmp_path), "--json"]).stdout)
    assert set(document) == set(PUBLISHED_SETS)
    assert document["hoffman"] == []
