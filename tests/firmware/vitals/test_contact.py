"""What light, thermometer and stillness each say of contact, and who wins."""

import numpy as np
import pytest

from bandwire.catalogue import INDEX_HEART_RATE_BPM, INDEX_SKIN_TEMPERATURE_C, INDEX_STEPS
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CONTACT_OFF_WRIST,
    CONTACT_ON_WRIST,
    CONTACT_UNKNOWN,
    CONTACT_WEAK,
    NO_VALUE,
    PART_THERMOMETER,
    VALIDITY_VALID,
)
from firmware.vitals.signals import MOTION_PER_STEP, OPTICAL_PER_STEP, Counts, Host, wearer
from vitals.contact import Cooling

STILL = np.tile([0, 0, 8192], (MOTION_PER_STEP, 1))
SHAKEN = STILL + np.round(3000 * np.sin(np.arange(MOTION_PER_STEP)))[:, None].astype(np.int64)
MINUTE = 30

PULSE, _ = wearer(70, duration_s=600)
PALE = np.round(150_000 + 15 * np.random.default_rng(2).standard_normal((15_000, 3))).astype(np.int64)
DARK = np.full((15_000, 3), 3000)


class Wrist:
    """A band whose light, pad and movement are given step by step."""

    def __init__(self) -> None:
        self.host = Host()
        self.steps = 0

    def live(
        self, minutes: float, light: Counts, pad_c: tuple[float, float] | None, moves: Counts = STILL
    ) -> int:
        """Contact after so many minutes; the pad runs from one temperature to the other, None: no reading."""
        count = round(minutes * MINUTE)
        for step in range(count):
            if pad_c is not None:
                warm_c = pad_c[0] + (pad_c[1] - pad_c[0]) * (step + 1) / count
                self.host.vitals.on_skin_temperature(round(warm_c * 128))
            start = OPTICAL_PER_STEP * (self.steps % 300)
            self.host.step(light[start : start + OPTICAL_PER_STEP], moves)
            self.steps += 1
        return self.host.table.contact


@pytest.mark.parametrize(
    ("light", "by_light", "cooled"),
    [
        (PULSE, CONTACT_ON_WRIST, CONTACT_UNKNOWN),
        (PALE, CONTACT_WEAK, CONTACT_OFF_WRIST),
        (DARK, CONTACT_OFF_WRIST, CONTACT_OFF_WRIST),
    ],
    ids=["pulse", "pale", "dark"],
)
def test_a_pad_that_cooled_in_stillness_overrules_light_but_for_darkness(light, by_light, cooled) -> None:
    wrist = Wrist()
    assert wrist.live(1, light, (33.0, 33.0)) == by_light
    assert wrist.live(4, light, (33.0, 24.0)) == cooled
    # It stays so at the room's temperature, however long.
    assert wrist.live(8, light, (24.0, 24.0)) == cooled


def test_darkness_is_off_at_once_whatever_the_pad_says() -> None:
    wrist = Wrist()
    wrist.live(1, PULSE, (33.0, 33.0))
    assert wrist.live(1 / MINUTE, DARK, (33.0, 33.0)) == CONTACT_OFF_WRIST


def test_where_light_and_pad_disagree_nothing_of_the_wearer_is_told() -> None:
    wrist = Wrist()
    wrist.live(1, PULSE, (33.0, 33.0))
    wrist.live(4, PULSE, (33.0, 24.0))
    for index in (INDEX_HEART_RATE_BPM, INDEX_SKIN_TEMPERATURE_C):
        assert wrist.host.reading(index).cause == CAUSE_LOW_CONFIDENCE
        assert wrist.host.reading(index).raw == NO_VALUE
    assert wrist.host.reading(INDEX_STEPS).validity == VALIDITY_VALID


@pytest.mark.parametrize("light", [PULSE, PALE], ids=["pulse", "pale"])
def test_movement_and_warmth_each_give_the_light_its_say_again(light: Counts) -> None:
    by_light = Wrist().live(1, light, (33.0, 33.0))
    for pad_c, moves in (((24.0, 24.0), SHAKEN), ((24.0, 26.0), STILL)):
        wrist = Wrist()
        wrist.live(1, light, (33.0, 33.0))
        assert wrist.live(4, light, (33.0, 24.0)) != by_light
        assert wrist.live(1, light, pad_c, moves) == by_light


@pytest.mark.parametrize(
    ("pad_c", "moves"),
    [((33.0, 32.0), STILL), ((33.0, 24.0), SHAKEN), (None, STILL)],
    ids=["slow", "moving", "no thermometer"],
)
def test_slow_cooling_movement_and_no_thermometer_leave_it_to_the_light(pad_c, moves) -> None:
    wrist = Wrist()
    assert wrist.live(5, PALE, pad_c, moves) == CONTACT_WEAK


def test_a_sleeper_whose_arm_cools_slowly_stays_worn() -> None:
    wrist = Wrist()
    wrist.live(1, PULSE, (35.0, 35.0))
    # A quarter of a degree a minute: five degrees in all.
    for minute in range(20):
        start_c = 35.0 - minute / 4
        assert wrist.live(1, PULSE, (start_c, start_c - 0.25)) == CONTACT_ON_WRIST


def test_a_thermometer_with_a_fault_has_no_say() -> None:
    wrist = Wrist()
    wrist.live(1, PALE, (33.0, 33.0))
    wrist.live(4, PALE, (33.0, 24.0))
    wrist.host.vitals.on_fault(PART_THERMOMETER, True)
    assert wrist.live(1 / MINUTE, PALE, None) == CONTACT_WEAK


def test_cooling_without_stillness_is_found_once_the_band_has_lain_still_for_three_minutes() -> None:
    cooling, found = Cooling(), []
    for step in range(120):
        cooling.update(max(3300 - 30 * step, 2400), step >= 10)
        found.append(cooling.is_found)
    assert found.index(True) == 10 + 89
