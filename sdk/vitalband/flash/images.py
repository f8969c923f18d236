"""Puts a whole image of MicroPython onto a board through the chip's boot loader, with the chip maker's tools.

An ESP32-S3 is written by esptool at address 0, as ports/esp32/boards/deploy_nativeusb.md of MicroPython
1.25.0 says. An nRF52840 with Adafruit's boot loader shows a drive that a UF2 file is copied to, or takes a
package by `adafruit-nrfutil`, with the options of tinyusb's hw/bsp/nrf/boards/feather_nrf52840_express.
Neither has been tried on a chip.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from vitalband.errors import InstallError, LocalError
from vitalband.release import Release

DRIVE_FILE = "INFO_UF2.TXT"
"""What the boot loader's drive has, and says the chip in."""

DRIVE_FOLDERS = ("/media/*/*", "/run/media/*/*", "/media/*", "/mnt/*", "/Volumes/*")
"""Where systems mount drives, as patterns of folders."""

TIMEOUT_S = 300.0
"""Longest that a tool may take; 8 MB at 460800 baud take about three minutes."""

_ESP32_BAUD_RATE = "460800"


@dataclass(frozen=True)
class ImageWriting:
    """What is to be run or copied, and whether what the band keeps goes with it."""

    image: Path
    command: tuple[str, ...]
    drive: Path | None
    erases_all: bool

    def words(self) -> str:
        """For the person who is asked."""
        return f"copy {self.image} to {self.drive}" if self.drive else " ".join(self.command)


def plan_image(image: Path, release: Release, port: str, drive: Path | None) -> ImageWriting:
    """How this image gets onto the board of this release; LocalError when it cannot.

    A product is written with all of the flash erased, where the boot loader can: it may be another wearer's.
    """
    if not image.is_file():
        raise LocalError(f"{image}: wanted an image, found no such file")
    kinds = {"esp32": (".bin",), "zephyr": (".uf2", ".zip")}.get(release.platform, ())
    if image.suffix not in kinds:
        raise LocalError(f"{image}: wanted {' or '.join(kinds) or 'no image'} for {release.board}")
    if image.suffix == ".uf2":
        return ImageWriting(image, (), drive or find_drive(release), erases_all=False)
    if image.suffix == ".zip":
        command = ("adafruit-nrfutil", "--verbose", "dfu", "serial", "--package", str(image),
                   "-p", port, "-b", "115200", "--singlebank", "--touch", "1200")  # fmt: skip
        return ImageWriting(image, command, None, erases_all=False)
    erases_all = release.profile == "product"
    command = (sys.executable, "-m", "esptool", "--chip", release.board, "--port", port,
               "--baud", _ESP32_BAUD_RATE, "write-flash", *(["--erase-all"] if erases_all else []),
               "0x0", str(image))  # fmt: skip
    return ImageWriting(image, command, None, erases_all)


def image_distrust(image: Path, release: Release) -> str:
    """Why an image is none that the release lists by its digest; "" for one that is."""
    found = sha256(image.read_bytes()).hexdigest()
    if any(found == listed.sha256 for listed in release.images):
        return ""
    names = ", ".join(listed.path for listed in release.images) or "none"
    return f"{image}: wanted an image that the release lists ({names}), got another, SHA-256 {found}"


def find_drive(release: Release, folders: Sequence[str] = DRIVE_FOLDERS) -> Path:
    """The drive that the boot loader of this release's board shows; LocalError unless there is just one."""
    places = (path for pattern in folders for path in sorted(Path("/").glob(pattern.removeprefix("/"))))
    found = [place for place in places if _is_drive_of(release, place)]
    if len(found) != 1:
        names = ", ".join(map(str, found)) or "none"
        raise LocalError(f"wanted one drive of the boot loader of {release.board}, found {names}; "
                         "press reset twice, and name it by --drive")  # fmt: skip
    return found[0]


def write_image(writing: ImageWriting) -> None:
    """Carry it out; raises InstallError when the tool fails."""
    if writing.drive is not None:
        shutil.copyfile(writing.image, writing.drive / writing.image.name)
        return
    if shutil.which(writing.command[0]) is None:
        raise LocalError(f"wanted {writing.command[0]} on PATH, found none; install it by pip")
    try:
        done = subprocess.run(
            writing.command,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallError(f"{writing.words()}: no end within {TIMEOUT_S:g} s") from error
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-3:]
        raise InstallError("\n".join([f"{writing.words()} failed:", *said]))


def _is_drive_of(release: Release, place: Path) -> bool:
    try:
        said = (place / DRIVE_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:  # no drive of a boot loader, or none that is ours to read
        return False
    return release.machine.lower() in said.lower()
