"""What a frame says lies in flash sealed, under a nonce of its own, and is gone with the page of its key."""

import os
import struct
from binascii import crc32
from errno import EIO
from random import Random

import pytest

from bandsim.flash_cuts import ways_to_cut
from bandsim.nor_flash import ERASED, SECTOR_BYTES, FlashOperation, NorFlash, PowerCutError
from bandsim.sealed_journal import LibraryCtr, frames_in, is_entry, key_in, nonce_of
from bandwire.frames import HEADER_BYTES, LOSS_CAUSE_WITHDRAWN
from firmware.journal.test_log import MIXTURES, SECTORS, fill, frames_of
from firmware.journal.test_power_cuts import boots, cut_by, work
from firmware.journal.world import KINDS, BlockFlash, World
from journal.index import PHASE_CLEAN
from journal.layout import ENTRIES_AT
from journal.log import FrameLog
from journal.sectors import LEAST_SECTORS

KEY_AT = (SECTORS - 1) * SECTOR_BYTES
WINDOW_BYTES = 6
"""Of a payload. By chance six given bytes are in a flash of 60 KB once in 4 thousand million times."""
KEY_OPERATIONS = 3
"""An erase, and two copies."""


class SeenFlash(NorFlash):
    """Notes the nonce of every entry of which anything has come to lie in the flash."""

    def __init__(self, sectors: int):
        super().__init__(sectors)
        self.nonces: list[tuple[bytes, bytes]] = []

    def program(self, sector, offset, data):
        before = self.image()
        try:
            super().program(sector, offset, data)
        finally:
            after = self.image()
            if is_entry(data) and after != before:
                key = key_in(before)
                assert key is not None
                self.nonces.append((key, nonce_of(before, sector, offset, bytes(data))))


def windows(content: bytes):
    return {content[at : at + WINDOW_BYTES] for at in range(len(content) - WINDOW_BYTES + 1)}


def test_nothing_of_what_a_frame_says_is_found_in_the_flash():
    world = World(SECTORS)
    fill(world, 1, 300, MIXTURES["all"])
    world.wipe(LOSS_CAUSE_WITHDRAWN)
    fill(world, 2, 300, MIXTURES["all"])
    image = world.nor.image()
    said = set().union(*(windows(frame[HEADER_BYTES:]) for frame in world.appended.values()))
    assert len(said) > 200
    assert not said & windows(image)
    opened = list(frames_in(image))
    assert len(opened) > 100
    assert set(opened) <= set(world.appended.values()), "and it is there for who has the key"


@pytest.mark.parametrize("seed", range(4))
def test_no_two_frames_have_one_nonce_wherever_power_goes(seed):
    random = Random(seed)
    nor = SeenFlash(LEAST_SECTORS)
    world = World(nor=nor)
    for _ in range(15):
        nor.cut_at(nor.operations + random.randint(1, 90), cut_by(random))
        with pytest.raises(PowerCutError):
            work(world, random, [1, 2, 20, 2, 1])
        while not boots(world, random):
            pass
    assert len(nor.nonces) == len(set(nor.nonces)) > 300


@pytest.mark.parametrize("seed", range(4))
def test_no_two_frames_have_one_nonce_though_boots_are_counted_from_the_start_again(seed):
    random = Random(seed)
    nor = SeenFlash(LEAST_SECTORS)
    world = World(nor=nor)
    names = list(KINDS)
    for _ in range(25):
        world.boot_id = 0
        nor.cut_at(nor.operations + random.randint(1, 60), cut_by(random))
        with pytest.raises(PowerCutError):
            boot_and_fill(world, random, names)
    assert len(nor.nonces) == len(set(nor.nonces)) > 200


def boot_and_fill(world: World, random: Random, names: list[str]):
    """What a host holds and what is confirmed is another matter: numbers come twice here."""
    world.confirmed.clear()
    world.boot()
    for _ in range(200):
        world.append(*KINDS[random.choice(names)])
        if random.random() < 0.1:
            world.log.confirm(world.boot_id, 0, world.sequence)
        for _ in range(random.randrange(4)):
            world.log.step()


def test_the_newest_sector_is_not_erased_before_there_is_a_newer_one():
    world = World(SECTORS)
    world.append(*KINDS["update"])
    world.confirm(world.boot_id, 0, world.sequence)
    world.expire(0)
    world.settle()
    sectors = world.log.sectors
    newest, serial = sectors.newest, sectors.next_serial
    assert world.kept() == {}
    world.boot()
    assert world.log.sectors.next_serial == serial
    world.append(*KINDS["event"])
    world.settle()
    assert world.log.sectors.index.phase(newest) == PHASE_CLEAN


def test_with_the_page_of_the_key_all_that_was_kept_is_gone_and_the_journal_begins_anew():
    world = World(SECTORS)
    fill(world, 1, 120, MIXTURES["all"])
    before, key = world.nor.image(), key_in(world.nor.image())
    world.nor.erase(SECTORS - 1)
    world.boot()
    assert key_in(world.nor.image()) not in (None, key)
    assert world.kept() == {}
    appended = len(world.appended)
    fill(world, 2, 60, MIXTURES["all"])
    world.settle()
    kept = world.kept()
    assert len(kept) > 50
    assert kept.keys() <= set(list(world.appended)[appended:])
    # Who has what lay there, and the page as it is now, opens nothing of it.
    old = before[:KEY_AT] + world.nor.image()[KEY_AT:]
    assert not set(frames_in(old)) & set(world.appended.values())


