"""Errors of times beside those of one offset taken at connect, on the simulated clocks of `bench.time`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from rich.table import Table

from bench.output import table_of
from bench.time import CASES, LINKS, Case, Figures, figures, floor_figures
from bench_link.sizes import Sizes

CONNECTED, OFFLINE = CASES[0], CASES[1]


@dataclass(frozen=True)
class TimeRow:
    """One case over one link: ours, and one offset."""

    case: Case
    link: str
    ours: Figures
    floor: Figures


@cache
def measure(sizes: Sizes) -> tuple[TimeRow, ...]:
    """Play the cases that are promised, over a cable and over a radio."""
    return tuple(
        TimeRow(case, link, figures(case, link, sizes.clocks), floor_figures(case, link, sizes.clocks))
        for case in (CONNECTED, OFFLINE)
        for link in LINKS
    )


def table(rows: Sequence[TimeRow]) -> Table:
    """The table of errors."""
    return table_of(
        f"Errors of times in ms, n = {len(rows[0].ours.error_ms):,} moments a row",
        ("case", "link", "median", "99 %", "most", "stated: median", "inside what is stated %",
         "one offset at connect: median", "most"),
        [_cells(row) for row in rows],
    )  # fmt: skip


def _cells(row: TimeRow) -> list[str]:
    ours = np.percentile(row.ours.error_ms, (50, 99, 100))
    floor = np.percentile(row.floor.error_ms, (50, 100))
    return [
        row.case.name,
        row.link,
        *(f"{error:.1f}" for error in ours),
        f"{np.median(row.ours.uncertainty_ms):.1f}",
        f"{100 * row.ours.coverage:.2f}",
        *(f"{error:,.0f}" for error in floor),
    ]


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measure(sizes))]
