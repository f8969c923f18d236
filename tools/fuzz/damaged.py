"""Small stores whose rows, columns, tables and bytes are changed as an input says."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bandschema.layout import HEADER_BYTES
from bandschema.records import Event, LogLine, Vitals
from bandwire.frames import unpack_header
from fuzz import vectors
from fuzz.memory import memory_folder
from fuzz.source import Source
from vitalband.clock import TimeExchange
from vitalband.store.database import Store
from vitalband.store.rows import ExchangeRow, FrameRow, LostRow

BANDS = (b"band-one", b"band-two")
_BASE_KINDS = (Vitals.KIND, Event.KIND, LogLine.KIND)
_LOST = 2
_MOST_CHANGES = 12
_PAGE_BYTES = 512
"""The least that SQLite has: the file is small, and a byte of it more likely of use."""

Table = tuple[list[str], list[list[Any]]]


@dataclass
class Content:
    """What a store is made of: names of columns and rows by table; then changes of bytes of the file, and how
    much of it is kept.

    `is_loose`: tables are made anew without types, keys and an index, so that they hold anything.
    """

    tables: dict[str, Table]
    is_loose: bool = False
    changes: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    kept_share: float = 1.0

    @property
    def is_whole_file(self) -> bool:
        """Whether what SQLite wrote is left as it was."""
        return not self.changes and self.kept_share == 1.0


def take_content(source: Source) -> Content:
    """A sound store's content with the changes that the input says: a byte of how many and of how checks are
    made, then the changes."""
    head = source.byte()
    names_and_rows = {name: (list(columns), [list(row) for row in rows]) for name, (columns, rows) in _base()}
    content = Content(names_and_rows, is_loose=bool(head & 0x40))
    for _ in range(min(head & 15, _MOST_CHANGES)):
        _CHANGES[source.below(len(_CHANGES))](content, source)
    if head & 0x20:
        _renew_checks(content)
    elif head & 0x10:
        _set_checks(content, None)
    return content


def write(content: Content, path: Path) -> None:
    """Write it as the file at `path`."""
    for beside in ("-wal", "-shm"):
        # Of the store before, where its bytes said that it has such files.
        Path(f"{path}{beside}").unlink(missing_ok=True)
    path.write_bytes(_image())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        for name, (columns, _) in _base():
            table = content.tables.get(name)
            if table is None:
                connection.execute(f"DROP TABLE {name}")
                continue
            if content.is_loose or table[0] != columns:
                connection.execute(f"DROP TABLE {name}")
                connection.execute(f"CREATE TABLE {name} ({', '.join(table[0])})")
            else:
                connection.execute(f"DELETE FROM {name}")
            _insert(connection, name, table)
        connection.execute("COMMIT")
    image = bytearray(path.read_bytes())
    for place, new in content.changes:
        at = place % len(image)
        image[at : at + len(new)] = new[: len(image) - at]
    path.write_bytes(image[: int(len(image) * content.kept_share)])


def _insert(connection: sqlite3.Connection, name: str, table: Table) -> None:
    for row in table[1]:
        # Text of any bytes: as a parameter it would have to be UTF-8.
        marks = ",".join("CAST(? AS TEXT)" if isinstance(value, bytearray) else "?" for value in row)
        connection.execute(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", row)


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that the store at `path` holds."""
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name, _ in _base()}


# -- changes -------------------------------------------------------------------------------------


def _table(content: Content, source: Source) -> Table:
    names = [name for name, _ in _base() if name in content.tables]
    return content.tables[names[source.below(len(names))]] if names else ([], [])


def _row(table: Table, source: Source) -> list[Any] | None:
    number = source.byte()
    return table[1][number % len(table[1])] if table[1] else None


def _value(source: Source) -> Any:
    way, count = source.below(5), source.below(12)
    data = source.some(count)
    if way == 0:
        return None
    if way == 1:
        return int.from_bytes(data[:8], "little", signed=True)
    if way == 2:
        return int.from_bytes(data[:8], "little", signed=True) / 256
    return bytearray(data) if way == 3 else data


def _change_value(content: Content, source: Source) -> None:
    row = _row(_table(content, source), source)
    if row is not None:
        row[source.below(len(row))] = _value(source)


def _drop_row(content: Content, source: Source) -> None:
    table = _table(content, source)
    row = _row(table, source)
    if row is not None:
        table[1].remove(row)


def _repeat_row(content: Content, source: Source) -> None:
    table = _table(content, source)
    row = _row(table, source)
    if row is not None:
        table[1].append(list(row))


def _add_frame(content: Content, source: Source) -> None:
    """A golden frame, changed, under the name that its header then has."""
    golden = vectors.frames()
    frame = bytearray(golden[source.below(len(golden))])
    frame[2:7] = bytes([1 + source.below(3), 0, source.byte(), 0, 0])
    for _ in range(source.below(4)):
        at = source.below(len(frame) + 1)
        frame[at : at + source.below(3)] = source.some(source.below(3))
    band_id = BANDS[source.below(len(BANDS))]
    table = content.tables.get("frames")
    if table is not None and len(frame) >= HEADER_BYTES and len(table[0]) == len(_base_columns("frames")):
        _, kind, boot_id, sequence, ticks_ms, _ = unpack_header(frame, 0)
        row = FrameRow(band_id, boot_id, sequence, kind, ticks_ms, 1_000_000 + source.byte(), bytes(frame))
        table[1].append(_columns_of(row))


