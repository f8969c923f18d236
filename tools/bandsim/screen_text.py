"""Reads words and numbers off the band's display, by the firmware's own glyphs: for a hand that presses the
button by what it sees.
"""

import runpy
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandsim.lane import find_firmware
from bandsim.screen import Pixels

_LINE_ROWS = 16
_ASCII_COLUMNS = 8
_FIRST_ASCII = 0x20
_DIGITS = "0123456789"


@cache
def _glyphs() -> dict[str, Any]:
    """What `display/glyphs.py` of the firmware holds; plain data."""
    return runpy.run_path(str(find_firmware() / "display" / "glyphs.py"))


def shows_text(pixels: Pixels, text: str) -> bool:
    """Whether a line of ASCII stands anywhere, lit on dark or dark on lit."""
    ink = _line(text)
    return any(_places(image, ink).any() for image in (pixels, ~pixels))


def shown_number(pixels: Pixels, digits: int) -> str | None:
    """The number of so many large numerals in a row that is shown, None when there is none."""
    found = {
        (int(y), int(x)): digit for digit in _DIGITS for y, x in np.argwhere(_places(pixels, _numeral(digit)))
    }
    for (y, x), first in found.items():
        number, end = first, x + _numeral(first).shape[1]
        while len(number) < digits and (following := found.get((y, end))) is not None:
            number += following
            end += _numeral(following).shape[1]
        if len(number) == digits:
            return number
    return None


def _places(image: Pixels, ink: Pixels) -> NDArray[np.bool_]:
    """Where a piece of the image is `ink` exactly, by its upper left corner."""
    rows, columns = ink.shape
    shifts = np.arange(image.shape[0] - rows + 1, dtype=np.uint64)[:, np.newaxis]
    # A column of pixels is one number.
    pieces = (_columns(image) >> shifts) & np.uint64((1 << rows) - 1)
    wanted, width = _columns(ink), image.shape[1] - columns + 1
    found = np.ones((len(shifts), width), dtype=bool)
    for at in range(columns):
        found &= pieces[:, at : at + width] == wanted[at]
    return found


def _columns(pixels: Pixels) -> NDArray[np.uint64]:
    weights = np.uint64(1) << np.arange(pixels.shape[0], dtype=np.uint64)
    return (pixels * weights[:, np.newaxis]).sum(axis=0, dtype=np.uint64)


@cache
def _line(text: str) -> Pixels:
    glyphs = _glyphs()
    parts: list[Pixels] = []
    for code in text.encode("ascii"):
        at = code - _FIRST_ASCII
        drawn = _ink(glyphs["ASCII_GLYPHS"], at, _ASCII_COLUMNS, _LINE_ROWS)
        advance = min(glyphs["ASCII_WIDTHS"][at] + 1, _ASCII_COLUMNS)
        parts.append(drawn[:, :advance])
    # What follows the last one may be anything, and lines may stand closer than their glyphs are high.
    line = np.concatenate(parts, axis=1)[:, :-1]
    rows = np.flatnonzero(line.any(axis=1))
    return line[rows[0] : rows[-1] + 1]


@cache
def _numeral(digit: str) -> Pixels:
    """A large numeral and the dark gap behind it."""
    glyphs = _glyphs()
    widths, at = glyphs["LARGE_WIDTHS"], glyphs["NUMERALS"].index(digit.encode())
    drawn = _ink(glyphs["LARGE_GLYPHS"], at, glyphs["LARGE_WIDTH"], glyphs["LARGE_HEIGHT"])
    gap = np.zeros((drawn.shape[0], widths[0] // 6), dtype=bool)
    return np.concatenate((drawn[:, : widths[at]], gap), axis=1)


def _ink(data: bytes, index: int, columns: int, rows: int) -> Pixels:
    """One glyph: columns of 8 pixels, lowest bit on top, a glyph's upper row of columns first."""
    pages = -(-rows // 8)
    raw = np.frombuffer(data, dtype=np.uint8)[index * columns * pages : (index + 1) * columns * pages]
    bits = np.unpackbits(raw.reshape(pages, 1, columns), axis=1, bitorder="little")
    return bits.reshape(pages * 8, columns)[:rows].astype(bool)
