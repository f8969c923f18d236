"""`vitalband sync`."""

import asyncio
from dataclasses import asdict
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from vitalband.cli.common import JSON, RECONNECT, URL, console, print_json
from vitalband.cli.record import FILE
from vitalband.client import Band
from vitalband.repair import SyncProgress
from vitalband.statistics import LinkStatistics
from vitalband.store import default_store_path
from vitalband.view import printable


def sync(url: URL, file: FILE = None, reconnect: RECONNECT = True, as_json: JSON = False) -> None:
    """Fetch what the band has kept and the store lacks, of earlier starts too; then end.

    May be ended at any point, by Ctrl-C too: the next run goes on where this one was.

    [bold]Examples[/]

      vitalband sync serial:///dev/ttyACM0 night.vband
    """
    path = file or default_store_path()
    band = Band.open(url, reconnect=reconnect, record_to=path)
    with _bar(is_shown=not as_json) as bar:
        counts = asyncio.run(_sync(band, bar))
    document = {"store": str(path), **asdict(counts)}
    if as_json:
        print_json(document)
    else:
        _print(document)


def _bar(*, is_shown: bool) -> Progress:
    columns = (TextColumn("journal"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not is_shown)


async def _sync(band: Band, bar: Progress) -> LinkStatistics:
    task = bar.add_task("journal", total=None)
    async with band:
        async for progress in band.sync():
            _show(bar, task, progress)
    return band.statistics


def _show(bar: Progress, task: Any, progress: SyncProgress) -> None:
    total = progress.settled_numbers + progress.waiting_numbers
    bar.update(task, completed=progress.settled_numbers, total=total or None)


def _print(document: dict[str, Any]) -> None:
    console.print(Text(printable(f"{document['repaired_frames']} frames fetched to {document['store']}")))
    lost, missing = document["dropped_on_band"], document["missing_frames"]
    console.print(f"lost on the band {lost}, still missing {missing}", highlight=False)
    if refused := document["refused_frames"]:
        console.print(
            f"refused {refused}: nothing proves that the wearer had agreed to them", highlight=False
        )
