"""Register model of the MAX30101 optical front end.

Registers, flags, FIFO rules and LED currents as read in the MAX30101 register map of the PSoC Components
Library (which follows the datasheet) and in the datasheet's page 15; SparkFun's MAX3010x library for the
address of the second slot register; Analog Devices' note on the MAX30101's interrupts for A_FULL and PPG_RDY.

Unconfirmed, and chosen so: a read of an empty FIFO gives zeros; a burst that stops inside a sample has taken
it; roll-over moves the read pointer and counts what it drops; a change of slots empties the FIFO; a die
temperature takes 29 ms; the revision is 3.

What it measures. The stimulus gives counts at the reference LED current, range and pulse width. Counts grow
in proportion to the LED's current and to the sensitivity of the chosen range, and stop at full scale;
shorter pulses clear the lowest bits (the data is left-justified). A slot whose LED is off reads 0: ambient
light is cancelled by the chip, and what reaches the sensor off the wrist is the stimulus' affair. The mean of
n raw samples is drawn as one sample in the middle of them. The die is as warm as the skin. The columns of the
stimulus are red, infrared and green; those of another optical stack are taken in the same places.
"""

import random

import numpy as np
from numpy.typing import NDArray

from bandsim.chips.base import US_PER_S, ByteArray, ByteRegisters, Ring, SampleClock, SampleStore
from bandsim.stimulus import FULL_SCALE_COUNTS, Stimulus

ADDRESS = 0x57
PART_ID = 0x15
REVISION_ID = 0x03
FIFO_DEPTH = 32
OVERFLOW_LIMIT = 0x1F

REFERENCE_LED_CODE = 0x1F
"""LED setting (6.2 mA) at which the stimulus states its counts; the band's driver uses it."""

REFERENCE_RANGE = 1
"""ADC range (4096 nA) at which the stimulus states its counts; the band's driver uses it."""

STATUS_1, STATUS_2, ENABLE_1, ENABLE_2 = 0x00, 0x01, 0x02, 0x03
WRITE_POINTER, OVERFLOW, READ_POINTER, FIFO_DATA = 0x04, 0x05, 0x06, 0x07
FIFO_CONFIG, MODE_CONFIG, SPO2_CONFIG = 0x08, 0x09, 0x0A
LED1_RED, LED2_INFRARED, LED3_GREEN, LED4_GREEN = 0x0C, 0x0D, 0x0E, 0x0F
SLOTS_1_2, SLOTS_3_4 = 0x11, 0x12
TEMPERATURE_WHOLE, TEMPERATURE_PART, TEMPERATURE_CONFIG = 0x1F, 0x20, 0x21
REVISION, PART = 0xFE, 0xFF

POWER_READY, AMBIENT_OVERFLOW, PPG_READY, ALMOST_FULL = 0x01, 0x20, 0x40, 0x80
TEMPERATURE_READY = 0x02
RESET, SHUTDOWN = 0x40, 0x80
HEART_RATE_MODE, SPO2_MODE, MULTI_LED_MODE = 2, 3, 7

_RATES_HZ = (50, 100, 200, 400, 800, 1000, 1600, 3200)
_AVERAGES = (1, 2, 4, 8, 16, 32, 32, 32)
# Bits cleared at 15, 16, 17 and 18 bits of resolution.
_RESOLUTION_MASKS = (~7, ~3, ~1, ~0)
_CHANNEL_OF_SLOT = {1: 0, 2: 1, 3: 2}
_TEMPERATURE_US = 29_000
_AHEAD_S = 4


