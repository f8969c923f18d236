"""A band is found, connected to and streamed from by unmodified bleak on BlueZ and a Linux kernel."""

from collections.abc import Coroutine
from itertools import pairwise
from typing import Any, TypeVar

import bleak
import pytest

from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from bluez_vm.guest import Guest
from bluez_vm.guest_world import GuestWorld
from device.bands import play
from vitalband import (
    Band,
    ReconnectPolicy,
    SampleChunk,
    StreamId,
    TransportError,
    VitalsUpdate,
)
from vitalband.bluetooth import Radio, find_bands
from vitalband.bluetooth.band_search import connected_here

pytestmark = pytest.mark.one_lane(reason="the host's Bluetooth is what is tested")

ResultT = TypeVar("ResultT")

SCAN_S = 2.0
AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
UPDATE_MS = 2000
RSSI_DBM = -50
"""Of all that is heard on the virtual air."""


@pytest.fixture
def band(guest: Guest):
    with guest.new_band(load_scenario("rest", seed=1)) as made:
        yield made


async def updates_of(opened: Band, count: int) -> list[VitalsUpdate]:
    async with opened.vitals() as items:
        found = []
        while len(found) < count:
            item = await anext(items)
            if isinstance(item, VitalsUpdate):
                found.append(item)
    return found


def on_air(band: AirBand, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """What a coroutine gives that uses bleak on a band's air."""
    assert isinstance(band.world, GuestWorld)
    band.start()
    with band.world.waited_for():
        return band.world.run(work)


def test_a_band_is_found_by_bleak_on_bluez_with_its_name_and_its_signal(band):
    async def look():
        async with bleak.BleakScanner() as scanner:
            assert scanner.backend_id is bleak.BleakBackend.BLUEZ_DBUS
        return await find_bands(scan_s=SCAN_S)

    (found,) = on_air(band, look())
    assert (found.name, found.rssi_dbm) == ("Vit", RSSI_DBM)


def test_its_identity_is_read_and_its_vital_signs_come_without_a_loss(band):
    async def life():
        async with Band.open("sim:rest", band=band) as opened:
            serial = opened.identity.serial
            updates = await updates_of(opened, 40)
            return serial, updates, opened.statistics

    serial, updates, statistics = play(life())
    assert serial
    times_ms = [update.stamp.ticks_ms for update in updates]
    assert all(later - earlier < UPDATE_MS * 1.05 for earlier, later in pairwise(times_ms))
    assert statistics.missing_frames == statistics.lost_records == statistics.dropped_on_band == 0
    assert statistics.connections == 1


def test_the_raw_streams_lose_nothing_that_is_not_asked_for_again(band):
    async def life():
        async with Band.open("sim:rest", band=band) as opened:
            await opened.run_for(10)  # the wearer agrees after 5 s
            chunks = []
            async with opened.waveform(StreamId.OPTICAL) as items:
                while len(chunks) < 60:
                    item = await anext(items)
                    if isinstance(item, SampleChunk):
                        chunks.append(item)
            await opened.run_for(5)
            return chunks, opened.statistics

    chunks, statistics = play(life())
    assert statistics.missing_frames == 0
    samples = sorted(n for c in chunks for n in range(c.first_sample, c.first_sample + len(c.counts)))
    assert len(set(samples)) == len(samples)


def test_a_lost_connection_is_made_again_and_nothing_of_its_time_is_lost(band):
    async def life():
        async with Band.open("sim:rest", band=band, reconnect=AT_ONCE) as opened:
            await opened.run_for(6)
            band.console.cut_link(4000)
            await opened.run_for(40)
            return opened.statistics

    statistics = play(life())
    assert statistics.connections == 2
    assert statistics.missing_frames == statistics.dropped_on_band == 0


def test_a_session_that_ends_leaves_no_connection_and_the_next_finds_the_band(band):
    async def session():
        async with Band.open("sim:rest", band=band):
            return len(on_air(band, connected_here(Radio())))

    assert play(session()) == 1
    assert on_air(band, connected_here(Radio())) == []
    assert play(session()) == 1


def test_an_adapter_that_is_pulled_out_is_told_and_found_again_when_it_is_back(guest, band):
    async def life():
        async with Band.open("sim:rest", band=band, reconnect=False) as opened:
            await opened.run_for(3)
            guest.unplug()
            with pytest.raises(TransportError):
                await updates_of(opened, 10)
        with pytest.raises(TransportError, match="is Bluetooth there"):
            async with Band.open("sim:rest", band=band, reconnect=False):
                pass
        guest.plug_in()
        async with Band.open("sim:rest", band=band, reconnect=False) as opened:
            return await updates_of(opened, 2)

    assert len(play(life())) == 2
