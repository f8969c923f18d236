"""The scoring rules on the real recordings: what others have published comes out as they published it."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from bandsim.datasets import DATA_VARIABLE
from bandsim.recordings import list_recordings, load_recording
from vitalband.analysis.pairing import NO_SERIES, Series
from vitalband.analysis.score import score
from vitalband.analysis.scores import ScoredRecording

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get(DATA_VARIABLE) or CHECKOUT.parent / "shared" / "data")
HOFFMAN = ("100001", "100002", "100003", "100004")
# Temko, IEEE TBME 2017, table III.
WFPV = (1.25, 1.41, 0.71, 0.97, 0.75, 0.92, 0.65, 0.97, 0.55, 2.06, 1.03, 0.99)

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data folder: {DATA_VARIABLE} or ../shared/data"),
]


def always(times_s: np.ndarray, value: float) -> Series:
    count = len(times_s)
    return Series(times_s, np.full(count, value), np.ones(count, np.bool_), np.full(count, 50.0))


def test_the_published_estimates_of_wfpv_score_what_was_published() -> None:
    recordings = []
    for key in range(1, 13):
        (path,) = (DATA / "troika" / "wfpv_estimates").glob(f"Result_DATA_{key:02d}_*.mat")
        (truth,) = (DATA / "troika").glob(f"DATA_{key:02d}_*_BPMtrace.mat")
        estimate, reference = loadmat(path)["BPM_est"].ravel(), loadmat(truth)["BPM0"].ravel()
        times_s = 8.0 + 2.0 * np.arange(len(reference))
        readings = Series(times_s, estimate, np.ones(len(times_s), np.bool_), np.full(len(times_s), 50.0))
        rows = np.column_stack([times_s, reference])
        recordings.append(
            ScoredRecording(
                f"{key:02d}", f"{key:02d}", {"heart_rate_bpm": readings}, {"heart_rate_bpm": rows}
            )
        )
    every = score(recordings)[0].scores[0]
    assert (round(every.value, 2), every.used, every.expected) == (1.02, 1768, 1768)
    assert tuple(round(value, 2) for value in every.by_recording.values()) == WFPV


@pytest.fixture(scope="module")
def hoffman() -> dict[str, float]:
    """Figure by measure and by floor of readings that always say the same."""
    recordings = []
    for key in HOFFMAN:
        one = load_recording(f"hoffman/{key}", DATA)
        times_s = np.arange(8.0, one.duration_s, 2.0)
        readings = {"respiratory_rate_bpm": always(times_s, 15.0), "spo2_percent": always(times_s, 97.0)}
        recordings.append(
            ScoredRecording(key, key, readings, {name: one.references[name] for name in readings})
        )
    found: dict[str, float] = {}
    for vital in score(recordings):
        for one in vital.scores:
            found[f"{vital.vital}: {one.measure}"] = one.value
            found[f"{vital.vital}: floor of {one.measure}"] = one.floor
    return found


def test_the_naive_floors_are_those_of_the_index(hoffman: dict[str, float]) -> None:
    breathing = hoffman["respiratory_rate_bpm: floor of mean absolute error, every reading"]
    assert breathing == pytest.approx(2.7, abs=0.05)
    assert hoffman["spo2_percent: floor of Arms, every reading"] == pytest.approx(7.97, abs=0.01)
    assert hoffman["spo2_percent: floor of mean absolute error, every reading"] == pytest.approx(
        6.62, abs=0.01
    )


def test_a_clock_scores_oxygen_as_the_index_says(hoffman: dict[str, float]) -> None:
    # The index has a row each second and both hands, here are means of 2 s: 0.03 apart.
    assert hoffman["spo2_percent: control: clock alone, Arms"] == pytest.approx(4.53, abs=0.05)
    error = hoffman["spo2_percent: control: clock alone, mean absolute error"]
    assert error == pytest.approx(2.80, abs=0.05)


def test_counting_no_steps_scores_the_floors_of_the_index() -> None:
    for part, walking, other in (("l2-25hz-bw4", 101.33, 2.11), ("l2-12hz-bw2", 161.33, 0.0)):
        names = [name for name in list_recordings(DATA) if name.startswith(f"sensorwatch/{part}")]
        recordings = [
            ScoredRecording(name, name, {"steps": NO_SERIES}, dict(load_recording(name, DATA).references))
            for name in names
        ]
        scores = {one.measure: one for one in score(recordings)[0].scores}
        assert scores["walking error"].value == pytest.approx(walking, abs=0.005)
        assert scores["non-walking error"].value == pytest.approx(other, abs=0.005)
        assert scores["balanced error"].note.startswith("no step reading")
        assert sum("walking" in name for name in names) == scores["walking error"].recordings
