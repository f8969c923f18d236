"""The band's display as a picture and as terminal text.

An image is `(height, width)` of bool as `Ssd1306Model.image` gives it, True is lit.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.color import Color
from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

Pixels = NDArray[np.bool_]

PNG_SCALE = 4
PNG_BORDER_PIXELS = 4
_LIT_RGB = (208, 240, 255)
_DARK_RGB = (8, 12, 20)
_HALF_BLOCKS = " ▀▄█"
_BRAILLE_BASE = 0x2800
_BRAILLE_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Dots of a braille cell, 4 rows by 2 columns (Unicode chart U+2800)."""


def to_image(pixels: Pixels, *, scale: int = 1) -> Image.Image:
    """Give a picture in greys of black and white (mode L), `scale` pixels a pixel."""
    image = Image.fromarray(pixels.astype(np.uint8) * 255)
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def to_picture(pixels: Pixels, *, scale: int = PNG_SCALE) -> Image.Image:
    """Give a picture in the colours of the panel with a dark border around (mode RGB)."""
    bordered = np.pad(pixels, PNG_BORDER_PIXELS)
    palette = np.array((_DARK_RGB, _LIT_RGB), dtype=np.uint8)
    image = Image.fromarray(palette[bordered.astype(np.uint8)])
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def save_png(pixels: Pixels, path: Path, *, scale: int = PNG_SCALE) -> None:
    """Save the display as a PNG file; OSError when it cannot be written."""
    to_picture(pixels, scale=scale).save(path, format="PNG")


def half_block_lines(pixels: Pixels) -> list[str]:
    """Give text lines with two rows of pixels a line: 128x64 pixels become 128 columns by 32 lines."""
    cells = pixels[0::2].astype(np.uint8) + 2 * pixels[1::2]
    return ["".join(_HALF_BLOCKS[cell] for cell in row) for row in cells]


def braille_lines(pixels: Pixels) -> list[str]:
    """Give text lines of braille cells: 128x64 pixels become 64 columns by 16 lines."""
    height, width = pixels.shape
    cells = np.full((height // 4, width // 2), _BRAILLE_BASE, dtype=np.uint32)
    for row, bits in enumerate(_BRAILLE_BITS):
        for column, bit in enumerate(bits):
            cells += pixels[row::4, column::2].astype(np.uint32) * bit
    return ["".join(chr(cell) for cell in row) for row in cells]


class ScreenView:
    """The display as something that rich prints: half blocks where there is room, else braille."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        fits = options.max_width >= self._pixels.shape[1] + 2
        lines = half_block_lines(self._pixels) if fits else braille_lines(self._pixels)
        style = Style(color=Color.from_rgb(*_LIT_RGB), bgcolor=Color.from_rgb(*_DARK_RGB))
        for line in lines:
            yield Segment(f" {line} ", style)
            yield Segment.line()
