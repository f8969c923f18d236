"""The journal keeps what it says, gives up in the stated order, tells each loss once, and wears evenly."""

import os
from random import Random

import pytest

from bandsim.nor_flash import NorFlash, read_us
from bandsim.sealed_journal import LibraryCtr
from bandwire.frames import (
    HEADER_BYTES,
    LOSS_CAUSE_EXPIRED,
    LOSS_CAUSE_FULL,
    LOSS_CAUSE_THINNED,
    LOSS_CAUSE_WIPED,
    LOSS_CAUSE_WITHDRAWN,
)
from firmware.journal.world import KINDS, BlockFlash, World
from journal.index import CLOSED, FLAG_CONFIRMED
from journal.layout import CLASS_CONSENT, CLASS_COUNT, CLASS_EVENTS, entry_bytes
from journal.log import FrameLog
from journal.room import MOST_CONSENT_SECTORS
from journal.sectors import LEAST_SECTORS

SECTORS = 15
MIXTURES = {
    "all": {"block": 6, "run": 2, "event": 2, "consent": 1, "update": 3},
    "vitals": {"update": 20, "event": 1},
    "runs": {"run": 20, "event": 1},
    "events": {"event": 1},
    "waveforms": {"block": 20, "consent": 1},
    "consent": {"consent": 1},
}
CAUSES = {
    "all": {LOSS_CAUSE_FULL, LOSS_CAUSE_THINNED},
    "vitals": {LOSS_CAUSE_THINNED},
    "runs": {LOSS_CAUSE_FULL},
    "events": {LOSS_CAUSE_FULL},
    "waveforms": {LOSS_CAUSE_FULL},
    "consent": {LOSS_CAUSE_FULL},
}


def fill(world: World, seed: int, frames: int, weights: dict[str, int], step_ms: int = 2000):
    """Append frames of kinds by chance, and let the journal work a little between them."""
    random = Random(seed)
    for _ in range(frames):
        name = random.choices(list(weights), list(weights.values()))[0]
        world.append(*KINDS[name], step_ms)
        for _ in range(random.randrange(3)):
            world.log.step()


def frames_of(world: World, name: str) -> "set[tuple[int, int]]":
    """Kept frames of a kind."""
    return {key for key, frame in world.kept().items() if frame[1] == KINDS[name][0]}


@pytest.mark.parametrize("mixture", list(MIXTURES))
def test_what_fits_no_more_is_given_up_in_the_stated_order_and_told_once(mixture):
    world = World(SECTORS)
    for part in range(6):
        fill(world, part, 350, MIXTURES[mixture], 61_000 if mixture == "runs" else 2_000)
        world.settle()
        world.check_losses()
        if part % 2:
            world.boot()
    assert {loss.cause for loss in world.losses} == CAUSES[mixture]


def test_nothing_is_given_up_while_there_is_room():
    world = World(SECTORS)
    fill(world, 1, 110, MIXTURES["all"])
    world.settle()
    assert len(world.kept()) == len(world.appended) == 110


def test_confirmed_sectors_go_first_and_are_no_loss():
    world = World(SECTORS)
    fill(world, 1, 60, {"event": 1, "update": 1, "consent": 1})
    world.confirm(1, 0, 60)
    fill(world, 2, 3, {"block": 1})
    world.confirm(1, 60, 1)
    fill(world, 3, 200, {"block": 1})
    world.settle()
    world.check_losses()
    assert world.losses
    assert all(loss.first > 60 for loss in world.losses)


def test_confirmed_numbers_with_holes_still_let_the_sectors_between_go():
    world = World(SECTORS)
    for sequence in range(80):
        world.append(*KINDS["block" if sequence % 5 else "event"])
    for first in range(1, 80, 5):
        world.confirm(1, first, 4)
    world.settle()
    index = world.log.sectors.index
    waveforms = [
        sector for sector in range(index.count) if index.phase(sector) == 3 and index.class_at(sector) == 4
    ]
    assert len(waveforms) >= 3
    assert all(index.has_flag(sector, FLAG_CONFIRMED) for sector in waveforms)


def test_vitals_are_thinned_to_one_a_minute():
    world = World(SECTORS)
    fill(world, 1, 1500, {"update": 1})
    world.settle()
    world.check_losses()
    thinned = max(loss.last for loss in world.losses if loss.cause == LOSS_CAUSE_THINNED)
    kept = world.kept()
    minutes = [
        int.from_bytes(kept[key][7:11], "little") // 60_000
        for key in frames_of(world, "update")
        if key[1] <= thinned
    ]
    assert len(minutes) > 20
    assert sorted(minutes) == list(range(len(minutes)))


