"""The real recordings, where the data folder is: every file loads, and says what is known of it.

What a loader does is tested on made-up files in `test_loaders.py`; here that the real files are as the
loaders think, and that the whole band makes of some of them what docs/benchmarks.md says.
"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bandschema.readings import BY_READING
from bandsim.datasets import PUBLISHED_SETS, pins_of
from bandsim.demo.log import REFERENCE_OF
from bandsim.recordings import DATASETS, list_recordings, load_recording
from bandsim.recordings.beats import heart_rate_offline
from bandsim.scenario import load_scenario
from recordings.real_data import DATA, needs_data

pytestmark = needs_data

COUNTS = {
    "hoffman": 8,
    "troika": 12,
    "bami1": 12,
    "oxiwear_spo2": 71,
    "emotibit_spo2": 1,
    "bidmc": 1,
    "wfdb_resp": 2,
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


@pytest.mark.parametrize("dataset", sorted(PUBLISHED_SETS))
def test_pinned_files_are_byte_for_byte_the_ones_in_the_folder(dataset: str) -> None:
    published = PUBLISHED_SETS[dataset]
    pins = pins_of(published)  # of all sets 65 MB: they are all read
    found = {
        path: hashlib.sha256((DATA / published.folder / path).read_bytes()).hexdigest()
        for path in pins
        if (DATA / published.folder / path).exists()
    }
    assert found == pins


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


LIMIT_S = 120


# Highest mean absolute error of the heart rate that passes: half as much again as docs/benchmarks.md has,
# for a change of the method; naming the mean of the reference would miss by 3.9, 23 and 2.5. On flirt_e4
# 11 % of the updates are valid, eight in all, which says nothing: that there is an error is all.
@pytest.mark.parametrize(
    ("name", "arguments", "limit_bpm", "pictures"),
    [
        ("hoffman/100001", [], 2.2, {"session", "page", "alert"}),
        ("troika/01", [], 1.6, {"session", "page", "alert"}),
        ("flirt_e4", [], np.inf, {"session", "page"}),
        ("walch/3509524", ["--seconds", "900"], 1.2, {"session", "page"}),
    ],
)
def test_the_band_makes_of_a_recording_what_its_reference_says(
    name: str, arguments: list[str], limit_bpm: float, pictures: set[str], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from vitalband.cli import main; main()", "demo", "--recording", name]
    result = subprocess.run(
        [*command, *arguments, "--data", str(DATA), "--output", str(tmp_path), "--markdown"],
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert {path.stem for path in tmp_path.glob("*.png")} == pictures
    for picture in pictures:
        with Image.open(tmp_path / f"{picture}.png") as image:
            image.verify()
    cells = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if line.startswith("| ")]
    columns, _, *rows = cells
    assert [row[0] for row in rows] == [BY_READING[reading_id].name_en for reading_id in REFERENCE_OF]
    heart_rate = dict(zip(columns, rows[0], strict=True))
    assert float(heart_rate["error"]) < limit_bpm
    is_low = re.search(r"^Alert at .*: (WARNING|ALARM): .*oxygen", result.stdout, re.MULTILINE) is not None
    # The oximeters of this subject fall to 66 %; of the others nobody was short of oxygen.
    assert is_low is (name == "hoffman/100001")
