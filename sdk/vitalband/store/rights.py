"""What the person whom a store is about can ask of it: who read it, how long it keeps, its copies."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vitalband.store import access, archives, retention
from vitalband.store.access import Access, AccessEntry
from vitalband.store.archives import Archive
from vitalband.store.erase import Erased, begin_erasure, cut_write_ahead_log, finish_erasures
from vitalband.store.explained import explained
from vitalband.store.holdings import Holding
from vitalband.store.retention import Removed

Rows = Callable[[str, tuple[Any, ...], str], Iterator[tuple[Any, ...]]]


class Rights:
    """Access log, limits, archives and erasure of an open store; each method raises `StoreError` as its
    store.

    `rows` reads columns of given types, as `Store` does. A store that was opened for reading notes accesses
    and archives through a connection of its own (`write_uri`); limits and erasing want one opened to write.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        rows: Rows,
        *,
        write_uri: str | None,
        timeout_ms: int,
    ) -> None:
        self._path = path
        self._connection = connection
        self._rows = rows
        self._write_uri = write_uri
        self._timeout_ms = timeout_ms
        self._noted: set[tuple[str, str, bytes | None, str]] = set()

    def note(self, action: Access, what: str, band_id: bytes | None = None, detail: str = "") -> None:
        """Note an access, once for as long as the store is open; warns where it cannot be noted."""
        key = (action.value, what, band_id, detail)
        if key in self._noted:
            return
        self._noted.add(key)
        entry = access.access_now(action, what, band_id, detail)
        if self._write_uri is not None:
            access.note_or_warn(self._path, self._write_uri, self._timeout_ms, entry)
            return
        with explained(self._path), self._connection as connection:
            access.add_access(connection, entry)

    def accesses(self) -> Iterator[AccessEntry]:
        """The access log, the oldest line first; to read it is no access."""
        if self._is_kept("access_log"):
            query = f"SELECT {access.ACCESS_COLUMNS} FROM access_log ORDER BY entry"
            for row in self._rows(query, (), "IIITTTTOT"):
                yield AccessEntry(*row)

    def dropped_accesses(self) -> int:
        """Lines that were dropped to keep the log short."""
        if not self._is_kept("access_log"):
            return 0
        query = "SELECT COALESCE(MAX(entry), 0) - COUNT(*) FROM access_log"
        return max(0, next(self._rows(query, (), "I"))[0])

    def write_accesses(self, entries: list[AccessEntry]) -> None:
        """Take over lines of other stores."""
        with explained(self._path), self._connection as connection:
            for entry in entries:
                access.insert_access(connection, entry)

    def limits(self) -> dict[Holding, int]:
        """Hours that each is kept; what is kept for ever is not there."""
        with explained(self._path):
            return retention.read_limits(self._connection) if self._is_kept("retention_limits") else {}

    def set_limits(self, limits: Mapping[Holding, int | None]) -> None:
        """Set limits in hours, None for no limit; nothing is removed by that. `LocalError` for a bad one."""
        with explained(self._path), self._connection as connection:
            retention.write_limits(connection, limits)

    def overdue(self, now_utc_us: int | None = None) -> Removed:
        """What `remove_overdue` would remove."""
        with explained(self._path):
            return retention.overdue(self._connection, _utc_us(now_utc_us)) if self.limits() else Removed()

    def remove_overdue(self, now_utc_us: int | None = None) -> Removed:
        """Remove what was received longer ago than its limit; all or nothing, and zeros in its place."""
        if not self.limits():
            return Removed()
        with explained(self._path):
            with self._connection as connection:
                connection.execute("BEGIN IMMEDIATE")
                removed = retention.remove_overdue(connection, _utc_us(now_utc_us))
            if removed:
                # Where a reader holds it open, the log is cut at a later checkpoint.
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return removed

    def removed_ranges(self, band_id: bytes, boot_id: int) -> list[tuple[int, int]]:
        """Numbers of a boot that limits have removed, as (first, count) in order."""
        if not self._is_kept("removed_ranges"):
            return []
        query = (
            "SELECT first_sequence, frame_count FROM removed_ranges WHERE band_id=? AND boot_id=? "
            "ORDER BY first_sequence"
        )
        return [(row[0], row[1]) for row in self._rows(query, (band_id, boot_id), "II")]

    def write_removed(self, band_id: bytes, boot_id: int, ranges: list[tuple[int, int]]) -> None:
        """Note numbers that another store has removed."""
        with explained(self._path), self._connection as connection:
            retention.write_removed(connection, band_id, boot_id, ranges)

    def archives(self) -> list[Archive]:
        """Files that were exported of this store."""
        with explained(self._path):
            return list(archives.read_archives(self._connection)) if self._is_kept("archives") else []

    def register(self, files: list[Archive]) -> None:
        """Note files that are about to be there; warns where that cannot be noted."""
        if self._write_uri is not None:
            archives.register_or_warn(self._path, self._write_uri, files)
            return
        with explained(self._path), self._connection as connection:
            archives.insert_archives(connection, files)

    def erase(self, band_id: bytes | None = None) -> Erased:
        """Erase what is here of a band, or all of the person (None), with the files that were exported of it.

        `StoreError` while another program has the store open: the erasure is begun then, the store gives
        nothing to readers any more, and erasing again, or opening it to write, ends it.
        """
        with explained(self._path):
            cut_write_ahead_log(self._path, self._connection)
            begin_erasure(self._connection, band_id)
            return finish_erasures(self._path, self._connection)

    def _is_kept(self, table: str) -> bool:
        query = "SELECT COUNT(*) FROM sqlite_master WHERE type='table' AND name=?"
        return bool(next(self._rows(query, (table,), "I"))[0])


def _utc_us(given: int | None) -> int:
    return time.time_ns() // 1000 if given is None else given
