"""Many blocks of one stream at once, in NumPy: those that cannot be read are told, the others stay exact."""

from collections.abc import Callable, Iterator

import numpy as np

from bandschema.blocks import Shape
from vitalband.blocks.heads import (
    BlockFault,
    BlockHeads,
    DecodedBlocks,
    Flags,
    Integers,
    Octets,
    Samples,
    first_faults,
)
from vitalband.blocks.lots import Lot, escaped_lot, regular_lot
from vitalband.blocks.raw import raw_lot

NUMBERS_A_STEP = 4000
"""Channels and blocks of a lot: fewer cost more calls a sample, and more do not stay in the cache."""
NUMBERS_A_LOT = 1 << 20
"""Most samples of a lot, noise included."""
_ESCAPED_NUMBERS_A_LOT = 1 << 17
_COUNT_BYTES = 4


def decode_blocks(data: bytes | bytearray | memoryview, heads: BlockHeads, shape: Shape) -> DecodedBlocks:
    """Decode blocks of one stream, as `bandschema.blocks.decode_block` decodes one of them.

    Of a block with a fault no sample is given. Memory follows the bytes: a block that says it holds more than
    its bytes can is refused before anything is made for it. Raises IndexError for blocks that do not lie in
    `data`.
    """
    view = memoryview(data).cast("B")
    faults = first_faults(len(view), heads, shape)
    pieces: list[memoryview] = [memoryview(b"")] * len(heads)

    def decode(rows: Integers, most: int, of_lot: Callable[[BlockHeads], Lot]) -> Integers:
        again = [np.empty(0, np.int64)]
        for part in _lots(rows, heads.steps, shape.channel_count, most):
            lot = of_lot(heads.taken(part))
            faults[part] = lot.faults
            _cut(pieces, part, lot, heads.steps[part])
            again.append(part[lot.is_irregular])
        return np.concatenate(again)

    is_open = faults == BlockFault.NONE
    by_steps = np.argsort(heads.steps, kind="stable")
    coded, raw = (by_steps[(is_open & kind)[by_steps]] for kind in (~heads.is_raw, heads.is_raw))
    again = decode(coded, NUMBERS_A_LOT, lambda lot: regular_lot(view, lot, shape))
    decode(again, _ESCAPED_NUMBERS_A_LOT, lambda lot: escaped_lot(view, lot, shape))
    decode(raw, _ESCAPED_NUMBERS_A_LOT, lambda lot: raw_lot(view, lot, shape))
    return _whole(pieces, heads.steps, faults, shape)


def _lots(rows: Integers, steps: Integers, channels: int, most: int) -> Iterator[Integers]:
    """Blocks of like lengths together, `rows` being in order of their steps."""
    while len(rows):
        count = max(1, NUMBERS_A_STEP // channels)
        # By the longest, which is the last: shorter lots for longer blocks.
        while count > 1 and count * channels * int(steps[rows[:count][-1]]) > most:
            count //= 2
        yield rows[:count]
        rows = rows[count:]


def _cut(pieces: list[memoryview], rows: Integers, lot: Lot, steps: Integers) -> None:
    """Each block's own samples of a lot, without copying them."""
    octets = lot.samples.data.cast("B")
    step_bytes = _COUNT_BYTES * lot.samples.shape[2]
    begin, pitch = 0, step_bytes * lot.samples.shape[1]
    for row, length in zip(rows.tolist(), (steps * step_bytes).tolist(), strict=True):
        pieces[row] = octets[begin : begin + length]
        begin += pitch


def _whole(pieces: list[memoryview], steps: Integers, faults: Octets, shape: Shape) -> DecodedBlocks:
    counts = _counts(pieces, faults == BlockFault.NONE, shape)
    if len(counts) and (counts.min() < shape.lowest or counts.max() > shape.highest):
        sizes = np.where(faults == BlockFault.NONE, steps, 0)
        is_out = ((counts < shape.lowest) | (counts > shape.highest)).any(axis=1)
        owners = np.searchsorted(np.cumsum(sizes), np.flatnonzero(is_out), side="right")
        faults[owners] = BlockFault.SAMPLE_OUT_OF_RANGE
        counts = _counts(pieces, faults == BlockFault.NONE, shape)
    return DecodedBlocks(counts, np.where(faults == BlockFault.NONE, steps, 0), faults)


def _counts(pieces: list[memoryview], is_read: Flags, shape: Shape) -> Samples:
    kept = pieces if is_read.all() else [pieces[row] for row in np.flatnonzero(is_read).tolist()]
    return np.frombuffer(bytearray().join(kept), np.int32).reshape(-1, shape.channel_count)
