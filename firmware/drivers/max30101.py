"""MAX30101: red, infrared and green photoplethysmography, 25 Hz, 18 bits.

Register facts were read in the MAX30101 register map of the PSoC Components Library (dado93/PSoC-MAX30101,
MAX30101_Defs.h, which follows the datasheet), address 0x12 of the second slot register in the SparkFun
MAX3010x library, and the FIFO's layout and reading in the MAX30101 datasheet, page 15.
"""

from errno import EIO

from micropython import const

from drivers.registers import Registers
from drivers.unpack import unpack_optical

NO_TEMPERATURE = const(-32768)
"""Die temperature before the first conversion has ended."""

CHANNELS = const(3)
FIFO_SAMPLES = const(32)

_INTERRUPT_STATUS_1 = const(0x00)
_FIFO_WRITE_POINTER = const(0x04)
_FIFO_OVERFLOW = const(0x05)
_FIFO_READ_POINTER = const(0x06)
_FIFO_DATA = const(0x07)
_FIFO_CONFIG = const(0x08)
_MODE_CONFIG = const(0x09)
_SPO2_CONFIG = const(0x0A)
_LED1_RED = const(0x0C)
_LED2_INFRARED = const(0x0D)
_LED3_GREEN = const(0x0E)
_LED4_GREEN = const(0x0F)
_SLOTS_1_2 = const(0x11)
_SLOTS_3_4 = const(0x12)
_DIE_TEMPERATURE = const(0x1F)
_DIE_TEMPERATURE_CONFIG = const(0x21)
_PART_ID = const(0xFF)

_PART = const(0x15)
_POWER_READY = const(0x01)
_PPG_READY = const(0x40)
_RESET = const(0x40)
_SHUTDOWN = const(0x80)
_MULTI_LED = const(0x07)
_START_CONVERSION = const(0x01)

# Mean of 4 samples; no roll-over, so a full FIFO keeps its 32 oldest samples and counts the rest.
_AVERAGE_4 = const(0x40)
# Full scale 4096 nA, 100 samples/s, pulses of 411 us (18 bits): with the mean of 4, 25 Hz.
_RANGE_RATE_WIDTH = const(0x27)
# 6.2 mA; the middle of the wrist's range, and the current the counts of the virtual band are stated for.
_LED_CODE = const(0x1F)
_RED_THEN_INFRARED = const(0x21)
_GREEN_THEN_NONE = const(0x03)

IDENTITY = (0x57, _PART_ID, 1, 0xFF, _PART)
"""See `drivers.registers`."""

_SAMPLE_BYTES = const(9)
_POINTER_BYTES = const(3)
_POINTER_MASK = const(0x1F)
_OVERFLOW_LIMIT = const(0x1F)
# Bound of the wait for the reset bit to clear; each poll is one transfer of about 0.1 ms.
_RESET_POLLS = const(50)


