"""What the commands share: clear errors, exit codes, JSON, pacing."""

import asyncio
import errno
import json
import re
import sys
import time
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, NoReturn, Self

import typer
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from vitalband.alerts import Alert
from vitalband.errors import (
    BandError,
    DeviceError,
    HandshakeError,
    KeyStoreError,
    LocalError,
    NotPairedError,
    PairingError,
    StoreError,
    TransportError,
)
from vitalband.transport import Transport
from vitalband.values import ConnectionEvent, VitalsUpdate, label
from vitalband.view import UNPRINTABLE, printable

EXIT_FAILED, EXIT_USAGE, EXIT_NO_BAND, EXIT_REFUSED, EXIT_STORE, EXIT_DIFFERS, EXIT_NOT_PAIRED = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
)
EXIT_INTERRUPTED = 130
FRAME_S = 0.25
"""Shortest time between two pictures of a live view: each costs 10 ms, and vitals come every 2 s."""

BAND = Annotated[
    str | None, typer.Option(help="Identity of the band, 16 hex digits.", show_default="the only one")
]
URL = Annotated[
    str,
    typer.Argument(
        help="serial:///dev/ttyACM0, ble:, socket://host:port, sim:SCENARIO or replay:FILE",
        show_default=False,
    ),
]
SECONDS = Annotated[
    float | None,
    typer.Option(min=0, help="Stop after so many seconds of the band's time.", show_default="never"),
]
REPORT_INTERVAL = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Have the band send its updates together, every so many seconds, which spares its battery.",
        show_default="each at once",
    ),
]
RECONNECT = Annotated[bool, typer.Option(help="Seek a band that was lost, for ever.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON, one document a line.")]


class _PipedConsole(Console):
    """A console whose reader may go, as `head` does: `told_errors` ends the command then."""

    def on_broken_pipe(self) -> None:
        """In place of Rich's own ending, which is an error of exit code 1."""
        raise BrokenPipeError(errno.EPIPE, "the reader of the output has gone")


console = _PipedConsole()


@contextmanager
def told_errors() -> Generator[None, None, None]:
    """Around a command: an error becomes one line on stderr and an exit code, Ctrl-C an exit code, and a
    warning a line on stderr.

    A `BandError` says what was wanted and what came; an `OSError` with a file name is about a path that
    the user gave. Anything else is a fault of the program and keeps its traceback.
    """
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _tell_warning
            yield
    except BandError as error:
        _fail(str(error), _exit_code(error), error)
    except BrokenPipeError:
        _leave_pipe()
    except OSError as error:
        if error.filename is None:
            raise
        _fail(f"cannot use {error.filename}: {error.strerror}", EXIT_USAGE, error)
    except (KeyboardInterrupt, typer.Abort) as error:
        raise typer.Exit(EXIT_INTERRUPTED) from error


def _tell_warning(message: Warning | str, *_: object) -> None:
    typer.echo(printable(f"warning: {message}"), err=True)


def _fail(message: str, code: int, cause: Exception) -> NoReturn:
    # The last words of a firmware are several lines.
    lines = [printable(line) for line in f"error: {message}".split("\n")]
    typer.echo("\n".join(lines), err=True)
    raise typer.Exit(code) from cause


def _leave_pipe() -> NoReturn:
    """The reader of stdout has gone, as `head` does: nothing failed."""
    with suppress(BrokenPipeError):
        sys.stdout.close()
    raise typer.Exit(0)


def _exit_code(error: BandError) -> int:
    match error:
        case LocalError():
            return EXIT_USAGE
        case StoreError() | KeyStoreError():
            return EXIT_STORE
        case DeviceError() | PairingError():
            return EXIT_REFUSED
        case NotPairedError():
            return EXIT_NOT_PAIRED
        case HandshakeError() | TransportError():
            return EXIT_NO_BAND
        case _:
            return EXIT_FAILED


def print_json(document: dict[str, Any]) -> None:
    """One document on a line of its own, at once; what steers a terminal is escaped."""
    text = json.dumps(document, ensure_ascii=False, default=str)
    sys.stdout.write(UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


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
    time_ = update.time
    return update.stamp.as_row() | {"time": None if time_ is None else time_.isoformat()}


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


def band_id_of(text: str | None) -> bytes | None:
    """The identity that `--band` names; raises `LocalError` when it is none."""
    if text is None:
        return None
    if not re.fullmatch("[0-9a-fA-F]{16}", text):
        raise LocalError(f"--band: wanted 16 hex digits, got {text!r}")
    return bytes.fromhex(text)


@contextmanager
def row_bar(name: str, *, is_shown: bool) -> Generator[Callable[[int, int], None], None, None]:
    """A bar while the `with` block runs, which leaves nothing behind; given what is done, of how much."""
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_shown = is_shown and console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not is_shown) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, all_: bar.update(task, completed=done, total=all_)


class Screen:
    """A live picture in the terminal, drawn no more often than a person can see it.

    What was shown last stays when the `with` block ends, unless it is `transient`. Without a terminal
    only that is printed.
    """

    def __init__(self, *, transient: bool = False) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=transient)
        self._next_frame_s = 0.0
        self._due: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._due is not None:
            self._due.cancel()
        self._live.stop()
        if not (console.is_terminal or self._live.transient):
            console.line()  # which `Live` leaves out without a terminal

    def show(self, picture: RenderableType) -> None:
        """Show this picture from now on: at once, or when the last one has been seen; on the event loop."""
        self._live.update(picture)
        wait_s = self._next_frame_s - time.monotonic()
        if self._due is None and wait_s > 0:
            self._due = asyncio.get_running_loop().call_later(wait_s, self._draw)
        elif self._due is None:
            self._draw()

    def _draw(self) -> None:
        self._due = None
        self._next_frame_s = time.monotonic() + FRAME_S
        self._live.refresh()


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
