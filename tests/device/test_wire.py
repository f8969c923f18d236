"""The whole band behind a real serial port and a real socket, by pyserial."""

import asyncio
import os
import threading
import tty

import numpy as np
import pytest

from bandschema.readings import READINGS
from device.bands import Gathering, next_update, no_band, play
from device.wires import WiredBand, kill_firmware
from vitalband import (
    Band,
    ConnectionEvent,
    ConnectionState,
    HandshakeError,
    ReconnectPolicy,
    StreamId,
    TransportError,
)

pytestmark = [
    pytest.mark.one_lane(
        reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
    ),
    pytest.mark.on_a_line(reason="real lines are what is tested"),
]

each_wire = pytest.mark.parametrize("wire", ["serial", "socket"])
ONCE = ReconnectPolicy(first_ms=1, limit_ms=1, attempts=1)


@each_wire
def test_identity_vitals_and_samples_come_over_a_real_wire_and_it_closes(wire):
    async def work(url):
        async with Band.open(url) as band:
            assert band.identity.model == "Virtual band"
            assert len(band.manifest) == len(READINGS) + len(StreamId)
            async with band.vitals() as vitals:
                updates = [await anext(vitals) for _ in range(20)]
            async with band.waveform(StreamId.OPTICAL) as samples:
                chunks = [await anext(samples) for _ in range(20)]
            statistics = band.statistics
        return updates, chunks, statistics

    with WiredBand(wire) as wired:
        updates, chunks, statistics = play(work(wired.url))
    assert updates[-1]["heart_rate_bpm"].value == pytest.approx(64, abs=6)
    numbers = np.concatenate([c.first_sample + np.arange(len(c.counts)) for c in chunks])
    assert (np.diff(numbers) == 1).all()
    assert statistics.bad_packets == 0
    assert statistics.missing_frames == 0


def test_a_band_that_lives_faster_than_the_wall_keeps_its_host():
    async def work(url):
        async with Band.open(url) as band, band.vitals() as vitals:
            # Over three minutes of the band's life; ours may be a second, far from the next time exchange.
            updates = [await anext(vitals) for _ in range(100)]
            return updates, band.statistics

    with WiredBand("socket") as wired:
        updates, statistics = play(work(wired.url))
    assert updates[-1].stamp.ticks_ms - updates[0].stamp.ticks_ms > 190_000
    assert (statistics.connections, statistics.missing_frames) == (1, 0)


@each_wire
def test_a_second_host_finds_the_band_as_the_first_left_it(wire):
    async def identity_of(url):
        async with Band.open(url) as band:
            await band.run_for(0.01)
            return band.identity.serial, band.statistics.missing_frames

    with WiredBand(wire) as wired:
        first, second = play(identity_of(wired.url)), play(identity_of(wired.url))
    assert first == second


@each_wire
def test_a_cable_pulled_in_mid_stream_ends_every_iterator_with_an_error(wire):
    async def work(wired):
        async with Band.open(wired.url, reconnect=False) as band:
            vitals = band.vitals()
            await anext(vitals)  # the wearer has agreed
            samples = band.waveform(StreamId.MOTION)
            await anext(samples)
            await asyncio.to_thread(wired.pull)
            for items in (vitals, samples):
                with pytest.raises(TransportError, match=r"gone|no bytes"):
                    async for _ in items:
                        pass
            with pytest.raises(TransportError):
                await band.vibrate(10)

    with WiredBand(wire) as wired:
        play(work(wired))


@each_wire
def test_a_pulled_cable_is_told_to_who_wants_to_go_on(wire):
    async def work(wired):
        async with Band.open(wired.url, reconnect=ONCE) as band:
            vitals = Gathering(band.vitals())
            await next_update(band)
            await asyncio.to_thread(wired.pull)
            items = await vitals.whole()
        return [item.state for item in items if isinstance(item, ConnectionEvent)], vitals.error

    with WiredBand(wire) as wired:
        states, error = play(work(wired))
    assert states[-2:] == [ConnectionState.LOST, ConnectionState.BACKING_OFF]
    assert isinstance(error, TransportError | HandshakeError)


@each_wire
def test_a_band_that_dies_ends_the_session_and_names_its_end_on_its_own_side(wire):
    async def work(wired):
        async with Band.open(wired.url, reconnect=False) as band:
            vitals = band.vitals()
            await anext(vitals)
            kill_firmware(wired.band)
            with pytest.raises(TransportError):
                async for _ in vitals:
                    pass

    with WiredBand(wire) as wired:
        play(work(wired))
    assert "killed by signal 9" in str(wired.error)


STRANGERS = {
    "a GNSS receiver": b"$GPRMC,225446,A,4916.45,N,12311.12,W,000.5,054.7,191194,020.3,E*68\r\n",
    "a login prompt": b"\r\nDebian GNU/Linux 12 board ttyS0\r\n\r\nboard login: ",
    "a MicroPython prompt": b'\r\nMicroPython v1.26.0; type "help()" for more information.\r\n>>> ',
    "zeros": bytes(64),
    "noise": np.random.default_rng(7).bytes(256),
}


@no_band
@pytest.mark.parametrize("stranger", STRANGERS)
def test_another_device_on_the_port_is_a_clear_error(stranger):
    near, far = os.openpty()
    tty.setraw(near)
    tty.setraw(far)
    stop = threading.Event()

    def talk():
        while not stop.wait(0.005):
            os.write(near, STRANGERS[stranger])
            os.read(near, 1)  # it hears the host, and goes on as it does

    async def work():
        with pytest.raises(HandshakeError, match=r"no band answered .*bytes came, 0 good packets"):
            async with Band.open(f"serial://{os.ttyname(far)}", handshake_timeout_ms=300):
                pass

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        play(work())
    finally:
        stop.set()
        os.write(far, b"\0\0")
        thread.join()
        os.close(near)
        os.close(far)
