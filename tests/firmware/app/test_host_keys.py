"""The keys of paired hosts: who may do what, and what a loss of power or a wiping leaves of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import HostRight
from bandwire import finder
from hal.host_keys import (
    FINDER_KEY_BYTES,
    KEY_BYTES,
    MOST_HOSTS,
    MOST_NAME_BYTES,
    NOT_KEPT,
    OWNER,
    READER,
    HostKeys,
)
from torn_files import TornError, tear_after

Host = tuple[HostRight, bytes, bytes]


def key_of(host: int) -> bytes:
    return bytes((host,)) * KEY_BYTES


def let_in(keys: HostKeys, *hosts: int) -> list[int]:
    return [keys.add(key_of(host), f"host {host}") for host in hosts]


def hosts_of(keys: HostKeys) -> dict[int, Host]:
    return {
        slot: (HostRight(keys.right_of(slot)), bytes(keys.key_of(slot)), bytes(keys.name_of(slot)))
        for slot in range(keys.slots)
        if keys.key_of(slot)
    }


def flash_of(folder: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(Path(folder).iterdir()))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return f"{tmp_path}/"


def test_rights_are_those_of_the_protocol() -> None:
    assert {right.name: int(right) for right in HostRight} == {"OWNER": OWNER, "READER": READER}


def test_who_is_let_in_is_there_after_a_restart_and_the_first_is_the_owner(folder: str) -> None:
    keys = HostKeys(folder)
    assert (keys.count, keys.has_owner(), keys.has_room()) == (0, False, True)
    assert let_in(keys, 5, 6) == [0, 1]
    assert not keys.is_dirty
    for each in (keys, HostKeys(folder)):
        assert hosts_of(each) == {
            0: (HostRight.OWNER, key_of(5), b"host 5"),
            1: (HostRight.READER, key_of(6), b"host 6"),
        }
        assert (each.count, each.has_owner(), each.is_dirty, each.is_damaged) == (2, True, False, False)


def test_another_owner_is_one_that_was_let_in_as_such(folder: str) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5)
    keys.next_right = HostRight.OWNER
    let_in(keys, 6)
    assert keys.right_of(1) == HostRight.OWNER


def test_a_host_comes_to_be_owner_where_only_readers_are_left(folder: str) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5, 6)
    assert keys.forget(1)
    assert not keys.has_owner()
    assert let_in(keys, 7) == [0]
    assert {slot: host[0] for slot, host in hosts_of(keys).items()} == {
        0: HostRight.OWNER,
        1: HostRight.READER,
    }


def test_a_fifth_host_is_not_kept_and_takes_no_place(folder: str) -> None:
    keys = HostKeys(folder)
    assert NOT_KEPT not in let_in(keys, *range(1, MOST_HOSTS + 1))
    before = hosts_of(keys)
    assert not keys.has_room()
    assert let_in(keys, 9) == [NOT_KEPT]
    assert hosts_of(HostKeys(folder)) == hosts_of(keys) == before


def test_the_longest_names_of_all_hosts_have_room(folder: str) -> None:
    keys = HostKeys(folder)
    for host in range(MOST_HOSTS):
        keys.add(key_of(host), "n" * (MOST_NAME_BYTES + 1))
    again = HostKeys(folder)
    assert again.name_of(MOST_HOSTS - 1) == b"n" * MOST_NAME_BYTES
    assert not again.is_damaged


@given(changes=st.lists(st.integers(0, MOST_HOSTS), max_size=30))
def test_it_is_a_dictionary_of_hosts_by_number(
    tmp_path_factory: pytest.TempPathFactory, changes: list[int]
) -> None:
    folder = f"{tmp_path_factory.mktemp('hosts')}/"
    keys = HostKeys(folder)
    known = dict[int, bytes]()
    for step, number in enumerate(changes):
        if number:
            assert keys.forget(number) == (number in known)
            known.pop(number, None)
            continue
        slot = keys.add(key_of(step), "")
        assert (slot == NOT_KEPT) == (len(known) == MOST_HOSTS)
        if slot != NOT_KEPT:
            known[slot + 1] = key_of(step)
    keys.write()
    for each in (keys, HostKeys(folder)):
        assert {slot + 1: host[1] for slot, host in hosts_of(each).items()} == known


@pytest.mark.parametrize("number", [-1, 0, 3, MOST_HOSTS + 1, 1 << 30])
def test_forgetting_a_host_that_is_none_changes_nothing(folder: str, number: int) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5, 6)
    assert not keys.forget(number)
    assert not keys.is_dirty


def wipe(keys: HostKeys) -> None:
    keys.wipe()


def forget_one_by_one(keys: HostKeys) -> None:
    assert keys.forget(1)
    assert keys.forget(2)


FORGETTING = pytest.mark.parametrize("forget", [wipe, forget_one_by_one])


@FORGETTING
def test_who_is_forgotten_is_in_neither_file(folder: str, forget: Callable[[HostKeys], None]) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5, 6)
    forget(keys)
    assert keys.is_dirty
    keys.write()
    for host in (5, 6):
        assert key_of(host) not in flash_of(folder)
        assert f"host {host}".encode() not in flash_of(folder)
    assert hosts_of(HostKeys(folder)) == {}


def test_the_finder_key_outlives_a_restart_as_long_as_no_host_is_forgotten(folder: str) -> None:
    assert FINDER_KEY_BYTES == finder.FINDER_KEY_BYTES
    key, next_key = bytes(range(100, 116)), bytes(range(116, 132))
    keys = HostKeys(folder)
    assert keys.finder_key == b""
    keys.take_finder_key(key)
    let_in(keys, 5, 6)
    for each in (keys, HostKeys(folder)):
        assert (each.finder_key, each.is_dirty) == (key, False)
    assert keys.forget(2)
    keys.write()
    for each in (keys, HostKeys(folder)):
        assert (each.finder_key, each.is_damaged) == (b"", False)
    assert key not in flash_of(folder)
    keys.take_finder_key(next_key)
    assert keys.is_dirty
    keys.write()
    assert HostKeys(folder).finder_key == next_key
    keys.wipe()
    keys.write()
    assert (keys.finder_key, HostKeys(folder).finder_key) == (b"", b"")
    assert next_key not in flash_of(folder)


def add_another(keys: HostKeys) -> None:
    let_in(keys, 7)


FILE_BYTES = 5 + 2 * (3 + KEY_BYTES + 6) + 4
"""Of two hosts: head, each one's, CRC."""


