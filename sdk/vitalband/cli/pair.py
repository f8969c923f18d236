"""`vitalband pair`."""

import asyncio
import sys
from typing import Annotated

import typer

from vitalband.cli.common import JSON, URL, print_json
from vitalband.cli.paired import document_of
from vitalband.client import Band
from vitalband.errors import BandError
from vitalband.keys import KeyStore, PairedBand, user_keys
from vitalband.session_settings import own_name
from vitalband.values import ConnectionEvent, ConnectionState
from vitalband.view import printable

NAME = Annotated[
    str | None,
    typer.Option(
        help="What the band is to call this computer: 1 to 16 printable characters of ASCII.",
        show_default="the computer's",
    ),
]


def pair(url: URL, name: NAME = None, as_json: JSON = False) -> None:
    """Pair this computer with a band: the wearer lets it in at the band, and its code is typed here.

    At the band, press on to its page of hosts, wait until it asks, and press once more. It then shows six
    digits to be typed here, and last asks for its button. An empty line, or Ctrl-C, gives up. The first
    computer to be paired is the owner; it lets others in (vitalband hosts URL --let-in reader).

    [bold]Examples[/]

      vitalband pair ble:
      vitalband pair serial:///dev/ttyACM0 --name "ward 7"
    """
    keys = user_keys()
    try:
        paired = asyncio.run(_pair(url, name or own_name(), keys))
    except BandError:
        # A button that is pressed later could let in somebody else, who pairs by then.
        typer.echo("this pairing is over: press nothing for it at the band any more", err=True)
        raise
    if as_json:
        print_json({"paired": document_of(paired), "key_in": keys.place})
        return
    typer.echo(f"paired with band {paired.band_id.hex()}, as its {paired.right.name.lower()}")
    typer.echo(f"its key is in {keys.place}")
    if not keys.is_in_vault:
        typer.echo("note: this computer has no key store of its own that can be used", err=True)


async def _pair(url: str, name: str, keys: KeyStore) -> PairedBand:
    async with Band.pair(url, code=_typed, host_name=name, keys=keys, told=_tell, reconnect=False) as band:
        assert band.paired is not None
        return band.paired


def _typed() -> str | None:
    sys.stderr.write("code on the band's display: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or None


def _tell(event: ConnectionEvent) -> None:
    if event.state in (ConnectionState.HELLO, ConnectionState.PAIRING):
        typer.echo(printable(event.reason), err=True)
