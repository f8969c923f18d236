"""`vitalband score`."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bandschema.enums import Reading
from bandschema.readings import BY_READING
from vitalband.analysis.files import paired_files, read_recording
from vitalband.analysis.score import COVERAGE_STEPS, VitalScore, score
from vitalband.analysis.scores import Score
from vitalband.cli.common import JSON, console, print_json
from vitalband.errors import LocalError
from vitalband.view import printable

NOTES = (
    "every reading: all that have a value, shown or not; as shown: what the band shows (validity valid); "
    "used: of the readings that a reference asks for; 95 %: people drawn again with replacement; "
    "floor: a method that looks at no signal"
)
SUBJECTS = Annotated[
    str | None,
    typer.Option(
        help="Regular expression whose group is the person in a recording's name.",
        show_default="each recording a person",
    ),
]


def score_command(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="READINGS REFERENCE, two files or two folders; more pairs may follow.", show_default=False
        ),
    ],
    subjects: SUBJECTS = None,
    each: Annotated[bool, typer.Option(help="Show the figure of every recording too.")] = False,
    as_json: JSON = False,
) -> None:
    """Score readings against a reference, by the rules of docs/scoring.md.

    Readings have the columns time_s,vital,value,unit,quality,validity,cause, a reference time_s,vital,value.
    Folders are paired by name: NAME.readings.csv with NAME.reference.csv, or NAME.csv in both.

    [bold]Examples[/]

      vitalband score readings.csv reference.csv

      vitalband score readings/ references/ --subjects "(\\d+)_" --each
    """
    pairs, unpaired = _pairs(files)
    scored = score([read_recording(readings, reference, subjects) for readings, reference in pairs])
    if not scored:
        raise LocalError(f"wanted a reference of a vital, got none in {len(pairs)} files")
    if as_json:
        print_json(document(scored, unpaired))
        return
    for vital in scored:
        show(vital, each)
    for name in unpaired:
        console.print(Text(printable(f"not scored, without a partner: {name}")))
    console.print(Text(NOTES, "dim"))


def _pairs(files: Sequence[Path]) -> tuple[list[tuple[Path, Path]], list[str]]:
    if len(files) % 2:
        raise LocalError(f"wanted pairs of READINGS REFERENCE, got {len(files)} paths")
    pairs: list[tuple[Path, Path]] = []
    unpaired: list[str] = []
    for readings, reference in zip(files[::2], files[1::2], strict=True):
        found, alone = paired_files(readings, reference)
        pairs += found
        unpaired += alone
    return pairs, unpaired


def show(vital: VitalScore, each: bool = False) -> None:
    """Print the tables of one vital."""
    name = BY_READING[Reading[vital.vital.upper()]].name_en
    people = len({one.subject for one in vital.answered})
    title = f"{name}: {len(vital.answered)} recordings of {people} people"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for column in ("measure", "value", "95 %", "floor", "used", "n"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    for one in vital.scores:
        table.add_row(*cells_of(one))
    console.print(table)
    for line in (*_notes(vital.scores), *_agreement(vital)):
        console.print(Text(printable(line), "dim"))
    if each:
        _show_each(vital)
    console.print()


def cells_of(one: Score) -> tuple[str, ...]:
    """The figures of a score for people: measure, value, interval, floor, coverage, n."""
    interval = "" if one.interval is None else f"{number(one.interval[0])} to {number(one.interval[1])}"
    floor = "" if math.isnan(one.floor) else number(one.floor)
    used = "" if not one.expected else f"{100 * one.coverage:.0f} % of {one.expected}"
    value = f"{number(one.value)} {one.unit}".rstrip()
    people = "" if one.subjects == one.recordings else f" of {one.subjects}"
    return one.measure, value, interval, floor, used, f"{one.recordings}{people}"


def number(value: float) -> str:
    """Three figures at least, "-" of nothing."""
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def _notes(scores: Sequence[Score]) -> Iterator[str]:
    floors = dict.fromkeys(one.floor_name for one in scores if one.floor_name)
    if floors:
        yield f"floor: {', '.join(floors)}"
    yield from dict.fromkeys(one.note for one in scores if one.note)


def _agreement(vital: VitalScore) -> Iterator[str]:
    if vital.limits is not None and vital.limits.count > 1:
        limits = vital.limits
        yield (
            f"as shown: bias {limits.bias:+.2f}, limits of agreement {limits.lower:+.2f} to "
            f"{limits.upper:+.2f} ({limits.count} pairs)"
        )
    if vital.curve is not None and len(vital.curve) > 1:
        points = ", ".join(f"{100 * share:.0f} % {error:.2f}" for share, error in curve_points(vital))
        yield f"error of the surest share by quality, all windows together: {points}"


def curve_points(vital: VitalScore) -> list[tuple[float, float]]:
    """(share, mean absolute error) at or just above each of `COVERAGE_STEPS` that the qualities part."""
    curve = vital.curve
    if curve is None or not len(curve):
        return []
    found = {int((curve[:, 0] < step - 1e-9).sum()) for step in COVERAGE_STEPS}
    return [(float(curve[row, 0]), float(curve[row, 1])) for row in sorted(found)]


def _show_each(vital: VitalScore) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("recording")
    shown = [one for one in vital.scores if one.by_recording]
    for one in shown:
        table.add_column(one.measure, justify="right")
    for recording in vital.answered:
        figures = [one.by_recording.get(recording.name, math.nan) for one in shown]
        table.add_row(Text(printable(recording.name)), *map(number, figures))
    console.print(table)


def document(scored: Sequence[VitalScore], unpaired: Sequence[str] = ()) -> dict[str, Any]:
    """The scores as JSON: null where there is no number."""
    return {
        "scores": [_score_document(one) for vital in scored for one in vital.scores],
        "limits_of_agreement": {
            vital.vital: {
                "bias": _known(vital.limits.bias),
                "sd": _known(vital.limits.sd),
                "lower": _known(vital.limits.lower),
                "upper": _known(vital.limits.upper),
                "pairs": vital.limits.count,
            }
            for vital in scored
            if vital.limits is not None
        },
        "error_against_coverage": {
            vital.vital: [{"coverage": share, "error": error} for share, error in curve_points(vital)]
            for vital in scored
            if vital.curve is not None
        },
        "unpaired": list(unpaired),
    }


def _score_document(one: Score) -> dict[str, Any]:
    return {
        "vital": one.vital,
        "measure": one.measure,
        "value": _known(one.value),
        "unit": one.unit,
        "interval": one.interval,
        "floor": _known(one.floor),
        "floor_name": one.floor_name,
        "used": one.used,
        "expected": one.expected,
        "coverage": _known(one.coverage),
        "recordings": one.recordings,
        "subjects": one.subjects,
        "note": one.note,
        "by_recording": {name: _known(value) for name, value in one.by_recording.items()},
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
