"""`vitalband export`."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from vitalband.bulk import DamageReport
from vitalband.cli.common import BAND, JSON, band_id_of, console, print_json
from vitalband.export import ExportProgress, ExportTable, export_table
from vitalband.store import StoreReader
from vitalband.view import printable


def export(
    file: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    output: Annotated[Path, typer.Argument(help="A file ending in .csv or .parquet.", show_default=False)],
    table: Annotated[ExportTable, typer.Option(help="Which table of the recording.")] = ExportTable.VITALS,
    band: BAND = None,
    as_json: JSON = False,
) -> None:
    """Write a recording as CSV or Parquet; columns are named as in the schema, unknown is empty.

    It is read and written in pieces, so that the longest recording needs no more memory than a short one.
    Frames that cannot be read are left out, counted, and the first of them named.

    [bold]Examples[/]

      vitalband export night.vband night.csv

      vitalband export night.vband pulse.parquet --table optical
    """
    with StoreReader(file, band_id_of(band)) as reader:
        with _shown_progress(is_quiet=as_json) as on_progress:
            rows = export_table(reader, table, output, on_progress)
        damage = reader.damage
    if as_json:
        document = {"file": str(output), "table": table.value, "rows": rows}
        print_json(document | _damage_document(damage))
        return
    console.print(Text(printable(f"wrote {rows} rows of {table.value} to {output}")))
    if damage.total:
        console.print(Text(f"left out {damage.total} frames that cannot be read:"))
        for line in damage.lines():
            console.print(Text(printable(f"  {line}")))


@contextmanager
def _shown_progress(*, is_quiet: bool) -> Generator[Callable[[ExportProgress], None] | None, None, None]:
    """A bar while the `with` block runs, which leaves nothing behind; none without a terminal."""
    if is_quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("frames"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("frames", total=None)
        yield lambda progress: bar.update(task, completed=progress.frames, total=progress.all_frames)


def _damage_document(damage: DamageReport) -> dict[str, object]:
    first = [
        {"boot_id": each.boot_id, "sequence": each.sequence, "cause": each.cause} for each in damage.first
    ]
    return {"unreadable": damage.total, "causes": dict(damage.counts), "first_unreadable": first}
