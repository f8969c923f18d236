"""Recordings of every data set: both lanes say the same of them, to the last digit."""

import pytest

from bandsim.recordings import list_recordings, load_recording
from bandsim.recordings.input_form import arrays_of
from estimate.signals import estimated, rows_of
from m4.tool_chain import need_image
from recordings.real_data import DATA, needs_data

pytestmark = needs_data
SHORTEST_S = 20.0
VITAL_OF_SET = {
    "troika": "heart_rate_bpm",
    "bami1": "heart_rate_bpm",
    "hoffman": "spo2_percent",
    "oxiwear_spo2": "spo2_percent",
    "emotibit_spo2": "spo2_percent",
    "bidmc": "respiratory_rate_bpm",
    "wfdb_resp": "respiratory_rate_bpm",
    "usc_ppg_bp": "respiratory_rate_bpm",
    "ppgbp": "heart_rate_bpm",
    "walch": "sleep_stage",
    "sensorwatch": "steps",
    "max30102_raw": "heart_rate_bpm",
    "flirt_e4": "skin_temperature_c",
    "welltory": "heart_rate_bpm",
    "heartpy": "heart_rate_bpm",
}


def test_every_set_that_is_there_is_run() -> None:
    assert {name.partition("/")[0] for name in list_recordings(DATA)} <= set(VITAL_OF_SET)


@pytest.mark.parametrize("dataset", VITAL_OF_SET)
def test_both_lanes_say_the_same_of_a_recording(dataset: str) -> None:
    need_image()
    names = [name for name in list_recordings(DATA) if name.partition("/")[0] == dataset]
    recording = load_recording(names[0], DATA).lasting(SHORTEST_S)
    unix, chip = (estimated(dict(arrays_of(recording)), lane) for lane in ("unix", "m4"))
    assert chip.rows == unix.rows
    assert rows_of(unix, VITAL_OF_SET[dataset])
