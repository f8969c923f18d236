"""Walks and desk work at the wrist with counted steps: rieck/stepcounter-devel.

Names: `sensorwatch/l2-25hz-bw4/normal-walking1`. The magnitude of acceleration at 25 or 12.5 Hz, and the
steps of the whole recording on the first row. The magnitude lies on one axis here, for its direction
was not kept. A stamp is the watch's second and a count of samples in it: samples come evenly by the
sensor's own clock, some 4 % slow, so they are taken as they follow one another, at the nominal rate.
"""

from pathlib import Path

import numpy as np

from bandsim.errors import RecordingError
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.reading import enough, named_columns
from bandsim.recordings.recording import Recording

_RATES_HZ = {"l2-25hz-bw4": 25.0, "l2-12hz-bw2": 12.5}
# Median magnitude at rest over the recordings; not 16384, for the watch approximates the square root.
_COUNTS_PER_G = 21500.0


def _keys(folder: Path) -> tuple[str, ...]:
    return tuple(
        f"{part}/{path.stem}" for part in _RATES_HZ for path in sorted((folder / part).glob("*.csv"))
    )


def _load(folder: Path, key: str) -> Recording:
    part = key.partition("/")[0]
    if part not in _RATES_HZ:
        raise RecordingError(f"sensorwatch/{key}: wanted a folder of {', '.join(_RATES_HZ)}, got {part!r}")
    path = folder / f"{key}.csv"
    rate_hz = _RATES_HZ[part]
    rows = enough(path, named_columns(path, ["Magnitude", "Steps"]), 25)
    magnitude_g = rows[:, 0] / _COUNTS_PER_G
    duration_s = len(magnitude_g) / rate_hz
    return Recording(
        name=f"sensorwatch/{key}",
        title=f"Wrist movement with counted steps, {key}.",
        duration_s=duration_s,
        accel_g=np.column_stack([np.zeros((len(magnitude_g), 2)), magnitude_g]),
        accel_rate_hz=rate_hz,
        references={"steps": np.array([[0.0, 0.0], [duration_s, rows[0, 1]]])},
        sources={
            "acceleration": f"recorded: magnitude of sensorwatch/{key}, laid on the z axis",
            "steps": "recorded: counted by hand, for the whole recording",
        },
    )


DATASET = Dataset(name="sensorwatch", folder="sensorwatch", keys=_keys, load=_load)
