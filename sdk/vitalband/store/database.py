"""A store file: verbatim frames keyed by band, boot and sequence, in SQLite.

WAL with `synchronous=FULL`: a committed batch survives the end of the process and of the machine's
power (https://www.sqlite.org/pragma.html#pragma_synchronous). Writing the same frame again changes
nothing, so a repaired or repeated frame is harmless. Times are not stored with the frames: the time
exchanges are, and they place every frame of their boot in UTC, earlier ones as well as later ones.

SQLite notices damage to its own structures, not to what rows hold: each row of a frame has a CRC-32 of its
own. `vitalband.store.check` compares it, and so does `vitalband.store.merge`; reading does not.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import Any

import platformdirs

from bandwire.frames import KIND_CONSENT_RECORD
from vitalband.clock import TimeExchange
from vitalband.errors import StoreConflictError, StoreError
from vitalband.store.access import Access
from vitalband.store.cuff_rows import CUFF_COLUMNS, DERIVED_COLUMNS, CuffRow
from vitalband.store.erase import finish_erasures, is_erasing
from vitalband.store.explained import explained
from vitalband.store.holdings import Holding, holdings_of
from vitalband.store.rights import Rights
from vitalband.store.rows import EXCHANGE_COLUMNS, FRAME_COLUMNS, ExchangeRow, FrameRow, LostRow
from vitalband.store.schema import check_identity, prepare

SUFFIX = ".vband"
BUSY_TIMEOUT_MS = 2000
READ_BATCH_FRAMES = 2048
READ_BATCH_BYTES = 1 << 19
"""What is read at once: few enough passes over a night, and no more memory for a long one."""

_TYPES = {"B": bytes, "I": int, "N": int | None, "O": bytes | None, "S": str | None, "T": str}


def default_store_path() -> Path:
    """Where recordings go when no file is named: the user's data folder."""
    return Path(platformdirs.user_data_dir("vitalband", appauthor=False)) / f"recording{SUFFIX}"


