"""Blocks in lock-step: a step of all blocks and channels of a lot at once.

Arrays are (steps, channels, blocks), so that one step of all is one run of memory, and a few steps at a
time, so that they stay in the cache. Remainders of a fixed width lie at places that follow from the widths
alone, and quotients are the gaps between ones: only the predictors need the step before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bandschema.blocks import ESCAPE, MAX_SHIFT, Shape
from bandschema.predictors import ORDER
from vitalband.blocks.bits import WINDOW_BITS, Gaps, Words, gaps, joined, numbers_at, windows
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

STEPS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot's samples, (blocks, steps, channels); beyond a block's own steps they are noise.

    `faults` (blocks,) of those that cannot be read; `is_irregular` (blocks,) of those that only
    `escaped_lot` can read.
    """

    samples: Samples
    faults: Octets
    is_irregular: Flags


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


def regular_lot(data: memoryview, heads: BlockHeads, shape: Shape) -> Lot:
    """Decode blocks without an escape: every other one is irregular here."""
    fields = _fields(data, heads, shape)
    step_bits = fields.shifts.sum(axis=0)
    found = _gaps(data, heads, shape, step_bits)
    is_irregular = (found.ones != (heads.steps - 1) * shape.channel_count) | (step_bits > WINDOW_BITS)
    is_irregular[found.owners(np.flatnonzero(found.zeros[:-1] >= ESCAPE))] = True
    residuals = _regular_residuals(fields, found, step_bits, int(heads.steps.max()) - 1)
    samples = _samples(residuals, fields, WEIGHTS[heads.table], int(heads.steps.max()))
    return Lot(samples, fields.faults, is_irregular & (fields.faults == BlockFault.NONE))


def escaped_lot(data: memoryview, heads: BlockHeads, shape: Shape) -> Lot:
    """Decode any blocks that are not raw."""
    fields = _fields(data, heads, shape)
    found = _gaps(data, heads, shape, fields.shifts.sum(axis=0))
    channels, steps = shape.channel_count, int(heads.steps.max()) - 1
    wanted = (heads.steps - 1) * channels
    numbers = np.arange(steps * channels).reshape(steps, channels, 1)
    is_own = numbers < wanted
    quotients = np.where(is_own, np.take(found.zeros, numbers + found.first, mode="clip"), 0)
    widths = np.where(quotients == ESCAPE, ESCAPE_BITS, fields.shifts)
    sent_bits = np.where(is_own, widths, 0).reshape(-1, len(heads))
    before = (np.cumsum(sent_bits, axis=0) - sent_bits).reshape(widths.shape)
    bits = numbers_at(fields.words, before + fields.begins, widths.astype(np.uint64)).astype(np.uint32)
    plain = bits | quotients.astype(np.uint32) << fields.shifts.astype(np.uint32)
    folded = np.where(quotients == ESCAPE, bits, plain).view(np.int32)
    blame(fields.faults, quotients.max(axis=(0, 1), initial=0) > ESCAPE, BlockFault.BAD_BITS)
    blame(fields.faults, found.ones < wanted, BlockFault.BAD_BITS)
    # Nothing lies between: from the true end of the remainders on there are as many ones as were read.
    ends = 8 * heads.starts + fixed_bits(shape) + sent_bits.sum(axis=0)
    left = gaps(data, np.minimum(ends >> 3, heads.stops), heads.stops, ends & 7)
    blame(fields.faults, left.ones != wanted, BlockFault.BAD_BITS)
    samples = _samples(_few_at_once(folded), fields, WEIGHTS[heads.table], steps + 1)
    return Lot(samples, fields.faults, np.zeros(len(heads), np.bool_))


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
    right = (64 - np.cumsum(fields.shifts, axis=0)).astype(np.uint64)
    masks, widths = ((1 << fields.shifts) - 1).astype(np.int32), fields.shifts.astype(np.int32)
    at_once = np.arange(STEPS_AT_ONCE)[:, np.newaxis]
    places, indexes = at_once * step_bits + fields.begins, at_once * channels + found.first
    shifts, octets = np.empty((2, STEPS_AT_ONCE, blocks), np.int64)
    bits, rest = np.empty((2, STEPS_AT_ONCE, blocks), np.uint64)
    gap = np.empty((STEPS_AT_ONCE, blocks), np.uint8)
    quotients = np.empty((STEPS_AT_ONCE, blocks), np.int32)
    residuals = np.empty((STEPS_AT_ONCE, channels, blocks), np.int32)
    for _ in range(0, steps, STEPS_AT_ONCE):
        np.right_shift(places, 3, out=octets)
        np.bitwise_and(places, 7, out=shifts)
        np.take(fields.words, octets, mode="clip", out=bits)
        np.left_shift(bits, shifts.view(np.uint64), out=bits)
        for channel in range(channels):
            part = residuals[:, channel]
            np.right_shift(bits, right[channel], out=rest)
            part[...] = rest
            part &= masks[channel]
            np.take(found.zeros, indexes, mode="clip", out=gap)
            quotients[...] = gap
            np.left_shift(quotients, widths[channel], out=quotients)
            part |= quotients
            indexes += 1
        yield residuals
        places += STEPS_AT_ONCE * step_bits
        indexes += (STEPS_AT_ONCE - 1) * channels


def _few_at_once(folded: Samples) -> Iterator[Samples]:
    """A few steps at a time; the last ones are followed by noise."""
    for start in range(0, len(folded), STEPS_AT_ONCE):
        part = np.zeros((STEPS_AT_ONCE, *folded.shape[1:]), np.int32)
        rows = folded[start : start + STEPS_AT_ONCE]
        part[: len(rows)] = rows
        yield part


def _samples(residuals: Iterator[Samples], fields: _Fields, weights: Samples, steps: int) -> Samples:
    """Samples from folded residuals, a few steps at a time."""
    channels, blocks = fields.firsts.shape
    predictors = weights[np.arange(blocks), fields.predictors]
    coefficients = np.ascontiguousarray(predictors.transpose(2, 0, 1)[::-1])
    products, sums = np.empty_like(coefficients), np.empty((channels, blocks), np.int32)
    differences = np.zeros((ORDER + STEPS_AT_ONCE, channels, blocks), np.int32)
    counts = np.empty((1 + STEPS_AT_ONCE, channels, blocks), np.int32)
    mixed = np.empty((STEPS_AT_ONCE, blocks), np.int32)
    samples = np.empty((blocks, STEPS_AT_ONCE + steps, channels), np.int32)
    counts[0] = fields.firsts
    samples[:, 0] = counts[0].T
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
        start = 1 + number * STEPS_AT_ONCE
        samples[:, start : start + STEPS_AT_ONCE] = counts[1:].transpose(2, 0, 1)
        counts[0] = counts[-1]
        differences[:ORDER] = differences[-ORDER:]
    return samples


def _unfold(folded: Samples, differences: Samples) -> None:
    """From 0, 1, 2, 3, 4 to 0, -1, 1, -2, 2."""
    np.bitwise_and(folded, 1, out=differences)
    np.negative(differences, out=differences)
    unsigned = folded.view(np.uint32)
    np.right_shift(unsigned, 1, out=unsigned)
    np.bitwise_xor(differences, folded, out=differences)
