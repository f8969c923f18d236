"""Many blocks of one stream at once, in NumPy: those that cannot be read are told, the others stay exact."""

from collections.abc import Iterator

import numpy as np

from bandschema.blocks import Shape
from vitalband.blocks.bits import Buffer
from vitalband.blocks.heads import (
    BlockFault,
    BlockHeads,
    DecodedBlocks,
    Integers,
    Octets,
    Samples,
    first_faults,
)
from vitalband.blocks.lots import coded_lot
from vitalband.blocks.raw import raw_lot
from vitalband.blocks.target import Target
from vitalband.kept_memory import keep_freed_memory

keep_freed_memory()

NUMBERS_A_STEP = 4000
"""Channels and blocks of a lot: fewer cost more calls a sample, and more do not stay in the cache."""
_ROW_BYTES = 1 << 20
"""Of all blocks of a lot, each taken for as long as the longest: one long block does not make all long."""


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
    widths = heads.stops - heads.starts
    # Blocks of like lengths together: what goes in lock-step then ends together.
    by_steps = np.argsort(sizes, kind="stable")
    by_steps = by_steps[faults[by_steps] == BlockFault.NONE]
    buffer = Buffer(view, int(widths[by_steps].max(initial=0)))
    is_raw = heads.is_raw[by_steps]
    for read, chosen in ((coded_lot, by_steps[~is_raw]), (raw_lot, by_steps[is_raw])):
        for rows in _lots(chosen, widths, NUMBERS_A_STEP // shape.channel_count):
            target = Target(counts, ends[rows] - sizes[rows], sizes[rows])
            faults[rows] = read(buffer, heads.taken(rows), shape, target)
    return _checked(counts, sizes, faults, shape)


def _lots(rows: Integers, widths: Integers, most: int) -> Iterator[Integers]:
    """Rows by rows, `most` at once or as many as may lie side by side."""
    while len(rows):
        widest = np.maximum.accumulate(widths[rows[: max(1, most)]])
        fitting = widest * np.arange(1, len(widest) + 1) <= _ROW_BYTES
        count = max(1, int(fitting.sum()))
        yield rows[:count]
        rows = rows[count:]


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
