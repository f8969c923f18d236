"""`vitalband forget`."""

from typing import Annotated

import typer

from vitalband.cli.common import JSON, band_id_of, console, print_json
from vitalband.cli.paired import document_of, table_of
from vitalband.keys import user_keys

BAND_ID = Annotated[
    str | None,
    typer.Argument(help="Identity of the band, 16 hex digits.", show_default="lists them", metavar="BAND"),
]


def forget(band: BAND_ID = None, as_json: JSON = False) -> None:
    """Forget a band that this computer is paired with; without BAND list them.

    Its key is gone from here then, and only a new pairing reaches the band from this computer. The band still
    knows this computer, as one of the four that it can: `vitalband hosts URL --forget NUMBER` has it forget,
    before, or from another paired computer; so does the wearer at the band.

    [bold]Examples[/]

      vitalband forget
      vitalband forget 5f0a6c1d2e3b4a59
    """
    keys = user_keys()
    band_id = band_id_of(band)
    if band_id is not None:
        forgotten = keys.forget(band_id)
        if as_json:
            print_json({"forgotten": document_of(forgotten)})
        else:
            console.print(f"forgotten: band {forgotten.band_id.hex()}; the band still knows this computer")
        return
    bands = keys.bands()
    if as_json:
        print_json({"bands": [document_of(band) for band in bands]})
    elif bands:
        console.print(table_of(bands))
    else:
        console.print("this computer is paired with no band; it can be: vitalband pair URL")
