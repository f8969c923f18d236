"""Whole bands for the tests: the real firmware on MicroPython, chip models, conductor, link and SDK.

Everything runs in virtual time: what a test does happens at a stated second of the band's life, and nothing
depends on how fast the machine is.
"""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from bandsim.console import Console
from bandsim.lane import LaneSettings, find_firmware
from bandsim.lanes import default_kind
from bandsim.scenario import Scenario, load_scenario
from bandsim.stimulus import Stimulus, Truth
from bandsim.virtual_band import BandSettings, VirtualBand
from m4.tool_chain import build_changed_image
from vitalband import (
    Band,
    BandError,
    BandEvent,
    ConsentAction,
    ConsentChange,
    EventKind,
    LinkStatistics,
    Subscription,
    VitalsUpdate,
)
from vitalband.values import EventItem

ResultT = TypeVar("ResultT")
Parameters = ParamSpec("Parameters")

HANG_LIMIT_S = 240.0
"""Wall-clock end of a test that hangs; no claim rests on it."""

REST_TOML = """
description = "Somebody sits still."
seed = 5
{head}
[[segments]]
duration_s = {duration_s}
{segment}
"""

CHIPS = ("max30101", "lsm6dso", "tmp117", "ssd1306", "max17048")


@dataclass
class Carrier:
    """How hosts of this process reach their bands: over a line, or the air."""

    is_air: bool = False
    new_band: Callable[[Scenario, BandSettings | None], VirtualBand] = VirtualBand


carrier = Carrier()
"""As `--carrier` says (`conftest.py`)."""


def new_band(scenario: Scenario, settings: BandSettings | None = None) -> VirtualBand:
    """A band that is there before its host, to be given to `Band.open("sim:...", band=...)`."""
    return carrier.new_band(scenario, settings)


no_band = pytest.mark.one_lane(reason="no firmware runs")


def kept_by_lane(function: Callable[Parameters, ResultT]) -> Callable[Parameters, ResultT]:
    """As `functools.cache`, for each lane apart."""
    results = cache(lambda _kind, *arguments, **options: function(*arguments, **options))

    @wraps(function)
    def call(*arguments: Parameters.args, **options: Parameters.kwargs) -> ResultT:
        return results(default_kind(), *arguments, **options)

    return call


