"""The account of lives with faults drawn by seed, as of `make soak`, and how right their times are."""

from collections.abc import Sequence
from functools import cache

from rich.table import Table

from bandsim.lanes import default_kind
from bench.output import table_of
from bench_link.sizes import Sizes
from soak.life import Life, live

PROFILE = "full"


@cache
def measure(sizes: Sizes) -> tuple[Life, ...]:
    """Live each life; `RuntimeError` when one is not right."""
    lives = tuple(
        live(seed, sizes.life_h * 3600, lane_kind=default_kind(), profile=PROFILE) for seed in sizes.seeds
    )
    for life in lives:
        if life.failures():
            raise RuntimeError(f"the life of seed {life.seed} is not right: {'; '.join(life.failures())}")
    return lives


def table(lives: Sequence[Life]) -> Table:
    """The table of lives."""
    hours = sum(life.duration_s for life in lives) / 3600
    return table_of(
        f"{hours:g} virtual hours of lost bytes, cuts, stalls, restarts, power cuts and killed hosts, n = "
        f"{len(lives)} lives",
        ("seed", "cuts", "kills", "restarts", "assigned", "came in turn", "repaired", "dropped on the band",
         "missing", "unexplained", "invented"),
        [_cells(life) for life in lives],
    )  # fmt: skip


def _cells(life: Life) -> list[str]:
    account, statistics = life.account, life.statistics
    if statistics is None:
        raise RuntimeError(f"the life of seed {life.seed} has no last host")
    faults = [life.plan.cuts, life.kills, life.restarts]
    repaired = min(life.again, account.stored)
    counts = (account.made, account.stored - repaired, repaired, account.lost, statistics.missing_frames)
    shown = [f"{count:,}" for count in (*counts, account.unexplained, account.invented)]
    return [str(life.seed), *map(str, faults), *shown]


def floor_lost_share(lives: Sequence[Life]) -> float:
    """Share of the frames made that came when asked for, or not at all."""
    made = sum(life.account.made for life in lives)
    return sum(min(life.again + life.account.lost, life.account.made) for life in lives) / made


def times_table(lives: Sequence[Life]) -> Table:
    """How right the times of these lives are."""
    return table_of(
        "Times of the frames of these lives, the band's clock wrong by 50 ppm",
        ("seed", "frames placed", "most ms connected", "most ms offline", "inside what is stated %",
         "told as of unknown time"),
        [
            (
                str(life.seed),
                f"{life.account.times.placed:,}",
                f"{life.account.times.worst_connected_ms:.2f}",
                f"{life.account.times.worst_offline_ms:.2f}",
                f"{100 * life.account.times.share_inside:.2f}",
                f"{life.account.times.unplaced:,}",
            )
            for life in lives
        ],
    )  # fmt: skip


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the tables."""
    lives = measure(sizes)
    return [table(lives), times_table(lives)]
