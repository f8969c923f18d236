"""The LSM6DSO driver against its register model."""

from array import array
from errno import EIO, ENODEV

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.lsm6dso import BURST_SAMPLES, Lsm6dso

ADDRESS = 0x6A
DEPTH = 512


def started(rig):
    driver = Lsm6dso(rig.i2c)
    driver.start()
    return driver


def read_all(driver, rig):
    """Sample numbers of everything in the FIFO."""
    numbers = []
    while count := driver.read_fifo_into(rig.motion):
        numbers += [rig.motion[3 * index] for index in range(count)]
    return numbers


def test_another_chip_is_refused(rig):
    rig.chip("lsm6dso").registers[0x0F] = 0x6B
    with pytest.raises(OSError) as caught:
        Lsm6dso(rig.i2c)
    assert caught.value.args[0] == ENODEV


def test_start_writes_the_stated_configuration(rig):
    driver = Lsm6dso(rig.i2c)
    rig.bus.trace = []
    driver.start()
    writes = [transfer.written for transfer in rig.bus.trace if transfer.read_count == 0]
    assert writes == [
        bytes((0x12, 0x01)),
        bytes((0x12, 0x44)),
        bytes((0x15, 0x10)),
        bytes((0x19, 0x20)),
        bytes((0x09, 0x02)),
        bytes((0x0A, 0x00)),
        bytes((0x0A, 0x06)),
        bytes((0x10, 0x28)),
    ]


def test_samples_come_at_26_hz_as_signed_counts(rig):
    driver = started(rig)
    rig.wait_ms(1000)
    assert driver.read_fifo_into(rig.motion) == 26
    assert rig.motion[:9].tolist() == [0, 0, 8192, 1, -1, 8192, 2, -2, 8192]


def test_values_beyond_full_scale_are_clipped(rig):
    driver = started(rig)
    rig.stimulus.acceleration_g = lambda _s, count, _r: np.tile([9.0, -9.0, -4.0], (count, 1))
    rig.wait_ms(40)
    driver.read_fifo_into(rig.motion)
    assert rig.motion[:3].tolist() == [32767, -32768, -32768]


def test_a_read_takes_two_transfers(rig):
    driver = started(rig)
    assert rig.transfers_of(lambda: driver.read_fifo_into(rig.motion)) == 1
    rig.wait_ms(800)
    assert rig.transfers_of(lambda: driver.read_fifo_into(rig.motion)) == 2


def test_a_long_queue_is_read_in_bursts(rig):
    driver = started(rig)
    rig.wait_ms(10_000)
    assert driver.read_fifo_into(rig.motion) == BURST_SAMPLES
    assert len(read_all(driver, rig)) == 260 - BURST_SAMPLES
    assert driver.lost_samples == 0


@given(
    waits=st.lists(
        st.one_of(st.integers(0, 3000), st.integers(15_000, 60_000)),
        min_size=1,
        max_size=12,
    ),
    bursts=st.lists(st.integers(1, 40), min_size=12, max_size=12),
    transfer_us=st.sampled_from([0, 300, 5000]),
)
def test_every_sample_is_read_in_its_place_or_counted(waits, bursts, transfer_us, make_rig):
    rig = make_rig()
    driver = started(rig)
    rig.i2c.transfer_us = transfer_us
    rig.wait_ms(800)
    taken = len(read_all(driver, rig))
    for wait, most in zip(waits, bursts, strict=False):
        rig.wait_ms(wait)
        for _ in range(most):
            count = driver.read_fifo_into(rig.motion)
            if count:
                # 16-bit counts: the numbers stay below 12 x 60 s x 26 Hz = 18720.
                first = taken + driver.lost_samples
                assert rig.motion[0 : 3 * count : 3].tolist() == list(range(first, first + count))
            taken += count
    rig.i2c.transfer_us = 0
    taken += len(read_all(driver, rig))
    assert taken + driver.lost_samples == rig.now_us * 26 // 1_000_000


def test_a_fifo_that_overran_before_the_first_read_is_counted_within_one_sample(make_rig):
    for wait_ms in (19_700, 24_174, 60_000):
        rig = make_rig()
        driver = started(rig)
        rig.wait_ms(wait_ms)
        driver.read_fifo_into(rig.motion)
        # The first sample taken has its own number: that many were lost before it.
        assert abs(driver.lost_samples - rig.motion[0]) <= 1


def test_a_very_long_gap_is_counted(rig):
    driver = started(rig)
    rig.wait_ms(800)
    before = len(read_all(driver, rig))
    rig.wait_ms(1_000_000)
    # The model's 26 Hz and timestamp are exact, so is the count; the numbers no longer fit 16 bits.
    taken = len(read_all(driver, rig))
    assert taken == DEPTH
    assert before + taken + driver.lost_samples == rig.now_us * 26 // 1_000_000


