"""Fingertips on phone cameras beside a chest strap: Neshitov et al., Sensors 21:6798, 2021 (Welltory).

Names: `welltory/01` to `welltory/21`. Camera means of red, green and blue with time stamps in ms that jitter;
the strap's intervals in ms, whose start is not aligned with the camera's: the heart rate reference is
therefore their mean over the whole recording.
"""

from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, number_rows, text_lines
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.recordings.waveform import regular
from bandsim.stimulus import PHONE_RGB_COUNTS_PER_UNIT, FloatArray

_RATE_HZ = 30.0
_JITTER_SAMPLES = 15
_REFERENCE_EVERY_S = 5.0


def _keys(folder: Path) -> tuple[str, ...]:
    return stems(folder, "subject_*", prefix="subject_")


def _load(folder: Path, key: str) -> Recording:
    path = folder / f"subject_{key}" / "PPG.csv"
    rows = enough(path, number_rows(path, skipped=1), 60)
    # Phones skip frames, and some read their clock late.
    camera = regular(rows[:, 0] / 1000.0, rows[:, 1:4], _RATE_HZ, smoothed=_JITTER_SAMPLES, drops=True)
    duration_s = len(camera) / _RATE_HZ
    times_s = np.arange(0.0, duration_s, _REFERENCE_EVERY_S)
    intervals_ms = _intervals_ms(path.with_name("RR.txt"))
    rate_bpm = 60_000.0 / float(intervals_ms.mean())
    return Recording(
        name=f"welltory/{key}",
        title=f"Fingertip on a phone camera beside a chest strap, recording {key}.",
        duration_s=duration_s,
        optical_stack="phone_rgb",
        ppg=camera * PHONE_RGB_COUNTS_PER_UNIT,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("red", "green", "blue"),
        ppg_is_counts=True,
        references={"heart_rate_bpm": reference(times_s, np.full(len(times_s), rate_bpm))},
        beat_intervals_ms=intervals_ms,
        sources={
            "optical": f"recorded: camera means of welltory/{key}, {PHONE_RGB_COUNTS_PER_UNIT} counts a unit",
            "heart_rate_bpm": "recorded: chest strap, one mean over the recording",
        },
    )


def _intervals_ms(path: Path) -> FloatArray:
    try:
        intervals_ms = np.array([float(word) for line in text_lines(path) for word in line.split()])
    except ValueError as error:
        raise RecordingError(f"{path}: wanted intervals in ms, got: {error}") from error
    return enough(path, intervals_ms, 3)


DATASET = Dataset(name="welltory", folder="welltory_phone_ppg", keys=_keys, load=_load)
