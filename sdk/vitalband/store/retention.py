"""How long a store keeps what it holds: limits that lie in the store itself, and what they have removed.

A limit counts from when this host received a frame: what a band has kept for a day and gives then is a day
old already, and stays by so much longer. Limits are kept by whoever opens the store to record, at both ends,
and by command; none is set unless somebody sets it. The numbers of removed frames stay known, so that nobody
takes them for missing and fetches them anew.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from vitalband.errors import LocalError, StoreError
from vitalband.ranges import merged
from vitalband.store.access import Access, access_now, insert_access
from vitalband.store.holdings import KINDS, LIMITED, Holding

LONGEST_H = 876_000
"""A hundred years: more is a slip of the hand."""

RETENTION_SCHEMA = """
CREATE TABLE retention_limits (holding TEXT PRIMARY KEY, keep_h INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE removed_ranges (
    band_id BLOB NOT NULL, boot_id INTEGER NOT NULL, first_sequence INTEGER NOT NULL,
    frame_count INTEGER NOT NULL,
    PRIMARY KEY (band_id, boot_id, first_sequence)
) WITHOUT ROWID;
"""
_HOUR_US = 3_600_000_000


def _no_counts() -> dict[Holding, int]:
    return {}


@dataclass(slots=True)
class Removed:
    """Frames, and cuff readings, that limits have removed, by what they were; nothing is left out at zero."""

    counts: dict[Holding, int] = field(default_factory=_no_counts)

    def __bool__(self) -> bool:
        return any(self.counts.values())

    def words(self) -> str:
        """For a person: `120 of waveforms, 3 of cuff readings`."""
        told = (f"{count} of {name.replace('_', ' ')}" for name, count in self.counts.items() if count)
        return ", ".join(told) or "nothing"


def read_limits(connection: sqlite3.Connection) -> dict[Holding, int]:
    """Hours that each is kept; what has no limit is not there. StoreError for what damage made of one."""
    limits: dict[Holding, int] = {}
    for name, keep_h in connection.execute("SELECT holding, keep_h FROM retention_limits ORDER BY holding"):
        if name not in LIMITED or not isinstance(keep_h, int) or not 0 <= keep_h <= LONGEST_H:
            raise StoreError(f"corrupt: wanted a limit of 0 to {LONGEST_H} h of {', '.join(LIMITED)}, "
                             f"got {keep_h!r} h of {name!r}")  # fmt: skip
        limits[Holding(name)] = keep_h
    return limits


def write_limits(connection: sqlite3.Connection, limits: Mapping[Holding, int | None]) -> None:
    """Set limits in hours, None for no limit; others stay. Within the caller's transaction."""
    for holding, keep_h in limits.items():
        if holding not in LIMITED or (keep_h is not None and not 0 <= keep_h <= LONGEST_H):
            raise LocalError(
                f"wanted 0 to {LONGEST_H} h of {', '.join(LIMITED)}, got {keep_h} h of {holding}"
            )
        connection.execute("DELETE FROM retention_limits WHERE holding=?", (holding.value,))
        if keep_h is not None:
            connection.execute("INSERT INTO retention_limits VALUES (?,?)", (holding.value, keep_h))
        said = "no limit" if keep_h is None else f"{keep_h} h"
        insert_access(connection, access_now(Access.LIMITED, holding.value, detail=said))


def overdue(connection: sqlite3.Connection, now_utc_us: int) -> Removed:
    """What the limits would remove now."""
    return Removed({
        holding: _count(connection, holding, now_utc_us - keep_h * _HOUR_US)
        for holding, keep_h in read_limits(connection).items()
    })  # fmt: skip


def remove_overdue(connection: sqlite3.Connection, now_utc_us: int) -> Removed:
    """Remove what is past its limit, note its numbers and log it; within the caller's transaction."""
    removed = Removed()
    for holding, keep_h in read_limits(connection).items():
        before_us = now_utc_us - keep_h * _HOUR_US
        count = _count(connection, holding, before_us)
        removed.counts[holding] = count
        if not count:
            continue
        if holding is Holding.CUFF_READINGS:
            connection.execute("DELETE FROM cuff_readings WHERE received_utc_us<?", (before_us,))
        else:
            _note_numbers(connection, holding, before_us)
            connection.execute(f"DELETE FROM frames WHERE {_where(holding)}", (before_us,))
        detail = f"{count}, received more than {keep_h} h ago"
        insert_access(connection, access_now(Access.REMOVED, holding.value, detail=detail))
    return removed


def write_removed(
    connection: sqlite3.Connection, band_id: bytes, boot_id: int, ranges: list[tuple[int, int]]
) -> None:
    """Add numbers of a boot to those that were removed, as few ranges as can be."""
    place = (band_id, boot_id)
    where = "FROM removed_ranges WHERE band_id=? AND boot_id=?"
    known = connection.execute(f"SELECT first_sequence, frame_count {where}", place).fetchall()
    connection.execute(f"DELETE {where}", place)
    rows = [(*place, first, count) for first, count in merged([*known, *ranges])]
    connection.executemany("INSERT INTO removed_ranges VALUES (?,?,?,?)", rows)


def _where(holding: Holding) -> str:
    return f"kind IN ({', '.join(map(str, KINDS[holding]))}) AND received_utc_us<?"


def _count(connection: sqlite3.Connection, holding: Holding, before_us: int) -> int:
    is_cuff = holding is Holding.CUFF_READINGS
    where = "cuff_readings WHERE received_utc_us<?" if is_cuff else f"frames WHERE {_where(holding)}"
    return connection.execute(f"SELECT COUNT(*) FROM {where}", (before_us,)).fetchone()[0]


def _note_numbers(connection: sqlite3.Connection, holding: Holding, before_us: int) -> None:
    query = f"SELECT DISTINCT band_id, boot_id FROM frames WHERE {_where(holding)}"
    for band_id, boot_id in connection.execute(query, (before_us,)).fetchall():
        rows = connection.execute(
            f"SELECT sequence FROM frames WHERE band_id=? AND boot_id=? AND {_where(holding)} "
            "ORDER BY sequence",
            (band_id, boot_id, before_us),
        )
        write_removed(connection, band_id, boot_id, merged((sequence, 1) for (sequence,) in rows))
