"""The band's clock may run too fast or too slow; everything outside it is in true time."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandsim.conductor import Conductor
from bandsim.tick_clock import TickClock
from sim.helpers import FOREVER, rig

ERRORS_PPM = [-100.0, 0.0, 50.0, 100.0]


@given(
    error_ppm=st.integers(-1000, 1000),
    boot_us=st.integers(0, 2**45),
    passed_us=st.integers(0, 2**45),
    ticks_us=st.integers(0, 2**45),
)
def test_the_time_of_a_tick_is_the_first_at_which_it_is_there(
    error_ppm: int, boot_us: int, passed_us: int, ticks_us: int
) -> None:
    clock = TickClock(error_ppm)
    clock.boot(boot_us)
    time_us = clock.time_us(ticks_us)
    assert clock.ticks_us(time_us) >= ticks_us
    assert clock.ticks_us(time_us - 1) < ticks_us
    assert clock.ticks_us(boot_us + passed_us) == pytest.approx(passed_us * (1 + error_ppm / 1e6), abs=2)


def test_ticks_go_on_from_where_they_are_when_the_error_changes() -> None:
    clock = TickClock(100.0)
    clock.boot(500)
    clock.set_error(-100.0, 10_000_500)
    assert clock.ticks_us(10_000_500) == 10_001_000
    assert clock.ticks_us(20_000_500) == 20_000_000
    assert clock.error_ppm == -100.0


@pytest.mark.parametrize("error_ppm", ERRORS_PPM)
def test_waits_and_sleeps_take_the_bands_time(tmp_path: Path, error_ppm: float) -> None:
    body = """
    due = time.ticks_ms()
    for turn in range(100):
        due = time.ticks_add(due, 10000)
        poll.ipoll(time.ticks_diff(due, time.ticks_ms()))
        print("turn", time.ticks_diff(time.ticks_ms(), due))
    begun = time.ticks_us()
    time.sleep_us(100000000)
    print("slept", time.ticks_diff(time.ticks_us(), begun))
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.conductor.clock.set_error(error_ppm, 0)
        band.run_ms(1_101_000)
        assert band.log == ["turn 0"] * 100 + ["slept 100000000"]
        waits = band.conductor.counters.waits
        assert waits <= 103
        times_us = [line.now_us for line in band.conductor.log.lines]
        assert times_us[100] == pytest.approx(1e9 / (1 + error_ppm / 1e6), abs=1)
        assert times_us[101] == pytest.approx(1.1e9 / (1 + error_ppm / 1e6), abs=2)


@pytest.mark.parametrize("error_ppm", ERRORS_PPM)
def test_ticks_begin_anew_at_each_boot(tmp_path: Path, error_ppm: float) -> None:
    body = """
    print(time.ticks_ms())
    time.sleep(100)
    print(time.ticks_ms())
    reset()
    """
    with rig(tmp_path, body) as band:
        band.conductor.clock.set_error(error_ppm, 0)
        band.run_ms(250_000)
        assert [line for line in band.log if line.isdigit()] == ["0", "100000"] * 2 + ["0"]


def test_a_clock_without_an_error_is_true_time(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER) as band:
        conductor: Conductor = band.conductor
        band.run_ms(12_345)
        assert conductor.clock.ticks_us(conductor.now_us) == conductor.now_us
