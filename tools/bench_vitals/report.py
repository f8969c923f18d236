"""One table: the firmware beside its own cross-validation, published figures, packages and naive floors."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench_vitals.fits import cross_validated, protocol_of
from bench_vitals.lives import ROWS
from bench_vitals.peers import installed
from bench_vitals.recordings import Subject
from bench_vitals.rows import HEADINGS, OURS, Row, markdown, row_of_published, rows_of_scores
from bench_vitals.scoring import WFPV, of_peer, of_wfpv, ours, scored
from bench_vitals.tasks import SCENARIOS, Task
from vitalband.analysis.score import VitalScore


@dataclass(frozen=True)
class Report:
    """Rows of one task; `vital` has the pairs that the pictures show, None without recordings."""

    task: Task
    rows: Sequence[Row]
    vital: VitalScore | None
    notes: Sequence[str] = field(default_factory=tuple[str, ...])

    def print(self, console: Console) -> None:
        """Print the table and what is to be known of it."""
        table = Table(title=self.task.title, title_justify="left", box=None, padding=(0, 1, 0, 0))
        for heading in HEADINGS:
            table.add_column(heading, justify="left" if heading in HEADINGS[:2] else "right")
        for row in self.rows:
            table.add_row(*row.cells)
        console.print(table)
        for note in self.notes:
            console.print(f"  {note}", style="dim", markup=False)
        console.print()

    def markdown(self) -> str:
        """The same for a document."""
        notes = ["", " ".join(self.notes)] if self.notes else []
        return "\n".join([f"### {self.task.title}", "", markdown(self.rows), *notes])

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        rows = [dict(zip(HEADINGS, row.cells, strict=True)) for row in self.rows]
        return {"title": self.task.title, "rows": rows, "notes": list(self.notes)}


def report_of(task: Task, subjects: Sequence[Subject], data: Path) -> Report:
    """Score the recordings of a task, or its scenarios; without any, it has what others have published."""
    if task.dataset == SCENARIOS:
        return Report(task, ROWS[task.name](), None, task.notes)
    published = [row_of_published(each) for each in task.published]
    notes = [*task.notes, protocol_of(task.fit)]
    if not subjects:
        return Report(task, published, None, ["Its recordings are not in the data folder."])
    mine = scored(task, subjects, ours(task))
    rows = [*rows_of_scores(OURS, task, mine.scores)] if mine else []
    rows += cross_validated(task.fit, task.fit_figures)
    if task.dataset == "troika":
        theirs = scored(task, subjects, of_wfpv(data))
        rows += rows_of_scores(WFPV, task, theirs.scores, is_peer=True) if theirs else []
    rows += published
    for peer in installed():
        if task.guess in peer.guesses:
            theirs = scored(task, subjects, of_peer(task, peer))
            rows += rows_of_scores(peer.title, task, theirs.scores, is_peer=True) if theirs else []
    floors = sorted({one.floor_name for one in mine.scores if one.floor_name}) if mine else []
    if floors:
        notes.append(f"Floor, which looks at no signal: {', '.join(floors)}.")
    return Report(task, rows, mine, [note for note in notes if note])
