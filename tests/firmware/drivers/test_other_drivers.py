"""The drivers of thermometer, display and fuel gauge against their register models."""

from errno import ENODEV

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandsim.stimulus import Battery
from drivers.max17048 import Max17048
from drivers.ssd1306 import Ssd1306
from drivers.tmp117 import NO_TEMPERATURE, Tmp117

PICTURE = bytes(index * 7 & 0xFF for index in range(1024))


def refused(action):
    with pytest.raises(OSError) as caught:
        action()
    return caught.value.args[0]


@pytest.mark.parametrize(("driver", "address"), [(Tmp117, 0x48), (Ssd1306, 0x3C), (Max17048, 0x36)])
def test_a_missing_chip_is_refused(rig, driver, address):
    rig.bus.fail(address)
    assert refused(lambda: driver(rig.i2c)) == ENODEV


def test_another_thermometer_is_refused_but_not_another_revision(rig):
    rig.bus.chip_named("tmp117").identity = 0x1117
    Tmp117(rig.i2c)
    rig.bus.chip_named("tmp117").identity = 0x0116
    assert refused(lambda: Tmp117(rig.i2c)) == ENODEV


def test_another_fuel_gauge_is_refused(rig):
    rig.bus.chip_named("max17048").identity = 0x0003
    assert refused(lambda: Max17048(rig.i2c)) == ENODEV


def test_the_temperature_is_unknown_before_the_first_conversion_and_then_near_the_skins(rig):
    driver = Tmp117(rig.i2c)
    driver.start()
    assert driver.read_raw() == NO_TEMPERATURE
    rig.wait_ms(1000)
    # 6 standard deviations of the noise of 8 averaged conversions, 0.35 LSB, and half an LSB.
    assert abs(driver.read_raw() - 33.25 * 128) <= 3


@given(error_128=st.integers(-128, 128), skin_c=st.floats(15.0, 45.0))
def test_a_thermometer_that_was_compared_reads_right(make_rig, error_128, skin_c):
    rig = make_rig()
    rig.chip("tmp117").error_c = error_128 / 128
    rig.stimulus.skin_temperature = skin_c
    driver = Tmp117(rig.i2c, -error_128)
    driver.start()
    rig.wait_ms(1000)
    assert abs(driver.read_raw() - skin_c * 128) <= 3.5


def test_an_offset_does_not_outlive_the_one_who_set_it(rig):
    Tmp117(rig.i2c, 128).start()
    driver = Tmp117(rig.i2c)
    driver.start()
    rig.wait_ms(1000)
    assert abs(driver.read_raw() - 33.25 * 128) <= 3


def test_temperatures_below_zero_are_negative(rig):
    rig.stimulus.skin_temperature = -10.0
    driver = Tmp117(rig.i2c)
    driver.start()
    rig.wait_ms(1000)
    assert abs(driver.read_raw() + 1280) <= 3


def test_a_stopped_thermometer_keeps_its_last_result(rig):
    driver = Tmp117(rig.i2c)
    driver.start()
    rig.wait_ms(1000)
    before = driver.read_raw()
    driver.stop()
    rig.stimulus.skin_temperature = 20.0
    rig.wait_ms(10_000)
    assert driver.read_raw() == before
    driver.start()
    rig.wait_ms(1000)
    assert abs(driver.read_raw() - 20 * 128) <= 3


def test_a_refused_temperature_read_leaves_the_driver_usable(rig):
    driver = Tmp117(rig.i2c)
    driver.start()
    rig.wait_ms(1000)
    rig.i2c.fail_at = 0
    assert refused(driver.read_raw) == ENODEV
    assert abs(driver.read_raw() - 33.25 * 128) <= 3


def test_the_display_is_dark_until_the_first_picture(rig):
    display = Ssd1306(rig.i2c)
    display.start()
    assert not rig.chip("ssd1306").image().any()
    display.show(PICTURE)
    assert bytes(rig.chip("ssd1306").memory) == PICTURE
    assert rig.chip("ssd1306").image().any()


def test_a_picture_is_seen_as_it_was_drawn(rig):
    display = Ssd1306(rig.i2c)
    display.start()
    frame = bytearray(1024)
    frame[0] = 0x01
    frame[128 + 5] = 0x80
    display.show(frame)
    lit = [tuple(point) for point in zip(*rig.chip("ssd1306").image().nonzero(), strict=True)]
    assert lit == [(0, 0), (15, 5)]


def test_every_picture_replaces_the_last(rig):
    display = Ssd1306(rig.i2c)
    display.start()
    display.show(PICTURE)
    assert rig.transfers_of(lambda: display.show(PICTURE[::-1])) == 2
    assert bytes(rig.chip("ssd1306").memory) == PICTURE[::-1]


def test_a_stopped_display_is_dark_and_can_start_again(rig):
    display = Ssd1306(rig.i2c)
    display.start()
    display.show(PICTURE)
    display.stop()
    assert not rig.chip("ssd1306").image().any()
    display.start()
    display.show(PICTURE)
    assert rig.chip("ssd1306").image().any()


@pytest.mark.parametrize("fail_at", [0, 1, 2])
def test_a_refused_picture_leaves_the_driver_usable(rig, fail_at):
    display = Ssd1306(rig.i2c)
    display.start()
    rig.i2c.fail_at = fail_at
    assert refused(lambda: display.show(PICTURE)) == ENODEV
    display.show(PICTURE)
    assert bytes(rig.chip("ssd1306").memory) == PICTURE
    assert rig.chip("ssd1306").image().any()


@given(
    percent=st.floats(0, 100),
    volts=st.floats(2.5, 4.3),
    rate=st.floats(-100, 100),
)
def test_the_battery_is_read_within_a_count(percent, volts, rate, make_rig):
    rig = make_rig()
    rig.stimulus.battery_now = Battery(percent=percent, volts=volts, charge_rate_percent_per_h=rate)
    gauge = Max17048(rig.i2c)
    gauge.start()
    assert abs(gauge.read_percent_256() - percent * 256) <= 0.5
    # Half a count of 5/64 mV, and the rest of a division rounded down.
    assert -1.04 <= gauge.read_millivolts() - volts * 1000 <= 0.04
    assert abs(gauge.read_charge_rate_raw() * 0.208 - rate) <= 0.104 + 1e-9


def test_a_stopped_fuel_gauge_hibernates(rig):
    gauge = Max17048(rig.i2c)
    gauge.stop()
    assert rig.peek(0x36, 0x06, 2) == b"\x10\x00"
    gauge.start()
    assert rig.peek(0x36, 0x06, 2) == b"\x00\x00"