class Store:
    """An open store file; every method raises `StoreError` when SQLite fails.

    One writer at a time; readers may read meanwhile. It may be used from any thread, by one thread
    at a time.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, busy_timeout_ms: int, *, write_uri: str | None
    ) -> None:
        self.path = path
        self._connection = connection
        self.rights = Rights(path, connection, self._rows, write_uri=write_uri, timeout_ms=busy_timeout_ms)
        """Access log, limits, archives and erasure."""

    @classmethod
    def create(cls, path: Path | str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> "Store":
        """Open for writing, making the file and its folder when they are not there."""
        path = Path(path)
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = _connect(f"file:{_quoted(path)}?mode=rwc", busy_timeout_ms)
        try:
            with explained(path):
                prepare(path, connection)
                if is_erasing(connection):
                    finish_erasures(path, connection)
        except StoreError:
            connection.close()
            raise
        return cls(path, connection, busy_timeout_ms, write_uri=None)

    @classmethod
    def open(cls, path: Path | str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> "Store":
        """Open an existing store for reading; what is read of a person is noted in its access log.

        `UnloggedAccessWarning` where that cannot be, as in a file that must not be written or of an earlier
        version: both are left as they are.
        """
        path = Path(path)
        if not path.is_file():
            raise StoreError(f"no store at {path}")
        with explained(path):
            connection = _connect(f"file:{_quoted(path)}?mode=ro", busy_timeout_ms)
        try:
            with explained(path):
                check_identity(path, connection)
                if is_erasing(connection):
                    raise StoreError(f"{path} is being erased: vitalband erase ends what was begun")
        except StoreError:
            connection.close()
            raise
        write_uri = f"file:{_quoted(path)}?mode=rw"
        return cls(path, connection, busy_timeout_ms, write_uri=write_uri)

    def write(
        self,
        frames: Sequence[FrameRow],
        exchanges: Sequence[ExchangeRow] = (),
        lost: Sequence[LostRow] = (),
    ) -> None:
        """Write all in one transaction; durable when it returns, untouched when it raises.

        A frame that is there already changes nothing. `StoreConflictError` when another one has its number:
        the store is of another recording, as of a simulated band that begins anew with each run.
        """
        frame_rows = [
            (
                row.band_id,
                row.boot_id,
                row.sequence,
                row.kind,
                row.ticks_ms,
                row.received_utc_us,
                row.frame,
                row.crc32,
            )
            for row in frames
        ]
        exchange_rows = [
            (
                row.band_id,
                row.boot_id,
                row.exchange.ticks_ms,
                row.exchange.utc_us,
                row.exchange.uncertainty_us,
            )
            for row in exchanges
        ]
        with explained(self.path), self._connection as connection:
            added = connection.executemany(
                "INSERT OR IGNORE INTO frames VALUES (?,?,?,?,?,?,?,?)", frame_rows
            ).rowcount
            if added < len(frames):
                self._refuse_others(frames)
            connection.executemany("INSERT OR IGNORE INTO time_exchanges VALUES (?,?,?,?,?)", exchange_rows)
            connection.executemany(
                "INSERT OR REPLACE INTO lost_ranges VALUES (?,?,?,?)",
                [(row.band_id, row.boot_id, row.first_sequence, row.frame_count) for row in lost],
            )

    def _refuse_others(self, frames: Sequence[FrameRow]) -> None:
        query = "SELECT frame FROM frames WHERE band_id=? AND boot_id=? AND sequence=?"
        for row in frames:
            stored = next(self._rows(query, (row.band_id, row.boot_id, row.sequence), "B"))[0]
            if stored != row.frame:
                raise StoreConflictError(
                    f"{self.path} holds another frame {row.sequence} of band {row.band_id.hex()}, boot "
                    f"{row.boot_id}: it is of another recording, so record to another file"
                )

    def set_metadata(self, name: str, value: str) -> None:
        """Keep a line about the recording, such as where it came from."""
        with explained(self.path), self._connection as connection:
            connection.execute("INSERT OR REPLACE INTO metadata VALUES (?,?)", (name, value))

    def metadata(self) -> dict[str, str]:
        """All lines about the recording."""
        return dict(self._rows("SELECT name, value FROM metadata ORDER BY name", (), "TT"))

    def bands(self) -> list[bytes]:
        """Identities of the bands that have frames here."""
        return [row[0] for row in self._rows("SELECT DISTINCT band_id FROM frames ORDER BY band_id", (), "B")]

    def boots(self, band_id: bytes) -> list[int]:
        """Boots of a band that have frames here, in order."""
        query = "SELECT DISTINCT boot_id FROM frames WHERE band_id=? ORDER BY boot_id"
        return [row[0] for row in self._rows(query, (band_id,), "I")]

    def stored_ranges(self, band_id: bytes, boot_id: int) -> list[tuple[int, int]]:
        """Numbers of a boot that are stored, as (first, count) in order."""
        where = "FROM frames WHERE band_id=? AND boot_id=?"
        query = f"SELECT MIN(sequence), COUNT(*), MAX(sequence) {where}"
        first, count, last = next(self._rows(query, (band_id, boot_id), "NIN"))
        if first is None or count == last - first + 1:
            return [] if first is None else [(first, count)]
        # A number less its rank is the same throughout a range.
        ranked = f"SELECT sequence, sequence - ROW_NUMBER() OVER (ORDER BY sequence) AS offset {where}"
        query = f"SELECT MIN(sequence), COUNT(*) FROM ({ranked}) GROUP BY offset ORDER BY 1"
        return [(row[0], row[1]) for row in self._rows(query, (band_id, boot_id), "II")]

    def lost_ranges(self, band_id: bytes, boot_id: int) -> list[tuple[int, int]]:
        """Numbers of a boot that the band has told to have no more, as (first, count) in order."""
        if not self.has_column("lost_ranges", "frame_count"):
            return []
        query = (
            "SELECT first_sequence, frame_count FROM lost_ranges WHERE band_id=? AND boot_id=? "
            "ORDER BY first_sequence"
        )
        return [(row[0], row[1]) for row in self._rows(query, (band_id, boot_id), "II")]

    def has_column(self, table: str, column: str) -> bool:
        """Whether the file is of a version that keeps this; one opened for reading is left as it is."""
        query = "SELECT COUNT(*) FROM pragma_table_info(?) WHERE name=?"
        return bool(next(self._rows(query, (table, column), "I"))[0])

    def frame_count(self) -> int:
        """Frames of all bands."""
        return next(self._rows("SELECT COUNT(*) FROM frames", (), "I"))[0]

    def frames(
        self, band_id: bytes, *, kind: int | None = None, boot_id: int | None = None
    ) -> Iterator[FrameRow]:
        """Frames of a band by boot and sequence; of one kind or one boot when given."""
        self._note_kinds(band_id, None if kind is None else (kind,))
        query = f"SELECT {FRAME_COLUMNS} FROM frames WHERE band_id=?"
        values: list[Any] = [band_id]
        for column, wanted in (("kind", kind), ("boot_id", boot_id)):
            if wanted is not None:
                query += f" AND {column}=?"
                values.append(wanted)
        for row in self._rows(query + " ORDER BY boot_id, sequence", values, "BIIIIIB"):
            yield FrameRow(*row)

    def consent_records(self, band_id: bytes, boot_id: int) -> list[FrameRow]:
        """Records of consent of a boot, by number; not noted as read, as nothing measured is in them."""
        query = (
            f"SELECT {FRAME_COLUMNS} FROM frames WHERE band_id=? AND kind=? AND boot_id=? ORDER BY sequence"
        )
        values = (band_id, KIND_CONSENT_RECORD, boot_id)
        return [FrameRow(*row) for row in self._rows(query, values, "BIIIIIB")]

    def frame_batches(
        self, band_id: bytes, kinds: Collection[int] | None = None
    ) -> Iterator[list[tuple[int, int, int, bytes, int]]]:
        """All frames, or those of some kinds, as (boot, number, kind, frame, UTC of receipt in us), by boot
        and number.

        In lists of at most `READ_BATCH_FRAMES` frames and of little more than `READ_BATCH_BYTES`.
        """
        self._note_kinds(band_id, kinds)
        query = "SELECT boot_id, sequence, kind, frame, received_utc_us FROM frames WHERE band_id=?"
        order = " ORDER BY boot_id, sequence"
        if kinds is None:
            rows = self._rows(query + order, (band_id,), "IIIBI")
        else:
            # Each kind comes sorted from the index; all of them together SQLite would sort in one go.
            rows = merge(
                *(self._rows(query + " AND kind=?" + order, (band_id, kind), "IIIBI") for kind in kinds)
            )
        batch: list[tuple[int, int, int, bytes, int]] = []
        batch_bytes = 0
        for row in rows:
            batch.append((row[0], row[1], row[2], row[3], row[4]))
            batch_bytes += len(row[3])
            if len(batch) == READ_BATCH_FRAMES or batch_bytes >= READ_BATCH_BYTES:
                yield batch
                batch, batch_bytes = [], 0
        if batch:
            yield batch

    def _note_kinds(self, band_id: bytes, kinds: Collection[int] | None) -> None:
        for what in holdings_of(kinds):
            self.rights.note(Access.READ, what, band_id)

    def count_of(self, band_id: bytes, kinds: Collection[int]) -> int:
        """Number of a band's frames of some kinds."""
        query = "SELECT COUNT(*) FROM frames WHERE band_id=? AND kind=?"
        return sum(next(self._rows(query, (band_id, kind), "I"))[0] for kind in kinds)

    def exchanges(self, band_id: bytes) -> Iterator[ExchangeRow]:
        """Time exchanges of a band, by boot and ticks."""
        query = f"SELECT {EXCHANGE_COLUMNS} FROM time_exchanges WHERE band_id=? ORDER BY boot_id, ticks_ms"
        for row in self._rows(query, (band_id,), "BIIII"):
            yield ExchangeRow(row[0], row[1], TimeExchange(*row[2:]))

    def write_cuff_readings(self, rows: Sequence[CuffRow]) -> int:
        """Write all in one transaction, as `write` does; gives how many were not there before."""
        marks = ",".join("?" * len((CUFF_COLUMNS + "," + DERIVED_COLUMNS).split(",")))
        query = f"INSERT OR IGNORE INTO cuff_readings ({CUFF_COLUMNS}, {DERIVED_COLUMNS}) VALUES ({marks})"
        with explained(self.path), self._connection as connection:
            values = [(*row.given, *row.derived) for row in rows]
            return connection.executemany(query, values).rowcount

    def cuff_readings(self, cuff_id: bytes | None = None) -> Iterator[CuffRow]:
        """Cuff readings, of one monitor or of all, in the order in which they came."""
        if not self.has_column("cuff_readings", "value"):
            return
        self.rights.note(Access.READ, Holding.CUFF_READINGS.value)
        where, values = ("", ()) if cuff_id is None else ("WHERE cuff_id=?", (cuff_id,))
        query = f"SELECT {CUFF_COLUMNS} FROM cuff_readings {where} ORDER BY received_utc_us, reading_id"
        for columns in self._rows(query, values, "BIBNSSS"):
            row = CuffRow(*columns)
            if not row.is_possible:
                raise self._impossible_row()
            yield row

    def _rows(self, query: str, values: Sequence[Any], types: str) -> Iterator[tuple[Any, ...]]:
        """Rows whose columns have these types, a letter each of `_TYPES`; a damaged file may hold others."""
        with explained(self.path):
            cursor = self._connection.execute(query, values)
            wanted = tuple(_TYPES[letter] for letter in types)
            # By lists: a generator given up halfway must not touch a store that is closed by then.
            while rows := cursor.fetchmany(256):
                for row in rows:
                    if not all(map(isinstance, row, wanted)):
                        raise self._impossible_row()
                yield from rows

    def _impossible_row(self) -> StoreError:
        return StoreError(f"store {self.path}: corrupt (a row holds what is never written)")

    def raw_rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Rows of any query, whatever they hold: for who tells damage."""
        with explained(self.path):
            cursor = self._connection.execute(query)
            while rows := cursor.fetchmany(256):
                yield from rows

    def close(self) -> None:
        """Close the file; may be called twice."""
        with explained(self.path):
            self._connection.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _connect(uri: str, busy_timeout_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=busy_timeout_ms / 1000, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
    return connection
