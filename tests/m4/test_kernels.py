"""Kernels in 32-bit words: what wraps there must come out as the plain kernels compute it."""

import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from dsp import fitted, tables
from firmware.dsp import kernel_cases
from firmware_image import ROOT, image_path
from linker.firmware import ORIGINS_NAME
from m4.tool_chain import SOC, need_image

_FUNCTION = re.compile(r"def (\w+)\(")

MAIN = """
import kernel_cases
import joined_names
import linked
import tables
import fitted


class Module:
    def __init__(self, path):
        for own, joined in joined_names.NAMES[path].items():
            setattr(self, own, getattr(linked, joined))


kernel_cases.module_of = lambda part, kind: Module("dsp/" + part + "_" + kind + ".py")


def run(board):
    taps = Module("dsp/heart_rate.py")._flat_taps()
    for name, total in kernel_cases.cases_with(tables, fitted, taps, "viper"):
        print(name, total)
"""


def joined_functions() -> dict[str, dict[str, str]]:
    """Of each module of signals in the image: the names that its functions have there, by their own.

    Two modules may have a function, or something from elsewhere, of the same name: one of them has another.
    """
    folder = image_path(SOC).parent / "generated" / "linked"
    lines = (folder / "linked.py").read_text().splitlines()
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for origin in (folder / ORIGINS_NAME).read_text().splitlines():
        first, place = origin.split(" ", 1)
        path, _, number = place.rpartition(":")
        if path.startswith("dsp/"):
            source = (ROOT / "firmware" / path).read_text().splitlines()
            own = _FUNCTION.match(source[int(number) - 1])
            if own:
                # Its decorators come before it.
                joined = next(filter(None, map(_FUNCTION.match, lines[int(first) - 1 :])))
                names[path][own[1]] = joined[1]
    return dict(names)


def test_fast_kernels_in_the_image_equal_the_plain_ones_here(tmp_path: Path) -> None:
    need_image()
    for module in (kernel_cases, tables, fitted):
        shutil.copy(str(module.__file__), tmp_path)
    (tmp_path / "joined_names.py").write_text(f"NAMES = {joined_functions()!r}\n")
    (tmp_path / "main.py").write_text(MAIN)
    settings = BandSettings(lane=LaneSettings(kind="m4", firmware_dir=tmp_path))
    with VirtualBand(load_scenario("rest"), settings) as band:
        with pytest.raises(FirmwareError, match="its main program returned"):
            band.run_for(1)
        printed = [line.text for line in band.conductor.log.lines]
    wanted = [f"{name} {total}" for name, total in kernel_cases.all_cases("plain")]
    assert printed[1:] == wanted
