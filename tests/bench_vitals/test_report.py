"""Whole tables, on recordings of every layout and with readings that are made up."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import io

from bench_vitals import __main__ as command
from bench_vitals import kept, lanes, ours, scoring
from bench_vitals.lanes import one_of_each, same_on_both
from bench_vitals.pictures import draw, worst_of
from bench_vitals.recordings import Subject, recordings_of
from bench_vitals.report import report_of
from bench_vitals.rows import OURS
from bench_vitals.tasks import TASKS
from recordings.makers import MAKERS
from vitalband.analysis import ReadingRow, write_readings

BY_NAME = {task.name: task for task in TASKS}
NO_FILES = ("steps-12hz", "oxygen-max30102", "temperature", "cuff")
"""Tasks of parts of data sets that nobody makes here, or makes too short, and of scenarios."""
MADE = [name for name in BY_NAME if name not in NO_FILES]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for make in MAKERS.values():
        make(root)
    folder = root / "troika" / "wfpv_estimates"
    folder.mkdir()
    io.savemat(folder / "Result_DATA_01_TYPE01_DATA_WFPV.mat", {"BPM_est": np.full((1, 9), 73.0)})
    return root


def rows_two_over(subject: Subject) -> list[ReadingRow]:
    """Readings 2 above what is true, every second one shown."""
    rows: list[ReadingRow] = []
    for vital, reference in subject.references.items():
        off = 0.0 if vital == "sleep_stage" else 2.0
        for place, (time_s, value) in enumerate(reference.tolist()):
            shown = ("valid", "") if place % 2 == 0 else ("low_quality", "motion")
            rows.append(ReadingRow(time_s, vital, value + off, "", 90 - place % 2, *shown))
    if subject.name.startswith("welltory"):
        interval_ms = 60_000 / (subject.references["heart_rate_bpm"][0, 1] + 2.0)
        times_s = np.arange(8.0, subject.duration_s, 2.0)
        rows += [ReadingRow(t, "pulse_interval_ms", interval_ms, "ms", 50, "valid", "") for t in times_s]
    return rows


@pytest.fixture(autouse=True)
def two_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In place of the firmware, which has tests of its own."""

    def readings_file(subject: Subject, lane: str = ours.UNIX) -> Path:
        path = tmp_path / f"{subject.stem.name}.{lane}.csv"
        write_readings(rows_two_over(subject), path)
        return path

    monkeypatch.setattr(scoring, "readings_of", rows_two_over)
    monkeypatch.setattr(lanes, "readings_file", readings_file)
    monkeypatch.setattr(command, "readings_file", readings_file)
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")


@pytest.mark.parametrize("name", MADE)
def test_every_task_finds_its_recordings_and_scores_them(name: str, data: Path, tmp_path: Path):
    task = BY_NAME[name]
    vital = scoring.scored(task, recordings_of(task, tmp_path, data), scoring.ours(task))
    assert vital is not None
    assert len(vital.answered[0].pairs)
    assert any(one.measure.startswith(task.measures[0]) for one in vital.scores)


def test_every_measure_of_a_task_is_a_figure_that_scores_have(data: Path, tmp_path: Path):
    # Some measures of oxygen want several people.
    for task in (BY_NAME[name] for name in MADE if not name.startswith("oxygen")):
        vital = scoring.scored(task, recordings_of(task, tmp_path, data), scoring.ours(task))
        assert vital is not None
        for measure in task.measures:
            assert any(one.measure.startswith(measure) for one in vital.scores), (task.name, measure)


def test_a_table_has_the_shipped_the_published_the_packages_and_the_floor(data: Path, tmp_path: Path):
    task = replace(BY_NAME["heart-troika"], fit="steps", fit_figures="balanced error l2-25hz")
    report = report_of(task, recordings_of(task, tmp_path, data), data)
    who = list(dict.fromkeys(row.who for row in report.rows))
    assert who[:3] == [OURS, "Vitalband, cross-validated", scoring.WFPV]
    assert "published: WFPV (Temko, IEEE TBME 2017, table III)" in who
    assert "heartpy 1.2.7" in who
    assert "neurokit2 0.3.0, looks ahead" in who
    every, shown, _ = report.rows[:3]
    assert (every.value, every.used, every.count) == ("2.00 /min", "100 % of 9", "1")
    assert shown.used == "56 % of 9"
    assert next(row.value for row in report.rows if row.who == scoring.WFPV) == "1.00 /min"
    assert "Floor, which looks at no signal" in report.notes[-1]
    assert f"### {task.title}" in report.markdown()


