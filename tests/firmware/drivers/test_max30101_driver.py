"""The MAX30101 driver against its register model."""

from array import array
from errno import EIO, ENODEV

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.max30101 import NO_TEMPERATURE, Max30101

ADDRESS = 0x57
FULL_MS = 1280


def started(rig):
    driver = Max30101(rig.i2c)
    driver.start()
    return driver


def numbers(samples, count):
    """Sample numbers since the start: sample k is the mean of the 40 ms around 40 k + 20 ms."""
    return [(samples[3 * index] - 20) // 40 for index in range(count)]


def test_another_part_is_refused(rig):
    rig.chip("max30101").registers[0xFF] = 0x11
    with pytest.raises(OSError) as caught:
        Max30101(rig.i2c)
    assert caught.value.args[0] == ENODEV


def test_a_missing_chip_is_refused(rig):
    rig.bus.fail(ADDRESS)
    with pytest.raises(OSError) as caught:
        Max30101(rig.i2c)
    assert caught.value.args[0] == ENODEV


def test_nothing_is_sampled_before_start(rig):
    driver = Max30101(rig.i2c)
    rig.chip("max30101").registers[0x00] = 0
    rig.wait_ms(FULL_MS)
    assert driver.read_fifo_into(rig.optical) == 0


def test_start_writes_the_stated_configuration(rig):
    driver = Max30101(rig.i2c)
    rig.bus.trace = []
    driver.start()
    writes = [transfer.written for transfer in rig.bus.trace if transfer.read_count == 0]
    assert writes == [
        bytes((0x09, 0x40)),
        bytes((0x08, 0x40)),
        bytes((0x0A, 0x27)),
        bytes((0x0C, 0x1F)),
        bytes((0x0D, 0x1F)),
        bytes((0x0E, 0x1F)),
        bytes((0x0F, 0x00)),
        bytes((0x11, 0x21)),
        bytes((0x12, 0x03)),
        bytes((0x04, 0x00)),
        bytes((0x05, 0x00)),
        bytes((0x06, 0x00)),
        bytes((0x09, 0x07)),
    ]


def test_samples_come_at_25_hz_in_the_order_red_infrared_green(rig):
    driver = started(rig)
    rig.wait_ms(800)
    assert driver.read_fifo_into(rig.optical) == 20
    assert rig.optical[:6].tolist() == [20, 21, 22, 60, 61, 62]
    assert numbers(rig.optical, 20) == list(range(20))


def test_a_read_takes_two_transfers_and_an_empty_one_takes_one(rig):
    driver = started(rig)
    assert rig.transfers_of(lambda: driver.read_fifo_into(rig.optical)) == 1
    rig.wait_ms(800)
    assert rig.transfers_of(lambda: driver.read_fifo_into(rig.optical)) == 2


def test_a_burst_goes_across_the_wrap_of_the_pointers(rig):
    driver = started(rig)
    seen = []
    for _ in range(5):
        rig.wait_ms(FULL_MS - 40)
        seen += numbers(rig.optical, driver.read_fifo_into(rig.optical))
    assert seen == list(range(5 * 31))


def test_a_just_full_fifo_is_read_whole_and_nothing_is_lost(rig):
    driver = started(rig)
    rig.wait_ms(FULL_MS)
    assert driver.read_fifo_into(rig.optical) == 32
    rig.wait_ms(40)
    assert driver.read_fifo_into(rig.optical) == 1
    assert driver.lost_samples == 0


def test_an_overflow_is_counted_before_the_samples_that_follow_it(rig):
    driver = started(rig)
    rig.wait_ms(FULL_MS + 7 * 40)
    assert numbers(rig.optical, driver.read_fifo_into(rig.optical)) == list(range(32))
    assert driver.lost_samples == 0
    rig.wait_ms(40)
    assert numbers(rig.optical, driver.read_fifo_into(rig.optical)) == [39]
    assert driver.lost_samples == 7
    assert driver.is_loss_exact


def test_a_saturated_counter_makes_the_loss_a_minimum(rig):
    driver = started(rig)
    rig.wait_ms(60_000)
    driver.read_fifo_into(rig.optical)
    rig.wait_ms(40)
    driver.read_fifo_into(rig.optical)
    assert driver.lost_samples == 31
    assert not driver.is_loss_exact
    rig.wait_ms(40)
    driver.read_fifo_into(rig.optical)
    assert driver.is_loss_exact, "nothing more was lost"


@given(
    waits=st.lists(st.integers(0, 60 * 40), min_size=1, max_size=30),
    transfer_us=st.sampled_from([0, 700, 7000]),
)
def test_every_sample_is_read_in_its_place_or_counted(waits, transfer_us, make_rig):
    rig = make_rig()
    driver = started(rig)
    rig.i2c.transfer_us = transfer_us
    taken = 0
    for wait in waits:
        rig.wait_ms(wait)
        count = driver.read_fifo_into(rig.optical)
        if count:
            expected = taken + driver.lost_samples
            assert numbers(rig.optical, count) == list(range(expected, expected + count))
        taken += count
    rig.i2c.transfer_us = 0
    rig.wait_ms(40)
    count = driver.read_fifo_into(rig.optical)
    assert taken + count + driver.lost_samples == rig.now_us // 40_000
    assert driver.is_loss_exact


def test_a_small_buffer_leaves_the_rest_in_the_fifo(rig):
    driver = started(rig)
    rig.wait_ms(800)
    small = array("i", bytes(4 * 3 * 8))
    seen = []
    for _ in range(3):
        seen += numbers(small, driver.read_fifo_into(small))
    assert seen == list(range(20))


def test_samples_taken_by_a_broken_burst_are_counted(rig):
    driver = started(rig)
    rig.wait_ms(400)
    rig.peek(ADDRESS, 0x07, 4 * 9)
    assert numbers(rig.optical, driver.read_fifo_into(rig.optical)) == list(range(4, 10))
    assert driver.lost_samples == 4


def test_a_refused_read_at_any_transfer_raises_and_loses_nothing(make_rig):
    for fail_at in (0, 1):
        rig = make_rig()
        driver = started(rig)
        rig.wait_ms(800)
        rig.i2c.fail_at = fail_at
        with pytest.raises(OSError):
            driver.read_fifo_into(rig.optical)
        assert numbers(rig.optical, driver.read_fifo_into(rig.optical)) == list(range(20))
        assert driver.lost_samples == 0


def test_a_refused_transfer_anywhere_in_start_leaves_a_driver_that_can_start(make_rig):
    rig = make_rig()
    transfers = rig.transfers_of(started(rig).start)
    for fail_at in range(transfers):
        rig = make_rig()
        driver = Max30101(rig.i2c)
        rig.i2c.fail_at = fail_at
        with pytest.raises(OSError):
            driver.start()
        driver.start()
        rig.wait_ms(400)
        assert driver.read_fifo_into(rig.optical) == 10


def test_a_reset_that_never_ends_is_an_error(rig, monkeypatch):
    driver = Max30101(rig.i2c)
    chip = rig.chip("max30101")
    monkeypatch.setattr(chip, "_reset", lambda: chip.registers.__setitem__(0x09, 0x40))
    with pytest.raises(OSError) as caught:
        driver.start()
    assert caught.value.args[0] == EIO


def test_a_chip_that_lost_its_power_is_an_error_until_started_again(rig):
    driver = started(rig)
    rig.bus.fail(ADDRESS)
    with pytest.raises(OSError):
        driver.read_fifo_into(rig.optical)
    rig.bus.restore(ADDRESS)
    for _ in range(2):
        with pytest.raises(OSError) as caught:
            driver.read_fifo_into(rig.optical)
        assert caught.value.args[0] == EIO
    driver.start()
    rig.wait_ms(80)
    assert driver.read_fifo_into(rig.optical) == 2


def test_stop_ends_sampling_and_start_begins_anew(rig):
    driver = started(rig)
    rig.wait_ms(400)
    driver.stop()
    rig.wait_ms(800)
    assert driver.read_fifo_into(rig.optical) == 10
    driver.start()
    assert driver.read_fifo_into(rig.optical) == 0
    rig.wait_ms(80)
    assert driver.read_fifo_into(rig.optical) == 2


def test_a_pending_loss_is_counted_when_sampling_stops(rig):
    driver = started(rig)
    rig.wait_ms(FULL_MS + 3 * 40)
    driver.read_fifo_into(rig.optical)
    driver.stop()
    assert driver.lost_samples == 3


def test_the_die_temperature_is_that_of_the_last_finished_conversion(rig):
    driver = started(rig)
    for _ in range(2):
        assert driver.read_die_temperature_raw() == NO_TEMPERATURE
    rig.wait_ms(30)
    assert driver.read_die_temperature_raw() == round(33.25 * 16)
    rig.stimulus.skin_temperature = -5.5
    rig.wait_ms(10)
    assert driver.read_die_temperature_raw() == round(33.25 * 16)
    rig.wait_ms(30)
    assert driver.read_die_temperature_raw() == -88
    driver.start()
    assert driver.read_die_temperature_raw() == NO_TEMPERATURE, "the reset took it"


def test_a_faster_oscillator_gives_more_samples(make_rig):
    rig = make_rig(error_ppm=50_000)
    driver = started(rig)
    total = 0
    for _ in range(100):
        rig.wait_ms(800)
        total += driver.read_fifo_into(rig.optical)
    assert total == 80 * 25 * 105 // 100
