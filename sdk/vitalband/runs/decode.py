"""Runs of vitals, many frames at once: what `bandschema.vitals_run` reads one by one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vitalband.runs.lot import Lot, Rows
from vitalband.runs.states import COUNT, Bytes, Flags, Integers

LOT_FRAMES = 8192
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
    is_bad = np.zeros(len(starts), np.bool_)
    rows: list[Rows] = []
    numbers: list[int] = []
    counts = np.zeros(len(starts), np.int64)
    elapsed = np.zeros(len(starts), np.int64)
    for first in range(0, len(starts), LOT_FRAMES):
        lot = Lot.begin(buffer, starts[first : first + LOT_FRAMES], stops[first : first + LOT_FRAMES])
        for place, found in enumerate(lot.rows()):
            found.frame = found.frame + first
            counts[found.frame] += 1
            elapsed[found.frame] = found.elapsed_ms
            rows.append(found)
            numbers.append(place)
        is_bad[first + np.flatnonzero(lot.is_bad)] = True
    counts[is_bad] = 0
    return _columns(rows, numbers, counts, np.asarray(ticks_ms, np.int64) - elapsed, is_bad)


def _columns(
    rows: list[Rows], numbers: list[int], counts: Integers, first_ticks_ms: Integers, is_bad: Flags
) -> RunColumns:
    begins = np.cumsum(counts) - counts
    total, has_bad = int(counts.sum()), bool(is_bad.any())
    state = np.empty((COUNT, total), np.int64)
    frame, contact = np.empty(total, np.int64), np.empty(total, np.uint8)
    ticks_ms = np.empty(total, np.uint32)
    for found, number in zip(rows, numbers, strict=True):
        good = ~is_bad[found.frame] if has_bad else slice(None)
        frames = found.frame[good]
        target = begins[frames] + number
        if len(target) and target[-1] - target[0] == len(target) - 1:
            target = slice(target[0], target[-1] + 1)
        state[:, target] = found.state[:, good]
        frame[target] = frames
        contact[target] = found.contact[good]
        ticks_ms[target] = (first_ticks_ms[frames] + found.elapsed_ms[good]) & 0xFFFFFFFF
    return columns_of(state, frame, ticks_ms, contact, is_bad, is_by_reading=True)


def columns_of(
    states: Integers,
    frame: Integers,
    ticks_ms: NDArray[np.uint32],
    contact: Bytes,
    is_bad: Flags,
    *,
    is_by_reading: bool,
) -> RunColumns:
    """Columns of states (updates, readings), or (readings, updates) when `is_by_reading`."""
    codes = states.view(np.uint8).reshape(*states.shape, 8)
    halves = states.view(np.int32).reshape(*states.shape, 2)
    if is_by_reading:
        codes, halves = codes.swapaxes(0, 1), halves.swapaxes(0, 1)
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
