"""The band's flash: a NOR memory with its rules, its wear, its time, and power that goes in the middle.

Erasing sets every bit of a sector; programming clears bits of words that are erased. What a real part lets
pass or does not notice is an error of the firmware here: see `FlashMisuseError`.
"""

import mmap
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from errno import EIO, EROFS
from pathlib import Path

SECTOR_BYTES = 4096
PAGE_BYTES = 256
WORD_BYTES = 4
ERASED = 0xFF
DEFAULT_SECTORS = 256

SECTOR_ERASE_US = 45_000
PAGE_PROGRAM_US = 400
"""Typical times that public drivers quote for a W25Q128JV; its data sheet was not read: unconfirmed."""

BYTE_US = 1
"""On an SPI bus of 8 MHz: own choice, which any such part bears."""
_COMMAND_BYTES = 4


class FlashMisuseError(Exception):
    """The firmware broke a rule of the flash; the message says which, and where."""


class PowerCutError(Exception):
    """Power went during an operation of the flash."""


class Erasure(Enum):
    """What of an erase is done when power goes in it."""

    NOTHING = auto()
    MIXED = auto()
    """Every byte by chance: as it was, erased, all bits clear (as parts do first), or anything."""
    WHOLE = auto()


@dataclass(frozen=True)
class Cut:
    """How far an operation gets before power goes.

    Of a program its first `prefix_bytes`, at most all; with `tears_byte` some bits of the next byte too. Of
    an erase what `erasure` says. `seed` decides what is left to chance.
    """

    prefix_bytes: int = 0
    tears_byte: bool = False
    erasure: Erasure = Erasure.NOTHING
    seed: int = 0


@dataclass(frozen=True)
class FlashOperation:
    """One program of `data`, or an erase (without), as `NorFlash.on_operation` is told it."""

    sector: int
    offset: int
    data: bytes

    @property
    def count(self) -> int:
        """Bytes that it programs."""
        return len(self.data)

    @property
    def is_erase(self) -> bool:
        """Whether it is an erase."""
        return not self.data


@dataclass
class SectorWear:
    """What was done to one sector since the model was made; its file does not keep it."""

    erases: int = 0
    programs: int = 0
    programmed_bytes: int = 0


