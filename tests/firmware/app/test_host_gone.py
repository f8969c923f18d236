"""A host that goes without a word: its streams end, the vital signs go on and wait for the next host."""

from itertools import pairwise

import pytest

from bandschema.enums import CommandCode, EventKind, Result, StreamId
from bandwire.bandlink import HOST_SILENCE_LIMIT_MS
from bandwire.events import EVENT_GAP

STREAMS = tuple(StreamId)
VITALS_PERIOD_MS = 2000


@pytest.fixture(params=["bytes go nowhere", "the port takes no more"])
def left(request, rig):
    """A band with both streams on whose host was unplugged."""
    rig.connect()
    rig.agree()
    for stream in STREAMS:
        assert rig.command(CommandCode.START_STREAM, stream) == Result.OK
    rig.run(10_000)
    rig.host = None
    if request.param == "the port takes no more":
        rig.uart.room = 0
    return rig


def plug_in(rig):
    """A new host at the same port."""
    rig.uart.room = 1 << 30
    rig.uart.to_host.clear()
    host = rig.connect(b"session2")
    rig.run(5_000)
    return host


def ticks_of(host, name):
    """Ticks of the frames of a kind."""
    return [header.ticks_ms for header, record in host.frames if type(record).__name__ == name]


def is_streaming(rig):
    return [source.blocks.is_started for source in rig.band.collection.sources]


def numbers_of(host):
    return [header.sequence for header, _ in host.frames]


def missing_at(host):
    return sum(event[3] for event in host.events if event[0] == EVENT_GAP)


def test_streams_end_once_the_host_has_been_silent_too_long(left):
    left.run(HOST_SILENCE_LIMIT_MS // 2)
    assert is_streaming(left) == [True, True]
    left.run(HOST_SILENCE_LIMIT_MS // 2 + 1_000)
    assert is_streaming(left) == [False, False]
    assert not left.core.status.is_link_up


def test_sampling_goes_on_without_a_host(left):
    left.run(HOST_SILENCE_LIMIT_MS)
    before = dict(left.vitals.counts)
    left.run(60_000)
    gained = {name: left.vitals.counts[name] - before[name] for name in ("optical", "motion", "step")}
    assert gained == pytest.approx({"optical": 1500, "motion": 1560, "step": 30}, abs=30)


def test_the_vital_signs_of_the_time_without_a_host_wait_for_the_next(left):
    left.run(HOST_SILENCE_LIMIT_MS + 1_000)
    silent_ms = left.core.clock.now_ms
    left.run(100_000)
    host = plug_in(left)
    since = [update.ticks_ms for update in host.updates() if update.ticks_ms >= silent_ms]
    assert since[0] < silent_ms + VITALS_PERIOD_MS
    assert since[-1] > left.core.clock.now_ms - VITALS_PERIOD_MS
    assert all(later - earlier == VITALS_PERIOD_MS for earlier, later in pairwise(since))
    # A frame that was in the port when it stopped is gone with it, and told.
    assert missing_at(host) <= 1


def test_what_had_no_room_to_wait_comes_again_from_the_flash(left):
    left.run(HOST_SILENCE_LIMIT_MS + 1_000)
    for _ in range(1000):
        left.core.outbox.send_event(EventKind.BUTTON_SHORT)
    host = plug_in(left)
    live = numbers_of(host)
    assert live == list(range(live[0], live[0] + len(live))), "what waits comes whole"
    assert len(live) < 150
    assert {header.drops for header, _ in host.frames} == {0}
    host.link.request_backfill(1, 0, live[0], 1000, 0)
    host.exchange()
    left.run(10_000)
    again = [header.sequence for header, _ in host.backfilled]
    assert sorted(again) == list(range(live[0]))


def test_a_new_host_starts_streams_again(left):
    left.run(HOST_SILENCE_LIMIT_MS + 1_000)
    silent_ms = left.core.clock.now_ms
    left.run(60_000)
    host = plug_in(left)
    assert all(ticks_ms < silent_ms for ticks_ms in ticks_of(host, "CompressedBlock"))
    assert left.command(CommandCode.START_STREAM, StreamId.OPTICAL) == Result.OK
    left.run(5_000)
    assert max(ticks_of(host, "CompressedBlock")) > left.core.clock.now_ms - 2_000


def test_a_band_without_a_host_does_not_ask_the_port_again_and_again(left):
    left.run(HOST_SILENCE_LIMIT_MS + 1_000)
    steps = []
    link_task = left.band.link_task
    step, link_task.step = link_task.step, lambda now_ms: steps.append(now_ms) or step(now_ms)
    left.run(60_000)
    assert len(steps) <= 2
