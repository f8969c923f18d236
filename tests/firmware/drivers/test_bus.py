"""The bus: who answers, what is counted, what fails; and the arithmetic under the sampling chips."""

from errno import EIO, ENODEV, ETIMEDOUT

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandsim.bus import I2cBus, Transfer
from bandsim.chips import Ssd1306Model
from bandsim.chips.base import Ring, SampleClock, SampleStore

ADDRESSES = [0x36, 0x3C, 0x48, 0x57, 0x6A]


def code(action):
    with pytest.raises(OSError) as caught:
        action()
    return caught.value.args[0]


def test_two_chips_cannot_share_an_address():
    with pytest.raises(ValueError, match="one chip at 0x3C, got ssd1306 and ssd1306"):
        I2cBus([Ssd1306Model(), Ssd1306Model()])


def test_a_chip_is_found_by_its_name_or_the_names_are_given(rig):
    assert rig.bus.chip_named("tmp117").address == 0x48
    with pytest.raises(KeyError, match=r"lsm6dso, max17048, max30101, ssd1306, tmp117.*'bmp280'"):
        rig.bus.chip_named("bmp280")


def test_a_scan_gives_those_that_answer(rig):
    assert rig.i2c.scan() == ADDRESSES
    rig.bus.fail(0x48)
    assert rig.i2c.scan() == [0x36, 0x3C, 0x57, 0x6A]
    rig.bus.stick()
    assert rig.i2c.scan() == []


def test_nobody_answers_at_an_empty_address(rig):
    assert code(lambda: rig.bus.read(0x10, 1, 0)) == ENODEV
    assert rig.bus.transfers[0x10].refused == 1


def test_a_failed_chip_answers_again_with_its_registers_reset(rig):
    rig.poke(0x57, 0x0C, 0x55)
    rig.bus.fail(0x57)
    assert code(lambda: rig.peek(0x57, 0x0C)) == ENODEV
    assert code(lambda: rig.poke(0x57, 0x0C, 1)) == ENODEV
    assert rig.peek(0x6A, 0x0F) == b"\x6c"
    rig.bus.restore(0x57)
    assert rig.peek(0x57, 0x0C) == b"\x00"


def test_restoring_a_chip_that_did_not_fail_changes_nothing(rig):
    rig.poke(0x57, 0x0C, 0x55)
    rig.bus.restore(0x57)
    assert rig.peek(0x57, 0x0C) == b"\x55"


def test_a_chip_that_is_not_there_cannot_fail(rig):
    with pytest.raises(KeyError):
        rig.bus.fail(0x10)


@pytest.mark.parametrize("errno", [EIO, ETIMEDOUT])
def test_a_stuck_bus_refuses_everyone_until_released(rig, errno):
    rig.bus.stick(errno)
    for address in ADDRESSES:
        assert code(lambda address=address: rig.peek(address, 0)) == errno
    rig.bus.release()
    assert rig.peek(0x6A, 0x0F) == b"\x6c"


def test_a_bus_cannot_be_stuck_with_another_error(rig):
    with pytest.raises(ValueError, match=f"EIO .* or ETIMEDOUT .*, got {ENODEV}"):
        rig.bus.stick(ENODEV)


def test_transfers_are_counted_by_address(rig):
    rig.i2c.writeto_mem(0x57, 0x0C, b"\x01\x02")
    rig.i2c.readfrom_mem_into(0x57, 0x0C, bytearray(3))
    rig.i2c.readfrom_into(0x3C, bytearray(1))
    assert rig.i2c.writevto(0x3C, [b"\x40", b"\x01\x02"]) == 3
    ppg, display = rig.bus.transfers[0x57], rig.bus.transfers[0x3C]
    assert (ppg.writes, ppg.reads, ppg.bytes_written, ppg.bytes_read) == (1, 1, 4, 3)
    assert (display.writes, display.reads, display.bytes_written, display.bytes_read) == (1, 1, 3, 1)


def test_a_trace_holds_every_transfer(rig):
    rig.bus.trace = []
    rig.now_us = 5
    rig.i2c.writeto_mem(0x57, 0x0C, b"\x01")
    rig.i2c.readfrom_mem_into(0x57, 0xFF, bytearray(1))
    with pytest.raises(OSError, match="nobody answers"):
        rig.i2c.readfrom_into(0x20, bytearray(2))
    rig.bus.stick()
    with pytest.raises(OSError, match="stuck"):
        rig.i2c.writeto(0x57, b"\x09")
    assert rig.bus.trace == [
        Transfer(5, 0x57, b"\x0c\x01", 0, b""),
        Transfer(5, 0x57, b"\xff", 1, b"\x15"),
        Transfer(5, 0x20, b"", 2, ENODEV),
        Transfer(5, 0x57, b"\x09", 0, ETIMEDOUT),
    ]


def test_an_empty_write_only_asks_whether_the_chip_is_there(rig):
    for address in ADDRESSES:
        rig.bus.write(address, b"", 0)


@given(
    rate_hz=st.sampled_from([12.5, 25, 26, 104, 3333]),
    error_ppm=st.integers(-100_000, 100_000),
    start_us=st.integers(0, 10**12),
    index=st.integers(0, 10**7),
)
def test_a_sample_is_finished_at_its_time_and_not_before(rate_hz, error_ppm, start_us, index):
    clock = SampleClock(error_ppm)
    clock.start(rate_hz, start_us)
    # A float of seconds near 10^6 s is good to 0.2 ns; the microsecond around it is left out.
    at_us = clock.time_s(index) * 1e6
    assert clock.finished(int(at_us) - 1) <= index
    assert clock.finished(int(at_us) + 2) >= index + 1


@given(
    cuts=st.lists(st.integers(0, 40), min_size=1, max_size=30),
    ahead=st.integers(1, 50),
    forgets=st.sets(st.integers(0, 29)),
    skips=st.sets(st.integers(0, 29)),
)
def test_a_store_gives_the_same_samples_however_it_is_asked(cuts, ahead, forgets, skips):
    def draw(index, count):
        return (np.arange(index, index + count)[:, None] * [1, 3, 7] % 251).astype(np.uint8)

    store = SampleStore(draw, ahead)
    at = 0
    for turn, cut in enumerate(cuts):
        if turn in forgets:
            store.forget()
        if turn in skips:
            at += 17
        assert store.take(at, cut) == draw(at, cut).tobytes()
        at += cut


@given(depth=st.integers(1, 40), width=st.integers(1, 9), puts=st.lists(st.integers(0, 60), max_size=20))
def test_a_ring_gives_back_what_was_put_around_its_end(depth, width, puts):
    ring = Ring(depth)
    ring.widen(width)
    slot = 0
    for turn, wanted in enumerate(puts):
        count = min(wanted, depth)
        samples = bytes((turn * 7 + index) & 0xFF for index in range(count * width))
        ring.put(slot, samples)
        assert ring.get(slot, count) == samples
        slot = (slot + count) % depth
