"""Cuts of the air around any packet, with the real firmware and host: `python -m soak.cuts --of air`.

One band lives on while host follows host. Each finds it, connects, asks for services, subscribes, says hello,
fetches what its store lacks, and listens; at one packet, of either side, the connection is lost. The host
comes back by itself, or, where it had no session yet, another one does. After each the store must equal what
the band has written to its flash, and nothing of a connection may be left. A store begins without what the
host before has fetched, as if that had been killed, so that there always is something to fetch.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

from bumble.att import ATT_CID, Opcode
from bumble.controller import Controller

from bandsim.lane import LaneSettings
from bandsim.radio.air_band import AirBand
from bandsim.radio.transport import AirTransport
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from bandwire.gatt import LEAST_MTU, MOST_MTU
from soak.hosts import AT_ONCE, copy_store
from soak.truth import Truth
from vitalband import (
    Band,
    BandError,
    ConnectionEvent,
    ConnectionState,
    StoreReader,
    StreamId,
    Subscription,
    TransportError,
)
from vitalband.connection import ReconnectPolicy
from vitalband.values import SampleChunk, VitalsItem, VitalsUpdate, WaveformItem

LATENCY_S = 0.030
UP_S = 2.0 - ReconnectPolicy().first_ms / 1000
"""From a cut until the link is up: below two seconds with the longest first delay of the default policy,
which takes no virtual time here."""
FRAME_S = 2.0
"""From then to the first frame that was made after the cut: a band makes one every two seconds."""
HANG_S = 60.0
"""Of virtual time, that one cut with all that follows may take: above a search, a connection and a hello that
each run into their limits, of 10, 15 and 5 s, and what is done then."""
MTUS = (MOST_MTU, LEAST_MTU)
_AGREED_S = 8.0
_ALONE_S = 1.5
_LISTEN_S = 3.0
_SETTLE_S = 0.5
_UNWRITTEN_S = 2.0
_TRIES = 5
_SCENARIO = 'description = "Cut."\nseed = 9\n[[segments]]\nduration_s = 170000\n'
_HEAD_BYTES = 4


@dataclass(frozen=True)
class Moment:
    """Where a connection is cut: at the packet of a number, from 1 on, of a session, or since it is open."""

    packet: int
    is_after: bool
    is_since_open: bool = False

    def __str__(self) -> str:
        since = " since it is open" * self.is_since_open
        return f"{'after' if self.is_after else 'before'} packet {self.packet}{since}"


@dataclass(frozen=True)
class Comeback:
    """Virtual time from a cut until the link was up, and from then until a frame came that was made since."""

    up_s: float
    frame_s: float


@dataclass
class AirCuts:
    """What came of them, by the kind of packet: `at` counts cuts, `comebacks` are of hosts that had a
    session, `anew` counts those that had none yet, which another one followed; `wrong` says what was."""

    at: Counter[str] = field(default_factory=Counter[str])
    comebacks: dict[str, list[Comeback]] = field(default_factory=dict[str, list[Comeback]])
    anew: Counter[str] = field(default_factory=Counter[str])
    frames: int = 0
    longest_s: float = 0.0
    virtual_s: float = 0.0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def done(self) -> int:
        """How many fell within a session."""
        return self.at.total()

    @property
    def too_late(self) -> list[str]:
        """Comebacks that took as long as they must not."""
        return [
            f"{kind}: {each}"
            for kind, some in self.comebacks.items()
            for each in some
            if each.up_s >= UP_S or each.frame_s >= FRAME_S
        ]

    def lines(self) -> list[str]:
        """The account in words."""
        told = [
            f"{self.done} cuts, {self.anew.total()} hosts opened anew, {self.frames} frames, "
            f"{self.virtual_s:.0f} virtual s, of one cut {self.longest_s:.1f} s at most"
        ]
        for kind, number in sorted(self.at.items()):
            line = f"{number:6d} at {kind}, opened anew {self.anew[kind]}"
            if back := self.comebacks.get(kind):
                line += f"; back {len(back)}, up after {_spread([each.up_s for each in back])}"
                line += f", a frame {_spread([each.frame_s for each in back])} later"
            told.append(line)
        return told + self.wrong + self.too_late


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds):.3f} s ({max(seconds):.3f} s at most)"


class Cutter:
    """Counts the packets of a band's air, and cuts it at one of them."""

    def __init__(self, band: AirBand) -> None:
        self._band = band
        self._moment: Moment | None = None
        self._sent = self._arrived = 0
        self._is_cut = self._is_open = False
        self.kind = ""
        self.cut_us: int | None = None
        """When, as long as no frame has come that was made since."""
        band.world.air.on_sent = self._on_sent
        band.world.air.on_arrived = self._on_arrived

    def arm(self, moment: Moment) -> None:
        """Count from 0 again, and cut there."""
        self._moment, self._sent, self._arrived = moment, 0, 0
        self._is_cut, self._is_open = False, False

    def note_open(self) -> None:
        """The session is open: what is to be cut since then is counted from here."""
        self._is_open = True
        if self._moment is not None and self._moment.is_since_open:
            self._sent = self._arrived = 0

    def disarm(self) -> bool:
        """Cut no more; whether it was cut since `arm`."""
        self._moment = None
        return self._is_cut

    def _on_sent(self, _sender: Controller, packet: bytes) -> None:
        self._sent += 1
        self._cut_if_due(self._sent, packet, is_after=False)

    def _on_arrived(self, _sender: Controller, packet: bytes) -> None:
        self._arrived += 1
        self._cut_if_due(self._arrived, packet, is_after=True)

    def _cut_if_due(self, count: int, packet: bytes, *, is_after: bool) -> None:
        moment = self._moment
        if moment is None or (moment.packet, moment.is_after) != (count, is_after):
            return
        if moment.is_since_open and not self._is_open:
            return
        self._moment, self._is_cut = None, True
        self.kind = _kind_of(packet)
        self.cut_us = self._band.now_us
        self._band.world.air.cut()


