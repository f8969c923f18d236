"""`vitalband stream` and `vitalband replay`: the live view, or JSON lines."""

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from bandschema.records import Identity
from vitalband.cli.common import (
    BAND,
    JSON,
    RECONNECT,
    REPORT_INTERVAL,
    SECONDS,
    URL,
    Pacer,
    Screen,
    band_id_of,
    item_document,
    print_json,
)
from vitalband.client import Band
from vitalband.errors import UnsupportedError
from vitalband.view import LiveView

SPEED_HELP = "Band seconds a second; 0 is as fast as possible."


def stream(
    url: URL,
    seconds: SECONDS = None,
    speed: Annotated[float, typer.Option(min=0, help=f"{SPEED_HELP} Simulated bands only.")] = 1.0,
    reconnect: RECONNECT = True,
    report_interval: REPORT_INTERVAL = None,
    as_json: JSON = False,
) -> None:
    """Show the vitals of a band as they come: value, quality, history, losses and early warning.

    [bold]Examples[/]

      vitalband stream serial:///dev/ttyACM0

      vitalband stream sim:desaturation --speed 20

      vitalband stream socket://localhost:7000 --seconds 60 --json
    """
    asyncio.run(_stream(Band.open(url, reconnect=reconnect), seconds, speed, as_json, report_interval))


def replay(
    file: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    seconds: SECONDS = None,
    speed: Annotated[float, typer.Option(min=0, help=SPEED_HELP)] = 60.0,
    band: BAND = None,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Play also data that no record of consent tells of.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Play a recording as if its band were there.

    [bold]Examples[/]

      vitalband replay night.vband

      vitalband replay night.vband --speed 0 --json
    """
    opening = Band.open(f"replay:{file}", band_id=band_id_of(band), unproven=unproven)
    asyncio.run(_stream(opening, seconds, speed, as_json))


async def _stream(
    opening: Band,
    seconds: float | None,
    speed: float,
    as_json: bool,
    report_interval_s: float | None = None,
) -> None:
    async with opening as band:
        if report_interval_s is not None:
            await band.set_report_interval(round(report_interval_s * 1000))
        view = LiveView(band.transport.url, _identity(band))
        pacer = Pacer(band.transport, speed)
        with nullcontext() if as_json else Screen() as screen:
            if screen is not None:
                screen.show(view)
            async for item in band.watch(seconds=seconds):
                await pacer.wait()
                if screen is None:
                    print_json(item_document(item))
                else:
                    view.feed(item)
                    view.feed(band.statistics)
                    screen.show(view)


def _identity(band: Band) -> Identity | None:
    try:
        return band.identity
    except UnsupportedError:
        return None
