"""Many blocks of one stream at once, in NumPy: those that cannot be read are told, the others stay exact."""

import numpy as np

from bandschema.blocks import Shape
from vitalband.blocks.heads import (
    BlockFault,
    BlockHeads,
    DecodedBlocks,
    Integers,
    Octets,
    Samples,
    first_faults,
)
from vitalband.blocks.lots import escaped_lot, regular_lot
from vitalband.blocks.raw import raw_lot
from vitalband.blocks.target import Target

NUMBERS_A_STEP = 4000
"""Channels and blocks of a lot: fewer cost more calls a sample, and more do not stay in the cache."""


def decode_blocks(data: bytes | bytearray | memoryview, heads: BlockHeads, shape: Shape) -> DecodedBlocks:
    """Decode blocks of one stream, as `bandschema.blocks.decode_block` decodes one of them.

    Of a block with a fault no sample is given. Memory follows the bytes: a block that says it holds more than
    its bytes can is refused before anything is made for it. Raises IndexError for blocks that do not lie in
    `data`.
    """
    view = memoryview(data).cast("B")
    faults = first_faults(len(view), heads, shape)
    sizes = np.where(faults == BlockFault.NONE, heads.steps, 0)
    ends = np.cumsum(sizes)
    counts = np.empty((int(sizes.sum()), shape.channel_count), np.int32)

    def part(rows: Integers) -> tuple[memoryview, BlockHeads, Shape, Target]:
        places = ends[rows] - sizes[rows]
        return view, heads.taken(rows), shape, Target(counts, places, sizes[rows])

    # Blocks of like lengths together: what goes in lock-step then ends together.
    by_steps = np.argsort(sizes, kind="stable")
    by_steps = by_steps[faults[by_steps] == BlockFault.NONE]
    again = [np.empty(0, np.int64)]
    for rows in _lots(by_steps[~heads.is_raw[by_steps]], shape):
        faults[rows], is_irregular = regular_lot(*part(rows))
        again.append(rows[is_irregular])
    for rows in _lots(np.concatenate(again), shape):
        faults[rows] = escaped_lot(*part(rows))
    for rows in _lots(by_steps[heads.is_raw[by_steps]], shape):
        faults[rows] = raw_lot(*part(rows))
    return _checked(counts, sizes, faults, shape)


def _lots(rows: Integers, shape: Shape) -> list[Integers]:
    count = max(1, NUMBERS_A_STEP // shape.channel_count)
    return [rows[begin : begin + count] for begin in range(0, len(rows), count)]


def _checked(counts: Samples, sizes: Integers, faults: Octets, shape: Shape) -> DecodedBlocks:
    """Only blocks whose samples lie within their range; `sizes` are those of all blocks in `counts`."""
    is_read = faults == BlockFault.NONE
    if not is_read.all():
        counts = counts[np.repeat(is_read, sizes)]
        sizes = np.where(is_read, sizes, 0)
    if len(counts) and (counts.min() < shape.lowest or counts.max() > shape.highest):
        is_out = ((counts < shape.lowest) | (counts > shape.highest)).any(axis=1)
        faults[np.searchsorted(np.cumsum(sizes), np.flatnonzero(is_out), side="right")] = (
            BlockFault.SAMPLE_OUT_OF_RANGE
        )
        return _checked(counts, sizes, faults, shape)
    return DecodedBlocks(counts, sizes, faults)
