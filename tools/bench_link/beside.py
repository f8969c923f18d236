"""Our figures beside the naive floor and beside what Polar, Shimmer and OpenEarable state."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from bench.output import table_of
from bench_link import accounting, catch_up, cuts, loss, times
from bench_link.catch_up import CatchUpRow
from bench_link.cuts import CutRow
from bench_link.loss import LossRow
from bench_link.sizes import Sizes
from bench_link.times import TimeRow
from soak.life import Life

NOT_STATED = "not stated"

POLAR_HEADER_BYTES, POLAR_FRAME_BYTES = 10, 228
"""Of a frame of measurements: polarofficial/polar-ble-sdk at 8fb5311c, `AccDataTest.kt`."""
SHIMMER_BLOCK_BYTES, SHIMMER_AROUND_BYTES = 512, 9
"""Of file transfer, default block and header with CRC: ShimmerResearch/log-and-stream-common at 12db787,
`Comms/shimmer_sd_file_transfer.h`."""
OPENEARABLE_DATA_BYTES, OPENEARABLE_HEADER_BYTES = 38, 10
"""OpenEarable/open-earable-2 at 5c4fd88, `sensor_data` of `include/openearable_common.h`."""


@dataclass(frozen=True)
class Measured:
    """What the other tables have measured."""

    lives: Sequence[Life]
    losses: Sequence[LossRow]
    catch_ups: Sequence[CatchUpRow]
    cuts: Sequence[CutRow]
    times: Sequence[TimeRow]


def measured(sizes: Sizes) -> Measured:
    """All of it; what was measured before in this process is taken from there."""
    return Measured(
        accounting.measure(sizes),
        loss.measure(sizes),
        catch_up.measure(sizes),
        cuts.measure(sizes),
        times.measure(sizes),
    )


def table(found: Measured) -> Table:
    """The table: a measure a row."""
    return table_of(
        "Beside others",
        ("measure", "ours", "naive floor", "Polar", "Shimmer", "OpenEarable"),
        [*_loss_rows(found), *_cost_rows(found), *_time_rows(found.times)],
    )


def _loss_rows(found: Measured) -> list[list[str]]:
    hours = sum(life.duration_s for life in found.lives) / 3600
    unexplained = sum(life.account.unexplained for life in found.lives)
    floor = 100 * accounting.floor_lost_share(found.lives)
    rows = [
        [
            f"frames unexplained, {hours:g} h of soak",
            str(unexplained),
            f"{floor:.1f} % lost",
            *[NOT_STATED] * 3,
        ]
    ]
    for row in found.losses:
        ours, naive = 100 * row.found.lost_share, 100 * row.found.floor_lost_share
        rows.append(
            [f"frames lost for good, {row.name}", f"{ours:.2f} %", f"{naive:.2f} %", *[NOT_STATED] * 3]
        )
    return rows


def _cost_rows(found: Measured) -> list[list[str]]:
    rows = [
        [
            f"to catch up: {row.name}",
            f"{row.seconds:.1f} s",
            f"{row.repaired:,} frames lost",
            *[NOT_STATED] * 3,
        ]
        for row in found.catch_ups
    ]
    again = max(row.of("duplicate_frames")[1] for row in found.cuts)
    seconds = max(row.of("seconds")[1] for row in found.cuts)
    block = f"{SHIMMER_BLOCK_BYTES} B at most"
    rows += [
        [
            "a cut: sent twice",
            f"{again:.0f} frames at most",
            "nothing comes again",
            NOT_STATED,
            block,
            NOT_STATED,
        ],
        ["a cut: until whole again", f"{seconds:.2f} s at most", "never", *[NOT_STATED] * 3],
    ]
    clean = found.losses[0].found
    around = 100 * (clean.band_bytes / clean.payload_bytes - 1)
    polar = 100 * POLAR_HEADER_BYTES / (POLAR_FRAME_BYTES - POLAR_HEADER_BYTES)
    shimmer = 100 * SHIMMER_AROUND_BYTES / SHIMMER_BLOCK_BYTES
    openearable = 100 * OPENEARABLE_HEADER_BYTES / OPENEARABLE_DATA_BYTES
    others = (f"{polar:.1f} %", f"{shimmer:.1f} %", f"{openearable:.1f} %")
    rows.append(["bytes around payload, no loss", f"{around:.1f} %", NOT_STATED, *others])
    return rows


def _time_rows(rows: Sequence[TimeRow]) -> list[list[str]]:
    polar = {times.CONNECTED: "1 to 2 s once set", times.OFFLINE: "2.4 s of two after 24 h"}
    told: list[list[str]] = []
    for row in rows:
        name = f"{row.case.name}, {row.link}"
        ours, floor = (f"{np.max(figures.error_ms):,.1f} ms" for figures in (row.ours, row.floor))
        told.append([f"error at most, {name}", ours, floor, polar[row.case], NOT_STATED, NOT_STATED])
        inside = f"{100 * row.ours.coverage:.2f} %"
        told.append([f"inside what is stated, {name}", inside, "states none", *[NOT_STATED] * 3])
    return told


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measured(sizes))]
