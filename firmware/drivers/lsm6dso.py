"""LSM6DSO: acceleration at 26 Hz, +-4 g (8192 counts/g), through its FIFO of tagged words.

Register facts were read in ST's lsm6dso_reg.h (STMicroelectronics/lsm6dso-pid); the FIFO's words, and that
one burst from the tag register reads many of them, in the datasheet's section 6.5.7 and in the FIFO code of
rvanee/Arduino_LSM6DSOX; that the overrun flag clears when read, in the LSM6DSO32 register comments of
TeamSunride/Arduino-LSM6DSO32.

The chip has no counter of lost samples, so the loss is worked out. A FIFO in continuous mode drops its
oldest words. The time slot in each tag (2 bits) gives the loss modulo 4, and the chip's own time, which runs
from the same oscillator as its sampling (unconfirmed), gives it within 2 as long as it is below 500 samples:
together, exactly. Above that it may be wrong by 0.2 %, the difference between 26 Hz and the chip's true rate;
and by one sample when the FIFO overran before the first read.
"""

from errno import EIO

import micropython
from micropython import const

from drivers.registers import Registers
from drivers.unpack import unpack_motion

AXES = const(3)
BURST_SAMPLES = const(32)
"""Most samples one call reads: 1.2 s; a longer queue is emptied by calling again."""

_FIFO_CTRL3 = const(0x09)
_FIFO_CTRL4 = const(0x0A)
_WHO_AM_I = const(0x0F)
_CTRL1_XL = const(0x10)
_CTRL3_C = const(0x12)
_CTRL6_C = const(0x15)
_CTRL10_C = const(0x19)
_FIFO_STATUS1 = const(0x3A)
_FIFO_DATA_OUT_TAG = const(0x78)

_SOFTWARE_RESET = const(0x01)
# Block data update, address increment.
_BDU_IF_INC = const(0x44)
_HIGH_PERFORMANCE_OFF = const(0x10)
_TIMESTAMP_ON = const(0x20)
_BATCH_26_HZ = const(0x02)
_BYPASS = const(0x00)
_CONTINUOUS = const(0x06)
_RATE_26_HZ_4_G = const(0x28)
_POWER_DOWN = const(0x00)

IDENTITY = (0x6A, _WHO_AM_I, 1, 0xFF, 0x6C)
"""See `drivers.registers`."""

_OVERRUN_LATCHED = const(0x08)
_WORD_BYTES = const(7)
# FIFO status (2 bytes), reserved ones, timestamp (4 bytes): one burst.
_STATUS_BYTES = const(10)
_TIMESTAMP = const(6)
# The timestamp counts 25 us (lsm6dso_from_lsb_to_nsec); its bits 4 to 27 count 0.4 ms and wrap after 1.8 h.
_TICKS_MASK = const(0xFFFFFF)
_TICKS_PER_S = const(2500)
_RATE_HZ = const(26)
# Bound of the wait for the reset bit to clear; each poll is one transfer of about 0.1 ms.
_RESET_POLLS = const(50)


class Lsm6dso:
    """Driver of the accelerometer. Raises OSError(ENODEV) when the identity is wrong."""

    def __init__(self, bus):
        self._registers = Registers(bus, IDENTITY[0])
        self._status = bytearray(_STATUS_BYTES)
        words = memoryview(bytearray(BURST_SAMPLES * _WORD_BYTES))
        self._bursts = tuple(words[: count * _WORD_BYTES] for count in range(BURST_SAMPLES + 1))
        self._words = words
        self._ticks = 0
        self._left = 0
        self._slot = -1
        self._is_doubtful = False
        self._has_restarted = False
        self.lost_samples = 0
        # Counted by the chip's time, which has no limit that a stall could reach.
        self.is_loss_exact = True
        self._registers.check_identity(IDENTITY)

    def start(self):
        """Reset, configure and begin to sample; the FIFO is empty. OSError(EIO) if the reset does not end."""
        registers = self._registers
        self._reset()
        registers.write(_CTRL3_C, _BDU_IF_INC)
        registers.write(_CTRL6_C, _HIGH_PERFORMANCE_OFF)
        registers.write(_CTRL10_C, _TIMESTAMP_ON)
        registers.write(_FIFO_CTRL3, _BATCH_26_HZ)
        registers.write(_FIFO_CTRL4, _BYPASS)
        registers.write(_FIFO_CTRL4, _CONTINUOUS)
        self._ticks = 0
        self._left = 0
        self._slot = -1
        self._is_doubtful = False
        self._has_restarted = False
        registers.write(_CTRL1_XL, _RATE_26_HZ_4_G)

    def stop(self):
        """Power the accelerometer down and empty the FIFO; samples not yet read are dropped."""
        self._registers.write(_CTRL1_XL, _POWER_DOWN)
        self._registers.write(_FIFO_CTRL4, _BYPASS)

    @micropython.native
    def read_fifo_into(self, samples):
        """Read the oldest samples of the FIFO, at most `BURST_SAMPLES` and what fits; give their number.

        `samples`: array('h'), filled with x, y, z in turn, counts of 1/8192 g. Two transfers: status and
        time, then the data in one burst. What was lost before the first of these samples has been added to
        `lost_samples` when this returns. OSError(EIO) from when the chip lost its power until `start`.
        """
        status = self._status
        is_doubtful = self._is_doubtful
        # In doubt until the call has ended well: a broken transfer may take flags and words with it.
        self._is_doubtful = True
        self._registers.read_into(_FIFO_STATUS1, status)
        ticks = self._read_ticks()
        if status[1] & _OVERRUN_LATCHED:
            is_doubtful = True
        waiting = status[0] | (status[1] & 0x03) << 8
        count = min(waiting, BURST_SAMPLES, len(samples) // AXES)
        if count == 0:
            self._is_doubtful = is_doubtful
            return 0
        self._registers.read_into(_FIFO_DATA_OUT_TAG, self._bursts[count])
        elapsed = (ticks - self._ticks) & _TICKS_MASK
        expected = self._left + elapsed * _RATE_HZ // _TICKS_PER_S
        self._count_loss(is_doubtful, expected - waiting)
        self._slot = self._words[(count - 1) * _WORD_BYTES] >> 1 & 3
        self._left = waiting - count
        self._ticks = ticks
        self._is_doubtful = False
        return unpack_motion(self._words, samples, count)

    def _read_ticks(self):
        # The timestamp of a chip that lost its power stands at 0 and so lies before the last one.
        status = self._status
        ticks = status[_TIMESTAMP] >> 4 | status[_TIMESTAMP + 1] << 4 | status[_TIMESTAMP + 2] << 12
        ticks |= (status[_TIMESTAMP + 3] & 0x0F) << 20
        if (ticks - self._ticks) & _TICKS_MASK > _TICKS_MASK // 2:
            self._has_restarted = True
        if self._has_restarted:
            raise OSError(EIO)
        return ticks

    def _count_loss(self, is_doubtful, missing):
        """Add the loss before the words just read; `missing`: the loss by the chip's time, right within 2."""
        if self._slot < 0:
            lost = missing if is_doubtful else 0
        else:
            gap = ((self._words[0] >> 1) - self._slot - 1) & 3
            lost = gap + ((missing - gap + 2) >> 2) * 4 if is_doubtful or gap else 0
        self.lost_samples += max(lost, 0)

    def _reset(self):
        self._registers.write(_CTRL3_C, _SOFTWARE_RESET)
        for _ in range(_RESET_POLLS):
            if not self._registers.read(_CTRL3_C) & _SOFTWARE_RESET:
                return
        raise OSError(EIO)
