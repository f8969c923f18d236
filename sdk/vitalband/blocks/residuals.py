"""Folded residuals of many blocks, a few steps of all of them at a time."""

import numpy as np

from vitalband.blocks.bits import WINDOW_BITS, Gaps, Words
from vitalband.blocks.escapes import LongSteps
from vitalband.blocks.heads import Integers, Samples
from vitalband.blocks.target import STEPS_AT_ONCE


class _Window:
    """Remainders of channels next to each other that lie in one window; of a step they begin `before` later.

    A few steps take whole bytes whatever the widths, so that bits begin at the same bit of a byte in all of
    them, and only the bytes move on.
    """

    def __init__(self, channels: range, shifts: Integers, before: Integers, steps: Integers) -> None:
        self.channels = channels
        self._offsets = steps + before
        self._octets = np.empty(steps.shape, np.int64)
        self._lefts = np.empty(steps.shape, np.uint32)
        widths = np.cumsum(shifts[channels.start : channels.stop], axis=0)
        self._rights = (32 - widths).astype(np.uint32)

    def move_to(self, begins: Integers, more: Integers | int, blocks: Integers | slice) -> None:
        """Some blocks begin there, and each of the steps is `more` bits further than it would be."""
        places = begins[blocks] + self._offsets[:, blocks] + more
        self._octets[:, blocks] = places >> 3
        self._lefts[:, blocks] = places & 7

    def read(self, words: Words, bits: Words, folded: Words) -> None:
        """Write to `folded` of each channel its bits of the window, and those of channels before it."""
        np.take(words, self._octets[: len(bits)], mode="clip", out=bits)
        np.left_shift(bits, self._lefts[: len(bits)], out=bits)
        for channel, right in zip(self.channels, self._rights, strict=True):
            np.right_shift(bits, right, out=folded[:, channel])

    def advance(self, octets: Integers) -> None:
        """On to the next steps."""
        self._octets += octets


class Residuals:
    """Reads the residuals of blocks, of which those before were read."""

    def __init__(
        self, words: Words, begins: Integers, shifts: Integers, found: Gaps, long: LongSteps
    ) -> None:
        channels, blocks = shifts.shape
        self._words, self._long = words, long
        self._begins = begins.copy()
        step_bits = shifts.sum(axis=0)
        self._bits_at_once = STEPS_AT_ONCE * step_bits
        steps = np.arange(STEPS_AT_ONCE)[:, np.newaxis] * step_bits
        before = np.cumsum(shifts, axis=0) - shifts
        self._windows = [_Window(few, shifts, before[few.start], steps) for few in _windows_of(shifts)]
        for window in self._windows:
            window.move_to(begins, 0, slice(None))
        self._bits = np.empty((STEPS_AT_ONCE, blocks), np.uint32)
        self._masks = ((1 << shifts) - 1).astype(np.uint32)
        self._shifts = shifts.astype(np.uint32)
        # The quotients of a few steps of a block as one thing, so that they are copied at once.
        few = np.dtype((np.void, STEPS_AT_ONCE * channels))
        self._zeros = np.ndarray((len(found.zeros) - few.itemsize + 1,), few, found.zeros, 0, (1,))
        self._first, self._last = found.first.copy(), len(self._zeros) - 1
        self._quotients = np.empty((STEPS_AT_ONCE, channels, blocks), np.uint32)

    def read(self, start: int, residuals: Samples) -> None:
        """The next ones, (steps, channels, blocks), from step `start` on, 0 the block's second.

        As many as `STEPS_AT_ONCE`, or fewer if they are the last ones.
        """
        long = self._long.within(start, start + len(residuals))
        if len(long.step):
            self._make_room(long, start)
        folded = residuals.view(np.uint32)
        for window in self._windows:
            window.read(self._words, self._bits[: len(folded)], folded)
        self._add_quotients(folded)
        residuals[long.step - start, :, long.block] = long.residuals
        for window in self._windows:
            window.advance(self._bits_at_once >> 3)
        self._begins += self._bits_at_once
        if len(long.step):
            np.add.at(self._begins, long.block, long.more)
            for window in self._windows:
                window.move_to(self._begins, 0, long.block)

    def _make_room(self, long: LongSteps, start: int) -> None:
        """Steps after a long one of these steps begin later."""
        blocks, column = np.unique(long.block, return_inverse=True)
        more = np.zeros((STEPS_AT_ONCE + 1, len(blocks)), np.int64)
        more[long.step - start + 1, column] = long.more
        np.cumsum(more, axis=0, out=more)
        for window in self._windows:
            window.move_to(self._begins, more[:-1], blocks)

    def _add_quotients(self, folded: Words) -> None:
        zeros = self._zeros[np.minimum(self._first, self._last)].view(np.uint8)
        self._first += self._zeros.itemsize
        quotients = self._quotients[: len(folded)]
        columns = quotients.reshape(-1, quotients.shape[2])
        columns[...] = zeros.reshape(columns.shape[1], -1).T[: len(columns)]
        np.bitwise_and(folded, self._masks, out=folded)
        np.left_shift(quotients, self._shifts, out=quotients)
        np.bitwise_or(folded, quotients, out=folded)


def _windows_of(shifts: Integers) -> list[range]:
    """Channels next to each other whose remainders of a step fit into a window, in all blocks."""
    found, start = list[range](), 0
    for stop in range(1, len(shifts) + 1):
        if stop == len(shifts) or shifts[start : stop + 1].sum(axis=0).max() > WINDOW_BITS:
            found.append(range(start, stop))
            start = stop
    return found
