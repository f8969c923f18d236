"""An hour of band life: nothing is missing, nothing restarts, and the heap is as large at its end."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from bandsim.console import Console
from bandsim.counters import RunCounters
from bandsim.firmware_reports import HeapReading
from device.bands import Gathering, console_of, play, rest_file
from vitalband import Band, LinkStatistics, StreamId, VitalsUpdate

pytestmark = pytest.mark.longest

HOUR_S = 3600.0
LOOKS = 6
WARM_UP = 1
"""Looks before ten minutes are over: the journal fills, breathing and sleep fill their windows."""


@dataclass(frozen=True)
class Hour:
    """What an hour gave."""

    updates: list[VitalsUpdate]
    heaps: list[HeapReading]
    statistics: LinkStatistics
    counters: RunCounters
    log: list[str]
    end_s: float


async def live_for_an_hour(url: str) -> Hour:
    band = Band.open(url)
    console: Console = console_of(band)
    heaps = []
    async with band:
        vitals = Gathering(band.vitals())
        await band.run_for(6)
        await band.start_stream(StreamId.OPTICAL)
        for _ in range(LOOKS):
            await band.run_for(HOUR_S / LOOKS)
            heaps.append(band.transport.band.measure_heap(collect=True))
        updates = await vitals.stop()
        statistics = band.statistics
    log = [line.text for line in console.log_lines]
    return Hour(updates, heaps, statistics, console.counters, log, console.now_s)


@pytest.fixture(scope="module")
def hour(lane_kind, tmp_path_factory) -> Hour:
    return play(live_for_an_hour(rest_file(tmp_path_factory.mktemp("hour"))))


def test_every_two_seconds_of_the_hour_have_their_vitals(hour):
    assert hour.end_s >= HOUR_S
    assert len(hour.updates) == pytest.approx((HOUR_S - 5) / 2, abs=4)
    for earlier, later in pairwise(hour.updates):
        assert 1900 < later.stamp.ticks_ms - earlier.stamp.ticks_ms < 2100


def test_nothing_is_lost_in_an_hour(hour):
    statistics = hour.statistics
    # 1,797 updates, and at least 900 blocks: none holds more than 100 of the 25 samples a second.
    assert statistics.received_frames > 2650
    losses = (
        "missing_frames",
        "dropped_on_band",
        "bad_packets",
        "bad_records",
        "lost_records",
        "undecodable_frames",
        "blocks_without_descriptor",
        "dropped_items",
    )
    assert {name: getattr(statistics, name) for name in losses} == dict.fromkeys(losses, 0)


def test_nothing_fails_or_restarts_in_an_hour(hour):
    assert hour.counters.restarts == 0
    assert [line for line in hour.log if "booted" not in line] == []


def test_what_lives_on_the_heap_does_not_grow_over_the_hour(hour):
    alive = [heap.used_bytes for heap in hour.heaps[WARM_UP:]]
    assert max(alive) - min(alive) < 512, alive


def test_the_heap_of_the_lane_is_enough(hour, lane_kind):
    assert all(heap.is_collected for heap in hour.heaps)
    # The unix lane leaves a third, the image, which has the heap of its board, what three seconds allocate.
    left_bytes = {"unix": 192 * 1024 // 3, "m4": 4 * 1024}[lane_kind]
    assert min(heap.free_bytes for heap in hour.heaps) > left_bytes
