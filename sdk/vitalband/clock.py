"""Clocks of a session, and the placing of device ticks in UTC.

The band counts milliseconds since its start and knows no date. A time exchange gives one pair
(ticks, UTC) whose error is at most half of the round trip, as in NTP (RFC 5905, section 8):

    offset = ((received_ticks - sent) + (sent_ticks - received)) / 2
    error <= ((received - sent) - (sent_ticks - received_ticks)) / 2

`vitalband.timeline` joins the exchanges of a boot; every UTC time that the SDK gives carries its
uncertainty. The host's clock is taken for UTC as it was set last; the band's ticks are what tells that it
was set: two exchanges that no drift explains (docs/time.md).
"""

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vitalband.timeline import DRIFT_LIMIT_PPM, ClockStep, Drift, Interval, Timeline

TICKS_MODULUS = 1 << 32
TICK_RESOLUTION_US = 1000
HOST_RESOLUTION_US = 1000
"""The host's monotonic clock is read in whole milliseconds, at sending and at arrival."""
MOST_LAPS = 15
"""Turns of the tick counter in two years: exchanges further apart than that tell of a host's clock that was
set, such as one that began in 1970."""
LATE_FRAME_MS = 7 * 86_400_000
"""Chosen: a frame comes no later than a week after it was made; a band keeps its journal for 72 h."""
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
    sent_ms: int,
    received_ticks: int,
    sent_ticks: int,
    received_ms: int,
    offset_at_sending_us: int,
    offset_at_arrival_us: int,
) -> TimeExchange:
    """The pair that a time request and its reply give (equations above; all in milliseconds).

    The offsets are the host's UTC less its monotonic clock, in microseconds. They differ when the host's
    clock was set on the way, or when it slept: the reply may have waited as long as that.
    """
    band_ms = (sent_ticks - received_ticks) % TICKS_MODULUS
    flight_ms = max(0, received_ms - sent_ms - band_ms)
    host_us = (sent_ms + received_ms - band_ms % 2) * 500
    ticks_ms = (received_ticks + band_ms // 2) % TICKS_MODULUS
    uncertainty_us = flight_ms * 500 + TICK_RESOLUTION_US + HOST_RESOLUTION_US
    # What the band's clock may gain or lose while the reply waits for the line to take it.
    uncertainty_us += round(band_ms * DRIFT_LIMIT_PPM / 2000)
    between_us = (offset_at_sending_us + offset_at_arrival_us) // 2
    uncertainty_us += (abs(offset_at_arrival_us - offset_at_sending_us) + 1) // 2
    return TimeExchange(ticks_ms, host_us + between_us, uncertainty_us)


class TimeModel:
    """Places ticks of each boot in UTC by the exchanges of that boot; a boot without one has no time."""

    def __init__(self) -> None:
        self._boots: dict[int, _Boot] = {}

    def add(self, boot_id: int, exchange: TimeExchange) -> None:
        """Take in one exchange of boot `boot_id`, in any order."""
        if boot_id not in self._boots:
            self._boots[boot_id] = _Boot(exchange)
        self._boots[boot_id].add(exchange)

    def exchange_count(self, boot_id: int) -> int:
        """How many exchanges of this boot are kept."""
        boot = self._boots.get(boot_id)
        return 0 if boot is None else len(boot.timeline)

    def drift(self, boot_id: int) -> Drift | None:
        """Bounds of how much faster UTC goes than the ticks of this boot; None without an exchange."""
        boot = self._boots.get(boot_id)
        return None if boot is None else boot.timeline.drift

    def steps(self, boot_id: int) -> tuple[ClockStep, ...]:
        """When and by how much a host's clock was set in this boot, as far as the exchanges tell."""
        boot = self._boots.get(boot_id)
        return () if boot is None else boot.steps()

    def is_in_doubt(self, boot_id: int) -> bool:
        """Whether the last exchange does not fit those before: another one soon tells why."""
        boot = self._boots.get(boot_id)
        return boot is not None and boot.timeline.doubted is not None

    def latest(self, boot_id: int) -> UtcTime | None:
        """UTC of the last exchange of this boot, as all of them tell it together."""
        boot = self._boots.get(boot_id)
        return None if boot is None else self.place(boot_id, boot.latest_ticks_ms)

    def place(self, boot_id: int, ticks_ms: int, came_utc_us: int | None = None) -> UtcTime | None:
        """UTC of a tick, or None when no exchange of that boot is known; `came_utc_us` as in `place_many`."""
        came = None if came_utc_us is None else np.array([came_utc_us])
        placed = self.place_many(boot_id, np.array([ticks_ms]), came)
        return None if placed is None else UtcTime(int(placed[0][0]), int(placed[1][0]))

    def place_many(
        self, boot_id: int, ticks_ms: NDArray[np.int64], came_utc_us: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """(n,) `utc_us` and (n,) `uncertainty_us` of (n,) ticks of one boot; None as for `place`.

        `came_utc_us`: when their frames came, which tells laps of the counter apart in a boot of more
        than 49 days; without it, a tick is the latest that it can be.
        """
        boot = self._boots.get(boot_id)
        return None if boot is None else boot.place(ticks_ms, came_utc_us)


@dataclass(slots=True)
class _Boot:
    """The exchanges of one boot; times are counted from one of them."""

    base: TimeExchange
    _timeline: Timeline = field(default_factory=Timeline)
    _newest: Interval | None = None
    _late: list[Interval] = field(default_factory=list[Interval])

    def add(self, exchange: TimeExchange) -> None:
        """Take in an exchange; one before the newest is put in its place when a time is asked for."""
        at_ms = self._unwrapped(exchange)
        excess_us = exchange.utc_us - self.base.utc_us - at_ms * 1000
        interval = Interval(at_ms, excess_us - exchange.uncertainty_us, excess_us + exchange.uncertainty_us)
        if self._newest is not None and interval < self._newest:
            self._late.append(interval)
            return
        self._newest = interval
        if not self._late:
            self._timeline.add(interval)
            if self._timeline.is_full:
                self._sort()
        else:
            self._late.append(interval)

    def _unwrapped(self, exchange: TimeExchange) -> int:
        """Ticks from the base on: UTC tells the laps of the counter, unless it was set by years."""
        before_ms = 0 if self._newest is None else self._newest.at_ms
        before_us = before_ms * 1000 + (0 if self._newest is None else self._newest.low_us)
        away_ms = exchange.ticks_ms - self.base.ticks_ms - before_ms
        utc_away_ms = (exchange.utc_us - self.base.utc_us - before_us) // 1000
        laps = round((utc_away_ms - away_ms) / TICKS_MODULUS)
        if abs(laps) > MOST_LAPS + 1:
            laps = round(-away_ms / TICKS_MODULUS)
        return before_ms + away_ms + laps * TICKS_MODULUS

    @property
    def timeline(self) -> Timeline:
        """All exchanges so far."""
        if self._late:
            self._sort()
        return self._timeline

    def _sort(self) -> None:
        every = sorted(self._timeline.intervals() + self._late)
        self._late.clear()
        self._timeline = Timeline()
        for interval in every:
            self._timeline.add(interval)

    @property
    def latest_ticks_ms(self) -> int:
        """The band's counter at the newest exchange."""
        return self._ticks_ms(0 if self._newest is None else self._newest.at_ms)

    def steps(self) -> tuple[ClockStep, ...]:
        """As `TimeModel.steps`."""
        return tuple(replace(step, ticks_ms=self._ticks_ms(step.ticks_ms)) for step in self.timeline.steps)

    def _ticks_ms(self, at_ms: int) -> int:
        return (self.base.ticks_ms + at_ms) % TICKS_MODULUS

    def place(
        self, ticks_ms: NDArray[np.int64], came_utc_us: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As `TimeModel.place_many`."""
        first_ms, last_ms = self.timeline.span_ms
        at_ms = last_ms - (last_ms - (ticks_ms - self.base.ticks_ms)) % TICKS_MODULUS
        is_after = at_ms + TICKS_MODULUS - last_ms < np.maximum(first_ms - at_ms, LATE_FRAME_MS)
        at_ms = at_ms + np.where(is_after, TICKS_MODULUS, 0)
        if came_utc_us is not None and last_ms - first_ms > TICKS_MODULUS - LATE_FRAME_MS:
            came_ms = (came_utc_us - self.base.utc_us) // 1000
            laps = (at_ms - came_ms + TICKS_MODULUS - LATE_FRAME_MS) // TICKS_MODULUS
            at_ms = at_ms - np.clip(laps, 0, (at_ms - first_ms) // TICKS_MODULUS + 1) * TICKS_MODULUS
        excess_us, uncertainty_us = self.timeline.place(at_ms)
        utc_us = self.base.utc_us + at_ms * 1000 + np.rint(excess_us).astype(np.int64)
        return utc_us, np.ceil(uncertainty_us).astype(np.int64)
