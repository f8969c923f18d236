"""A wipe leaves nothing of the wearer before, wherever power goes; and all that is kept is in its list."""

import ast
import builtins
import gc
import os
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandsim.flash_cuts import ways_to_cut
from bandsim.nor_flash import ERASED, SECTOR_BYTES, Cut, FlashOperation, NorFlash, PowerCutError
from firmware.journal.world import BlockFlash
from hal.bonds import Bonds
from hal.handover import MOST_COUNT, Handover
from hal.storage import Storage
from torn_files import TornError, tear_after

sys.modules.setdefault("machine", SimpleNamespace())
from hal import wiping  # noqa: E402

FIRMWARE = Path(wiping.__file__).parents[1]
SECTORS = 2
KEY_SECTOR = SECTORS - 1
UNIX_S = 1_764_500_000
MARK = b"\xd5MARKED\xd5"
"""Stands in all that is kept of the wearer before: eight bytes, as the digest of a manifest has."""
HANDOVER = Handover.NAME


class Cutter:
    """Counts the files that are opened to be written, and lets power go in one of them after some bytes."""

    def __init__(self, patch, *, file_number=-1, byte_count=0):
        self.files = 0
        real_open = builtins.open

        def open_counted(path, mode="r", **options):
            if mode == "wb":
                self.files += 1
                if self.files == file_number:
                    with pytest.MonkeyPatch.context() as tear:
                        tear_after(tear, byte_count)
                        return builtins.open(path, mode, **options)
            return real_open(path, mode, **options)

        patch.setattr(builtins, "open", open_counted)


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path) + "/"


class Worn:
    """What a band keeps that is marked; `restore` puts it in place as often as wanted."""

    def __init__(self, folder):
        nor, self.before = worn(folder)
        self._folder, self._image = Path(folder), nor.image()
        self._files = {path.name: path.read_bytes() for path in self._folder.iterdir()}

    def restore(self):
        """Give the flash, the files being as they were."""
        for path in self._folder.iterdir():
            path.unlink()
        for name, content in self._files.items():
            (self._folder / name).write_bytes(content)
        nor = NorFlash(SECTORS)
        nor.restore(self._image)
        return nor


