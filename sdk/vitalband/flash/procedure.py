"""What `vitalband flash` does, step by step: look, refuse, say, ask, write, read back, compare."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.cli.common import EXIT_DIFFERS, console, print_json
from vitalband.cli.doctor import doctor
from vitalband.cli.info import comparisons_document, comparisons_table
from vitalband.cli.releases import checked_release
from vitalband.errors import InstallError, LocalError
from vitalband.flash.afterwards import compare_band
from vitalband.flash.board import Board
from vitalband.flash.images import ImageWriting, image_distrust, plan_image, write_image
from vitalband.flash.install import Plan, install, make_plan, read_back
from vitalband.flash.ports import find_port
from vitalband.flash.probe import BoardFacts, Way, is_in_image, probe, refusals
from vitalband.release import Comparison, Release
from vitalband.signing import CheckedRelease
from vitalband.view import printable

RESTART_TIMEOUT_S = 30
"""Longest from the end of writing an image until the board's port is there again."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the command line asks for; see `vitalband flash --help`."""

    port: str | None
    release: Path
    link: str | None
    image: Path | None
    drive: Path | None
    check: bool
    self_test: bool
    keys: tuple[Path, ...]
    is_unsigned_allowed: bool
    yes: bool
    as_json: bool


def put_onto_board(wishes: Wishes) -> None:
    """Do what is wished; raises typer.Exit with the code of a board that differs."""
    release, port, link = wishes.release, wishes.port, wishes.link
    checked = checked_release(release, wishes.keys, is_unsigned_allowed=wishes.is_unsigned_allowed)
    wanted = checked.release
    if wishes.self_test and link is None:
        raise LocalError("--self-test: wanted the band's own link by --link, got none")
    report = _Report(wishes.as_json)
    report.tell_signature(checked)
    if wishes.check:
        _only_check(port or find_port(), wanted, report)
        return
    if wishes.image is not None:
        _replace_image(wishes, wanted, wishes.image, report)
    elif wanted.profile == "product":
        raise LocalError(f"{release}: a product has no prompt to install files by: wanted --image")
    serial = None
    if wanted.profile != "product":
        wait_s = 0 if wishes.image is None else RESTART_TIMEOUT_S
        serial = _install(port or find_port(), wanted, report, is_agreed=wishes.yes, wait_s=wait_s)
    comparisons = () if link is None else compare_band(link, wanted, serial)
    report.end(comparisons)
    if not all(item.matches for item in comparisons):
        raise typer.Exit(EXIT_DIFFERS)
    if wishes.self_test and link is not None:
        doctor(link, ask=False if wishes.yes else None, as_json=wishes.as_json)


