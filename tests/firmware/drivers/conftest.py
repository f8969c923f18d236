"""A bus with the five chip models, virtual time set by the test, a stimulus that numbers its samples."""

from array import array
from errno import ENODEV

import numpy as np
import pytest

from bandsim.bus import I2cBus, MachineI2c
from bandsim.chips import Chip, band_chips
from bandsim.stimulus import Battery

OPTICAL_HZ = 25
MOTION_HZ = 26


class NumberedStimulus:
    """Red counts milliseconds, infrared is 1 above and green 2; acceleration x counts 26 Hz samples."""

    duration_s = 1e9
    optical_stack = "max30101"

    def __init__(self) -> None:
        self.optical_gain = 1.0
        self.skin_temperature = 33.25
        self.battery_now = Battery(percent=50.0, volts=3.8, charge_rate_percent_per_h=-2.08)

    def optical(self, start_s, count, rate_hz):
        red = np.rint((start_s + np.arange(count) / rate_hz) * 1000)
        return np.stack([red, red + 1, red + 2], axis=1) * self.optical_gain

    def acceleration_g(self, start_s, count, rate_hz):
        number = np.rint((start_s + np.arange(count) / rate_hz) * MOTION_HZ) - 1
        return np.stack([number, -number, np.full(count, 8192.0)], axis=1) / 8192

    def skin_temperature_c(self, t_s):
        return self.skin_temperature

    def battery(self, t_s):
        return self.battery_now


class FlakyI2c(MachineI2c):
    """Fails one transfer: the `fail_at`-th from now, 0 the next one; None none. Each takes `transfer_us`."""

    fail_at: int | None = None
    transfer_us = 0

    def __init__(self, rig):
        super().__init__(rig.bus, lambda: rig.now_us)
        self._rig = rig

    def _count(self) -> None:
        self._rig.now_us += self.transfer_us
        if self.fail_at is not None:
            self.fail_at -= 1
            if self.fail_at < 0:
                self.fail_at = None
                raise OSError(ENODEV)

    def readfrom_mem_into(self, address, register, buffer):
        self._count()
        super().readfrom_mem_into(address, register, buffer)

    def writeto_mem(self, address, register, buffer):
        self._count()
        super().writeto_mem(address, register, buffer)

    def writeto(self, address, buffer):
        self._count()
        return super().writeto(address, buffer)


class Rig:
    """Bus, chips and time."""

    def __init__(self, *, error_ppm: float = 0.0) -> None:
        self.now_us = 0
        self.stimulus = NumberedStimulus()
        self.bus = I2cBus(band_chips(self.stimulus, error_ppm=error_ppm))
        self.i2c = FlakyI2c(self)
        self.optical = array("i", bytes(4 * 3 * 32))
        self.motion = array("h", bytes(2 * 3 * 32))

    def chip(self, name: str) -> Chip:
        return self.bus.chip_named(name)

    def wait_ms(self, milliseconds: float) -> None:
        self.now_us += round(milliseconds * 1000)

    def poke(self, address: int, register: int, *values: int) -> None:
        self.bus.write(address, bytes((register, *values)), self.now_us)

    def peek(self, address: int, register: int, count: int = 1) -> bytes:
        return self.bus.write_read(address, bytes((register,)), count, self.now_us)

    def transfers_of(self, action) -> int:
        """Give how many transfers an action makes."""
        self.bus.trace = []
        action()
        count = len(self.bus.trace)
        self.bus.trace = None
        return count


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture(scope="session")
def make_rig():
    """Rigs for tests that need several: one for each example of a property."""
    return Rig
