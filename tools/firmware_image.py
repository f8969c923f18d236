"""Builds an image for the emulated Cortex-M4F: `make firmware SOC=nrf52840 PROFILE=product`.

The profile `product` is the firmware, frozen; `dev` is MicroPython with a prompt and file systems, which the
firmware is put on as on a board. Needs the Debian packages that the Makefile names and nothing
from PyPI. All it makes lies below `.cache/`; same files in, same bytes out; an image that was built from just
these inputs is left as it is. Its C code, linker script and list of frozen files: firmware/ports/cortex_m4.
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

from bandsim import image_inputs
from bandsim.firmware_digest import firmware_digest
from bandsim.image_inputs import (
    IMAGE_NAME,
    PORT,
    SOURCES_OF_PROFILE,
    read_record,
    record_of,
    sources_digest,
    write_record,
)
from linker.firmware import link_firmware, write_linked
from micropython_source import ARCHIVE_SHA256, RELEASE_EPOCH_S, BuildError, unpacked_source

ROOT = Path(__file__).resolve().parent.parent
CACHE_DIR = ROOT / ".cache" / "micropython"
COMPILER = "arm-none-eabi-gcc"
COMPILER_TOOLS = ("gcc", "make")
TOOLS = (*COMPILER_TOOLS, COMPILER)
LANE_BOARDS = ("virtual", "virtual_phone_rgb")
"""The simulator's boards: what the image runs on."""

LANE_MODULES = ("tools/bandsim/m4_lane/meter.py", "tools/bandsim/estimate_lane/estimating.py")
"""What the lane has that looks into the firmware."""

_BUILD_TIMEOUT_S = 600
_ASK_TIMEOUT_S = 30
_PROGRESS = ("CC ", "AS ", "MPY ", "GEN ", "LINK ", "mkdir ")
_SAID_LINES = 40
_MAKE_VARIABLES = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
"""What a make gives to those that it runs: this build is none of them."""
_ADDRESSED_SECTION = 2
_SECTION_WITHOUT_CONTENT = 8
"""SHF_ALLOC and SHT_NOBITS of ELF, as in <elf.h>."""
_OWN_TEXT = Path(__file__).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Soc:
    """Memory of a chip by image profile, and the board profile that states the budgets."""

    flash_bytes: int
    ram_bytes: int
    board: str
    dev_ram_bytes: int = 512 * 1024
    """That of a developer's image, whatever the chip: firmware installed at its prompt wants over 256 KB.
    An ESP32-S3 has so much."""

    def ram_of(self, profile: str) -> int:
        """RAM of an image of a profile, bytes."""
        return self.dev_ram_bytes if profile == "dev" else self.ram_bytes


SOCS = {"nrf52840": Soc(flash_bytes=1024 * 1024, ram_bytes=256 * 1024, board="nrf52840")}
"""Flash and RAM as the board profile states them."""


@dataclass(frozen=True)
class ImageSize:
    """Bytes that an image takes: in flash, code and initial values; in RAM, what is fixed at link time."""

    flash_bytes: int
    static_ram_bytes: int


def checkout_digest(root: Path = ROOT) -> bytes:
    """Give the digest of a checkout's firmware."""
    return firmware_digest(root / "firmware", root / "protocol" / "bandwire")


def build_info(root: Path, profile: str) -> str:
    """Give the module that tells the firmware what it is, as `main.py` reads it."""
    return f"FIRMWARE_DIGEST = {checkout_digest(root)!r}\nIMAGE_PROFILE = {profile!r}\n"


def build_mpy_cross(cache_dir: Path = CACHE_DIR, *, jobs: int = 2) -> tuple[Path, Path]:
    """Build the compiler of the pinned source; give its path and the source's. Raises BuildError."""
    _need(COMPILER_TOOLS)
    with _one_build(cache_dir):
        source_dir = unpacked_source(cache_dir)
        _make(source_dir / "mpy-cross", jobs, {})
    return source_dir / "mpy-cross" / "build" / "mpy-cross", source_dir


def image_path(soc: str, root: Path = ROOT, profile: str = "product") -> Path:
    """Give where the image of a chip lies when it is built."""
    return image_inputs.image_path(root, soc, profile)


