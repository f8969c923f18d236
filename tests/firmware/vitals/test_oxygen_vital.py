"""The oxygen reading of a whole engine: calibrated range, perfusion, movement, a maker's own curve."""

import numpy as np
import pytest

from bandwire.catalogue import INDEX_SPO2_PERCENT
from bandwire.frames import (
    CAUSE_MOTION,
    CAUSE_NONE,
    CAUSE_OUT_OF_RANGE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    NO_VALUE,
    VALIDITY_LOW_QUALITY,
    VALIDITY_UNKNOWN,
    VALIDITY_VALID,
)
from dsp.oxygen_curve import OxygenCurve
from firmware.vitals.signals import MOTION_PER_STEP, OPTICAL_PER_STEP, Counts, Host, Reading, wearer


def readings_of(light: Counts, moves: Counts, host: Host | None = None) -> list[Reading]:
    """The oxygen reading after each step."""
    host = host or Host()
    found: list[Reading] = []
    for step in range(len(light) // OPTICAL_PER_STEP):
        host.step(
            light[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP],
            moves[step * MOTION_PER_STEP : (step + 1) * MOTION_PER_STEP],
        )
        found.append(host.reading(INDEX_SPO2_PERCENT))
    return found


def last_of(spo2_percent: float, **options: float) -> Reading:
    return readings_of(*wearer(75, duration_s=24, spo2_percent=spo2_percent, noise_counts=2.0, **options))[-1]


@pytest.mark.parametrize("spo2_percent", [70.5, 84.0, 99.0])
def test_within_the_calibrated_range_there_is_a_reading(spo2_percent: float) -> None:
    reading = last_of(spo2_percent)
    assert (reading.validity, reading.cause) == (VALIDITY_VALID, CAUSE_NONE)
    assert reading.raw == pytest.approx(10 * spo2_percent, abs=4)


def test_a_ratio_a_little_above_full_reads_full() -> None:
    reading = last_of(101.5)
    assert (reading.validity, reading.raw) == (VALIDITY_VALID, 1000)


@pytest.mark.parametrize(("spo2_percent", "raw"), [(62.0, 620), (106.0, 1000)])
def test_outside_the_calibrated_range_the_value_is_no_reading_and_says_so(
    spo2_percent: float, raw: int
) -> None:
    reading = last_of(spo2_percent)
    assert (reading.validity, reading.cause) == (VALIDITY_LOW_QUALITY, CAUSE_OUT_OF_RANGE)
    assert reading.raw == pytest.approx(raw, abs=6)
    assert reading.quality <= 30


def test_a_value_that_no_wearer_has_is_withheld() -> None:
    reading = last_of(40.0)
    assert (reading.raw, reading.validity, reading.cause) == (NO_VALUE, VALIDITY_UNKNOWN, CAUSE_OUT_OF_RANGE)


def test_a_pulse_too_faint_for_a_ratio_gives_none() -> None:
    light, still = wearer(75, duration_s=24, noise_counts=0.0)
    for channel in (0, 1):
        level = round(light[:, channel].mean())
        light[:, channel] = level + (light[:, channel] - level) // 100
    reading = readings_of(light, still)[-1]
    assert (reading.raw, reading.cause) == (NO_VALUE, CAUSE_WEAK_SIGNAL)


def test_movement_puts_the_reading_in_doubt_until_its_window_is_still_again() -> None:
    light, moves = wearer(75, duration_s=60)
    waving = slice(20 * 26, 24 * 26)
    moves[waving, 0] += np.round(4000 * np.sin(2 * np.pi * 2 * np.arange(4 * 26) / 26)).astype(np.int64)
    found = readings_of(light, moves)
    assert found[9].validity == VALIDITY_VALID
    for reading in found[10:15]:
        assert (reading.validity, reading.cause) == (VALIDITY_LOW_QUALITY, CAUSE_MOTION)
    assert found[-1].validity == VALIDITY_VALID


def test_a_first_value_comes_before_the_window_is_full_and_is_no_reading() -> None:
    found = readings_of(*wearer(75, duration_s=24))
    early = [reading for reading in found[:3] if reading.raw != NO_VALUE]
    assert early
    assert all((r.validity, r.cause) == (VALIDITY_LOW_QUALITY, CAUSE_STARTING) for r in early)
    assert found[4].validity == VALIDITY_VALID


def test_a_makers_own_curve_takes_the_place_of_the_stacks_and_is_trusted_more() -> None:
    light, still = wearer(75, duration_s=24, noise_counts=2.0)
    usual = readings_of(light, still)[-1]
    makers = readings_of(light, still, Host(curve=OxygenCurve(True, 1100, -250, 0, 300, 1400)))[-1]
    assert makers.raw == pytest.approx(1100 - 250 * (1121 - usual.raw) / 337, abs=2)
    assert usual.quality <= 60 < makers.quality


def test_a_makers_curve_may_cover_less() -> None:
    light, still = wearer(75, duration_s=24, spo2_percent=80.0)
    narrow = Host(curve=OxygenCurve(True, 1121, -337, 0, 300, 700))
    assert readings_of(light, still, narrow)[-1].cause == CAUSE_OUT_OF_RANGE
