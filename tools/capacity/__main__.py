"""`python -m capacity`: the band of the unix lane records each profile; prints how long its flash lasts.

What a sector takes beside frames is in it, and the sectors that are kept erased are not.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from vitalband import Band, StreamId

_SCENARIO = "walk"
_BEGIN_S = 120.0
_LAST_S = 720.0
_KEY_SECTORS = 1
_ERASED_SECTORS = 4
_HANG_LIMIT_S = 900.0


@dataclass(frozen=True)
class Profile:
    """What is recorded; without `has_host` nobody is connected, and vital signs go in runs of 64 updates."""

    name: str
    streams: tuple[StreamId, ...] = ()
    has_host: bool = True


PROFILES = (
    Profile("vitals, no host", has_host=False),
    Profile("vitals, a host that takes each update"),
    Profile("and raw light", (StreamId.OPTICAL,)),
    Profile("and raw motion", (StreamId.MOTION,)),
    Profile("and both", (StreamId.OPTICAL, StreamId.MOTION)),
)


def bytes_per_hour(profile: Profile) -> float:
    """Bytes that the band programs in an hour of a profile, by ten minutes of it."""
    with VirtualBand(load_scenario(_SCENARIO, duration_s=_LAST_S + 60.0), BandSettings()) as band:
        return asyncio.run(asyncio.wait_for(_measure(profile, band), _HANG_LIMIT_S))


async def _measure(profile: Profile, band: VirtualBand) -> float:
    if not profile.has_host:
        band.start()
        band.run_for(_BEGIN_S)
        before = _programmed_bytes(band)
        band.run_for(_LAST_S - _BEGIN_S)
        return (_programmed_bytes(band) - before) * 3600 / (_LAST_S - _BEGIN_S)
    async with AsyncExitStack() as held:
        host = await held.enter_async_context(Band.open("sim:", band=band))
        vitals = await held.enter_async_context(host.vitals())
        await anext(vitals)
        for stream in profile.streams:
            await held.enter_async_context(host.waveform(stream))
        while band.now_us < _BEGIN_S * 1e6:
            await anext(vitals)
        begin_us, before = band.now_us, _programmed_bytes(band)
        while band.now_us < _LAST_S * 1e6:
            await anext(vitals)
        return (_programmed_bytes(band) - before) * 3600e6 / (band.now_us - begin_us)


def _programmed_bytes(band: VirtualBand) -> int:
    return sum(wear.programmed_bytes for wear in band.conductor.flash.wear)


def main(_arguments: Sequence[str] | None = None) -> int:
    """Print a line for each profile."""
    print("| recorded | KB an hour | hours in 1 MB |")
    print("|---|---:|---:|")
    for profile in PROFILES:
        rate = bytes_per_hour(profile)
        room = (256 - _KEY_SECTORS - _ERASED_SECTORS) * 4096
        print(f"| {profile.name} | {rate / 1024:.0f} | {room / rate:.1f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
