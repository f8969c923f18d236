"""`vitalband info`."""

import asyncio
from dataclasses import asdict
from enum import IntFlag
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bandschema.enums import Capability, Recipient, Unit
from bandschema.records import Identity, ManifestEntry
from vitalband.cli.common import EXIT_DIFFERS, JSON, URL, console, print_json
from vitalband.cli.measured import Measured, measured_of
from vitalband.cli.releases import INSTALL_FLASH, KEY, UNSIGNED, checked_release
from vitalband.client import Band
from vitalband.errors import LocalError, UnsupportedError
from vitalband.release import Comparison, Release, compare_identity
from vitalband.values import label, unit_symbol, words
from vitalband.view import printable
from vitalband.wiping import WipeReceipt

if TYPE_CHECKING:
    from vitalband.signing import CheckedRelease

SELF_REPORT = (
    "The digest is the band's own word, no proof: firmware that lies states what it likes. To have its files "
    "read, name its prompt by --prompt; to believe nothing on the band, use vitalband verify --readback."
)
READ_BY_PROMPT = (
    "The files were read by MicroPython on the band, which is believed here; the digest is the firmware's "
    "own word. To believe nothing on the band, use vitalband verify --readback."
)


def info(
    url: URL,
    as_json: JSON = False,
    verify: Annotated[
        Path | None,
        typer.Option(help="Compare with this file of a signed release; exit code 6 when the band differs."),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="Port of the band's prompt: --verify reads every installed file there."),
    ] = None,
    key: KEY = None,
    unsigned: UNSIGNED = False,
    store: Annotated[
        Path | None,
        typer.Option(
            help="A recording of this band: tells the drift of its clock and the true rates of its sensors."
        ),
    ] = None,
) -> None:
    """Say who a band is, what it runs, all that it collects, and how right its clock is.

    The digest of the firmware is the band's own word: it tells a wrong or an old firmware, not one that lies.
    --prompt has MicroPython on the board read the files; `vitalband verify --readback` believes neither.

    [bold]Examples[/]

      vitalband info serial:///dev/ttyACM0

      vitalband info sim:rest --json

      vitalband info serial:///dev/ttyACM0 --store night.vband

      vitalband info serial:///dev/ttyUSB0 --verify dist/esp32s3-dev/release.json --prompt /dev/ttyACM0
    """
    if prompt is not None and verify is None:
        raise LocalError("--prompt: wanted a release to compare with by --verify, got none")
    against = None if verify is None else checked_release(verify, key, is_unsigned_allowed=unsigned)
    checks = asyncio.run(_info(url, as_json, against, store, prompt))
    if not all(check.matches for check in checks):
        raise typer.Exit(EXIT_DIFFERS)


async def _info(
    url: str, as_json: bool, against: "CheckedRelease | None", store: Path | None, prompt: str | None
) -> tuple[Comparison, ...]:
    async with Band.open(url, reconnect=False) as band:
        document, manifest = _document(band), band.manifest
        measured = measured_of(band, store)
        checks = () if against is None else compare_identity(against.release, band.identity)
    if against is not None and prompt is not None:
        checks += await asyncio.to_thread(_installed_files, prompt, against.release)
    if as_json:
        document |= measured.document()
        if against is not None:
            document |= {"release": against.document(), "verification": comparisons_document(checks)}
        print_json(document)
        return checks
    console.print(_facts(document, measured))
    console.print(_collected(manifest))
    if against is not None:
        console.print(comparisons_table(checks))
        console.print(Text(printable(against.words)), soft_wrap=True)
        console.print(SELF_REPORT if prompt is None else READ_BY_PROMPT, soft_wrap=True)
    return checks


def _installed_files(prompt: str, release: Release) -> tuple[Comparison, ...]:
    try:
        from vitalband.flash.installed import compare_files
    except ImportError as error:
        raise LocalError(f"--prompt needs a package that is missing: {error}; {INSTALL_FLASH}") from error
    return compare_files(prompt, release)


def comparisons_document(checks: tuple[Comparison, ...]) -> list[dict[str, Any]]:
    """A comparison with a release, as JSON."""
    return [asdict(check) | {"matches": check.matches} for check in checks]


