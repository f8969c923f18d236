"""Raw blocks, many at once: every sample in its own width, one after another."""

import numpy as np

from bandschema.blocks import Shape
from vitalband.blocks.bits import Buffer, numbers_at
from vitalband.blocks.heads import BlockFault, BlockHeads, Integers, Octets, blame, signed, step_bits
from vitalband.blocks.target import STEPS_AT_ONCE, Target


def raw_lot(buffer: Buffer, heads: BlockHeads, shape: Shape, target: Target) -> Octets:
    """Decode raw blocks whose lengths are right; gives their faults."""
    sizes = heads.stops - heads.starts
    rows = buffer.rows(heads.stops, int(sizes.max()))
    words = rows.windows()
    place = rows.ends - 8 * sizes
    few: Integers = (
        np.arange(STEPS_AT_ONCE * shape.channel_count).reshape(STEPS_AT_ONCE, -1, 1) * shape.sample_bits
    )
    for step in range(0, int(heads.steps.max()), STEPS_AT_ONCE):
        found = numbers_at(words, place + step * step_bits(shape) + few, shape.sample_bits)
        counts = signed(found, shape.sample_bits) if shape.is_signed else found
        target.write(step, counts.astype(np.int32))
    faults = np.zeros(len(heads), np.uint8)
    # The last byte has the last sample's bits; what it has more of is padding.
    padding_bits = 8 * sizes - heads.steps * step_bits(shape)
    blame(faults, (rows.matrix[:, -1] & ((1 << padding_bits) - 1)) != 0, BlockFault.BAD_RAW_LENGTH)
    return faults
