"""The shape of a pulse, and where a pulse comes from: the model or a recording.

One beat is two Gaussian functions of the cycle's phase, systolic and diastolic, repeated around
the circle: the form of Tang, Chen, Ward and Elgendi, Scientific Reports 10 (2020), article 69076,
"Synthetic photoplethysmogram generation using two Gaussian functions". The places, widths and
heights are this model's own choice. Up to 70 beats a minute both widths scale with the interval;
above, they stay the time that they are there, so that a fast pulse is nearly a sine.
"""

from typing import Protocol

import numpy as np

from bandsim.physiology.noise import at_uniform
from bandsim.physiology.rhythm import Rhythm
from bandsim.stimulus import FloatArray

_SYSTOLIC = (1.0, 0.20, 0.075)
_DIASTOLIC = (0.38, 0.50, 0.12)
_TURNS = (-2, -1, 0, 1, 2)

_NARROWEST_BPM = 70.0
"""Rate from which on the widths stay the same in time. Measured: the second and third harmonic of recorded
wrists shrink as the rate rises to 180 /min as if it were 66 and 75 (12 people on treadmills, medians, Zhang,
Pi and Liu 2015, in seconds whose steps are away from the pulse), 64 and 79 (12 people, Lee et al. 2018), and
70 twice (9 of these, standing still)."""

_SPANS_PER_WIDENING = 20.0
_MOST_WIDENING = 4.0


class PulseSource(Protocol):
    """Blood volume under the sensor, as a fraction of one ordinary pulse."""

    def volume(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        """Give `(n,)`: rises at systole, about 1 from foot to peak, free of slow baseline."""
        ...

    def heart_rate_bpm(self, t_s: float) -> float | None:
        """Give what is known of the heart rate at a time."""
        ...


def _shape(phase: FloatArray, widening: FloatArray) -> FloatArray:
    """The beat at phases of 0 to 1, its Gaussians so many times as wide, free of its mean over the cycle."""
    out = np.zeros_like(phase)
    for height, place, width in (_SYSTOLIC, _DIASTOLIC):
        for turn in _TURNS:
            out += height * np.exp(-0.5 * ((phase - place + turn) / (width * widening)) ** 2)
        out -= height * np.sqrt(2 * np.pi) * width * widening
    return out


def _spans() -> FloatArray:
    """From foot to peak, for each 20th of widening from 1 on."""
    phase = np.arange(2048) / 2048
    count = round((_MOST_WIDENING - 1) * _SPANS_PER_WIDENING) + 1
    wider = 1 + np.arange(count) / _SPANS_PER_WIDENING
    return np.array([np.ptp(_shape(phase, np.full_like(phase, w))) for w in wider])


class ModelledPulse:
    """Pulses of the modelled rhythm."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        self._spans = _spans()

    def volume(self, times_s: FloatArray, rate_hz: float) -> FloatArray:
        """Give the blood volume; the shape has no content above about 12 harmonics of the beat."""
        del rate_hz
        phase = self._rhythm.heart_phase(times_s)
        rate_bpm = 60 * self._rhythm.beats_around(times_s)
        widening = np.clip(rate_bpm / _NARROWEST_BPM, 1.0, _MOST_WIDENING)
        span = at_uniform(self._spans, _SPANS_PER_WIDENING, widening - 1)
        return _shape(phase - np.floor(phase), widening) / span

    def heart_rate_bpm(self, t_s: float) -> float:
        """Give the mean rate over the 8 s around a time."""
        return self._rhythm.heart_rate_bpm(t_s)
