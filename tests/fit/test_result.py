"""Results of fits and the firmware's table that is made of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fit import table
from fit.result import LIMITS, DataSet, Figure, Number, Result, Table, read, write

DATA = [DataSet("walks", 3, "nobody, 2020")]
FIGURES = [
    Figure("error", 1.5, "/min", 3, "recordings", floor=9.0),
    Figure("error, shown", 1.0, "/min", 3, "recordings", coverage_percent=90.0, interval=(0.5, 2.0)),
]


def result(tables: list[Table] | None = None, numbers: list[Number] | None = None) -> Result:
    return Result("pulse", "A test.", DATA, "each recording in turn.", FIGURES, tables or [], numbers or [])


@st.composite
def some_tables(draw: st.DrawFn) -> list[Table]:
    types = draw(st.lists(st.sampled_from(sorted(LIMITS)), max_size=3))
    return [
        Table(
            f"PULSE_T{place}",
            kind,  # pyright: ignore[reportArgumentType]
            "values",
            draw(st.lists(st.integers(-LIMITS[kind], LIMITS[kind] - 1), max_size=50)),
        )
        for place, kind in enumerate(types)
    ]


@given(some_tables(), st.integers(-(1 << 30), (1 << 30) - 1))
def test_the_firmware_reads_the_integers_that_the_fit_gave(tables: list[Table], number: int) -> None:
    names: dict[str, bytes | int] = {}
    exec(table.text([result(tables, [Number("PULSE_N", number, "a number")])]), names)
    assert names["PULSE_N"] == number
    for entry in tables:
        content = names[entry.name]
        assert isinstance(content, bytes)
        assert np.frombuffer(content, np.dtype(entry.type).newbyteorder("<")).tolist() == list(entry.values)


@given(some_tables())
def test_a_result_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, tables: list[Table]
) -> None:
    wanted = result(tables, [Number("PULSE_N", 7, "a number")])
    path = write(wanted, tmp_path_factory.mktemp("results"))
    got = read(path)
    assert got.figures == wanted.figures
    assert [(entry.name, list(entry.values)) for entry in got.tables] == [
        (entry.name, list(entry.values)) for entry in tables
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        result([Table("PULSE_T", "int8", "too wide", [128])]),
        result([Table("HEART_T", "int8", "another's name", [1])]),
        result(numbers=[Number("PULSE_N", 1 << 30, "a heap integer on the band")]),
        Result("pulse", "No provenance.", [], "none", FIGURES),
        Result("pulse", "No figure.", DATA, "none", []),
    ],
)
def test_a_result_that_does_not_fit_is_refused_and_not_written(tmp_path: Path, wrong: Result) -> None:
    with pytest.raises(ValueError):
        write(wrong, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_table_that_is_stale_fails_the_check_until_it_is_written(tmp_path: Path) -> None:
    module = tmp_path / "fitted.py"
    write(result([Table("PULSE_T", "int16", "values", [1, -2])]), tmp_path)
    assert table.main(["--check"], tmp_path, module) == 1
    assert table.main([], tmp_path, module) == 0
    assert table.main(["--check"], tmp_path, module) == 0
