"""The work that is measured: a band that is worn, all vital signs on, and a host that takes them."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from unittest.mock import patch

from bandsim.firmware_cost import CostReading, TaskCost
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from vitalband import Band, StreamId
from vitalband.client import Subscription, VitalsItem

HANG_LIMIT_S = 900.0
"""Wall-clock end of a run that hangs."""

_LONGEST_S = 20.0
"""Of a stretch between two readings: no count of it comes near 2^30."""
_COUNT_MODULUS = 1 << 32


@dataclass(frozen=True)
class Work:
    """What a band does: `scenario`, with both raw streams or without, measured for `window_s` from `start_s`
    of virtual time on, after which start and first readings are over.
    """

    name: str
    scenario: str
    has_streams: bool = False
    start_s: float = 120.0
    window_s: float = 60.0


@dataclass(frozen=True)
class Cost:
    """What a stretch of work took, in instructions and bytes. `rest` of the instructions is of no task:
    waiting, finding what is due. Heap and stack: as in `CostReading`.
    """

    duration_s: float
    tasks: tuple[TaskCost, ...]
    rest: int
    collecting: int
    collections: int
    allocated_bytes: int
    most_used_bytes: int
    most_alive_bytes: int
    alive_bytes: int
    most_stack_bytes: int

    @property
    def instructions(self) -> int:
        """All of them."""
        return sum(task.instructions for task in self.tasks) + self.rest + self.collecting


def measure(work: Work, *, heap_bytes: int, collect_every_bytes: int = 0) -> Cost:
    """Run the work on the image. Each `collect_every_bytes` of allocation, when above 0, garbage is
    collected, so that the most alive is known that well.
    """
    lane = LaneSettings(
        kind="m4",
        counts_instructions=True,
        heap_bytes=heap_bytes,
        collect_every_bytes=collect_every_bytes,
    )
    lasts_s = work.start_s + work.window_s + _LONGEST_S
    scenario = replace(load_scenario(work.scenario, duration_s=lasts_s), is_repeatable=True)
    # A host's nonces are all that differs from run to run, and a collection may take them for addresses.
    with (
        patch.object(secrets, "token_bytes", bytes),
        VirtualBand(scenario, BandSettings(lane=lane)) as band,
    ):
        return asyncio.run(asyncio.wait_for(_measure(work, band), HANG_LIMIT_S))


async def live_until(work: Work, band: VirtualBand) -> None:
    """Do the work until its start, and have its cost reported there."""
    async with AsyncExitStack() as held:
        await _begin(work, band, held)
        band.measure_cost()


async def _begin(work: Work, band: VirtualBand, held: AsyncExitStack) -> Subscription[VitalsItem]:
    """Take what the work's host takes, until the work's start; give the vital signs."""
    host = await held.enter_async_context(Band.open("sim+m4:", band=band))
    vitals = await held.enter_async_context(host.vitals())
    await anext(vitals)
    if work.has_streams:
        for stream in (StreamId.OPTICAL, StreamId.MOTION):
            await held.enter_async_context(host.waveform(stream))
    while band.now_us < work.start_s * 1e6:
        await anext(vitals)
    return vitals


async def _measure(work: Work, band: VirtualBand) -> Cost:
    async with AsyncExitStack() as held:
        vitals = await _begin(work, band, held)
        readings = [band.measure_cost()]
        end_us = band.now_us + work.window_s * 1e6
        while band.now_us < end_us:
            await anext(vitals)
            if band.now_us >= min(end_us, readings[-1].now_us + _LONGEST_S * 1e6):
                readings.append(band.measure_cost())
    alive_bytes = band.measure_heap(collect=True).used_bytes
    return _cost_of(readings, alive_bytes)


def _cost_of(readings: list[CostReading], alive_bytes: int) -> Cost:
    first, last = readings[0], readings[-1]
    tasks: dict[str, TaskCost] = {}
    for reading in readings[1:]:
        for task in reading.tasks:
            tasks[task.name] = tasks[task.name] + task if task.name in tasks else task

    def passed(name: str) -> int:
        return (getattr(last, name) - getattr(first, name)) % _COUNT_MODULUS

    return Cost(
        duration_s=(last.now_us - first.now_us) / 1e6,
        tasks=tuple(tasks.values()),
        rest=passed("instructions") - sum(task.instructions for task in tasks.values()),
        collecting=passed("collecting_instructions"),
        collections=passed("collections"),
        allocated_bytes=passed("allocated_bytes"),
        most_used_bytes=max(reading.most_used_bytes for reading in readings),
        most_alive_bytes=max(alive_bytes, *(reading.most_alive_bytes for reading in readings)),
        alive_bytes=alive_bytes,
        most_stack_bytes=last.most_stack_bytes,
    )
