"""One recording of a virtual band, and what it came to: what the tables measure by."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bandsim.console import Console
from bandsim.lane import LaneSettings
from bandsim.lanes import default_kind
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from bandwire.frames import HEADER_BYTES
from soak.hosts import AT_ONCE
from soak.truth import Truth
from vitalband import Band, BandError, LinkStatistics, StoreReader, StreamId

STREAMS = (StreamId.OPTICAL, StreamId.MOTION)
SCENARIO = "walk"
_TRIES = 10
"""Hosts that may follow each other until the store is whole: one leaves what was lost three times in turn."""
_SPARE_S = 3600.0


@dataclass(frozen=True)
class Recorded:
    """What a session of `seconds` gave. `statistics` are the first host's at its end; `made` frames of the
    band, of which `stored` were byte for byte in the store in the end, after `more_hosts`. Link bytes are
    of the session and what followed, payload bytes of stored frames without their header."""

    seconds: float
    statistics: LinkStatistics
    in_turn: int
    made: int
    stored: int
    more_hosts: int
    stored_bytes: int
    payload_bytes: int
    band_bytes: int
    host_bytes: int

    @property
    def lost_share(self) -> float:
        """Share of the frames made that the store has not."""
        return 1 - self.stored / self.made

    @property
    def floor_lost_share(self) -> float:
        """Share of them that did not come in turn."""
        return 1 - min(self.in_turn, self.made) / self.made

    @property
    def bad_share(self) -> float:
        """Share of packets at the host whose check was wrong."""
        packets = self.statistics.good_packets + self.statistics.bad_packets
        return self.statistics.bad_packets / packets


def virtual_band(seconds: float) -> VirtualBand:
    """A band that is walked with for so long, and an hour of reserve."""
    scenario = load_scenario(SCENARIO, duration_s=seconds + _SPARE_S)
    return VirtualBand(scenario, BandSettings(lane=LaneSettings(kind=default_kind())))


def recorded(
    seconds: float, spoil: Callable[[Console], None] | None = None, streams: Sequence[StreamId] = STREAMS
) -> Recorded:
    """Record for so long over a link that `spoil` makes bad; it stays so until all has been fetched."""
    with tempfile.TemporaryDirectory() as folder, virtual_band(seconds) as band:
        return asyncio.run(_record(band, Path(folder) / "bench.vband", seconds, spoil, streams))


async def _record(
    band: VirtualBand,
    path: Path,
    seconds: float,
    spoil: Callable[[Console], None] | None,
    streams: Sequence[StreamId],
) -> Recorded:
    truth = Truth(band)
    host = Band.open("sim:", band=band, reconnect=AT_ONCE, record_to=path)
    async with host:
        for stream in streams:
            await host.start_stream(stream, when_agreed=True)
        if spoil is not None:
            spoil(band.console)
        await host.run_for(seconds - band.now_us / 1e6)
        end_us = band.now_us
        band.console.mend_link()
        async for _ in host.sync():
            pass
        statistics = host.statistics
    more_hosts = await fetched(band, path)
    made = truth.until(end_us)
    with StoreReader(path) as reader:
        rows = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
    link = band.link.counters
    return Recorded(
        seconds=end_us / 1e6,
        statistics=statistics,
        in_turn=sum(stream.received_frames for stream in statistics.streams),
        made=len(made),
        stored=sum(rows.get(key) == frame.frame for key, frame in made.items()),
        more_hosts=more_hosts,
        stored_bytes=sum(map(len, rows.values())),
        payload_bytes=sum(len(frame) - HEADER_BYTES for frame in rows.values()),
        band_bytes=link.band_bytes,
        host_bytes=link.host_bytes,
    )


async def fetched(band: VirtualBand, path: Path) -> int:
    """Let hosts follow each other until one says that nothing is missing; gives how many it took."""
    for tries in range(1, _TRIES + 1):
        host = Band.open("sim:", band=band, reconnect=AT_ONCE, record_to=path)
        async with host:
            async for _ in host.sync():
                pass
            if host.statistics.missing_frames == 0:
                return tries
    raise BandError(f"{_TRIES} hosts in turn did not fetch all")
