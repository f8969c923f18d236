"""An intensive-care hour's eight minutes: PhysioNet BIDMC PPG and Respiration 1.0.0.

Name: `bidmc/01`. `PLETH` and the impedance breathing at 125 Hz; breaths marked by two annotators as
sample numbers, of whom the first is the reference. Column names begin with a blank.
"""

from pathlib import Path

import numpy as np

from bandsim.recordings.beats import BREATHS_WINDOW_S, respiratory_rate_of
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, named_columns
from bandsim.recordings.recording import Recording

_RATE_HZ = 125.0


def _keys(folder: Path) -> tuple[str, ...]:
    return stems(folder, "bidmc_??_Breaths.csv", prefix="bidmc_", suffix="_Breaths.csv")


def _load(folder: Path, key: str) -> Recording:
    path = folder / f"bidmc_{key}_Signals.csv"
    samples = enough(path, named_columns(path, ["PLETH"]), 1000)
    breaths = named_columns(folder / f"bidmc_{key}_Breaths.csv", ["breaths ann1 [signal sample no]"])[:, 0]
    breaths_s = np.sort(breaths[np.isfinite(breaths)]) / _RATE_HZ
    return Recording(
        name=f"bidmc/{key}",
        title=f"Finger pulse and breaths of an intensive-care patient, recording {key}.",
        duration_s=len(samples) / _RATE_HZ,
        ppg=samples,
        ppg_rate_hz=_RATE_HZ,
        ppg_channels=("pulse",),
        references={"respiratory_rate_bpm": respiratory_rate_of(breaths_s)},
        windows_s={"respiratory_rate_bpm": BREATHS_WINDOW_S},
        breaths_s=breaths_s,
        sources={
            "optical": f"recorded: finger pulse of bidmc/{key}; modelled: levels, red/infrared ratio",
            "respiratory_rate_bpm": "recorded: breaths marked by annotator 1, rate over 32 s",
        },
    )


DATASET = Dataset(name="bidmc", folder="bidmc_subset", keys=_keys, load=_load)
