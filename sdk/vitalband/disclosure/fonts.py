"""A font for characters beyond Latin-1 in a PDF, where it must be embedded: one that Debian packages.

A PDF may instead name one of Adobe's Chinese fonts without holding it. Such a sheet is blank wherever the
reader's program has not got them, and printers have not; so it is embedded, of just the characters used.
None comes with this package: the smallest is as large as all of the rest.
"""

from pathlib import Path

from vitalband.errors import LocalError

KNOWN = (
    (Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"), "fonts-droid-fallback"),
    (Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"), "fonts-wqy-microhei"),
    (Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"), "fonts-wqy-zenhei"),
)
"""Files with TrueType outlines and simplified Chinese, and their Debian packages.

The first is told to install: by its copyright file it is of Apache-2.0, as this project is.
"""


def font_for(text: str, chosen: Path | None) -> Path | None:
    """The font that `text` wants: `chosen`, else the first that is installed; None when Latin-1 is enough.

    `LocalError` when one is wanted and there is none.
    """
    if chosen is not None and not chosen.is_file():
        raise LocalError(f"--font: wanted a TrueType font, there is no file {chosen}")
    if is_plain(text):
        return None
    found = chosen or next((path for path, _ in KNOWN if path.is_file()), None)
    if found is None:
        raise LocalError(
            f"a PDF of these characters wants a font: install Debian's {KNOWN[0][1]}, or name a TrueType "
            "font by --font; HTML wants none (--no-pdf)"
        )
    return found


def is_plain(text: str) -> bool:
    """Whether every character is one that the fonts of every PDF reader have."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