@pytest.mark.parametrize("name", ["beats-welltory", "beats-aligned-welltory"])
def test_a_rate_by_beats_is_one_number_a_recording_beside_the_straps(name: str, data: Path, tmp_path: Path):
    task = BY_NAME[name]
    report = report_of(task, recordings_of(task, tmp_path, data), data)
    mine = [row for row in report.rows if row.who == OURS]
    assert [(row.value, row.used) for row in mine] == [("2.00 /min", "100 % of 1")] * 2
    assert any(row.who == "Vitalband, cross-validated" for row in report.rows)
    # Packages look at whole recordings, not at the band's moments.
    assert any(row.who.startswith("heartpy") for row in report.rows) == (name == "beats-welltory")


def test_recordings_that_are_not_there_leave_what_is_published(tmp_path: Path):
    report = report_of(BY_NAME["heart-troika"], [], tmp_path)
    assert {row.who.partition(":")[0] for row in report.rows} == {"published"}
    assert report.notes == ["Its recordings are not in the data folder."]


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_same_scores_are_the_same_picture(data: Path, tmp_path: Path, suffix: str):
    task = BY_NAME["heart-hoffman"]
    vital = scoring.scored(task, recordings_of(task, tmp_path, data), scoring.ours(task))
    assert vital is not None
    assert worst_of(vital).name.startswith("hoffman_100009")
    for name in ("one", "two"):
        draw(vital, task.title, "/min", tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_recordings_of_one_value_are_drawn_side_by_side(data: Path, tmp_path: Path):
    task = BY_NAME["oxygen-oxiwear"]
    vital = scoring.scored(task, recordings_of(task, tmp_path, data), scoring.ours(task))
    assert vital is not None
    draw(vital, task.title, "%", tmp_path / "each.svg")
    assert "each recording, one value" in (tmp_path / "each.svg").read_text(encoding="utf-8")


def test_a_vital_without_a_single_reading_is_drawn_all_the_same(data: Path, tmp_path: Path):
    task = BY_NAME["breathing-bidmc"]
    nothing = scoring.plain_series(np.empty(0), np.empty(0))
    vital = scoring.scored(task, recordings_of(task, tmp_path, data), lambda _subject: nothing)
    assert vital is not None
    draw(vital, task.title, "/min", tmp_path / "none.svg")
    assert (tmp_path / "none.svg").stat().st_size


def test_lanes_are_compared_line_by_line(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    subjects = recordings_of(BY_NAME["heart-hoffman"], tmp_path, data)
    (chosen,) = one_of_each(subjects)
    assert str(same_on_both(chosen)).endswith("readings, the same to the digit")
    texts = {ours.UNIX: "head\n1\n2\n", ours.M4: "head\n1\n3\n"}

    def written(_subject: Subject, lane: str) -> Path:
        path = tmp_path / f"{lane}.csv"
        path.write_text(texts[lane], encoding="utf-8")
        return path

    monkeypatch.setattr(lanes, "readings_file", written)
    assert str(same_on_both(chosen)).endswith("2 readings, 1 differ, first 2 on unix and 3 on m4")
    texts[ours.M4] = "head\n1\n"
    assert str(same_on_both(chosen)).endswith("2 on unix and 1 on m4")


def test_the_command_prints_tables_and_writes_scores_and_pictures(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    output = tmp_path / "out"
    chosen = ["breathing-bidmc", "steps-25hz", "--lanes", "--jobs", "1"]
    command.main([*chosen, "--data", str(data), "--output", str(output)])
    printed = capsys.readouterr().out
    assert "it flatters" in printed
    assert "bidmc/01: " in printed
    assert "the same to the digit" in printed
    assert sorted(path.name for path in output.iterdir()) == [
        "breathing-bidmc.png", "breathing-bidmc.svg", "scores.json"
    ]  # fmt: skip
    scores = json.loads((output / "scores.json").read_text(encoding="utf-8"))
    assert list(scores) == ["breathing-bidmc", "steps-25hz"]
    assert scores["breathing-bidmc"]["rows"][0]["who"] == OURS


def test_the_command_runs_recordings_side_by_side_and_writes_its_document(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    written: list[int] = []
    monkeypatch.setattr(command, "write", lambda reports, said: written.append(len(reports) + len(said)))
    # Threads see what this test has put in place of the firmware.
    monkeypatch.setattr(command, "ProcessPoolExecutor", ThreadPoolExecutor)
    arguments = ["sleep-walch", "--jobs", "2", "--document", "--data", str(data)]
    arguments += ["--output", str(tmp_path / "out")]
    command.main(arguments)
    assert written == [2]


def test_a_name_that_is_no_table_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        command.main(["everything"])
    assert "wanted names of heart-troika, " in capsys.readouterr().err
