"""Integer spectra: block-scaled radix-2 transforms of up to 512 points, two real signals at a time.

Widths: signals int16; transform data below 2^17.5 in magnitude with Q13 twiddles (products below 2^31
and halving when a component reached 2^16); powers below 2^29; logarithms in 1/256 of log2.
"""

import sys

import micropython

from dsp.fixed import bit_length
from dsp.rom import table
from dsp.tables import QUARTER_SINE_Q13

if sys.implementation.name == "micropython":
    from dsp.spectrum_viper import (
        add_powers,
        add_shares,
        band_mean,
        blend,
        load_pair,
        log_levels,
        pair_powers,
        peak_bits,
        transform,
    )
else:
    from dsp.spectrum_plain import (
        add_powers,
        add_shares,
        band_mean,
        blend,
        load_pair,
        log_levels,
        pair_powers,
        peak_bits,
        transform,
    )

__all__ = [
    "MOST_POINTS",
    "SAMPLE_GAIN_BITS",
    "SHARE_ONE",
    "Transformer",
    "add_band_shares",
    "band_mean",
    "blend",
    "log_levels",
]

MOST_POINTS = 512

SAMPLE_GAIN_BITS = 4
"""A sample of 1 under a taper of 1 enters the transform as 16."""

SHARE_ONE = 1 << 13
"""A power that equals the band's mean, as a share of it."""

_COMPONENT_BITS = 13


def add_band_shares(power, mean, bins, total, has_total):
    """Put powers over a band's mean, in units of SHARE_ONE, cut at 256 or more, into `total`, or add them."""
    mean = max(mean, 1)
    down = bit_length(mean) - 8
    # Eight bits tell the mean within 1 %: it only weighs one channel against another.
    mean = mean >> down if down >= 0 else mean << -down
    add_shares(power, bins, down - 5, 65536 // mean, total, has_total)


class Transformer:
    """Transforms in `workspace.wide`, which each overwrites; allocates nothing after construction.

    `scale_bits` of the last power spectrum: its components were halved that often, so that amplitudes
    are 2^scale_bits larger than their square roots say. `first_power`, `second_power`: see `pair`.
    """

    def __init__(self, workspace):
        self.workspace = workspace
        self.scale_bits = 0
        self.first_power = self._real = workspace.wide_words(0, MOST_POINTS)
        self.second_power = self._imaginary = workspace.wide_words(MOST_POINTS, MOST_POINTS)
        self._quarter = table("h", QUARTER_SINE_Q13)

    @micropython.native
    def pair(self, first, second, count, taper, bits, bins):
        """Power spectra (times four, one common scale) of two signals of `count` samples, 2^bits points.

        They take the place of the transform: the first `bins` words of `first_power` and `second_power`.
        """
        down = self._run(first, second, count, taper, bits, bins)
        self.scale_bits += down
        pair_powers(self._real, self._imaginary, 1 << bits, bins, down, self.first_power, self.second_power)

    @micropython.native
    def sum_of_pair(self, first, second, count, taper, bits, bins, total, has_total):
        """Twice the sum of both signals' powers into `total`, or added to what the last call left there."""
        before = self.scale_bits
        down = self._run(first, second, count, taper, bits, bins)
        own = self.scale_bits + down
        scale = max(before, own) if has_total else own
        keep_down = 2 * (scale - before) if has_total else 31
        add_powers(
            self._real, self._imaginary, 1 << bits, bins, down + scale - own, min(keep_down, 31), total
        )
        self.scale_bits = scale

    @micropython.native
    def _run(self, first, second, count, taper, bits, bins):
        repeats = 4 if count << 2 <= 1 << bits else 1
        load_pair(first, second, count, taper, self._real, self._imaginary, bits, repeats)
        self.scale_bits = transform(bits, repeats, self._real, self._imaginary, self._quarter)
        return max(0, peak_bits(self._real, self._imaginary, 1 << bits, bins) - _COMPONENT_BITS)
