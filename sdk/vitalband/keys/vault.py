"""The operating system's key store, by `keyring`: Secret Service, KWallet, Keychain, Credential Locker."""

import importlib
from typing import Any, Protocol

from vitalband.errors import KeyStoreError

SERVICE = "vitalband"
"""What an entry is called there; its user name is the band's id in hex."""


class Vault(Protocol):
    """Keeps one secret text for each name."""

    @property
    def place(self) -> str:
        """Where they lie, for a person."""
        ...

    def get(self, name: str) -> str | None:
        """The secret of this name, or None; raises `KeyStoreError`."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Keep a secret under this name; raises `KeyStoreError`."""
        ...

    def remove(self, name: str) -> None:
        """Forget it, if it is there; raises `KeyStoreError`."""
        ...


class OsVault:
    """The one that `keyring` has chosen for this user; `backend` is such a one of its."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.place = f"the key store of the operating system ({backend.name})"

    def get(self, name: str) -> str | None:
        """See `Vault`."""
        try:
            return self._backend.get_password(SERVICE, name)
        except Exception as error:
            raise self._failure("read", error) from error

    def put(self, name: str, secret: str) -> None:
        """See `Vault`."""
        try:
            self._backend.set_password(SERVICE, name, secret)
        except Exception as error:
            raise self._failure("write", error) from error

    def remove(self, name: str) -> None:
        """See `Vault`."""
        try:
            if self._backend.get_password(SERVICE, name) is not None:
                self._backend.delete_password(SERVICE, name)
        except Exception as error:
            raise self._failure("change", error) from error

    def _failure(self, what: str, error: Exception) -> KeyStoreError:
        reason = str(error) or type(error).__name__
        return KeyStoreError(f"cannot {what} a key in {self.place}: {reason}; is it locked?")


def os_vault() -> OsVault | None:
    """The operating system's key store, None where there is none that `keyring` recommends."""
    # Only now: it looks at every back end that is installed.
    core: Any = importlib.import_module("keyring.core")
    try:
        backend = core.get_keyring()
    except Exception as error:
        raise KeyStoreError(
            f"the Python package keyring cannot be used as it is configured: {error}"
        ) from error
    return OsVault(backend) if core.recommended(backend) else None