def thinning_world(copied: int, step_ms: int = 20_000) -> World:
    """A journal in the middle of thinning a sector, so many frames of which are copied."""
    world = World(SECTORS)
    thinner = world.log.room.thinner
    operations = 0
    while not thinner.is_busy:
        world.append(*KINDS["update"], step_ms)
        while not thinner.is_busy and world.log.step():
            pass
    while operations < copied or not thinner.is_busy:
        before = world.nor.operations
        world.log.step()
        assert thinner.is_busy
        operations += world.nor.operations - before
    return world


def test_while_a_sector_is_thinned_each_frame_comes_and_comes_once():
    world = thinning_world(0)
    frames = len(world.appended)
    steps = 0
    while world.log.room.thinner.is_busy:
        assert len(world.kept()) == frames
        world.log.step()
        steps += 1
    # Twice through some 60 entries, 4 a step, and a step for each copy.
    assert steps > 30
    assert len(world.kept()) < frames
    world.settle()
    world.check_losses()


DEEDS = {
    "withdrawn": lambda world: world.wipe(LOSS_CAUSE_WITHDRAWN),
    "expired": lambda world: world.expire(0),
    "confirmed": lambda world: world.confirm(1, 0, world.sequence),
    "looked at": lambda world: world.kept(),
    "restarted": lambda world: world.boot(),
}


@pytest.mark.parametrize("copied", [0, 1, 2, 9])
@pytest.mark.parametrize("deed", DEEDS)
def test_what_comes_between_the_steps_of_thinning_loses_nothing_untold(deed, copied):
    world = thinning_world(copied)
    DEEDS[deed](world)
    for _ in range(5):
        world.append(*KINDS["update"])
    world.settle()
    world.check_losses()
    world.boot()
    world.settle()
    world.check_losses()
    fill(world, 2, 400, MIXTURES["all"])
    world.settle()
    world.check_losses()


def test_events_and_consent_records_outlast_all_else():
    world = World(SECTORS)
    fill(world, 1, 60, {"event": 3, "consent": 1})
    kept_first = frames_of(world, "event") | frames_of(world, "consent")
    fill(world, 2, 900, {"block": 3, "update": 1, "run": 1}, 20_000)
    assert kept_first <= world.kept().keys()
    fill(world, 3, 2500, {"event": 1})
    assert not kept_first & frames_of(world, "event")
    assert kept_first >= frames_of(world, "consent") > set()


def test_records_of_starts_alone_do_not_take_the_room_of_what_is_measured():
    world = World(SECTORS)
    fill(world, 1, 150, {"update": 1})
    fill(world, 2, 1500, {"consent": 1})
    world.settle()
    world.check_losses()
    sectors = world.log.sectors.index
    alive = [
        at for at in range(sectors.count) if sectors.is_alive(at) and sectors.class_at(at) == CLASS_CONSENT
    ]
    # One more may be closed before room is made, and one is open.
    assert len(alive) <= MOST_CONSENT_SECTORS + 2
    assert max(frames_of(world, "consent")) == (1, world.sequence - 1)
    assert frames_of(world, "update")


@pytest.mark.parametrize("cause", [LOSS_CAUSE_WITHDRAWN, LOSS_CAUSE_WIPED])
def test_a_wipe_leaves_consent_records_only_at_once_and_over_a_restart(cause):
    world = World(SECTORS)
    fill(world, 1, 150, MIXTURES["all"])
    kept_before = frames_of(world, "consent")
    operations = world.nor.operations
    world.wipe(cause)
    # By its datasheet time the slowest of them, an erase, takes 45 ms: far below a second.
    assert world.nor.operations - operations < 20
    assert set(world.kept()) == kept_before
    world.boot()
    world.settle()
    assert {frame[1] for frame in world.kept().values()} == {KINDS["consent"][0], 0x0F}
    world.check_losses()
    assert cause in {loss.cause for loss in world.losses}
    assert world.nor.image().count(b"\xff" * 4000) >= SECTORS - 4, "erased, too"


def test_what_is_older_than_the_manifest_allows_goes_but_not_events():
    world = World(SECTORS)
    fill(world, 1, 60, {"block": 1, "run": 1, "update": 1, "event": 1}, 60_000)
    world.boot()
    fill(world, 2, 10, {"block": 1, "run": 1, "update": 1, "event": 1}, 60_000)
    events = frames_of(world, "event")
    # Powered time: an hour of the boot before, ten minutes of this one.
    world.expire(4_300)
    assert len(world.kept()) > 50
    world.expire(4_100)
    world.settle()
    world.check_losses()
    assert {loss.cause for loss in world.losses} == {LOSS_CAUSE_EXPIRED}
    assert frames_of(world, "event") == events


