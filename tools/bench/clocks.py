"""Clocks of a band and a host that exchange times, simulated: what `bench.time` and the tests measure by.

True time is in microseconds from the band's start. The host's clock shows it, but for steps.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitalband.clock import TICKS_MODULUS, TimeExchange, measure_exchange

START_UTC_US = 1_700_000_000_000_000
HOUR_S = 3600
_GRID_S = 10
_LAG_S = 300
TURNOVER_DEGC = 25.0


@dataclass(frozen=True, slots=True)
class Crystal:
    """The band's oscillator: `error_ppm` too fast at the turnover, slower by the square of the way from it
    (0.030 +- 0.010 ppm/degC^2, data sheet TF20, 008-0353-0)."""

    error_ppm: float
    parabola_ppm: float = 0.030


@dataclass(frozen=True, slots=True)
class Link:
    """One-way delays: `least_ms`, and exponential above it with `jitter_ms`, there and back apart."""

    there_ms: float
    back_ms: float
    jitter_ms: float
    lost: float = 0.0


SERIAL = Link(there_ms=2.0, back_ms=3.0, jitter_ms=1.0, lost=0.01)
RADIO = Link(there_ms=8.0, back_ms=20.0, jitter_ms=15.0, lost=0.05)
"""Asymmetric, and late by some connection intervals now and then."""


class Clocks:
    """A band that is worn and put aside by turns, and a host whose clock is set at `steps`: (s, us)."""

    def __init__(
        self,
        seed: int,
        crystal: Crystal,
        link: Link,
        hours: float,
        steps: tuple[tuple[float, int], ...] = (),
        start_ticks_ms: int = 0,
    ) -> None:
        self.chance = np.random.default_rng(seed)
        self.link = link
        self.steps = steps
        self.start_ticks_ms = start_ticks_ms
        self.duration_us = hours * HOUR_S * 1e6
        self._grid_us = np.arange(0, hours * HOUR_S + 2 * _GRID_S, _GRID_S) * 1e6
        off_degc = self._temperature(len(self._grid_us)) - TURNOVER_DEGC
        rate = 1 + (crystal.error_ppm - crystal.parabola_ppm * off_degc**2) * 1e-6
        self._ticks_us = np.concatenate([[0.0], np.cumsum(rate[:-1] * _GRID_S * 1e6)])

    def _temperature(self, count: int) -> NDArray[np.float64]:
        """Degrees of the crystal: 29 to 35 on the wrist, 18 to 24 off it, with a lag of five minutes."""
        wanted = np.empty(count)
        begin, is_worn = 0, True
        while begin < count:
            end = begin + int(self.chance.uniform(0.2, 5) * HOUR_S / _GRID_S) + 1
            wanted[begin:end] = self.chance.uniform(29, 35) if is_worn else self.chance.uniform(18, 24)
            begin, is_worn = end, not is_worn
        degc = np.empty(count)
        now = wanted[0]
        for index, aim in enumerate(wanted.tolist()):
            now += (aim - now) * (1 - math.exp(-_GRID_S / _LAG_S))
            degc[index] = now
        return degc

    def ticks_ms(self, true_us: float | NDArray[np.float64]) -> NDArray[np.int64]:
        """What the band's counter shows."""
        passed = np.floor(np.interp(true_us, self._grid_us, self._ticks_us) / 1000).astype(np.int64)
        return (passed + self.start_ticks_ms) % TICKS_MODULUS

    def offset_us(self, true_us: float) -> int:
        """The host's UTC less its monotonic clock, which shows true time."""
        return START_UTC_US + sum(step_us for at_s, step_us in self.steps if at_s * 1e6 <= true_us)

    def utc_us(self, true_us: NDArray[np.float64]) -> NDArray[np.float64]:
        """UTC by the host's clock as it was set last."""
        return true_us + self.offset_us(self.duration_us)

    def exchange(self, true_us: float) -> tuple[float, TimeExchange] | None:
        """One exchange asked for at that time, and when it ended; None when it is lost."""
        there_us, back_us = (
            (least + self.chance.exponential(self.link.jitter_ms)) * 1000
            for least in (self.link.there_ms, self.link.back_ms)
        )
        came_us = true_us + there_us
        left_us = came_us + self.chance.uniform(0, 20_000)
        end_us = left_us + back_us
        if self.chance.random() < self.link.lost:
            return None
        exchange = measure_exchange(
            int(true_us // 1000),
            int(self.ticks_ms(came_us)),
            int(self.ticks_ms(left_us)),
            int(end_us // 1000),
            self.offset_us(true_us),
            self.offset_us(end_us),
        )
        return end_us, exchange

    def exchanges(self, *connected_h: tuple[float, float]) -> Iterator[tuple[float, TimeExchange]]:
        """As a session makes them while connected: four at once, then one each ten seconds."""
        for begin_h, end_h in connected_h:
            at_us = np.concatenate([np.arange(4) * 0.25e6, np.arange(10e6, (end_h - begin_h) * 3.6e9, 10e6)])
            for true_us in begin_h * 3.6e9 + at_us:
                made = self.exchange(float(true_us))
                if made is not None:
                    yield made

    def moments(self, count: int, begin_h: float, end_h: float) -> NDArray[np.float64]:
        """True times at which something may have happened."""
        return self.chance.uniform(begin_h, end_h, count) * 3.6e9
