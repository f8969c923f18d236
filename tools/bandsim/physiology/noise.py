"""Seeded randomness that does not depend on the order or the size of the questions."""

from zlib import crc32

import numpy as np

from bandsim.stimulus import FloatArray


def stream(seed: int, name: str, *keys: int) -> np.random.Generator:
    """Give the random numbers of one named use: the same seed, name and keys give the same numbers."""
    return np.random.default_rng([seed, crc32(name.encode()), *keys])


def at_uniform(table: FloatArray, rate_hz: float, times_s: FloatArray) -> FloatArray:
    """Interpolate linearly in a table with rows at k / rate_hz; the ends are held."""
    position = np.clip(times_s * rate_hz, 0.0, len(table) - 1.0)
    below = np.minimum(position.astype(np.int64), max(len(table) - 2, 0))
    above = np.minimum(below + 1, len(table) - 1)
    share = position - below
    if table.ndim == 2:
        share = share[:, np.newaxis]
    return table[below] + (table[above] - table[below]) * share


def at_one_time(table: FloatArray, rate_hz: float, t_s: float) -> float:
    """Give the same for one time and a table of one column: a tenth of the cost."""
    position = min(max(t_s * rate_hz, 0.0), len(table) - 1.0)
    below = min(int(position), max(len(table) - 2, 0))
    low, high = float(table[below]), float(table[min(below + 1, len(table) - 1)])
    return low + (high - low) * (position - below)


class SmoothNoise:
    """Random values at a low rate, joined by straight lines: unit variance at the nodes.

    `at(times_s)` gives `(n, columns)`, or `(n,)` for one column. The band reaches about half of
    `rate_hz`.
    """

    def __init__(self, seed: int, name: str, *, duration_s: float, rate_hz: float, columns: int = 1) -> None:
        rows = int(np.ceil(duration_s * rate_hz)) + 2
        shape = (rows,) if columns == 1 else (rows, columns)
        self._table = stream(seed, name).standard_normal(shape)
        self._rate_hz = rate_hz

    def at(self, times_s: FloatArray) -> FloatArray:
        """Give the noise at given times."""
        return at_uniform(self._table, self._rate_hz, times_s)
