"""A lost link that comes back: events in place of silence, streams resumed, missing frames fetched."""

import random

import pytest

from sdk.fake_band import Script
from sdk.helpers import AT_ONCE, paced_band, run, take
from vitalband import (
    ConnectionEvent,
    ConnectionState,
    HandshakeError,
    ReconnectPolicy,
    SampleChunk,
    StreamId,
    TransportError,
    VitalsUpdate,
)


def test_iterators_tell_of_the_lost_link_and_go_on():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            transport.failed_opens = 2
            transport.fail_at_ms = transport.clock.now_ms + 500
            states, update = [], None
            while not isinstance(update, VitalsUpdate):
                update = await anext(vitals)
                if isinstance(update, ConnectionEvent):
                    states.append((update.state, update.attempt))
            assert states == [
                (ConnectionState.LOST, 0),
                (ConnectionState.BACKING_OFF, 1),
                (ConnectionState.BACKING_OFF, 2),
                (ConnectionState.BACKING_OFF, 3),
                (ConnectionState.RESUMING, 3),
            ]
            assert transport.opened == 2
            assert band.statistics.connections == 2

    run(work())


def test_frames_of_the_time_without_a_link_are_fetched_after_it():
    async def work():
        script = Script()
        band, transport = paced_band(script, reconnect=AT_ONCE)
        async with band:
            vitals = band.vitals()
            before = await anext(vitals)
            number = transport.band.numbering.next_sequence
            script.lose = {number, number + 1, number + 2}
            transport.fail_at_ms = transport.clock.now_ms + 500
            seen = {before.stamp.sequence: False}
            while len(seen) < 6:
                item = await anext(vitals)
                if isinstance(item, VitalsUpdate):
                    seen[item.stamp.sequence] = item.stamp.is_backfilled
            assert sorted(seen) == list(range(min(seen), min(seen) + 6))
            assert [sequence for sequence, is_backfilled in seen.items() if is_backfilled] == [
                number,
                number + 1,
                number + 2,
            ]
            assert band.statistics.missing_frames == 0

    run(work())


def test_a_stream_is_started_again_after_a_reconnect():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            waveform = band.waveform(StreamId.OPTICAL)
            await take(waveform, 2)
            transport.fail_at_ms = transport.clock.now_ms + 100
            transport.band.active.clear()  # a band stops its streams with the connection
            items = await take(waveform, 6)
            assert any(isinstance(item, ConnectionEvent) for item in items)
            chunks = [item for item in items if isinstance(item, SampleChunk)]
            assert chunks[-1].first_sample > 40
            assert 1 in transport.band.active

    run(work())


def test_a_wait_for_an_answer_ends_with_the_link():
    async def work():
        script = Script(silent_commands={6})
        band, transport = paced_band(script, reconnect=AT_ONCE)
        async with band:
            transport.fail_at_ms = transport.clock.now_ms + 100
            with pytest.raises(TransportError, match="the link was lost"):
                await band.vibrate(10)

    run(work())


def test_reconnecting_gives_up_after_the_policys_attempts():
    async def work():
        policy = ReconnectPolicy(first_ms=1, limit_ms=1, attempts=3)
        band, transport = paced_band(reconnect=policy)
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            transport.failed_opens = 99
            transport.fail_at_ms = transport.clock.now_ms + 100
            with pytest.raises(TransportError, match="no such band"):
                async for _ in vitals:
                    pass
            assert transport.failed_opens == 99 - 3

    run(work())


def test_the_first_connection_fails_at_once_whatever_the_policy():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        transport.failed_opens = 1
        with pytest.raises(TransportError, match="no such band"):
            async with band:
                pass

    run(work())


def test_a_band_that_is_still_starting_is_tried_again():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE, handshake_timeout_ms=1500)
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            deaf_until_ms = transport.clock.now_ms + 3000
            send = transport.send

            async def deaf(data):
                if transport.clock.now_ms >= deaf_until_ms:
                    await send(data)

            transport.send = deaf
            transport.fail_at_ms = transport.clock.now_ms + 10
            reasons = []
            item = await anext(vitals)
            while not isinstance(item, VitalsUpdate):
                reasons.append(item.reason)
                item = await anext(vitals)
            assert any("no band answered" in reason for reason in reasons)

    run(work())


def test_delays_double_up_to_the_limit_and_are_spread():
    policy = ReconnectPolicy(first_ms=100, limit_ms=1000, jitter=0.5)
    source = random.Random(1)
    for attempt, full_ms in ((1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (60, 1000)):
        delays = [policy.delay_ms(attempt, source) for _ in range(200)]
        assert full_ms / 2 <= min(delays) < full_ms * 0.6
        assert full_ms * 0.9 < max(delays) <= full_ms


def test_a_handshake_error_is_no_transport_error():
    # Callers tell "nothing there" from "something else there" by the class alone.
    assert not issubclass(HandshakeError, TransportError)
