"""The tool chain of the Cortex-M4 lane: without it tests are skipped, or fail in CI."""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

import firmware_image
from bandsim.image_inputs import SOURCES
from bandsim.image_lane import EMULATOR
from micropython_source import SourceMissingError

SOC = "nrf52840"
CI = "CI"
"""Variable of the environment: where it is set, a missing tool chain is a failure."""


def need_tool_chain() -> None:
    """Skip the test when compiler or emulator is missing; fail it in CI."""
    _need((*firmware_image.TOOLS, EMULATOR))


def _need(tools: tuple[str, ...]) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        _do_without(f"the Cortex-M4 lane wants {', '.join(missing)}: run `make firmware`")


def _do_without(reason: str) -> NoReturn:
    if os.environ.get(CI):
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def _build(profile: str) -> None:
    firmware_image.build(SOC, profile=profile)


def need_image(profile: str = "product") -> None:
    """Have an image of this checkout built, once a process; skip or fail as `need_tool_chain`."""
    need_tool_chain()
    try:
        _build(profile)
    except SourceMissingError as error:
        _do_without(str(error))


def build_changed_image(folder: Path, file: str, text: str) -> Path:
    """Give the image of a copy of this checkout in which a file of the firmware has another text."""
    need_image()
    checkout = folder / "checkout"
    for source in {source for source, _ in SOURCES}:
        shutil.copytree(firmware_image.ROOT / source, checkout / source, dirs_exist_ok=True)
    (checkout / "firmware" / file).write_text(text, encoding="utf-8")
    # The objects of C code are the same; what depends on the firmware is made anew.
    built, wanted = (firmware_image.image_path(SOC, root).parent for root in (firmware_image.ROOT, checkout))
    shutil.copytree(
        built / "build", wanted / "build", ignore=shutil.ignore_patterns("frozen_*", "firmware.*")
    )
    return firmware_image.build(SOC, root=checkout)


@cache
def need_mpy_cross() -> tuple[Path, Path]:
    """MicroPython's compiler and its source, built once a process; skip or fail as `need_tool_chain`."""
    _need(firmware_image.COMPILER_TOOLS)
    try:
        return firmware_image.build_mpy_cross()
    except SourceMissingError as error:
        _do_without(str(error))
