"""Runs of vitals, many frames at once: what `bandschema.vitals_run` reads one by one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitalband.kept_memory import keep_freed_memory
from vitalband.runs.states import Bytes, Flags, Integers
from vitalband.runs.sums import Sums, sums_of
from vitalband.runs.walk import Walk

keep_freed_memory()

LOT_FRAMES = 4096
"""Frames that go forward together: few enough that an array of them stays in the nearest cache."""


@dataclass(frozen=True, slots=True)
class RunColumns:
    """(m,) updates of many frames, frame by frame; readings (m, readings) in the order of `READINGS`.

    `frame` says whose they are, `ticks_ms` (uint32) when, by the band's clock. `raw_value` is int32,
    `NO_VALUE` where there is none; a reading that is not sent has code 0 everywhere. `is_bad` (frames,)
    marks those that are no runs: they give no updates.
    """

    frame: Integers
    ticks_ms: NDArray[np.uint32]
    contact: Bytes
    is_sent: Flags
    raw_value: NDArray[np.int32]
    validity: Bytes
    quality: Bytes
    cause: Bytes
    is_bad: Flags


def decode_runs(
    buffer: bytes, starts: NDArray[Any], stops: NDArray[Any], ticks_ms: NDArray[Any]
) -> RunColumns:
    """The updates of the bodies `buffer[starts:stops]`, of frames with these ticks; see `RunColumns`."""
    starts, stops = np.asarray(starts, np.int64), np.asarray(stops, np.int64)
    ticks_ms = np.asarray(ticks_ms, np.int64)
    lots = range(0, len(starts), LOT_FRAMES) or range(1)
    parts = [_lot(buffer, *(each[first : first + LOT_FRAMES] for each in (starts, stops))) for first in lots]
    frame = np.concatenate([part.frame + first for part, first in zip(parts, lots, strict=True)])
    counts = np.concatenate([part.counts for part in parts])
    since_ms = np.cumsum(np.concatenate([part.interval_ms for part in parts]))
    last_ms = since_ms[np.cumsum(counts) - 1] if len(frame) else np.zeros(len(counts), np.int64)
    return _columns(
        parts[0].states if len(parts) == 1 else np.concatenate([part.states for part in parts], axis=1),
        frame,
        ((ticks_ms - last_ms)[frame] + since_ms & 0xFFFFFFFF).astype(np.uint32),
        np.concatenate([part.contact for part in parts]).astype(np.uint8),
        np.concatenate([part.is_bad for part in parts]),
    )


def _lot(buffer: bytes, starts: Integers, stops: Integers) -> Sums:
    first, last = (int(starts.min()), int(stops.max())) if len(starts) else (0, 0)
    walk = Walk(np.frombuffer(buffer, np.uint8, last - first, first), starts - first, stops - first)
    return sums_of(walk, walk.run())


def _columns(
    states: Integers, frame: Integers, ticks_ms: NDArray[np.uint32], contact: Bytes, is_bad: Flags
) -> RunColumns:
    """Columns of states (readings, updates)."""
    codes = states.view(np.uint8).reshape(*states.shape, 8).swapaxes(0, 1)
    halves = states.view(np.int32).reshape(*states.shape, 2).swapaxes(0, 1)
    return RunColumns(
        frame=frame,
        ticks_ms=ticks_ms,
        contact=contact,
        is_sent=codes[:, :, 3].view(np.bool_),
        raw_value=halves[:, :, 1],
        validity=codes[:, :, 2],
        quality=codes[:, :, 0],
        cause=codes[:, :, 1],
        is_bad=is_bad,
    )
