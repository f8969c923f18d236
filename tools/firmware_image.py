"""Builds the firmware as an image for the emulated Cortex-M4F: `make firmware SOC=nrf52840`.

Needs the Debian packages that the Makefile names and nothing from PyPI. All it makes lies below `.cache/`;
same files in, same bytes out. Its C code, linker script and list of frozen files: firmware/ports/cortex_m4.
"""

import argparse
import fcntl
import os
import runpy
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from micropython_source import RELEASE_EPOCH_S, BuildError, unpacked_source

ROOT = Path(__file__).resolve().parent.parent
CACHE_DIR = ROOT / ".cache" / "micropython"
PORT = "firmware/ports/cortex_m4"
COMPILER_TOOLS = ("gcc", "make")
TOOLS = (*COMPILER_TOOLS, "arm-none-eabi-gcc")
IMAGE_NAME = "firmware.elf"

_BUILD_TIMEOUT_S = 600
_PROGRESS = ("CC ", "AS ", "MPY ", "GEN ", "LINK ", "mkdir ")
_SAID_LINES = 40
_MAKE_VARIABLES = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
"""What a make gives to those that it runs: this build is none of them."""
_ADDRESSED_SECTION = 2
_SECTION_WITHOUT_CONTENT = 8
"""SHF_ALLOC and SHT_NOBITS of ELF, as in <elf.h>."""


@dataclass(frozen=True)
class Soc:
    """Memory of a chip, and the board profile that states the budgets."""

    flash_bytes: int
    ram_bytes: int
    board: str


SOCS = {"nrf52840": Soc(flash_bytes=1024 * 1024, ram_bytes=256 * 1024, board="nrf52840")}
"""Flash and RAM as the board profile states them."""


@dataclass(frozen=True)
class ImageSize:
    """Bytes that an image takes: in flash, code and initial values; in RAM, what is fixed at link time."""

    flash_bytes: int
    static_ram_bytes: int


class _FirmwareFiles:
    """As `hal.files` on the band."""

    @staticmethod
    def python_files(folder: str) -> list[str]:
        return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.py"))

    @staticmethod
    def read_chunks(path: str, _buffer: bytearray, take: Any) -> None:
        take(Path(path).read_bytes())


def firmware_digest(root: Path = ROOT) -> bytes:
    """Give the firmware's digest by the firmware's own rule (`identity.digest_of_files`)."""
    search_path = list(sys.path)
    sys.path[:0] = [str(root / "firmware"), str(root / "protocol")]
    try:
        digest_of_files = runpy.run_path(str(root / "firmware" / "identity.py"))["digest_of_files"]
    finally:
        sys.path[:] = search_path
    folders = (("firmware", str(root / "firmware")), ("bandwire", str(root / "protocol" / "bandwire")))
    return digest_of_files(folders, _FirmwareFiles)


def build_info(root: Path, profile: str) -> str:
    """Give the module that tells the firmware what it is, as `main.py` reads it."""
    return f"FIRMWARE_DIGEST = {firmware_digest(root)!r}\nIMAGE_PROFILE = {profile!r}\n"


def build_mpy_cross(cache_dir: Path = CACHE_DIR, *, jobs: int = 2) -> tuple[Path, Path]:
    """Build the compiler of the pinned source; give its path and the source's. Raises BuildError."""
    _need(COMPILER_TOOLS)
    with _one_build(cache_dir):
        source_dir = unpacked_source(cache_dir)
        _make(source_dir / "mpy-cross", jobs, {})
    return source_dir / "mpy-cross" / "build" / "mpy-cross", source_dir


def image_path(soc: str, root: Path = ROOT) -> Path:
    """Give where the image of a chip lies when it is built."""
    return root / ".cache" / "firmware" / soc / IMAGE_NAME


