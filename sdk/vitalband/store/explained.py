"""What SQLite says of a store, in the words of a `StoreError`."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vitalband.errors import StoreError


@contextmanager
def explained(path: Path) -> Generator[None, None, None]:
    """Around what uses SQLite: its errors, and damage that it meets, become `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"store {path}: {_reason(error)}") from error
    except UnicodeDecodeError as error:
        # Of a name in a damaged schema, or of a message that quotes one.
        raise StoreError(f"store {path}: corrupt ({error.reason})") from error
    except OSError as error:
        raise StoreError(f"store {path}: {error.strerror or error}") from error


def _reason(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    reasons = {
        "SQLITE_FULL": "no space left",
        "SQLITE_BUSY": "locked by another writer",
        "SQLITE_NOTADB": "not a SQLite database, or corrupt",
        "SQLITE_CORRUPT": "corrupt",
        "SQLITE_READONLY": "read-only",
        "SQLITE_CANTOPEN": "cannot be opened",
        "SQLITE_IOERR_WRITE": "writing failed (disk full or gone)",
    }
    known = next((text for code, text in reasons.items() if name.startswith(code)), None)
    return f"{known} ({error})" if known else f"{error} ({name})" if name else str(error)