class Max30101Model(ByteRegisters):
    """The chip; `error_ppm` is how much too fast its oscillator runs."""

    name = "max30101"
    identity = PART_ID
    noise_counts = 0.0
    """Standard deviation of noise on every sample: the fault of a bad supply or of light that comes in."""
    fifo_register = FIFO_DATA

    def __init__(self, stimulus: Stimulus, *, address: int = ADDRESS, error_ppm: float = 0.0) -> None:
        super().__init__(address)
        self._stimulus = stimulus
        self._clock = SampleClock(error_ppm)
        self._store = SampleStore(self._draw, 1)
        self._fifo = Ring(FIFO_DEPTH)
        self.power_on()

    def power_on(self) -> None:
        """Registers to their reset state, and the power-ready flag set."""
        self._reset()
        self.registers[STATUS_1] = POWER_READY

    def _reset(self) -> None:
        self.registers = bytearray(256)
        self.registers[REVISION] = REVISION_ID
        self.registers[PART] = self.identity
        self.pointer = 0
        self._taken = 0
        self._unread = 0
        self._temperature_due_us = -1
        self._clock.stop()

    def settle(self, now_us: int) -> None:
        """See `Chip.settle`."""
        self.catch_up(now_us)
        self._store.forget()

    def set_clock_error(self, error_ppm: float) -> None:
        """See `SampleClock.set_error`."""
        self._clock.set_error(error_ppm)

    def overflow_ambient(self) -> None:
        """Raise the flag of an ambient light too strong to cancel."""
        self.registers[STATUS_1] |= AMBIENT_OVERFLOW

    # Transfers

    def catch_up(self, now_us: int) -> None:
        """See `ByteRegisters.catch_up`."""
        if self._clock.is_running:
            count = self._clock.finished(now_us) - self._taken
            if count > 0:
                self._push(self._taken, count)
                self._taken += count
        if 0 <= self._temperature_due_us <= now_us:
            self._finish_temperature()

    def read_register(self, register: int, now_us: int) -> int:
        """Flags clear when read; the fraction of the temperature clears its flag too."""
        value = self.registers[register]
        if register in {STATUS_1, STATUS_2}:
            self.registers[register] = 0
        elif register == TEMPERATURE_PART:
            self.registers[STATUS_2] &= ~TEMPERATURE_READY
        return value

    def read_fifo(self, count: int) -> bytes:
        """Give whole samples from the read pointer on, zeros when it runs dry."""
        self.registers[STATUS_1] &= ~PPG_READY
        width = self._fifo.width
        samples = min(self._unread, -(-count // width))
        data = self._fifo.get(self.registers[READ_POINTER], samples)
        if samples:
            self.registers[READ_POINTER] = (self.registers[READ_POINTER] + samples) % FIFO_DEPTH
            self.registers[OVERFLOW] = 0
            self._unread -= samples
        return data[:count].ljust(count, b"\0")

    def write_register(self, register: int, value: int, now_us: int) -> None:
        """See `ByteRegisters.write_register`; read-only registers keep their value."""
        if register == MODE_CONFIG and value & RESET:
            self._reset()
        elif register in {WRITE_POINTER, READ_POINTER, OVERFLOW}:
            self.registers[register] = value & 0x1F
            if register != OVERFLOW:
                self._unread = (self.registers[WRITE_POINTER] - self.registers[READ_POINTER]) % FIFO_DEPTH
        elif register == TEMPERATURE_CONFIG:
            self.registers[register] = value & 1
            self._temperature_due_us = now_us + _TEMPERATURE_US if value & 1 else -1
        elif register not in {STATUS_1, STATUS_2, TEMPERATURE_WHOLE, TEMPERATURE_PART, REVISION, PART}:
            self._configure(register, value, now_us)

    # Sampling

    def _configure(self, register: int, value: int, now_us: int) -> None:
        is_change = self.registers[register] != value
        self.registers[register] = value
        if not is_change or register not in range(FIFO_CONFIG, SLOTS_3_4 + 1):
            return
        self._store.forget()
        if register in {MODE_CONFIG, SLOTS_1_2, SLOTS_3_4}:
            self._widen()
        if register in {FIFO_CONFIG, MODE_CONFIG, SPO2_CONFIG, SLOTS_1_2, SLOTS_3_4}:
            self._restart(now_us)

    def _channels(self) -> list[int]:
        mode = self.registers[MODE_CONFIG] & 7
        if mode == HEART_RATE_MODE:
            return [0]
        if mode == SPO2_MODE:
            return [0, 1]
        if mode != MULTI_LED_MODE:
            return []
        first, second = self.registers[SLOTS_1_2], self.registers[SLOTS_3_4]
        slots = (first & 7, first >> 4 & 7, second & 7, second >> 4 & 7)
        return [_CHANNEL_OF_SLOT[slot] for slot in slots if slot in _CHANNEL_OF_SLOT]

    def _widen(self) -> None:
        width = 3 * max(1, len(self._channels()))
        if width != self._fifo.width:
            self._fifo.widen(width)
            self._unread = 0
            self.registers[READ_POINTER] = self.registers[WRITE_POINTER]

    def _restart(self, now_us: int) -> None:
        self._taken = 0
        if self.registers[MODE_CONFIG] & SHUTDOWN:
            self.registers[STATUS_1] = self.registers[STATUS_2] = 0
        if self.registers[MODE_CONFIG] & SHUTDOWN or not self._channels():
            self._clock.stop()
            return
        average = _AVERAGES[self.registers[FIFO_CONFIG] >> 5]
        rate_hz = _RATES_HZ[self.registers[SPO2_CONFIG] >> 2 & 7] / average
        self._clock.start(rate_hz, now_us)
        self._store = SampleStore(self._draw, max(1, int(rate_hz * _AHEAD_S)))

    def _push(self, index: int, count: int) -> None:
        registers = self.registers
        write = registers[WRITE_POINTER]
        lost = max(0, count - (FIFO_DEPTH - self._unread))
        if registers[FIFO_CONFIG] & 0x10:
            skipped = max(0, count - FIFO_DEPTH)
            slot = (write + skipped) % FIFO_DEPTH
            self._fifo.put(slot, self._store.take(index + skipped, count - skipped))
            registers[READ_POINTER] = (registers[READ_POINTER] + lost) % FIFO_DEPTH
            kept = count
        else:
            kept = count - lost
            if kept:
                self._fifo.put(write, self._store.take(index, kept))
        registers[WRITE_POINTER] = (write + kept) % FIFO_DEPTH
        registers[OVERFLOW] = min(OVERFLOW_LIMIT, registers[OVERFLOW] + lost)
        self._unread = min(FIFO_DEPTH, self._unread + count)
        registers[STATUS_1] |= PPG_READY
        if self._unread >= FIFO_DEPTH - (registers[FIFO_CONFIG] & 0x0F):
            registers[STATUS_1] |= ALMOST_FULL

    def _gains(self) -> NDArray[np.float64]:
        registers = self.registers
        green = registers[LED3_GREEN]
        if registers[MODE_CONFIG] & 7 == MULTI_LED_MODE:
            green += registers[LED4_GREEN]
        codes = np.array((registers[LED1_RED], registers[LED2_INFRARED], green), dtype=np.float64)
        adc_range = registers[SPO2_CONFIG] >> 5 & 3
        return codes / REFERENCE_LED_CODE * 2.0 ** (REFERENCE_RANGE - adc_range)

    def _draw(self, index: int, count: int) -> ByteArray:
        rate_hz = self._clock.rate_hz
        # A sample is the mean of the period before it is finished.
        start_s = self._clock.time_s(index) - 0.5 / rate_hz
        counts = self._stimulus.optical(start_s, count, rate_hz) * self._gains()
        if self.noise_counts:
            counts = counts + [[_noise(index + row, self.noise_counts)] * 3 for row in range(count)]
        values = np.clip(np.rint(counts), 0, FULL_SCALE_COUNTS).astype(np.uint32)
        values &= np.uint32(_RESOLUTION_MASKS[self.registers[SPO2_CONFIG] & 3] & FULL_SCALE_COUNTS)
        chosen = np.ascontiguousarray(values[:, self._channels()], dtype=">u4")
        return chosen.view(np.uint8).reshape(count, -1, 4)[:, :, 1:].reshape(count, -1)

    def _finish_temperature(self) -> None:
        sixteenths = round(self._stimulus.skin_temperature_c(self._temperature_due_us / US_PER_S) * 16)
        self.registers[TEMPERATURE_WHOLE] = sixteenths >> 4 & 0xFF
        self.registers[TEMPERATURE_PART] = sixteenths & 0x0F
        self.registers[TEMPERATURE_CONFIG] = 0
        self.registers[STATUS_2] |= TEMPERATURE_READY
        self._temperature_due_us = -1


def _noise(index: int, counts: float) -> float:
    # Of the sample's number: it does not depend on how samples are drawn.
    return random.Random(index).gauss(0.0, counts)
