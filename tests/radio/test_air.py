"""`bleak` reaches a peripheral through the virtual air, and what happens to the air happens to it."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from bandsim.radio import virtual_loop
from bandsim.radio.adapter import Adapter
from bandsim.radio.client import AirClient
from bandsim.radio.errors import AirError
from bandsim.radio.phy import PHY_BYTES_S, sent_bytes, taken_bytes
from bandsim.radio.scanner import AirScanner
from bandsim.radio.virtual_loop import run_virtually
from radio.living import lives
from radio.peripherals import (
    INDICATED,
    NAME,
    NOTIFIED,
    PERIPHERAL,
    READ,
    REFUSAL,
    REFUSED,
    SECRET,
    SERVICE,
    WRITTEN,
    peripheral_on,
    world,
)


def _listening(here, heard, **options):
    return BleakScanner(
        lambda device, _: heard.append(device.address), backend=AirScanner, radio=here.host, **options
    )


@lives
async def test_a_scan_tells_services_and_the_name_that_only_the_scan_response_has():
    async with world() as here:
        found = await BleakScanner.discover(timeout=1, return_adv=True, backend=AirScanner, radio=here.host)
        device, told = found[PERIPHERAL]
        assert (device.name, told.local_name, told.service_uuids) == (NAME, NAME, [SERVICE])


@lives
async def test_a_scan_for_services_tells_of_no_others():
    async with world() as here:
        other = SERVICE.replace("0f1e", "ffff")
        for wanted, count in ((SERVICE, 1), (other, 0)):
            heard = []
            async with _listening(here, heard, service_uuids=[wanted]):
                await asyncio.sleep(1)
            assert len(set(heard)) == count


@lives
async def test_values_are_read_written_notified_and_indicated():
    async with world() as here, await here.client() as client:
        properties = {
            each.uuid: each.properties for each in client.services.get_service(SERVICE).characteristics
        }
        assert properties[READ] == ["read"]
        assert properties[WRITTEN] == ["write-without-response", "write"]
        assert await client.read_gatt_char(READ) == bytes(range(200))
        long = bytes(range(256)) * 2
        for value, has_response in ((b"one", True), (b"two", False), (long, True)):
            await client.write_gatt_char(WRITTEN, value, response=has_response)
        await client.read_gatt_char(READ)
        assert here.peripheral.written == [b"one", b"two", long]
        came = []
        for uuid in (NOTIFIED, INDICATED):
            await client.start_notify(uuid, lambda _, value: came.append(bytes(value)))
        for number in range(20):
            await here.peripheral.device.notify_subscribers(here.peripheral.notified, bytes([number]))
        await here.peripheral.device.indicate_subscribers(here.peripheral.indicated, b"seen")
        assert came == [*(bytes([number]) for number in range(20)), b"seen"]
        await client.stop_notify(NOTIFIED)
        await here.peripheral.device.notify_subscribers(here.peripheral.notified, b"no more")
        await client.read_gatt_char(READ)
        assert came[-1] == b"seen"


@pytest.mark.parametrize("is_after", [False, True])
def test_a_cut_just_before_a_packet_loses_it_and_one_just_after_does_not(is_after):
    @lives
    async def live():
        async with world() as here, await here.client() as client:
            heard_at = "on_arrived" if is_after else "on_sent"

            def cut_at_a_write(_sender, packet):
                if packet.endswith(b"written"):
                    here.air.cut()

            setattr(here.air, heard_at, cut_at_a_write)
            with pytest.raises(BleakError):
                await client.write_gatt_char(WRITTEN, b"written", response=True)
            assert here.peripheral.written == [b"written"] * is_after

    live()


@pytest.mark.parametrize("mtu", [23, 185, 247, 517])
def test_the_mtu_is_what_the_host_asks_for_and_limits_what_is_written_at_once(mtu):
    @lives
    async def live():
        async with world() as here:
            here.host.preferred_mtu = mtu
            async with await here.client() as client:
                written = client.services.get_characteristic(WRITTEN)
                assert (client.mtu_size, written.max_write_without_response_size) == (mtu, mtu - 3)
                await client.write_gatt_char(WRITTEN, bytes(mtu - 3), response=False)
                with pytest.raises(BleakError, match=f"at most {mtu - 3} bytes"):
                    await client.write_gatt_char(WRITTEN, bytes(mtu - 2), response=False)

    live()


@lives
async def test_a_value_that_asks_for_a_bond_gets_one_which_serves_the_next_connection():
    async with world() as here:
        for _ in range(2):
            async with await here.client() as client:
                assert await client.read_gatt_char(SECRET) == b"secret"
        assert here.peripheral.pairings == 1


@lives
async def test_a_bond_that_the_peripheral_lost_is_told_as_an_error():
    async with world() as here:
        async with await here.client() as client:
            await client.read_gatt_char(SECRET)
        await here.peripheral.adapter.keys.delete_all()
        async with await here.client() as client:
            with pytest.raises(BleakError):
                await client.read_gatt_char(SECRET)


@lives
async def test_what_is_refused_is_told_with_its_code():
    async with world() as here, await here.client() as client:
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.read_gatt_char(REFUSED)
        assert refused.value.code == REFUSAL


@lives
async def test_a_read_takes_twice_the_latency_each_way():
    async with world() as here, await here.client() as client:
        loop = asyncio.get_running_loop()
        here.air.faults.latency_s = 0.030
        began_s = loop.time()
        await client.read_gatt_char(READ)
        assert loop.time() - began_s == pytest.approx(0.060, abs=1e-6)


@lives
async def test_what_is_sent_at_the_same_moment_comes_in_order_however_late():
    async with world() as here, await here.client() as client:
        came = []
        await client.start_notify(NOTIFIED, lambda _, value: came.append(value[0]))
        here.air.faults.latency_s = 0.030
        for number in range(40):
            await here.peripheral.device.notify_subscribers(here.peripheral.notified, bytes([number]))
        await asyncio.sleep(1)
        assert came == list(range(40))


@lives
async def test_notifications_take_as_long_as_their_bytes_at_the_rate_of_the_air():
    async with world() as here, await here.client() as client:
        came = []
        loop, rate_bytes_s, count, size = asyncio.get_running_loop(), 10_000.0, 40, 100
        await client.start_notify(NOTIFIED, lambda _, value: came.append(loop.time()))
        here.air.faults.rate_bytes_s = rate_bytes_s
        began_s = loop.time()
        for _ in range(count):
            await here.peripheral.device.notify_subscribers(here.peripheral.notified, bytes(size))
        while len(came) < count:
            await asyncio.sleep(0.01)
        # 7 bytes: opcode and handle of ATT, length and channel of L2CAP.
        wanted_s = count * taken_bytes(size + 7) / rate_bytes_s
        assert came[-1] - began_s == pytest.approx(wanted_s, abs=1e-6)
        assert came == sorted(came)


def test_packets_take_what_the_link_layer_makes_of_them():
    # The published sum for a whole packet without an integrity code: 2088 us, 80 us of answer, twice 150 us.
    assert taken_bytes(251) / PHY_BYTES_S == pytest.approx(2468e-6)
    assert taken_bytes(252) - taken_bytes(251) == pytest.approx(1 + taken_bytes(0))
    assert (sent_bytes(251), sent_bytes(252)) == (261, 272)


@lives
async def test_nothing_is_lost_in_a_stall_and_all_comes_in_order_behind_it():
    async with world(seed=3) as here, await here.client() as client:
        came = []
        await client.start_notify(NOTIFIED, lambda _, value: came.append(value[0]))
        here.air.faults.jitter_s = 0.01
        for number in range(60):
            if number == 20:
                here.air.stall()
            await here.peripheral.device.notify_subscribers(here.peripheral.notified, bytes([number]))
        await asyncio.sleep(1)
        assert len(came) <= 20
        here.air.resume()
        await asyncio.sleep(2)
        assert came == list(range(60))


@lives
async def test_an_operation_under_which_the_link_is_lost_fails_at_once_and_the_loss_is_told():
    async with world() as here:
        lost = []
        client = await here.client(disconnected_callback=lost.append)
        await client.connect()
        here.air.faults.latency_s = 1.0
        reading = asyncio.ensure_future(client.read_gatt_char(READ))
        await asyncio.sleep(0.5)
        here.air.cut()
        with pytest.raises(BleakError, match="was lost"):
            await reading
        assert (lost, client.is_connected) == ([client], False)
        here.air.faults.latency_s = 0.0
        async with await here.client() as again:
            assert await again.read_gatt_char(READ) == bytes(range(200))


@lives
async def test_nothing_that_was_on_its_way_over_a_lost_connection_comes_over_the_next_one():
    async with world() as here:
        client = await here.client()
        await client.connect()
        here.air.faults.latency_s = 2.0
        await client.write_gatt_char(WRITTEN, b"late", response=False)
        await asyncio.sleep(0.5)
        here.air.cut()
        here.air.faults.latency_s = 0.0
        async with await here.client() as again:
            await asyncio.sleep(5)
            await again.write_gatt_char(WRITTEN, b"now", response=True)
        assert here.peripheral.written == [b"now"]


@lives
async def test_an_adapter_that_is_unplugged_is_lost_by_its_peers_and_hears_nothing_more():
    async with world() as here:
        lost = []
        client = await here.client(disconnected_callback=lost.append)
        await client.connect()
        await here.peripheral.adapter.unplug()
        await asyncio.sleep(0.1)
        assert lost == [client]
        await here.host.unplug()
        with pytest.raises(BleakBluetoothNotAvailableError, match="plugged in"):
            await here.found()


@lives
async def test_a_peripheral_that_is_not_there_is_not_found_and_not_connected_to():
    async with world() as here:
        assert await here.found("another", timeout_s=2) is None
        absent = BleakClient("C0:00:00:00:00:99", timeout=2, backend=AirClient, radio=here.host)
        with pytest.raises(BleakDeviceNotFoundError):
            await absent.connect()


@lives
async def test_a_connection_that_is_given_up_leaves_the_adapter_free_for_another():
    async with world() as here:
        for ending in (TimeoutError, asyncio.CancelledError):
            here.air.faults.advertising_loss = 0.0
            client = await here.client(timeout=3)
            here.air.faults.advertising_loss = 1.0
            connecting = asyncio.ensure_future(client.connect())
            if ending is asyncio.CancelledError:
                await asyncio.sleep(1)
                connecting.cancel()
            with pytest.raises(ending):
                await connecting
        here.air.faults.advertising_loss = 0.0
        async with await here.client() as client:
            assert await client.read_gatt_char(READ) == bytes(range(200))


@pytest.mark.parametrize("loss", [0.0, 0.5, 0.9])
def test_advertising_is_lost_by_the_share_that_was_asked_for(loss):
    @lives
    async def live():
        async with world(seed=1) as here:
            here.air.faults.advertising_loss = loss
            heard = []
            async with _listening(here, heard):
                await asyncio.sleep(40)
            # Each 100 ms one report and one scan response; 5 standard deviations of a share of 400.
            wanted = 800 * (1 - loss)
            assert abs(len(heard) - wanted) <= 5 * 2 * (400 * loss * (1 - loss)) ** 0.5 + 4

    live()


@lives
async def test_several_hosts_and_peripherals_share_the_air():
    async with world() as here:
        others = [await peripheral_on(here.air, f"C0:00:00:00:01:0{n}", f"other {n}") for n in range(3)]
        second = await Adapter.plugged_in(here.air, "C0:00:00:00:00:0A")
        clients = [await here.client()]
        for number, host in enumerate((here.host, second, second)):
            found = await BleakScanner.find_device_by_name(
                f"other {number}", timeout=5, backend=AirScanner, radio=host
            )
            clients.append(BleakClient(found, backend=AirClient, radio=host))
        await asyncio.gather(*(client.connect() for client in clients))
        for number, client in enumerate(clients):
            await client.write_gatt_char(WRITTEN, bytes([number]), response=True)
        assert here.peripheral.written == [b"\0"]
        assert [other.written for other in others] == [[b"\1"], [b"\2"], [b"\3"]]
        await asyncio.gather(*(client.disconnect() for client in clients))


def test_a_loop_in_which_nothing_can_happen_any_more_ends_with_an_error(monkeypatch):
    monkeypatch.setattr(virtual_loop, "_THREAD_LIMIT_S", 0.01)

    async def wait_for_ever():
        await asyncio.get_running_loop().create_future()

    with pytest.raises(AirError, match="nothing in this loop"):
        run_virtually(wait_for_ever())


def test_what_a_thread_does_is_waited_for():
    async def ask_a_thread():
        return await asyncio.to_thread(sum, [1, 2])

    assert run_virtually(ask_a_thread()) == 3
