"""The interval between beats of a whole engine: shown where the spectrum tells the same rate."""

import pytest

from bandwire.catalogue import INDEX_HEART_RATE_BPM, INDEX_PULSE_INTERVAL_MS, INDEX_RMSSD_MS
from bandwire.frames import (
    CAUSE_NONE,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    VALIDITY_LOW_QUALITY,
    VALIDITY_VALID,
)
from dsp.fitted import BEATS_AGREE_PERCENT
from firmware.vitals.signals import MOTION_PER_STEP, OPTICAL_PER_STEP, Host, Reading, wearer


def life(duration_s: int = 40) -> list[tuple[Host, Reading]]:
    """An engine after each step, with its interval."""
    light, moves = wearer(72, duration_s=duration_s, noise_counts=2.0)
    host = Host()
    found: list[tuple[Host, Reading]] = []
    for step in range(len(light) // OPTICAL_PER_STEP):
        host.step(
            light[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP],
            moves[step * MOTION_PER_STEP : (step + 1) * MOTION_PER_STEP],
        )
        found.append((host, host.reading(INDEX_PULSE_INTERVAL_MS)))
    return found


def test_until_there_is_a_spectrum_an_interval_is_in_doubt() -> None:
    readings = [reading for _, reading in life(20)]
    doubted = [reading for reading in readings if reading.validity == VALIDITY_LOW_QUALITY]
    assert [(reading.cause, reading.quality) for reading in doubted] == [(CAUSE_STARTING, 0)]
    assert readings[-1].validity == VALIDITY_VALID
    assert readings[-1].raw == pytest.approx(60_000 / 72, rel=0.05)


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_interval_is_shown_within_the_fitted_share_of_the_spectrums_rate(sign: int) -> None:
    host, reading = life()[-1]
    assert (reading.validity, reading.cause) == (VALIDITY_VALID, CAUSE_NONE)
    beats = host.vitals.beats
    near, far = BEATS_AGREE_PERCENT - 1, BEATS_AGREE_PERCENT + 1
    for percent, validity, cause in (
        (near, VALIDITY_VALID, CAUSE_NONE),
        (far, VALIDITY_LOW_QUALITY, CAUSE_WEAK_SIGNAL),
    ):
        rate_tenths = round(600_000 / reading.raw / (1 + sign * percent / 100))
        beats._report_interval(False, 90, rate_tenths)
        told = host.reading(INDEX_PULSE_INTERVAL_MS)
        assert (told.raw, told.validity, told.cause) == (reading.raw, validity, cause)
        assert told.quality == pytest.approx(90 - percent, abs=1)


def test_the_value_in_doubt_does_not_take_the_others_along() -> None:
    host, _ = life(70)[-1]
    host.vitals.beats._report_interval(False, 90, 200)
    assert host.reading(INDEX_PULSE_INTERVAL_MS).validity == VALIDITY_LOW_QUALITY
    assert host.reading(INDEX_HEART_RATE_BPM).validity == VALIDITY_VALID
    assert host.reading(INDEX_RMSSD_MS).validity == VALIDITY_VALID
