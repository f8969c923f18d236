"""What the commands share: clear errors, exit codes, JSON, pacing."""

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from vitalband.alerts import Alert
from vitalband.errors import BandError, DeviceError, HandshakeError, LocalError, StoreError, TransportError
from vitalband.store.tables import label, stamp_row
from vitalband.transport import Transport
from vitalband.values import ConnectionEvent, VitalsUpdate

ResultT = TypeVar("ResultT")

EXIT_FAILED, EXIT_USAGE, EXIT_NO_BAND, EXIT_REFUSED, EXIT_STORE = 1, 2, 3, 4, 5
EXIT_INTERRUPTED = 130

URL = Annotated[
    str,
    typer.Argument(
        help="serial:///dev/ttyACM0, socket://host:port, sim:SCENARIO or replay:FILE", show_default=False
    ),
]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON, one document a line.")]

console = Console()


def run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a command; an error becomes one line on stderr and an exit code."""
    try:
        return asyncio.run(work)
    except BandError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(_exit_code(error)) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(EXIT_INTERRUPTED) from error


def _exit_code(error: BandError) -> int:
    match error:
        case LocalError():
            return EXIT_USAGE
        case StoreError():
            return EXIT_STORE
        case DeviceError():
            return EXIT_REFUSED
        case HandshakeError() | TransportError():
            return EXIT_NO_BAND
        case _:
            return EXIT_FAILED


def print_json(document: dict[str, Any]) -> None:
    """One document on a line of its own, at once; a reader that has gone ends the command quietly."""
    try:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(BrokenPipeError):
            sys.stdout.close()
        raise typer.Exit(0) from None


def item_document(item: VitalsUpdate | ConnectionEvent | Alert) -> dict[str, Any]:
    """An item of a stream as JSON; names as in the schema."""
    match item:
        case VitalsUpdate():
            return _stamp(item) | {"contact": label(item.contact), "readings": _readings(item)}
        case ConnectionEvent():
            return {"connection": item.state.value, "reason": item.reason, "attempt": item.attempt}
        case Alert():
            return {
                "alert": label(item.level),
                "cause": label(item.cause),
                "reading": None if item.reading_id is None else label(item.reading_id),
                "score": item.score.total,
                "missing": [parameter.value for parameter in item.score.missing],
                "message": item.message,
            }


def _stamp(update: VitalsUpdate) -> dict[str, Any]:
    row = stamp_row(update.stamp)
    return row | {"time": None if update.time is None else update.time.isoformat()}


def _readings(update: VitalsUpdate) -> dict[str, Any]:
    return {
        reading.name: {
            "value": reading.value,
            "unit": label(reading.unit),
            "validity": label(reading.validity),
            "quality": reading.quality,
            "cause": label(reading.cause),
        }
        for reading in update
    }


class Pacer:
    """Holds a paced band to `speed` of its seconds a second; 0 lets it run as fast as it can."""

    def __init__(self, transport: Transport, speed: float) -> None:
        self._clock = transport.clock
        self._speed = speed if transport.is_paced else 0.0
        self._band_start_ms = self._clock.monotonic_ms()
        self._wall_start_s = time.monotonic()

    async def wait(self) -> None:
        """Wait until the wall clock has caught up with the band's."""
        if self._speed:
            band_s = (self._clock.monotonic_ms() - self._band_start_ms) / 1000 / self._speed
            await asyncio.sleep(max(0.0, band_s - (time.monotonic() - self._wall_start_s)))
