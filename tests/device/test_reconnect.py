"""A cut link is made again: what the band still has is fetched, what it has not is counted."""

import itertools

import pytest

from bandschema.enums import CommandCode
from device import bands
from device.bands import Gathering, console_of, play
from vitalband import (
    Band,
    ConnectionEvent,
    ConnectionState,
    ReconnectPolicy,
    SampleChunk,
    StoreReader,
    StreamId,
    TransportError,
    VitalsUpdate,
)

pytestmark = [
    pytest.mark.one_lane(
        reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
    ),
    pytest.mark.off_bluez(
        reason="a cut lasts as long as a busy machine takes to find the band again; see tests/bluez"
    ),
]

AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
BEFORE_S, AFTER_S = 30.0, 60.0
SHORT_CUT_S = 8.0
"""Below the 10 s for which a band is sought at once on the air."""
CUT_WHILE_STREAMING_S = 120.0


async def cut_for(cut_s: float, path, *, streams: tuple[StreamId, ...]):
    band = Band.open("sim:rest", reconnect=AT_ONCE, record_to=path)
    console = console_of(band)
    async with band:
        await band.run_for(6)
        followed = {"vitals": Gathering(band.vitals()), "events": Gathering(band.events())}
        followed |= {stream.name: Gathering(band.waveform(stream)) for stream in streams}
        await band.run_for(BEFORE_S)
        lost_on_line = console.link_counters.lost_bytes
        cut_at_s = console.now_s
        console.cut_link(round(cut_s * 1000))
        await band.run_for(cut_s + AFTER_S)
        # A reply names the number that comes next: from then on every loss is known.
        await band.command(CommandCode.SEND_IDENTITY)
        await band.save()
        items = {name: await gathering.stop() for name, gathering in followed.items()}
    # After the end: a frame that still came while the iterators were stopped is in the store as well.
    statistics = band.statistics
    with StoreReader(path) as reader:
        stored = [(row.boot_id, row.sequence) for row in reader.frames()]
    return {
        "statistics": statistics,
        "items": items,
        "stored": stored,
        "cut_at_s": cut_at_s,
        "lost_on_line": console.link_counters.lost_bytes - lost_on_line,
    }


@pytest.fixture(scope="module")
def short_cut(lane_kind, tmp_path_factory):
    """With both raw streams: all of it fits the journal."""
    folder = tmp_path_factory.mktemp("short")
    return play(cut_for(SHORT_CUT_S, folder / "short.vband", streams=tuple(StreamId)))


@pytest.fixture(scope="module")
def long_cut(lane_kind, tmp_path_factory):
    """Longer than the journal of 8 KB would hold a frame an update for; as runs it holds half an hour."""
    folder = tmp_path_factory.mktemp("long")
    return play(cut_for(250.0, folder / "long.vband", streams=()))


@pytest.fixture(scope="module")
def cut_while_streaming(lane_kind, tmp_path_factory):
    """Two minutes with both raw streams on, which alone would fill the journal eight times over."""
    folder = tmp_path_factory.mktemp("streaming")
    return play(cut_for(CUT_WHILE_STREAMING_S, folder / "streaming.vband", streams=tuple(StreamId)))


def times_of_updates(run) -> list[int]:
    return sorted(item.stamp.ticks_ms for item in run["items"]["vitals"] if isinstance(item, VitalsUpdate))


@pytest.mark.parametrize("cut", ["short_cut", "long_cut", "cut_while_streaming"])
def test_received_repaired_and_missing_are_all_that_the_band_numbered(cut, request):
    run = request.getfixturevalue(cut)
    statistics, stored = run["statistics"], run["stored"]
    assert {boot_id for boot_id, _ in stored} == {1}
    assert len(set(stored)) == len(stored) == statistics.received_frames + statistics.repaired_frames
    assert statistics.missing_frames == max(sequence for _, sequence in stored) + 1 - len(stored)
    assert statistics.connections == 2


def test_a_short_cut_loses_nothing(short_cut):
    statistics = short_cut["statistics"]
    assert statistics.missing_frames == 0
    assert statistics.dropped_on_band == 0
    times_ms = times_of_updates(short_cut)
    assert all(later - earlier < 2100 for earlier, later in itertools.pairwise(times_ms))


