"""`vitalband audit`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bandschema.enums import Group
from vitalband.audit import AuditReport, audit_store
from vitalband.audit.walk import page_name
from vitalband.cli.common import BAND, EXIT_DIFFERS, JSON, band_id_of, console, print_json
from vitalband.values import words
from vitalband.view import printable

MOST_TEXTS = 20
"""Different lines for the engineer that are printed; `--json` has all."""


def audit(
    store: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    band: BAND = None,
    as_json: JSON = False,
) -> None:
    """Say whether a recording holds anything but what its wearer agreed to and could look at: code 0, or 6.

    Every frame is held against the band's own manifest, the records of consent and the schema, which states
    of every kind what it tells of. What is proven by that and what is not: docs/audit.md.

    [bold]Examples[/]

      vitalband audit night.vband
    """
    report = audit_store(store, band_id_of(band))
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    if not report.is_clean:
        raise typer.Exit(EXIT_DIFFERS)


def _document(report: AuditReport) -> dict[str, Any]:
    digest = report.manifest_digest
    return {
        "store": str(report.path),
        "band_id": report.band_id.hex(),
        "manifest_digest": None if digest is None else digest.hex(),
        "is_clean": report.is_clean,
        "items": [
            {
                "name": item.name,
                "group": None if item.group is None else words(Group(item.group)),
                "page": None if item.page is None else page_name(item.page),
                "sent": item.sent,
                "withheld": item.withheld,
            }
            for item in report.items
        ],
        "frames": [
            {"class": data.value, "kind": name, "count": count}
            for (data, name), count in sorted(report.frames.items())
        ],
        "events": dict(report.events),
        "texts": dict(report.texts),
        "pages": {page_name(page): vars_of(account) for page, account in sorted(report.pages.items())},
        "tells_pages": report.tells_pages,
        "unproven_frames": report.unproven_frames,
        "missing_frames": report.missing_frames,
        "else": [
            {"what": found.what, "why": found.kind.value, "count": found.count, "first": found.first}
            for found in report.findings
        ],
    }


def vars_of(account: Any) -> dict[str, Any]:
    """The fields of an account with slots."""
    return {name: getattr(account, name) for name in account.__slots__}


def _print(report: AuditReport) -> None:
    sent = Table(title="Sent", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("what", "group", "page", "sent", "without value", "page shown"):
        sent.add_column(
            column, justify="right" if column in ("sent", "without value", "page shown") else "left"
        )
    for item in report.items:
        group = "-" if item.group is None else words(Group(item.group))
        page = "-" if item.page is None else page_name(item.page).replace("_", " ")
        cells = (item.name, group, page, str(item.sent), str(item.withheld), _shown(report, item.page))
        sent.add_row(*(Text(printable(cell)) for cell in cells))
    console.print(sent)
    for line in _lines(report):
        console.print(Text(printable(line)), soft_wrap=True)


def _shown(report: AuditReport, page: int | None) -> str:
    if not report.tells_pages or page is None:
        return "not told"
    account = report.pages.get(page)
    return "never" if account is None else f"{account.shown} x, {account.seconds:.0f} s"


def _lines(report: AuditReport) -> list[str]:
    lines = ["Frames, by what they tell of:"]
    lines += [f"  {data.value}: {count} x {name}" for (data, name), count in sorted(report.frames.items())]
    events = ", ".join(f"{count} x {name.replace('_', ' ')}" for name, count in sorted(report.events.items()))
    lines += [f"  events: {events}"] if events else []
    if report.texts:
        lines.append("Lines for the engineer, which only a person can judge:")
        lines += [f"  {count} x {text}" for text, count in report.texts.most_common(MOST_TEXTS)]
        left = len(report.texts) - MOST_TEXTS
        lines += [f"  and {left} others: --json"] if left > 0 else []
    if report.unproven_frames:
        lines.append(
            f"{report.unproven_frames} frames of which no record here tells whether they were agreed to"
        )
    if report.missing_frames:
        lines.append(f"{report.missing_frames} frames are not here: what they held is not known")
    lines += [f"Something else: {found.count} x {found.what} {found.kind.value}, first at boot "
              f"{found.first[0][0]}, frame {found.first[0][1]}" for found in report.findings]  # fmt: skip
    return [*lines, f"{report.path}: {'nothing else' if report.is_clean else 'something else'}"]
