"""`vitalband check`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.cli.common import EXIT_STORE, JSON, console, print_json, row_bar
from vitalband.store import BootAccount, CheckReport, check_store
from vitalband.values import label
from vitalband.view import printable


def check(
    store: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    as_json: JSON = False,
) -> None:
    """Say whether a recording is whole and sound: exit code 0, or 5 when it is not.

    It is whole when each number that the band gave out is here, or known to be lost on the band. What is
    missing else, `vitalband sync` may still fetch, and `vitalband merge` from another store.

    [bold]Examples[/]

      vitalband check night.vband
    """
    with row_bar("frames", is_shown=not as_json) as show:
        report = check_store(store, lambda progress: show(progress.rows, progress.all_rows))
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    if not report.is_sound:
        raise typer.Exit(EXIT_STORE)


def _document(report: CheckReport) -> dict[str, Any]:
    return {
        "store": str(report.path),
        "is_sound": report.is_sound,
        "frames": report.frames,
        "frames_without_check": report.unchecked_frames,
        "missing_samples": report.missing_samples,
        "cuff_readings": report.cuff_readings,
        "boots": [_boot(account) for account in report.boots],
        "findings": [
            {"kind": kind.value, "is_damage": kind.is_damage, "cause": cause, "count": count}
            for (kind, cause), count in report.counts.most_common()
        ],
        "first": [
            {
                "kind": found.kind.value,
                "band_id": None if found.band_id is None else found.band_id.hex(),
                "boot_id": found.boot_id,
                "sequence": found.sequence,
                "cause": found.cause,
            }
            for found in report.first
        ],
    }


def _boot(account: BootAccount) -> dict[str, Any]:
    return {
        "band_id": account.band_id.hex(),
        "boot_id": account.boot_id,
        "first_sequence": account.first_sequence,
        "assigned": account.assigned,
        "received": account.received,
        "lost": account.lost,
        "removed": account.removed,
        "missing": account.missing,
        "missing_ranges": account.missing_range_count,
        "unproven_frames": account.unproven_frames,
        "first_missing": account.first_missing,
        "told_losses": [
            {"class": label(told.lost_class), "cause": label(told.loss_cause), "frames": told.frame_count}
            for told in account.told_losses
        ],
    }


def _print(report: CheckReport) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in (
        "band",
        "boot",
        "from",
        "assigned",
        "received",
        "lost on the band",
        "removed",
        "missing",
    ):
        table.add_column(column, justify="left" if column == "band" else "right")
    for account in report.boots:
        counts = (account.boot_id, account.first_sequence, account.assigned, account.received)
        counts += (account.lost, account.removed, account.missing)
        table.add_row(account.band_id.hex(), *(str(count) for count in counts))
    console.print(table)
    for line in _lines(report):
        console.print(Text(printable(line)))


def _lines(report: CheckReport) -> list[str]:
    lines: list[str] = []
    for account in report.boots:
        where = f"boot {account.boot_id}:"
        lines += [
            f"{where} the band gave up {told.frame_count} frames, {label(told.lost_class)}, "
            f"{label(told.loss_cause)}"
            for told in account.told_losses
        ]
        lines += [f"{where} missing from {first} on: {count}" for first, count in account.first_missing]
        if account.unproven_frames:
            lines.append(f"{where} whether {account.unproven_frames} frames were agreed to is not told")
    lines += [f"{count} x {kind.value}: {cause}" for (kind, cause), count in report.counts.most_common()]
    lines += [f"at {found}" for found in report.first if found.boot_id is not None]
    if report.cuff_readings:
        lines.append(f"{report.cuff_readings} cuff readings")
    if report.unchecked_frames:
        lines.append(f"{report.unchecked_frames} frames were stored without a check, by an earlier version")
    return [*lines, f"{report.path}: {'sound' if report.is_sound else 'not whole or damaged'}"]