def comparisons_table(checks: tuple[Comparison, ...]) -> Table:
    """A comparison with a release, for a person."""
    differing = sum(not check.matches for check in checks)
    verdict = (
        f"It differs in {differing} of {len(checks)}" if differing else "It states what the release says"
    )
    table = Table(title=verdict, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("fact", "release", "band", ""):
        table.add_column(column, overflow="fold")
    for check in checks:
        cells = (Text(printable(text)) for text in (check.wanted, check.got))
        table.add_row(check.name, *cells, "match" if check.matches else "differs")
    return table


def _document(band: Band) -> dict[str, Any]:
    """What the band says of itself, names as in the schema."""
    return {
        "band_id": band.band_id.hex(),
        **_identity(band),
        "capabilities": _flag_names(band.capabilities),
        **_handover(band),
        "time_uncertainty_ms": band.time_status.uncertainty_ms,
        "manifest": [_entry(entry) for entry in band.manifest],
    }


def _identity(band: Band) -> dict[str, Any]:
    try:
        identity = band.identity
    except UnsupportedError:
        return {}
    return {"maker": identity.maker, **identity_document(identity)}


def _handover(band: Band) -> dict[str, Any]:
    return {} if band.handover is None else {"handover": handover_document(band.handover)}


def handover_document(receipt: WipeReceipt) -> dict[str, Any]:
    """What a band tells of its wearers before, names as in the schema."""
    return {
        "handover_count": receipt.handover_count,
        "wiped": None if receipt.wiped is None else receipt.wiped.isoformat(),
        "is_worn": receipt.is_worn,
        "text": receipt.text,
    }


def identity_document(identity: Identity) -> dict[str, Any]:
    """Who a band is and what it runs, as text and numbers, names as in the schema."""
    version = (identity.firmware_major, identity.firmware_minor, identity.firmware_patch)
    return {
        "model": identity.model,
        "hardware": identity.hardware,
        "certification": identity.certification or None,
        "serial": identity.serial,
        "firmware": ".".join(str(number) for number in version),
        "firmware_digest": identity.firmware_digest.hex(),
        "image_profile": label(identity.image_profile),
        "protocol_version": identity.protocol_version,
    }


def _entry(entry: ManifestEntry) -> dict[str, Any]:
    names = {name: label(getattr(entry, name)) for name in ("group", "page", "unit")}
    recipients = {"recipients": _flag_names(Recipient(entry.recipients))}
    return asdict(entry) | {"manifest_digest": entry.manifest_digest.hex()} | names | recipients


def _flag_names(flags: IntFlag) -> list[str]:
    return [str(flag.name).lower() for flag in type(flags) if flag in flags]


def _facts(document: dict[str, Any], measured: Measured) -> Table:
    facts = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    facts.add_column()
    facts.add_column(overflow="fold")
    for name, value in document.items():
        match name, value:
            case ("manifest", _) | ("time_uncertainty_ms", None):
                continue
            case "time_uncertainty_ms", _:
                facts.add_row("clock", f"known within ± {value:.1f} ms")
            case "image_profile", _:
                facts.add_row("image", value.replace("_", " "))
            case "handover", _:
                facts.add_row("hand-over", value["text"])
            case "certification", _:
                # A label as long as the field's name would fold the digest below.
                facts.add_row("certified as", Text(printable(value or "not told")))
            case "serial", "":
                continue  # a product does not send it: docs/handover.md
            case "firmware_digest", _:
                # The labels are short so that 64 digits fit on a line of 80 columns.
                facts.add_row("SHA-256", value)
                facts.add_row("", "of its firmware, by its own word: no proof")
            case "capabilities", _:
                facts.add_row(name, ", ".join(value).replace("_", " "))
                facts.add_row("apps nearby", _apps(value))
            case _:
                title = name.replace("_", " ").removesuffix(" version")
                facts.add_row(title, Text(printable(str(value))))
    for name, told in measured.facts():
        facts.add_row(name, told)
    return facts


def _apps(capabilities: list[str]) -> str:
    """Who reads the standard services."""
    if not _has(capabilities, Capability.STANDARD_SERVICES):
        return "none that it tells of"
    if not _has(capabilities, Capability.BONDING):
        return "whoever is near, once the wearer has turned them on: it cannot pair"
    return "those that have paired, once the wearer has turned them on"


def _has(capabilities: list[str], wanted: Capability) -> bool:
    return str(wanted.name).lower() in capabilities


def _collected(manifest: tuple[ManifestEntry, ...]) -> Table:
    collected = Table(title="What it collects", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("name", "group", "every", "unit", "kept at most", "for"):
        collected.add_column(column)
    for entry in manifest:
        cells = (
            Text(printable(entry.name_en)),
            words(entry.group),
            f"{entry.interval_ms / 1000:g} s",
            _unit(entry),
            f"{entry.retention_h} h" if entry.retention_h else "not kept",
            ", ".join(_flag_names(Recipient(entry.recipients))),
        )
        collected.add_row(*cells)
    return collected


def _unit(entry: ManifestEntry) -> str:
    if entry.unit == Unit.NONE:
        return "raw counts" if entry.stream_id else "state"
    symbol = unit_symbol(entry.unit) if isinstance(entry.unit, Unit) else ""
    agreement = f" ± {entry.agreement_milli / 1000:g}" if entry.agreement_milli else ""
    return (symbol or label(entry.unit)) + agreement
