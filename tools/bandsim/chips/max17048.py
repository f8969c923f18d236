"""Register model of the MAX17048 fuel gauge.

Registers, units and reset values as in the register summary of UNIT Electronics' MAX1704x board page (which
follows the datasheet, table 2); the reset command and the status flags as in Adafruit's MAX1704x library.

Unconfirmed, and chosen so: the alert threshold in the low 5 bits of CONFIG is 32 minus percent, the alert
flag is its bit 5; results are those of the moment of reading (the chip measures every 0.25 s); a longer read
steps on to the next register; the version is 0x0012. The ModelGauge algorithm is not imitated: charge,
voltage and rate are the stimulus'.
"""

from bandsim.chips.base import US_PER_S, WordRegisters
from bandsim.stimulus import Battery, Stimulus

ADDRESS = 0x36
VERSION_WORD = 0x0012

VCELL, SOC, MODE, VERSION, HIBRT, CONFIG = 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C
VALRT, CRATE, VRESET_ID, STATUS, COMMAND = 0x14, 0x16, 0x18, 0x1A, 0xFE

VOLTS_PER_COUNT = 78.125e-6
RATE_PERCENT_PER_H = 0.208
ALERT = 0x0020
RESET_INDICATOR, SOC_LOW = 0x0100, 0x1000
_POWER_ON_COMMAND = 0x5400
_HIBERNATING = 0x1000

_RESET_VALUES = {HIBRT: 0x8030, CONFIG: 0x971C, VALRT: 0x00FF, VRESET_ID: 0x9600, STATUS: RESET_INDICATOR}


class Max17048Model(WordRegisters):
    """The chip."""

    name = "max17048"
    identity = VERSION_WORD
    step = 2

    def __init__(self, stimulus: Stimulus, *, address: int = ADDRESS) -> None:
        super().__init__(address)
        self._stimulus = stimulus
        self.power_on()

    def power_on(self) -> None:
        """Registers to their reset state."""
        self.registers = dict(_RESET_VALUES)
        self.pointer = 0

    @property
    def alert_percent(self) -> int:
        """State of charge at or below which the alert is raised."""
        return 32 - (self.registers[CONFIG] & 0x1F)

    def write_word(self, register: int, value: int, now_us: int) -> None:
        """See `WordRegisters.write_word`; read-only registers keep their value."""
        if register == COMMAND and value == _POWER_ON_COMMAND:
            self.power_on()
        elif register == STATUS:
            # Flags can be cleared, not set; EnVR (bit 14) is a setting.
            self.registers[STATUS] &= value | 0x00FF
        elif register in self.registers:
            self.registers[register] = value

    def read_word(self, register: int, now_us: int) -> int:
        """See `WordRegisters.read_word`."""
        battery = self._stimulus.battery(now_us / US_PER_S)
        self._watch(battery)
        if register == VCELL:
            return _clip(battery.volts / VOLTS_PER_COUNT)
        if register == SOC:
            return _clip(battery.percent * 256)
        if register == CRATE:
            return round(battery.charge_rate_percent_per_h / RATE_PERCENT_PER_H) & 0xFFFF
        if register == VERSION:
            return self.identity
        if register == MODE:
            return _HIBERNATING if self.registers[HIBRT] == 0xFFFF else 0
        return self.registers.get(register, 0xFFFF)

    def _watch(self, battery: Battery) -> None:
        if battery.percent <= self.alert_percent:
            self.registers[CONFIG] |= ALERT
            self.registers[STATUS] |= SOC_LOW


def _clip(counts: float) -> int:
    return max(0, min(0xFFFF, round(counts)))
