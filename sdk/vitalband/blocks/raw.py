"""Raw blocks, many at once: every sample in its own width, one after another."""

import numpy as np

from bandschema.blocks import Shape
from vitalband.blocks.bits import joined, numbers_at, windows
from vitalband.blocks.heads import BlockFault, BlockHeads, blame, signed, step_bits
from vitalband.blocks.lots import Lot


def raw_lot(data: memoryview, heads: BlockHeads, shape: Shape) -> Lot:
    """Decode raw blocks whose lengths are right."""
    words = windows(joined(data, heads.starts.tolist(), heads.stops.tolist()))
    sizes = heads.stops - heads.starts
    ends = 8 * np.cumsum(sizes)
    numbers = np.arange(int(heads.steps.max()) * shape.channel_count) * shape.sample_bits
    found = numbers_at(words, (ends - 8 * sizes)[:, np.newaxis] + numbers, shape.sample_bits).view(np.int64)
    counts = signed(found, shape.sample_bits) if shape.is_signed else found
    faults = np.zeros(len(heads), np.uint8)
    # The last byte has the last sample's bits; what it has more of is padding.
    padding_bits = 8 * sizes - heads.steps * step_bits(shape)
    last = np.frombuffer(data, np.uint8)[heads.stops - 1]
    blame(faults, (last & ((1 << padding_bits) - 1)) != 0, BlockFault.BAD_RAW_LENGTH)
    samples = counts.astype(np.int32).reshape(len(heads), -1, shape.channel_count)
    return Lot(samples, faults, np.zeros(len(heads), np.bool_))
