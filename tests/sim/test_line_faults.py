"""A line that stalls, is slow or late, or parts after a byte: what has passed is whole and in order."""

from pathlib import Path

import pytest

from bandsim.link_port import TRANSMIT_BYTES, LinkFaults
from sim.helpers import FOREVER, Rig, rig

ECHO = """
heard = bytearray(64)
while True:
    for _ in poll.ipoll(1000):
        count = uart.readinto(heard)
        print(count, "at", time.ticks_ms())
        uart.write(memoryview(heard)[:count])
"""

TALK = """
    said = 0
    refused = 0
    while True:
        for at in range(10):
            if uart.write(bytes((said & 255,))) is None:
                refused += 1
            else:
                said += 1
        print(said, refused)
        time.sleep_ms(100)
"""
"""Says ten bytes each 100 ms that count up, and what of them was refused."""


def arrivals(band: Rig, until_ms: float) -> list[tuple[int, bytes]]:
    """What comes to the host by a time, with the times in ms."""
    found: list[tuple[int, bytes]] = []
    until_us = round(until_ms * 1000)
    band.conductor.start()
    while band.conductor.now_us < until_us:
        band.conductor.run_until(until_us, stop_on_output=True)
        if band.link.has_output:
            found.append((band.conductor.now_us // 1000, band.link.take_output()))
    return found


def test_bytes_wait_both_ways_while_the_line_stalls(tmp_path: Path) -> None:
    with rig(tmp_path, ECHO) as band:
        band.run_ms(10)
        band.link.stall()
        band.link.feed(b"first")
        band.link.feed(b"second")
        band.run_ms(990)
        assert band.log == []
        assert band.link.input_bytes == 0
        band.link.resume()
        assert arrivals(band, 1100) == [(1000, b"firstsecond")]
        assert band.log == ["11 at 1000"]


def test_a_stalled_line_takes_a_transmit_buffer_and_gives_it_whole(tmp_path: Path) -> None:
    with rig(tmp_path, TALK) as band:
        band.link.stall()
        assert arrivals(band, 8000) == []
        said, refused = (int(word) for word in band.log[-1].split())
        assert said == TRANSMIT_BYTES
        assert refused > 0
        band.link.resume()
        came = b"".join(data for _, data in arrivals(band, 9000))
        assert came == bytes(number & 255 for number in range(len(came)))
        assert len(came) > TRANSMIT_BYTES


def test_a_wait_for_room_ends_when_the_stall_does(tmp_path: Path) -> None:
    body = """
    poll.modify(uart, select.POLLOUT)
    while uart.write(bytes(64)):
        pass
    poll.ipoll(60000)
    print(time.ticks_ms())
    poll.modify(uart, select.POLLIN)
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.link.stall()
        band.conductor.timeline.at(7_000_000, band.link.resume)
        band.run_ms(10_000)
        assert band.log == ["7000"]


def test_a_slow_line_takes_its_time_in_both_directions(tmp_path: Path) -> None:
    with rig(tmp_path, ECHO) as band:
        band.run_ms(10)
        band.link.faults = LinkFaults(most_bytes_per_s=100)
        band.link.feed(bytes(30))
        assert arrivals(band, 2000) == [(610, bytes(30))]
        assert band.log == ["30 at 310"]


def test_a_slow_line_gives_room_as_slowly(tmp_path: Path) -> None:
    with rig(tmp_path, TALK) as band:
        band.link.faults = LinkFaults(most_bytes_per_s=50)
        came = arrivals(band, 60_000)
        # 50 bytes a second pass, the rest of 100 is refused once the buffer is full.
        assert sum(len(data) for _, data in came) == pytest.approx(50 * 60, abs=2)
        said, refused = (int(word) for word in band.log[-1].split())
        assert said == pytest.approx(50 * 60 + TRANSMIT_BYTES, abs=10)
        assert said + refused == 10 * 600


def test_each_direction_has_its_own_delay(tmp_path: Path) -> None:
    with rig(tmp_path, ECHO) as band:
        band.run_ms(10)
        band.link.faults = LinkFaults(delay_to_band_ms=30, delay_to_host_ms=500)
        band.link.feed(b"one")
        assert arrivals(band, 1000) == [(540, b"one")]
        assert band.log == ["3 at 40"]


def test_bytes_never_overtake_others(tmp_path: Path) -> None:
    with rig(tmp_path, ECHO) as band:
        band.run_ms(10)
        band.link.faults = LinkFaults(delay_to_band_ms=300)
        band.link.feed(b"late ")
        band.link.faults = LinkFaults()
        band.link.feed(b"soon")
        assert arrivals(band, 1000) == [(310, b"late soon")]


@pytest.mark.parametrize("count", range(8))
def test_the_cable_parts_after_any_byte_of_the_host(tmp_path: Path, count: int) -> None:
    with rig(tmp_path, ECHO) as band:
        band.run_ms(10)
        told: list[int] = []
        band.link.cut_after(count, from_band=False, told=lambda: told.append(band.conductor.now_us))
        band.link.feed(b"abc")
        band.link.feed(b"defg")
        band.run_ms(100)
        assert band.link.is_cut
        assert len(told) == 1
        heard = sum(int(line.split()[0]) for line in band.log)
        assert heard == count
        # The rest of the host's seven, and the echo of those before.
        assert band.link.counters.lost_bytes == 7
        band.link.mend()
        band.link.feed(b"again")
        assert arrivals(band, 300)[-1][1].endswith(b"again")


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
def test_the_cable_parts_after_any_byte_of_the_band(tmp_path: Path, count: int) -> None:
    with rig(tmp_path, TALK) as band:
        band.run_ms(10)
        before = len(band.link.take_output())
        band.link.cut_after(count, from_band=True)
        came = b"".join(data for _, data in arrivals(band, 500))
        assert came == bytes(range(before, before + count))
        assert band.link.is_cut
        band.link.mend()
        assert b"".join(data for _, data in arrivals(band, 1000))[0] > before + count


def test_a_cut_loses_what_is_under_way(tmp_path: Path) -> None:
    with rig(tmp_path, ECHO) as band:
        band.run_ms(10)
        band.link.stall()
        band.link.feed(b"waiting")
        band.link.cut()
        band.link.mend()
        band.link.resume()
        band.run_ms(100)
        assert band.log == []
        assert band.link.counters.lost_bytes == 7
