"""Power that goes at every operation of a wrap of the flash, with the real firmware and the real host.

A wrap (`soak.wrap`) is recorded once. Then, for each way in which power may go in each of its operations, the
band boots with the flash and files that this leaves, which is all that outlives power, and a new host fetches
all that it keeps. What was made until then must come, byte for byte, or be told lost, once; and no check of
what came may accuse the band of data that the wearer had not agreed to.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bandschema.codec import decode
from bandschema.enums import JournalClass
from bandschema.records import CompressedBlock, JournalLoss, SampleBlock, Vitals, VitalsRun
from bandsim.flash_cuts import partly_erased, ways_to_cut
from bandsim.nor_flash import SECTOR_BYTES, FlashOperation, NorFlash, PowerCutError
from bandsim.power_supply import Outage
from bandsim.virtual_band import VirtualBand
from soak.truth import Key, Truth
from soak.wrap import Wrap, files_of, wrapping_band
from vitalband import Band, StoreReader
from vitalband.store import CheckReport, FindingKind, check_store

LONGEST_BOOT_S = 1.0
"""From the firmware's first instruction to its first frame in flash, for which it must know its journal."""

_SHORT_BYTES = 24
"""Marks, heads and summaries, cut at each of their places; an entry before, after and at one place within,
another for each of them."""

_SETTLES_S = 0.5
_MOST_FETCHES = 6
_CLASS_OF_KIND = {
    Vitals.KIND: JournalClass.VITALS,
    VitalsRun.KIND: JournalClass.VITALS,
    SampleBlock.KIND: JournalClass.WAVEFORMS,
    CompressedBlock.KIND: JournalClass.WAVEFORMS,
}

Kept = tuple[int, JournalClass]
"""A boot, and what is kept together."""


@dataclass(frozen=True)
class Left:
    """What a cut leaves: the flash, and files, and how many frames of the wrap were made.

    The frame after these may be whole in the flash too, if all that its program lacked was as it is erased.
    """

    image: bytes
    files: dict[str, bytes]
    made: int


@dataclass
class PowerCuts:
    """What came of them; some leave the same flash and are `done` together."""

    operations: int = 0
    cuts: int = 0
    done: int = 0
    frames: int = 0
    slowest_boot_s: float = 0.0
    unproven: int = 0
    """Frames of which no record tells whether they were agreed to."""
    wrong: list[str] = field(default_factory=list[str])

    def line(self) -> str:
        """Say it."""
        return (
            f"{self.cuts:,} power cuts in {self.operations:,} operations ({self.done:,} contents of the "
            f"flash): {len(self.wrong)} wrong; {self.frames:,} frames held against what was made; "
            f"of {self.unproven:,} it is not told whether they were agreed to; "
            f"the slowest boot took {self.slowest_boot_s * 1000:.0f} ms of virtual time"
        )


def cut_power(wrap: Wrap, *, lane_kind: str, stride: int = 1, first: int = 0) -> PowerCuts:
    """Cut in each operation, or from `first` on in each `stride`-th."""
    result = PowerCuts()
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        with wrapping_band(Path(folder), state, lane_kind) as band:
            again = _Again(band, state, wrap)
            seen: set[int] = set()
            for number, before in enumerate(_images(wrap)):
                if number % stride != first % stride:
                    continue
                result.operations += 1
                for left in left_by_cuts(wrap, number, before):
                    result.cuts += 1
                    key = hash((left.image, tuple(left.files.items()), left.made))
                    if key not in seen:
                        seen.add(key)
                        wrong = again.live(left, result)
                        result.wrong += [f"operation {number}: {what}" for what in wrong]
    return result


