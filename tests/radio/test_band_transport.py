"""A band is reached over the air by the transport alone, and whatever happens to the air is told in time."""

import asyncio
from dataclasses import replace

import pytest
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from bumble.core import UUID

from bandsim.radio.adapter import Adapter
from bandsim.radio.air import Air
from bandsim.radio.client import AirClient
from bandwire.gatt import LEAST_MTU, SERVICE_UUID, written_record_bytes
from radio.bands import BAND, OTHER, AirBand, AirHost, air_with_a_band
from radio.living import lives
from radio.peripherals import PERIPHERAL, advertise, peripheral_on
from sdk.helpers import band_on
from vitalband import HandshakeError, LocalError, TransportError
from vitalband.bluetooth import band_connection
from vitalband.bluetooth.band_connection import DISCONNECT_S, WRITE_S
from vitalband.bluetooth.band_transport import BandTransport, open_ble
from vitalband.transport import open_transport
from vitalband.values import VitalsUpdate


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def connected(host: AirHost, url: str = "ble:", **options) -> BandTransport:
    transport = host.transport(url, **options)
    await transport.search()
    await transport.open()
    return transport


@pytest.mark.parametrize("mtu", [23, 185, 247, 517])
def test_a_band_answers_and_frames_pass_both_ways_at_every_mtu(mtu):
    @lives
    async def live():
        async with air_with_a_band() as (_, host, band):
            host.adapter.preferred_mtu = mtu
            transport = host.transport()
            async with band_on(transport) as opened:
                assert transport.max_packet == written_record_bytes(mtu)
                assert opened.identity.model == "Fake"
                vitals = opened.vitals()
                assert [type(await anext(vitals)) for _ in range(3)] == [VitalsUpdate] * 3
                await opened.send_cuff_reading(120, 80, age_s=60)
                assert (opened.statistics.missing_frames, opened.statistics.lost_records) == (0, 0)
            assert (band.connection, band.has_subscribers) == (None, False)
            assert max(map(len, band.notified)) <= mtu - 3
            assert band.largest_write <= mtu - 3
            # Those are sent in fragments.
            assert any(len(frame) > mtu - 3 for frame in band.fake.memory.frames) == (mtu == LEAST_MTU)

    live()


@lives
async def test_the_nearest_band_is_found_and_one_that_is_named_at_once():
    async with air_with_a_band() as (air, host, _):
        other = await AirBand.plugged_in(air, OTHER, "another")
        transport = host.transport(f"ble:{OTHER.lower()}")
        await transport.search()
        assert transport.found is not None
        assert (transport.found.address, now_s() <= 0.2) == (OTHER, True)
        await transport.open()
        assert other.connection is not None
        assert transport.max_packet == written_record_bytes(517)
        await transport.close()
        assert transport.max_packet == written_record_bytes(LEAST_MTU)


@lives
async def test_nothing_is_found_where_there_is_no_band_no_adapter_or_not_the_one_that_was_named():
    air = Air()
    host = await AirHost.plugged_in(air)
    await peripheral_on(air)
    with pytest.raises(TransportError, match=r"no such band was heard within 3 s; is it near"):
        await host.transport(scan_s=3).search()
    await AirBand.plugged_in(air, OTHER)
    with pytest.raises(TransportError, match=r"within 3 s; others: 1"):
        await host.transport(f"ble:{BAND}", scan_s=3).search()
    await host.adapter.unplug()
    with pytest.raises(TransportError, match="is Bluetooth there and switched on"):
        await host.transport().search()


@pytest.mark.parametrize("error", [None, NotImplementedError(), BleakError("no such adapter"), OSError()])
def test_a_band_that_this_computer_is_connected_to_is_told_of(error):
    class Connected(BaseBleakAdapter):
        @classmethod
        async def get(cls, **_):
            return cls()

        async def get_connected_devices(self, service_uuids):
            assert service_uuids == {SERVICE_UUID}
            if error is not None:
                raise error
            return [BLEDevice(OTHER, None, {})]

    @lives
    async def live():
        host = await AirHost.plugged_in(Air())
        host.radio = replace(host.radio, adapter={"backend": Connected})
        hint = "is it near" if error else f"this computer is connected to {OTHER}"
        with pytest.raises(TransportError, match=hint):
            await host.transport(scan_s=1).search()

    live()


