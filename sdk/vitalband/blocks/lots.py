"""Blocks in lock-step: a step of all blocks and channels of a lot at once.

Arrays are (steps, channels, blocks), so that one step of all is one run of memory, and a few steps at a
time, so that they stay in the cache. Remainders of a fixed width lie at places that follow from the widths
alone, and quotients are the gaps between ones: only the predictors need the step before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import ESCAPE, MAX_SHIFT, Shape
from bandschema.predictors import ORDER
from vitalband.blocks.bits import (
    HALF_WINDOW_BITS,
    WINDOW_BITS,
    Gaps,
    Words,
    gaps,
    joined,
    numbers_at,
    windows,
)
from vitalband.blocks.heads import (
    ESCAPE_BITS,
    GAIN_BITS,
    PREDICTOR_BITS,
    SHIFT_BITS,
    WEIGHTS,
    BlockFault,
    BlockHeads,
    Flags,
    Integers,
    Octets,
    Samples,
    blame,
    fixed_bits,
    signed,
)
from vitalband.blocks.target import STEPS_AT_ONCE, Target


@dataclass(frozen=True, slots=True)
class _Fields:
    """Parameters, (channels, blocks) each, and the bit of `words` where the remainders begin, (blocks,)."""

    words: Words
    predictors: Integers
    shifts: Integers
    gains: Samples
    firsts: Samples
    begins: Integers
    faults: Octets


def regular_lot(data: memoryview, heads: BlockHeads, shape: Shape, target: Target) -> tuple[Octets, Flags]:
    """Decode blocks without an escape; gives faults, and which blocks only `escaped_lot` can read."""
    fields = _fields(data, heads, shape)
    step_bits = fields.shifts.sum(axis=0)
    found = _gaps(data, heads, shape, step_bits)
    is_irregular = (found.ones != (heads.steps - 1) * shape.channel_count) | (step_bits > WINDOW_BITS)
    is_irregular[found.owners(np.flatnonzero(found.zeros >= ESCAPE))] = True
    residuals = _regular_residuals(fields, found, step_bits, int(heads.steps.max()) - 1)
    _write(residuals, fields, WEIGHTS[heads.table], target)
    return fields.faults, is_irregular & (fields.faults == BlockFault.NONE)


def escaped_lot(data: memoryview, heads: BlockHeads, shape: Shape, target: Target) -> Octets:
    """Decode any blocks that are not raw; gives their faults."""
    fields = _fields(data, heads, shape)
    found = _gaps(data, heads, shape, fields.shifts.sum(axis=0))
    wanted = (heads.steps - 1) * shape.channel_count
    walk = _EscapedWalk(fields, found, wanted)
    _write(walk.residuals(int(heads.steps.max()) - 1), fields, WEIGHTS[heads.table], target)
    blame(fields.faults, walk.is_bad | (found.ones < wanted), BlockFault.BAD_BITS)
    # Nothing lies between: from the true end of the remainders on there are as many ones as were read.
    ends = 8 * heads.starts + fixed_bits(shape) + walk.places - fields.begins
    left = gaps(data, np.minimum(ends >> 3, heads.stops), heads.stops, ends & 7)
    blame(fields.faults, left.ones != wanted, BlockFault.BAD_BITS)
    return fields.faults


def _gaps(data: memoryview, heads: BlockHeads, shape: Shape, step_bits: Integers) -> Gaps:
    front_bits = fixed_bits(shape) + (heads.steps - 1) * step_bits
    ends = np.minimum(heads.starts + (front_bits >> 3), heads.stops)
    return gaps(data, ends, heads.stops, front_bits & 7)


def _fields(data: memoryview, heads: BlockHeads, shape: Shape) -> _Fields:
    words = windows(joined(data, heads.starts.tolist(), heads.stops.tolist()))
    sizes = heads.stops - heads.starts
    place = 8 * (np.cumsum(sizes) - sizes)

    def take(bits: int) -> Integers:
        nonlocal place
        number = numbers_at(words, place, bits).view(np.int64)
        place = place + bits
        return number

    channels, blocks = shape.channel_count, len(heads)
    predictors, shifts = np.empty((2, channels, blocks), np.int64)
    gains, firsts = np.zeros((channels, blocks), np.int32), np.empty((channels, blocks), np.int32)
    for channel in range(channels):
        predictors[channel], shifts[channel] = take(PREDICTOR_BITS), take(SHIFT_BITS)
        if channel:
            gains[channel] = signed(take(GAIN_BITS), GAIN_BITS)
    for channel in range(channels):
        first = take(shape.sample_bits)
        firsts[channel] = signed(first, shape.sample_bits) if shape.is_signed else first
    faults = np.zeros(blocks, np.uint8)
    blame(faults, shifts.max(axis=0) > MAX_SHIFT, BlockFault.WIDE_SHIFT)
    np.minimum(shifts, MAX_SHIFT, out=shifts)
    return _Fields(words, predictors, shifts, gains, firsts, place, faults)


def _regular_residuals(fields: _Fields, found: Gaps, step_bits: Integers, steps: int) -> Iterator[Samples]:
    """Folded residuals of a few steps at a time, in an array that is used again."""
    channels, blocks = fields.shifts.shape
    # Half as wide words take half the time, where the remainders of a step fit into them.
    words: NDArray[Any] = fields.words
    if step_bits.max() <= HALF_WINDOW_BITS:
        words = (words >> np.uint64(32)).astype(np.uint32)
    kind = words.dtype
    right = (8 * words.itemsize - np.cumsum(fields.shifts, axis=0)).astype(kind)
    masks, shifts = ((1 << fields.shifts) - 1).astype(np.int32), fields.shifts.astype(np.int32)
    zeros = [found.zeros[channel:] for channel in range(channels)]
    at_once = np.arange(STEPS_AT_ONCE)[:, np.newaxis]
    places, indexes = at_once * step_bits + fields.begins, at_once * channels + found.first
    octets, lefts = np.empty(places.shape, np.int64), np.empty(places.shape, kind)
    bits, rest = np.empty((2, *places.shape), kind)
    gap, quotients = np.empty(places.shape, np.uint8), np.empty(places.shape, np.int32)
    residuals = np.empty((STEPS_AT_ONCE, channels, blocks), np.int32)
    for _ in range(0, steps, STEPS_AT_ONCE):
        np.right_shift(places, 3, out=octets)
        np.take(words, octets, mode="clip", out=bits)
        np.bitwise_and(places, 7, out=octets)
        lefts[...] = octets
        np.left_shift(bits, lefts, out=bits)
        for channel in range(channels):
            part = residuals[:, channel]
            np.right_shift(bits, right[channel], out=rest)
            part[...] = rest
            np.bitwise_and(part, masks[channel], out=part)
            np.take(zeros[channel], indexes, mode="clip", out=gap)
            quotients[...] = gap
            np.left_shift(quotients, shifts[channel], out=quotients)
            np.bitwise_or(part, quotients, out=part)
        yield residuals
        places += STEPS_AT_ONCE * step_bits
        indexes += STEPS_AT_ONCE * channels


class _EscapedWalk:
    """Remainders whose widths depend on the quotients; `places` (blocks,) is the bit after those read."""

    def __init__(self, fields: _Fields, found: Gaps, wanted: Integers) -> None:
        self._fields, self._found, self._wanted = fields, found, wanted
        self.places = fields.begins.copy()
        self.is_bad = np.zeros(len(wanted), np.bool_)

    def residuals(self, steps: int) -> Iterator[Samples]:
        """Folded residuals of a few steps at a time."""
        shifts = self._fields.shifts
        channels, blocks = len(shifts), len(self._wanted)
        few = np.arange(STEPS_AT_ONCE * channels).reshape(STEPS_AT_ONCE, channels, 1)
        for start in range(0, steps, STEPS_AT_ONCE):
            some = few + start * channels
            is_own = some < self._wanted
            zeros = np.take(self._found.zeros, some + self._found.first, mode="clip")
            quotients = np.where(is_own, zeros, np.uint8(0))
            self.is_bad |= quotients.max(axis=(0, 1)) > ESCAPE
            is_escaped = quotients == ESCAPE
            widths = np.where(is_escaped, ESCAPE_BITS, shifts)
            ends = np.cumsum(np.where(is_own, widths, 0).reshape(-1, blocks), axis=0) + self.places
            places = ends.reshape(widths.shape) - widths
            bits = numbers_at(self._fields.words, places, widths.astype(np.uint64)).astype(np.uint32)
            high = np.where(is_escaped, 0, quotients).astype(np.uint32) << shifts.astype(np.uint32)
            yield (bits | high).view(np.int32)
            self.places = ends[-1]


def _write(residuals: Iterator[Samples], fields: _Fields, weights: Samples, target: Target) -> None:
    """Samples from folded residuals, a few steps at a time, to where they belong."""
    channels, blocks = fields.firsts.shape
    predictors = weights[np.arange(blocks), fields.predictors]
    coefficients = np.ascontiguousarray(predictors.transpose(2, 0, 1)[::-1])
    products, sums = np.empty_like(coefficients), np.empty((channels, blocks), np.int32)
    differences = np.zeros((ORDER + STEPS_AT_ONCE, channels, blocks), np.int32)
    counts = np.empty((1 + STEPS_AT_ONCE, channels, blocks), np.int32)
    mixed = np.empty((STEPS_AT_ONCE, blocks), np.int32)
    counts[0] = fields.firsts
    target.write_first(fields.firsts)
    for number, folded in enumerate(residuals):
        _unfold(folded, differences[ORDER:])
        if number == 0:
            differences[:ORDER] = differences[ORDER]
        for row in range(ORDER + (number == 0), ORDER + STEPS_AT_ONCE):
            np.multiply(coefficients, differences[row - ORDER : row], out=products)
            np.add.reduce(products, axis=0, dtype=np.int32, out=sums)
            np.add(sums, 8, out=sums)
            np.right_shift(sums, 4, out=sums)
            np.add(differences[row], sums, out=differences[row])
        counts[1:] = differences[ORDER:]
        for channel in range(1, channels):
            np.multiply(counts[1:, channel - 1], fields.gains[channel], out=mixed)
            np.add(mixed, 4, out=mixed)
            np.right_shift(mixed, 3, out=mixed)
            np.add(counts[1:, channel], mixed, out=counts[1:, channel])
        for row in range(1, 1 + STEPS_AT_ONCE):
            np.add(counts[row - 1], counts[row], out=counts[row])
        target.write(1 + number * STEPS_AT_ONCE, counts[1:])
        counts[0] = counts[-1]
        differences[:ORDER] = differences[-ORDER:]


def _unfold(folded: Samples, differences: Samples) -> None:
    """From 0, 1, 2, 3, 4 to 0, -1, 1, -2, 2."""
    np.bitwise_and(folded, 1, out=differences)
    np.negative(differences, out=differences)
    unsigned = folded.view(np.uint32)
    np.right_shift(unsigned, 1, out=unsigned)
    np.bitwise_xor(differences, folded, out=differences)
