"""FIFO recordings of real MAX30102 chips from three makers.

Names: `max30102_raw/jdesbonnet/left_hand_100sps/0` (the last part is which of two sensors),
`max30102_raw/alsementsov/<file>` and `max30102_raw/cmu_bmedesign/<file>`, without `.csv`.

- jdesbonnet: clock, sensor, red and infrared words of which the low 18 bits count (0x3FFFF); the clock
  column is trusted, not the rate in the name. Which column is which light is taken from their order.
- alsementsov: red, infrared, and the maker's own estimate; 25 Hz is inferred from the heart rates
  that the file names give.
- cmu_bmedesign: infrared and red with time stamps, and an oximeter's heart rate and SpO2. Samples
  came in bursts, so the mean rate of the stamps spaces them.
"""

from datetime import datetime
from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, named_columns, number_rows, text_lines
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.recordings.waveform import regular
from bandsim.stimulus import FULL_SCALE_COUNTS, FloatArray

_ALSEMENTSOV_RATE_HZ = 25.0
_CMU_PATTERN = "*_calibration_*.csv"
_JITTER_SAMPLES = 51


def _keys(folder: Path) -> tuple[str, ...]:
    dumps = [path.stem for path in sorted((folder / "jdesbonnet").glob("*.dat"))]
    return (
        *(f"jdesbonnet/{stem}/{sensor}" for stem in dumps for sensor in (0, 1)),
        *(f"alsementsov/{path.stem}" for path in sorted((folder / "alsementsov").glob("*.csv"))),
        *(f"cmu_bmedesign/{path.stem}" for path in sorted((folder / "cmu_bmedesign").glob(_CMU_PATTERN))),
    )


def _load(folder: Path, key: str) -> Recording:
    maker, _, rest = key.partition("/")
    readers = {"jdesbonnet": _jdesbonnet, "alsementsov": _alsementsov, "cmu_bmedesign": _cmu}
    if maker not in readers:
        raise RecordingError(f"max30102_raw/{key}: wanted one of {', '.join(readers)}, got {maker!r}")
    counts, rate_hz, references = readers[maker](folder / maker, rest)
    return Recording(
        name=f"max30102_raw/{key}",
        title=f"Raw MAX30102 counts, {key}.",
        duration_s=len(counts) / rate_hz,
        ppg=counts,
        ppg_rate_hz=rate_hz,
        ppg_channels=("red", "infrared"),
        ppg_is_counts=True,
        references=references,
        sources={
            "optical": f"recorded: red and infrared of max30102_raw/{key}; green repeats infrared",
            **dict.fromkeys(references, "recorded: finger oximeter"),
        },
    )


def _jdesbonnet(folder: Path, rest: str) -> tuple[FloatArray, float, dict[str, FloatArray]]:
    stem, _, sensor = rest.partition("/")
    path = folder / f"{stem}.dat"
    lines = text_lines(path)
    comments = sum(1 for line in lines if line.startswith("#"))
    rows = number_rows(path, skipped=comments, delimiter=None, columns=(0, 2, 3, 4))
    rows = enough(path, rows[rows[:, 1] == float(sensor or 0)], 100)
    words = rows[:, 2:].astype(np.int64) & FULL_SCALE_COUNTS
    times_s = np.maximum.accumulate(rows[:, 0])
    rate_hz = (len(rows) - 1) / float(times_s[-1] - times_s[0])
    return regular(times_s, words.astype(np.float64), rate_hz, smoothed=_JITTER_SAMPLES), rate_hz, {}


def _alsementsov(folder: Path, rest: str) -> tuple[FloatArray, float, dict[str, FloatArray]]:
    path = folder / f"{rest}.csv"
    rows = number_rows(path, columns=(0, 1))
    # The first rows come while the chip's light levels settle.
    return enough(path, rows[3:], 50), _ALSEMENTSOV_RATE_HZ, {}


def _cmu(folder: Path, rest: str) -> tuple[FloatArray, float, dict[str, FloatArray]]:
    path = folder / f"{rest}.csv"
    rows = enough(path, named_columns(path, ["red_raw", "ir_raw", "true_hr", "true_spo2"]), 100)
    stamps_s = np.array([_seconds(path, line.split(",")[0]) for line in text_lines(path)[1:]])
    times_s = np.linspace(0.0, stamps_s[-1] - stamps_s[0], len(rows))
    rate_hz = (len(rows) - 1) / float(times_s[-1])
    references = {
        "heart_rate_bpm": reference(times_s, rows[:, 2]),
        "spo2_percent": reference(times_s, rows[:, 3]),
    }
    return rows[:, :2], rate_hz, references


def _seconds(path: Path, stamp: str) -> float:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError as error:
        raise RecordingError(f"{path}: wanted a time stamp, got {stamp!r}") from error


DATASET = Dataset(name="max30102_raw", folder="max30102_raw", keys=_keys, load=_load)