def _kind_of(packet: bytes) -> str:
    channel = int.from_bytes(packet[2:_HEAD_BYTES], "little")
    if channel != ATT_CID:
        return f"channel {channel}"
    return Opcode(packet[_HEAD_BYTES]).name


def cut_at(moments: Iterable[Moment], *, mtu: int = MOST_MTU, lane_kind: str) -> AirCuts:
    """Cut one session at each of these packets, until one is beyond the end of the session before."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cuts.toml"
        path.write_text(_SCENARIO, encoding="utf-8")
        settings = BandSettings(lane=LaneSettings(kind=lane_kind))
        with AirBand(load_scenario(str(path)), settings) as band:
            assert isinstance(band, AirBand)
            return asyncio.run(_Cutting(band, Path(folder), mtu).cut_each(moments))


class _Cutting:
    def __init__(self, band: AirBand, folder: Path, mtu: int) -> None:
        self._band = band
        self._mtu = mtu
        self._truth = Truth(band)
        self._cutter = Cutter(band)
        self._cuts = AirCuts()
        self._store, self._kept = folder / "cuts.vband", folder / "kept.vband"
        band.world.air.faults.latency_s = LATENCY_S

    async def cut_each(self, moments: Iterable[Moment]) -> AirCuts:
        band, cuts = self._band, self._cuts
        band.run_for(_AGREED_S)
        await self._host(None)
        for moment in moments:
            begin_us = band.now_us
            band.run_for(_ALONE_S)
            ended = Path(f"{self._kept}.next")
            copy_store(self._store, ended)
            if self._kept.exists():
                copy_store(self._kept, self._store)
            ended.rename(self._kept)
            is_within = await self._cut(moment)
            cuts.longest_s = max(cuts.longest_s, (band.now_us - begin_us) / 1e6)
            if not is_within:
                break
        cuts.frames = len(self._truth.made)
        cuts.virtual_s = band.now_us / 1e6
        return cuts

    async def _cut(self, moment: Moment) -> bool:
        band, cuts, cutter = self._band, self._cuts, self._cutter
        begin_us = band.now_us
        cutter.arm(moment)
        try:
            await self._host(cutter)
        except BandError:
            cuts.anew[cutter.kind] += 1
            await self._host(None)
        is_within = cutter.disarm()
        if is_within:
            cuts.at[cutter.kind] += 1
        band.run_for(_SETTLE_S)
        wrong = self._wrong()
        if (seconds := (band.now_us - begin_us) / 1e6) > HANG_S:
            wrong.append(f"it took {seconds:.1f} s")
        cuts.wrong += [f"{moment} ({cutter.kind}): {each}" for each in wrong]
        return is_within

    async def _host(self, cutter: Cutter | None) -> None:
        """One host until it has all and has listened; `BandError` when it has no session to come back to."""
        host = Band.open("ble+sim:", band=self._band, reconnect=AT_ONCE, record_to=self._store)
        assert isinstance(host.transport, AirTransport)
        host.transport.adapter.preferred_mtu = self._mtu
        async with host:
            watches = [
                asyncio.create_task(self._watch(items))
                for items in (host.vitals(), host.waveform(StreamId.OPTICAL))
            ]
            try:
                await self._follow(host, cutter)
            finally:
                for watch in watches:
                    watch.cancel()
                await asyncio.gather(*watches, return_exceptions=True)

    async def _follow(self, host: Band, cutter: Cutter | None) -> None:
        if cutter is not None:
            cutter.note_open()
        await _fetch(host)
        if cutter is not None:
            await host.run_for(_LISTEN_S)
            cutter.disarm()
            await self._come_back(host)
            await _fetch(host)
        await host.run_for(_SETTLE_S)
        await host.save()
        if missing := host.statistics.missing_frames:
            self._cuts.wrong.append(f"{missing} frames are missing after all was fetched")

    async def _come_back(self, host: Band) -> None:
        limit_us = self._band.now_us + round(HANG_S * 1e6)
        while host.connection_state is not ConnectionState.LIVE and self._band.now_us < limit_us:
            await host.run_for(_SETTLE_S)

    async def _watch(self, items: Subscription[VitalsItem] | Subscription[WaveformItem]) -> None:
        """Note when the first frame comes that was made after a connection was lost."""
        up_us: int | None = None
        async for item in items:
            if isinstance(item, ConnectionEvent):
                up_us = self._band.now_us if item.state is ConnectionState.RESUMING else None
            elif isinstance(item, VitalsUpdate | SampleChunk) and up_us is not None:
                self._note(item.stamp.ticks_ms, up_us)

    def _note(self, ticks_ms: int, up_us: int) -> None:
        cut_us = self._cutter.cut_us
        if cut_us is not None and ticks_ms * 1000 + self._boot_us > cut_us:
            self._cutter.cut_us = None
            back = Comeback((up_us - cut_us) / 1e6, (self._band.now_us - up_us) / 1e6)
            self._cuts.comebacks.setdefault(self._cutter.kind, []).append(back)

    @property
    def _boot_us(self) -> int:
        first = next(iter(self._truth.made.values()))
        return first.true_us - first.ticks_ms * 1000

    def _wrong(self) -> list[str]:
        wrong: list[str] = []
        made = {
            key: made.frame
            for key, made in self._truth.until(self._band.now_us - round(_UNWRITTEN_S * 1e6)).items()
        }
        with StoreReader(self._store) as reader:
            stored = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
        if absent := [key for key, frame in made.items() if stored.get(key) != frame]:
            wrong.append(f"{len(absent)} frames are not in the store, {absent[:3]}")
        if invented := stored.keys() - self._truth.made.keys():
            wrong.append(f"{len(invented)} frames were invented")
        if left := sum(len(each.le_connections) for each in self._band.world.air.controllers):
            wrong.append(f"{left} ends of connections are left")
        return wrong


async def _fetch(host: Band) -> None:
    """Fetch what is missing; over a link that is lost meanwhile again, when it is back."""
    for tries_left in reversed(range(_TRIES)):
        try:
            async for _ in host.sync():
                pass
        except TransportError:
            if not tries_left:
                raise
            await host.run_for(_SETTLE_S)
        else:
            return


def session_moments(first: int = 1, stride: int = 1) -> Iterable[Moment]:
    """Before and after each packet, or each `stride`-th, from `first` on."""
    for packet in count(first, stride):
        yield Moment(packet, is_after=False)
        yield Moment(packet, is_after=True)
