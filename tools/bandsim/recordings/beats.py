"""Offline beat and breath detection: the reference of recordings that bring none of their own.

It may look ahead and see the whole recording, which the band cannot; it is no independent
reference, and every provenance that uses it says so. The method is this project's own choice.

scipy is imported where it is used: that takes a second or more, and most scenarios need none of it.
"""

import numpy as np

from bandsim.recordings.references import rate_of_events
from bandsim.stimulus import FloatArray

OFFLINE_BEATS = "offline beat detection of the same recording"
OFFLINE_BREATHS = "offline breath detection of the recorded breathing"

BREATHS_WINDOW_S = 32.0

_PULSE_BAND_HZ = (0.6, 5.0)
_BREATH_BAND_HZ = (0.08, 0.7)
_SHORTEST_BEAT_S = 0.33
_SHORTEST_BREATH_S = 1.4
_SLOPE_SHARE = 0.5
_SLOPE_WINDOW_S = 4.0
_BREATH_SHARE = 0.3
_RAILED_SHARE = 0.05
_LOW_SHARE, _HIGH_SHARE = 0.25, 0.75


def band_passed(samples: FloatArray, rate_hz: float, band_hz: tuple[float, float]) -> FloatArray:
    """Give samples within a band, without delay (Butterworth, order 2 each way)."""
    from scipy import signal

    high_hz = min(band_hz[1], 0.45 * rate_hz)
    sos = signal.butter(2, (band_hz[0], high_hz), btype="bandpass", fs=rate_hz, output="sos")
    return signal.sosfiltfilt(sos, samples, padlen=min(len(samples) - 1, round(3 * rate_hz / band_hz[0])))


def systole_sign(samples: FloatArray, rate_hz: float) -> float:
    """Give +1 when the steep edge of the pulse rises, -1 when it falls: the sign of the mean cubed slope."""
    slope = np.diff(band_passed(samples, rate_hz, _PULSE_BAND_HZ))
    limit = 4 * float(np.median(np.abs(slope))) + 1e-12
    return 1.0 if float(np.mean(np.clip(slope, -limit, limit) ** 3)) >= 0 else -1.0


def beat_times_s(samples: FloatArray, rate_hz: float) -> FloatArray:
    """Give the times of the steepest rises of a pulse whose systole rises."""
    from scipy import ndimage, signal

    slope = np.gradient(band_passed(samples, rate_hz, _PULSE_BAND_HZ))
    half = max(1, round(_SLOPE_WINDOW_S * rate_hz / 2))
    tallest = ndimage.maximum_filter1d(slope, max(1, round(1.5 * rate_hz)))
    usual = ndimage.median_filter(tallest, 2 * half + 1, mode="nearest")
    peaks, _ = signal.find_peaks(slope, distance=max(1, round(_SHORTEST_BEAT_S * rate_hz)))
    return peaks[slope[peaks] >= _SLOPE_SHARE * usual[peaks]] / rate_hz


def breath_times_s(samples: FloatArray, rate_hz: float) -> FloatArray:
    """Give the times of the crests of a recorded breathing wave.

    A wave that its recorder cut off at both ends has no crests, and a filter would make some beside its
    edges: there a breath is a rise from the lowest quarter to the highest.
    """
    from scipy import signal

    if _is_cut_off(samples):
        return _rises_s(samples, rate_hz)
    wave = band_passed(samples, rate_hz, _BREATH_BAND_HZ)
    least = _BREATH_SHARE * float(np.percentile(np.abs(wave), 90))
    distance = max(1, round(_SHORTEST_BREATH_S * rate_hz))
    peaks, _ = signal.find_peaks(wave, distance=distance, prominence=least)
    return peaks / rate_hz


def _is_cut_off(samples: FloatArray) -> bool:
    return all(np.mean(samples == end) >= _RAILED_SHARE for end in (samples.min(), samples.max()))


def _rises_s(samples: FloatArray, rate_hz: float) -> FloatArray:
    share = (samples - samples.min()) / np.ptp(samples)
    sides = np.where(share >= _HIGH_SHARE, 1, np.where(share <= _LOW_SHARE, -1, 0))
    places = np.flatnonzero(sides)
    return places[1:][np.diff(sides[places]) > 0] / rate_hz


def heart_rate_offline(samples: FloatArray, rate_hz: float) -> FloatArray:
    """Give reference rows of the heart rate, every 2 s over 8 s, where intervals agree within 30 %."""
    rising = samples * systole_sign(samples, rate_hz)
    return rate_of_events(beat_times_s(rising, rate_hz), window_s=8.0, hop_s=2.0, spread=0.3)


def respiratory_rate_of(breaths_s: FloatArray) -> FloatArray:
    """Give reference rows of the breathing rate, every 2 s over 32 s."""
    return rate_of_events(breaths_s, window_s=BREATHS_WINDOW_S, hop_s=2.0, spread=0.6)
