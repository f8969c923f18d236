"""Boot counter and consent survive a write torn at any byte."""

import builtins
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.storage import Storage

RECORD_BYTES = 21


class TornError(Exception):
    """The power went."""


def tear_after(monkeypatch, byte_count):
    """Let the power go after so many bytes of the next written file."""
    real_open = builtins.open

    class TornFile(io.RawIOBase):
        def __init__(self, path):
            self._file, self._left = real_open(path, "wb"), byte_count

        def write(self, data):
            self._file.write(data[: self._left])
            self._left -= len(data)
            self._file.flush()
            if self._left < 0:
                self._file.close()
                raise TornError
            return len(data)

        def close(self):
            self._file.close()
            super().close()

    def open_torn(path, mode="r", **options):
        return TornFile(path) if mode == "wb" else real_open(path, mode, **options)

    monkeypatch.setattr(builtins, "open", open_torn)


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path) + "/"


def test_boot_ids_rise_from_one(folder):
    assert [Storage(folder).raise_boot_id() for _ in range(5)] == [1, 2, 3, 4, 5]


def test_consent_is_there_after_a_restart(folder):
    storage = Storage(folder)
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


def test_a_boot_id_by_chance_is_one_that_fits(folder):
    assert {1 <= Storage(folder).take_random_boot_id() <= 0xFFFF for _ in range(50)} == {True}


def test_each_start_raises_the_boot_id_before_its_first_frame(make_rig):
    rig = make_rig()
    rig.boot()
    host = rig.connect()
    assert {header.boot_id for header, _ in host.frames} == {2}
    assert Storage(rig.folder).boot_id == 2
