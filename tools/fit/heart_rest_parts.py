"""Wearers at rest for the figures of the heart's fit: fingers on phone cameras beside a strap (Welltory).

None of them is trained on. The strap's clock is its own and is set by its intervals: to the offset at which
they differ least from those of the pulse at the same moments.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bandsim.estimate.npz_form import recording_of
from bandsim.estimate.recording import Light
from bandsim.recordings import list_recordings, load_recording
from bandsim.recordings.input_form import arrays_of
from fit.heart_data_parts import window_count
from vitalband.signal.beats import RUN_S, Beats, Grades, find_beats, grades_of, settled_rate_bpm
from vitalband.signal.heart import Floats
from vitalband.signal.resample import resampled

PULSE_LIGHTS = ("green", "infrared", "red", "blue")
"""As an estimate chooses the channels of the pulse."""

_FARTHEST_S, _FINENESS_S = 15.0, 0.02
_LEAST_OVERLAP = 0.7


@dataclass(frozen=True)
class Resting:
    """`pulse` (c, n) at 25 Hz, and of each window of 8 s every 2 s, NaN where unknown: `beat_bpm`, the rate
    by settled beats, and `reference_bpm`, beats a minute of the strap.
    """

    name: str
    pulse: Floats
    beat_bpm: Floats
    reference_bpm: Floats


def resting(data: Path) -> Iterator[Resting]:
    """All recordings of the data set."""
    for name in list_recordings(data):
        if name.startswith("welltory/"):
            yield _resting(name, data)


def _resting(name: str, data: Path) -> Resting:
    recording = load_recording(name, data)
    light = recording_of(arrays_of(recording), name).light
    assert light is not None
    assert recording.beat_intervals_ms is not None
    pulse = pulse_of(light)
    beats = find_beats(pulse[0])
    grades = grades_of(beats)
    ends_s = RUN_S + 2 * np.arange(window_count(pulse.shape[1]))
    strap_s = np.concatenate([[0.0], np.cumsum(recording.beat_intervals_ms) / 1000])
    strap_s = strap_s + strap_offset_s(strap_s, beats, grades)
    count = np.arange(len(strap_s), dtype=np.float64)
    until, since = (
        np.interp(ends_s - before_s, strap_s, count, left=np.nan, right=np.nan) for before_s in (0.0, RUN_S)
    )
    by_beats = np.array([settled_rate_bpm(beats, grades, end_s) for end_s in ends_s.tolist()])
    return Resting(name, pulse, by_beats, (until - since) * 60 / RUN_S)


def pulse_of(light: Light) -> Floats:
    """The channels of the pulse (c, n) at 25 Hz."""
    counts = resampled(light.counts, light.present, light.rate_hz).values.astype(np.float64)
    best = min(light.channels, key=PULSE_LIGHTS.index)
    return counts[:, [channel == best for channel in light.channels]].T


def strap_offset_s(strap_s: Floats, beats: Beats, grades: Grades) -> float:
    """What to add to the strap's beats (n,) so that its intervals are nearest to the pulse's fair ones."""
    interval_s = grades.interval_s[grades.is_fair]
    middle_s = beats.time_s[grades.is_fair] - interval_s / 2
    offsets_s = np.arange(-_FARTHEST_S, _FARTHEST_S + _FINENESS_S / 2, _FINENESS_S)
    found = [_distance_s(strap_s + offset_s, middle_s, interval_s) for offset_s in offsets_s.tolist()]
    return float(offsets_s[int(np.argmin(found))])


def _distance_s(strap_s: Floats, middle_s: Floats, interval_s: Floats) -> float:
    place = np.searchsorted(strap_s, middle_s) - 1
    is_beside = (place >= 0) & (place < len(strap_s) - 1)
    if is_beside.mean() < _LEAST_OVERLAP:
        return float("inf")
    apart_s = np.abs(np.diff(strap_s)[place[is_beside]] - interval_s[is_beside])
    # The median finds the clock, a share of the mean tells two clocks of one median apart.
    return float(np.median(apart_s) + 0.3 * apart_s.mean())
