"""The shape of a pulse, and where a pulse comes from: the model or a recording.

One beat is two Gaussian functions of the cycle's phase, systolic and diastolic, repeated around
the circle: the form of Tang, Chen, Ward and Elgendi, Scientific Reports 10 (2020), article 69076,
"Synthetic photoplethysmogram generation using two Gaussian functions". The places, widths and
heights are this model's own choice. As functions of the phase both widths scale with the interval.
"""

from typing import Protocol

import numpy as np

from bandsim.physiology.noise import at_uniform
from bandsim.physiology.rhythm import Rhythm
from bandsim.stimulus import FloatArray

_TABLE_ROWS = 2048
_SYSTOLIC = (1.0, 0.20, 0.075)
_DIASTOLIC = (0.38, 0.50, 0.12)


class PulseSource(Protocol):
    """Blood volume under the sensor, as a fraction of one ordinary pulse."""

    def volume(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        """Give `(n,)`: rises at systole, about 1 from foot to peak, free of slow baseline."""
        ...

    def heart_rate_bpm(self, t_s: float) -> float | None:
        """Give what is known of the heart rate at a time."""
        ...


def _beat_table() -> FloatArray:
    phase = np.arange(_TABLE_ROWS + 1) / _TABLE_ROWS
    shape = np.zeros_like(phase)
    for height, place, width in (_SYSTOLIC, _DIASTOLIC):
        for turn in (-1, 0, 1):
            shape += height * np.exp(-0.5 * ((phase - place + turn) / width) ** 2)
    shape -= shape[:-1].mean()
    return shape / np.ptp(shape)


class ModelledPulse:
    """Pulses of the modelled rhythm."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        self._table = _beat_table()

    def volume(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        """Give the blood volume; the shape has no content above about 12 harmonics of the beat."""
        del rate_hz
        phase = self._rhythm.heart_phase(times_s)
        return at_uniform(self._table, float(_TABLE_ROWS), phase - np.floor(phase))

    def heart_rate_bpm(self, t_s: float) -> float:
        """Give the mean rate over the 8 s around a time."""
        return self._rhythm.heart_rate_bpm(t_s)
