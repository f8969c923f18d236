"""TMP117: skin temperature in 1/128 C, one conversion a second.

Register facts were read in TI's register map of the datasheet (SNOSD82D, section 7.6), and the fields of the
configuration register, with their cycle times, in xgroleau/tmp117-rs (src/register.rs).
"""

from micropython import const

from drivers.registers import Registers

NO_TEMPERATURE = const(-32768)
"""What the chip gives before the first conversion has ended (-256 C)."""

_TEMPERATURE = const(0x00)
_CONFIGURATION = const(0x01)
_OFFSET = const(0x07)
_DEVICE_ID = const(0x0F)

# The upper 4 bits are the revision.
IDENTITY = (0x48, _DEVICE_ID, 2, 0x0FFF, 0x0117)
"""See `drivers.registers`."""

# Continuous, a cycle of 1 s, 8 conversions averaged.
_CONTINUOUS_1_S = const(0x0220)
_SHUTDOWN = const(0x0620)


class Tmp117:
    """Driver of the thermometer. Raises OSError(ENODEV) when the identity is wrong.

    `offset_128`, in 1/128 C, is what the maker found this unit to read too low; the chip adds it.
    """

    def __init__(self, bus, offset_128=0):
        self._offset_128 = offset_128
        self._registers = Registers(bus, IDENTITY[0])
        self._registers.check_identity(IDENTITY)

    def start(self):
        """Convert once a second from now on; the first result comes after a second."""
        self._registers.write_word(_OFFSET, self._offset_128 & 0xFFFF)
        self._registers.write_word(_CONFIGURATION, _CONTINUOUS_1_S)

    def stop(self):
        """Shut down; the last result stays readable."""
        self._registers.write_word(_CONFIGURATION, _SHUTDOWN)

    def read_raw(self):
        """Give the newest result in 1/128 C, `NO_TEMPERATURE` before the first. One transfer."""
        return self._registers.read_signed_word(_TEMPERATURE)
