"""Erasing what a store holds: of one band, or all of it, with the files that were exported of it.

That an erasure was begun is written first, and durably. Until it has ended the store gives nothing to a
reader, and whoever opens it to write ends it first: a cut at any moment leaves no half that passes for a
whole. At the end the file is built anew (VACUUM) and the write-ahead log cut to nothing, so that neither has
a page of before.

What a file system or a disk keeps of earlier content (snapshots, wear levelling, backups) is beyond a
program.
"""

import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

from vitalband.errors import StoreError
from vitalband.store.access import Access, access_now, insert_access
from vitalband.store.archives import Archive, ArchiveFate, erase_archive, read_archives
from vitalband.store.holdings import EVERYTHING

ERASURE_SCHEMA = """
CREATE TABLE erasures (band_id BLOB PRIMARY KEY, begun_utc_us INTEGER NOT NULL) WITHOUT ROWID;
"""
ALL_BANDS = b""
"""Stands in `erasures` for all that the store holds."""

_OF_A_BAND = ("frames", "time_exchanges", "lost_ranges", "removed_ranges", "access_log", "archives")
_OF_THE_PERSON = ("cuff_readings", "metadata")


@dataclass(slots=True)
class Erased:
    """What was erased: frames, cuff readings, and what became of each exported file."""

    frames: int = 0
    cuff_readings: int = 0
    archives: list[ArchiveFate] = field(default_factory=list[ArchiveFate])

    @property
    def left(self) -> list[ArchiveFate]:
        """Exported files that are still there, each with the reason."""
        return [fate for fate in self.archives if not fate.is_gone]


def is_erasing(connection: sqlite3.Connection) -> bool:
    """Whether an erasure was begun that has not ended."""
    known = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name='erasures'").fetchone()[0]
    return bool(known and connection.execute("SELECT COUNT(*) FROM erasures").fetchone()[0])


def begin_erasure(connection: sqlite3.Connection, band_id: bytes | None) -> None:
    """Write down what is to be erased; durable when it returns."""
    with connection:
        row = (ALL_BANDS if band_id is None else band_id, time.time_ns() // 1000)
        connection.execute("INSERT OR REPLACE INTO erasures VALUES (?,?)", row)


def finish_erasures(path: Path, connection: sqlite3.Connection) -> Erased:
    """Do all that was begun; may be done again after a cut. StoreError while others use the file."""
    erased = Erased()
    for (band_id,) in connection.execute("SELECT band_id FROM erasures").fetchall():
        erased.archives += [erase_archive(archive) for archive in _archives(connection, band_id)]
        with connection:
            _delete(connection, band_id, erased)
    _build_anew(path, connection)
    with connection:
        connection.execute("DELETE FROM erasures")
        detail = f"{erased.frames} frames, {erased.cuff_readings} cuff readings, {len(erased.archives)} files"
        insert_access(connection, access_now(Access.ERASED, EVERYTHING, detail=detail))
    cut_write_ahead_log(path, connection)
    return erased


def cut_write_ahead_log(path: Path, connection: sqlite3.Connection) -> None:
    """Bring all into the file itself and cut the write-ahead log to nothing; StoreError while others read."""
    is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        raise StoreError(f"{path}: another program has the store open, so that old pages stay in its log: "
                         "close that, and do it again")  # fmt: skip


def _archives(connection: sqlite3.Connection, band_id: bytes) -> list[Archive]:
    if band_id == ALL_BANDS:
        return list(read_archives(connection))
    where = "WHERE band_id=? OR (band_id IS NULL AND what=?)"
    return list(read_archives(connection, where, (band_id, EVERYTHING)))


def _delete(connection: sqlite3.Connection, band_id: bytes, erased: Erased) -> None:
    where, values = ("", ()) if band_id == ALL_BANDS else (" WHERE band_id=?", (band_id,))
    erased.frames += connection.execute(f"SELECT COUNT(*) FROM frames{where}", values).fetchone()[0]
    for table in _OF_A_BAND:
        connection.execute(f"DELETE FROM {table}{where}", values)
    if band_id != ALL_BANDS:
        # A file of all bands was this band's too.
        for table in ("archives", "access_log"):
            connection.execute(f"DELETE FROM {table} WHERE band_id IS NULL AND what=?", (EVERYTHING,))
        return
    erased.cuff_readings += connection.execute("SELECT COUNT(*) FROM cuff_readings").fetchone()[0]
    for table in _OF_THE_PERSON:
        connection.execute(f"DELETE FROM {table}")


def _build_anew(path: Path, connection: sqlite3.Connection) -> None:
    cut_write_ahead_log(path, connection)
    connection.execute("VACUUM")
    cut_write_ahead_log(path, connection)