def test_the_rate_of_the_oscillator_does_not_disturb_the_count(make_rig):
    rig = make_rig(error_ppm=-80_000)
    driver = started(rig)
    taken = 0
    for wait in (800, 40_000, 800, 100_000, 800):
        rig.wait_ms(wait)
        while count := driver.read_fifo_into(rig.motion):
            taken += count
    assert taken + driver.lost_samples == rig.now_us * 2392 // 100_000_000


def test_words_taken_by_a_broken_burst_are_counted(rig):
    driver = started(rig)
    rig.wait_ms(800)
    assert read_all(driver, rig) == list(range(20))
    rig.wait_ms(1000)
    rig.i2c.fail_at = 1
    with pytest.raises(OSError):
        driver.read_fifo_into(rig.motion)
    rig.peek(ADDRESS, 0x78, 8 * 7)
    assert read_all(driver, rig) == list(range(28, 46))
    assert driver.lost_samples == 8


def test_a_broken_burst_that_took_everything_is_counted_after_an_empty_read(rig):
    driver = started(rig)
    rig.wait_ms(800)
    read_all(driver, rig)
    rig.wait_ms(310)
    rig.i2c.fail_at = 1
    with pytest.raises(OSError):
        driver.read_fifo_into(rig.motion)
    rig.peek(ADDRESS, 0x78, 8 * 7)
    assert driver.read_fifo_into(rig.motion) == 0
    rig.wait_ms(200)
    assert read_all(driver, rig) == list(range(28, 34))
    assert driver.lost_samples == 8


def test_words_of_other_sensors_are_passed_over(rig):
    driver = started(rig)
    rig.wait_ms(160)
    rig.peek(ADDRESS, 0x0F)
    memory = rig.chip("lsm6dso")._fifo._memory
    memory[7] = memory[7] & 0x07 | 3 << 3
    assert driver.read_fifo_into(rig.motion) == 3
    assert rig.motion[0:9:3].tolist() == [0, 2, 3]
    assert driver.lost_samples == 0


def test_a_refused_read_at_any_transfer_raises_and_loses_nothing(make_rig):
    for fail_at in (0, 1):
        rig = make_rig()
        driver = started(rig)
        rig.wait_ms(800)
        rig.i2c.fail_at = fail_at
        with pytest.raises(OSError):
            driver.read_fifo_into(rig.motion)
        assert read_all(driver, rig) == list(range(20))
        assert driver.lost_samples == 0


def test_a_refused_transfer_anywhere_in_start_leaves_a_driver_that_can_start(make_rig):
    rig = make_rig()
    transfers = rig.transfers_of(started(rig).start)
    for fail_at in range(transfers):
        rig = make_rig()
        driver = Lsm6dso(rig.i2c)
        rig.i2c.fail_at = fail_at
        with pytest.raises(OSError):
            driver.start()
        driver.start()
        rig.wait_ms(500)
        assert driver.read_fifo_into(rig.motion) == 13


def test_a_reset_that_never_ends_is_an_error(rig, monkeypatch):
    driver = Lsm6dso(rig.i2c)
    chip = rig.chip("lsm6dso")
    monkeypatch.setattr(chip, "power_on", lambda: chip.registers.__setitem__(0x12, 0x05))
    with pytest.raises(OSError) as caught:
        driver.start()
    assert caught.value.args[0] == EIO


def test_a_chip_that_lost_its_power_is_an_error_until_started_again(rig):
    driver = started(rig)
    rig.wait_ms(800)
    read_all(driver, rig)
    rig.bus.fail(ADDRESS)
    rig.bus.restore(ADDRESS)
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            driver.read_fifo_into(rig.motion)
        assert caught.value.args[0] == EIO
    driver.start()
    rig.wait_ms(100)
    assert driver.read_fifo_into(rig.motion) == 2


def test_stop_powers_down_and_empties_the_fifo(rig):
    driver = started(rig)
    rig.wait_ms(800)
    driver.stop()
    assert driver.read_fifo_into(rig.motion) == 0
    rig.wait_ms(800)
    assert driver.read_fifo_into(rig.motion) == 0
    driver.start()
    rig.wait_ms(1000)
    assert driver.read_fifo_into(rig.motion) == 26
    assert driver.lost_samples == 0


def test_a_small_buffer_leaves_the_rest_in_the_fifo(rig):
    driver = started(rig)
    rig.wait_ms(800)
    small = array("h", bytes(2 * 3 * 8))
    counts = [driver.read_fifo_into(small) for _ in range(4)]
    assert counts == [8, 8, 4, 0]
    assert driver.lost_samples == 0