class Max30101:
    """Driver of the optical front end. Raises OSError(ENODEV) when the part identity is wrong."""

    def __init__(self, bus):
        self._registers = Registers(bus, IDENTITY[0])
        self._status = bytearray(7)
        self._temperature = bytearray(3)
        # Room for the pointers in front of the data, which a full FIFO is read together with.
        self._full = bytearray(_POINTER_BYTES + FIFO_SAMPLES * _SAMPLE_BYTES)
        fifo = memoryview(self._full)[_POINTER_BYTES:]
        self._bursts = tuple(fifo[: count * _SAMPLE_BYTES] for count in range(FIFO_SAMPLES + 1))
        self._unreported = 0
        self._read_pointer = 0
        self._has_restarted = False
        self._has_conversion = False
        self._die_temperature_raw = NO_TEMPERATURE
        self.lost_samples = 0
        self.is_loss_exact = True
        self._registers.check_identity(IDENTITY)

    def start(self, led_code=_LED_CODE):
        """Reset, configure and begin to sample; the FIFO is empty. OSError(EIO) if the reset does not end.

        `led_code`: current of the LEDs in 0.2 mA (0 to 255), 0 for darkness.
        """
        registers = self._registers
        self._reset()
        registers.write(_FIFO_CONFIG, _AVERAGE_4)
        registers.write(_SPO2_CONFIG, _RANGE_RATE_WIDTH)
        registers.write(_LED1_RED, led_code)
        registers.write(_LED2_INFRARED, led_code)
        registers.write(_LED3_GREEN, led_code)
        registers.write(_LED4_GREEN, 0)
        registers.write(_SLOTS_1_2, _RED_THEN_INFRARED)
        registers.write(_SLOTS_3_4, _GREEN_THEN_NONE)
        registers.write(_FIFO_WRITE_POINTER, 0)
        registers.write(_FIFO_OVERFLOW, 0)
        registers.write(_FIFO_READ_POINTER, 0)
        registers.read(_INTERRUPT_STATUS_1)
        self._report_loss()
        self._read_pointer = 0
        self._has_restarted = False
        self._has_conversion = False
        self._die_temperature_raw = NO_TEMPERATURE
        registers.write(_MODE_CONFIG, _MULTI_LED)

    def stop(self):
        """Shut down: LEDs off, registers kept; samples not yet read are dropped by the next `start`."""
        self._registers.write(_MODE_CONFIG, _SHUTDOWN | _MULTI_LED)
        self._report_loss()

    def read_fifo_into(self, samples):
        """Read what the FIFO holds, at most what fits; give the number of samples.

        `samples`: array('i') with room for 32 samples, filled with red, infrared, green in turn, 0 to
        0x3FFFF. Two transfers: flags and pointers, then the data in one burst. What was lost before the
        first of these samples has been added to `lost_samples` when this returns: a full FIFO keeps its
        oldest samples, so the loss it reports lies behind them and is added at the next call. `is_loss_exact`
        is False when the counter had reached its limit: what this call has added is a minimum then.
        OSError(EIO) from when the chip lost its power until `start`.
        """
        status = self._status
        self._registers.read_into(_INTERRUPT_STATUS_1, status)
        self._check_power()
        self._report_loss()
        # Samples that a broken burst took from the FIFO without bringing them here.
        self.lost_samples += (status[_FIFO_READ_POINTER] - self._read_pointer) & _POINTER_MASK
        self._read_pointer = status[_FIFO_READ_POINTER]
        count = min(self._unread(), len(samples) // CHANNELS)
        if count:
            self._unreported = self._read_data(count)
            self._read_pointer = (self._read_pointer + count) & _POINTER_MASK
            unpack_optical(self._bursts[count], samples, count * CHANNELS)
        return count

    def read_die_temperature_raw(self):
        """Give the last finished conversion in 1/16 C and begin the next; `NO_TEMPERATURE` at first.

        A conversion takes about 29 ms (unconfirmed), so the value is as old as the last call but one.
        Nothing in the firmware reads it yet, so nothing but this call begins a conversion.
        """
        self._registers.read_into(_DIE_TEMPERATURE, self._temperature)
        if not self._temperature[2] & _START_CONVERSION:
            if self._has_conversion:
                whole = (self._temperature[0] ^ 0x80) - 0x80
                self._die_temperature_raw = whole * 16 + (self._temperature[1] & 0x0F)
            self._registers.write(_DIE_TEMPERATURE_CONFIG, _START_CONVERSION)
            self._has_conversion = True
        return self._die_temperature_raw

    def _read_data(self, count):
        """Read so many samples; give how many were lost behind them."""
        if count < FIFO_SAMPLES:
            self._registers.read_into(_FIFO_DATA, self._bursts[count])
            return self._status[_FIFO_OVERFLOW]
        # The counter again, in one transfer with the data: reading a sample clears it, and one more may have
        # been lost since the flags were read.
        self._registers.read_into(_FIFO_WRITE_POINTER, self._full)
        return self._full[_FIFO_OVERFLOW - _FIFO_WRITE_POINTER]

    def _reset(self):
        self._registers.write(_MODE_CONFIG, _RESET)
        for _ in range(_RESET_POLLS):
            if not self._registers.read(_MODE_CONFIG) & _RESET:
                return
        raise OSError(EIO)

    def _check_power(self):
        if self._status[0] & _POWER_READY:
            self._has_restarted = True
        if self._has_restarted:
            raise OSError(EIO)

    def _unread(self):
        # Equal pointers are an empty FIFO or a full one; a full one has lost or has just got a sample.
        status = self._status
        unread = (status[_FIFO_WRITE_POINTER] - status[_FIFO_READ_POINTER]) & _POINTER_MASK
        if unread == 0 and (status[_FIFO_OVERFLOW] or status[0] & _PPG_READY):
            return FIFO_SAMPLES
        return unread

    def _report_loss(self):
        self.is_loss_exact = self._unreported < _OVERFLOW_LIMIT
        self.lost_samples += self._unreported
        self._unreported = 0
