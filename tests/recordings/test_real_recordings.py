"""The real recordings, where the data folder is: every file loads, and says what is known of it.

What a loader does is tested on made-up files in `test_loaders.py`; here only that the real files are
as the loaders think.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from bandsim.datasets import DATA_VARIABLE, PUBLISHED_SETS, pins_of
from bandsim.recordings import DATASETS, list_recordings, load_recording
from bandsim.recordings.beats import heart_rate_offline
from bandsim.scenario import load_scenario

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get(DATA_VARIABLE) or CHECKOUT.parent / "shared" / "data")

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no data folder: {DATA_VARIABLE} or ../shared/data"),
]

COUNTS = {
    "hoffman": 8,
    "troika": 12,
    "bami1": 12,
    "oxiwear_spo2": 71,
    "emotibit_spo2": 1,
    "bidmc": 1,
    "wfdb_resp": 1,
    "ppgbp": 453,
    "usc_ppg_bp": 56,
    "walch": 20,
    "sensorwatch": 40,
    "max30102_raw": 49,
    "flirt_e4": 1,
    "welltory": 21,
    "heartpy": 3,
}
STRIDE = {"ppgbp": 40, "usc_ppg_bp": 8, "oxiwear_spo2": 8, "max30102_raw": 6, "walch": 5, "sensorwatch": 8}


def names(dataset: str) -> list[str]:
    return [n for n in list_recordings(DATA) if n.partition("/")[0] == dataset]


def test_all_recordings_of_the_index_are_found() -> None:
    assert {dataset: len(names(dataset)) for dataset in DATASETS} == COUNTS


def test_pinned_files_are_the_ones_in_the_folder() -> None:
    for published in PUBLISHED_SETS.values():
        missing = [path for path in pins_of(published) if not (DATA / published.folder / path).exists()]
        assert not missing


@pytest.mark.parametrize("dataset", sorted(COUNTS))
def test_real_files_load_and_feed_the_band(dataset: str) -> None:
    for name in names(dataset)[:: STRIDE.get(dataset, 4)]:
        stimulus = load_scenario(f"recording:{name}", data_dir=DATA).stimulus
        counts = stimulus.optical(5.0, 400, 25.0)
        assert np.isfinite(counts).all(), name
        assert np.ptp(counts[:, 0]) > 0.0, name
        magnitude_g = np.linalg.norm(stimulus.acceleration_g(5.0, 400, 26.0), axis=1)
        # A wrong scale or offset would miss by a factor of two or more; a fast walk reaches 1.6 g.
        assert 0.75 < np.median(magnitude_g) < 1.8, name


@pytest.mark.parametrize("subject", [100001, 100002, 100003, 100004])
def test_hoffman_references_lie_in_range_and_fit_the_pulse(subject: int) -> None:
    recording = load_recording(f"hoffman/{subject}", DATA)
    spo2, heart, breath = (
        recording.references[k][:, 1] for k in ("spo2_percent", "heart_rate_bpm", "respiratory_rate_bpm")
    )
    assert spo2.min() < 80
    assert spo2.max() <= 100
    assert 5 < breath.min() <= breath.max() < 40
    assert recording.ppg is not None
    offline = heart_rate_offline(recording.ppg[:, 1], recording.ppg_rate_hz)
    rows = recording.references["heart_rate_bpm"]
    error = offline[:, 1] - np.interp(offline[:, 0], rows[:, 0], rows[:, 1])
    # The monitor shows a running mean: a wrong column or a shift would miss by ten or more.
    assert np.median(np.abs(error)) < 3.0
    assert 35 < heart.min() <= heart.max() < 130


@pytest.mark.parametrize(
    ("name", "rate_bpm"), [("18-10-2019_08-55_HR109", 109), ("18-10-2019_09-04_HR124", 124)]
)
def test_inferred_rate_of_alsementsov_gives_the_heart_rates_of_the_file_names(
    name: str, rate_bpm: int
) -> None:
    recording = load_recording(f"max30102_raw/alsementsov/{name}", DATA).with_heart_rate()
    assert np.median(recording.references["heart_rate_bpm"][:, 1]) == pytest.approx(rate_bpm, rel=0.03)


def test_a_night_of_walch_lasts_hours_and_knows_its_stages() -> None:
    stimulus = load_recording("walch/46343", DATA).to_stimulus(1)
    assert stimulus.duration_s > 4 * 3600
    stages = {stimulus.truth(t).sleep_stage for t in range(0, int(stimulus.duration_s), 600)}
    assert {0, 1, 2} <= stages
