"""Whatever part of a recording there is, an estimate ends and its rows are a file of readings."""

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bandsim.estimate.feed import Feed
from bandsim.estimate.npz_form import recording_of
from bandsim.estimate.recording import LIGHTS
from bandsim.estimate.runner import estimate
from bandsim.lane import LaneSettings
from estimate.signals import Arrays, light, walk
from vitalband.analysis.readings import ReadingRow, read_readings, write_readings

RATES_HZ = st.one_of(st.sampled_from([25.0, 50.0, 64.0, 125.0]), st.floats(4.0, 250.0))
PARTS = st.sets(st.sampled_from(["light", "motion", "temperature", "cuff", "night"]), min_size=1)


def damaged(values: np.ndarray, random: np.random.Generator, kind: str) -> np.ndarray:
    """Samples with gaps, steps to both ends of the scale, or as they were."""
    found = values.astype(np.float64)
    if kind == "gaps":
        found[random.random(len(found)) < 0.3] = np.nan
        start = int(random.integers(0, len(found)))
        found[start : start + len(found) // 3] = np.nan
    elif kind == "wild":
        ends = (0, 262_143) if values.dtype.kind == "i" else (-16.0, 16.0)
        chosen = random.random(found.shape) < 0.02
        found[chosen] = random.choice(ends, int(chosen.sum()))
    elif kind == "dark":
        found[:] = 0
    return found


@st.composite
def recordings(draw: st.DrawFn) -> Arrays:
    """Arrays of any subset of what a recording may hold."""
    random = np.random.default_rng(draw(st.integers(0, 999)))
    parts = draw(PARTS)
    duration_s = draw(st.sampled_from([0.5, 3.0, 8.0, 20.0, 45.0]))
    kind = draw(st.sampled_from(["whole", "whole", "gaps", "wild", "dark"]))
    arrays: dict[str, Any] = {}
    if "light" in parts:
        names = draw(st.lists(st.sampled_from(LIGHTS), min_size=1, max_size=4))
        arrays |= light(draw(RATES_HZ), names, duration_s=duration_s)
        arrays["ppg"] = damaged(arrays["ppg"], random, kind)
        arrays["optical_stack"] = np.array(draw(st.sampled_from(["max30101", "phone_rgb"])))
    if "motion" in parts:
        arrays |= walk(draw(RATES_HZ), 1.9, duration_s * draw(st.sampled_from([0.5, 1.0, 1.1])))
        arrays["accel_g"] = damaged(arrays["accel_g"], random, kind)
    if "temperature" in parts:
        arrays["skin_temperature_c"] = random.uniform(-400, 400, 20)
        arrays["skin_temperature_rate_hz"] = np.array(draw(st.floats(0.5, 8.0)))
    if "cuff" in parts:
        arrays["cuff"] = np.column_stack([random.uniform(-5, 60, 4), random.uniform(0, 400, (4, 2))])
    if "night" in parts:
        times_s = np.sort(random.uniform(0, 900, 40))
        arrays["activity_counts"] = np.column_stack([times_s, random.integers(0, 5000, 40)])
        arrays["heart_rate_bpm"] = np.column_stack([times_s, random.uniform(25, 240, 40)])
    return arrays


def check_rows(rows: list[ReadingRow], steps: int) -> None:
    """Rows are in order, each vital once at a time, and heart rate from 8.0 s on."""
    keys = [(row.time_s, row.vital) for row in rows]
    assert len(set(keys)) == len(keys)
    assert [time_s for time_s, _ in keys] == sorted(time_s for time_s, _ in keys)
    beats_s = [time_s for time_s, vital in keys if vital == "heart_rate_bpm"]
    assert beats_s in ([], [2.0 * step for step in range(4, steps + 1)])
    assert all((row.cause == "") == (row.validity == "valid") for row in rows)


@settings(max_examples=25)
@given(arrays=recordings())
def test_any_part_of_a_recording_gives_a_file_of_readings(tmp_path_factory: Any, arrays: Arrays) -> None:
    recording = recording_of(arrays, "made up")
    if recording.is_empty:
        return
    rows = estimate(recording, LaneSettings(kind="unix")).rows
    check_rows(rows, Feed(recording).steps)
    path: Path = tmp_path_factory.mktemp("any") / "readings.csv"
    write_readings(rows, path)
    assert [row.vital for row in read_readings(path)] == [row.vital for row in rows]
