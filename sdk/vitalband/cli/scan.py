"""`vitalband scan`."""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.bluetooth import FoundBand, KnownBand, KnownBands, find_bands
from vitalband.cli.common import JSON, console, print_json
from vitalband.errors import TransportError
from vitalband.view import printable

SECONDS = Annotated[float, typer.Option("--seconds", min=0.1, help="Listen for so many seconds.")]


def scan(seconds: SECONDS = 5.0, as_json: JSON = False) -> None:
    """List the bands that are heard over Bluetooth Low Energy, the nearest first.

    A band that is connected to somebody is not heard. Known is an address at which a band has answered this
    user before; a band that changes its address is new each time.

    [bold]Examples[/]

      vitalband scan
      vitalband scan --seconds 20 --json
    """
    known = KnownBands().read()
    found = asyncio.run(find_bands(scan_s=seconds))
    if not found:
        raise TransportError(f"no band was heard within {seconds:g} s; one that is connected is not heard")
    rows = [(band, known.get(band.address.lower())) for band in found]
    if as_json:
        print_json({"bands": [_plain(*row) for row in rows]})
    else:
        console.print(_table(rows))


def _plain(band: FoundBand, known: KnownBand | None) -> dict[str, Any]:
    return {
        "url": f"ble:{band.address}",
        "address": band.address,
        "name": band.name,
        "rssi_dbm": band.rssi_dbm,
        "band_id": None if known is None else known.band_id,
        "last_met": None if known is None else known.last_met.isoformat(),
    }


def _table(rows: list[tuple[FoundBand, KnownBand | None]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("signal dBm", "url", "name", "known"):
        table.add_column(name, justify="right" if name == "signal dBm" else "left")
    for band, known in rows:
        table.add_row(
            "unknown" if band.rssi_dbm is None else str(band.rssi_dbm),
            Text(printable(f"ble:{band.address}")),
            Text(printable(band.name or "-")),
            "new or not known"
            if known is None
            else f"band {known.band_id}, last met {known.last_met.astimezone():%Y-%m-%d %H:%M}",
        )
    return table