@lives
async def test_what_has_the_service_but_not_the_characteristics_is_no_band():
    air = Air()
    host = await AirHost.plugged_in(air)
    impostor = await Adapter.plugged_in(air, PERIPHERAL)
    await advertise(impostor.device, (UUID(SERVICE_UUID),), "an impostor")
    transport = host.transport()
    with pytest.raises(HandshakeError, match="has not both"):
        await transport.open()
    assert impostor.device.connections == {}


@lives
async def test_a_lost_connection_ends_a_receive_at_once_behind_what_came_before():
    async with air_with_a_band() as (air, host, band):
        transport = await connected(host)
        assert await transport.receive(50) == b""
        receiving = asyncio.ensure_future(transport.receive(60_000))
        await asyncio.sleep(1)
        began_s = now_s()
        air.cut()
        with pytest.raises(TransportError, match="the connection to ble: was lost"):
            await receiving
        assert now_s() - began_s < 0.01
        with pytest.raises(TransportError, match="the connection to ble: was lost"):
            await transport.send(b"record")
        await transport.close()
        assert band.connection is None


@lives
async def test_closing_ends_a_receive_and_may_be_done_twice_and_before_opening():
    async with air_with_a_band() as (_, host, band):
        transport = host.transport()
        await transport.close()
        with pytest.raises(TransportError, match="is not open"):
            await transport.receive(1)
        await transport.open()
        receiving = asyncio.ensure_future(transport.receive(60_000))
        await asyncio.sleep(1)
        await asyncio.gather(transport.close(), transport.close())
        with pytest.raises(TransportError, match="was closed"):
            await receiving
        await transport.close()
        assert (band.connection, band.has_subscribers) == (None, False)


@lives
async def test_a_write_that_is_not_answered_is_given_up_in_time():
    async with air_with_a_band() as (air, host, _):
        transport = await connected(host)
        air.stall()
        began_s = now_s()
        with pytest.raises(TransportError, match="does not take 6 bytes: TimeoutError"):
            await transport.send(b"record")
        assert now_s() - began_s == pytest.approx(WRITE_S)
        with pytest.raises(TransportError):
            await transport.receive(1)
        air.cut()
        await transport.close()


@lives
async def test_a_stall_is_waited_out():
    async with air_with_a_band() as (air, host, band), band_on(host.transport()) as opened:
        air.stall()
        asking = asyncio.ensure_future(opened.send_cuff_reading(120, 80, age_s=60))
        await asyncio.sleep(WRITE_S / 4)
        air.resume()
        await asking
        assert (opened.statistics.connections, band.connections) == (1, 1)


@pytest.mark.parametrize("kind", ["write", "write-without-response"])
def test_records_are_written_with_response_where_the_band_has_that(kind, monkeypatch):
    written = []
    write = AirClient.write_gatt_char

    async def note(client, characteristic, data, response):
        written.append(response)
        await write(client, characteristic, data, response)

    monkeypatch.setattr(AirClient, "write_gatt_char", note)
    monkeypatch.setattr(BleakGATTCharacteristic, "properties", [kind])

    @lives
    async def live():
        async with air_with_a_band() as (_, host, _band), band_on(host.transport()) as opened:
            assert opened.identity.model == "Fake"
        assert set(written) == {kind == "write"}

    live()


@lives
async def test_the_longest_record_follows_what_the_system_tells_later(monkeypatch):
    async with air_with_a_band() as (_, host, _band):
        transport = await connected(host)
        for size, wanted in ((20, 19), (244, 243), (512, 255), (19, 19)):
            monkeypatch.setattr(BleakGATTCharacteristic, "max_write_without_response_size", size)
            assert transport.max_packet == wanted
        await transport.close()


@lives
async def test_a_disconnection_that_hangs_is_given_up_in_time_and_told(monkeypatch):
    async def hang(_):
        await asyncio.Event().wait()

    async with air_with_a_band() as (_, host, _band):
        before = asyncio.all_tasks()
        for is_cancelled in (False, True):
            transport = await connected(host)
            with monkeypatch.context() as patched:
                patched.setattr(AirClient, "disconnect", hang)
                closing = asyncio.ensure_future(transport.close())
                began_s = now_s()
                await asyncio.sleep(0.1)
                if is_cancelled:
                    closing.cancel()
                wanted = asyncio.CancelledError if is_cancelled else TransportError
                with pytest.raises(wanted):
                    await closing
                assert now_s() - began_s <= DISCONNECT_S + 0.2
            await transport.close()
            for connection in list(host.adapter.device.connections.values()):
                await connection.disconnect()
            await asyncio.sleep(1)
        assert asyncio.all_tasks() == before