class _Report:
    """Tells the steps to a person, or all at the end to a program."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.document: dict[str, Any] = {}

    def tell_signature(self, checked: CheckedRelease) -> None:
        """Who vouches for the release; that nobody does has been said on stderr."""
        self.document["release"] = checked.document()
        if checked.signature is not None:
            self.say(checked.words)

    def say(self, text: str) -> None:
        if not self.as_json:
            console.print(Text(printable(text)), soft_wrap=True)

    def show(self, table: Table) -> None:
        if not self.as_json:
            console.print(table)

    def progress(self, what: str, done: int, of: int) -> None:
        if of == 1 and done == 0:
            self.say(what)
        elif of > 1 and (done == of or done % 20 == 0):
            self.say(f"{what}: {done} of {of}")

    def end(self, comparisons: tuple[Comparison, ...]) -> None:
        if self.as_json:
            print_json(self.document | {"verification": comparisons_document(comparisons)})
        elif comparisons:
            console.print(comparisons_table(comparisons))
        else:
            self.say(
                "Not asked who it is: name the band's own link by --link, or use `vitalband info --verify`."
            )


def _only_check(port: str, release: Release, report: _Report) -> None:
    with Board(port) as board:
        plan = make_plan(board, probe(board), release)
    state = "whole" if plan.is_whole else _lack(plan)
    report.say(f"{port}: {state}")
    if report.as_json:
        found = {"is_whole": plan.is_whole, "unfit": list(plan.unfit), "is_started": plan.is_started}
        print_json(report.document | found)
    if not plan.is_whole:
        raise typer.Exit(EXIT_DIFFERS)


def _lack(plan: Plan) -> str:
    if plan.unfit:
        return f"not whole: {len(plan.unfit)} of {len(plan.wanted)} files are missing or others; flash again"
    return "not whole: the files are there, and nothing starts them; flash again"


def _replace_image(wishes: Wishes, release: Release, image: Path, report: _Report) -> None:
    place = "" if image.suffix == ".uf2" else wishes.port or find_port()
    writing = plan_image(image, release, place, wishes.drive)
    distrust = image_distrust(image, release)
    if distrust and not wishes.is_unsigned_allowed:
        raise LocalError(f"{distrust}; --unsigned takes it all the same, when you know who made it")
    if distrust:
        typer.echo(printable(f"UNSIGNED: nobody vouches for this image: {distrust}"), err=True)
    report.say(f"Will write an image for {release.board}: {writing.words()}")
    for line in _consequences(writing, release):
        report.say(f"  - {line}")
    _ask("Write the image?", wishes.yes)
    write_image(writing)
    report.document["image"] = str(image)


def _consequences(writing: ImageWriting, release: Release) -> list[str]:
    if writing.erases_all:
        return ["everything on the band is erased, as for another wearer: consent, boot counter, journal"]
    if release.profile == "product":
        return ["this boot loader does not erase what the band keeps (consent, boot counter): "
                "before another wearer, erase the chip with a debugger"]  # fmt: skip
    return ["what the band keeps stays, unless the new image lays its flash out otherwise"]


def _install(port: str, release: Release, report: _Report, *, is_agreed: bool, wait_s: int) -> str:
    """Install the files; gives the serial number that the band will state."""
    with Board(port, wait_s=wait_s) as board:
        facts = probe(board)
        report.show(_facts_table(facts))
        serial = facts.unique_id[:8].hex().upper()
        if is_in_image(facts, release):
            report.say(
                f"firmware {release.firmware} is part of the board's image: nothing is to be installed"
            )
            report.document |= {"port": port, "way": "image", "serial": serial}
            return serial
        reasons = refusals(facts, release)
        if reasons:
            raise InstallError(
                "\n".join([f"{port}: {release.board} {release.firmware} cannot run there:", *reasons])
            )
        plan = make_plan(board, facts, release)
        for line in _steps(plan):
            report.say(f"  - {line}")
        if plan.is_whole:
            read_back(board, plan, report.progress)
        else:
            _ask("Go on?", is_agreed)
            install(board, plan, report.progress)
    report.say(f"{len(plan.wanted)} files are as the release says; the board is reset.")
    report.document |= {"port": port, "way": plan.way.value, "written": len(plan.unfit),
                        "files": len(plan.wanted), "removed": len(plan.stale), "serial": serial}  # fmt: skip
    return serial


def _facts_table(facts: BoardFacts) -> Table:
    table = Table(title="Board", title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    rows = (
        ("board", facts.machine),
        ("MicroPython", ".".join(map(str, facts.version))),
        ("native code", f"{facts.architecture}, viper {'there' if facts.has_viper else 'missing'}"),
        ("heap", f"{facts.heap_bytes} bytes"),
        ("file system", f"{facts.free_bytes} bytes free at {facts.root}" if facts.root else "none"),
        ("ROM file system", f"{facts.rom_bytes} bytes" if facts.rom_bytes else "none"),
        ("unique id", facts.unique_id.hex()),
    )
    for name, value in rows:
        table.add_row(name, Text(printable(value)))
    return table


def _steps(plan: Plan) -> list[str]:
    release = plan.release
    if plan.is_whole:
        return [f"firmware {release.firmware} is there already: it will only be read back"]
    steps: list[str] = []
    if plan.unfit and plan.has_starter and not plan.keeps_old:
        steps.append("take away what starts the firmware now: until the end the band has none")
    if plan.unfit and plan.way is Way.ROMFS:
        steps.append(f"write firmware {release.firmware} into the ROM file system ({len(plan.wanted)} files)")
    elif plan.unfit:
        steps.append(f"copy {len(plan.unfit)} of {len(plan.wanted)} files of firmware {release.firmware} "
                     f"to {plan.folder}")  # fmt: skip
    steps.append("read every file back, then write main.py, which starts it")
    if plan.stale:
        steps.append(f"remove {len(plan.stale)} files and folders of other firmware")
    return [*steps, "reset the board"]


def _ask(question: str, is_agreed: bool) -> None:
    if is_agreed:
        return
    if not _has_terminal():
        raise LocalError("wanted --yes, since there is no terminal to ask at")
    if not typer.confirm(question):
        raise typer.Abort


def _has_terminal() -> bool:
    return sys.stdin.isatty()
