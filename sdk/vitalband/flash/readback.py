"""Compares what lies in a board's flash with a signed release, read through the chip's boot loader.

The firmware does not run meanwhile and is not believed. What is believed differs by chip, and `trust` says:

- ESP32-S3: esptool speaks to the boot loader in the chip's mask ROM, which nobody can change, and reads the
  flash. Partitions that the band writes itself (settings, journal, files) are not compared.
- nRF52840: its boot loader is a program in the same flash. It shows what it says the flash holds as
  `CURRENT.UF2` on its drive; whoever replaced that boot loader can show anything. Only a debugger (SWD) reads
  without it, and a chip that is locked against debuggers lets nobody read.

Partition tables are laid out as gen_esp32part.py of ESP-IDF has them, UF2 blocks as
https://github.com/microsoft/uf2 has them. Neither way has met a chip.
"""

import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from vitalband.errors import InstallError, LocalError
from vitalband.flash.images import find_drive
from vitalband.ranges import holes, within
from vitalband.release import Comparison, Release, ReleaseFile

CURRENT = "CURRENT.UF2"
"""What the boot loader's drive shows of the flash."""

TIMEOUT_S = 600.0
"""Longest that esptool may take: 8 MB at 460800 baud take about three minutes."""

_BAUD_RATE = "460800"
_TABLE_AT, _TABLE_BYTES = 0x8000, 0xC00
_ENTRY = struct.Struct("<2sBBLL16sL")
_ENTRY_MAGIC, _APP = b"\xaa\x50", 0
_ROMFS = "romfs"
"""Partition that MicroPython mounts as a ROM file system, in firmware/ports/esp32s3/partitions.csv."""
_ERASED = 0xFF
_UF2_BLOCK = struct.Struct("<8I476sI")
_UF2_MAGIC = (0x0A324655, 0x9E5D5157, 0x0AB16F30)
_UF2_MOST_BYTES = 476


@dataclass(frozen=True)
class ReadBack:
    """What was compared, and in words what is believed in that and what was not looked at."""

    comparisons: tuple[Comparison, ...]
    trust: str


def read_back_board(port: str | None, drive: Path | None, release: Release) -> ReadBack:
    """Read the board at `port` (ESP32-S3), or the drive of its boot loader (nRF52840), and compare.

    LocalError when the release has no image to compare with, or the board cannot be read back; InstallError
    when the tool fails or what it read is no flash of such a board.
    """
    if release.platform == "esp32":
        if port is None:
            raise LocalError("wanted the port that the boot loader answers at, got none")
        image = release.content(_image_of(release, ".bin"))
        flash = _read_esp32(port, release.board, _end_of_code(image))
        return _compare_esp32(image, flash, release)
    if release.platform == "zephyr":
        image = release.content(_image_of(release, ".uf2"))
        current = (drive or find_drive(release)) / CURRENT
        return _compare_uf2(image, current.read_bytes())
    raise LocalError(f"wanted a board whose boot loader reads back its flash, got {release.board}")


def _image_of(release: Release, suffix: str) -> ReleaseFile:
    found = [image for image in release.images if image.path.endswith(suffix)]
    if len(found) != 1:
        names = ", ".join(image.path for image in release.images) or "none"
        raise LocalError(f"wanted a release that lists one image *{suffix} of {release.board}, got {names}")
    return found[0]


# -- ESP32-S3 -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Partition:
    name: str
    is_app: bool
    start: int
    stop: int

    @property
    def is_code(self) -> bool:
        """Whether what lies there can be run without the band's file system."""
        return self.is_app or self.name == _ROMFS


def _partitions(flash: bytes) -> list[_Partition]:
    """The table of a flash; InstallError when there is none."""
    found: list[_Partition] = []
    for at in range(_TABLE_AT, min(_TABLE_AT + _TABLE_BYTES, len(flash) - _ENTRY.size + 1), _ENTRY.size):
        magic, kind, _, start, size, name, _ = _ENTRY.unpack_from(flash, at)
        if magic != _ENTRY_MAGIC:
            break
        found.append(
            _Partition(name.rstrip(b"\0").decode(errors="replace"), kind == _APP, start, start + size)
        )
    if not any(each.is_app for each in found):
        raise InstallError(f"wanted a table of partitions with an app at {_TABLE_AT:#x}, got none")
    return sorted(found, key=lambda each: each.start)


def _end_of_code(image: bytes) -> int:
    return max(len(image), *(each.stop for each in _partitions(image) if each.is_code))


