"""Sessions with a band over the air end or go on, in time and without a loss, wherever they are cut."""

import asyncio
import random
from dataclasses import dataclass

import pytest

from bandsim.radio.air import Air
from bandsim.radio.virtual_loop import run_virtually
from radio.bands import BAND, EPOCH_US, OTHER, AirBand, AirHost, air_with_a_band
from radio.living import lives
from sdk import fake_band
from sdk.helpers import band_on
from vitalband import ConnectionEvent, ConnectionState, LinkTimeoutError, StreamId, TransportError
from vitalband.bluetooth import KnownBands, find_bands
from vitalband.bluetooth.band_connection import BandConnection
from vitalband.clock import utc_datetime
from vitalband.connection import ReconnectPolicy
from vitalband.values import SampleChunk, VitalsUpdate

LATENCY_S = 0.030
LIMIT_S = 120.0
"""Of virtual time: above what two openings may take, each with its own limits, and a few updates."""
SOON = ReconnectPolicy(first_ms=100, limit_ms=1000)


async def updates_of(vitals, count):
    """So many updates, in the order in which they come."""
    updates = []
    while len(updates) < count:
        item = await anext(vitals)
        if isinstance(item, VitalsUpdate):
            updates.append(item)
    return updates


async def all_updates_of(opened, vitals, count):
    """As many, and more until nothing is missing that is known of; each once."""
    numbers = [each.stamp.sequence for each in await updates_of(vitals, count)]
    async with asyncio.timeout(LIMIT_S):
        while opened.statistics.missing_frames:
            numbers += [each.stamp.sequence for each in await updates_of(vitals, 1)]
    assert len(set(numbers)) == len(numbers)
    return numbers


def is_left(host: AirHost, band: AirBand) -> bool:
    """Whether anything of a connection is left, at either end."""
    return bool(host.adapter.device.connections or band.connection or band.has_subscribers)


class Cutter:
    """Cuts the air when the packet of a number passes, and counts them."""

    def __init__(self, air: Air, at: int | None) -> None:
        self.count = 0
        self._air, self._at, self._send = air, at, air.send_acl_data
        air.send_acl_data = self._pass

    def _pass(self, *packet) -> None:
        self.count += 1
        self._send(*packet)
        if self.count == self._at:
            self._air.cut()


@dataclass
class Course:
    """Packets that had passed when it was connected, opened, over; None for what was not reached, and why."""

    connected: int | None = None
    opened: int | None = None
    over: int | None = None
    ended_by: Exception | None = None


async def reference_session(at: int | None) -> Course:
    """Connect, open, and take three updates, with a cut at a packet."""
    course = Course()
    async with air_with_a_band() as (air, host, band):
        air.faults.latency_s = LATENCY_S
        before = asyncio.all_tasks()
        cutter = Cutter(air, at)
        transport = host.transport(f"ble:{BAND}")
        band.on_first_write = lambda: setattr(course, "connected", cutter.count)
        try:
            async with asyncio.timeout(LIMIT_S), band_on(transport, SOON) as opened:
                course.opened = cutter.count
                numbers = await all_updates_of(opened, opened.vitals(), 3)
                assert sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers)))
                course.over = cutter.count
        except (TransportError, LinkTimeoutError) as error:
            course.ended_by = error
        assert (course.over is None) == (course.ended_by is not None)
        await asyncio.sleep(1)
        assert not is_left(host, band)
        assert asyncio.all_tasks() == before
    return course


def test_cut_at_any_packet_a_session_ends_or_goes_on_and_leaves_nothing_behind():
    whole = run_virtually(reference_session(None))
    assert whole.connected is not None
    assert whole.opened is not None
    assert whole.over is not None
    ended = [at for at in range(1, whole.over + 1) if run_virtually(reference_session(at)).over is None]
    # Connecting is tried again, and so is all that comes when it was opened once; not what lies between.
    assert set(ended) <= set(range(whole.connected - 1, whole.opened + 1))
    assert len(ended) > (whole.opened - whole.connected) / 2


@lives
async def test_a_band_is_back_within_two_seconds_of_a_cut():
    async with air_with_a_band() as (air, host, _):
        air.faults.latency_s = LATENCY_S
        async with band_on(host.transport(), ReconnectPolicy()) as opened:
            events = opened.events()
            await asyncio.sleep(5)
            for _ in range(5):
                loop = asyncio.get_running_loop()
                began_s = loop.time()
                air.cut()
                while (item := await anext(events)) is not None:
                    if isinstance(item, ConnectionEvent) and item.state is ConnectionState.RESUMING:
                        break
                assert loop.time() - began_s < 2
                await asyncio.sleep(3)


@pytest.mark.parametrize("mtu", [23, 247])
def test_notifications_that_the_host_loses_are_counted_and_what_was_in_them_is_fetched(mtu, monkeypatch):
    source = random.Random(mtu)
    take = BandConnection._on_record
    lost = []
    is_losing = asyncio.Event()

    def lose(connection, characteristic, value):
        if is_losing.is_set() and source.random() < 0.05:
            lost.append(value)
        else:
            take(connection, characteristic, value)

    monkeypatch.setattr(BandConnection, "_on_record", lose)

    @lives
    async def live():
        async with air_with_a_band() as (air, host, _):
            air.faults.latency_s = LATENCY_S
            host.adapter.preferred_mtu = mtu
            async with band_on(host.transport(), SOON) as opened:
                is_losing.set()
                chunks = opened.waveform(StreamId.OPTICAL)
                samples = 0
                while samples < 1000:
                    item = await anext(chunks)
                    samples += len(item.counts) if isinstance(item, SampleChunk) else 0
                is_losing.clear()
                vitals = opened.vitals()
                await updates_of(vitals, 2)
                # Behind the last that was lost, one that came told of it.
                assert opened.statistics.lost_records == len(lost) > 3
                assert opened.statistics.connections == 1
                air.cut()  # what was lost three times is asked for over the next connection
                await all_updates_of(opened, vitals, 2)
                assert opened.statistics.repaired_frames > 0

    live()


