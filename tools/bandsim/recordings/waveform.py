"""A recorded waveform, given at any times and any rate without aliasing.

scipy is imported where it is used: see `bandsim.recordings.beats`.
"""

import numpy as np

from bandsim.stimulus import FloatArray

_ANTI_ALIAS_ORDER = 6
_ANTI_ALIAS_SHARE = 0.45
_CROSS_FADE_S = 0.2


class Waveform:
    """`(n, c)` samples at `rate_hz`, the first at second 0; outside, the first and last are held.

    `at` interpolates with cubic splines; below the recorded rate a zero-phase low-pass (Butterworth,
    order 6 each way, half power at 0.45 of the new rate) comes first. It looks ahead, as a
    recording may: the chip's own filter is not modelled.
    """

    def __init__(self, samples: FloatArray, rate_hz: float) -> None:
        self.samples = np.ascontiguousarray(samples.reshape(len(samples), -1), dtype=np.float64)
        self.rate_hz = rate_hz
        self._splines: dict[float, FloatArray] = {}

    @property
    def duration_s(self) -> float:
        """How long the samples last."""
        return len(self.samples) / self.rate_hz

    def at(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        """Give `(len(times_s), c)` values for sampling at `rate_hz`."""
        from scipy import ndimage

        spline = self._spline(rate_hz)
        rows = np.clip(times_s * self.rate_hz, 0.0, len(self.samples) - 1.0)
        columns = [
            ndimage.map_coordinates(column, [rows], order=3, prefilter=False, mode="mirror")
            for column in spline.T
        ]
        return np.stack(columns, axis=1)

    def repeated(self, shortest_s: float) -> "Waveform":
        """Give the waveform end to end with itself until it lasts `shortest_s`.

        The last 0.2 s of a copy are blended into its first 0.2 s, mirrored, so that its end meets the
        next start: the joint is made up.
        """
        copies = int(np.ceil(shortest_s / self.duration_s))
        if copies <= 1:
            return self
        fade = min(round(_CROSS_FADE_S * self.rate_hz), len(self.samples) // 4)
        ramp = np.linspace(0.0, 1.0, fade)[:, np.newaxis]
        loop = self.samples.copy()
        if fade:
            loop[-fade:] = loop[-fade:] * (1 - ramp) + loop[:fade][::-1] * ramp
        return Waveform(np.tile(loop, (copies, 1)), self.rate_hz)

    def _spline(self, rate_hz: float) -> FloatArray:
        kept = self._splines.get(rate_hz)
        if kept is None:
            from scipy import ndimage

            kept = ndimage.spline_filter1d(self._limited(rate_hz), order=3, axis=0, mode="mirror")
            self._splines[rate_hz] = kept
        return kept

    def _limited(self, rate_hz: float) -> FloatArray:
        corner_hz = _ANTI_ALIAS_SHARE * rate_hz
        if corner_hz >= 0.5 * self.rate_hz:
            return self.samples
        from scipy import signal

        sos = signal.butter(_ANTI_ALIAS_ORDER, corner_hz, fs=self.rate_hz, output="sos")
        pad = min(len(self.samples) - 1, round(4 * self.rate_hz / corner_hz))
        return signal.sosfiltfilt(sos, self.samples, axis=0, padlen=pad)


def regular(
    times_s: FloatArray, samples: FloatArray, rate_hz: float, *, smoothed: int = 1, drops: bool = False
) -> FloatArray:
    """Give samples with uneven time stamps on a regular grid from the first stamp on.

    `smoothed` is the width of a running mean over the stamps: the jitter of a clock that is read
    late is taken out before the samples are placed. Where samples were dropped, `drops` makes it a running
    median, which does not smear the step over their neighbours. Stamps must not fall.
    """
    stamps = times_s - times_s[0]
    if smoothed > 1:
        from scipy import ndimage

        width = min(smoothed, len(stamps)) // 2 * 2 + 1
        steady = np.polynomial.Polynomial.fit(np.arange(len(stamps)), stamps, 1)(np.arange(len(stamps)))
        smooth = ndimage.median_filter if drops else ndimage.uniform_filter1d
        jitter = smooth(stamps - steady, width, mode="nearest")
        stamps = np.maximum.accumulate(steady + jitter)
        stamps -= stamps[0]
    grid = np.arange(int(np.floor(stamps[-1] * rate_hz)) + 1) / rate_hz
    columns = samples.reshape(len(samples), -1).T
    return np.stack([np.interp(grid, stamps, column) for column in columns], axis=1)
