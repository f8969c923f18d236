"""Virtual time: who lets it pass, by how much, and that nothing else does."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bandsim.protocol import TICKS_MODULUS_MS
from sim.helpers import FOREVER, rig


def test_computing_takes_no_virtual_time(tmp_path: Path) -> None:
    body = """
    before = time.ticks_us()
    for _ in range(20000):
        pass
    print(time.ticks_us() - before)
    time.sleep_ms(30)
    print(time.ticks_us() - before)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        assert band.log == ["0", "30000"]


def test_time_stands_exactly_where_it_was_to_run_to(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER) as band:
        for duration_ms in (0, 1.234, 500, 499.999):
            before_us = band.conductor.now_us
            band.run_ms(duration_ms)
            assert band.conductor.now_us == before_us + round(duration_ms * 1000)


@pytest.mark.parametrize("count", [0, 1, 100, 1024])
def test_a_write_costs_the_time_of_its_bits_at_400_khz(tmp_path: Path, count: int) -> None:
    body = f"""
    before = time.ticks_us()
    bus.writeto(0x20, bytearray({count}))
    print(time.ticks_us() - before)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        bits = 2 + 9 * (1 + count)  # start and stop; address and bytes, each with its acknowledgement
        assert band.log == [str(int(bits * 2.5))]


def test_reading_a_register_is_one_exchange_and_costs_its_bits(tmp_path: Path) -> None:
    body = """
    before = time.ticks_us()
    bus.readfrom_mem_into(0x20, 7, bytearray(6))
    print(time.ticks_us() - before)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        bits = 3 + 9 * (1 + 1 + 1 + 6)  # start, restart, stop; address, register, address, bytes
        assert band.log == [str(int(bits * 2.5))]
        assert band.conductor.counters.bus_transfers == 1


def test_a_wait_ends_at_its_tick_and_not_a_millisecond_after_now(tmp_path: Path) -> None:
    body = """
    time.sleep_us(700)
    poll.ipoll(5)
    print(time.ticks_us())
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(100)
        assert band.log == ["5000"]


@pytest.mark.parametrize("ahead_ms", [1, 40, 99])
def test_ticks_wrap_at_two_to_the_30_and_waits_go_on_across_it(tmp_path: Path, ahead_ms: int) -> None:
    body = """
    before = time.ticks_ms()
    for _ in range(10):
        poll.ipoll(10)
        now = time.ticks_ms()
        print(now, time.ticks_diff(now, before))
        before = now
    """
    start_ms = TICKS_MODULUS_MS - ahead_ms
    with rig(tmp_path, body + FOREVER, start_tick_ms=start_ms) as band:
        band.run_ms(150)
        assert band.log == [f"{(start_ms + 10 * n) % TICKS_MODULUS_MS} 10" for n in range(1, 11)]
        assert band.conductor.now_us == 150_000


def test_ticks_add_and_diff_are_those_of_a_32_bit_port(tmp_path: Path) -> None:
    body = """
    print(time.ticks_add((1 << 30) - 1, 2), time.ticks_add(0, -1), time.ticks_diff(3, (1 << 30) - 2))
    print(time.ticks_diff(0, 1 << 29), time.ticks_diff((1 << 29) - 1, 0))
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(1)
        assert band.log == ["1 1073741823 5", "-536870912 536870911"]


def test_deeds_happen_at_their_own_time_and_in_order(tmp_path: Path) -> None:
    done: list[tuple[str, int]] = []
    with rig(tmp_path, FOREVER) as band:
        timeline = band.conductor.timeline
        for name, at_us in (("c", 30_000), ("a", 10_000), ("b", 10_000), ("past", -5)):
            timeline.at(at_us, lambda name=name: done.append((name, band.conductor.now_us)))
        band.run_ms(40)
    assert done == [("past", 0), ("a", 10_000), ("b", 10_000), ("c", 30_000)]


def test_a_deed_may_schedule_another(tmp_path: Path) -> None:
    times_us: list[int] = []
    with rig(tmp_path, FOREVER) as band:
        timeline = band.conductor.timeline

        def tick() -> None:
            times_us.append(timeline.now_us)
            timeline.at(timeline.now_us + 7000, tick)

        timeline.at(0, tick)
        band.run_ms(21)
    assert times_us == [0, 7000, 14_000, 21_000]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces_ms=st.lists(st.floats(0, 700), min_size=1, max_size=12))
def test_what_the_band_says_does_not_depend_on_how_its_time_is_cut(
    tmp_path: Path, pieces_ms: list[float]
) -> None:
    body = """
    number = 0
    while True:
        number += 1
        uart.write(b"%d:%d " % (number, time.ticks_us()))
        poll.ipoll(37)
    """
    with rig(tmp_path, body) as whole, rig(tmp_path, body) as cut:
        for piece_ms in pieces_ms:
            cut.run_ms(piece_ms)
        whole.conductor.start()
        whole.conductor.run_until(cut.conductor.now_us)
        assert cut.link.take_output() == whole.link.take_output() != b""