def _read_esp32(port: str, chip: str, size: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "flash.bin"
        command = (sys.executable, "-m", "esptool", "--chip", chip, "--port", port, "--baud", _BAUD_RATE,
                   "read-flash", "--no-progress", "0x0", f"{size:#x}", str(file))  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
                                  stdin=subprocess.DEVNULL)  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise InstallError(f"{port}: esptool read for {TIMEOUT_S:g} s and found no end") from error
        if done.returncode or not file.is_file():
            said = (done.stdout + done.stderr).strip().splitlines()[-3:]
            raise InstallError("\n".join([f"{port}: esptool cannot read the flash:", *said]))
        flash = file.read_bytes()
    if len(flash) != size:
        raise InstallError(f"{port}: wanted {size} bytes of flash, got {len(flash)}")
    return flash


def _compare_esp32(image: bytes, flash: bytes, release: Release) -> ReadBack:
    table = _partitions(image)
    data = [(each.start, each.stop - each.start) for each in table if not each.is_app]
    facts = [
        _same(f"{start:#x} to {start + count:#x}", image[start : start + count], flash[start : start + count])
        for start, count in holes(within(data, 0, len(image)), 0, len(image))
    ]
    # What lies beyond the image could be started too.
    beyond = [each for each in table if each.is_code and each.start >= len(image)]
    facts += [_beyond(each, flash[each.start : each.stop], release) for each in beyond]
    kept = [each for each in table if not each.is_code]
    names = ", ".join(each.name for each in kept) or "none"
    files = "" if release.profile == "product" else "; installed files are read by vitalband info --prompt"
    return ReadBack(
        tuple(facts),
        f"read by the boot loader in the chip's ROM, with the firmware stopped. Not compared, as the band "
        f"writes them: {names}{files}. A chip that was replaced this cannot tell.",
    )


def _beyond(partition: _Partition, found: bytes, release: Release) -> Comparison:
    name = f"partition {partition.name}"
    if partition.name == _ROMFS and release.romfs is not None:
        return _same(name, release.content(release.romfs), found[: release.romfs.size_bytes])
    return Comparison(name, "erased", "erased" if set(found) <= {_ERASED} else "something")


# -- nRF52840 -----------------------------------------------------------------------------------


def _compare_uf2(image: bytes, current: bytes) -> ReadBack:
    wanted, found = _addresses(image, "the release's image"), _addresses(current, CURRENT)
    runs: list[tuple[int, int]] = []
    for address in sorted(wanted):
        end = address + len(wanted[address])
        if runs and runs[-1][1] == address:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((address, end))
    theirs = b"".join(found[at] for at in sorted(found))
    first = min(found)
    if sorted(found) != list(range(first, first + len(theirs), len(found[first]))):
        raise InstallError(f"{CURRENT}: wanted one piece of flash, got holes in it")
    ours = {run: b"".join(wanted[at] for at in sorted(wanted) if run[0] <= at < run[1]) for run in runs}
    facts = (
        _same(
            f"{start:#x} to {stop:#x}",
            ours[start, stop],
            theirs[max(0, start - first) : max(0, stop - first)],
        )
        for start, stop in runs
    )
    return ReadBack(
        tuple(facts),
        "shown by the boot loader, a program in the same flash, which is believed here; the firmware is not. "
        "Only a debugger reads without it, and none reads a chip that is locked.",
    )


def _addresses(content: bytes, name: str) -> dict[int, bytes]:
    """The blocks of a UF2 file by their addresses; those that are not for the main flash left out."""
    found = dict(_blocks(content, name))
    if not found:
        raise InstallError(f"{name}: wanted blocks of UF2, got none")
    return found


def _blocks(content: bytes, name: str) -> Iterator[tuple[int, bytes]]:
    if len(content) % _UF2_BLOCK.size:
        raise InstallError(f"{name}: wanted blocks of {_UF2_BLOCK.size} bytes, got {len(content)} bytes")
    for first, second, flags, address, size, *_, data, last in _UF2_BLOCK.iter_unpack(content):
        if (first, second, last) != _UF2_MAGIC or not 0 < size <= _UF2_MOST_BYTES:
            raise InstallError(f"{name}: wanted blocks of UF2, got something else")
        if not flags & 1:  # not for the main flash
            yield address, data[:size]


def _same(name: str, wanted: bytes, got: bytes) -> Comparison:
    return Comparison(name, *(sha256(each).hexdigest() for each in (wanted, got)))
