"""Blocks in lock-step: a step of all blocks and channels of a lot at once.

Arrays are (steps, channels, blocks), so that one step of all is one run of memory, and a few steps at a
time, so that they stay in the cache. Remainders of a fixed width lie at places that follow from the widths
alone, and quotients are the gaps between ones: only the predictors need the step before.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bandschema.blocks import MAX_SHIFT, Shape
from bandschema.predictors import ORDER
from vitalband.blocks.bits import Buffer, Rows, Words, gaps, numbers_at, ones_after
from vitalband.blocks.escapes import long_steps
from vitalband.blocks.heads import (
    GAIN_BITS,
    PREDICTOR_BITS,
    SHIFT_BITS,
    WEIGHTS,
    BlockFault,
    BlockHeads,
    Integers,
    Octets,
    Samples,
    blame,
    fixed_bits,
    signed,
)
from vitalband.blocks.residuals import Residuals
from vitalband.blocks.target import STEPS_AT_ONCE, Target

_CHOICE_BITS = PREDICTOR_BITS + SHIFT_BITS + GAIN_BITS


@dataclass(frozen=True, slots=True)
class _Fields:
    """Parameters, (channels, blocks) each, and the place where the remainders begin, (blocks,)."""

    predictors: Integers
    shifts: Integers
    gains: Samples
    firsts: Samples
    begins: Integers
    faults: Octets


def coded_lot(buffer: Buffer, heads: BlockHeads, shape: Shape, target: Target) -> Octets:
    """Decode blocks that are not raw; gives their faults."""
    sizes = heads.stops - heads.starts
    rows = buffer.rows(heads.stops, int(sizes.max()))
    words = rows.windows()
    fields = _fields(rows, words, sizes, shape)
    steps = heads.steps - 1
    wanted = steps * shape.channel_count
    ends = fields.begins + steps * fields.shifts.sum(axis=0)
    found = gaps(rows, ends)
    long, is_bad = long_steps(words, fields.begins, fields.shifts, found, wanted)
    np.add.at(ends, long.block, long.more)
    # Nothing lies between: from the true end of the remainders on there are as many ones as were read.
    ones, later = found.ones, np.unique(long.block)
    ones[later] = ones_after(rows, ends[later], later)
    blame(fields.faults, is_bad | (ones != wanted), BlockFault.BAD_BITS)
    residuals = Residuals(words, fields.begins, fields.shifts, found, long)
    samples = _Samples(fields, WEIGHTS[heads.table])
    target.write_first(fields.firsts)
    most = int(steps.max())
    for start in range(0, most, STEPS_AT_ONCE):
        few = min(STEPS_AT_ONCE, most - start)
        residuals.read(start, samples.folded(few))
        target.write(1 + start, samples.unfolded(few, is_first=start == 0))
    return fields.faults


def _fields(rows: Rows, words: Words, sizes: Integers, shape: Shape) -> _Fields:
    place = rows.ends - 8 * sizes
    channel = np.arange(shape.channel_count)[:, np.newaxis]
    # Only the first channel has no gain: before the others lie so many bits less.
    choices = numbers_at(words, place + channel * _CHOICE_BITS - (channel > 0) * GAIN_BITS, _CHOICE_BITS)
    shifts = choices >> GAIN_BITS & (1 << SHIFT_BITS) - 1
    gains = signed(choices & (1 << GAIN_BITS) - 1, GAIN_BITS)
    gains[0] = 0
    begins = place + fixed_bits(shape)
    firsts = numbers_at(words, begins + (channel - len(channel)) * shape.sample_bits, shape.sample_bits)
    if shape.is_signed:
        firsts = signed(firsts, shape.sample_bits)
    faults = np.zeros(rows.count, np.uint8)
    blame(faults, shifts.max(axis=0) > MAX_SHIFT, BlockFault.WIDE_SHIFT)
    return _Fields(
        predictors=choices >> GAIN_BITS + SHIFT_BITS,
        shifts=np.minimum(shifts, MAX_SHIFT),
        gains=gains.astype(np.int32),
        firsts=firsts.astype(np.int32),
        begins=begins,
        faults=faults,
    )


class _Samples:
    """Samples of a lot from residuals, a few steps at a time; rows are steps, the first ones those before."""

    def __init__(self, fields: _Fields, weights: Samples) -> None:
        channels, blocks = fields.firsts.shape
        predictors = weights[np.arange(blocks), fields.predictors]
        self._coefficients = np.ascontiguousarray(predictors.transpose(2, 0, 1)[::-1])
        self._gains = fields.gains
        self._products = np.empty_like(self._coefficients)
        self._sums = np.empty((channels, blocks), np.int32)
        self._mixed = np.empty((STEPS_AT_ONCE, blocks), np.int32)
        self._differences = np.empty((ORDER + STEPS_AT_ONCE, channels, blocks), np.int32)
        self._counts = np.empty((1 + STEPS_AT_ONCE, channels, blocks), np.int32)
        self._counts[0] = fields.firsts
        # Views by step, which would take as long to make at each step as to use.
        self._each_step = [
            (self._differences[row : row + ORDER], self._differences[row + ORDER])
            for row in range(STEPS_AT_ONCE)
        ]
        self._each_count = list(self._counts)

    def folded(self, steps: int) -> Samples:
        """Where the folded residuals of the next steps are to be put."""
        return self._counts[1 : 1 + steps]

    def unfolded(self, steps: int, *, is_first: bool) -> Samples:
        """The samples; until they are made, their memory is that of the folded residuals."""
        counts, differences = self._counts[: 1 + steps], self._differences[: ORDER + steps]
        _unfold(counts[1:], differences[ORDER:])
        if is_first:
            differences[:ORDER] = differences[ORDER]
        self._predict(self._each_step[is_first:steps])
        self._mix(differences[ORDER:], counts[1:])
        for before, count in pairwise(self._each_count[: 1 + steps]):
            np.add(before, count, out=count)
        self._counts[0] = counts[-1]
        self._differences[:ORDER] = differences[-ORDER:]
        return counts[1:]

    def _predict(self, each_step: list[tuple[Samples, Samples]]) -> None:
        coefficients, products, sums = self._coefficients, self._products, self._sums
        for before, difference in each_step:
            np.multiply(coefficients, before, out=products)
            np.add.reduce(products, axis=0, dtype=np.int32, out=sums, initial=8)
            np.right_shift(sums, 4, out=sums)
            np.add(difference, sums, out=difference)

    def _mix(self, differences: Samples, counts: Samples) -> None:
        counts[:, 0] = differences[:, 0]
        mixed = self._mixed[: len(counts)]
        for channel in range(1, counts.shape[1]):
            np.multiply(counts[:, channel - 1], self._gains[channel], out=mixed)
            np.add(mixed, 4, out=mixed)
            np.right_shift(mixed, 3, out=mixed)
            np.add(differences[:, channel], mixed, out=counts[:, channel])


def _unfold(folded: Samples, differences: Samples) -> None:
    """From 0, 1, 2, 3, 4 to 0, -1, 1, -2, 2; what was folded is lost."""
    np.bitwise_and(folded, 1, out=differences)
    np.negative(differences, out=differences)
    unsigned = folded.view(np.uint32)
    np.right_shift(unsigned, 1, out=unsigned)
    np.bitwise_xor(differences, folded, out=differences)
