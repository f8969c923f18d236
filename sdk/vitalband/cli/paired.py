"""Bands that this computer is paired with, as the commands show them."""

from typing import Any

from rich.table import Table
from rich.text import Text

from vitalband.keys import PairedBand
from vitalband.values import label
from vitalband.view import printable


def document_of(band: PairedBand) -> dict[str, Any]:
    """As JSON; no key is in it."""
    return {
        "band_id": band.band_id.hex(),
        "right": label(band.right),
        "paired_at": band.paired_at.isoformat(),
        "last_met": band.last_met.isoformat(),
        "url": band.url,
        "name": band.name,
        "key_in_os_store": band.is_in_vault,
    }


def table_of(bands: list[PairedBand]) -> Table:
    """As a table."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("band", "we are its", "paired", "last met", "url", "key in"):
        table.add_column(name, min_width=16 if name == "band" else None)
    for band in bands:
        table.add_row(
            band.band_id.hex(),
            label(band.right),
            f"{band.paired_at.astimezone():%Y-%m-%d %H:%M}",
            f"{band.last_met.astimezone():%Y-%m-%d %H:%M}",
            Text(printable(band.url)),
            "key store" if band.is_in_vault else "file",
        )
    return table
