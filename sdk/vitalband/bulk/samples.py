"""Samples of many blocks, plain and compressed ones, of one stream and boot."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import MAX_STEPS, MAX_STREAM_ID
from bandschema.enums import Encoding
from bandschema.records import CompressedBlock, SampleBlock
from vitalband.blocks import STREAM_SHIFT, BlockFault, BlockHeads, decode_blocks
from vitalband.bulk.damage import DamageReport
from vitalband.bulk.frames import FrameBatch, Integers, KindColumns, decode_kind
from vitalband.streams import decode_samples, shape_of
from vitalband.values import StreamDescriptor


@dataclass(frozen=True, slots=True)
class SampleColumns:
    """Consecutive blocks of one stream and boot, (n,) samples.

    `sample` uint32 numbers, `ticks_ms` float64, `utc_us` int64 and `uncertainty_ms` float64 as in
    `StampColumns`, `counts` (n, channels) int32.
    """

    boot_id: int
    sample: NDArray[np.uint32]
    ticks_ms: NDArray[np.float64]
    utc_us: NDArray[np.int64]
    uncertainty_ms: NDArray[np.float64]
    counts: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class BlockColumns:
    """(n,) blocks in the order of their frames: the frame of each in its batch, whether it is compressed,
    stream, boot, tick, number of its first sample as sent, `encoding` of a plain one and `head` of a
    compressed one, samples that it says it holds, and where its bytes lie."""

    rows: Integers
    is_compressed: NDArray[np.bool_]
    stream_id: Integers
    boot_id: Integers
    ticks_ms: Integers
    first_sample: Integers
    code: Integers
    steps: Integers
    starts: Integers
    stops: Integers

    def taken(self, rows: Integers) -> "BlockColumns":
        """Those of `rows`, in that order."""
        return BlockColumns(*(getattr(self, name)[rows] for name in self.__slots__))


def block_columns(kinds: NDArray[np.int64], batch: FrameBatch, report: DamageReport) -> BlockColumns:
    """The blocks of frames of kind `sample_block` and `compressed_block`; what is neither is told."""
    parts: list[BlockColumns] = []
    for kind in (SampleBlock.KIND, CompressedBlock.KIND):
        members = np.flatnonzero(kinds == kind)
        found = decode_kind(kind, batch.taken(members), report)
        parts.append(_columns(kind == CompressedBlock.KIND, members, found))
    order = np.argsort(np.concatenate([part.rows for part in parts]), kind="stable")
    names = BlockColumns.__slots__
    return BlockColumns(*(np.concatenate([getattr(part, name) for part in parts])[order] for name in names))


def _columns(is_compressed: bool, members: Integers, found: KindColumns) -> BlockColumns:
    fixed = found.columns.fixed

    def numbers(name: str) -> Integers:
        return fixed[name].astype(np.int64)

    code = numbers("head" if is_compressed else "encoding")
    return BlockColumns(
        rows=members[found.rows],
        is_compressed=np.full(len(fixed), is_compressed),
        stream_id=code >> STREAM_SHIFT & MAX_STREAM_ID if is_compressed else numbers("stream_id"),
        boot_id=numbers("boot_id"),
        ticks_ms=numbers("ticks_ms"),
        first_sample=numbers("first_sample"),
        code=code,
        steps=code & MAX_STEPS if is_compressed else numbers("sample_count"),
        starts=found.columns.tail_starts,
        stops=found.columns.tail_stops,
    )


def decode_counts(
    batch: FrameBatch, blocks: BlockColumns, descriptor: StreamDescriptor, report: DamageReport
) -> tuple[Integers, NDArray[np.int32]]:
    """Which of the blocks can be read, and their samples in turn, (samples, channels) int32."""
    coded = np.flatnonzero(blocks.is_compressed)
    plain = np.flatnonzero(~blocks.is_compressed)
    plain_read, plain_counts = _plain_counts(batch, blocks.taken(plain), descriptor, report)
    coded_read, coded_counts = _coded_counts(batch, blocks.taken(coded), descriptor, report)
    if not len(coded):
        return plain[plain_read], plain_counts
    if not len(plain):
        return coded[coded_read], coded_counts
    read = np.sort(np.concatenate([plain[plain_read], coded[coded_read]]))
    is_coded = np.repeat(blocks.is_compressed[read], blocks.steps[read])
    counts = np.empty((len(is_coded), len(descriptor.channels)), np.int32)
    counts[is_coded], counts[~is_coded] = coded_counts, plain_counts
    return read, counts


def _coded_counts(
    batch: FrameBatch, blocks: BlockColumns, descriptor: StreamDescriptor, report: DamageReport
) -> tuple[Integers, NDArray[np.int32]]:
    heads = BlockHeads.of_frames(blocks.code, blocks.starts, blocks.stops)
    decoded = decode_blocks(batch.data, heads, shape_of(descriptor))
    for row in np.flatnonzero(decoded.faults).tolist():
        cause = f"{CompressedBlock.NAME} {BlockFault(decoded.faults[row]).reason}"
        report.add(batch.damage(int(blocks.rows[row]), cause))
    return np.flatnonzero(decoded.faults == BlockFault.NONE), decoded.counts


def _plain_counts(
    batch: FrameBatch, blocks: BlockColumns, descriptor: StreamDescriptor, report: DamageReport
) -> tuple[Integers, NDArray[np.int32]]:
    sample_bytes = len(descriptor.channels) * descriptor.channel_bytes
    is_known = blocks.code == Encoding.PLAIN
    is_long = blocks.stops - blocks.starts == blocks.steps * sample_bytes
    for row in np.flatnonzero(~(is_known & is_long)).tolist():
        cause = "is of another length than its samples" if is_known[row] else "has an unknown encoding"
        report.add(batch.damage(int(blocks.rows[row]), f"{SampleBlock.NAME} {cause}"))
    read = np.flatnonzero(is_known & is_long)
    view = memoryview(batch.data)
    spans = zip(blocks.starts[read].tolist(), blocks.stops[read].tolist(), strict=True)
    body = b"".join([view[start:stop] for start, stop in spans])
    return read, decode_samples(Encoding.PLAIN, body, int(blocks.steps[read].sum()), descriptor)
