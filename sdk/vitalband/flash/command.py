"""`vitalband flash`: the command line, which loads nothing of what does the work before it is asked to."""

from pathlib import Path
from typing import Annotated

import typer

from vitalband.cli.common import JSON
from vitalband.cli.releases import INSTALL_FLASH, KEY, RELEASE, UNSIGNED
from vitalband.errors import LocalError


def flash(
    port: Annotated[
        str | None,
        typer.Argument(
            help="Port of the prompt: /dev/ttyACM0 or socket://host:port.", show_default="the only one"
        ),
    ] = None,
    release: RELEASE = Path("release.json"),
    link: Annotated[
        str | None, typer.Option(help="URL of the band's own link, to ask the band who it is afterwards.")
    ] = None,
    image: Annotated[Path | None, typer.Option(help="Write this image of MicroPython first.")] = None,
    drive: Annotated[
        Path | None, typer.Option(help="Drive of the boot loader that a UF2 is copied to.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit code 6 when it differs.")
    ] = False,
    self_test: Annotated[
        bool,
        typer.Option("--self-test", help="Test the band by its link at the end, as `vitalband doctor` does."),
    ] = False,
    key: KEY = None,
    unsigned: UNSIGNED = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JSON = False,
) -> None:
    """Put a release of the firmware onto a board, read it back, and ask the band who it is.

    A release must be signed by a key that is trusted here, an image listed in it: what is not is refused,
    unless --unsigned takes it all the same.

    [bold]Examples[/]

      vitalband flash /dev/ttyACM0 --release dist/esp32s3-dev/release.json

      vitalband flash --release dist/esp32s3-dev/release.json --link serial:///dev/ttyUSB0 --self-test

      vitalband flash socket://127.0.0.1:7001 --release dist/virtual-dev/release.json --unsigned --check
    """
    try:
        from vitalband.flash.procedure import Wishes, put_onto_board
    except ImportError as error:
        raise LocalError(f"flash needs a package that is missing: {error}; {INSTALL_FLASH}") from error
    put_onto_board(
        Wishes(
            port=port,
            release=release,
            link=link,
            image=image,
            drive=drive,
            check=check,
            self_test=self_test,
            keys=tuple(key or ()),
            is_unsigned_allowed=unsigned,
            yes=yes,
            as_json=as_json,
        )
    )
