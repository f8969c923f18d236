"""The access log of a store: who read or took away what of it, and when.

Every reader of `Store` and `StoreReader` is noted before it gets the first row; no option leaves that out.
Where it cannot be noted (a file that must not be written, or of an earlier version) the reader is warned of
that, for all to see. Who opens the file with SQLite itself leaves no trace: the log tells of honest programs.
"""

import getpass
import os
import sqlite3
import sys
import time
import warnings
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from vitalband.errors import UnloggedAccessWarning

MOST_ENTRIES = 10_000
"""Own choice: some 2 MB at most. Older entries are dropped, and `Store.dropped_accesses` says how many."""

SAME_WITHIN_US = 3_600_000_000
"""The same access again within an hour counts on in the last entry: own choice, so that a program that looks
each minute does not push out all others."""

ACCESS_SCHEMA = """
CREATE TABLE access_log (
    entry INTEGER PRIMARY KEY AUTOINCREMENT, first_utc_us INTEGER NOT NULL, last_utc_us INTEGER NOT NULL,
    times INTEGER NOT NULL, program TEXT NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
    what TEXT NOT NULL, band_id BLOB, detail TEXT NOT NULL
);
"""
ACCESS_COLUMNS = "first_utc_us, last_utc_us, times, program, user, action, what, band_id, detail"


class Access(StrEnum):
    """What was done with the data."""

    READ = "read"
    EXPORTED = "exported"
    MERGED = "merged"
    LIMITED = "limits set"
    REMOVED = "removed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One line: the same access, `times` times from `first_utc_us` to `last_utc_us` (UTC by the host's
    clock).

    `what` names the data (`Holding`, or a table that was exported), `band_id` whose band's, None for all;
    `detail` where it went, or how much it was.
    """

    first_utc_us: int
    last_utc_us: int
    times: int
    program: str
    user: str
    action: str
    what: str
    band_id: bytes | None
    detail: str

    @property
    def row(self) -> tuple[Any, ...]:
        """Values of `ACCESS_COLUMNS`."""
        return tuple(getattr(self, name) for name in ACCESS_COLUMNS.split(", "))


def access_now(action: Access, what: str, band_id: bytes | None = None, detail: str = "") -> AccessEntry:
    """An access of this very moment, by this program and user of the system."""
    now_us = time.time_ns() // 1000
    return AccessEntry(now_us, now_us, 1, _program(), _user(), action.value, what, band_id, detail)


def add_access(connection: sqlite3.Connection, entry: AccessEntry) -> None:
    """Add a line within the transaction of the caller, or count on in the last one if it says the same."""
    counted = connection.execute(
        "UPDATE access_log SET last_utc_us=?, times=times+1 WHERE entry=(SELECT MAX(entry) FROM access_log) "
        "AND program=? AND user=? AND action=? AND what=? AND band_id IS ? AND detail=? "
        "AND last_utc_us BETWEEN ? AND ?",
        (entry.last_utc_us, *entry.row[3:], entry.last_utc_us - SAME_WITHIN_US, entry.last_utc_us),
    )
    if counted.rowcount == 0:
        insert_access(connection, entry)


def insert_access(connection: sqlite3.Connection, entry: AccessEntry) -> None:
    """Add a line of its own; drops the oldest one when there are too many."""
    marks = ",".join("?" * len(entry.row))
    added = connection.execute(f"INSERT INTO access_log ({ACCESS_COLUMNS}) VALUES ({marks})", entry.row)
    connection.execute("DELETE FROM access_log WHERE entry<=?", ((added.lastrowid or 0) - MOST_ENTRIES,))


def note_or_warn(path: Path, uri: str, busy_timeout_ms: int, entry: AccessEntry) -> None:
    """Add a line to a store that this process only reads; warns when that cannot be."""
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=busy_timeout_ms / 1000)) as connection:
            if not connection.execute("SELECT COUNT(*) FROM pragma_table_info('access_log')").fetchone()[0]:
                warn_unlogged(path, "a store of this earlier version keeps no log")
                return
            with connection:
                add_access(connection, entry)
    except sqlite3.Error as error:
        warn_unlogged(path, str(error))


def warn_unlogged(path: Path, reason: str) -> None:
    """Say for all to see that a reading is in no log."""
    warnings.warn(
        f"{path}: this access is not in the store's access log: {reason}", UnloggedAccessWarning, stacklevel=2
    )


def _program() -> str:
    return Path(sys.argv[0] or "python").name


def _user() -> str:
    """Who the system says that runs the program: what the environment says anybody can set."""
    try:
        import pwd
    except ImportError:  # Windows
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
