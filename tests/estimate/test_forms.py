"""Input files: both forms say the same, what is odd is taken as documented, what is wrong is named."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandsim.errors import RecordingError
from bandsim.estimate.csv_form import read_csv
from bandsim.estimate.feed import LEAST_CONTACT_COUNTS, tells_contact
from bandsim.estimate.messages import After, report_of
from bandsim.estimate.npz_form import read_npz, recording_of
from bandsim.estimate.recording import InputRecording, has_level
from bandsim.estimate.runner import estimate
from bandsim.lane import LaneSettings
from dsp.optical_stack import STACKS
from estimate.signals import light, still, walk
from vitalband.errors import LocalError

WHERE = "made up"


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"ppg_rate_hz": None}, "wanted ppg_rate_hz, found none"),
        ({"ppg_rate_hz": np.array(2.0)}, "wanted ppg_rate_hz of 4 to 1000, got 2"),
        ({"ppg_rate_hz": np.array([np.nan])}, "wanted ppg_rate_hz of 4 to 1000, got nan"),
        ({"ppg_channels": None}, "wanted ppg_channels, found none"),
        (
            {"ppg_channels": np.array(["violet"])},
            "wanted ppg_channels of red, infrared, green, blue, got 'violet'",
        ),
        ({"ppg_channels": np.array(["green", "red"])}, "got 1 columns and 2 names"),
        ({"ppg_channels": np.array([5])}, "wanted names in ppg_channels"),
        ({"optical_stack": np.array("other")}, "wanted an optical_stack of max30101, phone_rgb, got 'other'"),
        ({"ppg": np.zeros((4, 1, 1))}, r"wanted ppg of the shape \(n, channels\)"),
        ({"ppg": np.full((400, 1), 1 << 18)}, "wanted whole counts of 18 bits"),
        ({"ppg": np.linspace(0, 1, 400)}, "wanted whole counts, got fractions from 0 to 1"),
        ({"ppg": np.array([["a"]])}, "wanted numbers in ppg"),
        ({"accel_g": np.zeros((5, 2))}, r"wanted accel_g of the shape \(n, 3\)"),
        ({"accel_rate_hz": None}, "wanted accel_rate_hz, found none"),
        ({"cuff": np.zeros((5, 2))}, r"wanted cuff of the shape \(n, 3\)"),
        ({"skin_temperature_c": np.zeros(9)}, "wanted skin_temperature_rate_hz, found none"),
    ],
)
def test_a_wrong_file_is_a_local_error_that_names_what_is_wanted(
    tmp_path: Path, changes: dict[str, Any], wanted: str
) -> None:
    arrays = light(50.0, duration_s=4.0) | still(50.0, 4.0) | changes
    path = tmp_path / "wrong.npz"
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    with pytest.raises(LocalError, match=wanted) as caught:
        read_npz(path)
    assert str(path) in str(caught.value)


def test_a_file_that_holds_nothing_to_estimate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.npz"
    np.savez(path, other=np.zeros(3))
    with pytest.raises(RecordingError, match=r"wanted one of ppg, accel_g, .*, got other"):
        read_npz(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(RecordingError, match="wanted an NPZ file"):
        read_npz(path)
    np.savez(path, ppg=np.array([{"pickled": 1}], dtype=object))
    with pytest.raises(RecordingError, match="wanted an NPZ file of plain arrays"):
        read_npz(path)


def test_an_empty_array_is_one_that_is_not_there() -> None:
    empty = {"accel_g": np.array([]), "accel_rate_hz": np.array(0.0), "cuff": np.empty((0, 3))}
    found = recording_of(light(50.0) | empty, WHERE)
    assert found.accel_g is None
    assert found.cuff is None


def test_light_with_its_level_is_told_from_a_pulse_without_one() -> None:
    counts = light(100.0)["ppg"].astype(np.float64)[:, 0]
    centred = counts - counts.mean()
    assert has_level(counts, 100.0)
    assert not has_level(centred, 100.0)
    assert not has_level(centred - centred.min(), 100.0)
    off = counts.copy()
    off[1000:3000] = 900.0
    assert has_level(off, 100.0)


def light_in(values: np.ndarray) -> InputRecording:
    return recording_of(light(50.0) | {"ppg": values}, WHERE)


def test_negative_counts_are_moved_up_and_others_stay() -> None:
    counts = light(50.0)["ppg"]
    centred = counts - 140_000
    moved, same = light_in(centred).light, light_in(counts).light
    assert moved is not None
    assert same is not None
    assert (moved.counts == centred + 131_072).all()
    assert (same.counts == counts).all()
    assert not tells_contact(moved)
    assert tells_contact(same)


def test_a_level_of_another_scale_tells_no_contact() -> None:
    low = light_in(light(50.0)["ppg"] // 32).light
    assert low is not None
    assert low.has_level == (True,)
    assert not tells_contact(low)
    assert {stack.name: stack.on_above * 3 // 2 for stack in STACKS} == LEAST_CONTACT_COUNTS


def test_an_empty_channel_is_left_out_and_one_sample_in_an_array_is_enough() -> None:
    arrays = light(50.0, ("green", "red"))
    values = arrays["ppg"].astype(np.float64)
    values[10:, 1] = np.nan
    found = recording_of(arrays | {"ppg": values}, WHERE).light
    assert found is not None
    assert found.channels == ("green",)
    assert found.present.all()
    nothing = recording_of(arrays | {"ppg": np.full((9, 2), np.nan)}, WHERE)
    assert nothing.light is None
    with pytest.raises(RecordingError, match="wanted samples, found none"):
        estimate(nothing, LaneSettings())


def test_a_channel_that_stands_still_beside_another_is_left_out_and_a_weak_pulse_is_not() -> None:
    arrays = light(30.0, ("red", "green", "blue")) | {"optical_stack": np.array("phone_rgb")}
    random = np.random.default_rng(4)
    for scale, channels in ((0.0, ("red", "blue")), (0.1, ("red", "green", "blue"))):
        values = arrays["ppg"].astype(np.float64)
        values[:, 1] = scale * values[:, 1] + random.integers(0, 3, len(values))
        found = recording_of(arrays | {"ppg": values}, WHERE).light
        assert found is not None
        assert found.channels == channels
    still_all = recording_of(light(30.0) | {"ppg": np.full((900, 1), 7)}, WHERE).light
    assert still_all is not None
    assert still_all.channels == ("green",)


def test_names_may_be_bytes_or_one_text_and_acceleration_in_other_units_is_noted() -> None:
    arrays = light(50.0, ("green", "red")) | still(50.0)
    for names in (np.array([b"Green", b"red"]), np.array("green, red")):
        found = recording_of(arrays | {"ppg_channels": names}, WHERE)
        assert found.light is not None
        assert found.light.channels == ("green", "red")
        assert found.notes == ()
    metric = recording_of(arrays | {"accel_g": arrays["accel_g"] * 9.81}, WHERE)
    assert "median size of 9.81" in metric.notes[0]
    assert metric.accel_g is not None
    assert np.allclose(metric.accel_g.values, arrays["accel_g"], atol=1e-4)


def write_csv(path: Path, columns: list[str], rows: list[list[str]]) -> Path:
    path.write_text("\n".join(",".join(cells) for cells in [columns, *rows]) + "\n")
    return path


def test_a_table_says_what_the_arrays_say(tmp_path: Path) -> None:
    arrays = light(64.0, ("green", "green"), duration_s=10.0) | walk(32.0, 1.9, 10.0)
    arrays["accel_g"] = arrays["accel_g"].round(6)
    arrays |= {"cuff": np.array([[3.5, 121.0, 79.0]]), "heart_rate_bpm": np.array([[5.0, 61.0]])}
    arrays |= {"skin_temperature_c": np.arange(30.0, 40.0), "skin_temperature_rate_hz": np.array(1.0)}
    columns = ["time_s", "ppg_green", "ppg_green_2", "accel_x_g", "accel_y_g", "accel_z_g"]
    columns += ["skin_temperature_c", "systolic_mmhg", "diastolic_mmhg", "heart_rate_bpm"]
    rows: list[list[str]] = []
    for place, counts in enumerate(arrays["ppg"]):
        axes = [str(axis) for axis in arrays["accel_g"][place // 2]] if place % 2 == 0 else [""] * 3
        warm = str(30 + place // 64) if place % 64 == 0 else ""
        # Milliseconds, as loggers write them: 64 Hz has none.
        time_s = 7.25 + round(place / 64, 3)
        rows.append([f"{time_s:.3f}", *map(str, counts), *axes, warm, "", "", ""])
    rows.append(["10.75", *[""] * 6, "121", "79", ""])
    rows.append(["12.25", *[""] * 8, "61"])
    found = read_csv(write_csv(tmp_path / "table.csv", columns, rows), "max30101")
    wanted = recording_of(arrays, WHERE)
    assert found.light is not None
    assert wanted.light is not None
    assert (found.light.counts == wanted.light.counts).all()
    assert found.light.rate_hz == pytest.approx(64.0, abs=0.01)
    assert found.accel_g is not None
    assert wanted.accel_g is not None
    assert np.allclose(found.accel_g.values, wanted.accel_g.values)
    assert found.skin_temperature_c is not None
    assert found.skin_temperature_c.values.ravel().tolist() == list(range(30, 40))
    assert np.allclose(found.cuff, wanted.cuff)
    assert np.allclose(found.heart_rate_bpm, wanted.heart_rate_bpm)


@given(st.integers(1, 380), st.integers(1, 40))
def test_lines_that_are_missing_are_samples_that_are_missing(first: int, count: int) -> None:
    kept = [place for place in range(400) if not first <= place < first + count]
    rows = [[f"{place / 50:.2f}", str(140_000 + place)] for place in kept]
    with tempfile.TemporaryDirectory() as folder:
        found = read_csv(write_csv(Path(folder) / "gap.csv", ["time_s", "ppg_green"], rows), "max30101").light
    assert found is not None
    assert np.flatnonzero(found.present).tolist() == kept
    assert found.counts[found.present, 0].tolist() == [140_000 + place for place in kept]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "wanted the columns time_s, .* got none"),
        ("ppg_green,time_s\n", "wanted the columns time_s"),
        ("time_s,ppg_violet\n", "wanted the columns"),
        ("time_s,accel_x_g\n0,1\n", "wanted all of the columns accel_x_g, accel_y_g, accel_z_g, or none"),
        ("time_s,ppg_green\n", "wanted lines below the header"),
        ("time_s,ppg_green\n0,1,2\n", "line 2: wanted 2 cells, got 3"),
        ("time_s,ppg_green\n0,1\n\nnext,5\n", "line 4: wanted numbers"),
        ("time_s,ppg_green\n,5\n", "line 2: wanted a time_s"),
        ("time_s,ppg_green\n0,5\n", "wanted 2 lines or more of rising time_s with ppg_green, got 1"),
        ("time_s,ppg_green\n0,5\n0,6\n0,7\n", "wanted 2 lines or more of rising time_s"),
    ],
)
def test_a_wrong_table_is_a_local_error_with_its_line(tmp_path: Path, text: str, wanted: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    with pytest.raises(LocalError, match=wanted):
        read_csv(path, "max30101")


def test_a_report_of_another_firmware_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted a report of"):
        report_of(bytes((After.STEP, 0, 3, 0)) + bytes(12))
