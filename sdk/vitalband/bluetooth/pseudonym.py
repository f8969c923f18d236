"""What a device is called in recordings, so that one can be told from another and nobody where they are.

A Bluetooth address can place who carries the device: it is heard, and written down, by strangers. The name is
an HMAC-SHA-256 of it under a key that stays with the user of this computer. It is not in the recording: with
the key at hand all 2^24 addresses of a maker are tried in a minute.
"""

import hmac
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import platformdirs

from vitalband.errors import StoreError

PSEUDONYM_BYTES = 8
_KEY_BYTES = 32


def default_key_path() -> Path:
    """Where the user's key is kept; without it devices get other names from then on."""
    return Path(platformdirs.user_data_dir("vitalband", appauthor=False)) / "pseudonym_key"


def pseudonym_of(address: str, key_path: Path | None = None) -> bytes:
    """8 bytes that are the same each time for the address of a device, as the system gives it.

    The key is made when there is none, readable by the user only. `StoreError` when it cannot be read or
    made.
    """
    path = key_path or default_key_path()
    try:
        key = _read(path) if path.exists() else _make(path)
    except OSError as error:
        raise StoreError(f"cannot use the key of pseudonyms in {path}: {error.strerror or error}") from error
    return hmac.digest(key, address.lower().encode(), sha256)[:PSEUDONYM_BYTES]


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise StoreError(
            f"{path}: wanted a key of {_KEY_BYTES} bytes, got {len(key)}; it may be deleted, cuffs then get "
            "other names"
        )
    return key


def _make(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.touch(mode=0o600)
    part.write_bytes(secrets.token_bytes(_KEY_BYTES))
    try:
        # Whoever comes first makes it; a link replaces nothing, as a rename would.
        with suppress(FileExistsError):
            path.hardlink_to(part)
    finally:
        part.unlink()
    return _read(path)
