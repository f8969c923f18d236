"""Goodput and overhead of the link where packets are lost and where it is cut, and what is lost for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from random import Random

from rich.table import Table

from bandsim.console import Console
from bandsim.link_port import LinkFaults
from bench.output import table_of
from bench_link.sessions import STREAMS, Recorded, recorded
from bench_link.sizes import Sizes

SEED = 6
_CUT_BYTES = 2000
_SHORTEST_CUT_MS, _LONGEST_CUT_MS = 100.0, 60_000.0
"""A cut falls after up to so many bytes of one side, and lasts so long, evenly over the powers of ten."""


@dataclass(frozen=True)
class LossRow:
    """One case, and the recording through it."""

    lost_packets: float
    cuts_an_hour: float
    found: Recorded

    @property
    def name(self) -> str:
        """What the case is called."""
        cuts = f", {self.cuts_an_hour:g} cuts/h" if self.cuts_an_hour else ""
        return f"{100 * self.lost_packets:g} % of packets lost{cuts}"


def _spoil(console: Console, drop_rate: float, cuts_an_hour: float, seconds: float) -> None:
    console.set_link_faults(LinkFaults(drop_rate=drop_rate))
    chance = Random(SEED)
    for _ in range(round(cuts_an_hour * seconds / 3600)):
        ratio = _LONGEST_CUT_MS / _SHORTEST_CUT_MS
        cut = partial(
            console.cut_link_after,
            chance.randrange(_CUT_BYTES),
            from_band=chance.random() < 0.5,
            duration_ms=round(_SHORTEST_CUT_MS * ratio ** chance.random()),
        )
        at_s = chance.uniform(console.now_s, seconds - _LONGEST_CUT_MS / 1000)
        console.conductor.timeline.at(round(at_s * 1e6), cut)


@cache
def measure(sizes: Sizes) -> tuple[LossRow, ...]:
    """Record every case. Bytes are lost one by one: as many as lose that share of packets of mean length."""
    seconds = sizes.recorded_s
    rows: list[LossRow] = []
    for lost_packets, cuts_an_hour in sizes.losses:
        byte_rate = lost_packets / _packet_bytes(seconds) if lost_packets else 0.0
        spoil: Callable[[Console], None] = partial(
            _spoil, drop_rate=byte_rate, cuts_an_hour=cuts_an_hour, seconds=seconds
        )
        rows.append(LossRow(lost_packets, cuts_an_hour, recorded(seconds, spoil)))
    return tuple(rows)


@cache
def _packet_bytes(seconds: float) -> float:
    counts = recorded(min(seconds, 300.0)).statistics
    return counts.received_bytes / counts.good_packets


def table(rows: Sequence[LossRow]) -> Table:
    """The table of cases."""
    streams = " and ".join(stream.name.lower() for stream in STREAMS)
    return table_of(
        f"Vital signs, {streams} samples for {rows[0].found.seconds / 60:.0f} min at 115,200 baud, n = 1 "
        "recording a row",
        ("link", "frames", "in turn %", "repaired %", "lost %", "lost without repair %", "packets bad %",
         "payload B/s", "link B/s", "over frames %", "over payload %", "host B/s"),
        [_cells(row) for row in rows],
    )  # fmt: skip


def _cells(row: LossRow) -> list[str]:
    found = row.found
    in_turn = 100 * (1 - found.floor_lost_share)
    return [
        row.name,
        f"{found.made:,}",
        f"{in_turn:.2f}",
        f"{100 * found.stored / found.made - in_turn:.2f}",
        f"{100 * found.lost_share:.2f}",
        f"{100 * found.floor_lost_share:.2f}",
        f"{100 * found.bad_share:.1f}",
        f"{found.payload_bytes / found.seconds:.0f}",
        f"{found.band_bytes / found.seconds:.0f}",
        f"{100 * (found.band_bytes / found.stored_bytes - 1):.1f}",
        f"{100 * (found.band_bytes / found.payload_bytes - 1):.1f}",
        f"{found.host_bytes / found.seconds:.0f}",
    ]


def run(sizes: Sizes) -> list[Table]:
    """Measure and give the table."""
    return [table(measure(sizes))]
