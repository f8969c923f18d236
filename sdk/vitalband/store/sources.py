"""Rows of a file that may be damaged: read one by one, each with what is wrong with it, if anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bandschema.layout import HEADER_BYTES
from bandwire.frames import unpack_header
from vitalband.clock import TimeExchange, is_possible
from vitalband.errors import StoreError
from vitalband.store.cuff_rows import CUFF_COLUMNS, DERIVED_COLUMNS, CuffRow
from vitalband.store.database import Store
from vitalband.store.rows import EXCHANGE_COLUMNS, FRAME_COLUMNS, LOST_COLUMNS, ExchangeRow, FrameRow, LostRow

BAND_ID_BYTES = 8
_CUFF_SAID = ("maker", "model", "firmware")
_CUFF_TEXTS = (*_CUFF_SAID, "taken_at")
_TAKEN_AT = DERIVED_COLUMNS.split(", ").index("taken_at")
_LAST_BOOT_ID, _LAST_SEQUENCE = 0xFFFF, 0xFFFFFF


class RowFault(StrEnum):
    """What is wrong with a row of frames, or of cuff readings."""

    IMPOSSIBLE = "holds what is never written"
    BAD_CHECK = "does not agree with its CRC-32"
    OTHER_NAME = "is stored under another name than its header's"
    OTHER_COLUMNS = "has columns that are not what its value says"


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row of frames: `row` None when it is IMPOSSIBLE; without a check when an earlier version wrote it."""

    row: FrameRow | None
    fault: RowFault | None
    has_check: bool = False


@dataclass(frozen=True, slots=True)
class FoundCuffRow:
    """A row of cuff readings: `row` None when it is IMPOSSIBLE."""

    row: CuffRow | None
    fault: RowFault | None


