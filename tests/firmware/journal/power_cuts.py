"""Power that goes at each operation of the flash: the band's run is recorded once, then cut anywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bandsim.flash_cuts import partly_erased, ways_to_cut
from bandsim.nor_flash import SECTOR_BYTES, Cut, FlashOperation, NorFlash, PowerCutError
from firmware.journal.world import World


@dataclass(frozen=True)
class Moment:
    """Before an operation: what the flash holds, and how much of the model's lists was there."""

    image: bytes
    sector: int
    offset: int
    data: bytes
    boot_id: int
    pending: bytes
    counts: tuple[int, int, int, int]


class RecordingFlash(NorFlash):
    """Notes the moment of each operation of the world that uses it."""

    def __init__(self, sectors: int):
        super().__init__(sectors)
        self.world: World | None = None
        self.moments: list[Moment] = []

    def program(self, sector, offset, data):
        self._note(sector, offset, bytes(data))
        super().program(sector, offset, data)

    def erase(self, sector):
        self._note(sector, 0, b"")
        super().erase(sector)

    def _note(self, sector: int, offset: int, data: bytes):
        world = self.world
        if world is not None:
            counts = len(world.appended), len(world.losses), len(world.given_up), len(world.confirmed)
            self.moments.append(
                Moment(self.image(), sector, offset, data, world.boot_id, world.pending, counts)
            )


def record(run: Callable[[World], None], sectors: int) -> tuple[World, list[Moment]]:
    """Let a world run; gives it with the moment of each of its operations."""
    nor = RecordingFlash(sectors)
    world = World(nor=nor)
    nor.world = world
    run(world)
    return world, nor.moments


def cuts_of(moment: Moment, number: int) -> Iterator[Cut]:
    """Ways in which power may go in the operation of a moment."""
    return ways_to_cut(FlashOperation(moment.sector, moment.offset, moment.data), number)


def half_erased(moment: Moment) -> Iterator[bytes]:
    """What the flash may hold when an erase got through a part of its sector, from either end."""
    start = moment.sector * SECTOR_BYTES
    stop = start + SECTOR_BYTES
    for content in partly_erased(moment.image[start:stop]):
        yield moment.image[:start] + content + moment.image[stop:]


def world_after(world: World, moment: Moment, cut: Cut) -> World:
    """The world as it is when power has gone in an operation, before it comes again."""
    nor = NorFlash(world.nor.sector_count)
    nor.restore(moment.image)
    nor.cut_at(1, cut)
    with pytest.raises(PowerCutError):
        _repeat(moment, nor)
    return world_of(world, moment, nor)


def _repeat(moment: Moment, nor: NorFlash):
    if moment.data:
        nor.program(moment.sector, moment.offset, moment.data)
    else:
        nor.erase(moment.sector)


def world_of(world: World, moment: Moment, nor: NorFlash) -> World:
    """The world of a moment, with a flash that holds something else."""
    appended, losses, given_up, confirmed = moment.counts
    after = World.__new__(World)
    after.nor = nor
    after.boot_id = moment.boot_id
    after.appended = dict(list(world.appended.items())[:appended])
    after.losses = world.losses[:losses]
    after.given_up = dict.fromkeys(list(world.given_up)[:given_up])
    after.confirmed = dict.fromkeys(list(world.confirmed)[:confirmed])
    after.pending = moment.pending
    after.out_of_order = []
    return after
