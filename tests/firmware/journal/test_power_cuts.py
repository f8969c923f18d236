"""Power that goes in any operation of the flash, at any byte of it, loses nothing that was kept."""

from random import Random

import pytest

from bandsim.nor_flash import ERASED, SECTOR_BYTES, Cut, Erasure, NorFlash, PowerCutError
from bandwire.frames import LOSS_CAUSE_EXPIRED, LOSS_CAUSE_FULL, LOSS_CAUSE_THINNED, LOSS_CAUSE_WITHDRAWN
from firmware.journal.power_cuts import cuts_of, half_erased, record, world_after, world_of
from firmware.journal.test_log import fill
from firmware.journal.world import KINDS, World
from journal.layout import ENTRIES_AT

SECTORS = 12
ENTRY_BYTES_SEEN_ALWAYS = 24
"""Marks, heads and summaries. Of longer programs, entries, one in `ENTRIES_BETWEEN` is broken off."""
ENTRIES_BETWEEN = 23
LEFT_OF_ENTRIES = (4, 7, 12, 100, 300, 304, 308, 900)
"""Bytes of entries that an erase has left: ends within heads, within headers of frames, within frames."""


def waveforms(world: World):
    """A wrap: confirmed sectors go, then unconfirmed ones, some of them of two boots."""
    fill(world, 1, 50, {"block": 10, "event": 1, "consent": 1})
    world.confirm(1, 0, 40)
    fill(world, 2, 30, {"block": 10, "run": 1})
    world.boot()
    world.confirm(2, 3, 5)
    fill(world, 3, 90, {"block": 20, "run": 1, "event": 2})
    world.settle()


def vitals(world: World):
    """Vitals that fill the journal, are thinned, and thinned ones that go."""
    fill(world, 4, 60, {"update": 20, "event": 1}, 9_000)
    world.boot()
    fill(world, 5, 200, {"update": 20, "event": 1}, 9_000)
    fill(world, 6, 110, {"run": 20}, 90_000)
    world.settle()


def withdrawal(world: World):
    """Everything of the wearer goes at once, while the journal is full, and it fills again."""
    fill(world, 7, 80, {"block": 4, "run": 3, "event": 3, "consent": 1})
    world.boot()
    fill(world, 8, 80, {"block": 4, "run": 3, "event": 3, "consent": 1})
    world.wipe(LOSS_CAUSE_WITHDRAWN)
    fill(world, 9, 40, {"block": 4, "run": 3, "event": 3, "consent": 1})
    world.settle()


def expiry(world: World):
    """What is older than the manifest allows goes, over restarts."""
    for part in range(3):
        fill(world, 10 + part, 20, {"block": 4, "run": 3, "event": 3, "consent": 1}, 60_000)
        world.expire(2_000)
        world.boot()
    world.settle()


RUNS = {
    waveforms: {LOSS_CAUSE_FULL},
    vitals: {LOSS_CAUSE_THINNED, LOSS_CAUSE_FULL},
    withdrawal: {LOSS_CAUSE_WITHDRAWN, LOSS_CAUSE_FULL},
    expiry: {LOSS_CAUSE_EXPIRED},
}
"""What makes the journal give up, and the causes that it tells."""


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_a_cut_in_any_operation_loses_nothing_kept_and_each_loss_is_told_once(run):
    world, moments = record(run, SECTORS)
    world.check_losses()
    assert {loss.cause for loss in world.losses} == RUNS[run]
    cuts = 0
    for number, moment in enumerate(moments):
        if len(moment.data) > ENTRY_BYTES_SEEN_ALWAYS and number % ENTRIES_BETWEEN:
            continue
        for cut in cuts_of(moment, number):
            after = world_after(world, moment, cut)
            after.boot()
            after.check()
            after.settle()
            for name in KINDS:
                after.append(*KINDS[name])
            after.boot()
            after.settle()
            after.check_losses()
            cuts += 1
    assert cuts > 100


def test_an_erase_that_got_through_a_part_of_its_sector_brings_nothing_back():
    world, moments = record(waveforms, SECTORS)
    erases = [moment for moment in moments if not moment.data]
    assert len(erases) > 10
    for moment in erases[::2]:
        for image in half_erased(moment):
            nor = NorFlash(SECTORS)
            nor.restore(image)
            after = world_of(world, moment, nor)
            after.boot()
            after.settle()
            after.check_losses()


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_an_erase_that_broke_off_within_an_entry_tells_of_no_frame_that_never_was(run):
    world, moments = record(run, SECTORS)
    erases = [moment for moment in moments if not moment.data]
    told = 0
    for moment in erases[-4:]:
        start = moment.sector * SECTOR_BYTES
        for left_bytes in LEFT_OF_ENTRIES:
            at = start + ENTRIES_AT + left_bytes
            erased = bytes([ERASED]) * (start + SECTOR_BYTES - at)
            nor = NorFlash(SECTORS)
            nor.restore(moment.image[:at] + erased + moment.image[start + SECTOR_BYTES :])
            after = world_of(world, moment, nor)
            after.boot()
            after.settle()
            after.check_losses()
            told += 1
    assert told >= len(LEFT_OF_ENTRIES)


@pytest.mark.parametrize("seed", range(3))
def test_power_that_goes_again_and_again_at_any_moment_loses_nothing_kept(seed):
    random = Random(seed)
    world = World(SECTORS)
    weights = [random.choice((1, 4, 20)) for _ in KINDS]
    for _ in range(60):
        world.nor.cut_at(world.nor.operations + random.randint(1, 90), cut_by(random))
        with pytest.raises(PowerCutError):
            work(world, random, weights)
        while not boots(world, random):
            pass
        world.check()
    world.settle()
    world.check_losses()


def work(world: World, random: Random, weights: list[int]):
    """Frames of kinds as likely as these, more than a cut lets be kept."""
    names = list(KINDS)
    for _ in range(200):
        world.append(*KINDS[random.choices(names, weights)[0]], random.choice((500, 9_000, 90_000)))
        act(world, random)


def cut_by(random: Random) -> Cut:
    prefix = random.choice((0, 1, 2, 4, 8, random.randrange(256), 1 << 12))
    return Cut(prefix, bool(random.getrandbits(1)), random.choice(list(Erasure)), random.getrandbits(32))


def act(world: World, random: Random):
    """What may come beside frames."""
    for _ in range(random.randrange(4)):
        world.log.step()
    if random.random() < 0.02:
        world.confirm(world.boot_id, 0, world.sequence)
    if random.random() < 0.002:
        world.wipe(LOSS_CAUSE_WITHDRAWN)
    if random.random() < 0.01:
        world.expire(100_000)


def boots(world: World, random: Random) -> bool:
    """Switch on; power may go in this too."""
    if random.random() < 0.3:
        world.nor.cut_at(world.nor.operations + random.randint(1, 6), cut_by(random))
    try:
        world.boot()
        world.settle()
    except PowerCutError:
        return False
    return True
