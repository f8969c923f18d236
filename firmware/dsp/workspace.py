"""Memory that lasts one step: one piece for all vital signs, who work one after another.

What is left in it when a step returns may be overwritten by whoever comes next. `wide` is overwritten by
every transform; `narrow` is for what must outlive the transforms of a step.

Views of 16-bit values lie over the same 32-bit words. MicroPython has no such views: there the words
themselves are given, which kernels take by their address, so that only kernels may touch `halves`.
"""

import sys
from array import array

WIDE_WORDS = 1024
"""Real and imaginary parts of a transform of 512 points."""

NARROW_WORDS = 592
"""The larger of what heart rate (586) and breathing (450) keep."""

IS_MICROPYTHON = sys.implementation.name == "micropython"


class Workspace:
    """Gives out views; allocates nothing after construction but these."""

    def __init__(self):
        self._wide = memoryview(array("i", bytes(4 * WIDE_WORDS)))
        self._narrow = memoryview(array("i", bytes(4 * NARROW_WORDS)))

    def wide_words(self, first, count):
        """`count` 32-bit integers from word `first` on."""
        return _words(self._wide, first, count)

    def wide_halves(self, first, count):
        """`count` 16-bit integers from word `first` on, for kernels only."""
        return _halves(self._wide, first, count)

    def narrow_words(self, first, count):
        """The same in what outlives transforms."""
        return _words(self._narrow, first, count)

    def narrow_halves(self, first, count):
        """The same in what outlives transforms."""
        return _halves(self._narrow, first, count)


def _words(memory, first, count):
    if first + count > len(memory):
        raise ValueError("words wanted: %d from %d on, got %d" % (count, first, len(memory)))
    return memory[first : first + count]


def _halves(memory, first, count):
    words = _words(memory, first, (count + 1) >> 1)
    return words if IS_MICROPYTHON else words.cast("B").cast("h")[:count]
