"""What a cut of the link costs, wherever it falls: by the cuts of the soak."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from rich.table import Table

from bandsim.lanes import default_kind
from bench.output import table_of
from bench_link.sizes import Sizes
from soak.cuts import HOST_BYTES, SESSION_BYTES, Cuts, cut_after


@dataclass(frozen=True)
class CutRow:
    """Cuts in what one side says."""

    side: str
    cuts: Cuts

    def of(self, name: str) -> tuple[float, float]:
        """Median and most of one cost."""
        costs = np.array([getattr(comeback, name) for comeback in self.cuts.comebacks])
        return float(np.median(costs)), float(costs.max())


@cache
def measure(sizes: Sizes) -> tuple[CutRow, ...]:
    """Cut through a session in either direction."""
    sides = (
        ("band", True, range(0, SESSION_BYTES, sizes.band_stride)),
        ("host", False, range(0, HOST_BYTES, sizes.host_stride)),
    )
    lane = default_kind()
    return tuple(
        CutRow(side, cut_after(counts, from_band=from_band, lane_kind=lane))
        for side, from_band, counts in sides
    )


def table(rows: Sequence[CutRow]) -> Table:
    """The table of costs, from opening the link again until the store is whole: median; most."""
    return table_of(
        "A cut after any byte of a session, until the store equals the journal again: median; most",
        ("cut in what is said by", "n", "frames made", "s", "B of the band", "frames fetched",
         "of them there already", "lost", "lost without repair %"),
        [_cells(row) for row in rows],
    )  # fmt: skip


def _cells(row: CutRow) -> list[str]:
    cuts = row.cuts
    costs = [row.of(name) for name in ("seconds", "bytes", "repaired_frames", "duplicate_frames")]
    told = [
        f"{costs[0][0]:.2f}; {costs[0][1]:.2f}",
        *(f"{half:,.0f}; {most:,.0f}" for half, most in costs[1:]),
    ]
    floor = 100 * (1 - cuts.in_turn / cuts.frames)
    return [
        f"the {row.side}",
        str(cuts.done),
        f"{cuts.frames:,}",
        *told,
        str(len(cuts.unequal)),
        f"{floor:.1f}",
    ]


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measure(sizes))]
