"""Reads the skin thermometer into the vital signs."""

from bandwire.frames import GROUP_TEMPERATURE, PART_THERMOMETER

_PERIOD_MS = 2000
"""Twice the thermometer's cycle of conversion: each reading is a new one."""

_NO_TEMPERATURE = -32768
"""What the chip gives before its first conversion has ended."""


class TemperatureTask:
    """Reads under an agreement; `chip` holds the driver over restarts."""

    BUDGET_PER_2_S = 20_000

    def __init__(self, agreement, chip, take):
        self.name = "temperature"
        self.part = PART_THERMOMETER
        self.groups = GROUP_TEMPERATURE
        self._agreement = agreement
        self._chip = chip
        self._take = take

    def start(self, _now_ms):
        """Find the chip and start it; OSError when it is not there."""
        self._chip.start()

    def step(self, _now_ms):
        """Read one temperature."""
        if self._agreement.allows(GROUP_TEMPERATURE):
            raw_128 = self._chip.driver.read_raw()
            if raw_128 != _NO_TEMPERATURE:
                self._take(raw_128)
        return _PERIOD_MS
