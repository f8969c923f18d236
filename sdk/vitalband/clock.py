"""Clocks of a session, and the placing of device ticks in UTC.

The band counts milliseconds since its start and knows no date. A time exchange gives one pair
(ticks, UTC) whose error is at most half of the round trip, as in NTP (RFC 5905, section 8):

    offset = ((received_ticks - sent) + (sent_ticks - received)) / 2
    error <= ((received - sent) - (sent_ticks - received_ticks)) / 2

Away from an exchange the error grows with the drift of the two quartz clocks, so every UTC time
that the SDK gives carries its uncertainty.
"""

import time
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

TICKS_MODULUS = 1 << 32
DRIFT_PPM = 100
"""Allowed drift between band and host. Unconfirmed on a board: a chosen allowance, several times the
20 ppm tolerance common among 32 kHz crystals."""
TICK_RESOLUTION_US = 1000
NEAR = 8
"""Exchanges either way among which the sharpest is sought: an older one may beat the nearest, a far one
cannot."""
UNKNOWN_UTC_US = int(np.iinfo(np.int64).min)
"""`utc_us` in an array where the time cannot be told: what NumPy calls NaT."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SystemClock:
    """The host's own clocks."""

    def monotonic_ms(self) -> int:
        """Milliseconds of the monotonic clock."""
        return time.monotonic_ns() // 1_000_000

    def utc_us(self) -> int:
        """Microseconds of UTC by the host's clock."""
        return time.time_ns() // 1000


