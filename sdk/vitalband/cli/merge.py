"""`vitalband merge`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from vitalband.cli.common import JSON, console, print_json, row_bar
from vitalband.store import MergeReport, merge_stores
from vitalband.view import printable


def merge(
    output: Annotated[Path, typer.Argument(help="The new store, such as all.vband.", show_default=False)],
    stores: Annotated[list[Path], typer.Argument(help="What it is made of.", show_default=False)],
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Take also data that no record of consent tells of.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Make one store of several, such as those of two phones: what any of them has, verbatim.

    Different frames of one number are refused: such stores are of different recordings. Damaged rows are left
    out and counted, and so is data that no record proves to be agreed to. Nothing is left of a merge that
    fails or is broken off.

    [bold]Examples[/]

      vitalband merge all.vband phone.vband laptop.vband

      vitalband merge --unproven mended.vband of_before_consent_records.vband
    """
    with row_bar("rows", is_shown=not as_json) as show:
        report = merge_stores(
            output, stores, lambda told: show(told.rows, told.all_rows), takes_unproven=unproven
        )
    document = _document(output, report)
    if as_json:
        print_json(document)
        return
    _print(document)


def _document(output: Path, report: MergeReport) -> dict[str, Any]:
    return {
        "store": str(output),
        "frames": report.frames,
        "refused": report.refused,
        "duplicates": report.duplicates,
        "time_exchanges": report.exchanges,
        "lost_numbers": report.lost_numbers,
        "found_numbers": report.found_numbers,
        "cuff_readings": report.cuff_readings,
        "removed": {name.value: count for name, count in report.removed.counts.items()},
        "damaged_rows": {str(path): count for path, count in report.damaged.items()},
    }


def _print(document: dict[str, Any]) -> None:
    lines = [
        f"{document['frames']} frames in {document['store']}; {document['duplicates']} more were the same",
        f"lost on the band {document['lost_numbers']}; of what one store thought lost, others had "
        f"{document['found_numbers']}",
    ]
    if document["refused"]:
        lines.append(f"left out {document['refused']} frames: nothing proves that they were agreed to")
    if document["cuff_readings"]:
        lines.append(f"{document['cuff_readings']} cuff readings")
    if any(document["removed"].values()):
        told = (f"{count} of {name}" for name, count in document["removed"].items() if count)
        lines.append(f"removed by the shortest of the limits: {', '.join(told)}")
    lines += [f"left out {count} damaged rows of {path}" for path, count in document["damaged_rows"].items()]
    for line in lines:
        console.print(Text(printable(line)))