@pytest.mark.parametrize("count", [1, 5, 100, 1 << 23])
def test_any_range_comes_again_with_the_same_bytes(count):
    world = World(SECTORS)
    fill(world, 1, 100, MIXTURES["all"])
    world.boot()
    fill(world, 2, 100, MIXTURES["all"])
    for boot_id in (1, 2, 3):
        for first in (0, 7, 50, 99, 120):
            wanted = {
                key: frame
                for key, frame in world.appended.items()
                if key[0] == boot_id and first <= key[1] < first + count
            }
            assert world.backfilled(boot_id, first, count) == wanted


def test_frames_that_are_given_up_while_they_are_sent_do_not_come_and_are_not_counted():
    world = World(SECTORS)
    fill(world, 1, 120, {"block": 1})
    reader = world.log.reader
    reader.begin(1, 0, 120)
    while reader.count():
        pass
    for _ in range(10):
        assert reader.peek()
        reader.advance()
    fill(world, 2, 120, {"block": 1})
    sent = set()
    while reader.peek():
        sent.add(reader.buffer[reader.start + 4])
        reader.advance()
    assert sent < set(range(10, 120))
    assert reader.sent == 10 + len(sent) < reader.kept


def test_the_age_of_boots_is_right_where_their_ids_begin_again():
    world = World(SECTORS)
    world.boot_id = 0xFFFD
    for _ in range(4):
        world.boot_id &= 0xFFFF
        world.boot()
        world.log.begin_boot(world.boot_id & 0xFFFF)
        world.boot_id &= 0xFFFF
        fill(world, 1, 60, {"block": 1})
    kept = {boot_id for boot_id, _ in world.kept()}
    assert kept == {0, 1} or kept == {0xFFFF, 0, 1}


def test_a_start_with_a_full_flash_takes_less_than_a_second():
    nor = NorFlash()
    world = World(nor=nor)
    fill(world, 1, 4300, {"block": 30, "event": 1, "run": 1})
    flash = ReadTimes(nor)
    log = FrameLog(flash, os.urandom, LibraryCtr())
    log.start(2)
    steps = 0
    while not log.is_ready:
        log.step()
        steps += 1
    assert log.sectors.next_serial > 250
    assert flash.read_us < 200_000
    assert steps < 200


class ReadTimes(BlockFlash):
    """Adds up what reads take."""

    read_us = 0

    def read_into(self, sector, offset, buffer, start, count):
        self.read_us += read_us(count)
        super().read_into(sector, offset, buffer, start, count)


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_wear_is_even_over_many_wraps(is_confirmed):
    world = World(20)
    for part in range(20):
        fill(world, part, 220, {"block": 12, "run": 2, "event": 3, "consent": 1})
        if is_confirmed:
            world.confirm(world.boot_id, 0, world.sequence)
        if part % 5 == 4:
            world.boot()
    erases = sorted(wear.erases for wear in world.nor.wear)
    assert sum(erases) > 180
    if is_confirmed:
        # One of each class stays open for long.
        assert erases[-1] - erases[CLASS_COUNT] <= 3
    else:
        # What must not be given up stands still, here half of the sectors: the others wear in its place.
        assert erases[-1] <= 2.5 * sum(erases) / len(erases)


def test_a_journal_wants_room_for_every_class():
    with pytest.raises(ValueError, match=f"a journal wants {LEAST_SECTORS} sectors, got 10"):
        FrameLog(BlockFlash(NorFlash(LEAST_SECTORS - 1)), os.urandom, LibraryCtr())


def test_events_that_come_faster_than_sectors_are_erased_are_kept():
    world = World(LEAST_SECTORS)
    for _ in range(900):
        world.append(*KINDS["event"])
    world.settle()
    world.check_losses()


def test_sixteen_blocks_fill_a_sector():
    assert 16 * entry_bytes(241) == 4096 - 60 - 4


def test_a_flash_of_something_else_is_taken_for_empty():
    nor = NorFlash(SECTORS)
    nor.restore(Random(1).randbytes(SECTORS * 4096))
    world = World(nor=nor)
    assert world.kept() == {}
    fill(world, 1, 100, MIXTURES["all"])
    world.settle()
    world.check_losses()


def test_no_loss_is_told_where_not_one_sector_is_left_for_it():
    world = World(SECTORS)
    fill(world, 1, 30, {"event": 1})
    sectors = world.log.sectors
    sectors.close(CLASS_EVENTS)
    sectors.clean_count = 0
    assert not world.log.reserve_loss(HEADER_BYTES)


def test_classes_are_all_that_the_index_can_tell():
    assert CLASS_CONSENT == 0
    assert CLASS_COUNT <= 8
    assert CLOSED < 1 << 8
