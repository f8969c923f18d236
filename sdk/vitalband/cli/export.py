"""`vitalband export`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vitalband.bulk import DamageReport
from vitalband.cli.common import BAND, JSON, band_id_of, console, print_json, row_bar
from vitalband.export import ExportTable, export_cuff_readings, export_everything, export_table
from vitalband.store import Store, StoreReader
from vitalband.view import printable


def export(
    file: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    output: Annotated[
        Path,
        typer.Argument(
            help="A file ending in .csv or .parquet; with --everything a new folder.", show_default=False
        ),
    ],
    table: Annotated[ExportTable, typer.Option(help="Which table of the recording.")] = ExportTable.VITALS,
    band: BAND = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="All that it holds, of all bands, with an index.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Write a recording as CSV or Parquet; columns are named as in the schema, unknown is empty.

    It is read and written in pieces, so that the longest recording needs no more memory than a short one.
    Frames that cannot be read are left out, counted, and the first of them named. Cuff readings are of no
    band: all that the file has are written.

    [bold]Examples[/]

      vitalband export night.vband night.csv

      vitalband export night.vband pulse.parquet --table optical

      vitalband export night.vband cuff.csv --table cuff_readings

      vitalband export night.vband all-about-me --everything
    """
    if everything:
        _export_everything(file, output, as_json)
        return
    if table is ExportTable.CUFF_READINGS:
        _export_cuff_readings(file, output, as_json)
        return
    with StoreReader(file, band_id_of(band)) as reader:
        with row_bar("frames", is_shown=not as_json) as show:
            rows = export_table(
                reader, table, output, lambda progress: show(progress.frames, progress.all_frames)
            )
        damage = reader.damage
    if as_json:
        document = {"file": str(output), "table": table.value, "rows": rows}
        print_json(document | _damage_document(damage))
        return
    _print_written(rows, table, output)
    if damage.total:
        console.print(Text(f"left out {damage.total} frames that cannot be read:"))
        for line in damage.lines():
            console.print(Text(printable(f"  {line}")))


def _export_cuff_readings(file: Path, output: Path, as_json: bool) -> None:
    table = ExportTable.CUFF_READINGS
    with Store.open(file) as store:
        rows = export_cuff_readings(store, output)
    if as_json:
        print_json({"file": str(output), "table": table.value, "rows": rows})
    else:
        _print_written(rows, table, output)


def _export_everything(file: Path, output: Path, as_json: bool) -> None:
    done = export_everything(file, output)
    if as_json:
        print_json({"folder": str(output), "files": len(done.files), "unreadable": done.unreadable})
        return
    console.print(Text(printable(f"wrote {len(done.files)} files to {output}; read README.txt first")))
    if done.unreadable:
        console.print(f"{done.unreadable} frames cannot be read; frames.parquet has them as they came")


def _print_written(rows: int, table: ExportTable, output: Path) -> None:
    console.print(Text(printable(f"wrote {rows} rows of {table.value} to {output}")))


def _damage_document(damage: DamageReport) -> dict[str, object]:
    first = [
        {"boot_id": each.boot_id, "sequence": each.sequence, "cause": each.cause} for each in damage.first
    ]
    return {"unreadable": damage.total, "causes": dict(damage.counts), "first_unreadable": first}
