"""Kernels in 32-bit words: what wraps there must come out as the plain kernels compute it."""

import shutil
from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from dsp import fitted, tables
from firmware.dsp import kernel_cases
from m4.tool_chain import need_image

MAIN = """
import kernel_cases
import linked
import tables
import fitted

kernel_cases.module_of = lambda part, kind: linked


def run(board):
    for name, total in kernel_cases.cases_with(tables, fitted, linked._flat_taps(), "viper"):
        print(name, total)
"""


def test_fast_kernels_in_the_image_equal_the_plain_ones_here(tmp_path: Path) -> None:
    need_image()
    for module in (kernel_cases, tables, fitted):
        shutil.copy(str(module.__file__), tmp_path)
    (tmp_path / "main.py").write_text(MAIN)
    settings = BandSettings(lane=LaneSettings(kind="m4", firmware_dir=tmp_path))
    with VirtualBand(load_scenario("rest"), settings) as band:
        with pytest.raises(FirmwareError, match="its main program returned"):
            band.run_for(1)
        printed = [line.text for line in band.conductor.log.lines]
    wanted = [f"{name} {total}" for name, total in kernel_cases.all_cases("plain")]
    assert printed[1:] == wanted
