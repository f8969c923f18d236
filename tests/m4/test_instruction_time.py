"""Instructions that cost time: the readings are those of the conductor's time, a little later."""

import asyncio
import secrets
from dataclasses import dataclass, replace
from functools import cache

import pytest

from bandschema.enums import Cause, Reading, Validity
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.stimulus import ConsoleAction
from bandsim.virtual_band import BandSettings, VirtualBand
from kept import keep_received
from m4.tool_chain import need_image
from vitalband import Band, VitalsUpdate

HANG_LIMIT_S = 250.0
"""Wall-clock end of a run that hangs; no claim rests on it."""

UPDATES = 45
CYCLES = 2
"""Of an instruction, where instructions cost time."""
AGREES_AT_S = 6.0
"""When the wearer begins to answer: until then the band has told its host, over 2 s, what it is. A hand that
finds it busy waits for its display, and all that follows is as much later.
"""

MOST_MS_LATE = 100
"""Of a frame's tick: what reading both sensors takes when it falls into the same pass, before the step."""

MOST_MS_EARLY = 20
"""The release that agrees, from which all counts, is stamped with the start of the pass that saw it. Where
computing takes time the pass may have begun before it; of a held button passes begin 20 ms apart
(`tasks.button`).
"""

MOST_STEPS_APART = 1
"""A window that is full by a sample more or less begins its reading a step earlier or later."""

TOLERANCES = {
    Reading.HEART_RATE_BPM: 0.5,
    Reading.PULSE_INTERVAL_MS: 25,
    Reading.RMSSD_MS: 1,
    Reading.PULSE_SHAPE_INDEX: 2.5,
    Reading.RESPIRATORY_RATE_BPM: 0.5,
    Reading.SPO2_PERCENT: 1.4,
    Reading.SKIN_TEMPERATURE_C: 0.03,
    Reading.CORE_TEMPERATURE_ESTIMATE_C: 0.03,
    Reading.ENMO_MG: 2,
}
"""Sensors begin to sample when their driver starts them, which computing puts off by some milliseconds: each
sample is of the same pulse, with the same noise, that much later. Oxygen differed by 1.1 % at most, the mean
interval of a step by 14 ms, where a beat fell into the next one; where a beat falls between two samples
moves the index of its shape by a tenth. Readings not named here are equal.
"""


@dataclass(frozen=True)
class Life:
    """What a host got of a band, and how many instructions the firmware took."""

    received: bytes
    updates: list[VitalsUpdate]
    instructions: int


@pytest.fixture(autouse=True)
def _image(monkeypatch: pytest.MonkeyPatch) -> None:
    need_image()
    # With a seed the host's nonces are the only thing in a run that differs from another.
    monkeypatch.setattr(secrets, "token_bytes", bytes)


def live(scenario: str, cycles_per_instruction: int = 0) -> Life:
    """Take some updates of the vital signs, of a band that draws its random bytes by the scenario's seed."""
    lane = LaneSettings(kind="m4", counts_instructions=cycles_per_instruction > 0)
    settings = BandSettings(lane=lane, cycles_per_instruction=cycles_per_instruction)
    agrees = ConsoleAction(t_s=AGREES_AT_S, name="agree")
    worn = replace(load_scenario(scenario), is_repeatable=True, actions=(agrees,))

    async def take() -> Life:
        with VirtualBand(worn, settings) as virtual:
            band = Band.open("sim+m4:", band=virtual)
            received = keep_received(band.transport)
            async with band, band.vitals() as vitals:
                updates = [await anext(vitals) for _ in range(UPDATES)]
        return Life(bytes(received), updates, virtual.conductor.counters.instructions)

    return asyncio.run(asyncio.wait_for(take(), HANG_LIMIT_S))


@cache
def timed_life(scenario: str) -> Life:
    """A life in which instructions cost time, lived once."""
    return live(scenario, CYCLES)


def changes(updates: list[VitalsUpdate], kind: Reading) -> list[tuple[int, tuple[Validity, Cause]]]:
    """The steps in which validity or cause of a reading changed, and to what."""
    states = [(update.readings[kind].validity, update.readings[kind].cause) for update in updates]
    return [(step, state) for step, state in enumerate(states) if step == 0 or states[step - 1] != state]


@pytest.mark.timeout(HANG_LIMIT_S * 2)
@pytest.mark.parametrize("scenario", ["walk", "desaturation"])
def test_readings_are_valid_together_and_values_agree_within_a_sample(scenario: str) -> None:
    free, timed = live(scenario), timed_life(scenario)
    assert free.instructions == 0 < timed.instructions
    late_ms = [
        late.stamp.ticks_ms - early.stamp.ticks_ms
        for early, late in zip(free.updates, timed.updates, strict=True)
    ]
    assert -MOST_MS_EARLY <= min(late_ms) <= max(late_ms) <= MOST_MS_LATE
    for kind in free.updates[0].readings:
        early, late = changes(free.updates, kind), changes(timed.updates, kind)
        assert [state for _, state in early] == [state for _, state in late], kind
        for (step, _), (other, _) in zip(early, late, strict=True):
            assert abs(step - other) <= MOST_STEPS_APART, (kind, step, other)
    for before, after in zip(free.updates, timed.updates, strict=True):
        assert before.contact == after.contact
        for kind, reading in before.readings.items():
            value = after.readings[kind].value
            if value is not None and reading.value is not None:
                assert value == pytest.approx(reading.value, abs=TOLERANCES.get(kind, 0)), before.stamp


def test_two_lives_in_which_instructions_cost_time_are_the_same_to_the_byte() -> None:
    first = timed_life("walk")
    assert live("walk", CYCLES) == first
    assert len(first.received) > UPDATES * 100
