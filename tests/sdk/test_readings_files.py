"""Files of readings and of references."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitalband.analysis import (
    ReadingRow,
    ReferenceRow,
    read_beats,
    read_readings,
    read_reference,
    write_beats,
    write_readings,
    write_reference,
)
from vitalband.errors import LocalError

_HUNDREDTHS = st.integers(-5000, 10_000_000).map(lambda raw: raw / 100)
_TIMES = st.integers(0, 10_000_000).map(lambda ms: ms / 1000)


def _rows_of(vitals: list[str], values: st.SearchStrategy[float]) -> st.SearchStrategy[ReadingRow]:
    return st.builds(
        ReadingRow,
        time_s=_TIMES,
        vital=st.sampled_from(vitals),
        value=st.none() | values,
        unit=st.sampled_from(["per_minute", "none"]),
        quality=st.integers(0, 100),
        validity=st.sampled_from(["valid", "unknown", "low_quality", "stale"]),
        cause=st.sampled_from(["", "motion", "off_wrist"]),
    )


_ROWS = _rows_of(["heart_rate_bpm", "steps"], _HUNDREDTHS) | _rows_of(
    ["sleep_stage", "activity"], st.integers(0, 3).map(float)
)


@given(rows=st.lists(_ROWS, max_size=20))
def test_readings_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ReadingRow]
) -> None:
    path = tmp_path_factory.mktemp("readings") / "readings.csv"
    assert write_readings(rows, path) == len(rows)
    assert read_readings(path) == rows


def test_references_and_intervals_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [ReferenceRow(8.0, "heart_rate_bpm", 74.339), ReferenceRow(840.0, "steps", 612.0)]
    write_reference(rows, tmp_path / "reference.csv")
    write_beats([812.0, 799.5], tmp_path / "beats.csv")
    assert read_reference(tmp_path / "reference.csv") == rows
    assert read_beats(tmp_path / "beats.csv") == [812.0, 799.5]


def test_a_row_reads_as_the_contract_says(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    write_readings(
        [
            ReadingRow(8.0, "heart_rate_bpm", 72.4, "per_minute", 81, "valid", ""),
            ReadingRow(8.0, "spo2_percent", None, "percent", 0, "unknown", "starting"),
        ],
        path,
    )
    assert path.read_text().splitlines() == [
        "time_s,vital,value,unit,quality,validity,cause",
        "8.0,heart_rate_bpm,72.4,per_minute,81,valid,",
        "8.0,spo2_percent,,percent,0,unknown,starting",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_s,value\n", "wanted the columns time_s,vital,value, got time_s,value"),
        ("time_s,vital,value\n8,heart_rate_bpm\n", "line 2: wanted 3 cells, got 2"),
        ("time_s,vital,value\n8,pulse,70\n", "line 2: wanted one of"),
        ("time_s,vital,value\n8,steps,nan\n", "line 2: wanted a number, got 'nan'"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "reference.csv"
    path.write_text(text)
    with pytest.raises(LocalError, match=told):
        read_reference(path)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text("before")

    def rows() -> object:
        yield ReadingRow(8.0, "steps", 1.0, "count", 80, "valid", "")
        raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        write_readings(rows(), path)  # type: ignore[arg-type]
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["readings.csv"]


@pytest.mark.parametrize("code", ["-1", "1.5", "3", "7"])
def test_a_stage_that_is_none_is_refused_by_its_line_in_a_reference(tmp_path: Path, code: str) -> None:
    path = tmp_path / "reference.csv"
    path.write_text(f"time_s,vital,value\n30,sleep_stage,1\n60,sleep_stage,{code}\n")
    with pytest.raises(LocalError, match=f"line 3: wanted for sleep_stage one of 0, 1, 2, got '{code}'"):
        read_reference(path)
