"""Decoding many blocks at once holds memory in proportion to their bytes, whatever their heads say."""

import numpy as np
import pytest

from bandschema import blocks
from bounds.counting import most_bytes_held
from vitalband.blocks import BlockHeads, decode_blocks

BYTES_HELD_A_BYTE = 120
"""A bit may be a sample, whose number takes 8 bytes in several arrays."""
BYTES_HELD = 1_000_000
"""Of a lot of one block, and what NumPy makes once."""
SHAPE = blocks.Shape(8, 1, False)


def _heads(bodies: list[bytes], head: int) -> BlockHeads:
    stops = np.cumsum([len(body) for body in bodies])
    starts = stops - np.array([len(body) for body in bodies])
    return BlockHeads.of_frames(np.full(len(bodies), head, np.uint16), starts, stops)


@pytest.mark.parametrize("is_raw", [False, True])
@pytest.mark.parametrize("body", [b"", b"\0" * 20, b"\xff" * 20, b"\xff" * 200, b"\0" * 1100])
def test_blocks_that_claim_more_than_they_hold_cost_no_memory_for_it(body: bytes, is_raw: bool) -> None:
    bodies = [body] * (200_000 // (len(body) + 20))
    heads = _heads(bodies, blocks.MAX_STEPS | (blocks.RAW if is_raw else 0))
    data = b"".join(bodies)
    # What is made once, as the tables are, is made before.
    decode_blocks(data, heads.taken(np.arange(1)), SHAPE)
    held = most_bytes_held(lambda: decode_blocks(data, heads, SHAPE))
    assert held <= BYTES_HELD_A_BYTE * (len(data) + 20 * len(bodies)) + BYTES_HELD


def test_one_long_block_among_short_ones_does_not_make_all_of_them_long() -> None:
    long = blocks.encode_block([(0,) * 8] * blocks.MAX_STEPS, SHAPE, [blocks.Choice()] * 8, stream_id=1)
    short = blocks.encode_block([(0,) * 8], SHAPE, [blocks.Choice()] * 8, stream_id=1)
    made = [long, *[short] * 4000]
    bodies = [body for _, body in made]
    stops = np.cumsum([len(body) for body in bodies])
    starts = stops - np.array([len(body) for body in bodies])
    heads = BlockHeads.of_frames(np.array([head for head, _ in made], np.uint16), starts, stops)
    data = b"".join(bodies)
    held = most_bytes_held(lambda: decode_blocks(data, heads, SHAPE))
    assert held <= BYTES_HELD_A_BYTE * (len(data) + 20 * len(bodies)) + BYTES_HELD
