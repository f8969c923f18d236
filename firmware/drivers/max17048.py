"""MAX17048: the battery's charge, voltage and rate of charge.

Registers, units and defaults were read in the register summary of UNIT Electronics' MAX1704x board page
(which follows the datasheet, table 2); that 0xFFFF in HIBRT keeps the chip in hibernation and 0 out of it, in
the documentation of adafruit_max1704x.
"""

from micropython import const

from drivers.registers import Registers

_VCELL = const(0x02)
_SOC = const(0x04)
_VERSION = const(0x08)
_HIBRT = const(0x0A)
_CRATE = const(0x16)

# The lowest digit is the production version.
IDENTITY = (0x36, _VERSION, 2, 0xFFF0, 0x0010)
"""See `drivers.registers`."""

_HIBERNATE_BY_ITSELF = const(0x8030)
_HIBERNATE_ALWAYS = const(0xFFFF)


class Max17048:
    """Driver of the fuel gauge. Raises OSError(ENODEV) when the version is of another family."""

    def __init__(self, bus):
        self._registers = Registers(bus, IDENTITY[0])
        self._registers.check_identity(IDENTITY)

    def start(self):
        """Let the chip choose between hibernation and measuring 4 times a second, its reset state."""
        self._registers.write_word(_HIBRT, _HIBERNATE_BY_ITSELF)

    def stop(self):
        """Keep the chip in hibernation: it measures on, but seldom."""
        self._registers.write_word(_HIBRT, _HIBERNATE_ALWAYS)

    def read_percent_256(self):
        """Give the state of charge in 1/256 %; a full battery may read a little above 25600."""
        return self._registers.read_word(_SOC)

    def read_millivolts(self):
        """Give the cell's voltage in mV; the register counts 78.125 uV, which is 5/64 mV."""
        return self._registers.read_word(_VCELL) * 5 >> 6

    def read_charge_rate_raw(self):
        """Give the rate of charge (charging > 0) in 0.208 % an hour, -32768 to 32767."""
        return self._registers.read_signed_word(_CRATE)
