"""Register model of the TMP117 thermometer.

Registers and reset values as in TI's datasheet (SNOSD82D, section 7.6, register map); fields of the
configuration register, cycle times and what clears Data_Ready as in xgroleau/tmp117-rs (src/register.rs).

Unconfirmed, and chosen so: noise of 1 LSB (7.8125 mC) standard deviation for one conversion, less by the root
of the number averaged; a conversion takes 15.5 ms; a long read repeats the register. The EEPROM and the alert
pin are registers without effect.
"""

import random

from bandsim.chips.base import US_PER_S, WordRegisters
from bandsim.stimulus import Stimulus

ADDRESS = 0x48
DEVICE_ID = 0x0117
COUNTS_PER_C = 128

TEMPERATURE, CONFIGURATION, HIGH_LIMIT, LOW_LIMIT, OFFSET, DEVICE = 0x00, 0x01, 0x02, 0x03, 0x07, 0x0F

SOFT_RESET, DATA_READY, LOW_ALERT, HIGH_ALERT = 0x0002, 0x2000, 0x4000, 0x8000
CONTINUOUS, SHUTDOWN, ONE_SHOT = 0, 1, 3

_NO_RESULT = 0x8000
_RESET_VALUES = {TEMPERATURE: _NO_RESULT, CONFIGURATION: 0x0220, HIGH_LIMIT: 0x6000, LOW_LIMIT: 0x8000}
_AVERAGES = (1, 8, 32, 64)
_ONE_CONVERSION_US = 15_500
# Active time by averaging setting, and least time of a cycle by CONV setting.
_ACTIVE_US = (_ONE_CONVERSION_US, 125_000, 500_000, 1_000_000)
_CYCLE_US = (_ONE_CONVERSION_US, 125_000, 250_000, 500_000, 1_000_000, 4_000_000, 8_000_000, 16_000_000)


class Tmp117Model(WordRegisters):
    """The chip; `error_ppm` is how much too fast its oscillator runs, `seed` that of its noise.

    `error_c` is by how much it reads too high before its offset, as a unit may.
    """

    name = "tmp117"
    identity = DEVICE_ID

    def __init__(
        self,
        stimulus: Stimulus,
        *,
        address: int = ADDRESS,
        error_ppm: float = 0.0,
        seed: int = 0,
        error_c: float = 0.0,
    ) -> None:
        super().__init__(address)
        self._stimulus = stimulus
        self._error_ppm = error_ppm
        self._seed = seed
        self.error_c = error_c
        self.power_on()

    def power_on(self) -> None:
        """Registers to their reset state; the first conversion begins with the next transfer."""
        self.registers = dict(_RESET_VALUES)
        self.pointer = 0
        self._start_us: int | None = None
        self._done = 0

    def settle(self, now_us: int) -> None:
        """See `Chip.settle`."""
        self._catch_up(now_us)

    def write_word(self, register: int, value: int, now_us: int) -> None:
        """See `WordRegisters.write_word`; read-only registers keep their value."""
        self._catch_up(now_us)
        if register == CONFIGURATION:
            if value & SOFT_RESET:
                self.power_on()
            else:
                self.registers[register] = value & 0x0FFC | self.registers[register] & 0xF000
            self._start_us = now_us
            self._done = 0
        elif register in {HIGH_LIMIT, LOW_LIMIT, OFFSET}:
            self.registers[register] = value

    def read_word(self, register: int, now_us: int) -> int:
        """Reading the result or the configuration clears Data_Ready; the latter also the alerts."""
        self._catch_up(now_us)
        if register == DEVICE:
            return self.identity
        value = self.registers.get(register, 0)
        if register == TEMPERATURE:
            self.registers[CONFIGURATION] &= ~DATA_READY
        elif register == CONFIGURATION:
            self.registers[CONFIGURATION] &= ~(DATA_READY | LOW_ALERT | HIGH_ALERT)
        return value

    def _catch_up(self, now_us: int) -> None:
        if self._start_us is None:
            self._start_us = now_us
        mode = self.registers[CONFIGURATION] >> 10 & 3
        if mode == SHUTDOWN:
            return
        active_us, cycle_us = self._times_us()
        elapsed_us = now_us - self._start_us
        done = (elapsed_us - active_us) // cycle_us + 1 if elapsed_us >= active_us else 0
        if mode == ONE_SHOT:
            done = min(done, 1)
        if done > self._done:
            self._convert((self._start_us + active_us + (done - 1) * cycle_us) / US_PER_S)
            self._done = done
            if mode == ONE_SHOT:
                self.registers[CONFIGURATION] = self.registers[CONFIGURATION] & ~0x0C00 | SHUTDOWN << 10

    def _times_us(self) -> tuple[int, int]:
        configuration = self.registers[CONFIGURATION]
        active_us = _ACTIVE_US[configuration >> 5 & 3]
        cycle_us = max(active_us, _CYCLE_US[configuration >> 7 & 7])
        scale = 1 + self._error_ppm / 1e6
        return round(active_us / scale), round(cycle_us / scale)

    def _convert(self, at_s: float) -> None:
        averaged = _AVERAGES[self.registers[CONFIGURATION] >> 5 & 3]
        # Noise of its own for each conversion: it does not depend on which results were read before.
        noise = random.Random(f"{self._seed} {at_s}").gauss(0.0, averaged**-0.5)
        temperature_c = self._stimulus.skin_temperature_c(at_s) + self.error_c
        raw = round(temperature_c * COUNTS_PER_C + noise) + _signed(self.registers.get(OFFSET, 0))
        raw = max(-32768, min(32767, raw))
        self.registers[TEMPERATURE] = raw & 0xFFFF
        flags = DATA_READY
        if raw > _signed(self.registers[HIGH_LIMIT]):
            flags |= HIGH_ALERT
        if raw < _signed(self.registers[LOW_LIMIT]):
            flags |= LOW_ALERT
        self.registers[CONFIGURATION] |= flags


def _signed(word: int) -> int:
    return (word ^ 0x8000) - 0x8000
