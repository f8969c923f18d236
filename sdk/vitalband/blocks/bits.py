"""Bits of many blocks at once: numbers at any place from the front, gaps between ones from the back.

The bytes of blocks lie in rows of one length, so that a row is copied as one thing: each block at the end
of its row, where its ones are. A place is a bit, counted from the first byte of all rows on.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import MAX_CHANNELS
from vitalband.blocks.heads import Integers, Octets
from vitalband.blocks.target import STEPS_AT_ONCE

WINDOW_BITS = 25
"""Bits that a window surely holds from any bit of its first byte on."""
_MARGIN_BYTES = 8
_BYTES_AT_ONCE = 8192
"""Of which the gaps are looked for: each bit takes a byte and each one 8, which then stay in the cache."""
_MOST_ZEROS = 255
_ONE_AT_END = 0x80

Words = NDArray[np.uint32]


class Buffer:
    """A copy of the bytes that blocks lie in, with room before them for a row of the longest block."""

    def __init__(self, data: memoryview, widest: int) -> None:
        self._lead = widest
        self._octets = np.zeros(widest + len(data), np.uint8)
        self._octets[widest:] = data

    def rows(self, stops: Integers, width: int) -> "Rows":
        """The `width` bytes before each of `stops`; no block may be longer than `width`."""
        octets = np.zeros(len(stops) * width + _MARGIN_BYTES, np.uint8)
        if width:
            kind = np.dtype((np.void, width))
            starts = stops + (self._lead - width)
            source = np.ndarray((len(self._octets) - width + 1,), kind, self._octets, 0, (1,))
            octets[:-_MARGIN_BYTES].view(kind)[...] = source[starts]
        return Rows(octets, width, len(stops))


@dataclass(frozen=True, slots=True)
class Rows:
    """`count` rows of `width` bytes, one after another, and some zeros."""

    octets: Octets
    width: int
    count: int

    @property
    def ends(self) -> Integers:
        """The bit after each row."""
        return np.arange(1, self.count + 1) * (8 * self.width)

    @property
    def matrix(self) -> Octets:
        """(rows, bytes)."""
        return self.octets[: self.count * self.width].reshape(self.count, self.width)

    def windows(self) -> Words:
        """The 32 bits from each byte on, the first bit highest."""
        count = len(self.octets) - _MARGIN_BYTES // 2
        return np.ndarray((count,), ">u4", self.octets, 0, (1,)).astype(np.uint32)


def numbers_at(words: Words, places: Integers, widths: Integers | int) -> Integers:
    """The numbers of `widths` bits, at most `WINDOW_BITS`; beyond the end the last ones instead."""
    found = np.take(words, places >> 3, mode="clip").astype(np.int64)
    found >>= 32 - (places & 7) - widths
    found &= (1 << np.asarray(widths, np.int64)) - 1
    return found


def long_numbers_at(words: Words, places: Integers, widths: Integers) -> Integers:
    """As `numbers_at`, of as many as 32 bits."""
    high, low = numbers_at(words, places, 16), numbers_at(words, places + 16, 16)
    return (high << 16 | low) >> (32 - widths)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Zeros before each one, read backwards from the end of each of (n,) blocks.

    `zeros` of all blocks in turn, 255 standing for all above, and some more numbers at the end; block i has
    `ones[i]` of them, from `first[i]` on.
    """

    zeros: Octets
    first: Integers
    ones: Integers


def ones_after(rows: Rows, begins: Integers, few: Integers) -> Integers:
    """How many ones there are from `begins` on to the end of rows `few`."""
    octets, starts = _backwards(rows.matrix[few], rows.ends[few] - begins, 0)
    return _ones(octets, starts)


def gaps(rows: Rows, begins: Integers) -> Gaps:
    """The gaps in the bits of each row from `begins` on."""
    # Before each row is a one, from which the first gap is counted as all others are.
    octets, starts = _backwards(rows.matrix, rows.ends - begins, _ONE_AT_END)
    ones = _ones(octets, starts)
    ends = np.cumsum(ones)
    zeros = np.zeros(int(ends[-1]) + STEPS_AT_ONCE * MAX_CHANNELS, np.uint8)
    # Whole rows together, each part from the first row that begins at a multiple or later.
    begun = np.searchsorted(starts, np.arange(0, len(octets), _BYTES_AT_ONCE))
    parts = [*np.unique(begun[begun < rows.count]).tolist(), rows.count]
    starts = np.append(starts, len(octets))
    for row, end in pairwise(parts):
        bits = np.unpackbits(octets[starts[row] : starts[end]], bitorder="little")
        places = np.flatnonzero(bits.view(np.bool_))
        steps = places[1:] - places[:-1]
        if len(steps) and steps.max() > _MOST_ZEROS:
            np.minimum(steps, _MOST_ZEROS + 1, out=steps)
        start = int(ends[row] - ones[row]) + 1
        zeros[start : start + len(steps)] = steps
    zeros -= 1  # 256 became 0, which becomes 255
    zeros[ends - ones] = 0
    return Gaps(zeros, ends - ones + 1, ones - 1)


def _backwards(octets: Octets, bits: Integers, lead: int) -> tuple[Octets, Integers]:
    """Of each row a byte `lead`, and the bytes of its last `bits` from the last one on; where each begins."""
    sizes = np.maximum(bits, 0) + 7 >> 3
    turned = np.empty((len(octets), 1 + int(sizes.max(initial=0))), np.uint8)
    turned[:, 0] = lead
    turned[:, 1:] = octets[:, ::-1][:, : turned.shape[1] - 1]
    cut = np.flatnonzero((bits & 7) * (bits > 0))
    turned[cut, sizes[cut]] &= (0xFF >> (-bits[cut] & 7)).astype(np.uint8)
    narrow = np.min_scalar_type(turned.shape[1])
    is_own = np.arange(turned.shape[1], dtype=narrow) <= sizes.astype(narrow)[:, np.newaxis]
    return turned[is_own], np.cumsum(sizes + 1) - sizes - 1


def _ones(octets: Octets, starts: Integers) -> Integers:
    counts: Integers = np.add.reduceat(np.bitwise_count(octets), starts, dtype=np.int64)
    return counts
