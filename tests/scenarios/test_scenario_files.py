"""Scenario files: all built-in ones load and repeat; a broken one is one clear error."""

import math
from pathlib import Path

import numpy as np
import pytest

from bandsim.agreeing import AGREE_S
from bandsim.errors import RecordingError, ScenarioError
from bandsim.scenario import load_scenario, scenario_names
from bandsim.stimulus import CHANNELS, VITALS

WANTED = {
    "rest",
    "walk",
    "run",
    "sleep_night",
    "desaturation",
    "fever",
    "weak_contact",
    "taken_off",
    "facing_a_wall",
    "battery_low",
    "chip_failure",
    "demo",
}
WHOLE = """
description = "a test"
[[segments]]
duration_s = 60
"""


def test_every_wanted_scenario_is_built_in() -> None:
    assert set(scenario_names()) >= WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_built_in_scenario_loads_and_repeats_bit_for_bit(name: str) -> None:
    first, second = load_scenario(name), load_scenario(name)
    assert first.description
    assert first.actions == second.actions
    assert first.actions[0].name == "agree"
    middle_s = first.duration_s / 2
    for stimulus_a, stimulus_b in ((first.stimulus, second.stimulus),):
        assert np.array_equal(
            stimulus_a.optical(middle_s, 300, 25.0), stimulus_b.optical(middle_s, 300, 25.0)
        )
        a, b = (s.acceleration_g(middle_s, 300, 26.0) for s in (stimulus_a, stimulus_b))
        assert np.array_equal(a, b)
        assert stimulus_a.truth(middle_s) == stimulus_b.truth(middle_s)
        assert set(stimulus_a.provenance) >= {*CHANNELS, *VITALS}


def test_another_seed_gives_another_course() -> None:
    first, second = (load_scenario("rest", seed=seed).stimulus for seed in (1, 2))
    assert not np.array_equal(first.optical(0.0, 100, 25.0), second.optical(0.0, 100, 25.0))


def test_desaturation_falls_below_90_and_recovers() -> None:
    stimulus = load_scenario("desaturation").stimulus
    course = [stimulus.truth(t).spo2_percent or 0.0 for t in range(0, 600, 10)]
    assert course[0] > 95
    assert min(course) < 86
    assert course[-1] > 95


@pytest.mark.parametrize("name", sorted(WANTED - {"demo"}))
def test_a_wearer_lives_on_when_a_scenario_is_to_last_longer(name: str) -> None:
    usual = load_scenario(name)
    longer = load_scenario(name, duration_s=usual.duration_s + 600.0)
    assert longer.duration_s == longer.stimulus.duration_s == usual.duration_s + 600.0
    for t_s in (usual.duration_s + 100.0, usual.duration_s + 590.0):
        truth = longer.stimulus.truth(t_s)
        assert truth.heart_rate_bpm
        # A living pulse at the wrist: infrared changes by more than the chip's noise, some counts.
        infrared = longer.stimulus.optical(t_s, 100, 25.0)[:, 1]
        assert np.ptp(infrared) > 50.0
    assert load_scenario(name, duration_s=30.0).duration_s == 30.0


@pytest.mark.parametrize("duration_s", [math.nan, math.inf, -5.0, 0.0, 0.5, 172801.0])
@pytest.mark.parametrize("name", ["rest", "recording:heartpy/data"])
def test_a_duration_that_cannot_be_is_refused_before_anything_is_read(name: str, duration_s: float) -> None:
    with pytest.raises(ScenarioError, match=f"wanted a duration of 1 to 172800 s, got {duration_s:g}$"):
        load_scenario(name, duration_s=duration_s)


def test_no_recording_lasts_longer_than_it_does(tmp_path: Path) -> None:
    assert load_scenario("recording:heartpy/data", duration_s=10.0).duration_s == 10.0
    with pytest.raises(RecordingError, match=r"heartpy/data: wanted 9999 s; the recording has"):
        load_scenario("recording:heartpy/data", duration_s=9999.0, data_dir=tmp_path)


def test_demo_names_what_is_recorded_and_what_is_modelled() -> None:
    stimulus = load_scenario("demo").stimulus
    sources = stimulus.provenance
    assert "recorded: pulse of heartpy/data3" in sources["optical"]
    assert "offline beat detection" in sources["heart_rate_bpm"]
    assert sources["acceleration"].startswith("modelled")
    assert sources["spo2_percent"].startswith("modelled")
    known = [stimulus.truth(t).heart_rate_bpm for t in range(0, 600, 5)]
    # The recording holds real artefacts, in which no beat can be told: most, not all, is known.
    assert 0.5 < sum(rate is not None for rate in known) / len(known) < 1.0
    assert all(70 < rate < 130 for rate in known if rate is not None)


