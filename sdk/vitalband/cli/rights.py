"""`vitalband log`, `vitalband retention`, `vitalband erase`: what a person can ask of a store about them."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.cli.common import BAND, EXIT_STORE, JSON, band_id_of, console, print_json
from vitalband.errors import LocalError, StoreError
from vitalband.store import Store
from vitalband.store.access import AccessEntry
from vitalband.store.holdings import LIMITED, Holding
from vitalband.view import printable

FILE = Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def log(file: FILE, as_json: JSON = False) -> None:
    """Say who has read or taken away what of a recording, and when, as far as programs of the SDK did it.

    [bold]Examples[/]

      vitalband log night.vband
    """
    with Store.open(file) as store:
        entries, dropped = list(store.rights.accesses()), store.rights.dropped_accesses()
        is_kept = store.has_column("access_log", "entry")
    if as_json:
        print_json({"is_kept": is_kept, "dropped": dropped, "accesses": [_entry(entry) for entry in entries]})
        return
    if not is_kept:
        console.print("no log: the file is of an earlier version, until it is next opened to write")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("first", "last", "times", "user", "program", "did", "what", "band", "where, how much"):
        table.add_column(column, overflow="fold")
    for entry in entries:
        document = _entry(entry)
        table.add_row(*(Text(printable("" if cell is None else str(cell))) for cell in document.values()))
    console.print(table)
    if dropped:
        console.print(f"{dropped} older lines were dropped: the log keeps the newest only")


def _entry(entry: AccessEntry) -> dict[str, Any]:
    return {
        "first": _utc(entry.first_utc_us),
        "last": _utc(entry.last_utc_us),
        "times": entry.times,
        "user": entry.user,
        "program": entry.program,
        "action": entry.action,
        "what": entry.what,
        "band_id": None if entry.band_id is None else entry.band_id.hex(),
        "detail": entry.detail,
    }


def _utc(utc_us: int) -> str:
    try:
        return datetime.fromtimestamp(utc_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):  # damage, or a clock that was set to nowhere
        return str(utc_us)


def retention(
    file: FILE,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Keep for so many hours, such as waveforms=24; waveforms=none for no limit."),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Remove now what is past its limit.")] = False,
    yes: YES = False,
    as_json: JSON = False,
) -> None:
    """Show or set how long a recording keeps its data, counted from when this host received it.

    Limits lie in the file itself. Whoever records to it keeps them, when it is opened and when it is closed;
    none is set unless you set it. What is past a limit is overwritten; only its numbers stay known.

    [bold]Examples[/]

      vitalband retention night.vband

      vitalband retention night.vband --keep waveforms=24 --keep readings=720 --apply
    """
    wanted = dict(_limit(text) for text in keep or [])
    if not file.is_file():
        raise StoreError(f"no store at {file}")
    with Store.create(file) if wanted or apply else Store.open(file) as store:
        rights = store.rights
        if wanted:
            rights.set_limits(wanted)
        due = rights.overdue()
        removed = None
        if apply:
            if due:
                _ask(f"Remove {due.words()} for ever?", yes)
            removed = rights.remove_overdue()
        limits = rights.limits()
    if as_json:
        counts = due.counts if removed is None else removed.counts
        name = "overdue" if removed is None else "removed"
        print_json({"limits_h": {str(key): hours for key, hours in limits.items()}, name: counts})
        return
    for holding in LIMITED:
        said = f"{limits[holding]} h" if holding in limits else "no limit"
        console.print(f"{holding.replace('_', ' ')}: {said}", highlight=False)
    if removed is not None:
        console.print(f"removed {removed.words()}", highlight=False)
    elif due:
        console.print(
            f"past its limit: {due.words()}; the next recording removes it, or --apply", highlight=False
        )


def _limit(text: str) -> tuple[Holding, int | None]:
    name, _, hours = text.partition("=")
    if name not in LIMITED or not (hours == "none" or hours.isdecimal()):
        raise LocalError(f"--keep: wanted one of {', '.join(LIMITED)} and its hours, such as waveforms=24 "
                         f"or waveforms=none, got {text!r}")  # fmt: skip
    return Holding(name), None if hours == "none" else int(hours)


def erase(file: FILE, band: BAND = None, yes: YES = False, as_json: JSON = False) -> None:
    """Erase all that a recording holds about a person, or with --band what it holds of one band.

    That is frames, cuff readings, times, log, and every file that was exported of it, if it is still the
    same. The file stays, empty. Copies that it does not know (by merge, by hand, in backups) and what the
    band itself keeps are not reached: wipe the band first, or the next sync brings back what its journal has.

    [bold]Examples[/]

      vitalband erase night.vband

      vitalband erase night.vband --band 0102030405060708 --yes
    """
    if not file.is_file():
        raise StoreError(f"no store at {file}")
    with Store.create(file) as store:
        band_id = band_id_of(band)
        if band_id is not None and band_id not in store.bands():
            known = ", ".join(each.hex() for each in store.bands()) or "none"
            raise LocalError(f"{file}: wanted a band that it holds ({known}), got {band}")
        what = "all that it holds" if band_id is None else f"what it holds of band {band_id.hex()}"
        _ask(f"Erase {what} in {file}, and the files exported of it, for ever?", yes)
        erased = store.rights.erase(band_id)
    if as_json:
        files = [
            {"path": fate.path, "is_gone": fate.is_gone, "reason": fate.reason} for fate in erased.archives
        ]
        print_json({"frames": erased.frames, "cuff_readings": erased.cuff_readings, "files": files})
    else:
        console.print(
            f"erased {erased.frames} frames and {erased.cuff_readings} cuff readings", highlight=False
        )
        for fate in erased.archives:
            console.print(Text(printable(f"{fate.path}: {fate.reason}")), soft_wrap=True)
    if erased.left:
        raise typer.Exit(EXIT_STORE)


def _ask(question: str, is_agreed: bool) -> None:
    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise LocalError("wanted --yes, since there is no terminal to ask at")
    if not typer.confirm(question, err=True):
        raise typer.Abort
