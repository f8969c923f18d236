"""The register models of MAX30101 and LSM6DSO, against what their datasheets say."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandsim.chips import max30101 as ppg

PPG = 0x57
IMU = 0x6A


def sample_25_hz(rig, fifo_config=0x40):
    """Three channels at the reference setting, without the driver."""
    for register, value in ((0x08, fifo_config), (0x0A, 0x27), (0x0C, 0x1F), (0x0D, 0x1F), (0x0E, 0x1F)):
        rig.poke(PPG, register, value)
    rig.poke(PPG, 0x11, 0x21, 0x03)
    rig.peek(PPG, 0x00)
    rig.poke(PPG, 0x09, 0x07)


def optical(data):
    return [int.from_bytes(data[at : at + 3], "big") for at in range(0, len(data), 3)]


def unread(rig):
    write, _, read = rig.peek(PPG, 0x04, 3)
    return (write - read) % 32


def test_the_identity_is_that_of_the_part(rig):
    assert rig.peek(PPG, 0xFE, 2) == bytes((ppg.REVISION_ID, 0x15))
    assert rig.peek(IMU, 0x0F) == b"\x6c"


def test_read_only_registers_keep_their_value(rig):
    rig.poke(PPG, 0xFF, 0x00)
    rig.poke(IMU, 0x0F, 0x00)
    rig.poke(IMU, 0x3A, 0xFF, 0xFF)
    assert rig.peek(PPG, 0xFF) == b"\x15"
    assert rig.peek(IMU, 0x0F) == b"\x6c"
    assert rig.peek(IMU, 0x3A, 2) == b"\x00\x00"


def test_a_write_steps_on_through_the_registers(rig):
    rig.poke(PPG, 0x0C, 1, 2, 3, 4)
    assert rig.peek(PPG, 0x0C, 4) == bytes((1, 2, 3, 4))


def test_the_power_ready_flag_is_set_at_power_on_and_not_by_a_reset(rig):
    assert rig.peek(PPG, 0x00) == b"\x01"
    assert rig.peek(PPG, 0x00) == b"\x00"
    rig.poke(PPG, 0x0C, 0x55)
    rig.poke(PPG, 0x09, 0x40)
    assert rig.peek(PPG, 0x00) == b"\x00"
    assert rig.peek(PPG, 0x09) == b"\x00"
    assert rig.peek(PPG, 0x0C) == b"\x00"


def test_the_fifo_data_register_does_not_step_on(rig):
    sample_25_hz(rig)
    rig.wait_ms(120)
    data = rig.peek(PPG, 0x04, 3 + 18)
    assert data[:3] == bytes((3, 0, 0))
    assert optical(data[3:]) == [20, 21, 22, 60, 61, 62]
    assert unread(rig) == 1


def test_an_empty_fifo_reads_zeros_and_keeps_its_pointers(rig):
    sample_25_hz(rig)
    assert rig.peek(PPG, 0x07, 9) == bytes(9)
    assert rig.peek(PPG, 0x04, 3) == bytes(3)


def test_a_sample_can_be_read_again_by_setting_the_read_pointer_back(rig):
    sample_25_hz(rig)
    rig.wait_ms(120)
    first = rig.peek(PPG, 0x07, 9)
    rig.poke(PPG, 0x06, 0)
    assert rig.peek(PPG, 0x07, 9) == first


def test_a_new_sample_sets_its_flag_until_status_or_data_is_read(rig):
    sample_25_hz(rig)
    rig.wait_ms(40)
    assert rig.peek(PPG, 0x00)[0] & ppg.PPG_READY
    assert not rig.peek(PPG, 0x00)[0] & ppg.PPG_READY
    rig.wait_ms(40)
    rig.peek(PPG, 0x07, 9)
    assert not rig.peek(PPG, 0x00)[0] & ppg.PPG_READY


@pytest.mark.parametrize("free", [0, 1, 15])
def test_almost_full_is_flagged_when_so_many_places_are_left(rig, free):
    sample_25_hz(rig, 0x40 | free)
    rig.wait_ms(40 * (31 - free))
    assert not rig.peek(PPG, 0x00)[0] & ppg.ALMOST_FULL
    rig.wait_ms(40)
    assert rig.peek(PPG, 0x00)[0] & ppg.ALMOST_FULL
    assert not rig.peek(PPG, 0x00)[0] & ppg.ALMOST_FULL


def test_the_ambient_light_flag_clears_when_read(rig):
    rig.peek(PPG, 0x00)
    rig.chip("max30101").overflow_ambient()
    assert rig.peek(PPG, 0x00)[0] == ppg.AMBIENT_OVERFLOW
    assert rig.peek(PPG, 0x00)[0] == 0


def test_the_die_temperature_flag_clears_by_its_status_or_its_fraction(rig):
    for cleared_by in (0x01, 0x20):
        rig.poke(PPG, 0x21, 1)
        rig.wait_ms(28)
        assert rig.peek(PPG, 0x21) == b"\x01"
        assert rig.chip("max30101").registers[0x01] == 0
        rig.wait_ms(2)
        assert rig.peek(PPG, 0x21) == b"\x00"
        assert rig.chip("max30101").registers[0x01] == ppg.TEMPERATURE_READY
        rig.peek(PPG, cleared_by)
        assert rig.peek(PPG, 0x01) == b"\x00"
    assert rig.peek(PPG, 0x1F, 2) == bytes((33, 4))


def test_without_roll_over_the_oldest_samples_stay_and_the_lost_are_counted(rig):
    sample_25_hz(rig)
    rig.wait_ms(40 * 37)
    assert rig.peek(PPG, 0x04, 3) == bytes((0, 5, 0))
    assert optical(rig.peek(PPG, 0x07, 3)) == [20]
    assert rig.peek(PPG, 0x05) == b"\x00"


def test_with_roll_over_the_newest_samples_stay(rig):
    sample_25_hz(rig, 0x50)
    rig.wait_ms(40 * 37)
    assert rig.peek(PPG, 0x04, 3) == bytes((5, 5, 5))
    assert optical(rig.peek(PPG, 0x07, 3)) == [5 * 40 + 20]
    rig.wait_ms(40 * 1000)
    assert rig.peek(PPG, 0x05) == bytes((31,))
    data = rig.peek(PPG, 0x07, 32 * 9)
    assert optical(data)[::3] == [(37 + 1000 - 32 + index) * 40 + 20 for index in range(32)]


@pytest.mark.parametrize(("average", "count"), [(1, 4), (2, 2), (4, 1)])
def test_averaging_divides_the_rate(rig, average, count):
    sample_25_hz(rig, {1: 0, 2: 0x20, 4: 0x40}[average])
    rig.wait_ms(40)
    assert unread(rig) == count


@pytest.mark.parametrize(("mode", "expected"), [(2, [20]), (3, [20, 21])])
def test_other_modes_give_fewer_channels(rig, mode, expected):
    sample_25_hz(rig)
    rig.poke(PPG, 0x09, mode)
    rig.wait_ms(40)
    assert optical(rig.peek(PPG, 0x07, 3 * len(expected))) == expected


def test_counts_grow_with_the_current_and_stop_at_full_scale(rig):
    rig.stimulus.optical_gain = 100.0
    sample_25_hz(rig)
    rig.poke(PPG, 0x0C, 2 * 0x1F, 0x00, 0xFF)
    rig.wait_ms(40)
    assert optical(rig.peek(PPG, 0x07, 9)) == [4000, 0, round(2200 * 255 / 31)]
    rig.stimulus.optical_gain = 1e6
    rig.bus.settle(rig.now_us)
    rig.wait_ms(40)
    assert optical(rig.peek(PPG, 0x07, 9)) == [0x3FFFF, 0, 0x3FFFF]


def test_samples_already_in_the_fifo_keep_the_current_they_were_taken_with(rig):
    rig.stimulus.optical_gain = 100.0
    sample_25_hz(rig)
    rig.wait_ms(40)
    rig.poke(PPG, 0x0C, 0)
    rig.wait_ms(40)
    assert optical(rig.peek(PPG, 0x07, 18))[::3] == [2000, 0]


def test_both_green_leds_add_up(rig):
    rig.stimulus.optical_gain = 100.0
    sample_25_hz(rig)
    rig.poke(PPG, 0x0F, 0x1F)
    rig.wait_ms(40)
    assert optical(rig.peek(PPG, 0x07, 9))[2] == 4400


def test_a_wider_range_halves_the_counts_and_a_shorter_pulse_clears_low_bits(rig):
    rig.stimulus.optical_gain = 31.0
    sample_25_hz(rig)
    rig.poke(PPG, 0x0A, 0x47)
    rig.wait_ms(40)
    assert optical(rig.peek(PPG, 0x07, 9)) == [310, 326, 341]
    rig.poke(PPG, 0x0A, 0x24)
    rig.bus.settle(rig.now_us)
    rig.wait_ms(40)
    assert all(value % 8 == 0 for value in optical(rig.peek(PPG, 0x07, 9)))


def test_shutdown_ends_sampling_clears_flags_and_keeps_registers(rig):
    sample_25_hz(rig)
    rig.wait_ms(40)
    rig.poke(PPG, 0x09, 0x87)
    rig.wait_ms(400)
    assert rig.peek(PPG, 0x00) == b"\x00"
    assert unread(rig) == 1
    assert rig.peek(PPG, 0x0C) == b"\x1f"
    rig.poke(PPG, 0x09, 0x07)
    rig.wait_ms(40)
    assert unread(rig) == 2


def test_a_change_of_the_stimulus_shows_from_its_moment_on(rig):
    sample_25_hz(rig)
    rig.wait_ms(60)
    rig.bus.settle(rig.now_us)
    rig.stimulus.optical_gain = 0.0
    rig.wait_ms(60)
    assert optical(rig.peek(PPG, 0x07, 27))[::3] == [20, 0, 0]


@given(cuts=st.lists(st.integers(0, 1_500_000), max_size=30))
def test_samples_do_not_depend_on_how_often_the_chip_is_asked(cuts, make_rig):
    asked, unasked = make_rig(), make_rig()
    for rig in (asked, unasked):
        sample_25_hz(rig, 0x50)
    for cut in sorted(cuts):
        asked.now_us = cut
        asked.peek(PPG, 0x0C)
    for rig in (asked, unasked):
        rig.now_us = 1_500_000
    assert asked.peek(PPG, 0x02, 5) == unasked.peek(PPG, 0x02, 5)
    assert asked.peek(PPG, 0x07, 32 * 9) == unasked.peek(PPG, 0x07, 32 * 9)


# LSM6DSO


def batch_26_hz(rig, mode=6):
    rig.poke(IMU, 0x12, 0x44)
    rig.poke(IMU, 0x19, 0x20)
    rig.poke(IMU, 0x09, 0x02)
    rig.poke(IMU, 0x0A, mode)
    rig.poke(IMU, 0x10, 0x28)


def fifo_level(rig):
    low, high = rig.peek(IMU, 0x3A, 2)
    return low | (high & 3) << 8, high & ~3


def test_tags_say_accelerometer_step_their_slot_and_have_even_parity(rig):
    batch_26_hz(rig)
    rig.wait_ms(400)
    tags = rig.peek(IMU, 0x78, 70)[::7]
    assert [tag >> 3 for tag in tags] == [2] * 10
    assert [tag >> 1 & 3 for tag in tags] == [index % 4 for index in range(10)]
    assert all(tag.bit_count() % 2 == 0 for tag in tags)


def test_a_continuous_fifo_keeps_the_newest_512_words_and_latches_the_overrun_until_read(rig):
    batch_26_hz(rig)
    rig.wait_ms(30_000)
    assert fifo_level(rig) == (512, 0x68)
    assert fifo_level(rig) == (512, 0x60)
    data = rig.peek(IMU, 0x78, 512 * 7)
    numbers = [int.from_bytes(data[at + 1 : at + 3], "little") for at in range(0, len(data), 7)]
    assert numbers == list(range(780 - 512, 780))
    assert fifo_level(rig) == (0, 0)


def test_a_fifo_in_fifo_mode_keeps_the_oldest_words(rig):
    batch_26_hz(rig, 1)
    rig.wait_ms(20_000)
    rig.wait_ms(20_000)
    assert fifo_level(rig)[0] == 512
    data = rig.peek(IMU, 0x78, 14)
    assert data[1] == 0
    assert data[8] == 1


def test_bypass_empties_the_fifo(rig):
    batch_26_hz(rig)
    rig.wait_ms(1000)
    rig.poke(IMU, 0x0A, 0)
    assert fifo_level(rig) == (0, 0)
    rig.wait_ms(1000)
    assert fifo_level(rig) == (0, 0)


def test_an_empty_fifo_reads_zeros(rig):
    batch_26_hz(rig)
    assert rig.peek(IMU, 0x78, 7) == bytes(7)


@pytest.mark.parametrize(("control", "counts"), [(0x20, 16384), (0x28, 8192), (0x2C, 4096), (0x24, 2048)])
def test_counts_follow_the_full_scale(rig, control, counts):
    rig.stimulus.acceleration_g = lambda _s, count, _r: np.tile([1.0, -1.0, 0.5], (count, 1))
    batch_26_hz(rig)
    rig.poke(IMU, 0x10, control)
    rig.wait_ms(100)
    data = rig.peek(IMU, 0x78, 14)[8:]
    axes = [int.from_bytes(data[at : at + 2], "little", signed=True) for at in (0, 2, 4)]
    assert axes == [counts, -counts, counts // 2]


def test_output_registers_hold_the_newest_sample_and_clear_its_flag(rig):
    batch_26_hz(rig, 0)
    rig.wait_ms(1000)
    assert rig.peek(IMU, 0x1E) == b"\x01"
    assert rig.peek(IMU, 0x28, 6) == struct.pack("<3h", 25, -25, 8192)
    assert rig.peek(IMU, 0x1E) == b"\x00"


def test_without_address_increment_a_read_repeats_its_register(rig):
    rig.poke(IMU, 0x12, 0x00)
    assert rig.peek(IMU, 0x0F, 3) == b"\x6c" * 3


def test_a_reset_clears_its_bit_and_stops_sampling(rig):
    batch_26_hz(rig)
    rig.poke(IMU, 0x12, 0x01)
    rig.wait_ms(1000)
    assert rig.peek(IMU, 0x12) == b"\x04"
    assert fifo_level(rig) == (0, 0)
    assert rig.peek(IMU, 0x40, 4) == bytes(4)


def test_the_timestamp_counts_25_us_on_the_chips_oscillator(make_rig):
    rig = make_rig(error_ppm=10_000)
    rig.poke(IMU, 0x19, 0x20)
    rig.wait_ms(1000)
    assert int.from_bytes(rig.peek(IMU, 0x40, 4), "little") == 40_400
    rig.poke(IMU, 0x19, 0x00)
    assert rig.peek(IMU, 0x40, 4) == bytes(4)


@given(cuts=st.lists(st.integers(0, 25_000_000), max_size=30), mode=st.sampled_from([1, 6]))
def test_words_do_not_depend_on_how_often_the_chip_is_asked(cuts, mode, make_rig):
    asked, unasked = make_rig(), make_rig()
    for rig in (asked, unasked):
        batch_26_hz(rig, mode)
    for cut in sorted(cuts):
        asked.now_us = cut
        asked.peek(IMU, 0x0F)
    for rig in (asked, unasked):
        rig.now_us = 25_000_000
    assert asked.peek(IMU, 0x3A, 10) == unasked.peek(IMU, 0x3A, 10)
    assert asked.peek(IMU, 0x78, 512 * 7) == unasked.peek(IMU, 0x78, 512 * 7)
