"""What breathing is fitted to: windows of recordings with their truth, and beats without breathing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandsim.recordings import load_recording
from bandsim.recordings.waveform import Waveform
from vitalband.analysis.pairing import RESPIRATORY_SPAN_S, STEP_S
from vitalband.signal.beats import RATE_HZ, Beats, find_beats
from vitalband.signal.respiration import WINDOW, Series, scores_of, series_of

Floats = NDArray[np.float64]

SUBJECTS = ("100001", "100002", "100003", "100004")
_KNOWN_AFTER_S = 0.32
"""The finder looks at eight samples past a beat, and gives it with the next."""

_SILENT_RUNS, _SILENT_S = 45, 600.0
_SILENT_HEART_BPM = (50.0, 70.0, 90.0)
_SILENT_NOISE = 0.04


@dataclass(frozen=True)
class Windows:
    """Windows of a run: scores (n, 66), the true rate (n,) or NaN, the share (n,) between good beats."""

    subject: str
    scores: Floats
    reference_bpm: Floats
    good: Floats


def windows_of(data: Path) -> list[Windows]:
    """Windows of both hands of each subject, each run of series by itself."""
    found: list[Windows] = []
    for subject in SUBJECTS:
        for hand in ("", "/right"):
            recording = load_recording(f"hoffman/{subject}{hand}", data)
            ppg = recording.ppg
            assert ppg is not None
            times_s = np.arange(int(recording.duration_s * RATE_HZ)) / RATE_HZ
            light = np.rint(Waveform(ppg, recording.ppg_rate_hz).at(times_s, RATE_HZ))
            green = light[:, recording.ppg_channels.index("green")]
            reference = recording.references["respiratory_rate_bpm"]
            beats = find_beats(green)
            ends_s = np.arange(STEP_S, recording.duration_s, STEP_S)
            found += [
                _of_run(subject, run, beats, ends_s, reference)
                for run in series_of(beats)
                if len(run.time_s) > WINDOW
            ]
    return found


def silent_scores() -> list[Floats]:
    """Scores of windows (n, 66) of made beats that carry noise as strong at any rate, and no breathing."""
    found: list[Floats] = []
    for seed in range(_SILENT_RUNS):
        random = np.random.default_rng(seed)
        interval_s = 60 / _SILENT_HEART_BPM[seed % len(_SILENT_HEART_BPM)]
        count = int(_SILENT_S / interval_s)
        noise = _SILENT_NOISE * random.standard_normal((4, count))
        time_s: Floats = np.cumsum(interval_s * (1 + 0.3 * noise[0]))
        beats = Beats(time_s, 6000 * (1 + noise[1]), 3000 * (1 - noise[2] / 2), 90000 + 3000 * noise[3])
        ends_s = np.arange(STEP_S, time_s[-1], STEP_S)
        found += [_scores(run, beats, ends_s)[0] for run in series_of(beats) if len(run.time_s) > WINDOW]
    return found


def _scores(run: Series, beats: Beats, ends_s: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Scores (n, 66) of the filled windows, their ends (n,), and their places in the run (n, 128)."""
    last = np.searchsorted(beats.time_s, ends_s - _KNOWN_AFTER_S, side="right") - 2
    known_s = np.where(last >= 0, beats.time_s[np.maximum(last, 0)], -np.inf)
    stops = np.searchsorted(run.time_s, known_s, side="right")
    is_own = (stops >= WINDOW) & (ends_s - run.time_s[-1] < RESPIRATORY_SPAN_S / 4)
    places = stops[is_own, np.newaxis] - WINDOW + np.arange(WINDOW)
    return scores_of(run.values[:, places]).mean(axis=0), ends_s[is_own], places


def _of_run(subject: str, run: Series, beats: Beats, ends_s: Floats, reference: Floats) -> Windows:
    scores, own_s, places = _scores(run, beats, ends_s)
    return Windows(subject, scores, _means(reference, own_s), run.is_good[places].mean(axis=1))


def _means(reference: Floats, ends_s: Floats) -> Floats:
    """Mean of the reference over the 32 s before each end, NaN where less than half of it is known."""
    first, after = (
        np.searchsorted(reference[:, 0], moment, side="right")
        for moment in (ends_s - RESPIRATORY_SPAN_S, ends_s)
    )
    sums = np.concatenate([[0.0], np.cumsum(reference[:, 1])])
    counts = after - first
    mean = (sums[after] - sums[first]) / np.maximum(counts, 1)
    return np.where(counts >= RESPIRATORY_SPAN_S / 2, mean, np.nan)


def mean_of_subjects(values: Sequence[Floats], subjects: Sequence[str]) -> float:
    """Unweighted mean over subjects of the mean of all their values."""
    means = [
        float(
            np.concatenate(
                [row for row, name in zip(values, subjects, strict=True) if name == subject]
            ).mean()
        )
        for subject in dict.fromkeys(subjects)
    ]
    return float(np.mean(means))
