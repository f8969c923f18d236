"""Several bodies of runs by NumPy and one by one: the same verdict for each, the same updates."""

import json
from collections.abc import Iterator

import numpy as np

from bandschema.readings import NO_VALUE, READINGS
from bandschema.vitals_run import RunReading, RunUpdate, decode_updates
from bandwire.errors import FrameError
from fuzz import vectors
from fuzz.source import Source
from fuzz.tally import Tally
from vitalband.runs.decode import RunColumns, decode_runs

MAX_INPUT_BYTES = 200
_MOST_BODIES = 4
_SEED_BYTES = 80
"""Longer bodies give more updates, and no other bits."""
_TICKS_MS = 0xFFFF_0000
_NOT_SENT = RunReading(0, 0, 0, NO_VALUE)
_NAMES = ("raw_value", "validity", "quality", "cause")


def check(data: bytes, tally: Tally) -> None:
    """Bodies, each with its length before it."""
    source = Source(data)
    buffer, starts, stops = b"\xa5", list[int](), list[int]()
    expected: list[tuple[RunUpdate, ...]] = []
    while not source.is_empty and len(starts) < _MOST_BODIES:
        body = source.some(source.byte())
        expected.append(_reference(body))
        starts.append(len(buffer))
        buffer += body
        stops.append(len(buffer))
    ticks_ms = np.full(len(starts), _TICKS_MS)
    _compare(decode_runs(buffer, np.array(starts, np.int64), np.array(stops, np.int64), ticks_ms), expected)
    refused = sum(not updates for updates in expected)
    tally.add("accepted", len(expected) - refused)
    tally.add("refused", refused)


def _compare(found: RunColumns, expected: list[tuple[RunUpdate, ...]]) -> None:
    assert found.is_bad.tolist() == [not updates for updates in expected]
    assert found.frame.tolist() == [number for number, updates in enumerate(expected) for _ in updates]
    every = [update for updates in expected for update in updates]
    assert found.ticks_ms.tolist() == [update.ticks_ms for update in every]
    assert found.contact.tolist() == [update.contact for update in every]
    for column, spec in enumerate(READINGS):
        told = [update.readings.get(int(spec.reading)) for update in every]
        assert found.is_sent[:, column].tolist() == [reading is not None for reading in told]
        for name in _NAMES:
            values = [getattr(reading or _NOT_SENT, name) for reading in told]
            assert getattr(found, name)[:, column].tolist() == values, (spec.name, name)


def _reference(body: bytes) -> tuple[RunUpdate, ...]:
    try:
        return decode_updates(body, _TICKS_MS)
    except FrameError:
        return ()


def seeds() -> Iterator[bytes]:
    """The golden bodies, whole and cut, alone and together."""
    bodies = [bytes.fromhex(json.loads(line)["body"]) for line in vectors.lines("vitals_run_bodies")]
    parts = [
        bytes([len(each)]) + each for body in bodies if len(body) <= _SEED_BYTES for each in (body, body[:-1])
    ]
    yield from parts
    for first in range(0, len(parts), _MOST_BODIES):
        yield b"".join(parts[first : first + _MOST_BODIES])
