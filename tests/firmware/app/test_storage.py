"""Boot counter and consent survive a write torn at any byte, and a medium that takes none."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema import codec
from bandschema.enums import EventKind, Part
from bandwire.numbering import LAST_SEQUENCE
from hal.storage import Storage
from torn_files import TornError, tear_after

RECORD_BYTES = 34


def refuse(_storage):
    """A medium that takes no write."""
    raise OSError(28)


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path) + "/"


def test_boot_ids_rise_from_one(folder):
    assert [Storage(folder).raise_boot_id() for _ in range(5)] == [1, 2, 3, 4, 5]


def test_consent_is_there_after_a_restart(folder):
    storage = Storage(folder)
    assert struct.calcsize("<HH8s8sIB") == Storage.MOST_BYTES
    storage.keep_consent(0x3FF, b"manifest")
    assert storage.is_dirty
    storage.write()
    again = Storage(folder)
    assert (again.consent_groups, again.consent_digest, again.is_dirty) == (0x3FF, b"manifest", False)


@pytest.mark.parametrize("byte_count", range(RECORD_BYTES))
@pytest.mark.parametrize("writes_before", [1, 2, 3])
def test_a_write_torn_at_any_byte_leaves_the_state_before_it(folder, monkeypatch, byte_count, writes_before):
    storage = Storage(folder)
    storage.keep_consent(5, b"manifest")
    for _ in range(writes_before):
        storage.raise_boot_id()
    with monkeypatch.context() as patch:
        tear_after(patch, byte_count)
        with pytest.raises(TornError):
            storage.raise_boot_id()
    again = Storage(folder)
    assert (again.boot_id, again.consent_groups) == (writes_before, 5)
    assert again.is_damaged
    assert again.raise_boot_id() == writes_before + 1
    assert Storage(folder).boot_id == writes_before + 1
    assert not Storage(folder).is_damaged


@given(slots=st.tuples(st.binary(max_size=40), st.binary(max_size=40)))
def test_garbage_in_both_slots_is_a_first_start(tmp_path_factory, slots):
    folder = str(tmp_path_factory.mktemp("slots")) + "/"
    for number, content in enumerate(slots):
        with open(f"{folder}state.{number}", "wb") as file:
            file.write(content)
    storage = Storage(folder)
    assert storage.is_damaged
    assert storage.raise_boot_id() == 1


def test_the_newest_state_is_found_across_the_wrap_of_its_generation(folder):
    storage = Storage(folder)
    storage._generation = 0xFFFE
    assert [storage.raise_boot_id() for _ in range(4)] == [1, 2, 3, 4]
    assert Storage(folder).boot_id == 4


@given(kept=st.integers(0, 0xFFFF), chance=st.binary(min_size=2, max_size=2))
def test_a_boot_id_by_chance_lies_a_bounded_step_above_the_kept_one(tmp_path_factory, kept, chance):
    folder = str(tmp_path_factory.mktemp("state")) + "/"
    storage = Storage(folder)
    storage.boot_id = kept
    storage.write()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Storage, "write", refuse)
        patch.setattr("os.urandom", lambda _count: chance)
        with pytest.raises(OSError, match="28"):
            storage.raise_boot_id()
        taken = storage.take_random_boot_id()
    assert 1 <= taken <= 0xFFFF
    assert 1 < (taken - kept) % 0xFFFF <= 4097, "raised once in vain, then by 1-4096"
    assert storage.is_dirty
    storage.write()
    assert Storage(folder).boot_id == taken


@pytest.mark.parametrize("kept", [1, 0x7FFF, 0xFFFE, 0xFFFF])
def test_every_boot_id_by_chance_is_as_likely_as_another_even_at_the_top(folder, monkeypatch, kept):
    taken = set()
    for chance in range(4096):
        monkeypatch.setattr("os.urandom", lambda _count, chance=chance: chance.to_bytes(2, "little"))
        storage = Storage(folder)
        storage.boot_id = kept
        taken.add(storage.take_random_boot_id())
    assert len(taken) == 4096


def numbers_of(rig):
    return [(header.boot_id, header.sequence) for header, _ in rig.host.frames]


def test_the_boot_id_is_raised_in_the_middle_though_the_medium_fails(rig, monkeypatch):
    rig.connect()
    rig.agree()
    monkeypatch.setattr(Storage, "write", refuse)
    rig.core.numbering.next_sequence = LAST_SEQUENCE - 1
    rig.run(20_000)
    raised = rig.core.numbering.boot_id
    assert {boot_id for boot_id, _ in numbers_of(rig)} == {1, raised}
    assert len(set(numbers_of(rig))) == len(rig.host.frames)
    assert rig.events(EventKind.FAULT) == [(Part.STORAGE, 28)]
    monkeypatch.undo()
    rig.run(61_000)
    assert rig.events(EventKind.RECOVERED) == [(Part.STORAGE, 0)]
    assert Storage(rig.folder).boot_id == raised


def test_drops_are_counted_anew_in_a_raised_boot(rig):
    rig.agree()
    rig.core.queue.drops = 7
    rig.core.numbering.next_sequence = LAST_SEQUENCE + 1
    rig.core.outbox.send_event(EventKind.BUTTON_SHORT)
    rig.core.outbox.commit_all()
    header = codec.decode_header(newest_frame(rig.core.queue))
    assert (header.boot_id, header.sequence, header.drops) == (2, 0, 0)


def newest_frame(queue):
    """Bytes of the frame appended last, the others being sent."""
    while length := queue.peek():
        frame = bytes(queue.buffer[queue.start : queue.start + length])
        queue.advance()
    return frame


def test_each_start_raises_the_boot_id_before_its_first_frame(make_rig):
    rig = make_rig()
    rig.boot()
    host = rig.connect()
    assert {header.boot_id for header, _ in host.frames} == {2}
    assert Storage(rig.folder).boot_id == 2