def test_what_waited_on_the_band_comes_after_the_cut(short_cut):
    waited = [
        item
        for item in short_cut["items"]["vitals"]
        if isinstance(item, VitalsUpdate)
        and short_cut["cut_at_s"] < item.stamp.ticks_ms / 1000 < short_cut["cut_at_s"] + SHORT_CUT_S
    ]
    assert len(waited) == SHORT_CUT_S / 2


@pytest.mark.parametrize("stream", list(StreamId))
def test_the_samples_of_a_short_cut_come_after_it(short_cut, stream):
    chunks = [item for item in short_cut["items"][stream.name] if isinstance(item, SampleChunk)]
    numbers = [n for c in chunks for n in range(c.first_sample, c.first_sample + len(c.counts))]
    assert len(set(numbers)) == len(numbers)
    assert len(numbers) == max(numbers) + 1 - min(numbers)
    fetched = sum(len(chunk.counts) for chunk in chunks if chunk.stamp.is_backfilled)
    # A radio without a connection takes nothing: what waits comes in turn, as far as it is kept for that.
    if not bands.carrier.is_air:
        # What was on the line when it was cut is fetched too, and one block more or less.
        assert fetched == pytest.approx(SHORT_CUT_S * chunks[0].descriptor.rate_hz, abs=128)


def test_the_iterators_tell_of_the_cut_in_order(short_cut):
    states = [item.state for item in short_cut["items"]["vitals"] if isinstance(item, ConnectionEvent)]
    assert states == [ConnectionState.LOST, ConnectionState.BACKING_OFF, ConnectionState.RESUMING]


def test_a_cut_of_minutes_loses_nothing(long_cut):
    statistics = long_cut["statistics"]
    assert statistics.missing_frames == statistics.dropped_on_band == 0
    times_ms = times_of_updates(long_cut)
    assert all(later - earlier < 2100 for earlier, later in itertools.pairwise(times_ms))


def test_streams_that_nobody_takes_do_not_push_out_the_vital_signs(cut_while_streaming):
    cut_at_s = cut_while_streaming["cut_at_s"]
    times_s = [time_ms / 1000 - cut_at_s for time_ms in times_of_updates(cut_while_streaming)]
    without_host = [time_s for time_s in times_s if 0 < time_s < CUT_WHILE_STREAMING_S]
    # What the streams pushed out before the band let go of the silent host, 30 s after the cut.
    assert without_host[0] < 30
    assert all(later - earlier < 2.1 for earlier, later in itertools.pairwise(without_host))
    assert without_host[-1] > CUT_WHILE_STREAMING_S - 2


@pytest.mark.parametrize("stream", list(StreamId))
def test_streams_go_on_when_the_host_is_back(cut_while_streaming, stream):
    items = cut_while_streaming["items"][stream.name]
    chunks = [item for item in items if isinstance(item, SampleChunk)]
    end_s = cut_while_streaming["cut_at_s"] + CUT_WHILE_STREAMING_S + AFTER_S
    # A block holds at most 4 s of samples, and is made after the next read, 0.8 s later.
    assert chunks[-1].stamp.ticks_ms / 1000 > end_s - 4.8


def test_without_the_wish_to_come_back_a_cut_is_an_error():
    async def work():
        band = Band.open("sim:rest", reconnect=False)
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            console_of(band).cut_link()
            with pytest.raises(TransportError, match=r"cable is cut|connection .* was lost"):
                async for _ in vitals:
                    pass

    play(work())


def test_a_band_that_restarts_is_found_again_under_its_new_boot():
    async def work():
        band = Band.open("sim:rest", reconnect=AT_ONCE)
        console = console_of(band)
        async with band:
            vitals = Gathering(band.vitals())
            await band.run_for(30)
            console.restart()
            await band.run_for(60)
            items = await vitals.stop()
            return items, band.statistics

    items, statistics = play(work())
    boots = [item.stamp.boot_id for item in items if isinstance(item, VitalsUpdate)]
    assert boots == sorted(boots)
    assert boots[0] == 1
    assert boots[-1] > 1
    assert boots.count(boots[-1]) >= 20
    assert statistics.missing_frames == 0