def play(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a coroutine to its end."""
    return asyncio.run(asyncio.wait_for(work, HANG_LIMIT_S))


def rest_file(folder: Path, *, head: str = "", segment: str = "", duration_s: float = 7200) -> str:
    """Write a scenario of rest; gives its URL. `head` and `segment` are lines of TOML."""
    path = folder / "rest_here.toml"
    path.write_text(REST_TOML.format(head=head, segment=segment, duration_s=duration_s))
    return f"sim:{path}"


def unconsented(folder: Path, **options: Any) -> str:
    """As `rest_file`, of somebody who presses nothing."""
    return rest_file(folder, head="consents = false", **options)


def console_of(band: Band) -> Console:
    """The test console of a simulated band."""
    console = band.transport.console  # type: ignore[attr-defined]
    assert isinstance(console, Console)
    return console


def lane_with_change(folder: Path, file: str, old: str, new: str) -> LaneSettings:
    """A lane of the kind under test with a firmware in which one place of one file says something else."""
    source = find_firmware()
    text = (source / file).read_text()
    assert text.count(old) == 1, f"wanted one {old!r} in {file}"
    changed = text.replace(old, new)
    if default_kind() == "m4":
        return LaneSettings(image=build_changed_image(folder, file, changed))
    copy = folder / "firmware"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / file).write_text(changed)
    return LaneSettings(firmware_dir=copy)


@dataclass(frozen=True)
class Moment:
    """One vitals update, when it came, and what was true then."""

    t_s: float
    update: VitalsUpdate
    truth: Truth


@dataclass(frozen=True)
class Life:
    """What one run of a band gave."""

    moments: list[Moment]
    events: list[tuple[float, EventItem]]
    statistics: LinkStatistics
    stimulus: Stimulus

    def between(self, start_s: float, end_s: float) -> list[Moment]:
        """The updates of a time of the band's life."""
        return [moment for moment in self.moments if start_s <= moment.t_s < end_s]

    def of_kind(self, kind: EventKind) -> list[tuple[float, BandEvent]]:
        """Events of one kind with their times."""
        return [(t_s, e) for t_s, e in self.events if isinstance(e, BandEvent) and e.event == kind]

    def errors(self, name: str, start_s: float, end_s: float, window_s: int) -> list[float]:
        """Valid values of a reading less the true mean over the window that it looks back on."""
        readings = [(moment.t_s, moment.update[name]) for moment in self.between(start_s, end_s)]
        return [
            reading.value - self.mean_truth(name, t_s, window_s)
            for t_s, reading in readings
            if reading.is_valid and reading.value is not None
        ]

    def coverage(self, name: str, start_s: float, end_s: float) -> float:
        """Share of the updates of a time in which a reading is valid."""
        moments = self.between(start_s, end_s)
        return sum(moment.update[name].is_valid for moment in moments) / len(moments)

    def share(self, name: str, value: float, start_s: float, end_s: float) -> float:
        """Share of the updates of a time in which a reading is valid and has a value."""
        moments = self.between(start_s, end_s)
        return sum(m.update[name].is_valid and m.update[name].value == value for m in moments) / len(moments)

    def consent_records(self) -> list[tuple[float, ConsentChange]]:
        """Records of consent with their times, of starts too."""
        return [(t_s, e) for t_s, e in self.events if isinstance(e, ConsentChange)]

    def consents(self) -> list[tuple[float, ConsentChange]]:
        """Changes of consent with their times."""
        return [(t_s, e) for t_s, e in self.consent_records() if e.action != ConsentAction.IN_FORCE]

    def mean_truth(self, name: str, end_s: float, window_s: int) -> float:
        """A true value, averaged over the window that a reading looks back on."""
        values = [getattr(self.stimulus.truth(end_s - back_s), name) for back_s in range(window_s)]
        return sum(values) / len(values)


Deed = tuple[float, Callable[[Console], object]]
"""A second of the band's life, and what is done to the band then."""


def live(url: str, seconds: float, deeds: Sequence[Deed] = (), **options: Any) -> Life:
    """Let a band live for so long with a host that listens, doing `deeds` to it on the way."""
    return play(_live(url, seconds, deeds, options))


@kept_by_lane
def scenario_life(name: str, seconds: float | None = None) -> Life:
    """A built-in scenario, lived through once for all tests of a process: almost to its end, or so far."""
    return live(f"sim:{name}", load_scenario(name).duration_s - 1.0 if seconds is None else seconds)


async def _live(url: str, seconds: float, deeds: Sequence[Deed], options: dict[str, Any]) -> Life:
    band = Band.open(url, **options)
    console = console_of(band)
    for at_s, deed in deeds:
        console.conductor.timeline.at(round(at_s * 1e6), lambda deed=deed: deed(console))
    moments: list[Moment] = []
    events: list[tuple[float, EventItem]] = []
    async with band:
        listeners = [
            asyncio.create_task(_follow_vitals(band, moments)),
            asyncio.create_task(_follow_events(band, events)),
        ]
        await band.run_for(seconds - console.now_s)
        statistics = band.statistics
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
    return Life(moments, events, statistics, console.stimulus)


async def _follow_vitals(band: Band, moments: list[Moment]) -> None:
    console = console_of(band)
    async with band.vitals() as updates:
        async for update in updates:
            assert isinstance(update, VitalsUpdate)
            moments.append(Moment(console.now_s, update, console.truth()))


async def _follow_events(band: Band, events: list[tuple[float, EventItem]]) -> None:
    console = console_of(band)
    async with band.events() as items:
        async for item in items:
            events.append((console.now_s, item))


class Gathering:
    """Takes in all that an iterator gives, in a task of its own; `error` is what ended it, if anything."""

    def __init__(self, items: Subscription[Any]) -> None:
        self.items: list[Any] = []
        self.error: BandError | None = None
        self._subscription = items
        self._task = asyncio.create_task(self._gather())

    async def _gather(self) -> None:
        try:
            async for item in self._subscription:
                self.items.append(item)
        except BandError as error:
            self.error = error

    async def whole(self) -> list[Any]:
        """Wait for the end of the iterator, and give what came."""
        await self._task
        return self.items

    async def stop(self) -> list[Any]:
        """Stop, and give what came."""
        await self._subscription.aclose()
        await self._task
        return self.items


def mean_size(errors: Sequence[float]) -> float:
    """Mean absolute error."""
    assert errors
    return sum(abs(error) for error in errors) / len(errors)


async def next_update(band: Band) -> VitalsUpdate:
    """The next vitals update."""
    async with band.vitals() as updates:
        update = await anext(updates)
    assert isinstance(update, VitalsUpdate)
    return update
