"""The firmware's radio: who finds the band, who gets the link, and what each connection carries."""

import asyncio
import math
from collections.abc import Iterator
from itertools import pairwise

import pytest

from bandschema.enums import Capability
from bandsim.radio.air_band import AirBand
from bandsim.radio.band_radio import CANNOT_PAIR
from bandsim.radio.world import World
from bandsim.scenario import load_scenario
from bandwire.events import EVENT_FRAME, EVENT_GAP, EVENT_UP
from bandwire.frames import COMMAND_CODE_SEND_IDENTITY, KIND_IDENTITY, STREAM_ID_OPTICAL
from bandwire.gatt import LEAST_MTU, sent_record_bytes
from bandwire.hostlink import HostLink
from bandwire.serial import SerialCarrier
from radio.air_hosts import AirHost, band_on_air, heard
from radio.cables import cable_up, say_on_cable
from vitalband import Band

HELLO_LIMIT_S = 10.0
FAST_S = 30.0
"""As `transports.carriers` of the firmware has them."""


@pytest.fixture
def band() -> Iterator[AirBand]:
    with band_on_air() as made:
        yield made


def frames_of(host: AirHost) -> list[bytes]:
    return [event[1] for event in host.of_kind(EVENT_FRAME)]


@pytest.mark.parametrize("mtu", [23, 185, 247, 517])
def test_at_every_mtu_all_frames_come_and_no_notification_is_longer(band: AirBand, mtu: int) -> None:
    host = AirHost(band.world)
    host.adapter.preferred_mtu = mtu

    async def life() -> None:
        async with host.connected():
            assert host.client.mtu_size == mtu
            await host.listen(20)
            host.link.send_command(COMMAND_CODE_SEND_IDENTITY, 0, 0, 1000, host.now_ms)
            await host.listen(3)

    band.world.run(life())
    lengths = [len(record) for record in host.records]
    assert max(lengths) <= sent_record_bytes(mtu)
    assert [frame for frame in frames_of(host) if frame[1] == KIND_IDENTITY]
    assert len(frames_of(host)) > 10
    assert host.of_kind(EVENT_GAP) == []
    assert host.link.lost_records == 0
    # Small frames share a notification where they fit, long ones take several.
    assert (len(lengths) < len(frames_of(host)) + 1) == (mtu > 23)


def test_a_central_that_says_no_hello_is_let_go_and_the_band_is_found_again(band: AirBand) -> None:
    silent, other = AirHost(band.world), AirHost(band.world)

    async def life() -> None:
        async with silent.connected():
            began_s = band.world.loop.time()
            while not silent.is_gone:
                await asyncio.sleep(0.1)
            assert HELLO_LIMIT_S <= band.world.loop.time() - began_s < HELLO_LIMIT_S + 1.5
        assert silent.records == []
        assert await heard(other.adapter, 2.0)

    band.world.run(life())


def test_nothing_of_a_connection_before_comes_to_another_central(band: AirBand) -> None:
    first, second = AirHost(band.world), AirHost(band.world)

    async def life() -> None:
        async with first.connected():
            await first.listen(15)
            assert first.link.is_up
            band.world.air.cut()
        async with second.connected():
            await asyncio.sleep(8)
            assert second.records == []
            await second.listen(5)
            assert second.of_kind(EVENT_UP)

    band.world.run(life())
    assert second.records


def test_a_band_whose_link_is_on_the_cable_is_not_found_until_the_cable_is_silent(band: AirBand) -> None:
    host = AirHost(band.world)
    cable_up(band)
    assert band.world.run(heard(host.adapter, 5.0)) == {}
    band.run_for(35.0)
    assert band.world.run(heard(host.adapter, 5.0))


def test_a_hello_on_the_cable_takes_the_link_from_the_radio(band: AirBand) -> None:
    host = AirHost(band.world)

    async def connect() -> None:
        async with host.connected():
            await host.listen(10)
            assert host.link.is_up
            hello = SerialCarrier(HostLink(b"on cable"))
            for _ in range(6):
                say_on_cable(band, hello)
                await host.listen(1.0)
            say_on_cable(band, hello)
            assert hello.link.is_up
            assert host.is_gone

    band.world.run(connect())


def test_a_host_on_the_radio_does_not_take_the_link_from_the_cable(band: AirBand) -> None:
    host = AirHost(band.world)

    async def life() -> None:
        # Connected before the cable is plugged in, and without a word.
        async with host.connected():
            carrier = SerialCarrier(HostLink(b"on cable"))
            for _ in range(3):
                say_on_cable(band, carrier)
                await asyncio.sleep(1.0)
            say_on_cable(band, carrier)
            assert carrier.link.is_up
            if not host.is_gone:
                await host.listen(3.0)
            assert host.is_gone
            assert host.of_kind(EVENT_UP) == []
            say_on_cable(band, carrier)
            assert carrier.link.is_up

    band.world.run(life())


def times_of_advertising(band: AirBand, host: AirHost, seconds: float) -> list[float]:
    """When the band was heard, on the air's clock."""
    times: list[float] = []

    class Listener:
        def on_advertisement(self, _advertisement: object) -> None:
            times.append(band.world.loop.time())

    async def listen() -> None:
        await host.adapter.listen(listener)
        await asyncio.sleep(seconds)
        await host.adapter.ignore(listener)

    listener = Listener()
    band.world.run(listen())
    return sorted(set(times))


