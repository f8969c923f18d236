"""Reads files of recordings; what is not as the publisher describes it is one clear error.

scipy is imported where it is used: see `bandsim.recordings.beats`.
"""

import csv
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from bandsim.errors import RecordingError
from bandsim.stimulus import FloatArray

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def text_lines(path: Path) -> list[str]:
    """Give the lines of a text file, without blank ones."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise RecordingError(f"{path}: wanted a readable file, got: {error}") from error
    return [line for line in text.splitlines() if line.strip()]


def number_rows(
    path: Path, *, skipped: int = 0, delimiter: str | None = ",", columns: Sequence[int] | None = None
) -> FloatArray:
    """Give `(n, c)` numbers of a text file after some header lines."""
    lines = text_lines(path)[skipped:]
    try:
        return np.loadtxt(
            lines, delimiter=delimiter, usecols=columns, ndmin=2, dtype=np.float64, comments=None
        )
    except (ValueError, IndexError) as error:
        raise RecordingError(f"{path}: wanted rows of numbers, got: {error}") from error


def named_columns(path: Path, names: Sequence[str]) -> FloatArray:
    """Give `(n, len(names))` numbers of a CSV file by the names in its first row; blanks are nan."""
    rows = list(csv.reader(text_lines(path)))
    header = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in names if name not in header]
    if missing:
        raise RecordingError(
            f"{path}: wanted a column {missing[0]!r}, got {', '.join(header) or 'an empty file'}"
        )
    places = [header.index(name) for name in names]
    return np.array(
        [[_number(row[place]) if place < len(row) else np.nan for place in places] for row in rows[1:]]
    )


def placed_column(path: Path, place: int) -> FloatArray:
    """Give `(n,)` numbers of one column of a CSV file by its place, its first row left out."""
    rows = list(csv.reader(text_lines(path)))[1:]
    return np.array([_number(row[place]) if place < len(row) else np.nan for row in rows])


def matlab_variables(path: Path, names: Sequence[str]) -> list[FloatArray]:
    """Give variables of a MATLAB file as arrays of float."""
    from scipy import io
    from scipy.io.matlab import MatReadError

    try:
        held = io.loadmat(path)
    except (OSError, ValueError, TypeError, NotImplementedError, MatReadError, zlib.error) as error:
        raise RecordingError(f"{path}: wanted a MATLAB file, got: {error}") from error
    missing = [name for name in names if name not in held]
    if missing:
        raise RecordingError(f"{path}: wanted a variable {missing[0]!r}, got {', '.join(sorted(held))}")
    return [np.asarray(held[name], dtype=np.float64) for name in names]


def sheet_rows(path: Path) -> list[dict[str, float]]:
    """Give the rows of a workbook's first sheet: its plain numbers by column letter."""
    try:
        with zipfile.ZipFile(path) as book:
            sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError) as error:
        raise RecordingError(f"{path}: wanted an .xlsx workbook, got: {error}") from error
    rows = [row.iterfind(f"{_SHEET}c") for row in sheet.iterfind(f"{_SHEET}sheetData/{_SHEET}row")]
    return [dict(_cell(cell) for cell in row if cell.get("t") is None) for row in rows]


def _cell(cell: ElementTree.Element) -> tuple[str, float]:
    return (cell.get("r") or "").rstrip("0123456789"), _number(cell.findtext(f"{_SHEET}v") or "")


def enough(path: Path, samples: FloatArray, least: int) -> FloatArray:
    """Give the samples when there are enough of them."""
    if len(samples) < least:
        raise RecordingError(f"{path}: wanted {least} samples or more, got {len(samples)}")
    return samples


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
