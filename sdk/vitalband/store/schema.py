"""The tables of a store file, and what each version added to the one before."""

import sqlite3
from pathlib import Path

from vitalband.errors import StoreError
from vitalband.store.access import ACCESS_SCHEMA
from vitalband.store.archives import ARCHIVE_SCHEMA
from vitalband.store.cuff_rows import CUFF_SCHEMA
from vitalband.store.erase import ERASURE_SCHEMA
from vitalband.store.retention import RETENTION_SCHEMA

APPLICATION_ID = 0x56424E44
"""Marks the file as ours in SQLite's header: "VBND"."""
SCHEMA_VERSION = 5

_LOST_SCHEMA = """
CREATE TABLE lost_ranges (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, first_sequence INTEGER NOT NULL,
    frame_count INTEGER NOT NULL,
    PRIMARY KEY (band_id, boot_id, first_sequence)
) WITHOUT ROWID;
"""
RIGHTS_SCHEMA = RETENTION_SCHEMA + ACCESS_SCHEMA + ARCHIVE_SCHEMA + ERASURE_SCHEMA
_SCHEMA = f"""
CREATE TABLE frames (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, sequence INTEGER NOT NULL,
    kind INTEGER NOT NULL, ticks_ms INTEGER NOT NULL, received_utc_us INTEGER NOT NULL,
    frame BLOB NOT NULL, row_crc32 INTEGER,
    PRIMARY KEY (band_id, boot_id, sequence)
) WITHOUT ROWID;
CREATE INDEX frames_by_kind ON frames (band_id, kind, boot_id, sequence);
CREATE TABLE time_exchanges (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, ticks_ms INTEGER NOT NULL,
    utc_us INTEGER NOT NULL, uncertainty_us INTEGER NOT NULL,
    PRIMARY KEY (band_id, boot_id, ticks_ms)
) WITHOUT ROWID;
{_LOST_SCHEMA}{CUFF_SCHEMA}{RIGHTS_SCHEMA}
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_UPGRADES = (
    (2, _LOST_SCHEMA),
    (3, "ALTER TABLE frames ADD COLUMN row_crc32 INTEGER;"),
    (4, CUFF_SCHEMA),
    (5, RIGHTS_SCHEMA),
)
"""What each version added to the one before. Frames of before the third have no check: nobody can tell any
more what they were."""


def prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, or add to an older one what it lacks; the caller explains errors."""
    tables = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    if tables == 0:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(
            f"BEGIN IMMEDIATE;PRAGMA application_id={APPLICATION_ID};"
            f"PRAGMA user_version={SCHEMA_VERSION};{_SCHEMA}COMMIT;"
        )
    check_identity(path, connection)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found < SCHEMA_VERSION:
        script = "".join(added for version, added in _UPGRADES if version > found)
        connection.executescript(f"BEGIN IMMEDIATE;PRAGMA user_version={SCHEMA_VERSION};{script}COMMIT;")
    connection.execute("PRAGMA synchronous=FULL")
    # What is deleted is overwritten with zeros, on pages that go on being used and on free ones.
    connection.execute("PRAGMA secure_delete=ON")


def check_identity(path: Path, connection: sqlite3.Connection) -> None:
    """Raise `StoreError` for a file that is no store, or of a later version."""
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if not connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
        raise StoreError(f"{path} is empty: no recording has been written to it")
    if application_id != APPLICATION_ID:
        raise StoreError(
            f"{path} is a database, but not a store of bands: application id {application_id:#x}"
        )
    if version > SCHEMA_VERSION:
        raise StoreError(f"{path} is of store version {version}; this vitalband reads up to {SCHEMA_VERSION}")
