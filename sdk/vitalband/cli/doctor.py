"""`vitalband doctor`."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import aclosing, nullcontext
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bandschema.enums import Outcome, Result, SelfTest
from bandschema.records import Identity
from vitalband.checks import Check, check_losses, check_of, check_protocol, check_round_trips
from vitalband.cli.common import EXIT_FAILED, JSON, URL, Screen, console, print_json
from vitalband.cli.info import identity_document
from vitalband.client import Band
from vitalband.errors import DeviceError
from vitalband.transport import Pressable
from vitalband.values import words
from vitalband.view import printable

LINK_SECONDS = 5.0
SIMULATED_PRESS_S = 2.0
"""From the question to the press of a simulated button: a band takes none before its page can be read."""

_QUESTIONS = {
    SelfTest.PATTERN: "Did the display show a chessboard whose squares changed, with every dot lit in turn?",
    SelfTest.VIBRATION: "Did you feel the band vibrate at the end?",
}
_STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.ENDED: "bold red"}


class Report:
    """The checks as they stand, by part and test; told on a screen, or as JSON lines."""

    def __init__(self, title: str, as_json: bool) -> None:
        self.checks: dict[tuple[str, str], Check] = {}
        self.screen: Screen | None = None
        self.is_simulated = False
        self._title = title
        self._as_json = as_json

    def add(self, check: Check) -> None:
        """Take a check in and show it."""
        self.checks[check.part, check.test] = check
        if self._as_json and check.outcome != Outcome.RUNNING:
            print_json(check.document)
        if self.screen is not None:
            self.screen.show(self.table())

    def table(self) -> Table:
        """All checks, in the order in which they were begun."""
        table = Table(title=self._title, title_justify="left", box=None, padding=(0, 2, 0, 0))
        for column in ("part", "test", "", "measured", "wanted"):
            table.add_column(column, overflow="fold")
        for check in self.checks.values():
            style = _STYLES.get(Outcome(check.outcome), "") if check.outcome in _KNOWN else ""
            cells = (Text(printable(text)) for text in (check.measured, check.wanted))
            table.add_row(check.part, check.test, Text(words(check.outcome), style=style), *cells)
        return table

    def failed(self) -> list[str]:
        """Part and test of every check that found a fault; the whole only when nothing says why."""
        found = [check for check in self.checks.values() if check.has_failed]
        named = [check for check in found if check.test != words(SelfTest.WHOLE)]
        return [f"{check.part}: {check.test}" for check in named or found]


_KNOWN = frozenset(Outcome)


def doctor(
    url: URL,
    ask: Annotated[
        bool | None,
        typer.Option("--ask/--no-ask", help="Ask what only a person can see.", show_default="in a terminal"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take display and motor as seen; ask nothing.")] = False,
    seconds: Annotated[float, typer.Option(min=1, help="How long to test the link alone.")] = LINK_SECONDS,
    as_json: JSON = False,
) -> None:
    """Test a band: every chip, rates, noise, display, button, motor, battery, storage, heap, and the link.

    The band asks for a short press of its button before it samples anything. Lay it still on a table, with
    its sensor covered. Exit code 1 when anything fails.

    [bold]Examples[/]

      vitalband doctor serial:///dev/ttyACM0

      vitalband doctor sim:rest

      vitalband doctor socket://localhost:7000 --no-ask --json
    """
    report = asyncio.run(_examine(url, seconds, as_json))
    # Nobody can see or feel a simulated band.
    is_asking = ask if ask is not None else sys.stdin.isatty() and not report.is_simulated
    for check in [check for check in report.checks.values() if check.is_open]:
        if yes:
            report.add(check.judged(True, "option"))
        elif is_asking:
            report.add(check.judged(_ask(check), "person"))
    _conclude(report, as_json)


async def _examine(url: str, seconds: float, as_json: bool) -> Report:
    async with Band.open(url, reconnect=False) as band:
        identity = band.identity
        report = Report(_title(identity), as_json)
        report.is_simulated = isinstance(band.transport, Pressable)
        if as_json:
            print_json(identity_document(identity))
        with nullcontext() if as_json else Screen(transient=True) as report.screen:
            before, clock = band.statistics, band.transport.clock
            began_ms = clock.monotonic_ms()
            report.add(check_protocol(band))
            async for check in check_round_trips(band, seconds):
                report.add(check)
            await _self_test(band, report, _teller(as_json))
            watched_s = (clock.monotonic_ms() - began_ms) / 1000
            report.add(check_losses(before, band.statistics, watched_s))
        report.screen = None
    return report


async def _self_test(band: Band, report: Report, tell: Callable[[str], None]) -> None:
    try:
        async with aclosing(band.run_self_test()) as items:
            async for item in items:
                if item.outcome == Outcome.WAITING:
                    await _have_it_pressed(band, tell)
                report.add(check_of(item))
    except DeviceError as error:
        if error.result != Result.UNKNOWN_COMMAND:
            raise
        message = "the band's firmware knows no self-test: install a newer one"
        raise DeviceError(message, error.result) from error


async def _have_it_pressed(band: Band, tell: Callable[[str], None]) -> None:
    if isinstance(band.transport, Pressable):
        tell("A simulated band: its button is pressed for you.")
        await band.run_for(SIMULATED_PRESS_S)
        band.transport.press_button()
    else:
        tell("Lay the band down, cover its sensor, and press its button shortly: it asks for that now.")
        tell("Then watch its display, and feel for a vibration at the end, some ten seconds later.")


def _teller(as_json: bool) -> Callable[[str], None]:
    if as_json:
        return lambda line: typer.echo(line, err=True)
    return console.print


def _ask(check: Check) -> bool:
    questions = {words(test): question for test, question in _QUESTIONS.items()}
    return typer.confirm(questions[check.test], err=True)


def _conclude(report: Report, as_json: bool) -> None:
    failed = report.failed()
    unseen = [f"{check.part}: {check.test}" for check in report.checks.values() if check.is_open]
    if as_json:
        print_json({"is_sound": not failed, "failed": failed, "not_judged": unseen})
    else:
        console.print(report.table())
        if unseen:
            console.print(f"not judged, as nobody was asked: {', '.join(unseen)}", highlight=False)
        verdict = f"found faults: {', '.join(failed)}" if failed else "no fault found"
        console.print(Text(printable(verdict), style="bold red" if failed else "green"))
    if failed:
        raise typer.Exit(EXIT_FAILED)


def _title(identity: Identity) -> str:
    document = identity_document(identity)
    told = f"{document['model']} {document['serial']}, firmware {document['firmware']}"
    digest = f"digest (self-report) {document['firmware_digest'][:16]}"
    return printable(f"{told} ({document['image_profile']}), {digest}")
