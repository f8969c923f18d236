"""Steps with an escape, whose remainders are longer than those of the other steps of their block."""

from dataclasses import dataclass

import numpy as np

from bandschema.blocks import ESCAPE
from vitalband.blocks.bits import Gaps, Words, long_numbers_at
from vitalband.blocks.heads import ESCAPE_BITS, Flags, Integers, Samples


@dataclass(frozen=True, slots=True)
class LongSteps:
    """(n,) steps with an escape, by `step`, 0 of the second of a block; no two of them are the same.

    `residuals` (n, channels) are folded; `more` bits than other steps of the block lie in each.
    """

    step: Integers
    block: Integers
    more: Integers
    residuals: Samples

    def within(self, start: int, stop: int) -> "LongSteps":
        """Those of the steps from `start` to `stop`."""
        rows = slice(*np.searchsorted(self.step, [start, stop]))
        return LongSteps(self.step[rows], self.block[rows], self.more[rows], self.residuals[rows])


def long_steps(
    words: Words, begins: Integers, shifts: Integers, found: Gaps, wanted: Integers
) -> tuple[LongSteps, Flags]:
    """All such steps of blocks, and which blocks have a quotient that there is not.

    `begins` (blocks,) are the places of the first remainders, `shifts` (channels, blocks) their widths, and
    `wanted` (blocks,) how many quotients each block has.
    """
    channels, blocks = shifts.shape
    is_bad = found.ones < wanted
    rows = np.flatnonzero(found.zeros >= ESCAPE)
    owners = np.searchsorted(found.first + found.ones, rows, side="right")
    is_within = owners < blocks
    rows, owners = rows[is_within], owners[is_within]
    numbers = rows - found.first[owners]
    is_quotient = numbers < wanted[owners]
    rows, owners, numbers = rows[is_quotient], owners[is_quotient], numbers[is_quotient]
    is_bad[owners[found.zeros[rows] > ESCAPE]] = True
    step, channel = np.divmod(numbers, channels)
    is_new = np.ones(len(rows), np.bool_)
    is_new[1:] = (step[1:] != step[:-1]) | (owners[1:] != owners[:-1])
    step, block, first = step[is_new], owners[is_new], (rows - channel)[is_new]
    quotients = found.zeros[first[:, np.newaxis] + np.arange(channels)].astype(np.int64)
    own = shifts[:, block].T
    is_escaped = quotients == ESCAPE
    widths = np.where(is_escaped, ESCAPE_BITS, own)
    ends = np.cumsum(widths, axis=1)
    usual = own.sum(axis=1)
    more = ends[:, -1] - usual
    places = begins[block] + step * usual + _before(more, block)
    bits = long_numbers_at(words, places[:, np.newaxis] + ends - widths, widths)
    residuals = np.where(is_escaped, bits, quotients << own | bits)
    order = np.argsort(step, kind="stable")
    folded = residuals[order].astype(np.uint32).view(np.int32)
    return LongSteps(step[order], block[order], more[order], folded), is_bad


def _before(more: Integers, block: Integers) -> Integers:
    """Of each, the sum of those before it in the same block; blocks in order."""
    sums = np.cumsum(more) - more
    return sums - sums[np.searchsorted(block, block)]