def test_a_band_is_found_fast_for_half_a_minute_and_slowly_after_it(band: AirBand) -> None:
    host = AirHost(band.world)
    fast = times_of_advertising(band, host, 10.0)
    band.run_for(FAST_S - 10.0)
    slow = times_of_advertising(band, host, 20.0)
    assert max(later - earlier for earlier, later in pairwise(fast)) < 0.15
    assert min(later - earlier for earlier, later in pairwise(slow)) > 1.0


@pytest.mark.parametrize(("refuses", "count"), [((), 3), (("addr_mode", "mtu"), 1)])
def test_the_address_says_nothing_where_the_port_can_change_it_and_stays_where_it_cannot(
    refuses: tuple[str, ...], count: int
) -> None:
    addresses = set[str]()
    with AirBand(load_scenario("rest"), refuses=frozenset(refuses)) as band:
        band.start()
        for number in range(3):
            host = AirHost(band.world, session_id=number.to_bytes(8, "big"))

            async def life(host: AirHost = host) -> None:
                found = await heard(host.adapter, 2.0)
                addresses.update(found)
                async with host.connected(next(iter(found.values()))):
                    await host.listen(2)
                    assert host.link.is_up

            band.world.run(life())
    assert len(addresses) == count


def test_a_radio_that_is_full_makes_the_band_wait_and_loses_nothing(band: AirBand) -> None:
    host = AirHost(band.world)
    host.adapter.preferred_mtu = LEAST_MTU

    async def life() -> None:
        async with host.connected():
            await host.listen(15)
            host.link.start_stream(STREAM_ID_OPTICAL, 1000, host.now_ms)
            await host.listen(5)
            band.world.air.stall()
            await asyncio.sleep(25)
            refused = band.radio.refused_notifications
            band.world.air.resume()
            await host.listen(20)
            assert refused > 100
            assert band.radio.refused_notifications < refused + 20

    band.world.run(life())
    assert host.link.lost_records == 0
    sequences = [int.from_bytes(frame[4:7], "little") for frame in frames_of(host) if frame[1] < 0x40]
    assert len(sequences) > 10
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


@pytest.mark.parametrize("now_s", [38.501113, 1.1, 4095.000001])
def test_the_shortest_wait_ends(now_s: float) -> None:
    world = World()
    end_s = math.nextafter(now_s, math.inf)

    async def waits() -> int:
        await asyncio.sleep(now_s)
        count = 0
        while world.loop.time() < end_s and count < 10:
            await asyncio.sleep(end_s - world.loop.time())
            count += 1
        return count

    assert world.run(waits()) <= 1
    world.close()


def test_two_bands_and_two_hosts_live_on_one_air() -> None:
    world = World(7)
    with band_on_air(1, world) as first, band_on_air(2, world) as second:
        hosts = [AirHost(world, session_id=bytes(8)), AirHost(world, session_id=b"\x01" * 8)]

        async def life() -> None:
            found = sorted((await heard(hosts[0].adapter, 2.0)).items())
            assert len(found) == 2

            async def follow(host: AirHost, number: int) -> None:
                async with host.connected(found[number][1]):
                    await host.listen(20)

            await asyncio.gather(*(follow(host, number) for number, host in enumerate(hosts)))

        world.run(life())
        ids = {host.link.peer_band_id for host in hosts}
        assert len(ids) == 2
        assert all(len(frames_of(host)) > 5 for host in hosts)
        assert first.now_us // 1_000_000 == second.now_us // 1_000_000
    world.close()


@pytest.mark.parametrize(
    ("refuses", "told"),
    [
        (CANNOT_PAIR, Capability.STANDARD_SERVICES),
        (frozenset[str](), Capability.STANDARD_SERVICES | Capability.BONDING),
    ],
)
def test_hosts_are_told_whether_apps_have_to_pair(refuses: frozenset[str], told: Capability) -> None:
    async def ask(band: AirBand) -> list[Capability]:
        async with Band.open("ble+sim:", band=band) as host:
            return [host.capabilities, Capability(host.identity.capabilities)]

    with AirBand(load_scenario("rest"), refuses=refuses) as band:
        of_both = Capability.STANDARD_SERVICES | Capability.BONDING
        assert [capabilities & of_both for capabilities in asyncio.run(ask(band))] == [told, told]


def test_hosts_that_follow_each_other_have_one_adapter_and_hosts_at_once_one_each() -> None:
    world = World(7)
    with band_on_air(1, world) as first, band_on_air(2, world) as second:

        async def follow() -> None:
            for _ in range(2):
                async with Band.open("ble+sim:", band=first), Band.open("ble+sim:", band=second):
                    assert world.adapters == 2

        asyncio.run(follow())
    world.close()


def test_a_band_that_loses_its_power_is_gone_for_its_host_and_comes_back(band: AirBand) -> None:
    host, again = AirHost(band.world), AirHost(band.world, session_id=b"again...")

    async def life() -> None:
        async with host.connected():
            await host.listen(10)
            band.console.cut_power(off_ms=3000)
            await host.listen(10)
            assert host.is_gone
        await asyncio.sleep(4)
        async with again.connected():
            await again.listen(10)

    band.world.run(life())
    assert again.link.peer_boot_id == host.link.peer_boot_id + 1
