"""`python -m bench.time`: how right the times of the SDK are, by simulated clocks.

Coverage is the share of moments whose true time lies within the stated uncertainty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.clocks import RADIO, SERIAL, Clocks, Crystal
from vitalband.clock import TICKS_MODULUS, TimeExchange, TimeModel

SEEDS = 40
MOMENTS = 500
ERROR_PPM = 100.0
LINKS = {"serial": SERIAL, "radio": RADIO}


@dataclass(frozen=True, slots=True)
class Case:
    """Hours of connection, the hours that are asked about, steps of the host's clock as (s, us), and the
    error of the band's clock in ppm: up to +-100, or one."""

    name: str
    connected_h: tuple[tuple[float, float], ...]
    asked_h: tuple[float, float]
    steps: tuple[tuple[float, int], ...] = ()
    error_ppm: float | None = None


WOKE_WRONG = ((5 * 3600.0, 400_000), (9 * 3600.0 + 60, -400_000))
CASES = (
    Case("connected for an hour", ((0, 1),), (0, 1)),
    Case("8 h offline, connected before and after, 50 ppm", ((0, 1), (9, 10)), (1, 9), error_ppm=50),
    Case("8 h offline, connected before and after", ((0, 1), (9, 10)), (1, 9)),
    Case("the end of 8 h offline, an hour before", ((0, 1),), (8.9, 9)),
    Case("the end of 8 h offline, 5 min before", ((0, 1 / 12),), (8, 8.1)),
    Case("clock set by an hour in between", ((0, 1),), (0, 1), ((1800, 3_600_000_000),)),
    Case("clock wrong by 0.4 s on waking after 8 h", ((0, 1), (9, 10)), (0, 10), WOKE_WRONG),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of (n,) moments: true error and stated uncertainty, ms."""

    error_ms: NDArray[np.float64]
    uncertainty_ms: NDArray[np.float64]

    @property
    def coverage(self) -> float:
        """Share of the moments that lie within what was stated."""
        return float(np.mean(self.error_ms <= self.uncertainty_ms))


@dataclass(frozen=True, slots=True)
class Played:
    """A case with one seed: clocks, exchanges with the true times of their ends in us, and (n,) moments."""

    clocks: Clocks
    exchanges: list[tuple[float, TimeExchange]]
    moments: NDArray[np.float64]


def figures(case: Case, link: str, seeds: int = SEEDS) -> Figures:
    """Play a case with as many seeds, each of a crystal of its own, and place its moments by `TimeModel`."""
    errors, uncertainties = zip(*map(_placed, _played(case, link, seeds)), strict=True)
    return Figures(np.concatenate(errors), np.concatenate(uncertainties))


def floor_figures(case: Case, link: str, seeds: int = SEEDS) -> Figures:
    """The same moments by one offset alone: of the first exchange of the last connection."""
    begin_us = case.connected_h[-1][0] * 3.6e9
    errors = [_error_of_one_offset(played, begin_us) for played in _played(case, link, seeds)]
    return Figures(np.concatenate(errors), np.full(sum(map(len, errors)), np.inf))


def _played(case: Case, link: str, seeds: int) -> Iterator[Played]:
    for seed in range(seeds):
        chance = np.random.default_rng([seed, 1])
        error_ppm = chance.uniform(-ERROR_PPM, ERROR_PPM) if case.error_ppm is None else case.error_ppm
        crystal = Crystal(error_ppm, chance.uniform(0.02, 0.04))
        clocks = Clocks(seed, crystal, LINKS[link], case.connected_h[-1][1] + 9, case.steps)
        exchanges = list(clocks.exchanges(*case.connected_h))
        yield Played(clocks, exchanges, clocks.moments(MOMENTS, *case.asked_h))


def _placed(played: Played) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    model, clocks = TimeModel(), played.clocks
    for _, exchange in played.exchanges:
        model.add(1, exchange)
    placed = model.place_many(1, clocks.ticks_ms(played.moments))
    if placed is None:
        raise ValueError("wanted an exchange at least, got none")
    return np.abs(placed[0] - clocks.utc_us(played.moments)) / 1000, placed[1] / 1000


def _error_of_one_offset(played: Played, begin_us: float) -> NDArray[np.float64]:
    clocks = played.clocks
    first = next(exchange for end_us, exchange in played.exchanges if end_us >= begin_us)
    half = TICKS_MODULUS // 2
    away_ms = (clocks.ticks_ms(played.moments) - first.ticks_ms + half) % TICKS_MODULUS - half
    return np.abs(first.utc_us + away_ms * 1000 - clocks.utc_us(played.moments)) / 1000


def main() -> None:
    """Print the table."""
    table = Table(box=None)
    numbers = ("coverage", "error ms: median", "99 %", "most", "stated ms: median", "most")
    for column in ("case", "link", *numbers):
        table.add_column(column, justify="left" if column in ("case", "link") else "right")
    for case in CASES:
        for link in LINKS:
            found = figures(case, link)
            error = np.percentile(found.error_ms, (50, 99, 100))
            stated = np.percentile(found.uncertainty_ms, (50, 100))
            numbers = [f"{number:.1f}" for number in (*error, *stated)]
            table.add_row(case.name, link, f"{found.coverage:.2%}", *numbers)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
