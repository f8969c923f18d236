"""A virtual band, put together: a scenario's wearer, the chips, the bus, the conductor and a lane."""

import hashlib
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bandsim.bus import I2cBus
from bandsim.chips import band_chips
from bandsim.conductor import Conductor
from bandsim.console import Console, ConsoleParts
from bandsim.errors import FirmwareError
from bandsim.firmware_cost import CostReading
from bandsim.firmware_reports import HeapReading
from bandsim.lane import Lane, LaneSettings
from bandsim.lane_radio import LaneRadio
from bandsim.lanes import open_lane
from bandsim.link_port import LinkPort
from bandsim.nor_flash import DEFAULT_SECTORS, SECTOR_BYTES, NorFlash
from bandsim.pins import SECURE_PIN, Pins
from bandsim.randomness import Randomness
from bandsim.scenario import Scenario
from vitalband.errors import LocalError

ReportT = TypeVar("ReportT", HeapReading, CostReading)

FLASH_FILE = "flash.bin"
LEAST_FLASH_KB = 44
"""What a journal wants (`journal.sectors.LEAST_SECTORS`)."""
FLASH_KB = DEFAULT_SECTORS * SECTOR_BYTES // 1024
"""What boards have, and the most that their firmware uses (`boards.virtual.JOURNAL_SECTORS`)."""

REPORT_TIMEOUT_S = 120.0
"""Virtual time within which a firmware must have waited once: no wait of the boards is longer than 60 s."""


@dataclass(frozen=True, kw_only=True)
class BandSettings:
    """How a virtual band runs, beside its scenario.

    `start_tick_ms` is the tick at every boot; `error_ppm` how much too fast the chips' oscillators run, and
    `clock_error_ppm` the band's own. A named `state_dir` of the lane keeps the flash too, as `flash.bin`;
    `flash_kb` is its size, whole sectors of 4 KB.
    `cycles_per_instruction` makes instructions cost time, on a lane that counts them; 0: none.
    With `demands_secure` the band takes part in secure sessions only.
    """

    lane: LaneSettings = field(default_factory=LaneSettings)
    start_tick_ms: int = 0
    error_ppm: float = 0.0
    clock_error_ppm: float = 0.0
    flash_kb: int = FLASH_KB
    cycles_per_instruction: float = 0.0
    demands_secure: bool = False


class VirtualBand:
    """Runs when asked to only, on the lane of the settings or one that is given; a process of its own that
    `close` (or the collector) ends. Without a `radio` its firmware finds none.
    """

    def __init__(
        self,
        scenario: Scenario,
        settings: BandSettings | None = None,
        *,
        lane: Lane | None = None,
        link: LinkPort | None = None,
        radio: LaneRadio | None = None,
    ) -> None:
        settings = settings or BandSettings()
        self.scenario = scenario
        self.end_us = round(scenario.duration_s * 1_000_000)
        bus = I2cBus(band_chips(scenario.stimulus, seed=scenario.seed, error_ppm=settings.error_ppm))
        pins = Pins()
        pins.hold_low(SECURE_PIN, settings.demands_secure, now_us=0)
        self.link = link or LinkPort(scenario.seed)
        lane = lane or open_lane(scenario.board, settings.lane)
        self._finalizer = weakref.finalize(self, lane.remove)
        self.conductor = Conductor(
            lane,
            bus,
            pins,
            self.link,
            flash=_flash_of(settings),
            radio=radio,
            randomness=_randomness_of(scenario, settings),
            name=f"sim:{scenario.name}",
            unique_id=unique_id_of(scenario),
            start_tick_ms=settings.start_tick_ms,
            clock_error_ppm=settings.clock_error_ppm,
            cycles_per_instruction=settings.cycles_per_instruction,
        )
        self.console = Console(ConsoleParts(self.conductor, bus, pins, self.link, scenario.stimulus))
        for action in scenario.actions:
            due_us = round(action.t_s * 1_000_000)
            self.conductor.timeline.at(due_us, partial(self.console.perform, action))

    @property
    def now_us(self) -> int:
        """Virtual time since the band was first switched on."""
        return self.conductor.now_us

    @property
    def is_at_end(self) -> bool:
        """Whether the scenario is over."""
        return self.now_us >= self.end_us

    def start(self) -> None:
        """Switch the band on; without effect when it is."""
        if not self._finalizer.alive:
            raise FirmwareError(f"{self.conductor.name} was closed")
        self.conductor.start()

    def run_for(self, duration_s: float) -> None:
        """Let virtual time pass; raises FirmwareError."""
        self.start()
        self.conductor.run_until(self.now_us + round(duration_s * 1_000_000))

    def measure_heap(self, *, collect: bool = False) -> HeapReading:
        """Run until the firmware has waited and reported its heap; raises FirmwareError."""
        self.conductor.reports.want_heap(collect=collect)
        return self._run_until_new(lambda: self.conductor.reports.heap)

    def measure_cost(self) -> CostReading:
        """The same for its cost, on a lane that counts instructions."""
        self.conductor.reports.want_cost()
        return self._run_until_new(lambda: self.conductor.reports.cost)

    def _run_until_new(self, report: Callable[[], ReportT | None]) -> ReportT:
        before = report()
        limit_us = self.now_us + round(REPORT_TIMEOUT_S * 1_000_000)
        self.start()
        while report() is before and self.now_us < limit_us:
            self._run_on(limit_us)
        new = report()
        if new is None or new is before:
            raise FirmwareError(f"{self.conductor.name}: no wait within {REPORT_TIMEOUT_S} s of virtual time")
        return new

    def _run_on(self, limit_us: int) -> None:
        """Run to the firmware's next wake, which is `limit_us` at the latest."""
        self.conductor.run_until(max(self.now_us, min(limit_us, self.conductor.next_wake_us())))

    def stop(self) -> None:
        """Switch the band off; its state stays, and `start` boots it again."""
        self.conductor.stop()

    def close(self) -> None:
        """Switch the band off for good and remove its temporary files; may be called twice."""
        self.conductor.stop()
        self._finalizer()

    def __enter__(self) -> "VirtualBand":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _flash_of(settings: BandSettings) -> NorFlash:
    sectors, rest = divmod(settings.flash_kb * 1024, SECTOR_BYTES)
    if rest or not LEAST_FLASH_KB <= settings.flash_kb <= FLASH_KB:
        raise LocalError(
            f"wanted {LEAST_FLASH_KB} to {FLASH_KB} KB of flash in steps of {SECTOR_BYTES // 1024}, "
            f"got {settings.flash_kb}"
        )
    state_dir = settings.lane.state_dir
    if state_dir is None:
        return NorFlash(sectors)
    state_dir.mkdir(parents=True, exist_ok=True)
    try:
        return NorFlash(sectors, state_dir / FLASH_FILE)
    except ValueError as error:
        raise LocalError(str(error)) from error


def _randomness_of(scenario: Scenario, settings: BandSettings) -> Randomness:
    seed = f"{scenario.name} {scenario.seed}" if scenario.is_repeatable else None
    return Randomness(seed, settings.lane.state_dir)


def unique_id_of(scenario: Scenario) -> bytes:
    """Give the eight bytes by which the band knows itself: the same for the same scenario and seed."""
    return hashlib.sha256(f"vitalband virtual {scenario.name} {scenario.seed}".encode()).digest()[:8]
