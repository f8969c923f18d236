"""Files of readings and of references: small CSV files, one row a value.

Readings: `time_s,vital,value,unit,quality,validity,cause`. A reference is
`time_s,vital,value`; its `time_s` is the end of the window or epoch that the value speaks of,
counted as in the readings from the first sample of the recording: heart rate of an 8 s window at 8, 10, ...
s; of `steps` one row with the total, at the end; of `sleep_stage` one row a 30 s epoch with 0 wake, 1 NREM,
2 REM, an epoch that nobody scored being left out. Intervals between beats whose times are unknown are a file
of their own with the one column `interval_ms`. An unknown value is an empty cell, never zero.
"""

import csv
import math
import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bandschema.enums import Activity, ArmPosture, Cause, SleepStage, Validity
from bandschema.readings import BY_READING
from vitalband.errors import LocalError
from vitalband.values import label

READING_COLUMNS = ("time_s", "vital", "value", "unit", "quality", "validity", "cause")
REFERENCE_COLUMNS = ("time_s", "vital", "value")
BEAT_COLUMNS = ("interval_ms",)

_VITALS = frozenset(label(reading) for reading in BY_READING)
_VALIDITIES = frozenset(label(validity) for validity in Validity)
_CAUSES = frozenset(label(cause) for cause in Cause) - {label(Cause.NONE)} | {""}
_CODES: Mapping[str, frozenset[int]] = {
    "sleep_stage": frozenset(SleepStage),
    "activity": frozenset(Activity),
    "arm_posture": frozenset(ArmPosture),
}
"""Vitals whose values are codes of the schema."""
_TRUE_CODES: Mapping[str, frozenset[int]] = {
    **_CODES,
    "sleep_stage": _CODES["sleep_stage"] - {SleepStage.ASLEEP},
}
"""In a reference sleep has its stage: asleep of an unknown one is what a band says."""


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One reading of a recording.

    `time_s`: seconds from the recording's first sample, the end of what the value speaks of. `value` is in
    `unit` (a name of the schema's units), None when there is none; `quality` 0-100; `validity` and `cause`
    are lower-case names of the schema, `cause` empty when there is none.
    """

    time_s: float
    vital: str
    value: float | None
    unit: str
    quality: int
    validity: str
    cause: str

    @property
    def is_valid(self) -> bool:
        """Whether the band would show the value as a reading."""
        return self.validity == "valid" and self.value is not None


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One value of a reference; `time_s` as in `ReadingRow`."""

    time_s: float
    vital: str
    value: float


def number_text(value: float) -> str:
    """A number as short as it can be without loss, never with an exponent: `72`, `97.4`, `8.04`."""
    return str(int(value)) if value == int(value) else repr(round(value, 6))


def time_text(time_s: float) -> str:
    """Seconds with one decimal at least and three at most: `8.0`, `30.125`."""
    text = f"{time_s:.3f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def write_readings(rows: Iterable[ReadingRow], target: Path | TextIO) -> int:
    """Write rows as they come to a stream, or whole or not at all to a file; gives their number."""
    return _write(READING_COLUMNS, (_reading_cells(row) for row in rows), target)


def write_reference(rows: Iterable[ReferenceRow], target: Path | TextIO) -> int:
    """As `write_readings`."""
    cells = ([time_text(row.time_s), row.vital, number_text(row.value)] for row in rows)
    return _write(REFERENCE_COLUMNS, cells, target)


def write_beats(intervals_ms: Iterable[float], target: Path | TextIO) -> int:
    """Write intervals between beats, in their order; as `write_readings`."""
    return _write(BEAT_COLUMNS, ([number_text(interval)] for interval in intervals_ms), target)


def read_readings(path: Path) -> list[ReadingRow]:
    """Read what `write_readings` wrote; LocalError names the line that is none of it."""
    return [_reading(cells, where) for cells, where in _rows(path, READING_COLUMNS)]


def read_reference(path: Path) -> list[ReferenceRow]:
    """Read what `write_reference` wrote; LocalError names the line that is none of it."""
    rows: list[ReferenceRow] = []
    for cells, where in _rows(path, REFERENCE_COLUMNS):
        vital = _one_of(cells[1], _VITALS, where)
        rows.append(
            ReferenceRow(_number(cells[0], where), vital, _value(cells[2], vital, _TRUE_CODES, where))
        )
    return rows


def read_beats(path: Path) -> list[float]:
    """Read what `write_beats` wrote: intervals in ms."""
    return [_number(cells[0], where) for cells, where in _rows(path, BEAT_COLUMNS)]


def _reading_cells(row: ReadingRow) -> list[str]:
    value = "" if row.value is None else number_text(row.value)
    return [time_text(row.time_s), row.vital, value, row.unit, str(row.quality), row.validity, row.cause]


def _reading(cells: Sequence[str], where: str) -> ReadingRow:
    vital = _one_of(cells[1], _VITALS, where)
    return ReadingRow(
        _number(cells[0], where),
        vital,
        _value(cells[2], vital, _CODES, where) if cells[2] else None,
        cells[3],
        int(_number(cells[4], where)),
        _one_of(cells[5], _VALIDITIES, where),
        _one_of(cells[6], _CAUSES, where),
    )


def _write(columns: Sequence[str], rows: Iterable[Sequence[str]], target: Path | TextIO) -> int:
    if not isinstance(target, Path):
        return _write_to(columns, rows, target)
    with whole_file(target) as stream:
        return _write_to(columns, rows, stream)


def _write_to(columns: Sequence[str], rows: Iterable[Sequence[str]], stream: TextIO) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


@contextmanager
def whole_file(path: Path) -> Generator[TextIO, None, None]:
    """A text file that takes its name when all is written: one that was cut must not pass for whole."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        nothing: list[str] = []
        header = ",".join(name.strip() for name in next(rows, nothing))
        if header != ",".join(columns):
            raise LocalError(f"{path}: wanted the columns {','.join(columns)}, got {header or 'none'}")
        for cells in rows:
            where = f"{path}, line {rows.line_num}"
            if len(cells) != len(columns):
                raise LocalError(f"{where}: wanted {len(columns)} cells, got {len(cells)}")
            yield cells, where


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise LocalError(f"{where}: wanted a number, got {text!r}")
    return value


def _value(text: str, vital: str, codes: Mapping[str, frozenset[int]], where: str) -> float:
    value = _number(text, where)
    if vital in codes and value not in codes[vital]:
        wanted = ", ".join(str(int(code)) for code in sorted(codes[vital]))
        raise LocalError(f"{where}: wanted for {vital} one of {wanted}, got {text!r}")
    return value


def _one_of(text: str, names: frozenset[str], where: str) -> str:
    if text not in names:
        raise LocalError(f"{where}: wanted one of {', '.join(sorted(names))}, got {text!r}")
    return text