@pytest.mark.parametrize("change", [add_another, wipe, forget_one_by_one])
def test_power_that_goes_at_any_byte_leaves_all_as_before_or_as_after(
    tmp_path: Path, change: Callable[[HostKeys], None]
) -> None:
    outcomes = list[bool]()
    for byte_count in range(2 * (FILE_BYTES + 3 + KEY_BYTES + 6)):
        folder = f"{tmp_path}/{byte_count}/"
        Path(folder).mkdir()
        keys = HostKeys(folder)
        let_in(keys, 5, 6)
        before = hosts_of(keys)
        with pytest.MonkeyPatch.context() as patch:
            tear_after(patch, byte_count)
            try:
                change(keys)
                keys.write()
            except TornError:
                pass
        after = hosts_of(keys)
        again = HostKeys(folder)
        assert hosts_of(again) in (before, after)
        outcomes.append(hosts_of(again) == after)
        again.write()
        healed = HostKeys(folder)
        assert (hosts_of(healed), healed.is_damaged, healed.is_dirty) == (hosts_of(again), False, False)
    # Once the first file is whole it is done.
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


def test_a_forgetting_that_is_cut_off_between_its_files_is_ended_at_the_next_start(folder: str) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5)
    keys.wipe()
    with pytest.MonkeyPatch.context() as patch:
        tear_after(patch, 9)
        with pytest.raises(TornError):
            keys.write()
    again = HostKeys(folder)
    assert hosts_of(again) == {}
    assert again.is_dirty
    again.write()
    assert key_of(5) not in flash_of(folder)


def test_a_host_that_the_medium_does_not_take_is_not_let_in(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5)

    def refuse(_self: HostKeys, _record: bytes) -> None:
        raise OSError(28)

    monkeypatch.setattr(HostKeys, "keep", refuse)
    assert let_in(keys, 6) == [NOT_KEPT]
    assert list(hosts_of(keys)) == [0]
    assert keys.is_dirty, "so that the keeper tells of the medium"
    with pytest.raises(OSError, match="28"):
        keys.write()
    monkeypatch.undo()
    keys.write()
    assert list(hosts_of(HostKeys(folder))) == [0]


def test_a_host_of_which_one_file_was_written_only_is_not_there_after_the_next_writing(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = HostKeys(folder)
    let_in(keys, 5)
    keep, kept = HostKeys.keep, list[bytes]()

    def keep_once(self: HostKeys, record: bytes) -> None:
        kept.append(record)
        if len(kept) > 1:
            raise OSError(5)
        keep(self, record)

    monkeypatch.setattr(HostKeys, "keep", keep_once)
    assert let_in(keys, 6) == [NOT_KEPT]
    monkeypatch.undo()
    keys.write()
    assert list(hosts_of(HostKeys(folder))) == [0]
    assert key_of(6) not in flash_of(folder)


@given(files=st.tuples(st.binary(max_size=60), st.binary(max_size=60)))
def test_garbage_in_both_files_is_no_host(
    tmp_path_factory: pytest.TempPathFactory, files: tuple[bytes, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("hosts")
    for number, content in enumerate(files):
        (folder / f"hosts.{number}").write_bytes(content)
    keys = HostKeys(f"{folder}/")
    assert keys.is_damaged
    assert keys.is_dirty, "what was damaged may hold keys"
    assert hosts_of(keys) == {}


@given(record=st.binary(max_size=HostKeys.MOST_BYTES))
def test_a_sound_file_with_any_record_is_read_or_refused_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory, record: bytes
) -> None:
    folder = f"{tmp_path_factory.mktemp('hosts')}/"
    HostKeys(folder).keep(record)
    keys = HostKeys(folder)
    assert all(len(host[1]) == KEY_BYTES for host in hosts_of(keys).values())
    keys.write()
    again = HostKeys(folder)
    assert (hosts_of(again), again.is_damaged) == (hosts_of(keys), False)
