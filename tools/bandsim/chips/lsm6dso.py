"""Register model of the LSM6DSO's accelerometer and FIFO; its gyroscope stays off.

Registers and fields as in ST's lsm6dso_reg.h; the FIFO's words and status as in the datasheet's section
6.5.7 and in rvanee/Arduino_LSM6DSOX; 512 words of 7 bytes as in ST's user manual of the STEVAL-BCN002V1B;
the overrun flag clears when read, as in TeamSunride/Arduino-LSM6DSO32.

Unconfirmed, and chosen so: the time slot of the first word after the FIFO was switched on is 0; a read of an
empty FIFO gives zeros; a burst that stops inside a word has taken it; the nominal rate is 26 Hz (not the
26.04 Hz that its dividers give) and 40 kHz of the timestamp; 8192 counts/g at +-4 g, where the datasheet's
sensitivity is 0.122 mg (0.05 % apart). The stimulus' acceleration is quantised; no noise is added to it.
"""

import numpy as np

from bandsim.chips.base import ByteArray, ByteRegisters, Ring, SampleClock, SampleStore
from bandsim.stimulus import Stimulus

ADDRESS = 0x6A
IDENTITY = 0x6C
FIFO_DEPTH = 512
WORD_BYTES = 7

FIFO_CTRL3, FIFO_CTRL4 = 0x09, 0x0A
WHO_AM_I = 0x0F
CTRL1_XL, CTRL3_C, CTRL10_C = 0x10, 0x12, 0x19
STATUS, OUT_X_LOW = 0x1E, 0x28
FIFO_STATUS1, FIFO_STATUS2 = 0x3A, 0x3B
TIMESTAMP0 = 0x40
FIFO_TAG = 0x78

BYPASS, FIFO_MODE, CONTINUOUS = 0, 1, 6
SOFTWARE_RESET, ADDRESS_INCREMENT = 0x01, 0x04
TIMESTAMP_ON = 0x20
OVERRUN_LATCHED, FIFO_FULL, OVERRUN = 0x08, 0x20, 0x40
ACCELEROMETER_READY = 0x01
TAG_ACCELEROMETER = 2

_RATES_HZ = (0.0, 12.5, 26.0, 52.0, 104.0, 208.0, 417.0, 833.0, 1667.0, 3333.0, 6667.0, 1.6)
_COUNTS_PER_G = (16384, 2048, 8192, 4096)
_TIMESTAMP_HZ = 40_000
_AHEAD_S = 4
_READ_ONLY = frozenset((WHO_AM_I, STATUS, FIFO_STATUS1, FIFO_STATUS2)) | frozenset(range(0x1A, 0x46))


