"""Readings a second that one core decodes: our frames in bulk beside protobuf and construct, same session.

A second is one of CPU time; each figure is the best of several rounds. Ours become NumPy columns; of a
protobuf message every number is read, since it makes them only then; construct gives records.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

from bandschema.codec import decode
from bandschema.readings import READINGS
from bandschema.vitals_run import BY_ID, RunUpdate
from bench.output import table_of
from bench.peers import PEERS
from bench.timing import Action, each_per_second
from bench_codec.session import plain_vitals, run_frame, session_updates, vitals_frame
from vitalband.bulk import DamageReport, FrameBatch
from vitalband.bulk.vitals import VitalsRows, decode_vitals, values_of
from vitalband.store.database import READ_BATCH_FRAMES

UPDATES = 2048
RUN_LENGTHS = (1, 30)
_BATCH_FRAMES = READ_BATCH_FRAMES
"""By repeating the session: as many as a store is read by."""
_FEW = 100
_ROUNDS = 25


@dataclass(frozen=True)
class RateRow:
    """A way to decode: readings a second, and bytes that an update takes without what carries frames."""

    name: str
    readings_hz: float
    update_bytes: float


@dataclass(frozen=True)
class _Way:
    name: str
    decode_all: Action
    """Gives how many readings it decoded."""
    update_bytes: float


def _decoded(batch: FrameBatch) -> VitalsRows:
    kinds = np.frombuffer(batch.data, np.uint8)[batch.starts + 1].astype(np.int64)
    report = DamageReport()
    rows = decode_vitals(kinds, batch, report)
    values_of(rows.raw_value)
    if report.total:
        raise ValueError(f"wanted every frame to be read, got {report.lines()}")
    return rows


def _bulk(name: str, frames: Sequence[bytes], updates: Sequence[RunUpdate]) -> _Way:
    times = -(-_BATCH_FRAMES // len(frames))
    batch = FrameBatch.of_rows([(1, number, frame) for number, frame in enumerate([*frames] * times)])
    wanted = [[update.readings[int(spec.reading)].raw_value for spec in BY_ID] for update in updates]
    order = np.argsort([int(spec.reading) for spec in READINGS])
    if not np.array_equal(_decoded(batch).raw_value[: len(updates)][:, order], np.array(wanted)):
        raise ValueError(f"{name} does not give back what it was given")
    readings = int(_decoded(batch).is_sent.sum())
    return _Way(name, lambda: readings if _decoded(batch) else 0, sum(map(len, frames)) / len(updates))


def _one_by_one(name: str, decode_one: Callable[[bytes], object], encoded: Sequence[bytes]) -> _Way:
    readings = len(BY_ID)
    return _Way(
        name,
        lambda: readings * len([decode_one(data) for data in encoded]),
        sum(map(len, encoded)) / len(encoded),
    )


def measure(count: int = UPDATES) -> list[RateRow]:
    """Measure every way on one session of `count` updates."""
    updates = session_updates(count)
    frames = [vitals_frame(update, number) for number, update in enumerate(updates)]
    ways = [_bulk("ours, `vitals` in bulk", frames, updates)]
    for length in RUN_LENGTHS:
        runs = [run_frame(updates[at : at + length], at) for at in range(0, count, length)]
        ways.append(_bulk(f"ours, `vitals_run` of {length} in bulk", runs, updates))
    protobuf = next(peer for peer in PEERS if peer.name == "protobuf")
    encoded = [protobuf.encode(plain_vitals(update, number)) for number, update in enumerate(updates)]
    ways.append(_one_by_one("protobuf upb", protobuf.decode, encoded))
    ways.append(_one_by_one("construct, our `vitals`", decode, frames[:_FEW]))
    rates = each_per_second([way.decode_all for way in ways], _ROUNDS)
    return [RateRow(way.name, rate, way.update_bytes) for way, rate in zip(ways, rates, strict=True)]


def table(rows: Sequence[RateRow]) -> Table:
    """The table of rates, each against protobuf's and construct's."""
    protobuf, construct = rows[-2].readings_hz, rows[-1].readings_hz
    return table_of(
        f"Readings a second of CPU time, decoded on one core; updates of {len(BY_ID)} readings",
        ("by", "bytes/update", "readings/s", "x protobuf", "x construct"),
        [
            (
                row.name,
                f"{row.update_bytes:.1f}",
                f"{row.readings_hz:,.0f}",
                f"{row.readings_hz / protobuf:.1f}",
                f"{row.readings_hz / construct:.0f}",
            )
            for row in rows
        ],
    )


def run(_: Path) -> list[Table]:
    """Measure; the session is made, so that no data folder is looked at."""
    return [table(measure())]
