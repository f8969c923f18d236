"""A host that takes from a virtual band all that it sends."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bandschema.enums import StreamId
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from vitalband import Band

STREAMS = tuple(StreamId)
"""The raw streams that there are."""

SCENARIO = "rest"
VIRTUAL_S = 3600.0
"""What the benchmarks run, and for how long."""

AGREE_S = 5.0
"""Virtual seconds within which the band has taken the press of its button."""

_MARGIN_S = 60.0


def virtual_band_of(scenario: str, virtual_s: float, settings: LaneSettings | None = None) -> VirtualBand:
    """Make a band whose scenario lasts for `virtual_s` virtual seconds, and a little longer."""
    lasting = load_scenario(scenario, duration_s=virtual_s + _MARGIN_S)
    return VirtualBand(lasting, BandSettings(lane=settings or LaneSettings()))


@asynccontextmanager
async def streaming_band(virtual_band: VirtualBand, streams: tuple[StreamId, ...]) -> AsyncIterator[Band]:
    """Connect, agree for the wearer, and take vitals and every chunk of `streams`; close at the end.

    Raises what taking them raised, when nothing else went wrong before.
    """
    with virtual_band:
        async with Band.open(f"sim:{virtual_band.scenario.name}", band=virtual_band) as band:
            virtual_band.console.agree()
            await band.run_for(AGREE_S)
            async with _taking([band.vitals(), *map(band.waveform, streams)]):
                yield band


@asynccontextmanager
async def _taking(all_items: Sequence[AsyncIterator[object]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_discard(items)) for items in all_items]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _discard(items: AsyncIterator[object]) -> None:
    async for _ in items:
        pass
