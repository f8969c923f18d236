"""Stand-in for MicroPython's `framebuf`, as far as the display uses it: MONO_VLSB only.

The same drawing by both is compared in tests/firmware/display.
"""

MONO_VLSB = 0


class FrameBuffer:
    """Pixels in columns of eight, lowest bit on top; anything outside is cut off."""

    def __init__(self, buffer: bytearray, width: int, height: int, _format: int) -> None:
        self._buffer, self._width, self._height = buffer, width, height

    def fill(self, color: int) -> None:
        self._buffer[:] = (b"\xff" if color else b"\0") * len(self._buffer)

    def pixel(self, x: int, y: int, color: int) -> None:
        if 0 <= x < self._width and 0 <= y < self._height:
            at, mask = (y >> 3) * self._width + x, 1 << (y & 7)
            self._buffer[at] = self._buffer[at] | mask if color else self._buffer[at] & ~mask

    def fill_rect(self, x: int, y: int, width: int, height: int, color: int) -> None:
        for row in range(y, y + height):
            for column in range(x, x + width):
                self.pixel(column, row, color)

    def line(self, x1: int, y1: int, x2: int, y2: int, color: int) -> None:
        """Bresenham, as in MicroPython's modframebuf.c."""
        dx, dy, sx, sy = abs(x2 - x1), abs(y2 - y1), 1 if x2 > x1 else -1, 1 if y2 > y1 else -1
        is_steep = dy > dx
        if is_steep:
            x1, y1, dx, dy, sx, sy = y1, x1, dy, dx, sy, sx
        error = 2 * dy - dx
        for _ in range(dx):
            self.pixel(*((y1, x1) if is_steep else (x1, y1)), color)
            while error >= 0:
                y1 += sy
                error -= 2 * dx
            x1 += sx
            error += 2 * dy
        self.pixel(x2, y2, color)

    def blit(self, source: "FrameBuffer", x: int, y: int, key: int) -> None:
        """Copy all pixels of `source` but those of color `key`, a column at a time."""
        for column in range(source._width):
            ink = source._column(column) if key == 0 else ~source._column(column) & (1 << source._height) - 1
            ink = (ink << y if y >= 0 else ink >> -y) & (1 << self._height) - 1
            if 0 <= x + column < self._width:
                lit = self._column(x + column)
                self._set_column(x + column, lit | ink if key == 0 else lit & ~ink)

    def _column(self, x: int) -> int:
        """Pixels of a column as one number, the lowest bit on top."""
        return int.from_bytes(self._buffer[x :: self._width], "little")

    def _set_column(self, x: int, lit: int) -> None:
        self._buffer[x :: self._width] = lit.to_bytes(len(self._buffer) // self._width, "little")
