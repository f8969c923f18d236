"""An hour of band life: nothing is missing, nothing restarts, and the heap is as large at its end.

The image lives for half of it, as an emulated hour takes more than a minute; `make soak-m4` gives it a day.
"""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from bandsim.console import Console
from bandsim.counters import RunCounters
from bandsim.firmware_reports import HeapReading
from device.bands import Gathering, console_of, play, rest_file
from vitalband import Band, LinkStatistics, StreamId, VitalsUpdate

pytestmark = pytest.mark.longest

LIFE_S = {"unix": 3600.0, "m4": 1800.0}
LIFE_ON_BLUEZ_S = 300.0
"""Each frame takes the machine some tenths of a second."""
LOOK_S = 600.0
WARM_UP = 1
"""Looks before ten minutes are over: the journal fills, breathing and sleep fill their windows."""


@dataclass(frozen=True)
class Hour:
    """What an hour gave, or `asked_s` of it."""

    asked_s: float
    updates: list[VitalsUpdate]
    heaps: list[HeapReading]
    statistics: LinkStatistics
    counters: RunCounters
    log: list[str]
    end_s: float


async def live_for(url: str, asked_s: float) -> Hour:
    band = Band.open(url)
    console: Console = console_of(band)
    heaps = []
    async with band:
        vitals = Gathering(band.vitals())
        await band.run_for(6)
        await band.start_stream(StreamId.OPTICAL)
        look_s = min(LOOK_S, asked_s)
        for _ in range(round(asked_s / look_s)):
            await band.run_for(look_s)
            heaps.append(band.transport.band.measure_heap(collect=True))
        updates = await vitals.stop()
        statistics = band.statistics
    log = [line.text for line in console.log_lines]
    return Hour(asked_s, updates, heaps, statistics, console.counters, log, console.now_s)


@pytest.fixture(scope="module")
def hour(lane_kind, request, tmp_path_factory) -> Hour:
    is_bluez = request.config.getoption("--carrier") == "bluez"
    asked_s = LIFE_ON_BLUEZ_S if is_bluez else LIFE_S[lane_kind]
    return play(live_for(rest_file(tmp_path_factory.mktemp("hour")), asked_s))


def test_every_two_seconds_of_the_hour_have_their_vitals(hour):
    assert hour.end_s >= hour.asked_s
    # The wearer agrees in the sixth second.
    assert len(hour.updates) == pytest.approx((hour.end_s - 6) / 2, abs=4)
    for earlier, later in pairwise(hour.updates):
        assert 1900 < later.stamp.ticks_ms - earlier.stamp.ticks_ms < 2100


def test_nothing_is_lost_in_an_hour(hour):
    statistics = hour.statistics
    # An update in 2 s, and a block in 4: none holds more than 100 of the 25 samples a second.
    assert statistics.received_frames > 0.98 * hour.asked_s * (1 / 2 + 1 / 4)
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


@pytest.mark.off_bluez(reason="what fills in the first ten minutes is no growth")
def test_what_lives_on_the_heap_does_not_grow_over_the_hour(hour):
    alive = [heap.used_bytes for heap in hour.heaps[WARM_UP:]]
    assert max(alive) - min(alive) < 512, alive


def test_the_heap_of_the_lane_is_enough(hour, lane_kind):
    assert all(heap.is_collected for heap in hour.heaps)
    # The unix lane leaves a third, the image, which has the heap of its board, what three seconds allocate.
    left_bytes = {"unix": 192 * 1024 // 3, "m4": 4 * 1024}[lane_kind]
    assert min(heap.free_bytes for heap in hour.heaps) > left_bytes
