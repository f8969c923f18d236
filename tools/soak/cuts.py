"""Cuts of the link after any byte, with the real firmware and the real host: `python -m soak.cuts`.

One band lives on while host follows host, all with one store. Each connects, fetches, and loses the link
after so many bytes of one direction; the next one finds the store as it was. After each the store must equal
what the band has written to its flash. Then the power is cut in any operation of the flash, `soak.power`, and
the air around any packet, `soak.air_cuts`.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bandsim.lane import LaneSettings
from bandsim.lanes import LANES
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from soak.air_cuts import MTUS, cut_at, session_moments
from soak.power import cut_power
from soak.truth import Truth
from soak.wrap import LIVES, record
from vitalband import Band, BandError, StoreReader, StreamId

SESSION_BYTES = 4096
"""From the band, of a session with its manifest, what the host asks for again, vitals and samples."""
HOST_BYTES = 512
AWAY_MS = 300
_ALONE_S = 6.0
_TALK_S = 4.0
_AGREED_S = 8.0
_SCENARIO = 'description = "Cut."\nseed = 9\n[[segments]]\nduration_s = 170000\n'


@dataclass(frozen=True)
class Comeback:
    """What a host needed after a cut until its store was whole: virtual time from opening on, bytes of the
    band, frames that it asked for, and those of them that it had already."""

    seconds: float
    bytes: int
    repaired_frames: int
    duplicate_frames: int


@dataclass
class Cuts:
    """What came of them: `done` of them fell within a session, `unequal` tells what was wrong, and where;
    `in_turn` of the `frames` came to a host as they were made."""

    done: int = 0
    frames: int = 0
    in_turn: int = 0
    comebacks: list[Comeback] = field(default_factory=list[Comeback])
    virtual_s: float = 0.0
    unequal: list[str] = field(default_factory=list[str])


def cut_after(counts: Sequence[int], *, from_band: bool, lane_kind: str) -> Cuts:
    """Cut one session after each of these numbers of bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cuts.toml"
        path.write_text(_SCENARIO, encoding="utf-8")
        settings = BandSettings(lane=LaneSettings(kind=lane_kind))
        with VirtualBand(load_scenario(str(path)), settings) as band:
            return asyncio.run(_cut_each(band, Path(folder) / "cuts.vband", counts, from_band))


async def _cut_each(band: VirtualBand, store: Path, counts: Sequence[int], from_band: bool) -> Cuts:
    truth = Truth(band)
    cuts = Cuts()
    band.run_for(_AGREED_S)
    for count in counts:
        band.run_for(_ALONE_S)
        band.console.cut_link_after(count, from_band=from_band, duration_ms=AWAY_MS)
        await _talk(band, store, cuts)
        is_done = band.link.is_cut
        band.console.mend_link()
        comeback = await _talk(band, store, cuts)
        band.console.mend_link()
        cuts.done += is_done
        if is_done and comeback is not None:
            cuts.comebacks.append(comeback)
        end_us = band.now_us - round(_TALK_S / 2 * 1e6)
        made = {key: made.frame for key, made in truth.until(end_us).items()}
        with StoreReader(store) as reader:
            stored = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
        wrong = [key for key, frame in made.items() if stored.get(key) != frame]
        invented = stored.keys() - truth.made.keys()
        if wrong or invented:
            cuts.unequal.append(
                f"after {count} bytes: {len(wrong)} not there {wrong[:3]}, {len(invented)} invented"
            )
    cuts.frames = len(truth.made)
    cuts.virtual_s = band.now_us / 1e6
    return cuts


async def _talk(band: VirtualBand, store: Path, cuts: Cuts) -> Comeback | None:
    """One host, until it has all and has listened a little, or until its link is cut: then None."""
    begin_us, comeback = band.now_us, None
    host = Band.open("sim:", band=band, reconnect=False, record_to=store)
    with suppress(BandError):
        async with host:
            await host.start_stream(StreamId.OPTICAL, when_agreed=True)
            async for _ in host.sync():
                pass
            counts = host.statistics
            seconds = (band.now_us - begin_us) / 1e6
            whole = counts.received_bytes, counts.repaired_frames, counts.duplicate_frames
            await host.run_for(_TALK_S)
            await host.save()
            comeback = Comeback(seconds, *whole)
    with suppress(BandError):  # one that was cut off before it was known has no statistics
        cuts.in_turn += sum(stream.received_frames for stream in host.statistics.streams)
    return comeback


def main(arguments: Sequence[str] | None = None) -> int:
    """Cut after each byte, around each packet and in each operation of the flash, or each STRIDE-th one.

    Gives the exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m soak.cuts",
        description="Cut a session after each byte, one over the air around each packet, and the power in "
        "each operation of a wrap of the flash.",
    )
    parser.add_argument("--of", choices=("link", "power", "air"), help="one of the three only")
    parser.add_argument("--life", choices=sorted(LIVES), help="of the wraps of the flash this one only")
    parser.add_argument("--mtu", type=int, choices=MTUS, help="of the air with this one only")
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--lane", choices=sorted(LANES), default="unix")
    options = parser.parse_args(arguments)
    failures = 0
    if options.of in (None, "link"):
        failures += _cut_link(options.stride, options.lane)
    if options.of in (None, "air"):
        mtus = MTUS if options.mtu is None else (options.mtu,)
        failures += _cut_air(mtus, options.stride, options.lane)
    if options.of in (None, "power"):
        for life in LIVES if options.life is None else [options.life]:
            failures += _cut_power(life, options.stride, options.lane)
    return 1 if failures else 0


def _cut_link(stride: int, lane: str) -> int:
    failures = 0
    for from_band, most in ((True, SESSION_BYTES), (False, HOST_BYTES)):
        cuts = cut_after(range(0, most, stride), from_band=from_band, lane_kind=lane)
        side = "band" if from_band else "host"
        print(f"bytes of the {side}: {cuts.done} cuts, {cuts.frames} frames, {cuts.virtual_s:.0f} virtual s")
        print("\n".join(cuts.unequal))
        failures += len(cuts.unequal)
    return failures


def _cut_air(mtus: Sequence[int], stride: int, lane: str) -> int:
    logging.getLogger("bumble").setLevel(logging.ERROR)  # it warns of what a cut leaves on its way
    failures = 0
    for mtu in mtus:
        cuts = cut_at(session_moments(stride=stride), mtu=mtu, lane_kind=lane)
        print(f"MTU {mtu}: ", "\n".join(cuts.lines()), sep="", flush=True)
        failures += len(cuts.wrong) + len(cuts.too_late)
    return failures


def _cut_power(life: str, stride: int, lane: str) -> int:
    wrap = record(LIVES[life], lane)
    print(
        f"{life}: {len(wrap.moments):,} operations, {len(wrap.made):,} frames, "
        f"{sum(wrap.erases)} erases of {len(wrap.erases)} sectors, at most {max(wrap.erases)} of one",
        flush=True,
    )
    cuts = cut_power(wrap, lane_kind=lane, stride=stride)
    print(cuts.line(), flush=True)
    print("\n".join(cuts.wrong[:20]))
    return len(cuts.wrong)


if __name__ == "__main__":
    sys.exit(main())
