"""The values on the band's interpreters: the same bytes, and nothing allocated."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.micropython import find_micropython
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from firmware.standard_services import band_side
from m4.tool_chain import need_image
from readings import ReadingTable

ROOT = Path(__file__).resolve().parents[3]
MAIN = """
import band_side
from linked import ReadingTable


def run(board):
    for line in band_side.run(ReadingTable(), band_side.allocated_by):
        print(line)
"""


@pytest.fixture(scope="module")
def wanted():
    """What CPython packs, with nothing allocated."""
    lines = band_side.run(ReadingTable(), lambda call, count: 0)
    assert len([line for line in lines if "allocated" not in line]) == 6 * (band_side.STEPS + 1) + 1
    return lines


def test_the_unix_port_packs_the_same_and_allocates_nothing(wanted):
    done = subprocess.run(
        [find_micropython(), band_side.__file__],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT / 'protocol'}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == wanted


def constants_of(path: Path) -> str:
    """The numbers of a module that is too large to be compiled on the band beside it."""
    text = path.read_text(encoding="utf-8")
    return "from micropython import const\n" + "\n".join(
        re.findall(r"^\w+ = const\(.*\)$", text, re.MULTILINE)
    )


def test_the_image_packs_the_same_in_30_bits_and_allocates_nothing(wanted, tmp_path):
    need_image()
    shutil.copytree(ROOT / "firmware/standard_services", tmp_path / "standard_services")
    shutil.copy(band_side.__file__, tmp_path)
    (tmp_path / "main.py").write_text(MAIN)
    bandwire = tmp_path / "bandwire"
    bandwire.mkdir()
    (bandwire / "__init__.py").write_text("")
    (bandwire / "frames.py").write_text(constants_of(ROOT / "protocol/bandwire/frames.py"))
    shutil.copy(ROOT / "protocol/bandwire/catalogue.py", bandwire)
    settings = BandSettings(lane=LaneSettings(kind="m4", firmware_dir=tmp_path))
    with VirtualBand(load_scenario("rest"), settings) as band:
        with pytest.raises(FirmwareError, match="its main program returned"):
            band.run_for(1)
        printed = [line.text for line in band.conductor.log.lines]
    assert printed[1:] == wanted