def test_a_file_needs_little(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(WHOLE)
    scenario = load_scenario(path)
    assert (scenario.name, scenario.duration_s, scenario.board, scenario.seed) == ("own", 60.0, "virtual", 1)
    assert [(a.t_s, a.name) for a in scenario.actions] == [(5.0 - AGREE_S, "agree")]
    assert load_scenario(str(path)).start_utc_us == scenario.start_utc_us


def test_a_wearer_may_refuse(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("consents = false\n" + WHOLE)
    assert load_scenario(path).actions == ()


def test_phone_board_has_its_own_optical_stack(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('board = "virtual_phone_rgb"\n' + WHOLE)
    assert load_scenario(path).stimulus.optical_stack == "phone_rgb"


BROKEN = {
    "not TOML": ("description = ", "wanted TOML"),
    "no description": ("[[segments]]\nduration_s = 60", "description: wanted a text, got nothing"),
    "no segments": ('description = "x"', "segments: wanted at least one"),
    "unknown key": (WHOLE + "colour = 1", r"segments\[0\].colour: wanted one of .*, got an unknown key"),
    "unknown key at the top": ("colour = 1\n" + WHOLE, "colour: wanted one of .*, got an unknown key"),
    "wrong type": (
        WHOLE + 'heart_rate_bpm = "fast"',
        r"heart_rate_bpm: wanted a number from 30 to 220.*'fast'",
    ),
    "out of range": (WHOLE + "heart_rate_bpm = 500", "heart_rate_bpm: wanted a number from 30 to 220"),
    "three ends": (WHOLE + "heart_rate_bpm = [60, 70, 80]", "heart_rate_bpm: wanted a number"),
    "truth for a number": (WHOLE + "spo2_percent = true", "spo2_percent: wanted a number"),
    "unknown doing": (
        WHOLE + 'doing = "swim"',
        "doing: wanted one of still, light, walk, run, sleep, got 'swim'",
    ),
    "unknown board": ('board = "real"\n' + WHOLE, "board: wanted one of virtual, virtual_phone_rgb"),
    "negative length": ('description = "x"\n[[segments]]\nduration_s = -5', "duration_s: wanted a number"),
    "no length": ('description = "x"\n[[segments]]\ndoing = "walk"', "duration_s: wanted a number"),
    "segments as table": ('description = "x"\n[segments]\nduration_s = 5', "segments: wanted tables"),
    "unknown action": (
        WHOLE + '[[actions]]\nat_s = 3\nname = "explode"',
        r"actions\[0\].name: wanted one of",
    ),
    "late action": (WHOLE + '[[actions]]\nat_s = 90\nname = "put_on"', "actions: wanted times up to 60 s"),
    "unknown chip": (
        WHOLE + '[[actions]]\nat_s = 3\nname = "fail_chip"\nargument = "cpu"',
        "wanted one of max30101",
    ),
    "missing chip": (WHOLE + '[[actions]]\nat_s = 3\nname = "fail_chip"', "argument: wanted one of max30101"),
    "argument for nothing": (WHOLE + '[[actions]]\nat_s = 3\nname = "put_on"\nargument = 1', "unknown key"),
    "local time": ("start_utc = 2026-01-05T08:00:00\n" + WHOLE, "start_utc: wanted a date and time"),
    "fractional seed": ("seed = 1.5\n" + WHOLE, "seed: wanted a whole number"),
    "word for a flag": ('consents = "no"\n' + WHOLE, "consents: wanted true or false"),
    "number for a table": ("wearer = 5\n" + WHOLE, "wearer: wanted a table"),
    "far too long": (
        'description = "x"\n' + "[[segments]]\nduration_s = 100000\n" * 2,
        "segments: wanted at most 172800 s in all, got 200000",
    ),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_broken_file_is_one_clear_error_naming_file_key_wanted_and_got(tmp_path: Path, case: str) -> None:
    text, message = BROKEN[case]
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=message) as caught:
        load_scenario(path)
    assert str(path) in str(caught.value)
    assert "got" in str(caught.value)


def test_missing_file_unknown_name_and_binary_file_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="wanted a readable text file"):
        load_scenario(tmp_path / "absent.toml")
    with pytest.raises(ScenarioError, match="one of battery_low"):
        load_scenario("nonsense")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="UTF-8"):
        load_scenario(binary)


def test_pulse_of_a_recording_that_is_too_short_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(WHOLE.replace("60", "120") + '[pulse]\nrecording = "heartpy/data"')
    with pytest.raises(RecordingError, match="wanted 120 s from second 0, got 24"):
        load_scenario(path)
