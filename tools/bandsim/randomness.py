"""Where a band's random bytes come from: the operating system, or a seed, by which a life repeats."""

import os
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

_KEEPS_BOOTS = "boots.seeded"
_NONCE_BYTES = 16
"""As `cryptography` takes it: the first 8 count blocks, the rest is a nonce (ChaCha20 as first published)."""


class Randomness:
    """What `os.urandom` of the firmware gives.

    Without a `seed` every byte is the operating system's. With one it is ChaCha20's key stream, for each boot
    one of its own: whoever knows the seed knows every key that the band will draw. Boots are counted, in
    `state_dir` if there is one, so that a band which lives on there draws nothing a second time.
    """

    def __init__(self, seed: str | None = None, state_dir: Path | None = None) -> None:
        self._key = None if seed is None else sha256(f"vitalband random bytes {seed}".encode()).digest()
        self._file = None if state_dir is None else state_dir / _KEEPS_BOOTS
        self._boots = 0
        self._stream: CipherContext | None = None

    def begin_boot(self) -> None:
        """The firmware starts: what it draws now is no continuation of what it drew before."""
        if self._key is None:
            return
        self._boots = self._count_boot()
        nonce = self._boots.to_bytes(_NONCE_BYTES // 2, "little").rjust(_NONCE_BYTES, b"\0")
        self._stream = Cipher(ChaCha20(self._key, nonce), mode=None).encryptor()

    def _count_boot(self) -> int:
        if self._file is None:
            return self._boots + 1
        # A byte for each: nothing is rewritten, so no end of this process at the wrong time loses the count.
        with self._file.open("ab") as file:
            file.write(b"\0")
            return file.tell()

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if self._key is None:
            return os.urandom(count)
        assert self._stream is not None
        return self._stream.update(bytes(count))
