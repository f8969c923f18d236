"""One life of a virtual band with faults by seed, and what must be true of it at its end."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from soak.account import Account, account_for
from soak.hosts import Hosts
from soak.plan import KILLED_S, Plan, draw
from soak.truth import Truth
from vitalband import LinkStatistics, StreamId

STEP_MS = 2000
"""Between two updates of the readings."""

_REST_S = 120.0
"""After the last fault: whatever it was, the band is back by then."""
_HANG_LIMIT_S = 6 * 3600.0

PROFILES = {
    "light": ((), '[[segments]]\nduration_s = 3000\ncontact = "off"\n\n[[segments]]\nduration_s = 600\n'),
    "full": (
        (StreamId.OPTICAL,),
        "[[segments]]\nduration_s = 420\n\n"
        '[[segments]]\nduration_s = 180\ndoing = "walk"\nposture = "hanging"\ncadence_spm = [104, 112]\n',
    ),
}
"""What is recorded beside vitals, and an hour or ten minutes of the wearer's day, again and again. `light`:
the band lies on a table but for ten minutes of each hour. `full`: it is worn all the time."""
_CYCLE_S = {"light": 3600.0, "full": 600.0}


@dataclass
class Life:
    """What a life gave; `statistics` is the account of its last host, `in_turn` and `again` are frames that
    came to any host as they were made, or when asked for."""

    seed: int
    duration_s: float
    plan: Plan
    account: Account = field(default_factory=Account)
    statistics: LinkStatistics | None = None
    wall_s: float = 0.0
    restarts: int = 0
    kills: int = 0
    hosts: int = 0
    in_turn: int = 0
    again: int = 0
    endings: list[str] = field(default_factory=list[str])
    erases: int = 0
    written_bytes: int = 0

    def failures(self) -> list[str]:
        """Say what is not as it must be."""
        found = self.account.failures()
        statistics = self.statistics
        if statistics is None:
            return [*found, "no host came to its end"]
        balance = (
            statistics.received_frames
            + statistics.repaired_frames
            + statistics.dropped_on_band
            + statistics.missing_frames
        )
        if balance != statistics.assigned_frames:
            found.append(f"{statistics.assigned_frames} numbers assigned, {balance} accounted for")
        if statistics.missing_frames:
            found.append(f"{statistics.missing_frames} frames still missing")
        return found


def live(seed: int, duration_s: float, *, lane_kind: str, profile: str) -> Life:
    """Live so long by the plan of a seed, then fetch the rest and hold all against the truth."""
    streams, cycle = PROFILES[profile]
    life = Life(seed, duration_s, draw(seed, duration_s))
    began_s = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "soak.toml"
        cycles = round((duration_s + 3600) // _CYCLE_S[profile]) + 1
        path.write_text('description = "Soaked."\n' + cycle * cycles, encoding="utf-8")
        scenario = load_scenario(str(path), seed=seed)
        settings = BandSettings(lane=LaneSettings(kind=lane_kind), clock_error_ppm=life.plan.clock_error_ppm)
        with VirtualBand(scenario, settings) as band:
            truth = Truth(band)
            store = Path(folder) / "soak.vband"
            hosts = Hosts(band, store, streams)
            asyncio.run(asyncio.wait_for(_live(life, band, hosts), _HANG_LIMIT_S))
            end_us = round(duration_s * 1e6)
            life.account = account_for(
                truth.until(end_us), store, start_utc_us=scenario.start_utc_us, step_ms=STEP_MS
            )
            _note(life, band, hosts)
    life.wall_s = perf_counter() - began_s
    return life


async def _live(life: Life, band: VirtualBand, hosts: Hosts) -> None:
    life.plan.begin(band.console)
    for at_s in life.plan.kills_at_s:
        await hosts.run_until(at_s)
        await hosts.kill(KILLED_S)
    await hosts.run_until(life.duration_s)
    life.plan.end(band.console)
    await hosts.run_until(life.duration_s + _REST_S)
    life.statistics = await hosts.finish()


def _note(life: Life, band: VirtualBand, hosts: Hosts) -> None:
    life.restarts = band.conductor.counters.restarts
    life.kills, life.hosts, life.endings = hosts.kills, hosts.opened, hosts.failures
    life.in_turn, life.again = hosts.in_turn, hosts.again
    wear = band.conductor.flash.wear
    life.erases = sum(sector.erases for sector in wear)
    life.written_bytes = sum(sector.programmed_bytes for sector in wear)
