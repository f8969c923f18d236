"""Compressed sample blocks, decoded many at once into NumPy arrays."""

from vitalband.blocks.compiled import decode_compiled
from vitalband.blocks.decode import decode_blocks
from vitalband.blocks.heads import STREAM_SHIFT, BlockFault, BlockHeads, DecodedBlocks

__all__ = ["STREAM_SHIFT", "BlockFault", "BlockHeads", "DecodedBlocks", "decode_blocks", "decode_compiled"]
