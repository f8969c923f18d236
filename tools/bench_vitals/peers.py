"""What packages that analysts use make of the same recordings: HeartPy, NeuroKit2, BeliefPPG if it is there.

Each is used as its documentation shows, on the channel whose pulse repeats best over the whole recording,
turned so that systole rises. A window in which a package refuses or gives no number is a reading that never
came.
"""

import contextlib
import importlib.metadata
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandsim.recordings.beats import band_passed
from bandsim.recordings.input_form import Arrays
from vitalband.analysis.agreement import FloatArray
from vitalband.analysis.pairing import HEART_RATE_SPAN_S, RESPIRATORY_SPAN_S, STEP_S

_HEARTPY_BAND_HZ = (0.7, 3.5)
_BEATS_S = (0.3, 1.5)
"""Intervals between beats at which a pulse may repeat."""
_FINER = 4
_BELIEF_CONTEXT_S = 20.0
"""Its windows of 8 s come seven at a time, 2 s apart, and it is told the rate of the last."""

Guess = Callable[[Arrays, FloatArray], FloatArray]
"""Gives a value for each time, NaN where there is none, of the arrays of a recording."""


@dataclass(frozen=True)
class Peer:
    """A package and what it guesses, by vital; `looks_ahead`: it needs the whole recording."""

    package: str
    looks_ahead: bool
    guesses: Mapping[str, Guess]

    @property
    def title(self) -> str:
        """Name and version, and whether it looks ahead."""
        ahead = ", looks ahead" if self.looks_ahead else ""
        return f"{self.package} {importlib.metadata.version(self.package)}{ahead}"


def pulse_of(arrays: Arrays) -> tuple[FloatArray, float]:
    """Give the channel whose pulse repeats best, turned so that systole rises, and its rate in Hz."""
    rate_hz = float(arrays["ppg_rate_hz"])
    channels = [-column.astype(np.float64) for column in arrays["ppg"].T]
    return max(channels, key=lambda column: _repeats(column, rate_hz)), rate_hz


