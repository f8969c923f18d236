"""What light, thermometer and stillness each say of contact, and who wins."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from bandsim.physiology import PhysiologyStimulus
from bandsim.physiology.segments import Ramp, Segment, course_of
from bandwire.catalogue import INDEX_HEART_RATE_BPM, INDEX_SKIN_TEMPERATURE_C, INDEX_STEPS
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CONTACT_OFF_WRIST,
    CONTACT_ON_WRIST,
    CONTACT_UNKNOWN,
    CONTACT_WEAK,
    NO_VALUE,
    VALIDITY_VALID,
)
from firmware.vitals.signals import (
    MOTION_PER_STEP,
    NO_PAD,
    OPTICAL_PER_STEP,
    PAD_FAULT,
    Counts,
    Step,
    on_band,
    wearer,
)
from vitals.contact import Cooling

STILL = np.tile([0, 0, 8192], (MOTION_PER_STEP, 1))
SHAKEN = STILL + np.round(3000 * np.sin(np.arange(MOTION_PER_STEP)))[:, None].astype(np.int64)
MINUTE = 30

PULSE, _ = wearer(70, duration_s=600)
PALE = np.round(150_000 + 15 * np.random.default_rng(2).standard_normal((15_000, 3))).astype(np.int64)
DARK = np.full((15_000, 3), 3000)


class Phase(NamedTuple):
    """So many minutes of light, pad and movement; the pad runs from one temperature to the other."""

    minutes: float
    light: Counts
    pad_c: tuple[float, float] | None
    moves: Counts = STILL
    has_fault: bool = False

    def pad(self) -> list[int]:
        """A reading of the pad for each step."""
        count = round(self.minutes * MINUTE)
        if self.has_fault or self.pad_c is None:
            return [PAD_FAULT if self.has_fault else NO_PAD] * count
        first_c, last_c = self.pad_c
        return [round((first_c + (last_c - first_c) * (step + 1) / count) * 128) for step in range(count)]


def lived(folder: Path, *phases: Phase) -> list[Step]:
    """How the band stands at the end of each phase, by its own interpreter."""
    light, moves, pad, ends = [], [], [], []
    for phase in phases:
        for reading in phase.pad():
            start = OPTICAL_PER_STEP * (len(pad) % 300)
            light.append(phase.light[start : start + OPTICAL_PER_STEP])
            moves.append(phase.moves)
            pad.append(reading)
        ends.append(len(pad) - 1)
    steps = on_band(folder, np.concatenate(light), np.concatenate(moves), pad=pad)
    return [steps[end] for end in ends]


def contacts(folder: Path, *phases: Phase) -> list[int]:
    """Contact at the end of each phase."""
    return [step.contact for step in lived(folder, *phases)]


@pytest.mark.parametrize(
    ("light", "by_light", "cooled"),
    [
        (PULSE, CONTACT_ON_WRIST, CONTACT_UNKNOWN),
        (PALE, CONTACT_WEAK, CONTACT_OFF_WRIST),
        (DARK, CONTACT_OFF_WRIST, CONTACT_OFF_WRIST),
    ],
    ids=["pulse", "pale", "dark"],
)
def test_a_pad_that_cooled_in_stillness_overrules_light_but_for_darkness(
    light, by_light, cooled, tmp_path
) -> None:
    cooling = Phase(1, light, (33.0, 33.0)), Phase(4, light, (33.0, 24.0))
    # It stays so at the room's temperature, however long.
    assert contacts(tmp_path, *cooling, Phase(8, light, (24.0, 24.0))) == [by_light, cooled, cooled]


def test_darkness_is_off_at_once_whatever_the_pad_says(tmp_path) -> None:
    dark = Phase(1 / MINUTE, DARK, (33.0, 33.0))
    assert contacts(tmp_path, Phase(1, PULSE, (33.0, 33.0)), dark)[-1] == CONTACT_OFF_WRIST


def test_where_light_and_pad_disagree_nothing_of_the_wearer_is_told(tmp_path) -> None:
    readings = lived(tmp_path, Phase(1, PULSE, (33.0, 33.0)), Phase(4, PULSE, (33.0, 24.0)))[-1].readings
    for index in (INDEX_HEART_RATE_BPM, INDEX_SKIN_TEMPERATURE_C):
        assert readings[index].cause == CAUSE_LOW_CONFIDENCE
        assert readings[index].raw == NO_VALUE
    assert readings[INDEX_STEPS].validity == VALIDITY_VALID


@pytest.mark.parametrize("light", [PULSE, PALE], ids=["pulse", "pale"])
def test_movement_and_warmth_each_give_the_light_its_say_again(light: Counts, tmp_path) -> None:
    for pad_c, moves in (((24.0, 24.0), SHAKEN), ((24.0, 26.0), STILL)):
        by_light, cooled, after = contacts(
            tmp_path,
            Phase(1, light, (33.0, 33.0)),
            Phase(4, light, (33.0, 24.0)),
            Phase(1, light, pad_c, moves),
        )
        assert cooled != by_light
        assert after == by_light


@pytest.mark.parametrize(
    ("pad_c", "moves"),
    [((33.0, 32.0), STILL), ((33.0, 24.0), SHAKEN), (None, STILL)],
    ids=["slow", "moving", "no thermometer"],
)
def test_slow_cooling_movement_and_no_thermometer_leave_it_to_the_light(pad_c, moves, tmp_path) -> None:
    assert contacts(tmp_path, Phase(5, PALE, pad_c, moves)) == [CONTACT_WEAK]


@pytest.mark.parametrize(("rate_bpm", "doing"), [(120.0, "still"), (205.0, "still"), (165.0, "run")])
def test_a_fast_heart_and_a_run_are_not_taken_for_noise(rate_bpm: float, doing: str, tmp_path) -> None:
    segment = Segment(duration_s=130.0, doing=doing, heart_rate_bpm=Ramp(rate_bpm, rate_bpm))
    course = course_of([segment], 1, battery_percent=Ramp(50.0, 49.0))
    light = np.round(PhysiologyStimulus(course, 1).optical(10.0, 3000, 25.0)).astype(np.int64)
    steps = [Phase(1 / MINUTE, light, None)] * 55
    assert set(contacts(tmp_path, Phase(0.1, light, None), *steps)) == {CONTACT_ON_WRIST}


def test_a_sleeper_whose_arm_cools_slowly_stays_worn(tmp_path) -> None:
    # A quarter of a degree a minute: five degrees in all.
    cooling = [Phase(1, PULSE, (35.0 - minute / 4, 34.75 - minute / 4)) for minute in range(20)]
    found = contacts(tmp_path, Phase(1, PULSE, (35.0, 35.0)), *cooling)
    assert found == [CONTACT_ON_WRIST] * 21


def test_a_thermometer_with_a_fault_has_no_say(tmp_path) -> None:
    cooled = Phase(1, PALE, (33.0, 33.0)), Phase(4, PALE, (33.0, 24.0))
    fault = Phase(1 / MINUTE, PALE, None, has_fault=True)
    assert contacts(tmp_path, *cooled, fault)[1:] == [CONTACT_OFF_WRIST, CONTACT_WEAK]


def test_cooling_without_stillness_is_found_once_the_band_has_lain_still_for_three_minutes() -> None:
    cooling, found = Cooling(), []
    for step in range(120):
        cooling.update(max(3300 - 30 * step, 2400), step >= 10)
        found.append(cooling.is_found)
    assert found.index(True) == 10 + 89
