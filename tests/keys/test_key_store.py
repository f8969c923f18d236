"""Keys of paired bands: kept by the operating system or in a private file, shared by programs, not shown."""

import json
import os
import stat
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from bandschema.enums import HostRight
from vitalband.errors import KeyStoreError, LocalError
from vitalband.keys import BandKeys, FileBook, KeyStore, MemoryBook, PairedBand, memory_keys, store

BAND_ID = bytes(range(8))
AT = datetime(2027, 3, 1, 7, 30, tzinfo=UTC)
PSK = bytes(range(100, 132))
KEYS = BandKeys(PSK, bytes(range(200, 216)))


def a_band(number: int = 0, **changes: object) -> PairedBand:
    values = {
        "band_id": bytes([number]) * 8,
        "right": HostRight.OWNER,
        "paired_at": AT,
        "last_met": AT + timedelta(hours=number),
        "url": "ble:",
    }
    return PairedBand(**(values | changes))


class FakeBackend:
    """A back end of `keyring`, which may be out of reach."""

    name = "a fake"
    priority = 5

    def __init__(self):
        self.kept: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def _check(self):
        if self.failure is not None:
            raise self.failure

    def get_password(self, service, name):
        self._check()
        return self.kept.get((service, name))

    def set_password(self, service, name, secret):
        self._check()
        self.kept[service, name] = secret

    def delete_password(self, service, name):
        self._check()
        del self.kept[service, name]


@pytest.fixture
def backend(monkeypatch):
    """What `keyring` chooses."""
    backend = FakeBackend()
    monkeypatch.setattr("keyring.core.get_keyring", lambda: backend)
    monkeypatch.setattr("keyring.core.recommended", lambda found: found.priority >= 1)
    return backend


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Where the list of this user's bands lies."""
    path = tmp_path / "a folder" / "paired_bands.json"
    monkeypatch.setattr(store, "default_path", lambda: path)
    return path


def test_a_pairing_is_found_again_by_the_next_program(path, backend):
    band = store.user_keys().add(a_band(), KEYS)
    again = store.user_keys()
    assert again.bands() == [band]
    assert again.keys_of(band) == KEYS
    assert again.find(band.band_id) == band
    assert again.find(BAND_ID) is None


def test_secrets_lie_with_the_operating_system_and_nowhere_else(path, backend):
    keys = store.user_keys()
    assert keys.is_in_vault
    assert keys.place == "the key store of the operating system (a fake)"
    assert keys.add(a_band(), KEYS).is_in_vault
    assert PSK.hex() not in path.read_text()
    assert [json.loads(kept)["psk"] for kept in backend.kept.values()] == [PSK.hex()]


def test_without_such_a_key_store_they_lie_in_a_file_that_says_so(path, backend):
    backend.priority = 0
    keys = store.user_keys()
    assert not keys.is_in_vault
    assert keys.place == f"{path} (mode 600)"
    assert not keys.add(a_band(), KEYS).is_in_vault
    assert keys.keys_of(a_band()) == KEYS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert backend.kept == {}


def test_a_key_of_the_file_stays_readable_when_a_key_store_is_there_later(path, backend):
    backend.priority = 0
    band = store.user_keys().add(a_band(), KEYS)
    backend.priority = 5
    assert store.user_keys().keys_of(band) == KEYS


def test_a_key_store_that_is_out_of_reach_is_named_and_the_pairing_stays(path, backend):
    band = store.user_keys().add(a_band(), KEYS)
    backend.priority = 0
    with pytest.raises(KeyStoreError, match="cannot be reached from here"):
        store.user_keys().keys_of(band)
    with pytest.raises(KeyStoreError, match="cannot be reached from here"):
        store.user_keys().forget(band.band_id)
    assert store.user_keys().bands() == [band]


def test_pairing_again_needs_no_key_store_that_is_out_of_reach(path, backend):
    store.user_keys().add(a_band(), KEYS)
    backend.priority = 0
    newer = BandKeys(bytes(32))
    band = store.user_keys().add(a_band(), newer)
    assert store.user_keys().keys_of(band) == newer


def test_a_locked_key_store_says_what_it_said(path, backend):
    keys = store.user_keys()
    band = keys.add(a_band(), KEYS)
    backend.failure = RuntimeError("the collection is locked")
    for use in (
        lambda: keys.keys_of(band),
        lambda: keys.add(a_band(1), KEYS),
        lambda: keys.forget(band.band_id),
    ):
        with pytest.raises(KeyStoreError, match=r"\(a fake\): the collection is locked; is it locked\?"):
            use()
    assert keys.bands() == [band]


