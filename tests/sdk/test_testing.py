"""What tests of other programs are given works as a stranger would use it."""

import subprocess
import sys
from pathlib import Path

CONFTEST = 'pytest_plugins = ["vitalband.testing"]\n'
TESTS = """
import pytest
from vitalband.testing import within


@pytest.mark.parametrize("url", ["sim:rest", "ble+sim:rest"])
def test_a_program_of_a_stranger(virtual_band, url):
    async def use():
        async with virtual_band(url, seed=3) as band, band.vitals() as updates:
            update = await anext(updates)
            band.transport.console.cut_link(2000)
            later = await anext(updates)
        return update, later

    update, later = within(60, use())
    assert later is not None


def test_one_that_leaves_its_band_open(virtual_band):
    band = virtual_band()
    virtual = band.transport.band
    virtual.start()
    assert virtual.conductor.is_running
    open_bands.append(virtual)


open_bands = []


def test_finds_it_closed():
    assert not open_bands[0].conductor.is_running


def test_one_that_hangs():
    import asyncio

    with pytest.raises(TimeoutError):
        within(0.1, asyncio.sleep(60))
"""


def test_a_stranger_gets_bands_on_a_line_and_on_the_air_that_leave_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_program.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
