"""The register models of TMP117, SSD1306 and MAX17048, against what their datasheets say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandsim.chips import Tmp117Model, tmp117
from bandsim.stimulus import Battery

THERMOMETER = 0x48
DISPLAY = 0x3C
GAUGE = 0x36


def word(rig, address, register):
    return int.from_bytes(rig.peek(address, register, 2), "big")


def poke_word(rig, address, register, value):
    rig.poke(address, register, value >> 8, value & 0xFF)


# TMP117


def test_registers_have_their_reset_values(rig):
    assert word(rig, THERMOMETER, 0x00) == 0x8000
    assert word(rig, THERMOMETER, 0x01) == 0x0220
    assert word(rig, THERMOMETER, 0x02) == 0x6000
    assert word(rig, THERMOMETER, 0x03) == 0x8000
    assert word(rig, THERMOMETER, 0x0F) == 0x0117


def test_data_ready_clears_when_result_or_configuration_is_read(rig):
    poke_word(rig, THERMOMETER, 0x01, 0x0220)
    for read in (0x00, 0x01):
        rig.wait_ms(1000)
        rig.peek(THERMOMETER, 0x0F, 2)
        assert rig.chip("tmp117").registers[0x01] & tmp117.DATA_READY
        rig.peek(THERMOMETER, read, 2)
        assert not word(rig, THERMOMETER, 0x01) & tmp117.DATA_READY


@pytest.mark.parametrize(
    ("configuration", "first_ms", "cycle_ms"),
    [(0x0000, 15.5, 15.5), (0x0220, 125, 1000), (0x02A0, 125, 4000), (0x0260, 1e3, 1e3), (0x0040, 500, 500)],
)
def test_conversions_take_the_time_of_their_setting(rig, configuration, first_ms, cycle_ms):
    poke_word(rig, THERMOMETER, 0x01, configuration)
    for wait_ms in (first_ms, cycle_ms, cycle_ms):
        rig.wait_ms(wait_ms - 1)
        assert not word(rig, THERMOMETER, 0x01) & tmp117.DATA_READY
        rig.wait_ms(1)
        assert word(rig, THERMOMETER, 0x01) & tmp117.DATA_READY


def test_a_one_shot_converts_once_and_shuts_down(rig):
    poke_word(rig, THERMOMETER, 0x01, 0x0C20)
    rig.wait_ms(125)
    assert abs(word(rig, THERMOMETER, 0x00) - 33.25 * 128) <= 3
    assert word(rig, THERMOMETER, 0x01) >> 10 & 3 == tmp117.SHUTDOWN
    rig.stimulus.skin_temperature = 20.0
    rig.wait_ms(10_000)
    assert abs(word(rig, THERMOMETER, 0x00) - 33.25 * 128) <= 3


def test_limits_raise_alerts_that_clear_when_read(rig):
    poke_word(rig, THERMOMETER, 0x02, 30 * 128)
    poke_word(rig, THERMOMETER, 0x01, 0x0220)
    rig.wait_ms(1000)
    assert word(rig, THERMOMETER, 0x01) & 0xC000 == tmp117.HIGH_ALERT
    assert word(rig, THERMOMETER, 0x01) & 0xC000 == 0
    poke_word(rig, THERMOMETER, 0x02, 100 * 128)
    poke_word(rig, THERMOMETER, 0x03, 40 * 128)
    rig.wait_ms(1000)
    assert word(rig, THERMOMETER, 0x01) & 0xC000 == tmp117.LOW_ALERT


def test_the_offset_is_added_and_a_soft_reset_clears_it(rig):
    poke_word(rig, THERMOMETER, 0x07, -128 & 0xFFFF)
    rig.wait_ms(1000)
    assert abs(word(rig, THERMOMETER, 0x00) - 32.25 * 128) <= 3
    poke_word(rig, THERMOMETER, 0x01, 0x0002)
    assert word(rig, THERMOMETER, 0x07) == 0
    assert word(rig, THERMOMETER, 0x00) == 0x8000


def results(stimulus, times_us, **options):
    chip = Tmp117Model(stimulus, **options)
    chip.write(bytes((1, 0x00, 0x00)), 0)
    out = {}
    for now_us in times_us:
        chip.write(b"\x00", now_us)
        out[now_us] = int.from_bytes(chip.read(2, now_us), "big")
    return out


def test_noise_is_that_of_the_part_and_does_not_depend_on_what_was_read_before(rig):
    times = [round(15_500 * (index + 1)) for index in range(2000)]
    every = results(rig.stimulus, times)
    some = results(rig.stimulus, times[::7])
    assert all(every[now] == value for now, value in some.items())
    assert results(rig.stimulus, times, seed=1) != every
    noise = np.array(list(every.values())) - 33.25 * 128
    # 1 LSB of noise and 1/sqrt(12) of quantisation; 2000 results give the deviation within 5 %.
    assert noise.std() == pytest.approx((1 + 1 / 12) ** 0.5, rel=0.05)
    assert abs(noise.mean()) < 0.1


def test_a_long_read_of_the_thermometer_repeats_the_register(rig):
    assert rig.peek(THERMOMETER, 0x0F, 5) == b"\x01\x17\x01\x17\x01"


# SSD1306


def command(rig, *values):
    rig.bus.write(DISPLAY, bytes((0x00, *values)), rig.now_us)


def paint(rig, data):
    rig.bus.write(DISPLAY, b"\x40" + bytes(data), rig.now_us)


def lit(rig):
    command(rig, 0x8D, 0x14, 0xAF)


def test_the_display_answers_whether_it_is_off(rig):
    assert rig.bus.read(DISPLAY, 1, 0) == b"\x40"
    lit(rig)
    assert rig.bus.read(DISPLAY, 1, 0) == b"\x00"


def test_commands_may_come_one_a_control_byte_or_split_over_transfers(rig):
    display = rig.chip("ssd1306")
    rig.bus.write(DISPLAY, bytes((0x80, 0x81, 0x80, 0x22, 0x00, 0xAF)), 0)
    assert display.contrast == 0x22
    assert display.is_on
    rig.bus.write(DISPLAY, bytes((0x00, 0x81)), 0)
    rig.bus.write(DISPLAY, bytes((0x00, 0x33)), 0)
    assert display.contrast == 0x33


def test_without_its_supply_the_panel_is_dark(rig):
    command(rig, 0xAF, 0xA5)
    assert not rig.chip("ssd1306").image().any()
    command(rig, 0x8D, 0x14)
    assert rig.chip("ssd1306").image().all()


@pytest.mark.parametrize("mode", [0, 1])
def test_a_window_is_filled_along_its_mode_and_starts_over(rig, mode):
    command(rig, 0x20, mode, 0x21, 10, 12, 0x22, 3, 4)
    paint(rig, range(1, 8))
    memory = np.frombuffer(bytes(rig.chip("ssd1306").memory), dtype=np.uint8).reshape(8, 128)
    window = memory[3:5, 10:13]
    assert window.tolist() == ([[7, 2, 3], [4, 5, 6]] if mode == 0 else [[7, 3, 5], [2, 4, 6]])
    assert memory[3, 13] in (0x55, 0xAA)


def test_page_addressing_stays_in_its_page(rig):
    command(rig, 0xB2, 0x0F, 0x17)
    paint(rig, (1, 2))
    memory = rig.chip("ssd1306").memory
    assert memory[2 * 128 + 127] == 1
    assert memory[2 * 128] == 2


@pytest.mark.parametrize(
    ("commands", "corner"),
    [
        ((0xA1, 0xC8), (0, 0)),
        ((0xA0, 0xC8), (0, 127)),
        ((0xA1, 0xC0), (63, 0)),
        ((0xA1, 0xC8, 0x4F), (49, 0)),
    ],
)
def test_the_first_bit_shows_where_the_mapping_puts_it(rig, commands, corner):
    command(rig, 0x20, 0, *commands)
    paint(rig, bytes((1,)) + bytes(1023))
    lit(rig)
    seen = rig.chip("ssd1306").image()
    assert [tuple(point) for point in np.argwhere(seen).tolist()] == [corner]


def test_an_inverted_display_swaps_light_and_dark(rig):
    command(rig, 0x20, 0, 0xA1, 0xC8)
    paint(rig, bytes((1,)) + bytes(1023))
    lit(rig)
    command(rig, 0xA7)
    assert rig.chip("ssd1306").image().sum() == 64 * 128 - 1


@given(cuts=st.lists(st.integers(1, 200), max_size=20))
def test_a_picture_in_pieces_is_the_picture_in_one(cuts, make_rig):
    rig = make_rig()
    picture = bytes(index * 31 & 0xFF for index in range(1024))
    command(rig, 0x20, 0, 0x21, 0, 127, 0x22, 0, 7)
    start = 0
    for cut in [*cuts, 1024]:
        paint(rig, picture[start : min(1024, start + cut)])
        start = min(1024, start + cut)
    assert bytes(rig.chip("ssd1306").memory) == picture


# MAX17048


def test_the_gauge_has_its_reset_values(rig):
    assert word(rig, GAUGE, 0x08) & 0xFFF0 == 0x0010
    assert word(rig, GAUGE, 0x0A) == 0x8030
    assert word(rig, GAUGE, 0x0C) == 0x971C
    assert word(rig, GAUGE, 0x1A) == 0x0100


def test_a_long_read_of_the_gauge_steps_on(rig):
    assert rig.peek(GAUGE, 0x02, 4) == (48640).to_bytes(2, "big") + (50 * 256).to_bytes(2, "big")


def test_a_low_battery_raises_the_alert_until_it_is_cleared(rig):
    poke_word(rig, GAUGE, 0x0C, 0x9700 | 32 - 10)
    rig.stimulus.battery_now = Battery(percent=10.5, volts=3.5, charge_rate_percent_per_h=-5.0)
    assert word(rig, GAUGE, 0x1A) == 0x0100
    rig.stimulus.battery_now = Battery(percent=10.0, volts=3.5, charge_rate_percent_per_h=-5.0)
    assert word(rig, GAUGE, 0x1A) == 0x1100
    assert word(rig, GAUGE, 0x0C) & 0x0020
    rig.stimulus.battery_now = Battery(percent=60.0, volts=3.9, charge_rate_percent_per_h=20.0)
    poke_word(rig, GAUGE, 0x1A, 0x0000)
    assert word(rig, GAUGE, 0x1A) == 0x0000


def test_the_reset_command_restores_the_reset_values(rig):
    poke_word(rig, GAUGE, 0x0A, 0xFFFF)
    poke_word(rig, GAUGE, 0x1A, 0)
    poke_word(rig, GAUGE, 0xFE, 0x5400)
    assert word(rig, GAUGE, 0x0A) == 0x8030
    assert word(rig, GAUGE, 0x1A) == 0x0100


def test_read_only_registers_of_the_gauge_keep_their_value(rig):
    poke_word(rig, GAUGE, 0x04, 0)
    assert word(rig, GAUGE, 0x04) == 50 * 256