def _repeats(samples: FloatArray, rate_hz: float) -> float:
    """Largest autocorrelation of the pulse at the interval of a beat, 1 for what repeats exactly."""
    if not np.ptp(samples):
        return -1.0
    pulse = band_passed(samples, rate_hz, _HEARTPY_BAND_HZ)
    lags = range(round(_BEATS_S[0] * rate_hz), min(round(_BEATS_S[1] * rate_hz), len(pulse) // 2))
    power = float(pulse @ pulse)
    return max((float(pulse[lag:] @ pulse[:-lag]) / power for lag in lags), default=0.0)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Packages warn and print of every window they dislike."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _heartpy(arrays: Arrays, times_s: FloatArray, span_s: float, measure: str, factor: float) -> FloatArray:
    import heartpy
    from heartpy.exceptions import BadSignalWarning

    pulse, rate_hz = pulse_of(arrays)
    found = np.full(len(times_s), np.nan)
    with _quiet():
        pulse = heartpy.filter_signal(
            pulse, cutoff=_HEARTPY_BAND_HZ, sample_rate=rate_hz, order=3, filtertype="bandpass"
        )
        for place, end_s in enumerate(times_s.tolist()):
            window = pulse[round((end_s - span_s) * rate_hz) : round(end_s * rate_hz)]
            # A window without beats ends in one of these, by where its absence shows first.
            with contextlib.suppress(BadSignalWarning, ValueError, IndexError, TypeError):
                found[place] = factor * float(heartpy.process(window, rate_hz)[1][measure])
    return found


def _heartpy_heart(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    return _heartpy(arrays, times_s, HEART_RATE_SPAN_S, "bpm", 1.0)


def _heartpy_breathing(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    # Given in Hz.
    return _heartpy(arrays, times_s, RESPIRATORY_SPAN_S, "breathingrate", 60.0)


def _neurokit_heart(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    rate, rate_hz = _neurokit_rate(arrays)
    return _means(rate, rate_hz, times_s, HEART_RATE_SPAN_S)


def _neurokit_breathing(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    import neurokit2

    heart_rate, rate_hz = _neurokit_rate(arrays)
    with _quiet():
        breathing = neurokit2.ecg_rsp(heart_rate, sampling_rate=rate_hz)
        _, found = neurokit2.rsp_process(breathing, sampling_rate=rate_hz)
        rate = neurokit2.signal_rate(found["RSP_Troughs"], rate_hz, desired_length=len(heart_rate))
    return _means(np.asarray(rate, dtype=np.float64), rate_hz, times_s, RESPIRATORY_SPAN_S)


def _heartpy_whole(arrays: Arrays, times_s: FloatArray, measure: str) -> FloatArray:
    import heartpy
    from heartpy.exceptions import BadSignalWarning

    pulse, rate_hz = _finer(arrays)
    value = float("nan")
    with _quiet(), contextlib.suppress(BadSignalWarning, ValueError, IndexError, TypeError):
        band = heartpy.filter_signal(
            pulse, cutoff=_HEARTPY_BAND_HZ, sample_rate=rate_hz, order=3, filtertype="bandpass"
        )
        value = float(heartpy.process(band, rate_hz, clean_rr=True)[1][measure])
    return np.full(len(times_s), value)


def _heartpy_rmssd(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    return _heartpy_whole(arrays, times_s, "rmssd")


def _heartpy_by_beats(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    return _heartpy_whole(arrays, times_s, "bpm")


def _neurokit_beats(arrays: Arrays) -> tuple[Any, int]:
    """Places of the beats, and samples a second."""
    import neurokit2

    pulse, rate_hz = _finer(arrays)
    with _quiet():
        clean = neurokit2.ppg_clean(pulse, sampling_rate=round(rate_hz))
        _, found = neurokit2.ppg_peaks(clean, sampling_rate=round(rate_hz), correct_artifacts=True)
    return found["PPG_Peaks"], round(rate_hz)


def _neurokit_rmssd(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    import neurokit2

    peaks, rate_hz = _neurokit_beats(arrays)
    with _quiet():
        value = float(neurokit2.hrv_time(peaks, sampling_rate=rate_hz)["HRV_RMSSD"].iloc[0])
    return np.full(len(times_s), value)


def _neurokit_by_beats(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    peaks, rate_hz = _neurokit_beats(arrays)
    value = 60 * rate_hz / float(np.mean(np.diff(peaks))) if len(peaks) > 1 else float("nan")
    return np.full(len(times_s), value)


def _finer(arrays: Arrays) -> tuple[FloatArray, float]:
    """The pulse at four times its rate: packages take whole samples for the times of beats."""
    from scipy import signal

    pulse, rate_hz = pulse_of(arrays)
    return np.asarray(signal.resample_poly(pulse - pulse.mean(), _FINER, 1)), _FINER * rate_hz


def _neurokit_rate(arrays: Arrays) -> tuple[FloatArray, int]:
    import neurokit2

    pulse, rate_hz = pulse_of(arrays)
    with _quiet():
        signals, _ = neurokit2.ppg_process(pulse, sampling_rate=round(rate_hz))
    rate: Any = signals["PPG_Rate"]
    return np.asarray(rate, dtype=np.float64), round(rate_hz)


def _means(values: FloatArray, rate_hz: float, times_s: FloatArray, span_s: float) -> FloatArray:
    """Means over the span before each time, NaN where nothing is known in it."""
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.clip(np.rint(times_s * rate_hz), 0, len(values)).astype(np.int64)
    starts = np.clip(np.rint((times_s - span_s) * rate_hz), 0, len(values)).astype(np.int64)
    count = counts[ends] - counts[starts]
    return np.where(count > 0, (sums[ends] - sums[starts]) / np.maximum(count, 1), np.nan)


def _belief_heart(arrays: Arrays, times_s: FloatArray) -> FloatArray:
    from beliefppg import infer_hr_uncertainty  # pyright: ignore[reportMissingImports]

    if "accel_g" not in arrays:
        return np.full(len(times_s), np.nan)
    light: NDArray[np.float64] = arrays["ppg"].astype(np.float64)
    rates = round(float(arrays["ppg_rate_hz"])), round(float(arrays["accel_rate_hz"]))
    with _quiet():
        rate, _, _ = infer_hr_uncertainty(light, rates[0], arrays["accel_g"], rates[1])
    ends_s = _BELIEF_CONTEXT_S + STEP_S * np.arange(len(rate))
    return np.interp(times_s, ends_s, np.asarray(rate, dtype=np.float64), left=np.nan, right=np.nan)


_HEART, _BREATHING, _RMSSD = "heart_rate_bpm", "respiratory_rate_bpm", "rmssd_ms"
_BY_BEATS = "heart_rate_bpm by beats, whole recordings"
_PEERS = (
    Peer(
        "heartpy",
        False,
        {
            _HEART: _heartpy_heart,
            _BREATHING: _heartpy_breathing,
            _RMSSD: _heartpy_rmssd,
            _BY_BEATS: _heartpy_by_beats,
        },
    ),
    Peer(
        "neurokit2",
        True,
        {
            _HEART: _neurokit_heart,
            _BREATHING: _neurokit_breathing,
            _RMSSD: _neurokit_rmssd,
            _BY_BEATS: _neurokit_by_beats,
        },
    ),
    Peer("beliefppg", True, {_HEART: _belief_heart}),
)


def installed() -> list[Peer]:
    """Those that are installed."""
    return [peer for peer in _PEERS if find_spec(peer.package) is not None]


def missing() -> list[str]:
    """Packages that are not."""
    return [peer.package for peer in _PEERS if find_spec(peer.package) is None]
