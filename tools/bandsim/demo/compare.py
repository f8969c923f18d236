"""The closing table of a demo: each vital, the band's figure, the reference's, error and coverage."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from bandschema.enums import Activity, SleepStage
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING
from bandsim.demo.log import REFERENCE_OF, DemoLog, Point
from vitalband.values import unit_symbol

_CHANNELS = ("optical", "acceleration", "skin_temperature", "battery")
_SHARE = (ReadingId.ACTIVITY, ReadingId.SLEEP_STAGE)
_TOTAL = (ReadingId.STEPS,)
_NAMES = {ReadingId.ACTIVITY: Activity, ReadingId.SLEEP_STAGE: SleepStage}
NOTES = (
    "error: mean absolute error in the unit, difference of totals, or share that agrees; floor: the error of "
    "always giving the reference's own mean, total 0, or commonest class; valid: share of updates with a "
    "valid value; n: updates compared"
)
"""What the columns of the table mean."""


@dataclass(frozen=True)
class Row:
    """One vital: `error` is a mean absolute error, a difference of totals, or an agreement, as it says.

    `coverage` is the share of vitals frames that carried a valid value; `floor_error` the error of always
    giving the reference's own mean (or commonest class), which a reading must beat to be worth anything.
    """

    reading_id: ReadingId
    unit: str
    band: str
    reference: str
    error: str
    floor_error: str
    coverage: str
    count: int
    source: str


def rows_of(log: DemoLog) -> list[Row]:
    """Give a row for every vital that the band measures, in the order of the catalogue."""
    provenance = log.stimulus.provenance
    return [
        _row(reading_id, log.points.get(reading_id, []), provenance.get(name, "none"))
        for reading_id, name in REFERENCE_OF.items()
    ]


def _row(reading_id: ReadingId, points: list[Point], source: str) -> Row:
    valid = [point for point in points if point.reading.is_valid]
    shown = valid or [point for point in points if point.reading.value is not None]
    known = [point for point in points if point.reference is not None]
    pairs = [point for point in shown if point.reference is not None]
    band = np.array([point.reading.value for point in pairs], dtype=float)
    reference = np.array([point.reference for point in pairs], dtype=float)
    error, floor = _errors(reading_id, band, reference)
    return Row(
        reading_id=reading_id,
        unit=unit_symbol(BY_READING[reading_id].unit),
        band=_figure(reading_id, [point.reading.value for point in shown])
        + (" doubtful" if shown and not valid else ""),
        reference=_figure(reading_id, [point.reference for point in known]),
        error=error,
        floor_error=floor,
        coverage=f"{100 * len(valid) / len(points):.0f} %" if points else "0 %",
        count=len(pairs),
        source=source,
    )


def _figure(reading_id: ReadingId, values: list[float | None]) -> str:
    known = np.array([value for value in values if value is not None])
    if not len(known):
        return "unknown"
    if reading_id in _TOTAL:
        return f"{known[-1]:.0f}"
    if reading_id in _SHARE:
        classes, counts = np.unique(known.astype(int), return_counts=True)
        names = _NAMES[reading_id]
        shares = zip(classes, counts / len(known), strict=True)
        return ", ".join(f"{names(value).name.lower()} {100 * share:.0f} %" for value, share in shares)
    digits = 1 if BY_READING[reading_id].scale.denominator > 1 else 0
    low, mean, high = known.min(), known.mean(), known.max()
    # Of three figures the last tells nothing in a range, and the table has 80 columns.
    range_digits = digits if high < 100 else 0
    return f"{mean:.{digits}f} ({low:.{range_digits}f}-{high:.{range_digits}f})"


def _errors(reading_id: ReadingId, band: np.ndarray, reference: np.ndarray) -> tuple[str, str]:
    if not len(band):
        return "-", "-"
    if reading_id in _TOTAL:
        return f"{band[-1] - reference[-1]:+.0f} in all", f"{0 - reference[-1]:+.0f}"
    if reading_id in _SHARE:
        commonest = max(np.mean(reference == value) for value in np.unique(reference))
        return f"{100 * np.mean(band == reference):.0f} % agree", f"{100 * commonest:.0f} %"
    floor = np.abs(reference - reference.mean()).mean()
    return f"{np.abs(band - reference).mean():.2f}", f"{floor:.2f}"


def channels_of(provenance: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give what the band senses, by the names for people, each with where it comes from."""
    return [(name.replace("_", " "), provenance.get(name, "none")) for name in _CHANNELS]


def readings_by_source(rows: list[Row]) -> list[tuple[str, str]]:
    """Give each source of references once, with the readings that it speaks of."""
    readings: dict[str, list[str]] = {}
    for row in rows:
        readings.setdefault(row.source, []).append(BY_READING[row.reading_id].name_en.lower())
    return [(source, ", ".join(names)) for source, names in readings.items()]


_COLUMNS = ("vital", "unit", "band", "reference", "error", "floor", "valid", "n")
_RIGHT = ("error", "floor", "valid", "n")


def table_of(rows: list[Row], title: str) -> Table:
    """Give the rows as a table for people, which fits on 80 columns."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left")
    for row in rows:
        table.add_row(*_cells(row))
    return table


def markdown_of(rows: list[Row]) -> str:
    """Give the rows as lines of a Markdown table, for the documents."""
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row) -> list[str]:
    name = BY_READING[row.reading_id].name_en
    figures = (row.unit, row.band, row.reference, row.error, row.floor_error, row.coverage, str(row.count))
    return [name, *figures]
