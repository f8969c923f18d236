"""A 128 x 64 canvas with the band's own glyphs; what does not fit is cut at the edge, never wrapped.

Text is ASCII and the Chinese characters of `display.texts` and of the readings' names; any other
character is shown as an empty box. Coordinates are pixels from the upper left; a line of text is 16
high, its capitals fill rows 4 to 13. Text functions take UTF-8 bytes or str.
"""

import framebuf
import micropython

from display import glyphs

WIDTH = 128
HEIGHT = 64
LINE_HEIGHT = 16

_ASCII_PITCH = 12
_NOT_FOUND = -1
_MISSING = 0x25A1
_SPACE = 0x20
_MINUS = 0x2D
_ZERO = 0x30


class Canvas:
    """Draws into `buffer` (1024 bytes, MONO_VLSB), which the display driver takes as it is."""

    def __init__(self):
        self.buffer = bytearray(WIDTH * HEIGHT // 8)
        self._frame = framebuf.FrameBuffer(self.buffer, WIDTH, HEIGHT, framebuf.MONO_VLSB)
        self._narrow = _Stamp(8, 16)
        self._wide = _Stamp(16, 16)
        self._state = _Stamp(32, 32)
        self._medium = _Stamp(glyphs.MEDIUM_WIDTH, glyphs.MEDIUM_HEIGHT)
        self._large = _Stamp(glyphs.LARGE_WIDTH, glyphs.LARGE_HEIGHT)
        self._missing = _find(glyphs.CODE_POINTS, _MISSING)

    def clear(self):
        """All pixels off."""
        self._frame.fill(0)

    @micropython.native
    def fill(self, x, y, width, height, color=1):
        """A filled rectangle."""
        self._frame.fill_rect(x, y, width, height, color)

    def dots(self, y):
        """A dotted rule across the canvas."""
        for x in range(0, WIDTH, 2):
            self._frame.pixel(x, y, 1)

    @micropython.native
    def line(self, x_from, y_from, x_to, y_to):
        """A straight line."""
        self._frame.line(x_from, y_from, x_to, y_to, 1)

    @micropython.native
    def text(self, x, y, text, color=1):
        """A line of text; gives the x behind it."""
        reader = _READER.read(text)
        while reader.next():
            x = self._character(x, y, reader.code, color)
        return x

    @micropython.native
    def text_right(self, x_end, y, text, color=1):
        """A line of text whose last column is left of `x_end`; gives the x where it begins."""
        x = x_end - text_width(text)
        self.text(x, y, text, color)
        return x

    def text_center(self, y, text, color=1):
        """A line of text in the middle."""
        self.text((WIDTH - text_width(text)) // 2, y, text, color)

    def pair(self, y, texts):
        """`(chinese, english)` at the left and the right edge."""
        self.text(0, y, texts[0])
        self.text_right(WIDTH, y, texts[1])

    def bar(self, y, texts):
        """The same, dark on a lit bar."""
        self.fill(0, y, WIDTH, LINE_HEIGHT)
        self.text(1, y, texts[0], 0)
        self.text_right(WIDTH - 1, y, texts[1], 0)

    def paragraph(self, y, text):
        """Text broken at any character to the width; lines that do not fit above the lower edge are cut.

        Whole words would take more lines than there are. Lines are close enough for ASCII; Chinese needs
        their whole height.
        """
        pitch = LINE_HEIGHT if _has_chinese(text) else _ASCII_PITCH
        x = 0
        reader = _READER.read(text)
        while reader.next():
            if x + _advance(reader.code) > WIDTH + 1:
                x, y = 0, y + pitch
            if y + LINE_HEIGHT > HEIGHT:
                return
            if x or reader.code != _SPACE:
                x = self._character(x, y, reader.code, 1)

    def state_word(self, x, y, word):
        """A Chinese state word at double size (32 x 32 a character); gives the x behind it."""
        reader = _READER.read(word)
        while reader.next():
            index = _find(glyphs.STATE_CODE_POINTS, reader.code)
            self._state.draw(self._frame, x, y, glyphs.STATE_GLYPHS, index, 1)
            x += 32
        return x

    def medium(self, x, y, number):
        """A number (str of `0-9 - . /`) in numerals of 12 x 20; gives the x behind it."""
        return self._numerals(x, y, number, self._medium, glyphs.MEDIUM_GLYPHS, glyphs.MEDIUM_WIDTHS)

    def large(self, x, y, number):
        """A number (str of `0-9 - . /`) in numerals of 18 x 30; gives the x behind it."""
        return self._numerals(x, y, number, self._large, glyphs.LARGE_GLYPHS, glyphs.LARGE_WIDTHS)

    @micropython.native
    def _numerals(self, x, y, number, stamp, data, widths):
        for code in number.encode():
            index = _numeral_at(code)
            stamp.draw(self._frame, x, y, data, index, 1)
            x += widths[index] + _numeral_gap(widths)
        return x

    @micropython.native
    def _character(self, x, y, code, color):
        if 0x20 <= code < 0x7F:
            self._narrow.draw(self._frame, x, y, glyphs.ASCII_GLYPHS, code - 0x20, color)
        else:
            index = _find(glyphs.CODE_POINTS, code)
            if index == _NOT_FOUND:
                index = self._missing
            self._wide.draw(self._frame, x, y, glyphs.GLYPHS, index, color)
        return x + _advance(code)


class _Stamp:
    """One glyph's worth of memory, filled from the glyph data and stamped onto a frame."""

    def __init__(self, width, height):
        self._bytes = width * ((height + 7) // 8)
        self._buffer = bytearray(self._bytes)
        self._glyph = framebuf.FrameBuffer(self._buffer, width, height, framebuf.MONO_VLSB)

    @micropython.native
    def draw(self, frame, x, y, data, index, color):
        """Stamp glyph `index` of `data`; with `color` 0 the ink is dark, its surround left as it is."""
        if color:
            _copy(self._buffer, data, index * self._bytes, self._bytes)
            frame.blit(self._glyph, x, y, 0)
        else:
            _copy_inverted(self._buffer, data, index * self._bytes, self._bytes)
            frame.blit(self._glyph, x, y, 1)


@micropython.native
def _copy(target, source, offset, count):
    """Copy `count` bytes of `source` from `offset` on to the start of `target`."""
    for index in range(count):
        target[index] = source[offset + index]


@micropython.native
def _copy_inverted(target, source, offset, count):
    """The same with every bit turned over."""
    for index in range(count):
        target[index] = source[offset + index] ^ 0xFF


class _Reader:
    """Code points of UTF-8 text one by one, without an object for each. Bad bytes give the box."""

    def __init__(self):
        self.code = 0
        self._data = b""
        self._at = 0

    def read(self, text):
        """Begin at the start of a text (bytes or str); gives itself."""
        self._data = text.encode() if isinstance(text, str) else text
        self._at = 0
        return self

    def next(self):
        """Take the next code point into `code`; False at the end."""
        data, at = self._data, self._at
        if at >= len(data):
            return False
        first = data[at]
        self._at = at + 1
        if first < 0x80:
            self.code = first if first >= 0x20 else _MISSING
            return True
        length = _sequence_bytes(first)
        self.code = first & (0x7F >> length) if length > 1 else _MISSING
        for index in range(at + 1, at + length):
            if index >= len(data) or data[index] >> 6 != 0b10:
                self.code = _MISSING
                return True
            self.code = self.code << 6 | data[index] & 0x3F
            self._at = index + 1
        return True


def _sequence_bytes(first):
    """Bytes of a UTF-8 sequence by its first one, from 0x80 on; 1 when no sequence begins so."""
    if first >> 5 == 0b110:
        return 2
    if first >> 4 == 0b1110:
        return 3
    return 4 if first >> 3 == 0b11110 else 1


_READER = _Reader()


def text_width(text):
    """Columns of a line of text."""
    width = 0
    reader = _READER.read(text)
    while reader.next():
        width += _advance(reader.code)
    return width - 1 if width else 0


def _has_chinese(text):
    reader = _READER.read(text)
    while reader.next():
        if reader.code > 0x7F:
            return True
    return False


def number_width(number, is_large):
    """Columns of a number, without the gap behind it."""
    widths = glyphs.LARGE_WIDTHS if is_large else glyphs.MEDIUM_WIDTHS
    gap = _numeral_gap(widths)
    width = -gap
    for code in number.encode():
        width += widths[_numeral_at(code)] + gap
    return width


def _numeral_at(code):
    """Place of a character of `0-9 - . /` in `glyphs.NUMERALS`: a `find` would make objects of each."""
    return code - _ZERO if code >= _ZERO else code - _MINUS + 10


def _numeral_gap(widths):
    return widths[0] // 6


def _advance(code):
    """Columns that a character takes with the gap behind it."""
    if 0x20 <= code < 0x7F:
        return min(glyphs.ASCII_WIDTHS[code - 0x20] + 1, 8)
    return 17


def _find(code_points, code):
    """Place of a code point in a sorted table of 16-bit numbers, or `_NOT_FOUND`."""
    low, high = 0, len(code_points) // 2
    while low < high:
        middle = (low + high) // 2
        found = code_points[2 * middle] | code_points[2 * middle + 1] << 8
        if found == code:
            return middle
        if found < code:
            low = middle + 1
        else:
            high = middle
    return _NOT_FOUND
