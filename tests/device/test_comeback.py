"""A product comes back by itself from an error that nothing catches, and from a hang; it says why."""

import shutil
from pathlib import Path

import pytest

from bandschema.enums import Part
from bandschema.records import LogLine
from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings, find_firmware
from bandsim.lanes import default_kind
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from device.hosts import RawHost

pytestmark = pytest.mark.on_a_line(reason="the host is a link by hand, on a line")

FAILS_AT_S = 30
LIVES_S = 80
WATCHDOG_S = 10
"""`hal.comeback`."""
RESTART_S = 0.25
ERROR = "raise MemoryError"
HANG = """import time
            while True:
                time.sleep_ms(100)"""
FAILS_ONCE = """
class FailingOnce(Band):
    def run_due(self):
        if self.core.status.boot_id == 1 and self.core.clock.uptime_s >= {at_s}:
            {does}
        return super().run_due()

{named}
"""
"""Each pass of the loop runs what is due: no supervisor looks after that itself."""
MAIN_OF_IMAGE = """
import sys
sys.path.remove("{folder}")
del sys.modules["main"]
import main
from main import Band, run
{fails}
"""


def firmware_that(folder: Path, does: str, profile: str) -> BandSettings:
    """Firmware of that profile whose loop fails half a minute after its first boot."""
    is_image = default_kind() == "m4"
    named = "main.Band = FailingOnce" if is_image else "Band = FailingOnce"
    fails = FAILS_ONCE.format(at_s=FAILS_AT_S, does=does, named=named)
    copy = folder / "firmware"
    if is_image:
        copy.mkdir()
        (copy / "main.py").write_text(MAIN_OF_IMAGE.format(folder=copy, fails=fails))
    else:
        shutil.copytree(find_firmware(), copy, ignore=shutil.ignore_patterns("__pycache__"))
        with (copy / "main.py").open("a") as main:
            main.write(f"\n{fails}")
        (copy / "build_info.py").write_text(f"IMAGE_PROFILE = {profile!r}\n")
    return BandSettings(lane=LaneSettings(firmware_dir=copy))


@pytest.mark.parametrize(
    ("does", "words", "reset_at_s"),
    [(ERROR, "MemoryError", FAILS_AT_S), (HANG, "reset by the watchdog", FAILS_AT_S + WATCHDOG_S)],
    ids=["error", "hang"],
)
def test_a_product_is_back_at_once_goes_on_under_its_agreement_and_says_why(
    tmp_path, does, words, reset_at_s
):
    with VirtualBand(load_scenario("rest"), firmware_that(tmp_path, does, "product")) as band:
        RawHost(band).run_for(reset_at_s + 5)
        _, again = (line for line in band.console.log_lines if line.text.startswith("booted"))
        host = RawHost(band, b"session2")
        host.run_for(LIVES_S - reset_at_s)
    assert band.conductor.counters.restarts == 1
    assert again.now_us / 1e6 == pytest.approx(reset_at_s + RESTART_S, abs=2)
    ((header, told),) = host.of_kind(LogLine)
    assert (told.text, told.part, header.boot_id) == (words, Part.TASK, 2)
    assert len(host.updates()) > 10, "the agreement holds, and the band measures on"


@pytest.mark.one_lane("the lane's image is a product")
def test_a_developers_program_ends_with_its_error(tmp_path):
    settings = firmware_that(tmp_path, ERROR, "dev")
    with (
        VirtualBand(load_scenario("rest"), settings) as band,
        pytest.raises(FirmwareError, match="MemoryError"),
    ):
        band.run_for(LIVES_S)
