"""`vitalband disclose`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from vitalband.cli.common import BAND, EXIT_DIFFERS, band_id_of, console
from vitalband.cli.releases import KEY, UNSIGNED, checked_release
from vitalband.client import Band
from vitalband.disclosure import (
    DisclosedFacts,
    Mismatch,
    check_firmware,
    check_sheets,
    write_pages,
    write_prints,
)
from vitalband.errors import LocalError, StoreError
from vitalband.store.read import StoreReader
from vitalband.view import printable

SOURCE = Annotated[
    str,
    typer.Argument(
        help="The band's address, as of info, or a recording of it; with --check a release.json too.",
        show_default=False,
    ),
]
_RELEASE = ".json"


def disclose(
    source: SOURCE,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the sheets.")] = Path(
        "disclosure"
    ),
    band: BAND = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; exit code 6 when a sheet there is out of step with the band."
        ),
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Write PDFs beside the pages of HTML.")] = True,
    font: Annotated[
        Path | None,
        typer.Option(help="TrueType font for the Chinese PDF.", show_default="one that Debian packages"),
    ] = None,
    key: KEY = None,
    unsigned: UNSIGNED = False,
) -> None:
    """Write the disclosure sheet of a band, in English and Chinese: what it collects and what becomes of it.

    All of it comes from what the band states of itself; the sheet names the digests of firmware and manifest.

    [bold]Examples[/]

      vitalband disclose serial:///dev/ttyACM0 -o sheets

      vitalband disclose night.vband -o sheets --no-pdf

      vitalband disclose sim:rest -o sheets --check

      vitalband disclose dist/esp32s3-dev/release.json -o sheets --check
    """
    if source.endswith(_RELEASE):
        if not check:
            raise LocalError(
                f"{source}: a release lists files and their digests, and does not tell what a band collects "
                "nor who asks for it; make the sheet from a band that runs it, or from a recording of one, "
                "and hold it to the release by --check"
            )
        checked = checked_release(Path(source), key, is_unsigned_allowed=unsigned)
        _tell(*check_firmware(checked.release.firmware_digest, output))
        return
    facts = _facts_of(source, band_id_of(band))
    if check:
        _tell(*check_sheets(facts, output))
        return
    for path in write_pages(facts, output):
        console.print(Text(printable(str(path))))
    for path in write_prints(facts, output, font) if pdf else ():
        console.print(Text(printable(str(path))))


def _facts_of(source: str, band_id: bytes | None) -> DisclosedFacts:
    path = Path(source)
    return _facts_of_store(path, band_id) if path.is_file() else asyncio.run(_facts_of_band(source))


async def _facts_of_band(url: str) -> DisclosedFacts:
    async with Band.open(url, reconnect=False) as band:
        return DisclosedFacts(identity=band.identity, manifest=band.manifest, issuance=band.issuance)


def _facts_of_store(path: Path, band_id: bytes | None) -> DisclosedFacts:
    with StoreReader(path, band_id) as reader:
        identity = reader.identity()
        if identity is None:
            raise StoreError(f"{path} does not say whose recording it is: it has no identity frame")
        return DisclosedFacts(
            identity=identity, manifest=tuple(reader.manifest()), issuance=reader.issuance()
        )


def _tell(sheets: list[Path], mismatches: list[Mismatch]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("sheet", "", "band", "sheet says"):
        table.add_column(column, overflow="fold")
    for found in mismatches:
        table.add_row(
            *(Text(printable(text)) for text in (str(found.path), found.name, found.wanted, found.got))
        )
    if mismatches:
        console.print(table)
    state = "out of step" if mismatches else "in step with the band"
    console.print(f"{len(sheets)} sheets: {state}")
    if mismatches:
        raise typer.Exit(EXIT_DIFFERS)
