"""The keys of paired hosts: what NimBLE gets back, and what a loss of power or a wiping leaves of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.bonds import MOST_PEERS, MOST_VALUE_BYTES, OUR_IRK, Bonds
from torn_files import TornError, tear_after

OURS, THEIRS = 1, 2
IRK = b"key of my own..."

KINDS = st.sampled_from([OURS, THEIRS])
KEYS = st.binary(min_size=7, max_size=7)
VALUES = st.binary(max_size=MOST_VALUE_BYTES)
SETTINGS = st.lists(st.tuples(KINDS, KEYS, st.none() | VALUES), max_size=40)


def key_of(peer: int) -> bytes:
    return bytes((1, peer, 0, 0, 0, 0, 0xC0))


def value_of(peer: int) -> bytes:
    return bytes((peer,)) * 80


def pair(bonds: Bonds, *peers: int) -> None:
    for peer in peers:
        for kind in (OURS, THEIRS):
            assert bonds.set(kind, memoryview(key_of(peer)), memoryview(value_of(peer)))


def peers_of(bonds: Bonds) -> list[bytes]:
    """The peers in the order in which NimBLE goes through them."""
    found = list[bytes]()
    while (value := bonds.get(THEIRS, len(found), None)) is not None:
        found.append(value[:1])
    return found


def flash_of(folder: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(Path(folder).iterdir()))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return f"{tmp_path}/"


def test_what_was_kept_is_there_after_a_restart(folder: str) -> None:
    bonds = Bonds(folder)
    bonds.set(OUR_IRK, b"irk", IRK)
    pair(bonds, 5, 6)
    assert bonds.is_dirty
    bonds.write()
    again = Bonds(folder)
    assert not again.is_dirty
    assert again.get(OUR_IRK, 0, b"irk") == IRK
    assert again.get(OURS, 0, memoryview(key_of(6))) == value_of(6)
    assert again.get(OURS, 0, key_of(7)) is None
    assert peers_of(again) == [b"\5", b"\6"]


@given(settings=SETTINGS)
def test_it_is_a_dictionary_of_the_peers_that_were_kept_last(
    tmp_path_factory: pytest.TempPathFactory, settings: list[tuple[int, bytes, bytes | None]]
) -> None:
    folder = f"{tmp_path_factory.mktemp('bonds')}/"
    bonds = Bonds(folder)
    known = dict[tuple[int, bytes], bytes]()
    for kind, key, value in settings:
        was_known = (kind, key) in known
        assert bonds.set(kind, key, value) == (was_known or value is not None)
        if value is None or known.get((kind, key)) != value:
            known.pop((kind, key), None)
        if value is not None:
            known.setdefault((kind, key), value)
        newest = list(dict.fromkeys(key for _, key in reversed(known)))[:MOST_PEERS]
        known = {which: each for which, each in known.items() if which[1] in newest}
    if bonds.is_dirty:
        bonds.write()
    for each in (bonds, Bonds(folder)):
        for kind in (OURS, THEIRS):
            values = [value for (of, _), value in known.items() if of == kind]
            assert [each.get(kind, index, None) for index in range(len(values) + 1)] == [*values, None]
        assert all(each.get(*which[:1], 0, which[1]) == value for which, value in known.items())


def test_a_band_with_which_nobody_has_paired_leaves_no_key_in_flash(folder: str) -> None:
    bonds = Bonds(folder)
    bonds.set(OUR_IRK, b"irk", IRK)
    assert not bonds.is_dirty
    assert bonds.get(OUR_IRK, 0, b"irk") == IRK
    assert Bonds(folder).get(OUR_IRK, 0, b"irk") is None
    assert list(Path(folder).iterdir()) == []


def test_the_oldest_peer_makes_room_for_another_with_all_its_secrets(folder: str) -> None:
    bonds = Bonds(folder)
    pair(bonds, *range(MOST_PEERS + 1))
    bonds.write()
    assert peers_of(Bonds(folder)) == [bytes((peer,)) for peer in range(1, MOST_PEERS + 1)]
    assert value_of(1) in flash_of(folder)
    assert Bonds(folder).get(OURS, 0, key_of(0)) is None


def test_what_is_longer_than_there_is_room_for_is_refused(folder: str) -> None:
    bonds = Bonds(folder)
    assert not bonds.set(OURS, key_of(1), bytes(MOST_VALUE_BYTES + 1))
    assert not bonds.set(OURS, bytes(8), b"value")
    assert not bonds.is_dirty


def wipe(bonds: Bonds) -> None:
    bonds.wipe()


def forget_one_by_one(bonds: Bonds) -> None:
    for peer in (5, 6):
        for kind in (OURS, THEIRS):
            assert bonds.set(kind, key_of(peer), None)
            assert not bonds.set(kind, key_of(peer), None)


FORGETTING = pytest.mark.parametrize("forget", [wipe, forget_one_by_one])


@FORGETTING
def test_what_is_forgotten_is_in_neither_slot(folder: str, forget: Callable[[Bonds], None]) -> None:
    bonds = Bonds(folder)
    bonds.set(OUR_IRK, b"irk", IRK)
    pair(bonds, 5, 6)
    bonds.write()
    assert IRK in flash_of(folder)
    assert value_of(5) in flash_of(folder)
    forget(bonds)
    bonds.write()
    for gone in (IRK, value_of(5), value_of(6)):
        assert gone not in flash_of(folder)
    assert bonds.get(OUR_IRK, 0, b"irk") == IRK, "the radio goes on with it until it is switched off"
    assert peers_of(Bonds(folder)) == []


def cut_at(folder: str, byte_count: int, change: Callable[[Bonds], None]) -> Bonds:
    """Bonds of peers 5 and 6, and a change whose writing is cut off; gives what the next start finds."""
    bonds = Bonds(folder)
    bonds.set(OUR_IRK, b"irk", IRK)
    pair(bonds, 5, 6)
    bonds.write()
    change(bonds)
    with pytest.MonkeyPatch.context() as patch:
        tear_after(patch, byte_count)
        with pytest.raises(TornError):
            bonds.write()
    return Bonds(folder)


SLOT_BYTES = 5 + 6 * 90 + 19 + 4
"""Of three peers: head, two secrets of each, the band's own, CRC."""


