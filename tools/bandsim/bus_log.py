"""The band's I2C traffic as text, one transfer a line, the same for the same transfers: to be compared.

0.000000 57 W ff R 15            second of the band's life, address, bytes written, bytes read
0.000097 57 W 09 87
0.000169 6a W 0f R x1 ENODEV     refused, one byte was to be read
"""

from errno import errorcode
from typing import TextIO

from bandsim.bus import Transfer


class BusLog:
    """A trace of a bus that writes each transfer into a text file."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def append(self, transfer: Transfer, /) -> None:
        """Write a line."""
        self._file.write(line_of(transfer) + "\n")


def line_of(transfer: Transfer) -> str:
    """Give the line of a transfer."""
    seconds, microseconds = divmod(transfer.now_us, 1_000_000)
    return f"{seconds}.{microseconds:06d} {transfer.address:02x} {content_of(transfer)}"


def content_of(transfer: Transfer) -> str:
    """Give what a line says behind the address."""
    words = ["W", transfer.written.hex(" ")] if transfer.written else []
    if transfer.read_count:
        words.append("R")
    if isinstance(transfer.outcome, bytes):
        words += [transfer.outcome.hex(" ")] if transfer.outcome else []
    else:
        words += [f"x{transfer.read_count}"] if transfer.read_count else []
        words.append(errorcode[transfer.outcome])
    return " ".join(words)
