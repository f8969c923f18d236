"""Runs as the band writes them, and the golden ones."""

import json
from typing import Any

from bandschema.enums import Group, Validity
from bandschema.readings import NO_VALUE, READINGS
from bandschema.vitals_run import BY_ID, RunReading, RunUpdate
from bandwire.frames import HEADER_BYTES
from bandwire.vitals_run import RunWriter
from protocol.lanes import ROOT

VECTORS = ROOT / "protocol/bandschema/vectors/vitals_run_bodies.jsonl"
LINES: list[dict[str, Any]] = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
EVERY_GROUP = sum(Group)


class Table:
    """A reading table that shows an update."""

    def __init__(self) -> None:
        self.contact = 0
        self._readings: list[RunReading] = []

    def show(self, update: RunUpdate) -> None:
        nothing = RunReading(Validity.UNKNOWN, 0, 0, NO_VALUE)
        self.contact = update.contact
        self._readings = [update.readings.get(int(spec.reading), nothing) for spec in READINGS]

    def raw(self, index: int) -> int:
        return self._readings[index].raw_value

    def validity(self, index: int) -> int:
        return self._readings[index].validity

    def quality(self, index: int) -> int:
        return self._readings[index].quality

    def cause(self, index: int) -> int:
        return self._readings[index].cause


def written(updates: list[RunUpdate], frame_bytes: int, groups: int = EVERY_GROUP) -> list[tuple[bytes, int]]:
    """Bodies as the band writes them, and the tick of the last update of each."""
    table, bodies = Table(), list[tuple[bytes, int]]()
    writer = RunWriter(table, frame_bytes)
    writer.choose(groups)

    def close() -> None:
        ticks_ms = writer.ticks_high << 16 | writer.ticks_low
        bodies.append((bytes(writer.buffer[HEADER_BYTES : writer.close()]), ticks_ms))

    for update in updates:
        table.show(update)
        ticks = update.ticks_ms & 0xFFFF, update.ticks_ms >> 16
        if not writer.add(*ticks):
            close()
            assert writer.add(*ticks)
    close()
    return bodies


def groups_of(update: RunUpdate) -> int | None:
    """The groups that stand for exactly the readings of an update, None when there are none."""
    specs = [spec for spec in BY_ID if int(spec.reading) in update.readings]
    groups = 0
    for spec in specs:
        groups |= spec.group
    return groups if len(specs) == sum(bool(spec.group & groups) for spec in BY_ID) else None
