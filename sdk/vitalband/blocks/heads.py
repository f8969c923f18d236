"""What is known of blocks before their bits are read, and what is told of those that cannot be read."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import ESCAPE, MAX_SHIFT, MAX_STEPS, RAW, Shape
from bandschema.predictors import ORDER, PREDICTOR_COUNT, TABLES

STREAM_SHIFT = 11
"""Where the `head` of a block's frame has its stream."""
ESCAPE_BITS = 32
PREDICTOR_BITS = 5
SHIFT_BITS = 5
GAIN_BITS = 6
_TABLE_NUMBERS = 4

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Octets = NDArray[np.uint8]
Samples = NDArray[np.int32]


class BlockFault(IntEnum):
    """Why a block cannot be read; `NONE` of one that can."""

    NONE = 0
    NO_STEPS = 1
    UNKNOWN_TABLE = 2
    TOO_SHORT = 3
    WIDE_SHIFT = 4
    BAD_BITS = 5
    SAMPLE_OUT_OF_RANGE = 6
    BAD_RAW_LENGTH = 7

    @property
    def reason(self) -> str:
        """In words, to follow what the block is called."""
        return _REASONS[self]


_REASONS = {
    BlockFault.NONE: "can be read",
    BlockFault.NO_STEPS: "holds no steps",
    BlockFault.UNKNOWN_TABLE: "names a table of predictors that is not known",
    BlockFault.TOO_SHORT: "is too short for the steps that it says it holds",
    BlockFault.WIDE_SHIFT: f"has a shift of more than {MAX_SHIFT}",
    BlockFault.BAD_BITS: f"has a quotient of more than {ESCAPE}, bits that are used twice, or ones left over",
    BlockFault.SAMPLE_OUT_OF_RANGE: "gives a sample outside the range of its stream",
    BlockFault.BAD_RAW_LENGTH: "is raw and longer than its samples, or not padded with zeros",
}


def fixed_bits(shape: Shape) -> int:
    """Bits before the remainders: the choices, and the first sample of each channel."""
    each = PREDICTOR_BITS + SHIFT_BITS + shape.sample_bits
    return shape.channel_count * each + (shape.channel_count - 1) * GAIN_BITS


def step_bits(shape: Shape) -> int:
    """Bits of one step of a raw block."""
    return shape.channel_count * shape.sample_bits


def _weights() -> Samples:
    weights = np.zeros((_TABLE_NUMBERS, PREDICTOR_COUNT, ORDER), np.int32)
    for number, table in TABLES.items():
        weights[number] = table
    return weights


WEIGHTS = _weights()
"""(tables, predictors, 4) int32, in sixteenths, that of the newest difference first."""
IS_TABLE = np.array([number in TABLES for number in range(_TABLE_NUMBERS)])


@dataclass(frozen=True, slots=True)
class BlockHeads:
    """(n,) blocks: where the bits of each lie in the buffer, in bytes, and what its frame says of them."""

    starts: Integers
    stops: Integers
    steps: Integers
    is_raw: Flags
    table: Octets

    @classmethod
    def of_frames(cls, heads: NDArray[np.integer], starts: Integers, stops: Integers) -> "BlockHeads":
        """From the `head` field of each frame, and where its block lies."""
        head = heads.astype(np.int64)
        return cls(starts, stops, head & MAX_STEPS, (head & RAW) != 0, (head >> 14).astype(np.uint8))

    def __len__(self) -> int:
        return len(self.starts)

    def taken(self, rows: Integers) -> "BlockHeads":
        """Those of `rows`, in that order."""
        return BlockHeads(
            self.starts[rows], self.stops[rows], self.steps[rows], self.is_raw[rows], self.table[rows]
        )


@dataclass(frozen=True, slots=True)
class DecodedBlocks:
    """Samples of (n,) blocks in turn: `counts` (samples, channels) int32 raw counts; `sizes` (n,) samples of
    each block, 0 of one that cannot be read; `faults` (n,) `BlockFault` numbers."""

    counts: Samples
    sizes: Integers
    faults: Octets


def blame(faults: Octets, is_faulty: Flags, fault: BlockFault) -> None:
    """Say `fault` of blocks of which none was said before."""
    faults[is_faulty & (faults == BlockFault.NONE)] = fault


def signed(numbers: Integers, bits: int) -> Integers:
    """Two's complement of `bits` bits as integers."""
    sign = 1 << (bits - 1)
    return (numbers ^ sign) - sign


def first_faults(data_bytes: int, heads: BlockHeads, shape: Shape) -> Octets:
    """What can be told without looking at the bits; raises IndexError for blocks outside of the buffer."""
    if ((heads.starts < 0) | (heads.starts > heads.stops) | (heads.stops > data_bytes)).any():
        raise IndexError(f"wanted blocks within {data_bytes} bytes")
    faults = np.zeros(len(heads), np.uint8)
    bits = 8 * (heads.stops - heads.starts)
    coded_bits = fixed_bits(shape) + (heads.steps - 1) * shape.channel_count
    raw_bits = heads.steps * step_bits(shape)
    blame(faults, heads.steps < 1, BlockFault.NO_STEPS)
    blame(faults, ~heads.is_raw & ~IS_TABLE[heads.table], BlockFault.UNKNOWN_TABLE)
    blame(faults, bits < np.where(heads.is_raw, raw_bits, coded_bits), BlockFault.TOO_SHORT)
    blame(faults, heads.is_raw & (bits >= raw_bits + 8), BlockFault.BAD_RAW_LENGTH)
    return faults