class RowSource:
    """The rows of one open store, sorted by their keys; `StoreError` where SQLite cannot read the file."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.path

    def frames(self, kind: int | None = None) -> Iterator[FoundRow]:
        """Every row of frames, or those that say to be of a kind, by band, boot and number."""
        check = "row_crc32" if self.store.has_column("frames", "row_crc32") else "NULL"
        where = "" if kind is None else f"WHERE kind={kind}"
        query = f"SELECT {FRAME_COLUMNS}, {check} FROM frames {where} ORDER BY band_id, boot_id, sequence"
        for row in self.store.raw_rows(query):
            yield _found(row)

    def exchanges(self) -> Iterator[ExchangeRow | None]:
        """Every time exchange, by band, boot and ticks; None for one that cannot have been measured."""
        query = f"SELECT {EXCHANGE_COLUMNS} FROM time_exchanges ORDER BY band_id, boot_id, ticks_ms"
        for band_id, boot_id, *numbers in self.store.raw_rows(query):
            exchange = TimeExchange(*numbers)
            is_sound = _is_place(band_id, boot_id) and is_possible(exchange)
            yield ExchangeRow(band_id, boot_id, exchange) if is_sound else None

    def lost(self) -> Iterator[LostRow | None]:
        """Every range that the band had no more, by band, boot and number; None for one that is none."""
        return self._ranges("lost_ranges")

    def removed(self) -> Iterator[LostRow | None]:
        """Every range that limits have removed from the store, in the same way."""
        return self._ranges("removed_ranges")

    def _ranges(self, table: str) -> Iterator[LostRow | None]:
        if not self.store.has_column(table, "frame_count"):
            return
        query = f"SELECT {LOST_COLUMNS} FROM {table} ORDER BY band_id, boot_id, first_sequence"
        for band_id, boot_id, first, count in self.store.raw_rows(query):
            is_sound = _is_place(band_id, boot_id) and isinstance(first, int) and isinstance(count, int)
            is_sound = is_sound and first >= 0 and count > 0 and first + count <= _LAST_SEQUENCE + 1
            yield LostRow(band_id, boot_id, first, count) if is_sound else None

    def cuff_readings(self) -> Iterator[FoundCuffRow]:
        """Every cuff reading, by its id."""
        if not self.store.has_column("cuff_readings", "value"):
            return
        # As bytes: one text that is none would else end the reading of all.
        columns = f"{CUFF_COLUMNS}, {DERIVED_COLUMNS}"
        for name in _CUFF_TEXTS:
            columns = columns.replace(name, f"CAST({name} AS BLOB)")
        for row in self.store.raw_rows(f"SELECT {columns} FROM cuff_readings ORDER BY reading_id"):
            yield _found_cuff_row(row)


def _is_place(band_id: object, boot_id: object) -> bool:
    is_band = isinstance(band_id, bytes) and len(band_id) == BAND_ID_BYTES
    return is_band and isinstance(boot_id, int) and 0 <= boot_id <= _LAST_BOOT_ID


def _found(columns: tuple[object, ...]) -> FoundRow:
    *values, check = columns
    band_id, boot_id, *numbers, frame = values
    are_numbers = all(isinstance(number, int) for number in numbers)
    if not (_is_place(band_id, boot_id) and are_numbers and isinstance(frame, bytes)):
        return FoundRow(None, RowFault.IMPOSSIBLE)
    row = FrameRow(*values)  # pyright: ignore[reportArgumentType] - just looked at, one by one
    try:
        crc32 = row.crc32
    except ValueError:
        return FoundRow(None, RowFault.IMPOSSIBLE)
    if check is not None and check != crc32:
        return FoundRow(row, RowFault.BAD_CHECK, has_check=True)
    fault = None if _is_named_by_header(row) else RowFault.OTHER_NAME
    return FoundRow(row, fault, has_check=check is not None)


def _found_cuff_row(columns: tuple[object, ...]) -> FoundCuffRow:
    value, received_utc_us, cuff_id, offset_s, *rest = columns
    texts, derived = rest[: len(_CUFF_SAID)], rest[len(_CUFF_SAID) :]
    are_bytes = isinstance(value, bytes) and isinstance(cuff_id, bytes)
    are_numbers = isinstance(received_utc_us, int) and (offset_s is None or isinstance(offset_s, int))
    try:
        said = [None if text is None else _decoded(text) for text in texts]
        derived[_TAKEN_AT] = None if derived[_TAKEN_AT] is None else _decoded(derived[_TAKEN_AT])
    except ValueError:
        return FoundCuffRow(None, RowFault.IMPOSSIBLE)
    if not (are_bytes and are_numbers):
        return FoundCuffRow(None, RowFault.IMPOSSIBLE)
    row = CuffRow(value, received_utc_us, cuff_id, offset_s, *said)  # pyright: ignore[reportArgumentType]
    if not row.is_possible:
        return FoundCuffRow(None, RowFault.IMPOSSIBLE)
    if derived[-1] != row.crc32:
        return FoundCuffRow(row, RowFault.BAD_CHECK)
    return FoundCuffRow(row, None if tuple(derived) == row.derived else RowFault.OTHER_COLUMNS)


def _decoded(text: object) -> str:
    if not isinstance(text, bytes):
        raise ValueError(f"wanted bytes, got {text!r}")
    return text.decode()


def _is_named_by_header(row: FrameRow) -> bool:
    if len(row.frame) < HEADER_BYTES:
        return False
    _, kind, boot_id, sequence, ticks_ms, _ = unpack_header(row.frame, 0)
    return (kind, boot_id, sequence, ticks_ms) == (row.kind, row.boot_id, row.sequence, row.ticks_ms)


def integrity_errors(store: Store, limit: int) -> list[str]:
    """What SQLite finds wrong with the structures of the file, at most `limit` lines; it reads all of it."""
    try:
        lines = [str(line) for (line,) in store.raw_rows(f"PRAGMA integrity_check({limit})")]
    except StoreError as error:
        return [str(error)]
    return [] if lines == ["ok"] else lines
