"""The same decoder compiled by numba, which is optional: `pip install "vitalband[fast]"`."""

import numpy as np

from bandschema.blocks import Shape
from vitalband.blocks.heads import WEIGHTS, BlockFault, BlockHeads, DecodedBlocks, first_faults
from vitalband.fast import compiled

_MARGIN_BYTES = 8
"""Before and after the data, so that eight bytes can be read around any bit of it."""


def decode_compiled(data: bytes | bytearray | memoryview, heads: BlockHeads, shape: Shape) -> DecodedBlocks:
    """As `decode_blocks`, and with the same result; the first call compiles, or reads numba's cache.

    Raises `LocalError` when numba is not installed.
    """
    kernel = compiled("vitalband.blocks.kernel")
    view = memoryview(data).cast("B")
    faults = first_faults(len(view), heads, shape)
    octets = bytes(_MARGIN_BYTES).join([b"", view, b""])
    words = np.ndarray((len(view) + _MARGIN_BYTES + 1,), "<i8", octets, 0, (1,))
    is_open = faults == BlockFault.NONE
    counts = np.empty((int(heads.steps[is_open].sum()), shape.channel_count), np.int32)
    columns = (heads.starts, heads.stops, heads.steps, heads.is_raw, heads.table)
    limits = (shape.channel_count, shape.sample_bits, shape.lowest)
    done = kernel.decode_all(words, columns, limits, WEIGHTS, faults, counts)
    return DecodedBlocks(counts[:done], np.where(faults == BlockFault.NONE, heads.steps, 0), faults)
