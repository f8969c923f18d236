"""`vitalband stream` and `vitalband replay`: the live view, or JSON lines."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live

from bandschema.records import Identity
from vitalband.cli.common import JSON, URL, Pacer, console, item_document, print_json, run
from vitalband.client import Band
from vitalband.errors import UnsupportedError
from vitalband.view import LiveView

SECONDS = Annotated[
    float | None, typer.Option(help="Stop after so many seconds of the band's time.", show_default="never")
]
RECONNECT = Annotated[bool, typer.Option(help="Seek a band that was lost, for ever.")]
SPEED_HELP = "Band seconds a second; 0 is as fast as it can."


def stream(
    url: URL,
    seconds: SECONDS = None,
    speed: Annotated[float, typer.Option(help=f"Of a simulated band only. {SPEED_HELP}")] = 1.0,
    reconnect: RECONNECT = True,
    as_json: JSON = False,
) -> None:
    """Show the vitals of a band as they come: value, quality, history, losses and early warning.

    [bold]Examples[/]

      vitalband stream serial:///dev/ttyACM0

      vitalband stream sim:desaturation --speed 20

      vitalband stream socket://localhost:7000 --seconds 60 --json
    """
    run(_stream(url, seconds=seconds, speed=speed, reconnect=reconnect, as_json=as_json))


def replay(
    file: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    seconds: SECONDS = None,
    speed: Annotated[float, typer.Option(help=SPEED_HELP)] = 60.0,
    as_json: JSON = False,
) -> None:
    """Play a recording as if its band were there.

    [bold]Examples[/]

      vitalband replay night.vband

      vitalband replay night.vband --speed 0 --json
    """
    run(_stream(f"replay:{file}", seconds=seconds, speed=speed, reconnect=False, as_json=as_json))


async def _stream(url: str, *, seconds: float | None, speed: float, reconnect: bool, as_json: bool) -> None:
    async with Band.open(url, reconnect=reconnect) as band:
        view = LiveView(url, _identity(band))
        pacer = Pacer(band.transport, speed)
        screen = nullcontext() if as_json else Live(view, console=console, auto_refresh=False)
        with screen as live:
            async for item in band.watch(seconds=seconds):
                await pacer.wait()
                if live is None:
                    print_json(item_document(item))
                else:
                    view.feed(item)
                    view.feed(band.statistics)
                    live.refresh()


def _identity(band: Band) -> Identity | None:
    try:
        return band.identity
    except UnsupportedError:
        return None