def worn(folder):
    """A band that keeps something of its wearer everywhere, and is marked; gives flash and id of before."""
    handover = Handover(folder)
    handover.note_worn()
    handover.write()
    handover.write()
    before = handover.band_id
    storage = Storage(folder)
    storage.boot_id = 777
    storage.keep_consent(0x3FF, MARK)
    storage.write()
    storage.write()
    bonds = Bonds(folder)
    bonds.set(1, b"address", MARK * 10)
    bonds.set(10, b"", MARK)
    bonds.write()
    Path(folder, wiping.LAST_WORDS_FILE).write_bytes(MARK)
    nor = NorFlash(SECTORS)
    for sector in range(SECTORS):
        nor.program(sector, 0, MARK * (SECTOR_BYTES // len(MARK)))
    handover.begin_wipe(UNIX_S)
    return nor, before


def wipe(folder, nor):
    """What a start does that finds the mark."""
    handover = Handover(folder)
    if handover.is_wiping:
        wiping.wipe(handover, BlockFlash(nor), lambda: None, folder)
    return handover


def assert_clean(folder, nor, before):
    contents = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    contents["flash"] = nor.image()
    for name, content in contents.items():
        assert MARK not in content, name
        assert before not in content, name
    assert nor.image() == bytes([ERASED]) * (SECTORS * SECTOR_BYTES)
    kept = Handover(folder)
    assert (kept.is_wiping, kept.is_worn, kept.count, kept.wiped_unix_s) == (False, False, 1, UNIX_S)
    assert kept.band_id not in (before, bytes(8))
    storage, bonds = Storage(folder), Bonds(folder)
    assert (storage.boot_id, storage.consent_groups) == (0, 0)
    assert (bonds.get(1, 0, None), bonds.get(10, 0, None)) == (None, None)
    assert not any((storage.is_damaged, bonds.is_damaged, bonds.is_dirty))


@pytest.fixture(autouse=True)
def heap(monkeypatch):
    """CPython tells nothing of a heap, and takes long to collect one."""
    monkeypatch.setattr(gc, "mem_free", lambda: 0, raising=False)
    monkeypatch.setattr(gc, "collect", lambda: 0)


def test_nothing_of_the_wearer_is_left_in_files_or_flash(folder):
    nor, before = worn(folder)
    assert MARK in nor.image()
    wipe(folder, nor)
    assert_clean(folder, nor, before)


def cut_and_come_back(folder, nor, before):
    """After power went the next start finishes it; both slots of the mark keep nothing of before."""
    wipe(folder, nor)
    assert_clean(folder, nor, before)


def test_the_key_of_the_journal_goes_before_all_else(folder, monkeypatch):
    nor, _ = worn(folder)
    nor.cut_at(nor.operations + 2, Cut())
    seen = []
    monkeypatch.setattr(wiping, "wipe_slots", lambda kind, _folder: seen.append((kind, nor.image())))
    with pytest.raises(PowerCutError):
        wipe(folder, nor)
    kind, image = seen[0]
    assert kind is wiping.WIPED_SLOTS[0]
    assert image.endswith(bytes([ERASED]) * SECTOR_BYTES)
    assert MARK in image


def test_power_that_goes_in_any_operation_of_the_flash_ends_in_a_whole_wipe(folder):
    band, cuts = Worn(folder), 0
    for operation, sector in enumerate((KEY_SECTOR, *range(KEY_SECTOR)), 1):
        for cut in ways_to_cut(FlashOperation(sector, 0, b""), operation):
            nor = band.restore()
            nor.cut_at(nor.operations + operation, cut)
            with pytest.raises(PowerCutError):
                wipe(folder, nor)
            assert Handover(folder).is_wiping
            cut_and_come_back(folder, nor, band.before)
            cuts += 1
    assert cuts == 6 * SECTORS


def test_power_that_goes_after_any_byte_of_any_file_ends_in_a_whole_wipe(folder, monkeypatch):
    band = Worn(folder)
    with monkeypatch.context() as patch:
        counted = Cutter(patch)
        wipe(folder, NorFlash(SECTORS))
    assert counted.files == 2 * len(wiping.WIPED_SLOTS) + len(wiping.WIPED_FILES) + 2
    for file_number in range(1, counted.files + 1):
        for byte_count in range(40):
            nor = band.restore()
            with monkeypatch.context() as patch:
                Cutter(patch, file_number=file_number, byte_count=byte_count)
                try:
                    wipe(folder, nor)
                except TornError:
                    pass
                else:
                    break
            cut_and_come_back(folder, nor, band.before)


@pytest.mark.parametrize("byte_count", range(26))
def test_a_mark_torn_at_any_byte_leaves_the_band_as_it_was_or_wipes_it(folder, monkeypatch, byte_count):
    handover = Handover(folder)
    handover.note_worn()
    handover.write()
    before = handover.band_id
    with monkeypatch.context() as patch:
        tear_after(patch, byte_count)
        try:
            handover.begin_wipe(UNIX_S)
        except TornError:
            assert (Handover(folder).is_wiping, Handover(folder).band_id) == (False, before)
        else:
            assert Handover(folder).is_wiping


def test_a_part_that_keeps_what_it_should_erase_is_no_wipe(folder):
    nor, _ = worn(folder)
    flash = BlockFlash(nor)
    flash.erase = lambda _sector: None
    with pytest.raises(OSError, match=str(5)):
        wiping.wipe(Handover(folder), flash, lambda: None, folder)
    assert Handover(folder).is_wiping


def test_the_watchdog_is_fed_at_each_sector(folder):
    nor, _ = worn(folder)
    fed = []
    wiping.wipe(Handover(folder), BlockFlash(nor), lambda: fed.append(nor.operations), folder)
    assert len(set(fed)) >= SECTORS


def test_a_band_without_flash_is_wiped_too(folder):
    _, before = worn(folder)
    wiping.wipe(Handover(folder), None, lambda: None, folder)
    assert_clean(folder, NorFlash(SECTORS), before)


@settings(max_examples=20)
@given(wears=st.lists(st.booleans(), max_size=8))
def test_the_count_is_that_of_wearers_and_survives(tmp_path_factory, wears):
    folder = str(tmp_path_factory.mktemp("band")) + "/"
    seen = {Handover(folder).band_id}
    for is_worn in wears:
        handover = Handover(folder)
        if is_worn:
            handover.note_worn()
        handover.begin_wipe(0)
        Handover(folder).end_wipe()
        seen.add(Handover(folder).band_id)
    assert Handover(folder).count == sum(wears)
    assert len(seen) == len(wears) + 1


def test_the_count_stops_where_its_page_has_no_room(folder):
    handover = Handover(folder)
    handover.count = MOST_COUNT
    handover.note_worn()
    handover.end_wipe()
    assert Handover(folder).count == MOST_COUNT


def test_the_id_is_chance_and_no_number_of_the_device(folder, monkeypatch):
    draws = iter([bytes(8), b"by chanc", b"another!"])
    monkeypatch.setattr(os, "urandom", lambda count: next(draws)[:count])
    handover = Handover(folder)
    assert handover.band_id == b"by chanc"
    handover.write()
    assert Handover(folder).band_id == b"by chanc"
    handover.end_wipe()
    assert Handover(folder).band_id == b"another!"


# What is kept, and where it is listed.


def sources():
    for path in sorted(FIRMWARE.rglob("*.py")):
        if "ports" not in path.relative_to(FIRMWARE).parts:
            yield path.relative_to(FIRMWARE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def name_of(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def is_open(node):
    return isinstance(node, ast.Name) and node.id == "open"


def test_every_kind_of_slots_is_wiped_or_is_what_outlives_a_wipe():
    kinds = {
        node.name
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "Slots" in [name_of(base) for base in node.bases]
    }
    assert len(kinds) > 2
    assert kinds == {kind.__name__ for kind in wiping.WIPED_SLOTS} | {Handover.__name__}


def test_files_are_written_in_few_places_which_the_wipe_knows():
    writers = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (name_of(node.func) in ("rename", "NVS", "ioctl", "writeblocks") or is_open(node.func))
        and not any(isinstance(value, ast.Constant) and value.value == "rb" for value in node.args)
    }
    assert writers == {"hal/slots.py", "hal/comeback.py", "hal/flash.py", "hal/wiping.py"}


def test_no_two_kinds_share_their_files_or_their_magic():
    kinds = [*wiping.WIPED_SLOTS, Handover]
    assert len({kind.NAME for kind in kinds}) == len({kind.MAGIC for kind in kinds}) == len(kinds)


def test_a_wiped_slot_holds_an_empty_record(folder):
    worn(folder)
    wiping.wipe_slots(Storage, folder)
    for slot in "01":
        content = Path(folder, Storage.NAME + slot).read_bytes()
        assert (len(content), struct.unpack("<2sB", content[:3])) == (9, (Storage.MAGIC, Storage.FORMAT))
