"""Hosts of a soaked band, one after the other, that record into one store and may be killed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bandsim.virtual_band import VirtualBand
from vitalband import Band, BandError, LinkStatistics, ReconnectPolicy, StreamId

AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
_BETWEEN_TRIES_S = 1.0


def copy_store(source: Path, target: Path) -> None:
    """Have what is committed to one store by now, and nothing else, in another."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as taken, closing(sqlite3.connect(target)) as given:
        taken.backup(given)


class Hosts:
    """`run_until` lets time pass with a host; `kill` ends it as SIGKILL does, and the next one begins anew.

    What a killed process leaves is what it has committed to its store by then: a copy of that takes the place
    of what this host, which ends in good order here, writes in the end.
    """

    def __init__(self, band: VirtualBand, store: Path, streams: tuple[StreamId, ...]) -> None:
        self.kills = 0
        self.opened = 0
        self.failures: list[str] = []
        self.in_turn = 0
        self.again = 0
        """Frames that came to any of the hosts in turn, and those that came when asked for again."""
        self._band = band
        self._store = store
        self._streams = streams
        self._host: Band | None = None

    async def run_until(self, until_s: float) -> None:
        """Let time pass; a host that ends by itself is followed by another, which `failures` tells."""
        while self._band.now_us < round(until_s * 1e6):
            host = await self._opened(until_s)
            if host is None:
                continue
            try:
                await host.run_for(max(until_s - self._band.now_us / 1e6, 0.001))
            except BandError as error:
                self.failures.append(f"{self._band.now_us / 1e6:.3f} s: {error}")
                await self._drop()

    async def kill(self, away_s: float) -> None:
        """End the host in the middle of what it does; the band is alone for so long."""
        self.kills += 1
        self._band.console.cut_link(max(1, round(away_s * 1000)))
        kept = self._store.with_suffix(".kept")
        copy_store(self._store, kept)
        await self._drop()
        copy_store(kept, self._store)

    async def finish(self) -> LinkStatistics:
        """Fetch all that the band keeps; the account of the last host, which is of all that there is."""
        host = await self._opened(None)
        assert host is not None
        await host.run_for(5)
        async for _ in host.sync():
            pass
        statistics = host.statistics
        await self._drop()
        return statistics

    async def _opened(self, until_s: float | None) -> Band | None:
        if self._host is not None:
            return self._host
        host = Band.open("sim:", band=self._band, reconnect=AT_ONCE, record_to=self._store)
        try:
            await host.__aenter__()
            for stream in self._streams:
                await host.start_stream(stream, when_agreed=True)
        except BandError:
            self._let_time_pass(until_s)
            return None
        self.opened += 1
        self._host = host
        return host

    def _let_time_pass(self, until_s: float | None) -> None:
        left_s = _BETWEEN_TRIES_S if until_s is None else until_s - self._band.now_us / 1e6
        self._band.run_for(max(0.001, min(_BETWEEN_TRIES_S, left_s)))

    async def _drop(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            try:
                await host.close()
            except BandError as error:
                self.failures.append(f"at its end: {error}")
            streams = host.statistics.streams
            self.in_turn += sum(stream.received_frames for stream in streams)
            self.again += sum(stream.repaired_frames for stream in streams)
