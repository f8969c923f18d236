"""Pseudo-random numbers that are the same on both runtimes."""


class Lcg:
    """Linear congruential generator of Numerical Recipes' constants, high bits taken."""

    def __init__(self, seed):
        self._state = seed & 0xFFFFFFFF

    def below(self, bound):
        """A number in 0..bound-1, of a bound up to 65536."""
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return ((self._state >> 16) * bound) >> 16

    def fill(self, buffer):
        """Random bytes into the whole of a buffer."""
        for index in range(len(buffer)):
            buffer[index] = self.below(256)