def ticks_between(earlier_ms: int, later_ms: int) -> int:
    """Milliseconds from one tick to another within half of the counter's range, negative backwards."""
    return (later_ms - earlier_ms + TICKS_MODULUS // 2) % TICKS_MODULUS - TICKS_MODULUS // 2


def utc_datetime(utc_us: int) -> datetime:
    """The aware UTC datetime of `utc_us` microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=utc_us)


@dataclass(frozen=True, slots=True, order=True)
class TimeExchange:
    """One pair of band ticks and UTC: at `ticks_ms` it was `utc_us`, within `uncertainty_us`."""

    ticks_ms: int
    utc_us: int
    uncertainty_us: int


LATEST_UTC_US = 1 << 57
"""In the year 6536: an exchange from then on is damage, and times near it stay within what datetime holds."""


def is_possible(exchange: TimeExchange) -> bool:
    """Whether an exchange can have been measured; one that was read from a damaged file may be anything."""
    numbers: list[object] = [exchange.ticks_ms, exchange.utc_us, exchange.uncertainty_us]
    if not all(isinstance(number, int) for number in numbers):
        return False
    is_in_time = 0 <= exchange.ticks_ms < TICKS_MODULUS and 0 <= exchange.utc_us < LATEST_UTC_US
    return is_in_time and 0 <= exchange.uncertainty_us < LATEST_UTC_US


@dataclass(frozen=True, slots=True)
class UtcTime:
    """A time in UTC that is right within `uncertainty_us` microseconds either way."""

    utc_us: int
    uncertainty_us: int

    @property
    def time(self) -> datetime:
        """The time as an aware datetime."""
        return utc_datetime(self.utc_us)


def measure_exchange(
    sent_ms: int, received_ticks: int, sent_ticks: int, received_ms: int, utc_minus_monotonic_us: int
) -> TimeExchange:
    """The pair that a time request and its reply give (equations above; all in milliseconds).

    `utc_minus_monotonic_us` is the host's UTC less its monotonic clock, in microseconds.
    """
    band_ms = (sent_ticks - received_ticks) % TICKS_MODULUS
    flight_ms = max(0, received_ms - sent_ms - band_ms)
    host_us = (sent_ms + received_ms) * 500
    ticks_ms = (received_ticks + band_ms // 2) % TICKS_MODULUS
    uncertainty_us = flight_ms * 500 + TICK_RESOLUTION_US
    return TimeExchange(ticks_ms, host_us + utc_minus_monotonic_us, uncertainty_us)


class TimeModel:
    """Places ticks of each boot in UTC, by the exchange that leaves the least uncertainty.

    Keeps at most `limit` exchanges a boot: the sharpest of each neighbouring pair stays.
    """

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._boots: dict[int, list[TimeExchange]] = {}

    def add(self, boot_id: int, exchange: TimeExchange) -> None:
        """Take in one exchange of boot `boot_id`."""
        exchanges = self._boots.setdefault(boot_id, [])
        exchanges.insert(bisect_left(exchanges, exchange), exchange)
        if len(exchanges) > self._limit:
            self._boots[boot_id] = _thinned(exchanges)

    def exchange_count(self, boot_id: int) -> int:
        """How many exchanges of this boot are kept."""
        return len(self._boots.get(boot_id, ()))

    def sharpest(self, boot_id: int) -> TimeExchange | None:
        """The exchange of least uncertainty of this boot."""
        exchanges = self._boots.get(boot_id, [])
        return min(exchanges, key=lambda exchange: exchange.uncertainty_us, default=None)

    def place(self, boot_id: int, ticks_ms: int) -> UtcTime | None:
        """UTC of a tick, or None when no exchange of that boot is known."""
        candidates = self._near(boot_id, ticks_ms)
        if not candidates:
            return None
        return min((_carried(exchange, ticks_ms) for exchange in candidates), key=_by_uncertainty)

    def place_many(
        self, boot_id: int, ticks_ms: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """As `place` for (n,) ticks of one boot: (n,) `utc_us` and (n,) `uncertainty_us`."""
        exchanges = self._boots.get(boot_id, [])
        if not exchanges:
            return None
        known = np.array([(e.ticks_ms, e.utc_us, e.uncertainty_us) for e in exchanges], np.int64)
        index = np.searchsorted(known[:, 0], ticks_ms)[:, np.newaxis] + np.arange(-NEAR, NEAR)
        ends = np.broadcast_to([0, len(known) - 1], (len(ticks_ms), 2))
        near = known[np.concatenate([np.clip(index, 0, len(known) - 1), ends], axis=1)]
        half = TICKS_MODULUS // 2
        away_ms = (ticks_ms[:, np.newaxis] - near[:, :, 0] + half) % TICKS_MODULUS - half
        uncertainty_us = near[:, :, 2] + np.abs(away_ms) * DRIFT_PPM // 1000
        best = np.arange(len(ticks_ms)), uncertainty_us.argmin(axis=1)
        return near[:, :, 1][best] + away_ms[best] * 1000, uncertainty_us[best]

    def _near(self, boot_id: int, ticks_ms: int) -> list[TimeExchange]:
        exchanges = self._boots.get(boot_id, [])
        index = bisect_left(exchanges, TimeExchange(ticks_ms, 0, 0))
        near = exchanges[max(0, index - NEAR) : index + NEAR]
        # The counter wraps at 2^32 ms, so the end of the list is the neighbour of its start.
        return near + exchanges[:1] + exchanges[-1:]


def _carried(exchange: TimeExchange, ticks_ms: int) -> UtcTime:
    away_ms = ticks_between(exchange.ticks_ms, ticks_ms)
    drift_us = abs(away_ms) * DRIFT_PPM // 1000
    return UtcTime(exchange.utc_us + away_ms * 1000, exchange.uncertainty_us + drift_us)


def _by_uncertainty(time_: UtcTime) -> int:
    return time_.uncertainty_us


def _thinned(exchanges: list[TimeExchange]) -> list[TimeExchange]:
    pairs = zip(exchanges[::2], exchanges[1::2], strict=False)
    kept = [min(pair, key=lambda exchange: exchange.uncertainty_us) for pair in pairs]
    return kept if len(exchanges) % 2 == 0 else [*kept, exchanges[-1]]