def _drop_column(content: Content, source: Source) -> None:
    table = _table(content, source)
    if len(table[0]) > 1:
        column = source.below(len(table[0]))
        for each in (table[0], *table[1]):
            del each[column]


def _swap_columns(content: Content, source: Source) -> None:
    columns = _table(content, source)[0]
    if columns:
        first, second = source.below(len(columns)), source.below(len(columns))
        columns[first], columns[second] = columns[second], columns[first]


def _add_column(content: Content, source: Source) -> None:
    table = _table(content, source)
    if table[0] and "more" not in table[0]:
        value = _value(source)
        table[0].append("more")
        for row in table[1]:
            row.append(value)


def _drop_table(content: Content, source: Source) -> None:
    names = list(content.tables)
    if names:
        del content.tables[names[source.below(len(names))]]


def _change_bytes(content: Content, source: Source) -> None:
    at = source.below(1 << 16)
    content.changes.append((at, source.some(1 + source.below(4))))


def _cut(content: Content, source: Source) -> None:
    content.kept_share = source.byte() / 256


_CHANGES = (
    _change_value, _drop_row, _repeat_row, _add_frame, _drop_column, _swap_columns, _add_column,
    _drop_table, _change_bytes, _cut,
)  # fmt: skip


def _set_checks(content: Content, check: int | None) -> None:
    columns, rows = content.tables.get("frames", ([], []))
    if "row_crc32" in columns:
        for row in rows:
            row[columns.index("row_crc32")] = check


def _renew_checks(content: Content) -> None:
    """Checks that agree with what rows hold now, where a check can be made of it."""
    columns, rows = content.tables.get("frames", ([], []))
    if columns != _base_columns("frames"):
        return
    for row in rows:
        band_id, *numbers, frame, _ = row
        if all(isinstance(number, int) for number in numbers) and {type(band_id), type(frame)} == {bytes}:
            try:
                row[-1] = FrameRow(*row[:-1]).crc32
            except ValueError:
                row[-1] = None


# -- the sound store -----------------------------------------------------------------------------


@cache
def folder() -> Path:
    """Where the stores of this process lie."""
    return Path(_temporary().name)


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="vitalband-fuzz-", dir=memory_folder())


def _base_rows() -> Iterator[FrameRow]:
    frames = vectors.frames()
    for boot_id in (1, 2):
        for sequence, kind in enumerate(_BASE_KINDS):
            frame = next(frame for frame in frames if frame[1] == kind)
            ticks_ms = 1000 * sequence
            place = boot_id.to_bytes(2, "little") + sequence.to_bytes(3, "little")
            named = frame[:2] + place + ticks_ms.to_bytes(4, "little") + frame[HEADER_BYTES - 1 :]
            yield FrameRow(BANDS[0], boot_id, sequence, kind, ticks_ms, 1_000_000 + sequence, named)


def _columns_of(row: FrameRow) -> list[Any]:
    numbers = [row.boot_id, row.sequence, row.kind, row.ticks_ms, row.received_utc_us]
    return [row.band_id, *numbers, row.frame, row.crc32]


@cache
def _image() -> bytes:
    path = folder() / "sound.vband"
    exchanges = [
        ExchangeRow(BANDS[0], boot_id, TimeExchange(ticks_ms, 1_700_000_000_000_000 + 1000 * ticks_ms, 900))
        for boot_id, ticks_ms in ((1, 5), (1, 60_000), (2, 600_000))
    ]
    lost = [LostRow(BANDS[0], 1, len(_BASE_KINDS), _LOST)]
    with Store.create(path) as store:
        store.write(list(_base_rows()), exchanges, lost)
        store.set_metadata("device", "sim:rest")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in ("journal_mode=DELETE", f"page_size={_PAGE_BYTES}"):
            connection.execute(f"PRAGMA {statement}")
        connection.execute("VACUUM")
    return path.read_bytes()


@cache
def _base() -> tuple[tuple[str, Table], ...]:
    path = folder() / "base.vband"
    path.write_bytes(_image())
    found: list[tuple[str, Table]] = []
    with closing(sqlite3.connect(path)) as connection:
        for name in ("frames", "time_exchanges", "lost_ranges", "metadata"):
            cursor = connection.execute(f"SELECT * FROM {name}")
            columns = [column[0] for column in cursor.description]
            found.append((name, (columns, [list(row) for row in cursor])))
    return tuple(found)


def _base_columns(name: str) -> list[str]:
    return dict(_base())[name][0]


def seeds() -> Iterator[bytes]:
    """Contents: untouched, each kind of change alone and with others, and bytes here and there."""
    yield bytes([0])
    for change in range(len(_CHANGES)):
        for table in range(4):
            yield bytes([1 | (0, 0x10, 0x20, 0x40)[(change + table) % 4], change, table, 3, 2, 1, 2, 9, 9])
    for index in range(0, len(vectors.frames()), 5):
        yield bytes([0x22, 3, index, 0, 9, 1, 14, 1, 1, 99, 0, 0, 3, 5, 1, 8, 0])
    for at in range(0, len(_image()), 500):
        yield bytes([0x02, 8]) + at.to_bytes(2, "little") + bytes([3, 255, 1, 0, 255, 1, 0])
