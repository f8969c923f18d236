"""`vitalband export`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vitalband.cli.common import BAND, JSON, band_id_of, console, print_json
from vitalband.export import ExportTable, export_table
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

    [bold]Examples[/]

      vitalband export night.vband night.csv

      vitalband export night.vband pulse.parquet --table optical
    """
    with StoreReader(file, band_id_of(band)) as reader:
        rows = export_table(reader, table, output)
    if as_json:
        print_json({"file": str(output), "table": table.value, "rows": rows})
    else:
        console.print(Text(printable(f"wrote {rows} rows of {table.value} to {output}")))
