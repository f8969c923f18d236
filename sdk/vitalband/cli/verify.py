"""`vitalband verify`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from vitalband.cli.common import EXIT_DIFFERS, JSON, console, print_json
from vitalband.cli.info import comparisons_document, comparisons_table
from vitalband.cli.releases import INSTALL_FLASH, KEY, RELEASE, UNSIGNED, checked_release
from vitalband.errors import LocalError
from vitalband.view import printable


def verify(
    readback: Annotated[
        str,
        typer.Option(
            help="Port of the boot loader (ESP32-S3), or folder of its drive (nRF52840).", show_default=False
        ),
    ],
    release: RELEASE = Path("release.json"),
    key: KEY = None,
    unsigned: UNSIGNED = False,
    as_json: JSON = False,
) -> None:
    """Read a board's flash through its boot loader and compare it with a signed release.

    The firmware is stopped and not believed. This does not find a chip that somebody with tools has
    replaced, or a boot loader that is itself in flash; what is believed is said with the result.

    [bold]Examples[/]

      vitalband verify --readback /dev/ttyACM0 --release dist/esp32s3-product/release.json

      vitalband verify --readback /media/me/BOOT --release dist/nrf52840-product/release.json
    """
    checked = checked_release(release, key, is_unsigned_allowed=unsigned)
    try:
        from vitalband.flash.readback import read_back_board
    except ImportError as error:
        raise LocalError(f"verify needs a package that is missing: {error}; {INSTALL_FLASH}") from error
    drive = Path(readback) if Path(readback).is_dir() else None
    found = read_back_board(readback if drive is None else None, drive, checked.release)
    if as_json:
        facts = comparisons_document(found.comparisons)
        print_json({"release": checked.document(), "verification": facts, "trust": found.trust})
    else:
        console.print(comparisons_table(found.comparisons))
        for line in (checked.words, found.trust):
            console.print(Text(printable(line)), soft_wrap=True)
    if not all(fact.matches for fact in found.comparisons):
        raise typer.Exit(EXIT_DIFFERS)