@pytest.mark.parametrize("byte_count", range(0, SLOT_BYTES, 7))
def test_a_bond_whose_writing_is_cut_off_at_any_byte_leaves_those_before_it(
    folder: str, byte_count: int
) -> None:
    again = cut_at(folder, byte_count, lambda bonds: pair(bonds, 7))
    assert peers_of(again) == [b"\5", b"\6"]
    assert again.get(OURS, 0, key_of(6)) == value_of(6)
    assert again.get(OUR_IRK, 0, None) == IRK
    assert again.is_dirty, "the torn slot is written over"
    again.write()
    healed = Bonds(folder)
    assert (peers_of(healed), healed.is_damaged, healed.is_dirty) == ([b"\5", b"\6"], False, False)


@pytest.mark.parametrize("byte_count", range(9))
@FORGETTING
def test_a_wiping_that_is_cut_off_is_done_or_undone_as_a_whole(
    folder: str, byte_count: int, forget: Callable[[Bonds], None]
) -> None:
    assert peers_of(cut_at(folder, byte_count, forget)) == [b"\5", b"\6"]


def test_a_wiping_that_is_cut_off_between_its_slots_is_ended_at_the_next_start(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bonds = Bonds(folder)
    pair(bonds, 5)
    bonds.write()
    bonds.wipe()
    keep, calls = Bonds.keep, list[bytes]()

    def keep_once(self: Bonds, record: bytes) -> None:
        calls.append(record)
        if len(calls) > 1:
            raise TornError
        keep(self, record)

    monkeypatch.setattr(Bonds, "keep", keep_once)
    with pytest.raises(TornError):
        bonds.write()
    monkeypatch.undo()
    again = Bonds(folder)
    assert peers_of(again) == []
    assert value_of(5) in flash_of(folder)
    assert again.is_dirty
    again.write()
    assert value_of(5) not in flash_of(folder)


def test_a_medium_that_takes_no_write_is_tried_again(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bonds = Bonds(folder)
    pair(bonds, 5)

    def refuse(_self: Bonds, _record: bytes) -> None:
        raise OSError(28)

    monkeypatch.setattr(Bonds, "keep", refuse)
    with pytest.raises(OSError, match="28"):
        bonds.write()
    monkeypatch.undo()
    assert bonds.is_dirty
    bonds.write()
    assert peers_of(Bonds(folder)) == [b"\5"]


@given(slots=st.tuples(st.binary(max_size=60), st.binary(max_size=60)))
def test_garbage_in_both_slots_is_no_bond_and_is_written_over(
    tmp_path_factory: pytest.TempPathFactory, slots: tuple[bytes, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("bonds")
    for number, content in enumerate(slots):
        (folder / f"bonds.{number}").write_bytes(content)
    bonds = Bonds(f"{folder}/")
    assert bonds.is_damaged
    assert peers_of(bonds) == []
    assert bonds.is_dirty
    bonds.write()
    assert not Bonds(f"{folder}/").is_damaged


@given(record=st.binary(max_size=200))
def test_a_sound_slot_with_any_record_is_read_or_refused_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory, record: bytes
) -> None:
    folder = f"{tmp_path_factory.mktemp('bonds')}/"
    Bonds(folder).keep(record)
    bonds = Bonds(folder)
    bonds.write()
    assert not Bonds(folder).is_damaged
