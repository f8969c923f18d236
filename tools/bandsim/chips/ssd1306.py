"""Register model of the SSD1306 display, 128x64, on I2C.

Control bytes and commands as in micropython-lib's ssd1306.py and the CPP_DevKit2 list of SSD1306 commands;
the layout of the memory as in the datasheet, section 8.7 (Rev 1.1). The number of bytes that follow each
command, and page addressing, are from these too; scroll commands are taken and have no effect. Unconfirmed:
the memory after power-up is noise (a fixed pattern here); bit 6 of the status byte says the display is off.
"""

import numpy as np
from numpy.typing import NDArray

from bandsim.chips.base import Chip

ADDRESS = 0x3C
WIDTH, HEIGHT, PAGES = 128, 64, 8

_CONTINUATION, _DATA = 0x80, 0x40
_ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x23: 1, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2,
    0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD6: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
_HORIZONTAL, _VERTICAL, _PAGE = 0, 1, 2


class Ssd1306Model(Chip):
    """The chip and its panel, mounted as on the usual module (upright with commands 0xA1 and 0xC8)."""

    name = "ssd1306"

    def __init__(self, *, address: int = ADDRESS) -> None:
        super().__init__(address)
        self.power_on()

    def power_on(self) -> None:
        """Settings to their reset state; the memory holds noise."""
        self.memory = bytearray(bytes((0x55, 0xAA)) * (WIDTH * PAGES // 2))
        self.is_on = False
        self.is_pump_on = False
        self.is_inverted = False
        self.is_all_lit = False
        self.contrast = 0x7F
        self._start_line = 0
        self._is_column_remapped = False
        self._is_row_remapped = False
        self._mode = _PAGE
        self._columns = (0, WIDTH - 1)
        self._pages = (0, PAGES - 1)
        self._column = 0
        self._page = 0
        self._command: list[int] = []

    def read(self, count: int, now_us: int) -> bytes:
        """Give the status byte."""
        return bytes((0 if self.is_on else 0x40,)) * count

    def write(self, data: bytes, now_us: int) -> None:
        """Take control bytes, each followed by one byte (Co = 1) or by all the rest (Co = 0)."""
        at = 0
        while at < len(data):
            control = data[at]
            stop = at + 2 if control & _CONTINUATION else len(data)
            body = data[at + 1 : stop]
            if control & _DATA:
                self._write_memory(body)
            else:
                for value in body:
                    self._take_command(value)
            at = stop

    def image(self) -> NDArray[np.bool_]:
        """Give the pixels seen on the panel: (64, 128), True is lit; dark when off or without its supply."""
        if not (self.is_on and self.is_pump_on):
            return np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
        if self.is_all_lit:
            return np.ones((HEIGHT, WIDTH), dtype=np.bool_)
        pages = np.frombuffer(bytes(self.memory), dtype=np.uint8).reshape(PAGES, 1, WIDTH)
        rows = pages >> np.arange(8, dtype=np.uint8).reshape(1, 8, 1) & 1
        lit = rows.reshape(HEIGHT, WIDTH).astype(np.bool_)
        lit = np.roll(lit, -self._start_line, axis=0)
        if not self._is_column_remapped:
            lit = lit[:, ::-1]
        if not self._is_row_remapped:
            lit = lit[::-1]
        return lit ^ self.is_inverted

    # Commands

    def _take_command(self, value: int) -> None:
        self._command.append(value)
        if len(self._command) > _ARGUMENTS.get(self._command[0], 0):
            command, *arguments = self._command
            self._command = []
            if arguments:
                self._set(command, arguments)
            else:
                self._switch(command)

    def _set(self, command: int, arguments: list[int]) -> None:
        first = arguments[0]
        if command == 0x20:
            self._mode = min(first & 3, _PAGE)
        elif command == 0x21:
            self._columns = (first & 0x7F, arguments[1] & 0x7F)
            self._column = self._columns[0]
        elif command == 0x22:
            self._pages = (first & 7, arguments[1] & 7)
            self._page = self._pages[0]
        elif command == 0x81:
            self.contrast = first
        elif command == 0x8D:
            self.is_pump_on = bool(first & 0x04)

    def _switch(self, command: int) -> None:
        if command in {0xAE, 0xAF}:
            self.is_on = command == 0xAF
        elif command in {0xA6, 0xA7}:
            self.is_inverted = command == 0xA7
        elif command in {0xA4, 0xA5}:
            self.is_all_lit = command == 0xA5
        elif command in {0xA0, 0xA1}:
            self._is_column_remapped = command == 0xA1
        elif command & 0xF0 == 0xC0:
            self._is_row_remapped = bool(command & 8)
        elif command & 0xC0 == 0x40:
            self._start_line = command & 0x3F
        elif self._mode == _PAGE:
            self._point(command)

    def _point(self, command: int) -> None:
        if command & 0xF8 == 0xB0:
            self._page = command & 7
        elif command < 0x10:
            self._column = self._column & 0x70 | command
        elif command < 0x20:
            self._column = (command & 7) << 4 | self._column & 0x0F

    # Memory

    def _write_memory(self, data: bytes) -> None:
        is_whole = self._columns == (0, WIDTH - 1) and self._pages == (0, PAGES - 1)
        is_at_start = self._mode == _HORIZONTAL and self._column == self._page == 0
        if len(data) == len(self.memory) and is_whole and is_at_start:
            self.memory[:] = data
            return
        for value in data:
            self.memory[self._page * WIDTH + self._column] = value
            self._step()

    def _step(self) -> None:
        if self._mode == _PAGE:
            self._column = (self._column + 1) % WIDTH
        elif self._mode == _HORIZONTAL:
            self._column, is_end = _next(self._column, self._columns, WIDTH)
            if is_end:
                self._page, _ = _next(self._page, self._pages, PAGES)
        else:
            self._page, is_end = _next(self._page, self._pages, PAGES)
            if is_end:
                self._column, _ = _next(self._column, self._columns, WIDTH)


def _next(position: int, window: tuple[int, int], size: int) -> tuple[int, bool]:
    """Give the position after this one in a window, and whether it went back to the window's start."""
    if position == window[1]:
        return window[0], True
    return (position + 1) % size, False
