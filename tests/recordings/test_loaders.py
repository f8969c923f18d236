"""Every loader, on tiny files of its format: what it gives, what it refuses, what the band would see."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bandschema.enums import SleepStage
from bandsim.datasets import DATA_VARIABLE
from bandsim.errors import RecordingError
from bandsim.recordings import DATASETS, list_recordings, load_recording
from bandsim.recordings.beats import beat_times_s, breath_times_s, systole_sign
from bandsim.scenario import load_scenario
from bandsim.stimulus import CHANNELS, FULL_SCALE_COUNTS, VITALS
from recordings.makers import MAKERS, PULSE_BPM

OPTICAL_HZ = 25.0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for make in MAKERS.values():
        make(root)
    return root


def made_names(root: Path) -> dict[str, list[str]]:
    names = list_recordings(root)
    return {key: [n for n in names if n.partition("/")[0] == key] for key in DATASETS}


def test_each_data_set_has_a_maker_and_its_recordings_are_listed(data: Path) -> None:
    assert set(MAKERS) == set(DATASETS)
    listed = made_names(data)
    assert all(listed.values())
    assert listed["hoffman"] == ["hoffman/100009", "hoffman/100009/right"]
    assert listed["wfdb_resp"] == ["wfdb_resp/mixedsignals", "wfdb_resp/v102s"]


@pytest.mark.parametrize("dataset", sorted(MAKERS))
def test_every_recording_feeds_every_channel_and_says_where_from(data: Path, dataset: str) -> None:
    for name in made_names(data)[dataset]:
        scenario = load_scenario(f"recording:{name}", data_dir=data)
        stimulus = scenario.stimulus
        # No shorter than the band's longest window, however short the recording.
        assert stimulus.duration_s >= 20.0
        counts = stimulus.optical(2.0, 400, OPTICAL_HZ)
        assert counts.shape == (400, 3)
        assert np.isfinite(counts).all()
        assert counts.min() >= 0.0
        assert counts.max() <= FULL_SCALE_COUNTS
        magnitude_g = np.linalg.norm(stimulus.acceleration_g(2.0, 400, 26.0), axis=1)
        assert magnitude_g.mean() == pytest.approx(1.0, abs=0.1)
        assert 20.0 < stimulus.skin_temperature_c(5.0) < 40.0
        assert set(stimulus.provenance) >= {*CHANNELS, *VITALS}
        for vital, source in stimulus.provenance.items():
            assert source.split(":")[0] in ("recorded", "modelled", "none", "repeated"), (vital, source)
        truth = stimulus.truth(12.0)
        for vital in VITALS:
            assert getattr(truth, vital) is None or stimulus.provenance[vital] != "none"


@pytest.mark.parametrize("dataset", sorted(set(MAKERS) - {"walch", "sensorwatch"}))
def test_recorded_pulse_reaches_the_chip_at_its_rate_with_counts_falling_at_systole(
    data: Path, dataset: str
) -> None:
    for name in made_names(data)[dataset]:
        stimulus = load_recording(name, data).to_stimulus(1)
        counts = stimulus.optical(1.0, 450, OPTICAL_HZ)
        column = 1
        assert systole_sign(counts[:, column], OPTICAL_HZ) == -1.0
        intervals_s = np.diff(beat_times_s(-counts[:, column], OPTICAL_HZ))
        assert 60.0 / np.median(intervals_s) == pytest.approx(PULSE_BPM, abs=2.0), name


@pytest.mark.parametrize("dataset", sorted(set(MAKERS) - {"walch", "sensorwatch"}))
def test_heart_rate_reference_is_known_and_right(data: Path, dataset: str) -> None:
    for name in made_names(data)[dataset]:
        truth = load_recording(name, data).to_stimulus(1).truth(12.0)
        assert truth.heart_rate_bpm == pytest.approx(PULSE_BPM, abs=1.5), name


@pytest.mark.parametrize("name", ["bidmc/01", "heartpy/data", "max30102_raw/alsementsov/16-10-2019_superb"])
def test_reference_made_from_the_same_recording_is_labelled_so(data: Path, name: str) -> None:
    assert (
        "offline beat detection of the same recording"
        in (load_recording(name, data).to_stimulus(1).provenance["heart_rate_bpm"])
    )


def test_hoffman_columns_are_read_from_where_they_really_stand(data: Path) -> None:
    recording = load_recording("hoffman/100009", data)
    assert recording.optical_stack == "phone_rgb"
    truth = recording.to_stimulus(1).truth(12.0)
    assert truth.spo2_percent == pytest.approx(96.0)
    assert truth.respiratory_rate_bpm == pytest.approx(15.0)
    assert 20.0 not in recording.references["respiratory_rate_bpm"][:, 0]
    assert load_scenario("recording:hoffman/100009", data_dir=data).board == "virtual_phone_rgb"
    assert load_recording("hoffman/100009/left", data).name == "hoffman/100009"


def test_troika_reference_stands_in_the_middle_of_its_windows(data: Path) -> None:
    times_s = load_recording("troika/01", data).references["heart_rate_bpm"][:, 0]
    assert times_s[:3].tolist() == [4.0, 6.0, 8.0]


def test_oxiwear_lights_are_not_swapped_and_fit_eighteen_bits(data: Path) -> None:
    recording = load_recording("oxiwear_spo2/1355-79-72", data)
    counts = recording.to_stimulus(1).optical(0.5, 100, OPTICAL_HZ)
    assert np.ptp(counts[:, 0]) > np.ptp(counts[:, 1])
    assert counts[:, 0].mean() == pytest.approx(200000, rel=0.02)
    assert recording.references["spo2_percent"][0, 1] == 79.0
    ear = load_recording("oxiwear_spo2/20201012-165638-9596-7173", data)
    assert (ear.references["spo2_percent"][0, 1], ear.references["heart_rate_bpm"][0, 1]) == (95.5, 72.0)


def test_short_recording_is_repeated_and_says_so(data: Path) -> None:
    stimulus = load_recording("ppgbp/2_1", data).to_stimulus(1)
    assert stimulus.duration_s >= 60.0
    assert stimulus.provenance["length"].startswith("repeated: 2.1 s, 29 times")
    truth = stimulus.truth(50.0)
    assert (truth.systolic_mmhg, truth.diastolic_mmhg) == (161.0, 89.0)


def test_max30102_words_lose_their_upper_bits_and_keep_the_clock_of_their_stamps(data: Path) -> None:
    recording = load_recording("max30102_raw/jdesbonnet/left_hand_100sps/1", data)
    assert recording.ppg is not None
    assert recording.ppg.max() < 1 << 18
    assert recording.ppg_rate_hz == pytest.approx(98.0, abs=0.05)


def test_walch_movement_follows_the_counts_and_stages_are_the_published_ones(data: Path) -> None:
    stimulus = load_recording("walch/7", data).to_stimulus(1)
    still, moved = (stimulus.acceleration_g(t, 26 * 60, 26.0) for t in (60.0, 180.0))
    assert moved.std(axis=0).mean() > 10 * still.std(axis=0).mean()
    stages = [stimulus.truth(30.0 * k + 5.0).sleep_stage for k in range(9)]
    wake, nrem, rem = SleepStage.WAKE, SleepStage.NREM, SleepStage.REM
    assert stages == [None, wake, nrem, nrem, nrem, nrem, rem, rem, wake]
    assert stimulus.truth(100.0).heart_rate_bpm == pytest.approx(60.0)


def test_walch_counts_come_back_by_the_bands_own_definition(data: Path) -> None:
    stimulus = load_recording("walch/7", data).to_stimulus(1)
    magnitude = np.linalg.norm(stimulus.acceleration_g(160.0, 26 * 120, 26.0), axis=1)
    by_second = np.abs(magnitude - magnitude.mean()).reshape(-1, 26).max(axis=1)
    counts = np.maximum(by_second * 64.0 - 1.0, 0.0).sum() / 120.0 * 15.0
    # 90 counts in 15 s went in; a peak is 1.4 rms only on average.
    assert counts == pytest.approx(90.0, rel=0.35)


def test_steps_of_a_recording_are_known_at_its_end_only(data: Path) -> None:
    stimulus = load_recording("sensorwatch/l2-25hz-bw4/normal-walking1", data).to_stimulus(1)
    assert stimulus.truth(30.0).steps is None
    assert stimulus.truth(60.0).steps == 108


def test_heartpy_package_serves_its_recordings_without_any_data_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    assert "heartpy/data3" in list_recordings()
    recording = load_recording("heartpy/data3")
    assert recording.duration_s > 600
    assert recording.ppg_rate_hz == pytest.approx(100.4, abs=0.1)


def test_missing_folder_names_the_option_the_variable_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    for data_dir in (None, tmp_path):
        with pytest.raises(RecordingError, match="--data DIR or VITALBAND_DATA") as caught:
            load_scenario("recording:hoffman/100001", data_dir=data_dir)
        assert "vitalband data fetch hoffman" in str(caught.value)


def test_folder_is_found_by_the_environment_variable(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(data))
    assert load_recording("troika/01").name == "troika/01"


@pytest.mark.parametrize("dataset", sorted(MAKERS))
def test_a_data_set_by_itself_stands_for_one_of_its_recordings(data: Path, dataset: str) -> None:
    recording = load_recording(dataset, data)
    assert recording.name in made_names(data)[dataset]
    assert load_scenario(f"recording:{dataset}", data_dir=data).name == f"recording:{recording.name}"


def test_an_example_stands_for_its_data_set_where_it_is_there(data: Path) -> None:
    both = replace(DATASETS["troika"], keys=lambda _folder: ("01", "02"))
    assert replace(both, example="02").choose(data) == "02"
    assert replace(both, example="03").choose(data) == "01"
    assert replace(both, keys=lambda _folder: ()).choose(data) == ""


@pytest.mark.parametrize("name", ["nowhere/1", "hoffman/999999", "troika/99", "flirt_e4/2"])
def test_unknown_recording_is_a_clear_error(data: Path, name: str) -> None:
    with pytest.raises(RecordingError, match="wanted"):
        load_recording(name, data)


BROKEN = {
    "hoffman/ppg-csv/Left/100009.csv": ("hoffman/100009", b"R,G,B\n1,2,x\n"),
    "hoffman/gt/100009.csv": ("hoffman/100009", b"Time,SpO2 1\n0,97\n"),
    "troika/DATA_01_TYPE01.mat": ("troika/01", b"not a MATLAB file at all, though long enough" * 9),
    "bami1/Subject_1.mat": ("bami1/1", b""),
    "oxiwear_spo2/proto1/1355-79-72.csv": ("oxiwear_spo2/1355-79-72", b"no,header\n"),
    "emotibit_spo2/sit-stand-sit_v0.0.0_EmotiBit.csv": ("emotibit_spo2", b"1,2,3,PR,1,100,7\n"),
    "bidmc_subset/bidmc_01_Signals.csv": ("bidmc/01", b"Time, RESP\n0,1\n"),
    "wfdb_resp_samples/v102s.dat": ("wfdb_resp/v102s", b"abc"),
    "wfdb_resp_samples/mixedsignals_p.dat": ("wfdb_resp/mixedsignals", b"fLaC, but no more"),
    "wfdb_resp_samples/mixedsignals.hea": (
        "wfdb_resp/mixedsignals",
        b"mixedsignals 2 62.5 7500\nx.dat 16 1\n",
    ),
    "ppgbp/PPG-BP dataset.xlsx": ("ppgbp/2_1", b"PK but not a workbook"),
    "usc_ppg_bp/information_subj.md": ("usc_ppg_bp/01", b"| Record | nothing |\n"),
    "walch/cropped/7_cleaned_counts.out": ("walch/7", b"one,two\n"),
    "sensorwatch/l2-25hz-bw4/normal-walking1.csv": ("sensorwatch/l2-25hz-bw4/normal-walking1", b"a,b\n1,2\n"),
    "max30102_raw/alsementsov/16-10-2019_superb.csv": (
        "max30102_raw/alsementsov/16-10-2019_superb",
        b"1,2\n",
    ),
    "flirt_e4/BVP.csv": ("flirt_e4", b"1560279825.0\n0.0\n1\n2\n"),
    "welltory_phone_ppg/subject_01/RR.txt": ("welltory/01", b"800 many 900\n"),
    "heartpy_samples/data2.csv": ("heartpy/data2", b"timer,hr\nnow,5\n"),
}


@pytest.mark.parametrize("path", sorted(BROKEN))
def test_file_that_is_not_as_published_is_one_clear_error(tmp_path: Path, path: str) -> None:
    name, content = BROKEN[path]
    MAKERS[name.partition("/")[0]](tmp_path)
    (tmp_path / path).write_bytes(content)
    with pytest.raises(RecordingError, match="wanted") as caught:
        load_recording(name, tmp_path)
    assert Path(path).name in str(caught.value)


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_compressed_signals_have_the_rates_that_their_header_states(data: Path) -> None:
    recording = load_recording("wfdb_resp/mixedsignals", data)
    assert recording.ppg_rate_hz == 125.0
    assert recording.duration_s == 120.0
    assert recording.references["respiratory_rate_bpm"][:, 1] == pytest.approx(6.0, abs=0.05)


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (" 0 Pleth", " 0 Light", "wanted a recording .*found none"),
        ("_r.dat 516", "_r.dat 80", "wanted format 212 or 516, got format 80"),
        ("_r.dat 516", "_r.dat 516by2", "wanted a WFDB header"),
        (" 0 Pleth", "1 0 Pleth", r"wanted Pleth of checksum \d+1, got \d+"),
    ],
)
def test_a_wfdb_header_that_its_signals_do_not_bear_out_is_refused(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    MAKERS["wfdb_resp"](tmp_path)
    edited(tmp_path / "wfdb_resp_samples" / "mixedsignals.hea", old, new)
    with pytest.raises(RecordingError, match=wanted):
        load_recording("wfdb_resp/mixedsignals", tmp_path)


def test_fewer_signals_than_the_header_states_are_refused(tmp_path: Path) -> None:
    MAKERS["wfdb_resp"](tmp_path)
    header = tmp_path / "wfdb_resp_samples" / "mixedsignals.hea"
    edited(header, "mixedsignals_r.dat", "mixedsignals_p.dat")
    with pytest.raises(RecordingError, match="wanted 3 signals, got 2"):
        load_recording("wfdb_resp/mixedsignals", tmp_path)


def test_without_the_package_that_reads_flac_its_extra_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(RecordingError, match=r"the package soundfile .*`bench`"):
        load_recording("wfdb_resp/mixedsignals", data)
    assert load_recording("wfdb_resp/v102s", data).duration_s == 70.0


@pytest.mark.parametrize("drop_out", [False, True])
def test_a_breath_of_a_wave_that_was_cut_off_is_counted_once(drop_out: bool) -> None:
    time_s = np.arange(0, 120, 0.02)
    wave = (2048 + 9000 * np.sin(2 * np.pi * time_s / 10)).clip(0, 4095)
    # On its way up it hangs below the top.
    wave[(wave > 1024) & (wave < 3072) & (np.gradient(wave) > 0)] = 1500
    if drop_out:
        wave[(time_s % 10 > 2) & (time_s % 10 < 2.2)] = 2500
    assert len(breath_times_s(wave, 50.0)) == pytest.approx(12, abs=1)
