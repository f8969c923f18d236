"""The engine on recordings: other numbers of channels than a band's, light without a level, or none."""

from array import array

import numpy as np
import pytest

from bandwire.catalogue import INDEX_HEART_RATE_BPM, INDEX_SLEEP_STAGE, INDEX_SPO2_PERCENT
from bandwire.frames import (
    CAUSE_STALE,
    CAUSE_STARTING,
    CONTACT_OFF_WRIST,
    CONTACT_ON_WRIST,
    CONTACT_WEAK,
    VALIDITY_VALID,
)
from dsp.optical_stack import MAX30101, OpticalStack
from firmware.vitals.signals import MOTION_PER_STEP, OPTICAL_PER_STEP, Counts, Host, bare, wearer
from vitals.engine import Vitals

NOWHERE = -1


def recorded(channels: int, *, pulse: int, has_level: bool = True, has_oxygen: bool = False) -> Host:
    """A host for a recording of so many channels; `pulse` is the place of green."""
    host = Host()
    stack = OpticalStack(
        "max30101", 0 if has_oxygen else NOWHERE, 1 if has_oxygen else NOWHERE, pulse, NOWHERE, (pulse,),
        pulse if has_level else NOWHERE, MAX30101.oxygen_curve, MAX30101.off_below, MAX30101.on_above,
        channels, has_oxygen,
    )  # fmt: skip
    host.vitals = Vitals(stack, host.table)
    host.vitals.start()
    return host


def run(host: Host, light: Counts, moves: Counts) -> list[int]:
    """Contact after each step of 2 s."""
    contacts: list[int] = []
    for step in range(len(light) // OPTICAL_PER_STEP):
        host.step(
            light[step * OPTICAL_PER_STEP : (step + 1) * OPTICAL_PER_STEP],
            moves[step * MOTION_PER_STEP : (step + 1) * MOTION_PER_STEP],
        )
        contacts.append(host.table.contact)
    return contacts


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_heart_rate_is_the_same_wherever_green_is_among_the_channels(channels: int) -> None:
    light, still = wearer(66, duration_s=20)
    band, other = Host(), recorded(channels, pulse=channels - 1)
    run(band, light, still)
    filled = np.repeat(light[:, 2:], channels, axis=1)
    filled[:, : channels - 1] = 90_000
    run(other, filled, still)
    assert other.reading(INDEX_HEART_RATE_BPM).validity == VALIDITY_VALID
    assert other.reading(INDEX_HEART_RATE_BPM) == band.reading(INDEX_HEART_RATE_BPM)
    assert other.reading(INDEX_SPO2_PERCENT).cause == CAUSE_STARTING


def test_light_without_a_level_is_never_off_the_wrist_but_weak_when_flat_or_rough() -> None:
    light, still = wearer(66, duration_s=12)
    centred = light[:, 2:] - light[:, 2:].min() + 10
    assert run(recorded(1, pulse=0), centred, still)[-1] == CONTACT_OFF_WRIST
    assert run(recorded(1, pulse=0, has_level=False), centred, still)[-1] == CONTACT_ON_WRIST
    flat = np.full_like(centred, 500)
    assert run(recorded(1, pulse=0, has_level=False), flat, still)[-1] == CONTACT_WEAK
    assert run(recorded(1, pulse=0, has_level=False), bare(12)[:, :1], still)[-1] == CONTACT_WEAK


def test_a_recording_without_light_has_sleep_and_temperature_where_it_is_known_to_be_worn() -> None:
    still = wearer(62, duration_s=2)[1]
    known, unknown = Host(), Host()
    known.vitals.is_known_worn = True
    for _ in range(180):
        for host in (known, unknown):
            host.vitals.on_motion(array("h", still.ravel().tolist()), len(still))
            host.vitals.on_skin_temperature(33 * 128)
            host.vitals.step(0)
    assert known.reading(INDEX_SLEEP_STAGE).validity == VALIDITY_VALID
    assert unknown.reading(INDEX_SLEEP_STAGE).cause == CAUSE_STALE
    assert known.reading(INDEX_HEART_RATE_BPM).cause == CAUSE_STALE