def test_a_configuration_of_keyring_that_fails_is_told(path, monkeypatch):
    def fail():
        raise ModuleNotFoundError("no module named nowhere")

    monkeypatch.setattr("keyring.core.get_keyring", fail)
    keys = store.user_keys()
    assert keys.bands() == []
    with pytest.raises(KeyStoreError, match="as it is configured: no module named nowhere"):
        keys.add(a_band(), KEYS)


def test_a_key_that_is_gone_or_damaged_says_to_pair_again(path, backend):
    keys = store.user_keys()
    band = keys.add(a_band(), KEYS)
    name = ("vitalband", band.band_id.hex())
    del backend.kept[name]
    with pytest.raises(KeyStoreError, match=r"is gone from .* pair again"):
        keys.keys_of(band)
    for damaged in ("{", "[]", '{"psk": "00", "finder_key": ""}', '{"psk": 3, "finder_key": ""}'):
        backend.kept[name] = damaged
        with pytest.raises(KeyStoreError, match=r"is damaged: .* pair again"):
            keys.keys_of(band)
    del backend.kept[name]
    assert keys.forget(band.band_id) == band


def test_forgetting_leaves_nothing_of_a_key(path, backend):
    for priority in (0, 5):
        backend.priority = priority
        keys = store.user_keys()
        keys.add(a_band(), KEYS)
        assert keys.forget(a_band().band_id).band_id == a_band().band_id
        assert keys.bands() == []
        assert PSK.hex() not in path.read_text()
        assert backend.kept == {}
        with pytest.raises(LocalError, match="not paired with a band 0000000000000000"):
            keys.forget(a_band().band_id)


def test_who_has_answered_at_an_address_is_tried_there_first_and_then_the_newest():
    keys = memory_keys()
    for number, url in enumerate(("ble:", "serial:a", "serial:b", "serial:a")):
        keys.add(a_band(number, url=url), KEYS)
    tried = [band.band_id[0] for band in keys.candidates("serial:a")]
    assert tried == [3, 1, 2, 0]
    keys.note_met(bytes(8), "serial:a", round((AT + timedelta(days=2)).timestamp() * 1e6), "Band 7")
    first = keys.candidates("serial:a")[0]
    assert (first.band_id, first.name, first.last_met) == (bytes(8), "Band 7", AT + timedelta(days=2))
    keys.note_met(bytes(8), "ble:", round(AT.timestamp() * 1e6))
    assert keys.find(bytes(8)) == a_band(0, name="Band 7")


def test_what_a_band_is_found_by_is_kept_where_its_key_is_when_it_was_met(path, backend):
    newer = bytes(range(16))
    for priority in (0, 5):
        backend.priority = priority
        keys = store.user_keys()
        band = keys.add(a_band(), BandKeys(PSK))
        assert keys.finder_keys() == {}
        keys.note_met(band.band_id, "ble:", 0, finder_key=newer)
        assert keys.finder_keys() == {band.band_id: newer}
        assert keys.keys_of(band) == BandKeys(PSK, newer)
        assert (newer.hex() in path.read_text()) == (priority == 0)
        keys.note_met(band.band_id, "ble:", 0)
        assert keys.finder_keys() == {band.band_id: newer}


def test_a_band_that_this_computer_does_not_know_is_not_noted():
    keys = memory_keys()
    keys.note_met(BAND_ID, "ble:", 0)
    assert keys.bands() == []
    with pytest.raises(KeyStoreError, match="is gone"):
        keys.keys_of(a_band())


# -- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_reach_is_refused_until_it_is_private_again(tmp_path, mode):
    book = FileBook(tmp_path / "keys.json")
    keys = KeyStore(book)
    band = keys.add(a_band(), KEYS)
    book.path.chmod(mode)
    for use in (keys.bands, lambda: keys.keys_of(band), lambda: keys.add(a_band(1), KEYS)):
        with pytest.raises(KeyStoreError, match=f"can be reached by others .mode {mode:o}.*chmod 600"):
            use()
    book.path.chmod(0o600)
    assert keys.bands() == [band]


def test_a_file_of_somebody_else_is_refused(tmp_path, monkeypatch):
    keys = KeyStore(FileBook(tmp_path / "keys.json"))
    keys.add(a_band(), KEYS)
    (tmp_path / "keys.json").chmod(0o600)
    os.chown(tmp_path / "keys.json", 12345, -1) if os.geteuid() == 0 else None
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(KeyStoreError, match="belong to another user"):
        keys.bands()


