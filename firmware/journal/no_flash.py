"""Stands in for a flash that the board has not: it fails, so that the band says so and goes on in RAM."""

from errno import ENODEV

from journal.sectors import LEAST_SECTORS


class NoFlash:
    """Every operation raises OSError."""

    sector_count = LEAST_SECTORS

    def read_into(self, _sector, _offset, _buffer, _start, _count):
        """Fail."""
        raise OSError(ENODEV)

    def program(self, _sector, _offset, _buffer, _start, _count):
        """Fail."""
        raise OSError(ENODEV)

    def erase(self, _sector):
        """Fail."""
        raise OSError(ENODEV)
