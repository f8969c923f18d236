"""Samples rendered a minute at a time and kept: any stretch is then a slice, however it is asked for."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from bandsim.stimulus import FloatArray, first_sample, sample_times

_BLOCK_S = 60.0
_KEPT_BLOCKS = 8

Render: TypeAlias = Callable[[FloatArray, float, np.random.Generator], FloatArray]
"""Gives the rows at `times_s`, for a sample rate in Hz, with random numbers of that block alone."""

Random: TypeAlias = Callable[[int, int, int], np.random.Generator]
"""Gives the random numbers for a block, a phase and a rate in millihertz."""


class BlockCache:
    """Rows at any rate and phase, rendered in blocks of 60 s.

    A block covers fixed sample numbers of its rate's own grid, so that what a sample holds
    depends on its number and never on the question that first asked for it.
    """

    def __init__(self, render: Render, random: Random) -> None:
        self._render = render
        self._random = random
        self._blocks: OrderedDict[tuple[float, int, int], FloatArray] = OrderedDict()

    def rows(self, start_s: float, count: int, rate_hz: float) -> FloatArray:
        """Give `count` rows from the sample at or after `start_s` on the grid of `first_sample`."""
        first, phase = first_sample(start_s, rate_hz)
        size = max(1, round(_BLOCK_S * rate_hz))
        block, offset = divmod(first, size)
        if offset + count <= size:
            return self._block(rate_hz, phase, block)[offset : offset + count]
        last = (first + count - 1) // size
        whole = np.concatenate([self._block(rate_hz, phase, k) for k in range(block, last + 1)])
        return whole[offset : offset + count]

    def _block(self, rate_hz: float, phase: int, block: int) -> FloatArray:
        key = (rate_hz, phase, block)
        kept = self._blocks.get(key)
        if kept is not None:
            return kept
        size = max(1, round(_BLOCK_S * rate_hz))
        times_s = sample_times(block * size, phase, size, rate_hz)
        rows = self._render(times_s, rate_hz, self._random(block, phase, round(rate_hz * 1000)))
        rows.flags.writeable = False
        self._blocks[key] = rows
        if len(self._blocks) > _KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return rows