class Lsm6dsoModel(ByteRegisters):
    """The chip; `error_ppm` is how much too fast its oscillator runs."""

    name = "lsm6dso"
    identity = IDENTITY
    fifo_register = FIFO_TAG

    def __init__(self, stimulus: Stimulus, *, address: int = ADDRESS, error_ppm: float = 0.0) -> None:
        super().__init__(address)
        self._stimulus = stimulus
        self._clock = SampleClock(error_ppm)
        self._timestamp = SampleClock(error_ppm)
        self._store = SampleStore(self._draw, 1)
        self._fifo = Ring(FIFO_DEPTH)
        self._fifo.widen(WORD_BYTES)
        self.power_on()

    def power_on(self) -> None:
        """Registers to their reset state; nothing is sampled."""
        self.registers = bytearray(256)
        self.registers[WHO_AM_I] = self.identity
        self.registers[CTRL3_C] = ADDRESS_INCREMENT
        self.pointer = 0
        self._taken = 0
        self._slot = 0
        self._first = 0
        self._unread = 0
        self._clock.stop()
        self._timestamp.stop()

    def settle(self, now_us: int) -> None:
        """See `Chip.settle`."""
        self.catch_up(now_us)
        self._store.forget()

    def set_clock_error(self, error_ppm: float) -> None:
        """See `SampleClock.set_error`; the timestamp runs from the same oscillator."""
        self._clock.set_error(error_ppm)
        self._timestamp.set_error(error_ppm)

    # Transfers

    def catch_up(self, now_us: int) -> None:
        """See `ByteRegisters.catch_up`."""
        if self._clock.is_running:
            count = self._clock.finished(now_us) - self._taken
            if count > 0:
                self._push(self._taken, count)
                self._taken += count

    def next_register(self, register: int) -> int:
        """Registers step on if IF_INC says so."""
        return (register + 1) & 0xFF if self.registers[CTRL3_C] & ADDRESS_INCREMENT else register

    def read_register(self, register: int, now_us: int) -> int:
        """Status registers are made up when read."""
        if register == FIFO_STATUS1:
            return self._unread & 0xFF
        if register == FIFO_STATUS2:
            return self._read_fifo_status()
        if TIMESTAMP0 <= register < TIMESTAMP0 + 4:
            return self._timestamp.finished(now_us) >> 8 * (register - TIMESTAMP0) & 0xFF
        value = self.registers[register]
        if OUT_X_LOW <= register < OUT_X_LOW + 6:
            self.registers[STATUS] &= ~ACCELEROMETER_READY
        return value

    def read_fifo(self, count: int) -> bytes:
        """Give FIFO words from the tag on, zeros when it runs dry."""
        words = min(self._unread, -(-count // WORD_BYTES))
        data = self._fifo.get(self._first, words)
        self._first = (self._first + words) % FIFO_DEPTH
        self._unread -= words
        return data[:count].ljust(count, b"\0")

    def write_register(self, register: int, value: int, now_us: int) -> None:
        """See `ByteRegisters.write_register`; read-only registers keep their value."""
        if register == CTRL3_C and value & SOFTWARE_RESET:
            self.power_on()
            self.pointer = CTRL3_C
            return
        if register in _READ_ONLY:
            return
        is_change = self.registers[register] != value
        self.registers[register] = value
        if register == FIFO_CTRL4 and value & 7 == BYPASS:
            self._empty()
        elif register == CTRL10_C and is_change:
            self._switch_timestamp(now_us)
        elif register in {CTRL1_XL, FIFO_CTRL3} and is_change:
            self._restart(now_us)

    def _read_fifo_status(self) -> int:
        registers = self.registers
        value = self._unread >> 8 | registers[FIFO_STATUS2]
        if self._unread == FIFO_DEPTH:
            value |= OVERRUN
        if self._unread >= FIFO_DEPTH - 1:
            value |= FIFO_FULL
        registers[FIFO_STATUS2] = 0
        return value

    # Sampling

    def _empty(self) -> None:
        self._first = self._unread = self._slot = 0
        self.registers[FIFO_STATUS2] = 0
        self._store.forget()

    def _switch_timestamp(self, now_us: int) -> None:
        if self.registers[CTRL10_C] & TIMESTAMP_ON:
            self._timestamp.start(_TIMESTAMP_HZ, now_us)
        else:
            self._timestamp.stop()

    def _restart(self, now_us: int) -> None:
        rate_hz = _RATES_HZ[min(self.registers[CTRL1_XL] >> 4, len(_RATES_HZ) - 1)]
        batch_hz = _RATES_HZ[min(self.registers[FIFO_CTRL3] & 0x0F, len(_RATES_HZ) - 1)]
        if rate_hz and batch_hz:
            rate_hz = min(rate_hz, batch_hz)
        self._slot = (self._slot + self._taken) & 3
        self._taken = 0
        self._store = SampleStore(self._draw, max(1, int(rate_hz * _AHEAD_S)))
        if rate_hz:
            self._clock.start(rate_hz, now_us)
        else:
            self._clock.stop()

    def _push(self, index: int, count: int) -> None:
        mode = self.registers[FIFO_CTRL4] & 7
        is_batched = self.registers[FIFO_CTRL3] & 0x0F and mode != BYPASS
        last = self._store.take(index + count - 1, 1) if not is_batched else b""
        if is_batched:
            room = FIFO_DEPTH - self._unread
            lost = max(0, count - room)
            kept = min(count, room if mode == FIFO_MODE else FIFO_DEPTH)
            start = index if mode == FIFO_MODE else index + count - kept
            last = self._store.take(start, kept)
            self._enter(last, kept, lost, is_continuous=mode != FIFO_MODE)
        if last:
            self.registers[OUT_X_LOW : OUT_X_LOW + 6] = last[-6:]
        self.registers[STATUS] |= ACCELEROMETER_READY

    def _enter(self, words: bytes, kept: int, lost: int, *, is_continuous: bool) -> None:
        if is_continuous and lost:
            dropped = min(self._unread, lost)
            self._first = (self._first + dropped) % FIFO_DEPTH
            self._unread -= dropped
        self._fifo.put((self._first + self._unread) % FIFO_DEPTH, words)
        self._unread += kept
        if lost:
            self.registers[FIFO_STATUS2] |= OVERRUN_LATCHED

    def _draw(self, index: int, count: int) -> ByteArray:
        rate_hz = self._clock.rate_hz
        scale = _COUNTS_PER_G[self.registers[CTRL1_XL] >> 2 & 3]
        counts = self._stimulus.acceleration_g(self._clock.time_s(index), count, rate_hz) * scale
        words = np.empty((count, WORD_BYTES), dtype=np.uint8)
        words[:, 0] = _tags(self._slot + index, count)
        clipped = np.clip(np.rint(counts), -32768, 32767)
        words[:, 1:] = np.ascontiguousarray(clipped, dtype="<i2").view(np.uint8).reshape(count, 6)
        return words


def _tags(slot: int, count: int) -> ByteArray:
    """Give the tag bytes of accelerometer words: sensor, time slot, and a bit that makes the parity even."""
    tags = (TAG_ACCELEROMETER << 3 | (slot + np.arange(count)) % 4 << 1).astype(np.uint8)
    return tags | np.bitwise_count(tags) % 2
