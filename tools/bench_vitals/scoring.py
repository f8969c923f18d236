"""Scores of the firmware, of packages and of published estimates, all by `vitalband.analysis`."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.reading import matlab_variables
from bench_vitals.kept import digest_of, kept_values
from bench_vitals.ours import readings_of
from bench_vitals.peers import Peer
from bench_vitals.recordings import Subject
from bench_vitals.tasks import Task
from vitalband.analysis.agreement import FloatArray
from vitalband.analysis.files import series_of
from vitalband.analysis.pairing import HEART_RATE_SPAN_S, NO_SERIES, RESPIRATORY_SPAN_S, STEP_S, Series
from vitalband.analysis.score import VitalScore, score
from vitalband.analysis.scores import ScoredRecording
from vitalband.analysis.strap import ByBeats, beside_strap, by_beats, mean_rate_bpm

WFPV = "estimates of WFPV by its author, scored here"
_FIRST_S = {"respiratory_rate_bpm": RESPIRATORY_SPAN_S}
"""When a package's first reading is due; else that of the heart rate."""
_PLAIN_QUALITY = 50.0

Readings = Callable[[Subject], Series]


def scored(task: Task, subjects: Sequence[Subject], readings: Readings) -> VitalScore | None:
    """Score one vital of all recordings; None where none of them has a reference of it."""
    found = score(
        [
            ScoredRecording(
                subject.stem.name,
                subject.person,
                {task.vital: readings(subject)},
                {task.vital: _reference(task, subject)},
            )
            for subject in subjects
            if task.vital in subject.references
        ]
    )
    return found[0] if found else None


def _reference(task: Task, subject: Subject) -> FloatArray:
    if task.by_beats == "same moments":
        _, theirs = beside_strap(subject.intervals_ms, _rates(subject))
        return np.array([[subject.duration_s, theirs]])
    return subject.references[task.vital]


def ours(task: Task) -> Readings:
    """The firmware's readings; of a rate by beats one a recording."""
    if task.by_beats is not None:
        return lambda subject: _by_beats(task, subject)
    return lambda subject: series_of(readings_of(subject)).get(task.vital, NO_SERIES)


def _rates(subject: Subject) -> ByBeats:
    intervals_ms = series_of(readings_of(subject)).get("pulse_interval_ms", NO_SERIES)
    return by_beats(intervals_ms, subject.duration_s)


def _by_beats(task: Task, subject: Subject) -> Series:
    rates = _rates(subject)
    if task.by_beats == "same moments":
        rate_bpm, _ = beside_strap(subject.intervals_ms, rates)
    else:
        rate_bpm = mean_rate_bpm(rates)
    share = rates.is_shown.sum() / rates.expected
    return Series(
        np.array([subject.duration_s]),
        np.array([rate_bpm]),
        np.array([rates.is_known]),
        np.array([100 * share]),
    )


def of_peer(task: Task, peer: Peer) -> Readings:
    """A package's readings, every 2 s; kept, for some take long."""
    guess = peer.guesses[task.guess]
    source = Path(__file__).with_name("peers.py").read_bytes()

    def readings(subject: Subject) -> Series:
        times_s = np.arange(_FIRST_S.get(task.vital, HEART_RATE_SPAN_S), subject.duration_s + 1e-9, STEP_S)
        key = digest_of([subject.digest, peer.title, task.guess, source])
        return plain_series(times_s, kept_values(key, lambda: guess(subject.arrays, times_s)))

    return readings


def of_wfpv(data: Path) -> Readings:
    """The published estimates of WFPV for the recordings of troika, one a window of 8 s."""

    def readings(subject: Subject) -> Series:
        folder = data / "troika" / "wfpv_estimates"
        found = sorted(folder.glob(f"Result_DATA_{subject.name.partition('/')[2]}_*.mat"))
        if not found:
            raise RecordingError(f"{folder}: wanted estimates of {subject.name}, found none")
        (values,) = matlab_variables(found[0], ["BPM_est"])
        times_s = HEART_RATE_SPAN_S + STEP_S * np.arange(values.size, dtype=np.float64)
        return plain_series(times_s, values.ravel())

    return readings


def plain_series(times_s: FloatArray, values: FloatArray) -> Series:
    """Readings that say nothing of how sure they are: shown where there is a value."""
    return Series(times_s, values, np.isfinite(values), np.full(len(values), _PLAIN_QUALITY))
