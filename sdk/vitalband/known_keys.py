"""The keys that a band may be asked with, likeliest first; read from the key store in a thread of its own."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bandwire.secure.host_session import MOST_KEYS
from vitalband.errors import KeyStoreError
from vitalband.keys import BandKeys, KeyStore, PairedBand, user_keys

ResultT = TypeVar("ResultT")


class KnownKeys:
    """Of one URL. `store` None is the user's, which is touched only when it is wanted."""

    def __init__(self, store: KeyStore | None, url: str) -> None:
        self._store = store
        self._url = url
        self._bands: list[PairedBand] = []
        self._untried: list[bytes] = []
        self._tried = 0

    async def load(self, *, only_likely: bool, is_simulated: bool) -> None:
        """Read them all anew, or only those of bands that may be meant; `KeyStoreError`."""
        if only_likely and is_simulated:
            # Nobody can pose as such a band, and who runs many of them is not asked to unlock a key store.
            return
        await self._in_thread(lambda: self._load(only_likely))

    def _load(self, only_likely: bool) -> None:
        store = self._found_store()
        self._bands = store.candidates(self._url)
        scheme = self._url.partition(":")[0]
        wanted = [b for b in self._bands if not only_likely or b.url.partition(":")[0] == scheme]
        self._untried, self._tried = [], 0
        failure: KeyStoreError | None = None
        for band in wanted:
            try:
                self._untried.append(store.keys_of(band).psk)
            except KeyStoreError as error:
                failure = error
        if failure is not None and not self._untried:
            raise failure

    def take(self) -> list[bytes]:
        """The next keys to try, as many as a connection may; none when all were tried."""
        keys, self._untried = self._untried[:MOST_KEYS], self._untried[MOST_KEYS:]
        self._tried += len(keys)
        return keys

    def has_band(self, band_id: bytes) -> bool:
        """Whether this computer is paired with that band, as far as was read."""
        return any(band.band_id == band_id for band in self._bands)

    def why_none_opens(self) -> str:
        """What there is to say when a band was asked with all of them."""
        if not self._tried:
            return "this computer has no key of any band"
        return (
            f"none of this computer's {self._tried} keys opens one: it is another band, it was wiped, or it "
            "was told to forget this computer (no key was dropped for that)"
        )

    async def add(self, band: PairedBand, keys: BandKeys) -> PairedBand:
        """Keep a pairing; gives it as it is kept."""
        return await self._in_thread(lambda: self._found_store().add(band, keys))

    async def note_met(self, band_id: bytes, url: str, utc_us: int, finder_key: bytes) -> None:
        """A band has answered, proven by its key, and told by what it is found, b"" for nothing."""
        await self._in_thread(
            lambda: self._found_store().note_met(band_id, url, utc_us, finder_key=finder_key)
        )

    def _found_store(self) -> KeyStore:
        if self._store is None:
            self._store = user_keys()
        return self._store

    async def _in_thread(self, call: Callable[[], ResultT]) -> ResultT:
        # The operating system may ask its user to unlock the key store.
        return await asyncio.to_thread(call)
