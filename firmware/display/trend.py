"""Short histories of numeric readings, for the line below a value."""

from array import array

from bandwire.catalogue import (
    INDEX_CORE_TEMPERATURE_ESTIMATE_C,
    INDEX_HEART_RATE_BPM,
    INDEX_RESPIRATORY_RATE_BPM,
    INDEX_SKIN_TEMPERATURE_C,
    INDEX_SPO2_PERCENT,
)
from bandwire.frames import VALIDITY_VALID

INTERVAL_S = 10
POINTS = 24
"""Four minutes at one point every 10 s."""

_NO_POINT = -1

# Smallest span in raw counts that fills the height: less is noise and must not look like a change.
_LEAST_SPANS = (
    (INDEX_HEART_RATE_BPM, 100),
    (INDEX_RESPIRATORY_RATE_BPM, 60),
    (INDEX_SPO2_PERCENT, 40),
    (INDEX_SKIN_TEMPERATURE_C, 50),
    (INDEX_CORE_TEMPERATURE_ESTIMATE_C, 50),
)


class Trend:
    """The last `POINTS` valid values of one reading."""

    def __init__(self, index, least_span):
        self.index = index
        self._least_span = least_span
        self._points = array("h", (_NO_POINT for _ in range(POINTS)))
        self._next = 0

    def collect(self, table):
        """Take the value of now; an invalid one is a gap."""
        is_valid = table.validity(self.index) == VALIDITY_VALID
        self._points[self._next] = table.raw(self.index) if is_valid else _NO_POINT
        self._next = (self._next + 1) % POINTS

    def clear(self):
        """Forget all."""
        for at in range(POINTS):
            self._points[at] = _NO_POINT

    def draw(self, canvas, x, y, height):
        """Draw within `2 * POINTS - 1` columns and `height` rows."""
        low, span = self._bounds()
        row_before = _NO_POINT
        for at in range(POINTS):
            raw = self._points[(self._next + at) % POINTS]
            if raw == _NO_POINT:
                row_before = _NO_POINT
                continue
            row = y + height - 1 - (raw - low) * (height - 1) // span
            if row_before == _NO_POINT:
                canvas.line(x + 2 * at, row, x + 2 * at, row)
            else:
                canvas.line(x + 2 * at - 2, row_before, x + 2 * at, row)
            row_before = row

    def _bounds(self):
        low, high = 32767, 0
        for raw in self._points:
            if raw != _NO_POINT:
                low, high = min(low, raw), max(high, raw)
        span = max(high - low, self._least_span)
        return max((low + high - span) // 2, 0), span


class Trends:
    """The histories of all readings that have one."""

    def __init__(self):
        self._trends = tuple(Trend(index, span) for index, span in _LEAST_SPANS)

    def of(self, index):
        """The history of a reading, or None."""
        for trend in self._trends:
            if trend.index == index:
                return trend
        return None

    def collect(self, table):
        """Take the values of now."""
        for trend in self._trends:
            trend.collect(table)

    def clear(self):
        """Forget all: the wearer withdrew."""
        for trend in self._trends:
            trend.clear()
