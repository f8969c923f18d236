"""Nights with polysomnography: Walch et al., Sleep 42(12), 2019; PhysioNet sleep-accel.

Names: `walch/46343` and so on. Wrist activity counts every 15 s, a watch's heart rate about every 5 s, and
the stage of each 30 s epoch: -1 unscored, 0 wake, 1 to 4 N1 to N4, 5 REM. Neither light nor
acceleration was kept: movement is modelled with a size that follows the counts, the pulse with the
recorded rate.
"""

from pathlib import Path

import numpy as np

from bandschema.enums import SleepStage
from bandsim.recordings.dataset import Dataset, stems
from bandsim.recordings.reading import enough, number_rows
from bandsim.recordings.recording import Recording
from bandsim.recordings.references import reference
from bandsim.stimulus import FloatArray

_COUNT_PERIOD_S = 15.0
# The band takes 1/64 g of a second's largest deviation, beyond the first 1/64 g, as one count (its own
# definition, after the usual conversion of wrist acceleration to counts); the largest of a second of the
# model's movement is about 1.4 times its rms.
_COUNTS_PER_G = 64.0
_PEAK_PER_RMS = 1.4
_STAGES = {
    0: SleepStage.WAKE,
    1: SleepStage.NREM,
    2: SleepStage.NREM,
    3: SleepStage.NREM,
    4: SleepStage.NREM,
    5: SleepStage.REM,
}


def _keys(folder: Path) -> tuple[str, ...]:
    return stems(folder / "cropped", "*_cleaned_psg.out", suffix="_cleaned_psg.out")


def _load(folder: Path, key: str) -> Recording:
    stem = folder / "cropped"
    counts = number_rows(stem / f"{key}_cleaned_counts.out")
    heart = number_rows(stem / f"{key}_cleaned_hr.out", delimiter=None)
    stages = enough(stem, number_rows(stem / f"{key}_cleaned_psg.out", delimiter=None), 1)
    return Recording(
        name=f"walch/{key}",
        title=f"A night with polysomnography, subject {key}.",
        duration_s=float(stages[-1, 0]) + 30.0,
        activity_counts=reference(counts[:, 0], counts[:, 1]),
        movement_g=reference(counts[:, 0], movement_of_counts(counts[:, 1])),
        references={
            "heart_rate_bpm": reference(heart[:, 0], heart[:, 1]),
            "sleep_stage": _staged(stages),
        },
        sources={
            "optical": f"modelled: physiology model with the heart rate of walch/{key}",
            "acceleration": f"modelled: movement whose size follows the activity counts of walch/{key}",
            "heart_rate_bpm": "recorded: a watch's own heart rate, which also drives the pulse",
            "sleep_stage": "recorded: polysomnography, N1 to N4 as NREM",
            "activity": "none",
        },
    )


def movement_of_counts(counts: FloatArray) -> FloatArray:
    """Give the rms in g of the movement that the band would count so in 15 s."""
    peaks_g = (counts / _COUNT_PERIOD_S + 1.0) / _COUNTS_PER_G
    return np.where(counts > 0, peaks_g / _PEAK_PER_RMS, 0.0)


def _staged(stages: FloatArray) -> FloatArray:
    rows = [(start_s, float(_STAGES[int(code)])) for start_s, code in stages.tolist() if int(code) in _STAGES]
    return np.array(rows).reshape(-1, 2)


# A short night of 3.5 h, so that a demo ends soon.
DATASET = Dataset(name="walch", folder="walch", keys=_keys, load=_load, example="3509524")
