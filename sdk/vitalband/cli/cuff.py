"""`vitalband cuff`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.bluetooth import FoundMonitor, PressureMeasurement, Radio, find_pressure_monitors
from vitalband.bluetooth.keeping import KeptReadings, keep_readings
from vitalband.bluetooth.passing_on import newest_whole, pass_on
from vitalband.cli.common import JSON, console, print_json
from vitalband.client import Band
from vitalband.clock import SystemClock, utc_datetime
from vitalband.errors import TransportError
from vitalband.store import CuffRow, Store, default_store_path
from vitalband.view import printable

TO = Annotated[
    str | None,
    typer.Argument(help="A band that is to show the newest one.", show_default=False, metavar="URL"),
]
FILE = Annotated[
    Path | None,
    typer.Option("--store", help="Store to write to, made or continued.", show_default="user data"),
]
SCAN = Annotated[float, typer.Option(min=1, help="Look for a monitor for so many seconds.")]
USER = Annotated[
    int | None,
    typer.Option(
        min=0, max=254, help="Whose is passed on, by the monitor's number.", show_default="the only"
    ),
]
STORED = Annotated[bool, typer.Option("--stored", help="Look for no monitor: what the store has.")]


def cuff(
    url: TO = None,
    store: FILE = None,
    scan_s: SCAN = 10.0,
    user: USER = None,
    is_stored: STORED = False,
    as_json: JSON = False,
) -> None:
    """Read a Bluetooth blood-pressure monitor of any maker into a store; give the newest reading to a band.

    Take a measurement, or wake the monitor up, then run this: most can be heard for a minute only. The
    monitor's clock is taken for the time of this computer's time zone. Where several people use one monitor,
    --user says whose reading the band gets.

    [bold]Examples[/]

      vitalband cuff

      vitalband cuff serial:///dev/ttyACM0 --store night.vband --user 1
    """
    path = store or default_store_path()
    with Store.open(path) if is_stored else Store.create(path) as opened:
        if is_stored:
            source, kept = str(path), None
            rows = passable = list(opened.cuff_readings())
        else:
            source, kept = asyncio.run(_keep(opened, scan_s, Radio()))
            # The store may have a newer one: what was read before, by another run.
            rows, passable = kept.rows, [*kept.rows, *opened.cuff_readings(kept.cuff_id)]
    # Told first: the monitor may have forgotten them, whatever the store and the band answer.
    _tell(source, path, rows, kept, as_json)
    if kept is not None and kept.failure is not None:
        raise kept.failure
    if url is None:
        return
    newest = newest_whole(passable, user)
    if newest is not None:
        asyncio.run(_show(url, newest))
    if not as_json:
        console.print(
            "none has pressures and a time: none for the band"
            if newest is None
            else "the band shows the newest"
        )


async def _show(url: str, newest: CuffRow) -> None:
    async with Band.open(url) as band:
        await pass_on(band, newest, SystemClock().utc_us())


async def _keep(store: Store, scan_s: float, radio: Radio) -> tuple[str, KeptReadings]:
    monitors = await find_pressure_monitors(radio, scan_s=scan_s)
    if not monitors:
        raise TransportError(f"no blood-pressure monitor was heard within {scan_s:g} s")
    monitor: FoundMonitor = monitors[0]
    return monitor.source, await keep_readings(store, monitor, radio)


def _tell(source: str, path: Path, rows: list[CuffRow], kept: KeptReadings | None, as_json: bool) -> None:
    if as_json:
        document = {"source": source, "store": str(path), "new": 0 if kept is None else kept.new_count}
        print_json(document | {"measurements": [_document(row) for row in rows]})
        return
    new = "" if kept is None else f", {kept.new_count} of them new in {path}"
    console.print(Text(printable(f"{source}: {len(rows)} measured{new}")))
    console.print(_table(rows))


def _document(row: CuffRow) -> dict[str, Any]:
    found = row.measurement
    names = ("systolic_mmhg", "diastolic_mmhg", "mean_arterial_mmhg", "pulse_rate_bpm", "user_id")
    return {
        "reading_id": row.reading_id.hex(),
        "cuff_id": row.cuff_id.hex(),
        "maker": row.maker,
        "model": row.model,
        "firmware": row.firmware,
        "value": row.value.hex(),
        "is_malformed": found is None,
        "received": utc_datetime(row.received_utc_us).isoformat(),
        "taken_at": None if found is None or found.taken_at is None else found.taken_at.isoformat(),
        "utc_offset_s": row.utc_offset_s,
        "status": [] if found is None else found.status_names,
        **{name: getattr(found, name, None) for name in names},
    }


def _table(rows: list[CuffRow]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("taken at", "systolic mmHg", "diastolic mmHg", "pulse /min", "user", "remarks"):
        table.add_column(name, justify="left" if name in ("taken at", "remarks") else "right")
    for row in rows:
        if row.measurement is None:
            table.add_row("unknown", "-", "-", "-", "-", "could not be read")
        else:
            table.add_row(*_cells(row.measurement))
    return table


def _cells(found: PressureMeasurement) -> list[str]:
    numbers = (found.systolic_mmhg, found.diastolic_mmhg, found.pulse_rate_bpm, found.user_id)
    return [
        "unknown" if found.taken_at is None else f"{found.taken_at:%Y-%m-%d %H:%M:%S}",
        *("-" if number is None else f"{number:.0f}" for number in numbers),
        ", ".join(name.lower().replace("_", " ") for name in found.status_names),
    ]
