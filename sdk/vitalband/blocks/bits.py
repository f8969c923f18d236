"""Bits of many blocks at once: numbers at any place from the front, gaps between ones from the back."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import MAX_CHANNELS
from vitalband.blocks.heads import Integers, Octets

WINDOW_BITS, HALF_WINDOW_BITS = 57, 25
"""Bits that a window, or its upper half, surely holds from any bit of its first byte on."""
_WINDOW_BYTES = 8
_BYTES_AT_ONCE = 8192
"""Of which the gaps are looked for: each bit takes a byte and each one 8, which then stay in the cache."""
_MOST_ZEROS = 255

Words = NDArray[np.uint64]


def joined(data: memoryview, starts: Iterable[int], stops: Iterable[int]) -> Octets:
    """Pieces of a buffer, one after another, with what a window at the end needs as zeros."""
    pieces = [data[start:stop] for start, stop in zip(starts, stops, strict=True)]
    return np.frombuffer(bytearray().join([*pieces, bytes(_WINDOW_BYTES)]), np.uint8)


def windows(octets: Octets) -> Words:
    """The 64 bits from each byte of `joined` on, the first bit highest."""
    count = len(octets) - _WINDOW_BYTES + 1
    return np.ndarray((count,), ">u8", octets, 0, (1,)).astype(np.uint64)


def numbers_at(words: Words, places: Integers, widths: NDArray[np.uint64] | int) -> Words:
    """The numbers of `widths` bits at bit `places`; places beyond the end read the last bits instead."""
    found = np.take(words, places >> 3, mode="clip")
    found <<= (places & 7).view(np.uint64)
    found >>= np.uint64(64) - np.asarray(widths, np.uint64)
    return found


@dataclass(frozen=True, slots=True)
class Gaps:
    """Zeros before each one, read backwards from the end of each of (n,) blocks.

    `zeros` of all blocks in turn, 255 standing for all above, and some more zeros at the end; block i has
    `ones[i]` of them, from `first[i]` on.
    """

    zeros: Octets
    first: Integers
    ones: Integers

    def owners(self, rows: Integers) -> Integers:
        """The block of each of the ones `rows`."""
        return np.searchsorted(self.first + self.ones, rows, side="right")


def gaps(data: memoryview, starts: Integers, stops: Integers, skipped_bits: Integers) -> Gaps:
    """The gaps in the bytes of each block from start to stop, less `skipped_bits` (0-7) of its first byte."""
    ends = np.cumsum(stops - starts)
    parts = [np.zeros(0, np.uint8)]
    ones = np.empty(len(starts), np.int64)
    begin = 0
    while begin < len(starts):
        bytes_before = int(ends[begin] - stops[begin] + starts[begin])
        end = max(begin + 1, int(np.searchsorted(ends, bytes_before + _BYTES_AT_ONCE, side="right")))
        rows = slice(begin, end)
        zeros, ones[rows] = _few_gaps(data, starts[rows], stops[rows], skipped_bits[rows])
        parts.append(zeros)
        begin = end
    return Gaps(np.concatenate([*parts, np.zeros(MAX_CHANNELS, np.uint8)]), np.cumsum(ones) - ones, ones)


def _few_gaps(
    data: memoryview, starts: Integers, stops: Integers, skipped_bits: Integers
) -> tuple[Octets, Integers]:
    # Backwards as a whole: the last block first, then all bytes turned round.
    octets = joined(data, starts[::-1].tolist(), stops[::-1].tolist())[:-_WINDOW_BYTES]
    sizes = stops - starts
    ends = np.cumsum(sizes)
    is_cut = (skipped_bits > 0) & (sizes > 0)
    octets[len(octets) - ends[is_cut]] &= (0xFF >> skipped_bits[is_cut]).astype(np.uint8)
    bits: NDArray[np.uint8] = np.unpackbits(octets[::-1], bitorder="little")
    places = np.flatnonzero(bits.view(np.bool_))
    origins = (ends - sizes) * 8
    bounds = np.searchsorted(places, np.append(origins, 8 * len(octets)))
    first, ones = bounds[:-1], np.diff(bounds)
    zeros = np.empty(len(places), np.uint8)
    steps = places[1:] - places[:-1]
    if len(steps) and steps.max() > _MOST_ZEROS:
        np.minimum(steps, _MOST_ZEROS + 1, out=steps)
    zeros[1:] = steps  # 256 becomes 0, and the subtraction makes 255 of it
    leads = first[ones > 0]
    zeros[leads] = np.minimum(places[leads] - origins[ones > 0] + 1, _MOST_ZEROS + 1)
    zeros -= 1
    return zeros, ones
