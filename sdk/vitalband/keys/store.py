"""The bands that this computer is paired with, and the secrets of each pairing.

A key is forgotten when somebody says so, and by nothing else: that a band refuses it is told by whoever
answers, who may be no band.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs

from bandschema.enums import HostRight
from vitalband.clock import utc_datetime
from vitalband.errors import KeyStoreError, LocalError
from vitalband.keys.book import Book, Entry, FileBook, MemoryBook
from vitalband.keys.vault import Vault, os_vault

PSK_BYTES = 32
FINDER_KEY_BYTES = 16
BAND_ID_BYTES = 8
_FILE = "paired_bands.json"


@dataclass(frozen=True, slots=True)
class BandKeys:
    """The secrets of a pairing, which nothing prints: `psk` opens sessions, `finder_key` (16 bytes, empty
    when the band gave none) finds the band by what it advertises.
    """

    psk: bytes = field(repr=False)
    finder_key: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if len(self.psk) != PSK_BYTES or len(self.finder_key) not in (0, FINDER_KEY_BYTES):
            raise LocalError(
                f"wanted keys of {PSK_BYTES} and {FINDER_KEY_BYTES} bytes, "
                f"got {len(self.psk)} and {len(self.finder_key)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedBand:
    """A band that this computer is paired with: id (8 bytes), what it lets us do, when it was paired and last
    met (UTC), under which URL, what its carrier called it, and whether the operating system keeps its keys.
    """

    band_id: bytes
    right: HostRight
    paired_at: datetime
    last_met: datetime
    url: str
    name: str | None = None
    is_in_vault: bool = False


class KeyStore:
    """Paired bands in a `book`; their secrets in the vault that `find_vault` gives, asked once and only when
    it is wanted, or in the book too where it gives None.

    Threads and processes may share it. Every method raises `KeyStoreError`.
    """

    def __init__(self, book: Book, find_vault: Callable[[], Vault | None] = lambda: None) -> None:
        self._book = book
        self._find_vault = find_vault

    @cached_property
    def _vault(self) -> Vault | None:
        return self._find_vault()

    @property
    def place(self) -> str:
        """Where new keys are kept, for a person."""
        if self._vault is not None:
            return self._vault.place
        return self._book.place

    @property
    def is_in_vault(self) -> bool:
        """Whether new keys are kept by the operating system."""
        return self._vault is not None

    def bands(self) -> list[PairedBand]:
        """All of them, the one that was met last first."""
        found = [_band_of(entry) for entry in self._book.read()]
        return sorted(found, key=lambda band: band.last_met, reverse=True)

    def find(self, band_id: bytes) -> PairedBand | None:
        """The band of this id, None when this computer is not paired with it."""
        return next((band for band in self.bands() if band.band_id == band_id), None)

    def candidates(self, url: str) -> list[PairedBand]:
        """Who may answer at `url`: first those that have answered there, then the others, newest first."""
        return sorted(self.bands(), key=lambda band: band.url != url)

    def keys_of(self, band: PairedBand) -> BandKeys:
        """The secrets of a pairing; `KeyStoreError` when they are out of reach or gone."""
        entry = _entry_in(self._book.read(), band.band_id)
        secrets = None if entry is None else self._secrets_of(entry, band.band_id)
        if secrets is None:
            raise KeyStoreError(
                f"the key of band {band.band_id.hex()} is gone from {self.place}: "
                "`vitalband forget` it and pair again"
            )
        return _keys_of(secrets, band.band_id)

    def finder_keys(self) -> dict[bytes, bytes]:
        """Finder keys (16 bytes) by the ids of bands, of those that have told one; see `keys_of`."""
        found = {band.band_id: self.keys_of(band).finder_key for band in self.bands()}
        return {band_id: key for band_id, key in found.items() if key}

    def add(self, band: PairedBand, keys: BandKeys) -> PairedBand:
        """Keep a pairing, instead of an earlier one with the same band; gives it as it is kept."""
        kept = replace(band, is_in_vault=self._vault is not None)
        with self._book.change() as entries:
            before = _entry_in(entries, band.band_id)
            if before is not None:
                entries.remove(before)
            entry = _entry_of(kept)
            # First, so that no entry is ever without its secrets.
            self._put_secrets(entry, band.band_id, keys)
            entries.append(entry)
        return kept

    def forget(self, band_id: bytes) -> PairedBand:
        """Forget a pairing, keys first; `LocalError` when there is none with this band."""
        with self._book.change() as entries:
            entry = _entry_in(entries, band_id)
            if entry is None:
                raise LocalError(f"this computer is not paired with a band {band_id.hex()}")
            found = _band_of(entry)
            if found.is_in_vault:
                self._reachable_vault(band_id).remove(band_id.hex())
            entries.remove(entry)
        return found

    def note_met(
        self, band_id: bytes, url: str, utc_us: int, name: str | None = None, finder_key: bytes = b""
    ) -> None:
        """The band has answered at `url`, proven by its key; what it is found by is kept, if told."""
        with self._book.change() as entries:
            entry = _entry_in(entries, band_id)
            if entry is not None:
                entry["last_met"] = utc_datetime(utc_us).isoformat()
                entry["url"] = url
                entry["name"] = name or entry["name"]
                if finder_key:
                    self._keep_finder_key(entry, band_id, finder_key)

    def _keep_finder_key(self, entry: Entry, band_id: bytes, finder_key: bytes) -> None:
        keys = _keys_of(self._secrets_of(entry, band_id), band_id)
        if keys.finder_key != finder_key:
            self._put_secrets(entry, band_id, replace(keys, finder_key=finder_key))

    def _put_secrets(self, entry: Entry, band_id: bytes, keys: BandKeys) -> None:
        secrets = {"psk": keys.psk.hex(), "finder_key": keys.finder_key.hex()}
        if entry["is_in_vault"]:
            self._reachable_vault(band_id).put(band_id.hex(), json.dumps(secrets))
        else:
            entry["secrets"] = secrets

    def _secrets_of(self, entry: Entry, band_id: bytes) -> Any:
        return self._secrets_in_vault(band_id) if entry["is_in_vault"] else entry.get("secrets")

    def _secrets_in_vault(self, band_id: bytes) -> Any:
        found = self._reachable_vault(band_id).get(band_id.hex())
        try:
            return None if found is None else json.loads(found)
        except ValueError:
            raise _damaged(band_id) from None

    def _reachable_vault(self, band_id: bytes) -> Vault:
        if self._vault is None:
            raise KeyStoreError(
                f"the key of band {band_id.hex()} lies in the operating system's key store, which cannot be "
                "reached from here: log in where it can, or pair again"
            )
        return self._vault


def default_path() -> Path:
    """Where the list of this user's paired bands lies."""
    return Path(platformdirs.user_data_dir("vitalband", appauthor=False)) / _FILE


