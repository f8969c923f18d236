"""`vitalband scan`."""

import asyncio
import warnings
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.bluetooth import FoundBand, KnownBand, KnownBands, find_bands, known_by_token
from vitalband.cli.common import JSON, console, print_json
from vitalband.errors import KeyStoreError, TransportError
from vitalband.keys import PairedBand, user_keys
from vitalband.view import printable

SECONDS = Annotated[float, typer.Option("--seconds", min=0.1, help="Listen for so many seconds.")]


def scan(seconds: SECONDS = 5.0, as_json: JSON = False) -> None:
    """List the bands that are heard over Bluetooth Low Energy, the nearest first.

    A band that is connected to somebody is not heard. Known are bands that this computer is paired with,
    whatever their address, and addresses at which a band has answered this user before.

    [bold]Examples[/]

      vitalband scan
      vitalband scan --seconds 20 --json
    """
    known = KnownBands().read()
    found = asyncio.run(find_bands(scan_s=seconds))
    if not found:
        raise TransportError(f"no band was heard within {seconds:g} s; one that is connected is not heard")
    by_token = _paired_by_token(found)
    rows = [(band, by_token.get(band.address) or known.get(band.address.lower())) for band in found]
    if as_json:
        print_json({"bands": [_plain(*row) for row in rows]})
    else:
        console.print(_table(rows))


Known = PairedBand | KnownBand


def _paired_by_token(found: list[FoundBand]) -> dict[str, PairedBand]:
    """Bands that this computer is paired with, by the addresses at which they are heard."""
    if not any(band.token for band in found):
        return {}
    keys = user_keys()
    try:
        paired = {band.band_id: band for band in keys.bands()}
        finder_keys = keys.finder_keys()
    except KeyStoreError as error:
        warnings.warn(f"paired bands are not known by what they say: {error}", RuntimeWarning, stacklevel=2)
        return {}
    ids = {band.address: known_by_token(band, finder_keys) for band in found}
    return {address: paired[band_id] for address, band_id in ids.items() if band_id is not None}


def _id_of(known: Known) -> str:
    return known.band_id.hex() if isinstance(known, PairedBand) else known.band_id


def _id_told(known: Known) -> str:
    return f"{'paired, ' if isinstance(known, PairedBand) else ''}band {_id_of(known)}"


def _plain(band: FoundBand, known: Known | None) -> dict[str, Any]:
    return {
        "url": f"ble:{band.address}",
        "address": band.address,
        "name": band.name,
        "rssi_dbm": band.rssi_dbm,
        "band_id": None if known is None else _id_of(known),
        "last_met": None if known is None else known.last_met.isoformat(),
        "is_paired": isinstance(known, PairedBand),
    }


def _table(rows: list[tuple[FoundBand, Known | None]]) -> Table:
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
            else f"{_id_told(known)}, last met {known.last_met.astimezone():%Y-%m-%d %H:%M}",
        )
    return table