def build(
    soc: str, *, profile: str = "product", root: Path = ROOT, cache_dir: Path = CACHE_DIR, jobs: int = 2
) -> Path:
    """Give the image of the checkout at `root`, built if it is not there yet. Raises BuildError."""
    _need(TOOLS)
    image = image_path(soc, root, profile)
    chain = _tool_chain_digest(root, profile)
    variables = {"PROFILE": profile} | _memory_variables(soc, profile, root)
    info = build_info(root, profile) if profile == "product" else ""
    sources = sources_digest(root, profile)
    settings = _digest_of_texts(chain, sys.version, f"{variables}", info, _OWN_TEXT)
    if _is_built(image, sources, settings):
        return image
    with _one_build(cache_dir):
        # Who has waited may find it done.
        if not _is_built(image, sources, settings):
            source_dir = unpacked_source(cache_dir)
            _make(source_dir / "mpy-cross", jobs, {})
            build_dir = _fresh_build_dir(image, chain)
            generated_dir = image.parent / "generated"
            shutil.rmtree(generated_dir, ignore_errors=True)
            generated_dir.mkdir()
            if profile == "product":
                linked = link_firmware(root, LANE_BOARDS, [root / path for path in LANE_MODULES])
                write_linked(linked, generated_dir / "linked")
            (generated_dir / "build_info.py").write_text(info, encoding="utf-8")
            places = {"BUILD": build_dir, "GENERATED_DIR": generated_dir, "MICROPYTHON_DIR": source_dir,
                      "TOOLS_DIR": ROOT / "tools"}  # fmt: skip
            _make(root / PORT, jobs, places | variables)
            shutil.copyfile(build_dir / IMAGE_NAME, image.with_suffix(".new")).replace(image)
            write_record(image, record_of(image, sources, settings))
    return image


def _is_built(image: Path, sources: str, settings: str) -> bool:
    record = read_record(image)
    return record is not None and (record.sources, record.settings) == (sources, settings)


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


def _memory_variables(soc: str, profile: str, root: Path) -> dict[str, Any]:
    chip = SOCS[soc]
    budgets = runpy.run_path(str(root / "firmware" / "boards" / f"{chip.board}.py"))
    return {
        "FLASH_BYTES": chip.flash_bytes,
        "RAM_BYTES": chip.ram_of(profile),
        "LEAST_HEAP_BYTES": budgets["HEAP_BUDGET_BYTES"],
    }


def _tool_chain_digest(root: Path, profile: str) -> str:
    """Give a digest of what compiles to the objects of C code: compiler, MicroPython, the profile's port."""
    asked = subprocess.run(
        [COMPILER, "--version"], capture_output=True, text=True, timeout=_ASK_TIMEOUT_S, check=False
    )
    if asked.returncode:
        raise BuildError(f"{COMPILER} --version ended with {asked.returncode}: {asked.stderr.strip()}")
    files = image_inputs.port_files(root, profile)
    port = [f"{path.relative_to(root)}\0{path.read_text(encoding='utf-8')}" for path in files]
    return _digest_of_texts(asked.stdout, ARCHIVE_SHA256, *port)


def _digest_of_texts(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()


def _fresh_build_dir(image: Path, chain: str) -> Path:
    """Give the folder of the build without what make might take for up to date although it is not.

    It goes by times, which a cache or a copy does not keep: C objects stay as long as the tool chain does,
    frozen code and the image are made anew.
    """
    build_dir = image.parent / "build"
    stamp = build_dir / "tool_chain.sha256"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != chain:
        shutil.rmtree(build_dir, ignore_errors=True)
        build_dir.mkdir(parents=True)
        stamp.write_text(chain, encoding="utf-8")
    shutil.rmtree(build_dir / "frozen_mpy", ignore_errors=True)
    for path in (*build_dir.glob("frozen_content.*"), build_dir / IMAGE_NAME):
        path.unlink(missing_ok=True)
    return build_dir


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
    parser = argparse.ArgumentParser(description="Build an image for the emulated Cortex-M4F.")
    parser.add_argument("--soc", choices=sorted(SOCS), default="nrf52840")
    parser.add_argument("--profile", choices=sorted(SOURCES_OF_PROFILE), default="product")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    try:
        image = build(options.soc, profile=options.profile, jobs=options.jobs)
        size = image_size(image)
    except BuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    chip = SOCS[options.soc]
    print(f"{image.relative_to(ROOT)}: flash {size.flash_bytes} of {chip.flash_bytes} bytes, "
          f"static RAM {size.static_ram_bytes} of {chip.ram_of(options.profile)} bytes")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
