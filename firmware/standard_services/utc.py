"""The time of day in UTC, as far as a host has told it, and the characteristics that carry it.

Layouts by the Bluetooth SIG's XML descriptions of Date Time (0x2A08), Day of Week (0x2A09), Exact Time 256
(0x2A0C) and Current Time (0x2A2B), of 2011. Nothing allocates but `UtcTime.set`; no number exceeds 30 bits.

Worked by hand: 2026-11-30 01:30:05, a Monday, as Current Time is `ea 07 0b 1e 01 1e 05 01 00 02`.
"""

from micropython import const

DATE_TIME_BYTES = const(7)
CURRENT_TIME_BYTES = const(10)
UNKNOWN_DAY = const(-1)

_DAY_S = const(86400)
_DAYS_BEFORE_2000 = const(10957)
_DAYS_OF_CENTURY = const(36525)
_DAYS_OF_FOUR_YEARS = const(1461)
_DAYS_OF_LEAP_YEAR = const(366)
_SATURDAY = const(5)
"""The first day of 2000, where Monday is 0."""
_MONTHS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"
_EXTERNAL_REFERENCE = const(0x02)
"""Adjust Reason: a host's clock is the only one that the band is ever set by."""


def u16_into(buffer, offset, value):
    """Write 0 <= `value` < 2^16, least significant byte first."""
    buffer[offset] = value & 0xFF
    buffer[offset + 1] = value >> 8


class UtcTime:
    """Known from when a host has told it, for the years 2000 to 2099, each fourth of which is a leap year.

    `changes` counts how often it has changed by more than a second other than by passing.
    """

    def __init__(self):
        self.changes = 0
        self.is_told = False
        self._day = 0
        self._second = 0
        self._told_s = 0

    def set(self, unix_s, uptime_s):
        """Take a host's clock at an uptime of the band, both in whole seconds; 0 is a host without one."""
        before_s = self.unix_s_at(uptime_s)
        self.is_told = unix_s > 0
        self._day = unix_s // _DAY_S - _DAYS_BEFORE_2000
        self._second = unix_s % _DAY_S
        self._told_s = uptime_s
        if abs(unix_s - before_s) > 1:
            self.changes += 1

    def unix_s_at(self, uptime_s):
        """The Unix time at an uptime; counted from the start where nobody has told it."""
        day_s = (self._day + _DAYS_BEFORE_2000) * _DAY_S if self.is_told else 0
        return day_s + self._second + uptime_s - self._told_s

    def day_at(self, uptime_s):
        """Days since 2000-01-01 at an uptime, which may lie before the start; UNKNOWN_DAY when not known."""
        day = self._day + (self._second + uptime_s - self._told_s) // _DAY_S
        return day if self.is_told and 0 <= day < _DAYS_OF_CENTURY else UNKNOWN_DAY

    def date_time_into(self, buffer, offset, uptime_s):
        """Write Date Time at an uptime of which the day is known; gives its 7 bytes."""
        _date_into(buffer, offset, self.day_at(uptime_s))
        second = (self._second + uptime_s - self._told_s) % _DAY_S
        buffer[offset + 4] = second // 3600
        buffer[offset + 5] = second // 60 % 60
        buffer[offset + 6] = second % 60
        return DATE_TIME_BYTES

    def current_time_into(self, buffer, offset, uptime_s):
        """Write Current Time at an uptime; gives its 10 bytes, or 0 when the time is not known.

        Fractions of a second are 0: a host tells whole seconds.
        """
        day = self.day_at(uptime_s)
        if day == UNKNOWN_DAY:
            return 0
        self.date_time_into(buffer, offset, uptime_s)
        buffer[offset + 7] = (day + _SATURDAY) % 7 + 1
        buffer[offset + 8] = 0
        buffer[offset + 9] = _EXTERNAL_REFERENCE
        return CURRENT_TIME_BYTES


def _date_into(buffer, offset, day):
    """Year, month and day of the month by days since 2000-01-01; the first of four years is a leap year."""
    year = 2000 + day // _DAYS_OF_FOUR_YEARS * 4
    day %= _DAYS_OF_FOUR_YEARS
    leap_day = 1
    if day >= _DAYS_OF_LEAP_YEAR:
        day -= _DAYS_OF_LEAP_YEAR
        year += 1 + day // 365
        day %= 365
        leap_day = 0
    month = 0
    while day >= _MONTHS[month] + (leap_day if month == 1 else 0):
        day -= _MONTHS[month] + (leap_day if month == 1 else 0)
        month += 1
    u16_into(buffer, offset, year)
    buffer[offset + 2] = month + 1
    buffer[offset + 3] = day + 1
