"""Several blocks of one stream by NumPy and one by one: the same verdict for each, the same samples."""

from collections.abc import Iterator

import numpy as np

from bandschema import blocks as reference
from bandwire.errors import FrameError
from fuzz.source import Source
from fuzz.tally import Tally
from fuzz.targets.block import SHAPES, sample_blocks
from vitalband.blocks import BlockFault, BlockHeads, decode_blocks

MAX_INPUT_BYTES = 300
_MOST_BLOCKS = 6


def check(data: bytes, tally: Tally) -> None:
    """First byte: the stream's shape; then blocks: length, head, body."""
    source = Source(data)
    shape = SHAPES[source.below(len(SHAPES))]
    buffer, heads, starts, stops = b"\xa5", list[int](), list[int](), list[int]()
    expected: list[tuple[int, ...]] = []
    is_good: list[bool] = []
    while not source.is_empty and len(heads) < _MOST_BLOCKS:
        count, head = source.byte(), source.byte() | source.byte() << 8
        body = source.some(count)
        samples = _reference(head, body, shape)
        is_good.append(samples is not None)
        expected += samples or []
        heads.append(head)
        starts.append(len(buffer))
        buffer += body
        stops.append(len(buffer))
    found = decode_blocks(
        buffer,
        BlockHeads.of_frames(
            np.array(heads, np.uint16), np.array(starts, np.int64), np.array(stops, np.int64)
        ),
        shape,
    )
    assert [fault == BlockFault.NONE for fault in found.faults] == is_good
    assert found.counts.tolist() == [list(step) for step in expected]
    tally.add("accepted", sum(is_good))
    tally.add("refused", len(is_good) - sum(is_good))


def _reference(head: int, body: bytes, shape: reference.Shape) -> list[tuple[int, ...]] | None:
    try:
        return reference.decode_block(head, body, shape)
    except FrameError:
        return None


def seeds() -> Iterator[bytes]:
    """Blocks of a slow walk, whole and cut, alone and together."""
    for number, shape in enumerate(SHAPES):
        parts = [
            bytes([len(body)]) + head.to_bytes(2, "little") + body
            for head, whole in sample_blocks(shape)
            for body in (whole, whole[:-1])
        ]
        yield from (bytes([number]) + part for part in parts)
        yield bytes([number]) + b"".join(parts)