def user_keys() -> KeyStore:
    """The user's own: secrets in the operating system's key store, where there is one, else in the file."""
    return KeyStore(FileBook(default_path()), os_vault)


def memory_keys() -> KeyStore:
    """Keys that are gone with the process: for tests."""
    return KeyStore(MemoryBook())


def _entry_in(entries: list[Entry], band_id: bytes) -> Entry | None:
    return next((entry for entry in entries if entry.get("band_id") == band_id.hex()), None)


def _entry_of(band: PairedBand) -> Entry:
    return {
        "band_id": band.band_id.hex(),
        "right": band.right.name,
        "paired_at": band.paired_at.isoformat(),
        "last_met": band.last_met.isoformat(),
        "url": band.url,
        "name": band.name,
        "is_in_vault": band.is_in_vault,
    }


def _band_of(entry: Entry) -> PairedBand:
    try:
        band_id, url, name = entry["band_id"], entry["url"], entry["name"]
        paired_at = datetime.fromisoformat(entry["paired_at"])
        last_met = datetime.fromisoformat(entry["last_met"])
        if not re.fullmatch(f"[0-9a-f]{{{2 * BAND_ID_BYTES}}}", band_id):
            raise ValueError("band_id")
        if paired_at.tzinfo is None or last_met.tzinfo is None:
            raise ValueError("a time without its zone")
        if not isinstance(url, str) or not isinstance(name, str | None):
            raise TypeError("url or name")
        return PairedBand(
            band_id=bytes.fromhex(band_id),
            right=HostRight[entry["right"]],
            paired_at=paired_at,
            last_met=last_met,
            url=url,
            name=name,
            is_in_vault=bool(entry["is_in_vault"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        # The entry may hold a key, so it is not shown.
        raise KeyStoreError(f"an entry of the paired bands is malformed: {error!r}") from None


def _keys_of(secrets: Any, band_id: bytes) -> BandKeys:
    try:
        return BandKeys(bytes.fromhex(secrets["psk"]), bytes.fromhex(secrets["finder_key"]))
    except (LocalError, KeyError, TypeError, ValueError):
        raise _damaged(band_id) from None


def _damaged(band_id: bytes) -> KeyStoreError:
    return KeyStoreError(f"the key of band {band_id.hex()} is damaged: `vitalband forget` it and pair again")
