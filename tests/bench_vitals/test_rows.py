"""Rows of the tables, the fits' own figures, and what is kept of a run."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from bench_vitals import kept
from bench_vitals.document import write
from bench_vitals.fits import cross_validated, protocol_of
from bench_vitals.kept import digest_of, kept_file, kept_values
from bench_vitals.report import Report
from bench_vitals.rows import Row, markdown, number, row_of_published, rows_of_scores
from bench_vitals.tasks import TASKS, Published
from fit.result import RESULTS
from vitalband.analysis.scores import Score

TROIKA = TASKS[0]


def score_of(measure: str, value: float, **more: object) -> Score:
    given = {
        "vital": "heart_rate_bpm", "unit": "/min", "recordings": 12, "subjects": 12, "used": 90,
        "expected": 100,
    }  # fmt: skip
    return Score(measure=measure, value=value, **(given | more))


def test_a_row_says_how_sure_the_figure_is_of_how_much_and_of_whom():
    one = score_of(TROIKA.measures[0], 1.234, interval=(1.0, 1.5), floor=20.0, subjects=6)
    (row,) = rows_of_scores("ours", TROIKA, [one])
    assert row.cells == (
        "ours", TROIKA.measures[0], "1.23 /min", "1.00 to 1.50", "20.00", "90 % of 100", "12 of 6"
    )  # fmt: skip


def test_naming_the_one_value_of_each_recording_is_no_floor():
    own = score_of(TROIKA.measures[0], 1.0, floor=0.0, floor_name="its own mean, which knows the answer")
    nothing = score_of(TROIKA.measures[0], 1.0, floor=0.0, floor_name="count nothing")
    assert [row.floor for row in rows_of_scores("ours", TROIKA, [own, nothing])] == ["", "0.00"]


def test_only_the_measures_of_the_task_are_shown_and_of_a_peer_the_first():
    scores = [score_of(measure, 1.0) for measure in (*TROIKA.measures, "bias, every reading")]
    assert [row.measure for row in rows_of_scores("ours", TROIKA, scores)] == list(TROIKA.measures)
    assert [row.measure for row in rows_of_scores("theirs", TROIKA, scores, is_peer=True)] == [
        TROIKA.measures[0]
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "-"), (0.5, "0.50"), (99.94, "99.94"), (123.45, "123.5"), (1234.5, "1234")]
)
def test_numbers_have_three_figures_at_least(value: float, text: str):
    assert number(value) == text


def test_a_published_figure_is_marked_with_its_source():
    row = row_of_published(Published("WFPV", "error", 1.02, "/min", "a table"))
    assert row.cells == ("published: WFPV (a table)", "error", "1.02 /min", "", "", "", "")


def test_markdown_names_whose_rows_they_are_once():
    lines = markdown([Row("a", "x", "1"), Row("a", "y | z", "2"), Row("b", "x", "3")]).splitlines()
    assert lines[2:] == [
        "| a | x | 1 |  |  |  |  |",
        "|  | y \\| z | 2 |  |  |  |  |",
        "| b | x | 3 |  |  |  |  |",
    ]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_figures_of_a_fit_are_those_of_recordings_left_out(tmp_path: Path):
    figures = [
        {"name": "error of troika", "value": 1.5, "unit": "/min", "n": 12, "of": "recordings",
         "coverage_percent": 95.0, "floor": 20.0, "interval": [1.0, 2.0]},
        {"name": "error of bami1", "value": 1.9, "unit": "/min", "n": 12, "of": "recordings",
         "coverage_percent": None, "floor": None, "interval": None},
    ]  # fmt: skip
    result = {"figures": figures, "protocol": "each left out.", "notes": ["Seen."]}
    (tmp_path / "heart.json").write_text(json.dumps(result), encoding="utf-8")
    (row,) = cross_validated("heart", "troika", tmp_path)
    assert row.cells == (
        "Vitalband, cross-validated", "error of troika", "1.50 /min", "1.00 to 2.00", "20.00", "95 %",
        "12 recordings",
    )  # fmt: skip
    assert protocol_of("heart", tmp_path) == "Cross-validated: each left out. Seen."
    assert cross_validated("nothing", "", tmp_path) == cross_validated("", "", tmp_path) == []
    assert protocol_of("nothing", tmp_path) == ""


@pytest.mark.parametrize("task", [task for task in TASKS if (RESULTS / f"{task.fit}.json").exists()])
def test_a_task_with_a_fit_has_figures_of_it(task):
    assert cross_validated(task.fit, task.fit_figures)


def test_what_is_kept_is_made_once_and_never_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    made: list[str] = []

    def make(part: Path) -> None:
        made.append(part.name)
        part.write_text("half", encoding="utf-8")
        if len(made) == 1:
            raise OSError("full")
        part.write_text("whole", encoding="utf-8")

    with pytest.raises(OSError, match="full"):
        kept_file("kind", "key", make)
    for _ in range(2):
        assert kept_file("kind", "key", make).read_text(encoding="utf-8") == "whole"
    assert len(made) == 2
    values = kept_values("numbers", lambda: np.array([1.0, np.nan]))
    assert kept_values("numbers", lambda: np.array([2.0])) == pytest.approx(values, nan_ok=True)


def test_a_digest_tells_where_parts_end():
    assert digest_of(["ab", "c"]) != digest_of(["a", "bc"]) != digest_of([b"a", b"bc", b""])


def test_the_document_gets_its_tables(tmp_path: Path):
    path = tmp_path / "vital_signs.md"
    path.write_text("before\n<!-- figures: bench-vitals -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    write([Report(TROIKA, [Row("a", "x", "1")], None, ["Noted."])], ["Said."], path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("<!-- end -->\nafter\n")
    assert "old" not in text
    assert f"Said.\n\n### {TROIKA.title}\n\n| who |" in text
    assert "| a | x | 1 |" in text
    assert "\nNoted.\n" in text
