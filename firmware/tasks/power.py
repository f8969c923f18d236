"""Reads the fuel gauge: the battery's reading, charging and low-battery events."""

from bandwire.catalogue import INDEX_BATTERY_PERCENT
from bandwire.frames import (
    EVENT_KIND_BATTERY_LOW,
    EVENT_KIND_CHARGING,
    EVENT_KIND_NOT_CHARGING,
    GROUP_DEVICE,
    PART_FUEL_GAUGE,
)

_PERIOD_MS = 10_000

# Limits of this design, not of a standard: time left to charge, and room against going back and forth.
_LOW_PERCENT = 15
_LOW_ENDS_PERCENT = 20

# In the gauge's 0.208 %/h: about 1 %/h, above its noise, below the slowest charger.
_CHARGING_RATE_RAW = 5


class PowerTask:
    """Reads under an agreement."""

    BUDGET_PER_2_S = 10_000

    def __init__(self, agreement, chip, table, status, outbox):
        self.name = "power"
        self.part = PART_FUEL_GAUGE
        self.groups = GROUP_DEVICE
        self._agreement = agreement
        self._chip = chip
        self._table = table
        self._status = status
        self._outbox = outbox

    def start(self, _now_ms):
        """Find the chip and start it; OSError when it is not there."""
        self._chip.start()

    def step(self, _now_ms):
        """Read charge and rate."""
        if not self._agreement.allows(GROUP_DEVICE):
            return _PERIOD_MS
        gauge = self._chip.driver
        percent = min(gauge.read_percent_256() + 128 >> 8, 100)
        rate_raw = gauge.read_charge_rate_raw()
        self._table.set(INDEX_BATTERY_PERCENT, percent, 100)
        self._tell_charging(rate_raw, percent)
        self._tell_low(percent)
        return _PERIOD_MS

    def _tell_charging(self, rate_raw, percent):
        is_charging = rate_raw > (0 if self._status.is_charging else _CHARGING_RATE_RAW)
        if is_charging != self._status.is_charging:
            self._status.is_charging = is_charging
            self._status.touch()
            event = EVENT_KIND_CHARGING if is_charging else EVENT_KIND_NOT_CHARGING
            self._outbox.send_event(event, PART_FUEL_GAUGE, percent)

    def _tell_low(self, percent):
        status = self._status
        was_low = status.is_battery_low
        status.is_battery_low = percent <= _LOW_PERCENT or (was_low and percent < _LOW_ENDS_PERCENT)
        if status.is_battery_low != was_low:
            status.touch()
            if status.is_battery_low:
                self._outbox.send_event(EVENT_KIND_BATTERY_LOW, PART_FUEL_GAUGE, percent)
