"""Takes out of a pulse what acceleration explains: ridge regression by orthogonal rows, in integers.

The pulse and the axes come at 25 Hz, are halved to 12.5 Hz by a half-band filter, and then are
differences of neighbouring samples, block-scaled to 11 bits. The regression runs on 12 rows, three axes
delayed by 0 to 3 samples (0, 80, 160, 240 ms), made orthogonal one after another (modified Gram-
Schmidt); the ridge is a 13th part appended to the samples, one unit vector a row, so that no row ever
vanishes and no matrix is inverted. Ridge: 0.02 of the mean row energy and 1e-4 g^2, chosen with the rest
of the heart-rate method on its training recordings.
"""

import sys

from dsp.fixed import isqrt, shift_to

if sys.implementation.name == "micropython":
    from dsp.canceller_viper import (
        clear,
        copy,
        differences,
        differences_of_counts,
        fill_row,
        halve,
        halve_counts,
        peak_step,
        peak_step_of_counts,
        remove_row,
        squares,
    )
else:
    from dsp.canceller_plain import (
        clear,
        copy,
        differences,
        differences_of_counts,
        fill_row,
        halve,
        halve_counts,
        peak_step,
        peak_step_of_counts,
        remove_row,
        squares,
    )

_DELAYS = (0, 1, 2, 3)
_ROWS = 3 * len(_DELAYS)
_BITS = 11
_MOST_UP = 7
"""Axes are scaled up by no more, so that the ridge of 1e-4 g^2 fits: 6711 * 2^14 < 2^27."""

_RIDGE_COUNTS2 = 6711
"""1e-4 g^2 in (1/8192 g)^2."""


class Canceller:
    """Holds the differenced signals of one window, for one step; allocates nothing after construction.

    After `load`: `pulse` and the three `axes` (int16, 11 bits); `axes_up`, the power of two by which
    the axes were scaled. After `cancel`: `rest`, the pulse without what the axes explain.
    """

    def __init__(self, window, workspace, narrow_first, axes):
        """`window`: values at 12.5 Hz; `axes`: three arrays('h') of so many.

        Signals lie in `workspace.narrow` from word `narrow_first` on, `window + 6` words; a step works in
        the first `6 * (window + 12)` words of `workspace.wide`.
        """
        self.window = window
        self.length = window + _ROWS
        pulse_words = window >> 1
        self.pulse = workspace.narrow_halves(narrow_first, window)
        self.rest = workspace.narrow_halves(narrow_first + pulse_words, self.length)
        self.axes = axes
        self.axes_up = 0
        self._rows = workspace.wide_halves(0, self.length * _ROWS)
        self._samples = workspace.wide_halves(0, 2 * window)
        self._counts = workspace.wide_words(0, 2 * window)
        self._halved = workspace.wide_words(2 * window, window)

    def load_pulse(self, optical, channel):
        """Take the window's counts of a channel of an OpticalRing."""
        optical.take(channel, 2 * self.window, self._counts)
        halve_counts(self._counts, self.window, self._halved)
        up = shift_to(_BITS, peak_step_of_counts(self._halved, self.window), 10)
        differences_of_counts(self._halved, self.window, up, self.pulse)

    def load_axes(self, motion):
        """Take the window's acceleration from a MotionRing."""
        peak = 0
        for axis in range(3):
            motion.take(axis, 2 * self.window, self._samples)
            halve(self._samples, self.window, self.axes[axis])
            peak = max(peak, peak_step(self.axes[axis], self.window))
        self.axes_up = shift_to(_BITS, peak, _MOST_UP)
        for axis in self.axes:
            differences(axis, self.window, self.axes_up, axis)

    def load_no_axes(self):
        """There is no acceleration: the axes are zero."""
        self.axes_up = 0
        for axis in self.axes:
            clear(axis, 0, self.window)

    def copy_pulse(self):
        """Without acceleration nothing is taken from the pulse."""
        copy(self.pulse, self.rest, self.window)

    def cancel(self):
        """Put the pulse less its regression on the axes into `rest`."""
        root = self._ridge_root()
        for row in range(_ROWS):
            axis = self.axes[row % 3]
            fill_row(axis, self.window, _DELAYS[row // 3], self._rows, row, self.length, root, row)
        self.copy_pulse()
        clear(self.rest, self.window, self.length)
        for row in range(_ROWS):
            remove_row(self._rows, self._rows, row, row + 1, _ROWS, self.length)
            remove_row(self._rows, self.rest, row, 0, 1, self.length)

    def _ridge_root(self):
        """Square root of the ridge in the axes' units; 0.02 of a row's energy is S / 150 of three axes' S."""
        total = 0
        for axis in self.axes:
            total += squares(axis, self.window)
        up = self.axes_up
        fixed = _RIDGE_COUNTS2 << (2 * up) if up >= 0 else _RIDGE_COUNTS2 >> (-2 * up)
        return isqrt((total << 3) // 150 * 8 + fixed)
