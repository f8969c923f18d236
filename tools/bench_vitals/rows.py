"""Rows of the tables: whose figure it is, the figure, how sure, and of how many."""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from bench_vitals.tasks import Published, Task
from vitalband.analysis.scores import Score

OURS = "Vitalband, as shipped"
HEADINGS = ("who", "measure", "value", "95 %", "floor", "used", "n")


@dataclass(frozen=True)
class Row:
    """Texts of one row, as `HEADINGS` names them."""

    who: str
    measure: str
    value: str
    interval: str = ""
    floor: str = ""
    used: str = ""
    count: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts in their order."""
        return astuple(self)


assert len(fields(Row)) == len(HEADINGS)


def number(value: float) -> str:
    """Three figures at least, "-" of nothing."""
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def rows_of_scores(who: str, task: Task, scores: Sequence[Score], *, is_peer: bool = False) -> list[Row]:
    """Rows of those figures that the table of a task shows; of a peer, which shows all it has, the first."""
    wanted = task.measures[:1] if is_peer else task.measures
    return [
        row_of_score(who, one)
        for measure in wanted
        for one in scores
        if one.measure.startswith(measure) and not (math.isnan(one.value) and not one.expected)
    ]


def row_of_score(who: str, one: Score) -> Row:
    """The row of one figure."""
    people = "" if one.subjects == one.recordings else f" of {one.subjects}"
    # One value a recording of one person: naming it is no floor.
    is_answer = not one.floor and "knows the answer" in one.floor_name
    return Row(
        who=who,
        measure=one.measure,
        value=f"{number(one.value)} {one.unit}".rstrip(),
        interval="" if one.interval is None else f"{number(one.interval[0])} to {number(one.interval[1])}",
        floor="" if math.isnan(one.floor) or is_answer else number(one.floor),
        used="" if not one.expected else f"{100 * one.coverage:.0f} % of {one.expected}",
        count=f"{one.recordings}{people}",
    )


def row_of_published(published: Published) -> Row:
    """The row of a figure that others have printed."""
    return Row(
        who=f"published: {published.who} ({published.source})",
        measure=published.measure,
        value=f"{number(published.value)} {published.unit}".rstrip(),
    )


def markdown(rows: Sequence[Row]) -> str:
    """A table in Markdown; cells that repeat the one above in the first column stay empty."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|" + "---:|" * (len(HEADINGS) - 2)]
    before = ""
    for row in rows:
        who = "" if row.who == before else row.who
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in (who, *row.cells[1:])) + " |")
        before = row.who
    return "\n".join(lines)
