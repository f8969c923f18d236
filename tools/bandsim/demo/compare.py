"""The closing table of a demo: each vital, the band's figure, the reference's, error and coverage."""

from dataclasses import dataclass

import numpy as np
from rich.table import Table

from bandschema.enums import Activity, SleepStage
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING
from bandsim.demo.log import REFERENCE_OF, DemoLog, Point

_SHARE = (ReadingId.ACTIVITY, ReadingId.SLEEP_STAGE)
_TOTAL = (ReadingId.STEPS,)
_NAMES = {ReadingId.ACTIVITY: Activity, ReadingId.SLEEP_STAGE: SleepStage}
_UNITS = {
    ReadingId.HEART_RATE_BPM: "/min",
    ReadingId.RESPIRATORY_RATE_BPM: "/min",
    ReadingId.SPO2_PERCENT: "%",
    ReadingId.SKIN_TEMPERATURE_C: "C",
    ReadingId.CORE_TEMPERATURE_ESTIMATE_C: "C",
    ReadingId.SYSTOLIC_MMHG: "mmHg",
    ReadingId.DIASTOLIC_MMHG: "mmHg",
}


@dataclass(frozen=True)
class Row:
    """One vital: `error` is a mean absolute error, a difference of totals, or an agreement, as it says.

    `coverage` is the share of vitals frames that carried a valid value; `floor_error` the error of always
    giving the reference's own mean (or commonest class), which a reading must beat to be worth anything.
    """

    reading_id: ReadingId
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
        band=_figure(reading_id, [point.reading.value for point in shown]) + ("" if valid else " (doubtful)"),
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
    low, mean, high = known.min(), known.mean(), known.max()
    return f"{mean:.1f} ({low:.1f}-{high:.1f}) {_UNITS[reading_id]}"


def _errors(reading_id: ReadingId, band: np.ndarray, reference: np.ndarray) -> tuple[str, str]:
    if not len(band):
        return "-", "-"
    if reading_id in _TOTAL:
        return f"{band[-1] - reference[-1]:+.0f} in all", f"{-reference[-1]:+.0f}"
    if reading_id in _SHARE:
        commonest = max(np.mean(reference == value) for value in np.unique(reference))
        return f"{100 * np.mean(band == reference):.0f} % agree", f"{100 * commonest:.0f} %"
    floor = np.abs(reference - reference.mean()).mean()
    return f"{np.abs(band - reference).mean():.2f} MAE", f"{floor:.2f}"


def table_of(rows: list[Row], title: str) -> Table:
    """Give the rows as a table for people."""
    table = Table(title=title, title_justify="left")
    for name in ("vital", "band", "reference", "error", "floor", "valid", "n"):
        table.add_column(name, justify="right" if name in ("error", "floor", "valid", "n") else "left")
    for row in rows:
        name = BY_READING[row.reading_id].name_en
        table.add_row(name, row.band, row.reference, row.error, row.floor_error, row.coverage, str(row.count))
    return table


def markdown_of(rows: list[Row]) -> str:
    """Give the rows as lines of a Markdown table, for the documents."""
    lines = ["| vital | band | reference | error | floor | valid | n |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        cells = (
            BY_READING[row.reading_id].name_en, row.band, row.reference, row.error, row.floor_error,
            row.coverage, str(row.count),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