def _images(wrap: Wrap) -> Iterator[bytes]:
    """What the flash held before each operation."""
    flash = NorFlash(len(wrap.first_image) // SECTOR_BYTES)
    flash.restore(wrap.first_image)
    for moment in wrap.moments:
        yield flash.image()
        _do(flash, moment.operation)


def _do(flash: NorFlash, operation: FlashOperation) -> None:
    if operation.is_erase:
        flash.erase(operation.sector)
    else:
        flash.program(operation.sector, operation.offset, operation.data)


def left_by_cuts(wrap: Wrap, number: int, before: bytes) -> Iterator[Left]:
    """What each way to cut an operation leaves."""
    moment = wrap.moments[number]
    operation = moment.operation
    made_by_it = wrap.made_before(number + 1)
    cuts = list(ways_to_cut(operation, number))
    if operation.count > _SHORT_BYTES:
        cuts = [cuts[0], cuts[1 + number % (len(cuts) - 2)], cuts[-1]]
    for cut in cuts:
        flash = NorFlash(len(before) // SECTOR_BYTES)
        flash.restore(before)
        flash.cut_at(1, cut)
        try:
            _do(flash, operation)
        except PowerCutError:
            is_whole = cut.prefix_bytes >= operation.count
            yield Left(flash.image(), moment.files, made_by_it if is_whole else moment.made)
        else:
            raise RuntimeError(f"wanted power to go in {operation}, it did not")
    if operation.is_erase:
        start, stop = operation.sector * SECTOR_BYTES, (operation.sector + 1) * SECTOR_BYTES
        for content in partly_erased(before[start:stop]):
            yield Left(before[:start] + content + before[stop:], moment.files, moment.made)


class _Again:
    """One virtual band that boots with one content after the other."""

    def __init__(self, band: VirtualBand, state: Path, wrap: Wrap) -> None:
        self._band = band
        self._state = state
        self._wrap = wrap
        self._made = [(key, made.frame) for key, made in wrap.made.items()]
        self._checked = CheckReport(state)

    def live(self, left: Left, result: PowerCuts) -> list[str]:
        """Boot with it and let a host fetch all; says what is wrong."""
        band = self._band
        self._switch_off()
        band.conductor.flash.restore(left.image)
        for name in files_of(self._state):
            (self._state / name).unlink()
        for name, data in left.files.items():
            (self._state / name).write_bytes(data)
        truth = Truth(band)
        boot_s = self._boot(truth)
        band.run_for(_SETTLES_S)
        made, fetched, before = self._fetch(truth)
        known = dict(self._made[: left.made]) | made
        for key, frame in self._made[left.made : left.made + 1]:
            if key in fetched:
                known[key] = frame
        result.done += 1
        result.frames += len(fetched)
        result.slowest_boot_s = max(result.slowest_boot_s, boot_s)
        result.unproven += sum(boot.unproven_frames for boot in self._checked.boots)
        wrong = [] if boot_s < LONGEST_BOOT_S else [f"booted in {boot_s:.2f} s"]
        wrong += [str(found) for found in self._checked.first if found.kind is FindingKind.CONSENT]
        return wrong + account(known, fetched, self._wrap.confirmed | before)

    def _switch_off(self) -> None:
        conductor = self._band.conductor
        if conductor.is_running:
            conductor.power.plan(Outage(conductor.now_us))
            conductor.run_until(conductor.now_us)

    def _boot(self, truth: Truth) -> float:
        """Run until the first frame is in flash; gives how long that took from the first instruction."""
        band = self._band
        began_us = max(band.conductor.next_wake_us(), band.now_us) if band.now_us else 0
        while not truth.made and band.now_us < began_us + 2 * LONGEST_BOOT_S * 1e6:
            band.run_for(0.005)
        return (band.now_us - began_us) / 1e6

    def _fetch(self, truth: Truth) -> tuple[dict[Key, bytes], dict[Key, bytes], set[Key]]:
        """What this boot has made, and all that the band keeps, at a time when it gives nothing up.

        Also what was fetched before that time: it was confirmed, so that the band may give it up untold.
        """
        before = set[Key]()
        for _ in range(_MOST_FETCHES):
            losses, count = _losses_in(truth), len(truth.made)
            with tempfile.TemporaryDirectory() as folder:
                store = Path(folder) / "again.vband"
                asyncio.run(self._sync(store))
                self._checked = check_store(store)
                with StoreReader(store) as reader:
                    fetched = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
            if _losses_in(truth) == losses:
                made = list(truth.made.items())
                sure = {key: frame.frame for key, frame in made[:count]}
                return sure | {key: frame.frame for key, frame in made if key in fetched}, fetched, before
            before |= fetched.keys()
        raise RuntimeError(f"wanted a journal that settles, got losses at each of {_MOST_FETCHES} fetches")

    async def _sync(self, store: Path) -> None:
        async with Band.open("sim:", band=self._band, reconnect=False, record_to=store) as host:
            async for _ in host.sync():
                pass
            await host.save()


def _losses_in(truth: Truth) -> int:
    return sum(frame.frame[1] == JournalLoss.KIND for frame in truth.made.values())


def account(made: dict[Key, bytes], fetched: dict[Key, bytes], confirmed: set[Key]) -> list[str]:
    """Hold what came against all that was made, losses among it; says what is wrong.

    A loss that is told may count frames that a host has `confirmed`: the band forgets that when power goes.
    """
    wrong = [f"{key} is invented" for key, frame in fetched.items() if made.get(key) != frame]
    losses = [loss for loss in map(_loss_of, made.values()) if loss is not None]
    gone = _by_class(made, made.keys() - fetched.keys())
    told: Counter[Kept] = Counter()
    reached: dict[Kept, int] = {}
    for loss in losses:
        where = loss.lost_boot_id, JournalClass(loss.lost_class)
        told[where] += loss.frame_count
        within = [at for at in gone.get(where, ()) if loss.first_sequence <= at <= loss.last_sequence]
        if (
            len(within) < loss.frame_count
            or within[0] != loss.first_sequence
            or within[-1] != loss.last_sequence
        ):
            wrong.append(f"{loss} tells of frames that are kept")
        if where[1] == JournalClass.WAVEFORMS and loss.first_sequence <= reached.get(where, -1):
            wrong.append(f"{loss} is told twice")
        reached[where] = loss.last_sequence
    for where, sequences in gone.items():
        least = sum((where[0], sequence) not in confirmed for sequence in sequences)
        if not least <= told[where] <= len(sequences):
            wrong.append(f"{where}: {least} to {len(sequences)} lost, {told[where]} told")
    return wrong


def _loss_of(frame: bytes) -> JournalLoss | None:
    if frame[1] != JournalLoss.KIND:
        return None
    loss = decode(frame)[1]
    assert isinstance(loss, JournalLoss)
    return loss


def _by_class(made: dict[Key, bytes], keys: Iterable[Key]) -> dict[Kept, list[int]]:
    found: dict[Kept, list[int]] = {}
    for key in sorted(keys):
        found.setdefault((key[0], _CLASS_OF_KIND.get(made[key][1], JournalClass.EVENTS)), []).append(key[1])
    return found