@lives
async def test_notifications_that_a_system_gives_twice_are_taken_once(monkeypatch):
    take = BandConnection._on_record

    def take_twice(connection, characteristic, value):
        take(connection, characteristic, value)
        take(connection, characteristic, value)

    monkeypatch.setattr(BandConnection, "_on_record", take_twice)
    async with air_with_a_band() as (_, host, _band), band_on(host.transport()) as opened:
        numbers = [each.stamp.sequence for each in await updates_of(opened.vitals(), 4)]
        assert numbers == list(range(numbers[0], numbers[0] + 4))
        statistics = opened.statistics
        assert (statistics.lost_records, statistics.duplicate_frames, statistics.connections) == (0, 0, 1)
        assert statistics.bad_records >= 4


@lives
async def test_an_adapter_that_is_pulled_out_and_put_in_again_is_used_again():
    async with air_with_a_band() as (_, host, _band), band_on(host.transport(scan_s=2), SOON) as opened:
        vitals = opened.vitals()
        before = await all_updates_of(opened, vitals, 2)
        await host.adapter.unplug()
        while opened.connection_state.is_up:
            await asyncio.sleep(0.1)
        await asyncio.sleep(20)
        with pytest.raises(TransportError):
            await opened.send_cuff_reading(120, 80, age_s=0)
        await host.plug_in_again()
        after = await all_updates_of(opened, vitals, 12)
        numbers = sorted(before + after)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@lives
async def test_two_hosts_have_a_band_each():
    air = Air()
    hosts = [await AirHost.plugged_in(air, f"C0:00:00:00:00:0{number}") for number in (1, 2)]
    bands = [await AirBand.plugged_in(air, address) for address in (BAND, OTHER)]
    async with (
        band_on(hosts[0].transport()) as first,
        band_on(hosts[1].transport()) as second,
    ):
        assert {first.transport.found.address, second.transport.found.address} == {BAND, OTHER}
        for opened in (first, second):
            await updates_of(opened.vitals(), 2)
        with pytest.raises(TransportError, match="no such band was heard"):
            await hosts[0].transport(scan_s=2).search()
    assert [band.connections for band in bands] == [1, 1]


@lives
async def test_another_band_that_is_nearer_meanwhile_is_not_taken_for_the_one_of_before(monkeypatch):
    async with air_with_a_band() as (air, host, band), band_on(host.transport(scan_s=3), SOON) as opened:
        await updates_of(opened.vitals(), 1)
        monkeypatch.setattr(fake_band, "BAND_ID", bytes(range(8)))
        other = await AirBand.plugged_in(air, OTHER)
        await band.adapter.unplug()
        await asyncio.sleep(30)
        # Tried once, and left alone from then on.
        assert (other.connections, other.connection) == (1, None)
        assert opened.connection_state in (ConnectionState.SEARCHING, ConnectionState.BACKING_OFF)
        monkeypatch.undo()
        # The same band under an address that is new, as one has that changes it for privacy.
        await AirBand.plugged_in(air, "C0:00:00:00:00:23", boot_id=9)
        events = opened.events()
        while not opened.connection_state.is_up:
            await anext(events)
        assert opened.transport.found.address == "C0:00:00:00:00:23"
        assert other.connections == 1


def test_many_cuts_at_any_moment_leave_nothing_behind():
    async def live():
        source = random.Random(7)
        async with air_with_a_band(seed=7) as (air, host, band):
            before = asyncio.all_tasks()
            async with band_on(host.transport(), SOON) as opened:
                vitals = opened.vitals()
                await updates_of(vitals, 1)
                during = len(asyncio.all_tasks())
                for _ in range(30):
                    air.faults.latency_s = source.choice([0.0, 0.01, 0.05])
                    await asyncio.sleep(source.uniform(0, 4))
                    air.cut()
                air.faults.latency_s = 0.0
                await asyncio.sleep(10)
                await all_updates_of(opened, vitals, 1)
                assert opened.connection_state is ConnectionState.LIVE
                assert len(band.device.connections) == len(host.adapter.device.connections) == 1
                assert len(band.device.gatt_server.subscribers) == 1
                assert len(asyncio.all_tasks()) == during
                assert opened.statistics.impossible_changes == 0
            await asyncio.sleep(1)
            assert not is_left(host, band)
            assert asyncio.all_tasks() == before
            assert opened.statistics.missing_frames == 0

    run_virtually(live())


@lives
async def test_a_band_that_has_answered_is_known_from_then_on_and_found_by_a_scan(tmp_path):
    known = KnownBands(tmp_path / "known_bands.json")
    async with air_with_a_band() as (air, host, _):
        await AirBand.plugged_in(air, OTHER, "another")
        url = f"ble:{BAND}"
        async with band_on(host.transport(url, known=known), SOON) as opened:
            air.cut()
            await updates_of(opened.vitals(), 3)
            # One that is connected does not advertise.
            assert [each.address for each in await find_bands(host.radio, scan_s=2)] == [OTHER]
        found = await find_bands(host.radio, scan_s=2)
        assert {each.address: each.name for each in found} == {BAND: "a band", OTHER: "another"}
        [met] = known.read().values()
        assert (met.address, met.band_id) == (BAND.lower(), fake_band.BAND_ID.hex())
        assert met.last_met >= utc_datetime(EPOCH_US)