@lives
async def test_records_that_nobody_takes_are_dropped_from_the_oldest_on_and_counted(monkeypatch):
    limit = 40
    monkeypatch.setattr(band_connection, "RECEIVE_LIMIT_RECORDS", limit)
    async with air_with_a_band() as (_, host, band):
        transport = await connected(host)
        count = limit + 10
        for number in range(count):
            await band.device.notify_subscribers(band.from_band, number.to_bytes(2, "big"))
        await asyncio.sleep(1)
        taken = [int.from_bytes(await transport.receive(1), "big") for _ in range(limit)]
        assert taken == list(range(10, count))
        assert await transport.receive(1) == b""
        await transport.close()
        assert transport.dropped_records == 10


@lives
async def test_opening_or_searching_that_is_cancelled_leaves_nothing_behind():
    async with air_with_a_band() as (air, host, band):
        air.faults.latency_s = 0.05
        before = asyncio.all_tasks()
        for delay_s in (step / 25 for step in range(40)):
            transport = host.transport(f"ble:{BAND}")  # found at once: all is over in 1.5 s
            opening = asyncio.ensure_future(transport.open())
            await asyncio.sleep(delay_s)
            # Twice, as a session does that waits for its end.
            for _ in range(2):
                opening.cancel()
                await asyncio.sleep(0.01)
            await asyncio.wait({opening}, timeout=20)
            assert opening.done()
            await transport.close()
            await asyncio.sleep(1)
            assert (band.connection, host.adapter.device.connections) == (None, {})
        assert asyncio.all_tasks() == before


@lives
async def test_a_connection_that_fails_for_once_is_made_at_the_next_try():
    async with air_with_a_band() as (air, host, band):
        air.faults.latency_s = 0.05
        transport = host.transport()
        await transport.search()
        opening = asyncio.ensure_future(transport.open())
        await asyncio.sleep(0.3)
        assert band.connection is not None
        air.cut()
        await opening
        assert band.connections == 2
        await transport.close()


@lives
async def test_a_band_that_has_another_address_when_it_was_lost_is_found_at_the_next_try():
    async with air_with_a_band() as (air, host, band):
        air.faults.latency_s = 0.05
        opening = asyncio.ensure_future(host.transport().open())
        while band.connection is None:
            await asyncio.sleep(0.1)
        await band.adapter.unplug()
        other = await AirBand.plugged_in(air, OTHER)
        await opening
        assert (band.connections, other.connections) == (1, 1)


@lives
async def test_a_transport_that_is_closed_between_two_tries_makes_no_other():
    async with air_with_a_band() as (air, host, band):
        air.faults.latency_s = 0.05
        transport = host.transport()
        opening = asyncio.ensure_future(transport.open())
        while band.connection is None:
            await asyncio.sleep(0.1)
        air.cut()
        await asyncio.sleep(0.1)
        await transport.close()
        with pytest.raises(TransportError, match="was closed"):
            await opening
        assert (band.connections, band.connection) == (1, None)


@lives
async def test_what_was_found_is_connected_to_once_and_then_sought_anew():
    async with air_with_a_band() as (_, host, band):
        transport = host.transport(scan_s=2)
        for count in (1, 2):
            await transport.open()
            await transport.close()
            assert band.connections == count
        await band.adapter.unplug()
        with pytest.raises(TransportError, match="no such band was heard"):
            await transport.open()


@lives
async def test_a_band_that_went_before_it_was_opened_is_given_up_in_time():
    async with air_with_a_band() as (_, host, band):
        transport = host.transport(connect_s=4)
        await transport.search()
        await band.adapter.unplug()
        began_s = now_s()
        with pytest.raises(TransportError, match=r"does not connect within 4 s"):
            await transport.open()
        assert now_s() - began_s <= 4 + DISCONNECT_S


def test_urls_are_parsed_and_what_cannot_be_meant_is_refused():
    for url in ("ble:", f"ble:{BAND}", "ble:C2D5E8A0-0F3B-4E62-9A6D-0123456789AB"):
        assert open_transport(url).url == url
    for url in ("ble:C0:00", "ble:hci0", "ble://"):
        with pytest.raises(LocalError, match="wanted ble:"):
            open_transport(url)
    with pytest.raises(LocalError, match="wanted scan_s above 0"):
        open_ble("ble:", scan_s=0)
