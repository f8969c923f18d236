"""Writing sheets into a folder, and telling whether those that lie there are in step with a band."""

import re
from dataclasses import dataclass
from pathlib import Path

from vitalband.disclosure.facts import DisclosedFacts
from vitalband.disclosure.html_page import FIRMWARE_META, MANIFEST_META, html_of
from vitalband.disclosure.pdf_print import pdf_of
from vitalband.disclosure.sheet import LANGUAGES, sheet_of
from vitalband.errors import LocalError

_HTML = "disclosure.{language}.html"
_PDF = "disclosure.{language}.pdf"
_FIRMWARE, _MANIFEST = "firmware digest", "manifest digest"


@dataclass(frozen=True)
class Mismatch:
    """A sheet that speaks of something else than the band; `got` is "" when it names nothing."""

    path: Path
    name: str
    wanted: str
    got: str


def write_pages(facts: DisclosedFacts, folder: Path) -> list[Path]:
    """Write the sheet of every language as HTML; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = list[Path]()
    for language in LANGUAGES:
        path = folder / _HTML.format(language=language)
        path.write_text(html_of(sheet_of(facts, language)), encoding="utf-8")
        written.append(path)
    return written


def write_prints(facts: DisclosedFacts, folder: Path, font: Path | None = None) -> list[Path]:
    """Write the sheet of every language as PDF; gives the files. `LocalError` when something lacks for it."""
    folder.mkdir(parents=True, exist_ok=True)
    written = list[Path]()
    for language in LANGUAGES:
        path = folder / _PDF.format(language=language)
        path.write_bytes(pdf_of(sheet_of(facts, language), font))
        written.append(path)
    return written


def check_sheets(facts: DisclosedFacts, folder: Path) -> tuple[list[Path], list[Mismatch]]:
    """The sheets in a folder, and what of them is out of step with a band; `LocalError` when there is none.

    It compares the digests that a sheet names, and of a page also every word with what would be written now.
    """
    wanted = {_FIRMWARE: facts.identity.firmware_digest.hex(), _MANIFEST: facts.manifest_digest.hex()}
    sheets, found = _compared(wanted, folder)
    differing = {mismatch.path for mismatch in found}
    for path in sheets:
        if path.suffix == ".html" and path not in differing and not _is_as_now(facts, path):
            found.append(Mismatch(path, "words", "those that the band gives now", "others"))
    return sheets, found


def check_firmware(firmware_digest: str, folder: Path) -> tuple[list[Path], list[Mismatch]]:
    """As `check_sheets`, by the digest of a firmware in hex alone: a release tells no more."""
    return _compared({_FIRMWARE: firmware_digest}, folder)


def _compared(wanted: dict[str, str], folder: Path) -> tuple[list[Path], list[Mismatch]]:
    names = [name.format(language=language) for language in LANGUAGES for name in (_HTML, _PDF)]
    sheets = [path for name in names if (path := folder / name).is_file()]
    if not sheets:
        raise LocalError(f"{folder}: wanted a sheet ({', '.join(names)}), found none")
    found: list[Mismatch] = []
    for path in sheets:
        got = _digests_of(path.read_bytes())
        found += [
            Mismatch(path, name, wanted[name], got[name]) for name in wanted if wanted[name] != got[name]
        ]
    return sheets, found


def _is_as_now(facts: DisclosedFacts, path: Path) -> bool:
    language = path.suffixes[0][1:]
    return path.read_bytes().decode("utf-8", "replace") == html_of(sheet_of(facts, language))


def _digests_of(content: bytes) -> dict[str, str]:
    patterns = {
        _FIRMWARE: rf'{FIRMWARE_META}" content="([0-9a-f]+)"|vitalband firmware=([0-9a-f]+)',
        _MANIFEST: rf'{MANIFEST_META}" content="([0-9a-f]+)"|[0-9a-f] manifest=([0-9a-f]+)\)',
    }
    text = content.decode("latin-1")
    found = {name: re.search(pattern, text) for name, pattern in patterns.items()}
    return {name: "" if match is None else match[1] or match[2] for name, match in found.items()}