class NorFlash:
    """`sector_count` sectors of `SECTOR_BYTES`, erased at first.

    With `path`, the content is that file's, made when there is none. `operations` counts programs and erases,
    those that power was cut in and those that failed too. While `is_read_only`, programs and erases raise
    OSError(EROFS) and change nothing; while `is_failing`, reads too, all with EIO.
    """

    def __init__(self, sector_count: int = DEFAULT_SECTORS, path: Path | None = None) -> None:
        self.sector_count = sector_count
        self.operations = 0
        self.is_read_only = False
        self.is_failing = False
        self.on_operation: Callable[[FlashOperation], None] | None = None
        """Is told each program and erase before any of it is done."""
        self.on_programmed: Callable[[FlashOperation], None] | None = None
        """Is told each program that is done to its last byte, whether power goes then or not."""
        self.wear = [SectorWear() for _ in range(sector_count)]
        self._cut_at = 0
        self._cut = Cut()
        size = sector_count * SECTOR_BYTES
        self._content = bytearray([ERASED]) * size if path is None else _file_content(path, size)

    # What the firmware can do

    def read(self, sector: int, offset: int, count: int) -> bytes:
        """Give `count` bytes from `offset` of a sector on."""
        start = self._place(sector, offset, count)
        if self.is_failing:
            raise OSError(EIO, "the flash fails")
        return bytes(self._content[start : start + count])

    def program(self, sector: int, offset: int, data: bytes | memoryview) -> None:
        """Clear bits of whole erased words, as `data` says.

        Raises FlashMisuseError, OSError while the flash fails, and PowerCutError where a cut was asked for.
        """
        start = self._place(sector, offset, len(data))
        if not (self.is_failing or self.is_read_only):
            self._check_words(start, data)
        cut = self._begin(FlashOperation(sector, offset, bytes(data)))
        done = len(data) if cut is None else min(cut.prefix_bytes, len(data))
        self._content[start : start + done] = data[:done]
        if cut is not None and cut.tears_byte and done < len(data):
            chance = random.Random(cut.seed)
            self._content[start + done] = data[done] | chance.getrandbits(8)
        self.wear[sector].programs += 1
        self.wear[sector].programmed_bytes += done
        if self.on_programmed is not None and done == len(data):
            self.on_programmed(FlashOperation(sector, offset, bytes(data)))
        self._end(cut)

    def erase(self, sector: int) -> None:
        """Set every bit of a sector; raises as `program` does."""
        start = self._place(sector, 0, SECTOR_BYTES)
        cut = self._begin(FlashOperation(sector, 0, b""))
        after = bytes([ERASED]) * SECTOR_BYTES
        if cut is not None and cut.erasure != Erasure.WHOLE:
            after = self._content[start : start + SECTOR_BYTES]
            if cut.erasure == Erasure.MIXED:
                after = _half_erased(after, random.Random(cut.seed))
        self._content[start : start + SECTOR_BYTES] = after
        self.wear[sector].erases += 1
        self._end(cut)

    # What can be done to it

    def cut_at(self, operation: int, cut: Cut) -> None:
        """Let power go in an operation to come: the first one is `operations` + 1. It goes once.

        Raises ValueError for one that is past.
        """
        if operation <= self.operations:
            raise ValueError(f"wanted an operation after {self.operations}, got {operation}")
        self._cut_at = operation
        self._cut = cut

    def image(self) -> bytes:
        """Give all of its content."""
        return bytes(self._content)

    def restore(self, image: bytes) -> None:
        """Make its content what `image` gave, which wears nothing; ValueError for another size."""
        if len(image) != len(self._content):
            raise ValueError(f"wanted {len(self._content)} bytes, got {len(image)}")
        self._content[:] = image

    # Rules

    def _place(self, sector: int, offset: int, count: int) -> int:
        if not 0 <= sector < self.sector_count:
            raise FlashMisuseError(f"wanted a sector of 0 to {self.sector_count - 1}, got {sector}")
        if offset < 0 or count < 0 or offset + count > SECTOR_BYTES:
            raise FlashMisuseError(
                f"wanted bytes within a sector, got {count} bytes from {offset} on in sector {sector}"
            )
        return sector * SECTOR_BYTES + offset

    def _check_words(self, start: int, data: bytes | memoryview) -> None:
        where = f"at {start % SECTOR_BYTES} in sector {start // SECTOR_BYTES}"
        if not len(data) or start % WORD_BYTES or len(data) % WORD_BYTES:
            raise FlashMisuseError(f"wanted whole words to program, got {len(data)} bytes {where}")
        before = self._content[start : start + len(data)]
        if before.count(ERASED) == len(before):
            return
        sets_bits = any(new & ~old for old, new in zip(before, data, strict=True))
        what = "it would set bits" if sets_bits else "a word is programmed once between erases"
        raise FlashMisuseError(f"wanted {len(data)} erased bytes {where}, found some that are not: {what}")

    def _begin(self, operation: FlashOperation) -> Cut | None:
        self.operations += 1
        if self.on_operation is not None:
            self.on_operation(operation)
        if self.is_failing:
            raise OSError(EIO, "the flash fails")
        if self.is_read_only:
            raise OSError(EROFS, "the flash is read-only")
        return self._cut if self._cut_at == self.operations else None

    def _end(self, cut: Cut | None) -> None:
        if cut is not None:
            raise PowerCutError(f"power went in operation {self.operations} of the flash")


def read_us(count: int) -> int:
    """Give how long a read takes, in microseconds."""
    return (_COMMAND_BYTES + count) * BYTE_US


def program_us(offset: int, count: int) -> int:
    """Give how long a program takes, in microseconds: each page that it touches takes the time of a whole."""
    pages = (offset + count - 1) // PAGE_BYTES - offset // PAGE_BYTES + 1
    return pages * (PAGE_PROGRAM_US + _COMMAND_BYTES * BYTE_US) + count * BYTE_US


def erase_us() -> int:
    """Give how long the erase of a sector takes, in microseconds."""
    return SECTOR_ERASE_US + _COMMAND_BYTES * BYTE_US


def _half_erased(before: bytes | bytearray, chance: random.Random) -> bytes:
    return bytes(chance.choice((value, ERASED, 0, chance.getrandbits(8))) for value in before)


def _file_content(path: Path, size: int) -> mmap.mmap:
    if not path.exists():
        path.write_bytes(bytes([ERASED]) * size)
    held = path.stat().st_size
    if held != size:
        raise ValueError(f"{path}: wanted {size} bytes of flash, found {held}")
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), size)
