"""What the limits of beats are fitted to: phones beside a strap, graded beats and the band's readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandsim.estimate.npz_form import recording_of
from bandsim.estimate.recording import Light
from bandsim.estimate.runner import estimate
from bandsim.lane import LaneSettings
from bandsim.recordings import list_recordings, load_recording
from bandsim.recordings.input_form import arrays_of
from bandsim.recordings.true_rows import rmssd_of
from fit.heart_rest_parts import PULSE_LIGHTS, pulse_of
from fit.heart_train_parts import fitted
from fit.result import RESULTS, read
from vitalband.analysis.files import series_of
from vitalband.analysis.pairing import STEP_S
from vitalband.analysis.strap import FIRST_S, ByBeats, by_beats
from vitalband.signal.beats import Grades, Limits, find_beats, grades_of, variability_of
from vitalband.signal.heart import features, gathered, track
from vitalband.signal.resample import resampled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Phone:
    """One recording: graded beats of each channel with light, the first being the band's own.

    `intervals_ms` are the strap's and `rmssd_ms` theirs; `rates` by the band's beats, `spectral_bpm` (n,) by
    its spectrum at the same moments.
    """

    name: str
    channels: Sequence[Grades]
    duration_s: float
    intervals_ms: Floats
    rmssd_ms: float
    rates: ByBeats
    spectral_bpm: Floats


def phones_of(data: Path) -> list[Phone]:
    """All recordings of the data set, read and run through the firmware."""
    return [_phone_of(name, data) for name in list_recordings(data) if name.startswith("welltory/")]


def _phone_of(name: str, data: Path) -> Phone:
    recording = load_recording(name, data)
    taken = recording_of(arrays_of(recording), name)
    assert taken.light is not None
    assert recording.beat_intervals_ms is not None
    readings = series_of(estimate(taken, LaneSettings(kind="unix")).rows)
    rates = by_beats(readings["pulse_interval_ms"], recording.duration_s)
    spectral = _spectral(taken.light)
    return Phone(
        name,
        _graded(taken.light),
        recording.duration_s,
        recording.beat_intervals_ms,
        rmssd_of(recording.beat_intervals_ms),
        rates,
        np.array([spectral.get(time_s, np.nan) for time_s in rates.time_s.tolist()]),
    )


def _spectral(light: Light) -> dict[float, float]:
    """Heart rate by the spectrum at the time of each reading: those of the band are by beats if they can."""
    pulse = pulse_of(light)
    network = fitted(read(RESULTS / "heart.json")).floating()
    rates, _ = track(network.scores(gathered(features(pulse, np.zeros((3, pulse.shape[1]))))))
    return {FIRST_S + STEP_S * place: rate for place, rate in enumerate(rates.tolist())}


def _graded(light: Light) -> list[Grades]:
    counts = resampled(light.counts, light.present, light.rate_hz).values.astype(np.float64)
    order = sorted(range(len(light.channels)), key=lambda at: PULSE_LIGHTS.index(light.channels[at]))
    return [grades_of(find_beats(counts[:, at])) for at in order]


def rmssd_by(phone: Phone, limits: Limits) -> tuple[Floats, Floats]:
    """RMSSD in ms (channels,), NaN for none, and the share (channels,) of the time that it rests on."""
    found = [variability_of(grades, limits) for grades in phone.channels]
    return (
        np.array([one.rmssd_ms for one in found]),
        np.array([one.covered_s for one in found]) / phone.duration_s,
    )
