"""The SDK on real carriers: pyserial on a pseudo-terminal and on a TCP socket, in real time."""

import asyncio
import os
import socket
import threading
import tty

import numpy as np
import pytest

from sdk.fake_band import BAND_ID, FakeBand
from sdk.helpers import AT_ONCE, run, take
from sdk.wire import PtyBand, SocketBand
from vitalband import (
    Band,
    ConnectionEvent,
    ConnectionState,
    HandshakeError,
    LocalError,
    SampleChunk,
    StreamId,
    TransportError,
    VitalsUpdate,
    open_transport,
)
from vitalband.transport.serial_port import SerialTransport


@pytest.mark.parametrize("lane", [PtyBand, SocketBand])
def test_a_band_behind_a_real_port_gives_vitals_and_waveforms(lane):
    async def work(url):
        async with Band.open(url) as band:
            assert band.band_id == BAND_ID
            assert band.identity.model == "Fake"
            updates = await take(band.vitals(), 3)
            assert all(update["heart_rate_bpm"].value == 72.0 for update in updates)
            chunks = await take(band.waveform(StreamId.OPTICAL), 5)
            counts = np.concatenate([chunk.counts for chunk in chunks])
            assert np.array_equal(counts, np.arange(300).reshape(100, 3))
            await band.vibrate(50)
            assert band.statistics.missing_frames == 0
            assert band.statistics.bad_packets == 0

    with lane(FakeBand()) as wire:
        run(work(wire.url))


def test_a_port_that_is_in_use_is_a_clear_error():
    async def work(url):
        async with Band.open(url):
            with pytest.raises(TransportError, match=r"cannot open .*: another program uses it"):
                async with Band.open(url):
                    pass

    with PtyBand(FakeBand()) as wire:
        run(work(wire.url))


def test_a_port_that_is_not_there_is_a_clear_error():
    async def work():
        with pytest.raises(TransportError, match="cannot open serial:///dev/no-such-port"):
            async with Band.open("serial:///dev/no-such-port"):
                pass

    run(work())


def test_a_refused_connection_is_a_clear_error():
    async def work():
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(TransportError, match=f"cannot open socket://127.0.0.1:{port}"):
            async with Band.open(f"socket://127.0.0.1:{port}"):
                pass

    run(work())


@pytest.mark.parametrize("lane", [PtyBand, SocketBand])
def test_a_cable_pulled_in_mid_stream_ends_the_iterator_soon(lane):
    async def work(wire):
        async with Band.open(wire.url, reconnect=False) as band:
            vitals = band.vitals()
            await anext(vitals)
            await asyncio.to_thread(wire.unplug)
            with pytest.raises(TransportError, match=r"gone|no bytes"):
                await asyncio.wait_for(take(vitals, 1000), 5)

    with lane(FakeBand()) as wire:
        run(work(wire))


def test_a_wrong_device_on_the_port_is_told_by_what_came():
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    stop = threading.Event()

    def chatter():
        while not stop.wait(0.01):
            os.write(master, b"$GPGGA,123519,4807.038,N\r\n\x00")

    async def work():
        with pytest.raises(HandshakeError, match=r"[1-9]\d* bytes came, 0 good packets, [1-9]\d* bad"):
            async with Band.open(f"serial://{os.ttyname(slave)}", handshake_timeout_ms=400):
                pass

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        run(work())
    finally:
        stop.set()
        thread.join()
        os.close(master)
        os.close(slave)


def test_a_broken_connection_is_made_again_and_nothing_is_missing():
    async def work(wire):
        async with Band.open(wire.url, reconnect=AT_ONCE) as band:
            vitals = band.vitals()
            await anext(vitals)
            wire.unplug()
            states, updates = [], []
            while len(updates) < 3 or ConnectionState.RESUMING not in states:
                item = await anext(vitals)
                if isinstance(item, ConnectionEvent):
                    states.append(item.state)
                elif isinstance(item, VitalsUpdate):
                    updates.append(item)
            assert states[0] is ConnectionState.LOST
            assert band.statistics.missing_frames == 0

    with SocketBand(FakeBand()) as wire:
        run(work(wire))


def test_closing_in_mid_stream_takes_no_longer_than_the_port_needs():
    async def work(wire):
        async with asyncio.timeout(5):
            async with Band.open(wire.url) as band:
                assert isinstance(await anext(band.waveform(StreamId.MOTION)), SampleChunk)
        names = [thread.name for thread in threading.enumerate()]
        assert not any(name.startswith("vitalband serial") for name in names)

    with PtyBand(FakeBand()) as wire:
        run(work(wire))


@pytest.mark.parametrize("path", ["/dev/null", __file__])
def test_a_file_that_is_no_port_is_told_as_such(path):
    async def work():
        with pytest.raises(TransportError, match=f"cannot open serial://{path}: it is no serial port$"):
            async with Band.open(f"serial://{path}"):
                pass

    run(work())


@pytest.mark.parametrize("port", ["0", "65536", "99999", "-1", "x", ""])
def test_a_socket_without_a_port_that_can_be_is_wrong_usage(port):
    with pytest.raises(LocalError, match=f"with a port of 1 to 65535, got 'socket://127.0.0.1:{port}'"):
        Band.open(f"socket://127.0.0.1:{port}")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", [1, 65535])
def test_a_socket_with_a_host_and_a_port_is_taken(host, port):
    assert open_transport(f"socket://{host}:{port}").url == f"socket://{host}:{port}"


@pytest.mark.parametrize("url", ["serial", "nonsense:x", "serial://", "socket://host", "replay:"])
def test_a_url_that_names_no_carrier_is_refused_by_name(url):
    with pytest.raises(LocalError, match=r"wanted|no transport"):
        open_transport(url)


def test_a_port_that_opens_after_its_wait_was_cancelled_is_closed(monkeypatch):
    may_open, was_closed = threading.Event(), threading.Event()

    class Port:
        def close(self):
            was_closed.set()

    def slow(address, **options):
        assert may_open.wait(10)
        return Port()

    monkeypatch.setattr("vitalband.transport.serial_port.serial.serial_for_url", slow)

    async def work():
        opening = asyncio.create_task(SerialTransport("serial:///dev/slow").open())
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        may_open.set()

    run(work())
    assert was_closed.wait(10)
