"""A whole band that changes its wearer: nothing of the one before can be found, and the next one is told."""

import asyncio
from pathlib import Path

import pytest

from bandschema.enums import HostRight, Result
from bandsim.lane import LaneSettings
from bandsim.lanes import default_kind
from bandsim.nor_flash import Cut, Erasure
from bandsim.paired_state import paired_beforehand
from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from bandsim.virtual_band import LEAST_FLASH_KB, BandSettings, VirtualBand
from device.bands import HANG_LIMIT_S, unconsented
from device.wear import READ_S, Wear
from vitalband import Band, DeviceError, NotPairedError
from vitalband.errors import LostForGoodError
from vitalband.keys import KeyStore, memory_keys

pytestmark = pytest.mark.on_a_line(reason="what is tested is what the band keeps, or brings its own carrier")

CARRIERS = {"line": (VirtualBand, "sim:"), "air": (AirBand, "ble+sim:")}
BANDS_OWN_S = 5.0
"""Longer than a band of the least flash takes to erase, and to start anew."""


def new_wear(folder: Path, carrier: str = "line", *, is_secured: bool = False) -> Wear:
    make, url = CARRIERS[carrier]
    lane = LaneSettings(kind=default_kind(), state_dir=folder / "state")
    settings = BandSettings(lane=lane, flash_kb=LEAST_FLASH_KB, demands_secure=is_secured)
    return Wear(make(load_scenario(unconsented(folder).removeprefix("sim:")), settings), folder, url)


@pytest.fixture
def wear(tmp_path):
    """A band in clear sessions that was worn for a while."""
    wear = new_wear(tmp_path)
    with wear.band:
        wear.run(wear.wear, record_to=wear.store)
        wear.note_recording()
        yield wear


def test_nothing_of_the_wearer_before_is_found_and_the_next_is_told_of_the_wipe(wear):
    assert len(wear.frames) > 10
    remains = wear.remains()
    assert len(remains) > 10, "what is searched for is there before"
    assert not any(found.startswith("frame ") and found.endswith("the flash itself") for found in remains)
    wear.confirm()
    wear.band.run_for(BANDS_OWN_S)
    assert wear.remains() == []
    band_id, receipt = wear.run(wear.told)
    assert band_id != wear.id_before
    assert receipt is not None
    assert receipt.wiped is not None
    assert (receipt.handover_count, receipt.is_worn) == (1, False)


def test_power_that_goes_again_and_again_in_the_wipe_leaves_nothing_either(wear):
    flash = wear.band.conductor.flash
    wear.confirm()
    for operations in (1, 4, 9, 10):
        cut_at = flash.operations + operations
        flash.cut_at(cut_at, Cut(erasure=Erasure.MIXED, seed=operations))
        while flash.operations < cut_at:
            wear.band.run_for(0.01)
        assert not wear.band.conductor.is_running
    wear.band.run_for(BANDS_OWN_S)
    assert wear.remains() == []
    assert wear.run(wear.told)[0] != wear.id_before


def test_a_host_that_streams_is_told_that_the_band_is_another_one_now(tmp_path):
    wear = new_wear(tmp_path)

    async def work() -> None:
        async with Band.open("sim:", band=wear.band) as band:
            await band.run_for(5)
            await band.wipe(on_asked=lambda _seconds: wear.press_later())
            with pytest.raises(LostForGoodError, match="wiped for another wearer"):
                await band.run_for(120)

    with wear.band:
        asyncio.run(asyncio.wait_for(work(), HANG_LIMIT_S))


# In secure sessions. That the image is wiped in one is shown by m4/test_wiped_memory.py.

secured = pytest.mark.one_lane(reason="who may ask, and what hosts are told, is the same code on each")


def paired_wear(folder: Path, carrier: str, right: HostRight) -> tuple[Wear, KeyStore]:
    """A band whose wearer has agreed and which one host knows."""
    keys = memory_keys()
    paired_beforehand(folder / "state", keys, CARRIERS[carrier][1], right=right)
    wear = new_wear(folder, carrier, is_secured=True)
    agree(wear)
    return wear, keys


def agree(wear: Wear) -> None:
    wear.band.run_for(2)
    wear.band.console.agree()
    wear.band.run_for(30)


@secured
@pytest.mark.parametrize("carrier", CARRIERS)
def test_an_owner_has_it_wiped_hears_that_its_key_is_gone_and_the_next_host_sees_the_receipt(
    tmp_path, carrier
):
    wear, keys = paired_wear(tmp_path, carrier, HostRight.OWNER)

    async def wipe(band: Band) -> bytes:
        assert (band.is_secure, band.right) == (True, HostRight.OWNER)
        await band.wipe(on_asked=lambda _seconds: wear.press_later())
        with pytest.raises(LostForGoodError, match="was wiped: `vitalband pair` it again"):
            await band.run_for(BANDS_OWN_S)
        return band.band_id

    with wear.band:
        before = wear.run(wipe, keys=keys)
        wear.band.run_for(BANDS_OWN_S)
        with pytest.raises(NotPairedError, match="it was wiped"):
            wear.run(wear.told, keys=keys)
        assert len(keys.bands()) == 1, "what anybody could say drops no key"

        agree(wear)
        after, receipt = wear.pair(wear.told, memory_keys(), "next")
    assert after != before
    assert receipt is not None
    assert receipt.wiped is not None
    assert (receipt.handover_count, receipt.is_worn) == (1, True)


@secured
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_reader_is_refused_and_its_wearer_is_not_asked(tmp_path, carrier):
    wear, keys = paired_wear(tmp_path, carrier, HostRight.READER)

    async def ask(band: Band) -> bytes:
        assert (band.is_secure, band.right) == (True, HostRight.READER)
        with pytest.raises(DeviceError) as refusal:
            await band.wipe()
        assert refusal.value.result == Result.NO_RIGHT
        await band.run_for(READ_S)
        wear.band.console.press_button()  # which would confirm
        await band.run_for(BANDS_OWN_S)
        return band.band_id

    with wear.band:
        before = wear.run(ask, keys=keys)
        assert wear.band.console.counters.restarts == 0
        band_id, receipt = wear.run(wear.told, keys=keys)
    assert band_id == before
    assert receipt is not None
    assert (receipt.handover_count, receipt.wiped) == (0, None)
