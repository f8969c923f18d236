"""`vitalband info`."""

from dataclasses import asdict
from typing import Any

from rich.table import Table

from bandschema.enums import Capability
from vitalband.cli.common import JSON, URL, console, print_json, run
from vitalband.client import Band
from vitalband.errors import UnsupportedError
from vitalband.store.tables import label


def info(url: URL, as_json: JSON = False) -> None:
    """Say who a band is, what it runs and all that it collects.

    [bold]Examples[/]

      vitalband info serial:///dev/ttyACM0

      vitalband info sim:rest --json
    """
    run(_info(url, as_json))


async def _info(url: str, as_json: bool) -> None:
    async with Band.open(url) as band:
        document = _document(band)
    if as_json:
        print_json(document)
    else:
        _print(document)


def _document(band: Band) -> dict[str, Any]:
    try:
        identity = asdict(band.identity)
    except UnsupportedError:
        identity = {}
    if identity:
        version = [identity.pop(f"firmware_{part}") for part in ("major", "minor", "patch")]
        identity["firmware"] = ".".join(str(number) for number in version)
        identity["firmware_digest"] = identity["firmware_digest"].hex()
        identity.pop("capabilities")
    entries = [asdict(entry) | {"manifest_digest": entry.manifest_digest.hex()} for entry in band.manifest]
    for entry in entries:
        entry |= {name: label(entry[name]) for name in ("group", "page", "unit", "recipients")}
    return {
        "band_id": band.band_id.hex(),
        **identity,
        "capabilities": ", ".join(
            flag.name.lower() for flag in Capability if flag in band.capabilities and flag.name
        ),
        "time_uncertainty_ms": band.time_status.uncertainty_ms,
        "manifest": entries,
    }


def _print(document: dict[str, Any]) -> None:
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    facts.add_column()
    facts.add_column(overflow="fold")
    for name, value in document.items():
        if name != "manifest":
            facts.add_row(name.replace("_", " "), str(value))
    console.print(facts)
    collected = Table(title="What it collects", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("name", "group", "every", "unit", "kept", "for"):
        collected.add_column(column)
    for entry in document["manifest"]:
        every = f"{entry['interval_ms'] / 1000:g} s"
        kept = f"{entry['retention_h']} h"
        cells = (entry["name_en"], entry["group"], every, entry["unit"], kept, entry["recipients"])
        collected.add_row(*(str(cell) for cell in cells))
    console.print(collected)
