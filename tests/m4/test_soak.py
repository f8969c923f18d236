"""Ten minutes of a band's day on the image: nothing resets, grows or is lost, and the clock is right."""

from dataclasses import replace

import pytest

from m4.tool_chain import need_image
from soak.day import CYCLE_S, Day, live

HANG_LIMIT_S = 280


@pytest.fixture(scope="module")
def day() -> Day:
    need_image()
    return live(CYCLE_S + 12, lane_kind="m4", looks=4)


@pytest.mark.timeout(HANG_LIMIT_S)
def test_nothing_resets_grows_or_is_lost_and_every_frame_is_on_its_tick(day: Day) -> None:
    assert day.failures() == []
    assert day.cuts == 1
    assert day.statistics is not None
    assert day.statistics.repaired_frames > 0
    assert len(day.ticks_ms) > 290


def test_what_is_wrong_with_a_day_is_told(day: Day) -> None:
    missing = set(sorted(day.ticks_ms)[:50] + sorted(day.ticks_ms)[51:])
    grown = [*day.heaps, replace(day.heaps[-1], used_bytes=day.heaps[-1].used_bytes + 4096)]
    assert replace(day, restarts=1).failures() == ["1 restarts"]
    assert replace(day, log=["booted", "a fault"]).failures() == ["log: a fault"]
    assert replace(day, ticks_ms=missing).failures() == [
        "1 frames of vital signs are not there, 0 are off the tick"
    ]
    assert replace(day, end_ms=day.end_ms + 5000).failures()[0].startswith("the last frame is of ")
    assert replace(day, heaps=grown).failures()[0].startswith("the heap swings by ")
