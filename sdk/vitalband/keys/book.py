"""Where the list of paired bands lies: a file that its owner alone can read, or memory."""

import json
import os
import stat
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from vitalband.errors import KeyStoreError

Entry = dict[str, Any]

LOCK_TIMEOUT_S = 10.0
"""Chosen: a change takes milliseconds, unless the operating system's key store asks its user something."""
_FORMAT = 1
_PRIVATE_MODE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_HAS_MODES = os.name == "posix"
"""Elsewhere (Windows) a file in the user's folder is the user's by inherited access lists."""


class Book(Protocol):
    """A list of entries as JSON has them."""

    @property
    def place(self) -> str:
        """Where it lies, for a person."""
        ...

    def read(self) -> list[Entry]:
        """All entries; raises `KeyStoreError`."""
        ...

    def change(self) -> AbstractContextManager[list[Entry]]:
        """The entries within a `with` block, at whose end they are written unless it raises."""
        ...


class MemoryBook:
    """Gone with the process: for tests."""

    place = "this program's memory, gone with it"

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def read(self) -> list[Entry]:
        """All entries."""
        return deepcopy(self._entries)

    @contextmanager
    def change(self) -> Generator[list[Entry], None, None]:
        """See `Book`."""
        entries = self.read()
        yield entries
        self._entries = entries


class FileBook:
    """A JSON file of mode 600, replaced whole; who changes it holds a lock against other processes.

    It need not be there. A file that others than its owner can reach, or that belongs to somebody else, is
    refused: what lies in it may be known, or forged.
    """

    def __init__(self, path: Path, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self.path = path
        self.place = f"{path} (mode 600)" if _HAS_MODES else str(path)
        self._lock_timeout_s = lock_timeout_s

    def read(self) -> list[Entry]:
        """All entries; raises `KeyStoreError`."""
        try:
            with self.path.open(encoding="utf-8") as file:
                _refuse_shared(self.path, os.fstat(file.fileno()))
                return _entries_of(json.load(file))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            # Never with what stood there: a traceback must not show a key.
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            raise KeyStoreError(f"cannot read the keys of paired bands in {self.path}: {reason}") from None

    @contextmanager
    def change(self) -> Generator[list[Entry], None, None]:
        """See `Book`; `KeyStoreError` when another process holds the lock for too long, or writing fails."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(f"{self.path}.lock", timeout=self._lock_timeout_s, mode=_PRIVATE_MODE)
            lock.acquire()
        except Timeout as error:
            told = f"another program has held the keys in {self.path} for {self._lock_timeout_s:g} s"
            raise KeyStoreError(told) from error
        except OSError as error:
            raise KeyStoreError(f"cannot write the keys in {self.path}: {error.strerror}") from error
        try:
            entries = self.read()
            yield entries
            self._write(entries)
        finally:
            lock.release()

    def _write(self, entries: list[Entry]) -> None:
        part = self.path.with_name(f"{self.path.name}.part")
        try:
            # Left behind by a process that was killed as it held the lock.
            part.unlink(missing_ok=True)
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_MODE)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"format": _FORMAT, "bands": entries}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise KeyStoreError(f"cannot write the keys in {self.path}: {error.strerror}") from error


def _refuse_shared(path: Path, found: os.stat_result) -> None:
    if not _HAS_MODES:
        return
    if found.st_uid not in (os.geteuid(), 0):
        raise KeyStoreError(f"the keys in {path} belong to another user: who wrote them may know them")
    if found.st_mode & _OTHERS:
        raise KeyStoreError(
            f"the keys in {path} can be reached by others (mode {stat.S_IMODE(found.st_mode):o}): "
            f"if nobody else uses this computer `chmod 600` it, else delete it and pair again"
        )


def _entries_of(document: Any) -> list[Entry]:
    if document["format"] != _FORMAT:
        raise ValueError("another format")
    return [dict(entry) for entry in document["bands"]]


def _sync_folder(folder: Path) -> None:
    if _HAS_MODES:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
