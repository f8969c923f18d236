"""`vitalband hosts`."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bandschema.enums import HostRight
from bandschema.records import PairedHost
from vitalband.cli.common import JSON, URL, console, print_json
from vitalband.client import Band
from vitalband.values import label
from vitalband.view import printable

FORGET = Annotated[
    int | None,
    typer.Option(min=1, max=255, help="Have the band forget this one, by its number.", show_default="none"),
]
RIGHTS = {right.name.lower(): right for right in HostRight}
LET_IN = Annotated[
    str | None,
    typer.Option(
        help=f"Let another be paired within five minutes, as {' or '.join(RIGHTS)}.", show_default="nobody"
    ),
]


def hosts(url: URL, forget: FORGET = None, let_in: LET_IN = None, as_json: JSON = False) -> None:
    """Show which computers and phones are paired with a band; have it forget one, or let another in.

    An owner may do all that a host can; a reader reads, streams and fetches. Only an owner lets others in or
    has another one forgotten. Who is let in is paired by the wearer, at the band.

    [bold]Examples[/]

      vitalband hosts ble:
      vitalband hosts ble: --let-in reader
      vitalband hosts ble: --forget 2
    """
    if let_in is not None and let_in not in RIGHTS:
        raise typer.BadParameter(f"--let-in: wanted {' or '.join(RIGHTS)}, got {let_in!r}")
    found = asyncio.run(_hosts(url, forget, None if let_in is None else RIGHTS[let_in]))
    if as_json:
        print_json({"hosts": [_document(host) for host in found], "forgotten": forget, "let_in": let_in})
        return
    console.print(_table(found) if found else "no host is paired with this band")
    if forget is not None:
        console.print(f"forgotten: host {forget}")
    if let_in is not None:
        console.print(f"within five minutes the wearer may let one in, as {let_in}: vitalband pair there")


async def _hosts(url: str, forget: int | None, let_in: HostRight | None) -> list[PairedHost]:
    async with Band.open(url, reconnect=False) as band:
        found = await band.paired_hosts()
        if let_in is not None:
            await band.allow_pairing(let_in)
        if forget is not None:
            # Last: one that has itself forgotten has no connection any more.
            await band.forget_host(forget)
        return [host for host in found if host.host_id != forget]


def _document(host: PairedHost) -> dict[str, object]:
    return {
        "number": host.host_id,
        "name": host.name,
        "right": label(host.right),
        "is_this": bool(host.is_asker),
    }


def _table(found: list[PairedHost]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("number", "name", "right", ""):
        table.add_column(name, justify="right" if name == "number" else "left")
    for host in found:
        this = "this computer" if host.is_asker else ""
        table.add_row(str(host.host_id), Text(printable(host.name)), label(host.right), this)
    return table