def build(soc: str, *, root: Path = ROOT, cache_dir: Path = CACHE_DIR, jobs: int = 2) -> Path:
    """Build the image of the checkout at `root`; give its path. Raises BuildError."""
    _need(TOOLS)
    chip = SOCS[soc]
    budgets = runpy.run_path(str(root / "firmware" / "boards" / f"{chip.board}.py"))
    image = image_path(soc, root)
    generated_dir = image.parent / "generated"
    generated_dir.mkdir(parents=True, exist_ok=True)
    variables = {
        "BUILD": image.parent / "build",
        "GENERATED_DIR": generated_dir,
        "FLASH_BYTES": chip.flash_bytes,
        "RAM_BYTES": chip.ram_bytes,
        "LEAST_HEAP_BYTES": budgets["HEAP_BUDGET_BYTES"],
    }
    with _one_build(cache_dir):
        source_dir = unpacked_source(cache_dir)
        _make(source_dir / "mpy-cross", jobs, {})
        _clear_stale(image.parent / "build", root / PORT)
        # Always linked anew: the limits of memory are no files that make could see change.
        (image.parent / "build" / IMAGE_NAME).unlink(missing_ok=True)
        _write_changed(generated_dir / "build_info.py", build_info(root, "product"))
        _make(root / PORT, jobs, variables | {"MICROPYTHON_DIR": source_dir})
        whole = shutil.copyfile(image.parent / "build" / IMAGE_NAME, image.with_suffix(".new"))
        whole.replace(image)
    return image


def image_size(image: Path) -> ImageSize:
    """Read from an image what it takes; BuildError when it is no 32-bit ELF file."""
    content = image.read_bytes()
    if content[:5] != b"\x7fELF\x01":
        raise BuildError(f"{image}: wanted a 32-bit ELF file, got {content[:5]!r}")
    (table,) = struct.unpack_from("<I", content, 32)
    entry_bytes, count = struct.unpack_from("<HH", content, 46)
    flash_bytes = ram_bytes = 0
    for index in range(count):
        _, kind, flags, address, _, size = struct.unpack_from("<6I", content, table + index * entry_bytes)
        if flags & _ADDRESSED_SECTION:
            flash_bytes += 0 if kind == _SECTION_WITHOUT_CONTENT else size
            ram_bytes += size if address >= 0x2000_0000 else 0
    return ImageSize(flash_bytes, ram_bytes)


def _need(tools: tuple[str, ...]) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise BuildError(f"wanted {', '.join(missing)} on PATH, found none; `make firmware` installs them")


@contextmanager
def _one_build(cache_dir: Path) -> Iterator[None]:
    """One build at a time, whoever asks."""
    cache_dir.mkdir(parents=True, exist_ok=True)
    with (cache_dir / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear_stale(build_dir: Path, port_dir: Path) -> None:
    """Remove what was built from other C code: MicroPython's makefiles would keep frozen code then."""
    digest = sha256()
    for path in sorted(port_dir.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    stamp = build_dir / "port.sha256"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest.hexdigest():
        return
    shutil.rmtree(build_dir, ignore_errors=True)
    build_dir.mkdir(parents=True)
    stamp.write_text(digest.hexdigest(), encoding="utf-8")


def _write_changed(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _make(folder: Path, jobs: int, variables: dict[str, Any]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in _MAKE_VARIABLES}
    environment["SOURCE_DATE_EPOCH"] = str(RELEASE_EPOCH_S)
    # The source lies within this checkout: its build must not take our commit for MicroPython's version.
    environment["GIT_DIR"] = os.devnull
    command = ["make", "-C", str(folder), f"-j{jobs}"]
    command += [f"{name}={value}" for name, value in variables.items()]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_BUILD_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{' '.join(command)}: no end within {_BUILD_TIMEOUT_S} s") from error
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if not line.startswith(_PROGRESS)]
        raise BuildError("\n".join([f"{' '.join(command)} failed:", *said[-_SAID_LINES:]]))


def main() -> int:
    """Build and print what the image takes."""
    parser = argparse.ArgumentParser(description="Build the firmware's image for the emulated Cortex-M4F.")
    parser.add_argument("--soc", choices=sorted(SOCS), default="nrf52840")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    try:
        image = build(options.soc, jobs=options.jobs)
        size = image_size(image)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    chip = SOCS[options.soc]
    print(f"{image.relative_to(ROOT)}: flash {size.flash_bytes} of {chip.flash_bytes} bytes, "
          f"static RAM {size.static_ram_bytes} of {chip.ram_bytes} bytes")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
