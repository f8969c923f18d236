"""The blocks of raw samples that a host got, decoded by the reference."""

from dataclasses import dataclass

import numpy as np

from bandschema.blocks import MAX_STEPS, Shape, decode_block
from bandschema.enums import StreamId

SHAPES = {StreamId.OPTICAL: Shape(3, 18, False), StreamId.MOTION: Shape(3, 16, True)}


@dataclass(frozen=True)
class SentBlock:
    """One block; `samples` is (count, 3)."""

    ticks_ms: int
    stream_id: int
    first_sample: int
    samples: np.ndarray
    frame_bytes: int

    @property
    def sample_count(self):
        return len(self.samples)

    @property
    def numbers(self):
        return self.first_sample + np.arange(self.sample_count)


def block_of(header, record):
    """A block of its frame."""
    stream = record.head >> 11 & 7
    samples = decode_block(record.head, record.block, SHAPES[stream])
    assert len(samples) == record.head & MAX_STEPS
    return SentBlock(header.ticks_ms, stream, record.first_sample, np.array(samples), 17 + len(record.block))


def blocks_of(host, stream):
    """Those of a stream, in the order in which they came."""
    sent = [block_of(*frame) for frame in host.frames if type(frame[1]).__name__ == "CompressedBlock"]
    return [block for block in sent if block.stream_id == stream]
