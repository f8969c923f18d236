"""A recorded pulse as the model's source of blood volume.

scipy is imported where it is used: see `bandsim.recordings.beats`.
"""

import numpy as np

from bandsim.recordings.beats import band_passed, systole_sign
from bandsim.recordings.references import known
from bandsim.recordings.waveform import Waveform
from bandsim.stimulus import FloatArray

_BAND_HZ = (0.4, 12.0)
_WINDOW_S = 2.0
_STEADYING_S = 6.0
_LEAST_SHARE = 0.25


class RecordedPulse:
    """One recorded channel as blood volume: turned so that systole rises, without baseline.

    One unit is the median of the peak-to-peak values of its 2 s windows. With `is_steadied` the
    recording's own slow changes of height are taken out (6 s), so that modelled breathing can
    take their place; its rhythm always stays. `start_s` is where second 0 lies in it.
    """

    def __init__(
        self,
        samples: FloatArray,
        rate_hz: float,
        heart_rate: FloatArray | None,
        *,
        start_s: float = 0.0,
        is_steadied: bool = False,
    ) -> None:
        from scipy import ndimage

        band_hz = (_BAND_HZ[0], min(_BAND_HZ[1], 0.4 * rate_hz))
        volume = band_passed(samples, rate_hz, band_hz) * systole_sign(samples, rate_hz)
        width = max(3, round(_WINDOW_S * rate_hz))
        span = ndimage.maximum_filter1d(volume, width) - ndimage.minimum_filter1d(volume, width)
        usual = max(float(np.median(span)), 1e-12)
        unit: FloatArray | float = usual
        if is_steadied:
            local = ndimage.median_filter(span, max(3, round(_STEADYING_S * rate_hz)), mode="nearest")
            unit = np.maximum(local, _LEAST_SHARE * usual)
        self._waveform = Waveform(np.clip(volume / unit, -5.0, 5.0), rate_hz)
        self._heart_rate = heart_rate
        self._start_s = start_s

    def volume(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        """Give the blood volume in units of an ordinary pulse."""
        return self._waveform.at(times_s + self._start_s, rate_hz)[:, 0]

    def heart_rate_bpm(self, t_s: float) -> float | None:
        """Give the recording's reference, None where it has none."""
        if self._heart_rate is None:
            return None
        return known("heart_rate_bpm", self._heart_rate, t_s + self._start_s)
