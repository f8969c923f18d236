"""The same decoder compiled by numba, which is optional: `pip install "vitalband[fast]"`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.vitals_run import MOST_UPDATES
from vitalband.fast import compiled
from vitalband.runs.decode import RunColumns, columns_of
from vitalband.runs.states import COUNT, INDEX, Integers

_MARGIN = bytes(512)
"""Behind the data: what a damaged update may read beyond its end."""
_LOT_FRAMES = 256


def decode_runs_compiled(
    buffer: bytes, starts: NDArray[Any], stops: NDArray[Any], ticks_ms: NDArray[Any]
) -> RunColumns:
    """As `decode_runs`, and with the same result; the first call compiles, or reads numba's cache.

    Raises `LocalError` when numba is not installed.
    """
    kernel = compiled("vitalband.runs.kernel")
    data = np.frombuffer(buffer + _MARGIN, np.uint8)
    starts, stops = np.asarray(starts, np.int64), np.asarray(stops, np.int64)
    counts = np.zeros(len(starts), np.int64)
    states = np.empty((_LOT_FRAMES * MOST_UPDATES, COUNT), np.int64)
    others = np.empty((_LOT_FRAMES * MOST_UPDATES, 2), np.int64)
    parts: list[tuple[Integers, Integers]] = [(states[:0], others[:0])]
    for first in range(0, len(starts), _LOT_FRAMES):
        lot = slice(first, first + _LOT_FRAMES)
        done = kernel.decode_all(data, starts[lot], stops[lot], np.array(INDEX), states, others, counts[lot])
        parts.append((states[:done].copy(), others[:done].copy()))
    found = np.concatenate([part[0] for part in parts])
    rest = np.concatenate([part[1] for part in parts])
    frame = np.repeat(np.arange(len(starts)), counts)
    total = rest[np.maximum(np.cumsum(counts) - 1, 0), 1] if len(rest) else np.zeros(len(starts), np.int64)
    ticks = np.asarray(ticks_ms, np.int64)[frame] - total[frame] + rest[:, 1] & 0xFFFFFFFF
    contact = rest[:, 0].astype(np.uint8)
    return columns_of(found, frame, ticks.astype(np.uint32), contact, counts == 0, is_by_reading=False)
