"""Recordings as files of the input form: on tiny files of every published layout."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bandsim.data_cli import data_app
from bandsim.errors import RecordingError
from bandsim.recordings import DATASETS, load_recording
from bandsim.recordings.beats import beat_times_s, systole_sign
from bandsim.recordings.converting import convert, file_stem, names_of
from bandsim.recordings.input_form import SCALES, arrays_of, write_npz
from bandsim.recordings.recording import Recording
from bandsim.recordings.true_rows import rmssd_of, rows_of
from bandsim.stimulus import FULL_SCALE_COUNTS
from recordings.makers import MAKERS, PULSE_BPM
from vitalband.analysis import read_beats, read_reference
from vitalband.analysis.files import references_of
from vitalband.analysis.pairing import NO_SERIES, pairs_of

OF_LIGHT = sorted(set(MAKERS) - {"walch", "sensorwatch"})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for make in MAKERS.values():
        make(root)
    return root


def times_of(name: str, data: Path, vital: str) -> list[float]:
    return [row.time_s for row in rows_of(load_recording(name, data)) if row.vital == vital]


@pytest.mark.parametrize("dataset", OF_LIGHT)
def test_light_is_whole_counts_of_eighteen_bits_with_the_pulse_of_the_recording(
    data: Path, dataset: str
) -> None:
    for name in names_of(dataset, data):
        arrays = arrays_of(load_recording(name, data))
        light, rate_hz = arrays["ppg"], float(arrays["ppg_rate_hz"])
        assert light.dtype == np.int32
        assert light.min() >= 0
        assert light.max() <= FULL_SCALE_COUNTS
        assert set(arrays["ppg_channels"].tolist()) <= {"green", "red", "infrared", "blue"}
        assert light.shape[1] == len(arrays["ppg_channels"])
        falling = -light[:, 0].astype(float)
        falling = falling * systole_sign(falling, rate_hz)
        if len(falling) > 10 * rate_hz:
            beats_s = beat_times_s(falling, rate_hz)
            assert 60.0 / np.median(np.diff(beats_s)) == pytest.approx(PULSE_BPM, abs=2.0), name


@pytest.mark.parametrize("dataset", sorted(SCALES))
def test_a_bare_pulse_keeps_its_last_digit_and_a_level_that_is_worn(data: Path, dataset: str) -> None:
    recording = load_recording(dataset, data)
    scale, light = SCALES[dataset], arrays_of(recording)["ppg"]
    assert recording.ppg is not None
    back = (light - scale.offset_counts) / scale.counts_per_unit
    assert np.abs(back - recording.ppg).max() <= 0.5 / abs(scale.counts_per_unit) + 1e-9
    assert light.mean() > 60_000


@pytest.mark.parametrize("dataset", ["bidmc", "wfdb_resp", "ppgbp", "usc_ppg_bp"])
def test_a_pulse_that_was_shown_rising_falls_as_reflected_light_does(data: Path, dataset: str) -> None:
    arrays = arrays_of(load_recording(dataset, data))
    assert systole_sign(arrays["ppg"][:, 0].astype(float), float(arrays["ppg_rate_hz"])) == -1.0


def test_every_scale_belongs_to_a_data_set_of_bare_pulses(data: Path) -> None:
    bare = {name for name in OF_LIGHT if not load_recording(name, data).ppg_is_counts}
    assert bare == set(SCALES)
    unknown = replace(load_recording("troika", data), name="other/1")
    with pytest.raises(RecordingError, match=r"other/1: wanted a scale of troika, .*got other"):
        arrays_of(unknown)


def test_light_beyond_eighteen_bits_is_refused_and_never_cut(data: Path) -> None:
    recording = load_recording("troika", data)
    assert recording.ppg is not None
    with pytest.raises(RecordingError, match="troika/01: wanted light of 0 to 262143 counts, got "):
        arrays_of(replace(recording, ppg=100 * recording.ppg))


def test_heart_rate_of_windows_stands_at_their_ends(data: Path) -> None:
    for name in ("troika/01", "bami1/1"):
        assert times_of(name, data, "heart_rate_bpm")[:3] == [8.0, 10.0, 12.0]


def test_one_value_of_a_whole_recording_stands_at_its_end(data: Path) -> None:
    for name in ("oxiwear_spo2/1355-79-72", "welltory/01", "usc_ppg_bp/01"):
        recording = load_recording(name, data)
        assert times_of(name, data, "heart_rate_bpm") == [pytest.approx(recording.duration_s)]
    found = {row.vital: row.value for row in rows_of(load_recording("welltory/01", data))}
    assert found == {"heart_rate_bpm": pytest.approx(60_000 / 833), "rmssd_ms": 0.0}


def test_a_beat_that_the_strap_missed_is_no_variability() -> None:
    intervals_ms = 800.0 + 10.0 * (np.arange(60) % 2)
    assert rmssd_of(intervals_ms) == pytest.approx(10.0)
    intervals_ms[[20, 40]] = 1600.0, 300.0
    assert rmssd_of(intervals_ms) == pytest.approx(10.0)
    assert np.isnan(rmssd_of(np.array([800.0, 810.0, 800.0])))


def test_steps_are_one_total_and_stages_stand_at_the_ends_of_their_epochs(data: Path) -> None:
    name = "sensorwatch/l2-25hz-bw4/normal-walking1"
    assert [(row.time_s, row.value) for row in rows_of(load_recording(name, data))] == [(60.0, 108.0)]
    night = rows_of(load_recording("walch/7", data))
    assert {row.vital for row in night} == {"sleep_stage"}
    assert [row.time_s for row in night][:3] == [60.0, 90.0, 120.0]


def test_a_night_without_acceleration_gives_its_counts_and_heart_rates(data: Path) -> None:
    arrays = arrays_of(load_recording("walch/7", data))
    assert set(arrays) == {"activity_counts", "heart_rate_bpm"}
    assert arrays["activity_counts"].shape == (20, 2)
    assert arrays["heart_rate_bpm"][0].tolist() == [8.0, 60.0]


def test_breathing_of_a_window_is_the_number_of_its_breaths(data: Path) -> None:
    # Every four seconds by an annotator, and 15 /min by the recorded wave.
    for name in ("bidmc/01", "wfdb_resp/v102s"):
        rows = references_of(rows_of(load_recording(name, data)))["respiratory_rate_bpm"]
        pairs = pairs_of("respiratory_rate_bpm", NO_SERIES, rows)
        assert len(pairs) > 5
        assert pairs.reference == pytest.approx(15.0, abs=0.1)


def test_rare_breaths_weigh_by_the_time_they_take() -> None:
    breaths_s = np.array([0.0, 3.0, 11.0, 14.0, 22.0, 25.0, 33.0])
    recording = Recording(
        name="x", title="", duration_s=33.0, sources={}, breaths_s=breaths_s,
        references={"respiratory_rate_bpm": np.array([[16.0, 12.0], [18.0, 12.0]])},
        windows_s={"respiratory_rate_bpm": 32.0},
    )  # fmt: skip
    rows = references_of(rows_of(recording))["respiratory_rate_bpm"]
    assert rows[:, 0].tolist() == list(range(33))
    assert rows[:22, 1].mean() == pytest.approx(4 * 60 / 22)


def test_a_cuff_reading_is_entered_at_the_start_and_true_from_then_on(data: Path) -> None:
    recording = load_recording("ppgbp/2_1", data)
    assert arrays_of(recording)["cuff"].tolist() == [[0.0, 161.0, 89.0]]
    assert times_of("ppgbp/2_1", data, "systolic_mmhg") == [0.0]


def test_many_values_a_second_become_means_of_seconds(data: Path) -> None:
    name = "max30102_raw/cmu_bmedesign/ada_hr_spo2_calibration_data0"
    assert times_of(name, data, "spo2_percent") == list(range(len(times_of(name, data, "spo2_percent"))))


def test_skin_temperature_comes_every_second_from_no_later_than_it(data: Path) -> None:
    recording = load_recording("flirt_e4", data)
    rows = np.column_stack([np.arange(0.0, 40.0, 0.25) + 0.1, np.arange(160.0)])
    arrays = arrays_of(replace(recording, skin_temperature_c=rows))
    assert arrays["skin_temperature_c"][:3].tolist() == [0.0, 3.0, 7.0]
    assert float(arrays["skin_temperature_rate_hz"]) == 1.0


def test_what_was_found_in_the_recording_itself_is_no_reference(data: Path) -> None:
    assert rows_of(load_recording("heartpy/data", data)) == []
    assert {row.vital for row in rows_of(load_recording("emotibit_spo2", data))} == {"spo2_percent"}


def test_the_same_arrays_are_the_same_bytes_and_numpy_reads_them(data: Path, tmp_path: Path) -> None:
    arrays = arrays_of(load_recording("emotibit_spo2", data))
    write_npz(arrays, tmp_path / "one.npz")
    write_npz(arrays, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.npz", "two.npz"]
    with np.load(tmp_path / "one.npz") as held:
        assert set(held) == set(arrays)
        for name, values in arrays.items():
            assert held[name].shape == values.shape
            assert (held[name] == values).all()


@pytest.mark.parametrize("dataset", sorted(MAKERS))
def test_files_of_a_data_set_are_read_back(data: Path, dataset: str, tmp_path: Path) -> None:
    for made in convert(dataset, tmp_path, data):
        stem = file_stem(made.recording.name)
        assert made.files[0].name == f"{stem}.npz"
        for path in made.files[1:]:
            if path.name.endswith(".beats.csv"):
                assert read_beats(path) == [833.0] * 45
            else:
                assert len(read_reference(path)) == made.rows.total()


def test_one_recording_by_name_and_all_of_a_set_by_its_own(data: Path, tmp_path: Path) -> None:
    assert names_of("hoffman", data) == ("hoffman/100009", "hoffman/100009/right")
    assert names_of("hoffman/100009/right", data) == ("hoffman/100009/right",)
    (made,) = convert("hoffman/100009/right", tmp_path, data)
    assert made.files[0] == tmp_path / "hoffman_100009_right.npz"
    for unknown in ("nowhere", "troika/99"):
        with pytest.raises(RecordingError, match="wanted"):
            list(convert(unknown, tmp_path, data))


def test_names_that_make_one_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "troika").mkdir()
    alike = replace(DATASETS["troika"], keys=lambda _folder: ("a b", "a_b"))
    monkeypatch.setitem(DATASETS, "troika", alike)
    with pytest.raises(RecordingError, match="got two troika_a_b"):
        list(convert("troika", tmp_path / "out", tmp_path))


def test_a_short_recording_is_repeated_only_when_asked_to(data: Path, tmp_path: Path) -> None:
    (once,) = convert("ppgbp/2_1", tmp_path, data)
    (again,) = convert("ppgbp/2_1", tmp_path, data, shortest_s=10.0)
    assert (once.recording.duration_s, again.recording.duration_s) == (2.1, 10.5)
    with np.load(again.files[0]) as held:
        assert len(held["ppg"]) == 10500


def test_the_command_says_what_became_of_each_recording(data: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    shown = run(data_app, ["convert", "troika", "-o", str(tmp_path / "out"), "--data", str(data)])
    assert "troika_01.npz: 24.0 s, counts = 131072 + 16 x value; reference: 9 heart_rate_bpm" in shown.output
    told = run(data_app, ["convert", "heartpy", "-o", str(tmp_path / "out"), "--data", str(data), "--json"])
    documents = [json.loads(line) for line in told.output.splitlines()]
    assert [each["recording"] for each in documents] == ["heartpy/data", "heartpy/data2"]
    assert documents[0]["reference"] == {}
    refused = run(data_app, ["convert", "nowhere", "-o", str(tmp_path / "out"), "--data", str(data)])
    assert isinstance(refused.exception, RecordingError)
