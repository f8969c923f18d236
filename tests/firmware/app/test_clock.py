"""The clock counts 32 bits of milliseconds and seconds from ticks that wrap at 2^30."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.clock import Clock, after_ms, elapsed_ms

WRAP = 1 << 30
LONGEST_STEP_MS = (1 << 29) - 1


@given(
    start_ms=st.integers(0, WRAP - 1),
    steps=st.lists(st.integers(0, LONGEST_STEP_MS), min_size=1, max_size=60),
)
def test_all_views_count_what_has_passed_since_boot(virtual_time, start_ms, steps):
    virtual_time.now_ms = start_ms
    clock = Clock()
    for step in steps:
        virtual_time.now_ms += step
        clock.update()
    passed = sum(steps)
    assert clock.ticks_high << 16 | clock.ticks_low == passed % (1 << 32)
    assert clock.uptime_s == passed // 1000
    assert clock.now_ms == (start_ms + passed) % WRAP


@given(start_ms=st.integers(0, WRAP - 1), delay_ms=st.integers(-LONGEST_STEP_MS, LONGEST_STEP_MS))
def test_elapsed_undoes_after_across_the_wrap(start_ms, delay_ms):
    assert elapsed_ms(start_ms, after_ms(start_ms, delay_ms)) == delay_ms


@pytest.mark.parametrize("wrap_ms", [1 << 30, 1 << 32])
def test_the_band_works_on_across_a_wrap(make_rig, virtual_time, wrap_ms):
    rig = make_rig(start_ms=(-20_000) % WRAP)
    rig.core.clock.ticks_low, rig.core.clock.ticks_high = 0xFFFF - 19_999, wrap_ms // (1 << 16) - 1 & 0xFFFF
    host = rig.connect()
    rig.agree()
    rig.run(60_000)
    ticks = [update.ticks_ms for update in host.updates()]
    steps = {(after - before) % (1 << 32) for before, after in itertools.pairwise(ticks)}
    assert steps == {2000}
    assert max(ticks) - min(ticks) >= (1 << 31) or wrap_ms == 1 << 30
    assert len(ticks) >= 28