BROKEN = ("", "[", "{}", '{"format": 2, "bands": []}', '{"format": 1, "bands": [3]}', "[]")
MALFORMED = (
    {"band_id": "00"},
    {"band_id": 7},
    {"right": "KING"},
    {"paired_at": "2027-03-01T07:30:00"},
    {"last_met": "yesterday"},
    {"url": None},
    {"name": 4},
)


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_is_none_is_named_and_left_as_it_is(tmp_path, text):
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    keys = KeyStore(FileBook(path))
    for use in (keys.bands, lambda: keys.add(a_band(), KEYS)):
        with pytest.raises(KeyStoreError, match=r"keys\.json"):
            use()
    assert path.read_text() == text


@pytest.mark.parametrize("change", MALFORMED)
def test_a_malformed_entry_is_told_without_its_key(tmp_path, change):
    book = FileBook(tmp_path / "keys.json")
    KeyStore(book).add(a_band(), KEYS)
    with book.change() as entries:
        entries[0] |= change
    with pytest.raises(KeyStoreError, match=r"entry .* is malformed") as raised:
        KeyStore(book).bands()
    assert PSK.hex() not in "".join(traceback.format_exception(raised.value))


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    keys = KeyStore(FileBook(tmp_path / "keys.json"))
    keys.add(a_band(), KEYS)
    before = (tmp_path / "keys.json").read_bytes()

    def fail(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyStoreError, match=r"cannot write .* No space left"):
        keys.add(a_band(1), KEYS)
    assert (tmp_path / "keys.json").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_what_a_killed_process_left_half_written_is_in_nobodys_way(tmp_path):
    (tmp_path / "keys.json.part").write_text("half")
    keys = KeyStore(FileBook(tmp_path / "keys.json"))
    keys.add(a_band(), KEYS)
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyStoreError, match="cannot write"):
        KeyStore(FileBook(tmp_path / "file" / "keys.json")).add(a_band(), KEYS)


def test_a_lock_that_another_program_holds_is_waited_for_a_while_only(tmp_path):
    keys = KeyStore(FileBook(tmp_path / "keys.json", lock_timeout_s=0.05))
    with (
        FileLock(tmp_path / "keys.json.lock"),
        pytest.raises(KeyStoreError, match=r"another program has held .* for 0\.05 s"),
    ):
        keys.add(a_band(), KEYS)


ADD_SOME = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bandschema.enums import HostRight
from vitalband.keys import BandKeys, FileBook, KeyStore, PairedBand

at = datetime.now(UTC)
keys = KeyStore(FileBook(Path(sys.argv[1])))
sys.stdin.readline()
for number in range(8):
    band_id = bytes([int(sys.argv[2]), number]) * 4
    band = PairedBand(band_id=band_id, right=HostRight.OWNER, paired_at=at, last_met=at, url="ble:")
    keys.add(band, BandKeys(bytes(32)))
"""


def test_programs_that_pair_at_once_lose_nothing_of_each_other(tmp_path):
    path = tmp_path / "keys.json"
    programs = [
        subprocess.Popen([sys.executable, "-c", ADD_SOME, path, str(number)], stdin=subprocess.PIPE)
        for number in range(2)
    ]
    for program in programs:
        program.stdin.write(b"go\n")
        program.stdin.flush()
    for program in programs:
        program.communicate(timeout=120)
    assert [program.returncode for program in programs] == [0, 0]
    assert len(KeyStore(FileBook(path)).bands()) == 16


# -- what is shown ------------------------------------------------------------------------------


def test_no_text_of_keys_shows_them():
    assert repr(KEYS) == str(KEYS) == "BandKeys()"


@pytest.mark.parametrize(("psk", "finder_key"), [(31, 16), (33, 0), (32, 15), (0, 0)])
def test_keys_have_their_lengths(psk, finder_key):
    with pytest.raises(LocalError, match=f"wanted keys of 32 and 16 bytes, got {psk} and {finder_key}"):
        BandKeys(bytes(psk), bytes(finder_key))


@given(st.lists(st.tuples(st.sampled_from(["add", "forget", "met"]), st.integers(0, 3)), max_size=20))
def test_a_store_is_a_dictionary_by_band_whatever_is_done(steps):
    keys, model = KeyStore(MemoryBook()), {}
    for count, (what, number) in enumerate(steps):
        band_id = bytes([number]) * 8
        if what == "add":
            secrets = BandKeys(bytes([count]) * 32)
            keys.add(a_band(number), secrets)
            model[band_id] = secrets
        elif what == "met":
            keys.note_met(band_id, "ble:", count)
        elif band_id in model:
            keys.forget(band_id)
            del model[band_id]
    assert {band.band_id: keys.keys_of(band) for band in keys.bands()} == model
