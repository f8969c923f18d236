"""Where the samples of blocks that are decoded together go: each block's to its place in one array."""

import numpy as np

from vitalband.blocks.heads import Integers, Samples

STEPS_AT_ONCE = 16
_COUNT_BYTES = 4


class Target:
    """Writes to `counts` (all steps, channels) int32: block i has `steps[i]` rows there from `rows[i]` on.

    Blocks are in order of their steps.
    """

    def __init__(self, counts: Samples, rows: Integers, steps: Integers) -> None:
        self._counts, self._rows, self._steps = counts, rows, steps
        channels = counts.shape[1]
        # A few steps of a block as one thing, so that they are copied at once.
        few = np.dtype((np.void, _COUNT_BYTES * channels * STEPS_AT_ONCE))
        places = max(0, len(counts) - STEPS_AT_ONCE + 1)
        self._few = np.ndarray((places,), few, counts, 0, (_COUNT_BYTES * channels,))
        self._turned = np.empty((len(rows), STEPS_AT_ONCE, channels), np.int32)

    def write_first(self, counts: Samples) -> None:
        """The first step of every block, (channels, blocks)."""
        self._counts[self._rows] = counts.T

    def write(self, step: int, counts: Samples) -> None:
        """(steps, channels, blocks) from a step on, but for what is beyond a block's own steps.

        As many as `STEPS_AT_ONCE`, or fewer if no block has more.
        """
        ended = int(np.searchsorted(self._steps, step, side="right"))
        whole = int(np.searchsorted(self._steps, step + STEPS_AT_ONCE))
        turned = self._turned
        turned[ended:, : len(counts)] = counts[:, :, ended:].transpose(2, 0, 1)
        self._few[self._rows[whole:] + step] = turned[whole:].reshape(-1).view(self._few.dtype)
        if ended < whole:
            left = np.arange(STEPS_AT_ONCE)
            is_own = left < self._steps[ended:whole, np.newaxis] - step
            places = self._rows[ended:whole, np.newaxis] + step + left
            self._counts[places[is_own]] = turned[ended:whole][is_own]
