"""`vitalband export`."""

from pathlib import Path
from typing import Annotated

import typer

from vitalband.cli.common import JSON, console, print_json, run
from vitalband.errors import LocalError
from vitalband.export import ExportTable, export_table
from vitalband.store import StoreReader


def export(
    file: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    output: Annotated[Path, typer.Argument(help="A file ending in .csv or .parquet.", show_default=False)],
    table: Annotated[ExportTable, typer.Option(help="Which table of the recording.")] = ExportTable.VITALS,
    band: Annotated[
        str | None, typer.Option(help="Identity of the band, 16 hex digits.", show_default="the only one")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Write a recording as CSV or Parquet; columns are named as in the schema, unknown is empty.

    [bold]Examples[/]

      vitalband export night.vband night.csv

      vitalband export night.vband pulse.parquet --table optical
    """
    rows = run(_export(file, output, table, band))
    if as_json:
        print_json({"file": str(output), "table": table.value, "rows": rows})
    else:
        console.print(f"wrote {rows} rows to {output}", highlight=False)


async def _export(file: Path, output: Path, table: ExportTable, band: str | None) -> int:
    with StoreReader(file, _band_id(band)) as reader:
        return export_table(reader, table, output)


def _band_id(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise LocalError(f"wanted 16 hex digits, got {text!r}") from error
