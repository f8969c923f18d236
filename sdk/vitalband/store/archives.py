"""Files that were exported of a store: it knows them, so that erasing reaches them too."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from vitalband.errors import StoreError
from vitalband.store.access import warn_unlogged
from vitalband.store.holdings import EVERYTHING

ARCHIVE_SCHEMA = """
CREATE TABLE archives (
    path TEXT PRIMARY KEY, written_utc_us INTEGER NOT NULL, sha256 BLOB NOT NULL, what TEXT NOT NULL,
    band_id BLOB
) WITHOUT ROWID;
"""
ARCHIVE_COLUMNS = "path, written_utc_us, sha256, what, band_id"
_BLOCK = bytes(1 << 16)


@dataclass(frozen=True, slots=True)
class Archive:
    """A file by its absolute path, with its digest when it was written; of one band, or of all (None)."""

    path: str
    written_utc_us: int
    sha256: bytes
    what: str
    band_id: bytes | None


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()


def insert_archives(connection: sqlite3.Connection, archives: list[Archive]) -> None:
    """Note files; one that was written over is the newer one. Within the caller's transaction."""
    rows = [(each.path, each.written_utc_us, each.sha256, each.what, each.band_id) for each in archives]
    connection.executemany("INSERT OR REPLACE INTO archives VALUES (?,?,?,?,?)", rows)


def register_or_warn(path: Path, uri: str, archives: list[Archive]) -> None:
    """Note files in a store that this process only reads; warns when that cannot be."""
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection, connection:
            insert_archives(connection, archives)
    except sqlite3.Error as error:
        warn_unlogged(
            path, f"erasing the store will not reach {', '.join(a.path for a in archives)} ({error})"
        )


@dataclass(frozen=True, slots=True)
class ArchiveFate:
    """What became of a file that was to be erased."""

    path: str
    is_gone: bool
    reason: str


def erase_archive(archive: Archive) -> ArchiveFate:
    """Overwrite and remove a file, if it is still the one that was written; never another one of its name."""
    path = Path(archive.path)
    try:
        if not path.exists():
            return ArchiveFate(archive.path, True, "was not there any more")
        if digest_of(path) != archive.sha256:
            return ArchiveFate(
                archive.path, False, "is not what was exported there any more: look at it yourself"
            )
        with path.open("r+b") as file:
            for start in range(0, path.stat().st_size, len(_BLOCK)):
                file.write(_BLOCK[: path.stat().st_size - start])
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        if archive.what == EVERYTHING:
            with suppress(OSError):  # until the last file of the folder has gone
                path.parent.rmdir()
    except OSError as error:
        return ArchiveFate(archive.path, False, str(error.strerror or error))
    return ArchiveFate(archive.path, True, "erased")


def read_archives(
    connection: sqlite3.Connection, where: str = "", values: tuple[object, ...] = ()
) -> Iterator[Archive]:
    """Files that are noted; StoreError for a row that damage has changed."""
    for row in connection.execute(
        f"SELECT {ARCHIVE_COLUMNS} FROM archives {where} ORDER BY path", values
    ).fetchall():
        if not (isinstance(row[0], str) and isinstance(row[2], bytes)):
            raise StoreError("corrupt (a row of archives holds what is never written)")
        yield Archive(*row)
