"""`vitalband record`."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from bandschema.enums import StreamId
from vitalband.cli.common import (
    JSON,
    RECONNECT,
    REPORT_INTERVAL,
    SECONDS,
    URL,
    console,
    print_json,
)
from vitalband.client import Band
from vitalband.data_refused import DataRefused
from vitalband.errors import BandError, EndOfDataError
from vitalband.statistics import LinkStatistics
from vitalband.store import default_store_path
from vitalband.values import ConnectionEvent, ConnectionState, StoreEvent
from vitalband.view import printable

STREAMS = {stream.name.lower(): stream for stream in StreamId}
FILE = Annotated[
    Path | None,
    typer.Argument(
        help="Store to write to, made or continued. A simulated band begins at boot 1 each time: "
        "its next recording needs another file.",
        show_default="user data",
    ),
]
CAPTURE = Annotated[
    Path | None,
    typer.Option(help="Write the bytes of the link to this pcap file too, made anew, for Wireshark."),
]
STREAM = Annotated[
    list[str] | None,
    typer.Option(help=f"Raw stream to record too: {', '.join(STREAMS)}. May be repeated."),
]


def record(
    url: URL,
    file: FILE = None,
    seconds: SECONDS = None,
    stream: STREAM = None,
    reconnect: RECONNECT = True,
    capture: CAPTURE = None,
    report_interval: REPORT_INTERVAL = None,
    as_json: JSON = False,
) -> None:
    """Write every frame of a band to a store, durably; Ctrl-C ends it and loses nothing.

    [bold]Examples[/]

      vitalband record serial:///dev/ttyACM0 night.vband

      vitalband record sim:sleep_night night.vband --stream optical --stream motion --seconds 3600
    """
    wanted = stream or []
    unknown = [name for name in wanted if name not in STREAMS]
    if unknown:
        raise typer.BadParameter(f"no stream {unknown[0]!r}; there are: {', '.join(STREAMS)}")
    path = file or default_store_path()
    band = Band.open(url, reconnect=reconnect, record_to=path, capture_to=capture)
    streams = [STREAMS[name] for name in wanted]
    counts = asyncio.run(_record(band, seconds, streams, report_interval))
    document = {"store": str(path), **asdict(counts)}
    if as_json:
        print_json(document)
    else:
        _print(document)


async def _record(
    band: Band, seconds: float | None, streams: list[StreamId], report_interval_s: float | None
) -> LinkStatistics:
    async with band:
        troubles = asyncio.create_task(_tell_troubles(band))
        # Ctrl-C ends a recording, or the end of its scenario: what came until then is written and counted.
        with suppress(asyncio.CancelledError, EndOfDataError):
            try:
                if report_interval_s is not None:
                    await band.set_report_interval(round(report_interval_s * 1000))
                for stream_id in streams:
                    await band.start_stream(stream_id, when_agreed=True)
                await (band.wait_closed() if seconds is None else band.run_for(seconds))
            finally:
                troubles.cancel()
        await asyncio.wait({troubles})
    return band.statistics


async def _tell_troubles(band: Band) -> None:
    """Say on stderr at once when the link or the store fails, when it works again, and what is refused."""
    with suppress(BandError):  # what ends the iterator is raised where the recording is awaited
        async for event in band.events():
            match event:
                case ConnectionEvent(state=ConnectionState.LOST | ConnectionState.RESUMING):
                    _tell(f"link {event.state.value}: {event.reason}")
                case DataRefused(is_held=True):
                    _tell(f"data of start {event.boot_id} is held back: {event.reason}")
                case DataRefused():
                    _tell(f"refused data of start {event.boot_id}: {event.reason}")
                case StoreEvent(is_failing=True):
                    _tell(f"store failing, {event.waiting_frames} frames wait: {event.reason}")
                case StoreEvent():
                    _tell(event.reason)
                case _:
                    pass


def _tell(line: str) -> None:
    typer.echo(printable(line), err=True)


def _print(document: dict[str, Any]) -> None:
    console.print(Text(printable(f"wrote {document['store_written']} frames to {document['store']}")))
    losses = ("missing_frames", "dropped_on_band", "bad_packets", "store_lost", "refused_frames")
    counted = [f"{name.replace('_', ' ')} {document[name]}" for name in losses if document[name]]
    console.print("losses: " + (", ".join(counted) or "none"), highlight=False)
