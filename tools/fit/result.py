"""What a fit gives: tables and numbers for the firmware, their provenance, and cross-validated figures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

RESULTS = Path(__file__).resolve().parent / "results"

ElementType = Literal["int8", "int16", "int32"]

LIMITS: Mapping[str, int] = {"int8": 1 << 7, "int16": 1 << 15, "int32": 1 << 31}
"""Element type -> size of its most negative value."""


@dataclass(frozen=True)
class DataSet:
    """Recordings that parameters were fitted on."""

    name: str
    recordings: int
    citation: str


@dataclass(frozen=True)
class Figure:
    """One score on recordings that were left out of the fit; `floor` is the naive method's on the same."""

    name: str
    value: float
    unit: str
    n: int
    of: str
    """What was counted: recordings, subjects, windows."""
    coverage_percent: float | None = None
    floor: float | None = None
    interval: tuple[float, float] | None = None
    """95 % bootstrap interval."""
    covered: str = "windows"
    """What `coverage_percent` is a share of."""


@dataclass(frozen=True)
class Table:
    """Integers that the firmware keeps in flash, little-endian; many rows lie one after the other."""

    name: str
    type: ElementType
    meaning: str
    values: Sequence[int]


@dataclass(frozen=True)
class Number:
    """One integer that the firmware's code uses."""

    name: str
    value: int
    meaning: str


@dataclass(frozen=True)
class Result:
    """Outcome of the script `tools/fit/<name>.py`."""

    name: str
    summary: str
    data: Sequence[DataSet]
    protocol: str
    figures: Sequence[Figure]
    tables: Sequence[Table] = ()
    numbers: Sequence[Number] = ()
    notes: Sequence[str] = field(default_factory=tuple[str, ...])


def problems(result: Result) -> list[str]:
    """What is wrong with a result: a name not its own, too wide, no provenance."""
    prefix = result.name.upper() + "_"
    found = [f"no data set named: {result.name}"] if not result.data else []
    found += [f"no figure: {result.name}"] if not result.figures else []
    for item in (*result.tables, *result.numbers):
        if not item.name.startswith(prefix) or not item.name.isupper():
            found.append(f"name wanted: {prefix}..., got {item.name}")
    for table in result.tables:
        limit = LIMITS[table.type]
        if not all(-limit <= value < limit for value in table.values):
            found.append(f"values of {table.type} wanted in {table.name}, got some outside")
    found += [
        f"a number within 30 bits wanted in {number.name}, got {number.value}"
        for number in result.numbers
        if not -(1 << 30) <= number.value < 1 << 30
    ]
    return found


def write(result: Result, folder: Path = RESULTS) -> Path:
    """Write the result where `read_all` finds it; ValueError when something is wrong with it."""
    found = problems(result)
    if found:
        raise ValueError("; ".join(found))
    path = folder / f"{result.name}.json"
    content = asdict(result)
    for table in content["tables"]:
        table["values"] = [int(value) for value in table["values"]]
    path.write_text(_text(content), encoding="utf-8")
    return path


def _text(content: Mapping[str, Any]) -> str:
    """JSON with a line for each entry, so that a change shows as one."""
    lines: list[str] = []
    for key, value in content.items():
        if isinstance(value, list | tuple) and value:
            entries = ",\n".join("    " + json.dumps(entry, ensure_ascii=False) for entry in value)
            lines.append(f"  {json.dumps(key)}: [\n{entries}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read(path: Path) -> Result:
    """The result that `write` left there."""
    content = json.loads(path.read_text(encoding="utf-8"))
    figures = [
        Figure(**(figure | {"interval": tuple(figure["interval"]) if figure["interval"] else None}))
        for figure in content["figures"]
    ]
    return Result(
        name=content["name"],
        summary=content["summary"],
        data=[DataSet(**entry) for entry in content["data"]],
        protocol=content["protocol"],
        figures=figures,
        tables=[Table(**entry) for entry in content["tables"]],
        numbers=[Number(**entry) for entry in content["numbers"]],
        notes=content["notes"],
    )


def read_all(folder: Path = RESULTS) -> list[Result]:
    """Every result, by name."""
    return [read(path) for path in sorted(folder.glob("*.json"))]