def test_a_frame_that_cannot_be_opened_does_not_come_and_is_counted_and_the_others_come():
    world = World(SECTORS)
    fill(world, 1, 60, MIXTURES["all"])
    spoilt = sorted(frames_of(world, "block"))[3]
    image = bytearray(world.nor.image())
    at = image.find(world.appended[spoilt][:HEADER_BYTES])
    image[at + HEADER_BYTES + 40] ^= 8
    world.nor.restore(bytes(image))
    reader = world.log.reader
    reader.begin(world.boot_id, 0, 1 << 20)
    while reader.count():
        pass
    found = set()
    while length := reader.peek():
        frame = bytes(reader.buffer[reader.start : reader.start + length])
        assert frame in world.appended.values()
        found.add(frame)
        reader.advance()
    assert reader.unopened == 1
    assert found == set(world.appended.values()) - {world.appended[spoilt]}


def old_sector(serial: int, frames: "list[bytes]") -> bytes:
    """A closed sector of events as the format before had it: nothing was sealed."""

    def checked(data: bytes) -> bytes:
        return data + struct.pack("<I", crc32(data))

    sector = bytearray([ERASED]) * SECTOR_BYTES
    sector[4:12] = checked(b"\x4a\x01\x00\x00")
    sector[12:36] = checked(struct.pack("<BHBIIII", 1, 0xFFFF, 0xFF, serial, 0, 0, 0))
    at = ENTRIES_AT
    for frame in frames:
        entry = checked(struct.pack("<HH", len(frame), ~len(frame) & 0xFFFF) + frame + bytes(-len(frame) % 4))
        sector[at : at + len(entry)] = entry
        at += len(entry)
    return bytes(sector)


def test_a_journal_of_the_format_before_is_taken_for_none_and_is_erased_at_once():
    frames = [bytes((1, 6, 1, 0, number, 0, 0, 0, 0, 0, 0, 0)) + b"of before" * 3 for number in range(80)]
    nor = NorFlash(SECTORS)
    nor.restore(b"".join(old_sector(number + 1, frames) for number in range(SECTORS)))
    world = World(nor=nor)
    assert world.kept() == {}
    world.settle()
    assert b"of before" not in nor.image()
    fill(world, 1, 100, MIXTURES["all"])
    world.settle()
    world.check_losses()


@pytest.mark.parametrize("operation", range(1, KEY_OPERATIONS + 1))
def test_power_that_goes_while_the_key_is_made_leaves_a_key_or_has_another_made(operation):
    of_erase, of_copy = FlashOperation(SECTORS - 1, 0, b""), FlashOperation(SECTORS - 1, 0, bytes(24))
    for cut in ways_to_cut(of_erase if operation == 1 else of_copy, operation):
        nor = NorFlash(SECTORS)
        nor.restore(bytes(KEY_AT) + Random(1).randbytes(SECTOR_BYTES))
        nor.cut_at(operation, cut)
        with pytest.raises(PowerCutError):
            World(nor=nor)
        world = World(nor=nor)
        fill(world, 1, 30, MIXTURES["all"])
        key = key_in(nor.image())
        world.boot()
        assert key_in(nor.image()) == key is not None
        assert len(world.kept()) == 30


@pytest.mark.parametrize("copy_at", [0, 256])
def test_one_copy_of_the_key_is_enough(copy_at):
    world = World(SECTORS)
    fill(world, 1, 30, MIXTURES["all"])
    image = bytearray(world.nor.image())
    image[KEY_AT + copy_at + 9] ^= 1
    world.nor.restore(bytes(image))
    world.boot()
    assert len(world.kept()) == 30


def test_without_chance_or_a_page_that_takes_a_key_nothing_is_written():
    def no_chance(_count):
        raise OSError(EIO)

    nor = NorFlash(SECTORS)
    with pytest.raises(OSError, match=str(EIO)):
        started(BlockFlash(nor), no_chance)
    assert nor.operations == 0
    flash = BlockFlash(nor)
    flash.program = lambda *_: None
    with pytest.raises(OSError, match=str(EIO)):
        started(flash, os.urandom)


def started(flash, draw) -> FrameLog:
    log = FrameLog(flash, draw, LibraryCtr())
    log.start(1)
    log.finish_start()
    return log


def test_consent_records_outlive_a_withdrawal_under_the_same_key():
    world = World(SECTORS)
    fill(world, 1, 100, MIXTURES["all"])
    key, kept = key_in(world.nor.image()), frames_of(world, "consent")
    world.wipe(LOSS_CAUSE_WITHDRAWN)
    world.settle()
    assert key_in(world.nor.image()) == key
    assert frames_of(world, "consent") == kept
    assert kept
