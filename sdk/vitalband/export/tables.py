"""One table of a recording into one file; the file's suffix says the format."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from bandschema.enums import StreamId
from bandschema.records import ConsentRecord, Event
from vitalband.bulk.vitals import VITALS_DECODERS
from vitalband.errors import LocalError, StoreError
from vitalband.store import Store, StoreReader
from vitalband.store.access import Access
from vitalband.store.archives import Archive, digest_of
from vitalband.store.bulk import SAMPLE_KINDS
from vitalband.store.tables import cuff_batches

ROWS_AT_ONCE = 1 << 16
"""Rows that are kept until they are written together: what Parquet compresses as one group."""


class ExportTable(StrEnum):
    """Tables that a recording holds."""

    VITALS = "vitals"
    READINGS = "readings"
    EVENTS = "events"
    CONSENTS = "consents"
    OPTICAL = "optical"
    MOTION = "motion"
    CUFF_READINGS = "cuff_readings"


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far an export is: frames read of those that the table is made of."""

    frames: int
    all_frames: int


OnProgress = Callable[[ExportProgress], None]


def export_table(
    reader: StoreReader,
    table: ExportTable,
    path: Path,
    on_progress: OnProgress | None = None,
) -> int:
    """Write one table to `path` (`.csv` or `.parquet`); gives its rows.

    The store knows the file from then on: its access log tells of it, and erasing the store removes it.
    The table is read and written in pieces: memory stays the same however long the recording is. Frames that
    cannot be read are left out and told by `reader.damage`.

    In CSV an unknown value is an empty cell, times are ISO 8601 in UTC. Channels of `optical` and `motion`
    are raw counts: Parquet carries their `scale`, `unit` and `rate_hz` in the metadata of the fields; CSV
    has no place for them, there `StoreReader.stream_descriptor` gives them. Raises `LocalError` for another
    suffix and `StoreError` when the file cannot be written, or when the recording has no such stream.
    """
    with nullcontext() if on_progress is None else _told_progress(reader, table, on_progress):
        registered = Registered(reader.store, table.value, None if table in _OF_NO_BAND else reader.band_id)
        return write_batches(lambda: _BATCHES[table](reader), path, registered)


def export_cuff_readings(store: Store, path: Path) -> int:
    """Write the cuff readings of a store, which are of no band, as `export_table` does, with its errors."""
    registered = Registered(store, ExportTable.CUFF_READINGS.value, None)
    return write_batches(lambda: cuff_batches(store.cuff_readings()), path, registered)


@dataclass(frozen=True, slots=True)
class Registered:
    """Has the store know what is exported of it: in its access log, and as a file that erasing reaches."""

    store: Store
    what: str
    band_id: bytes | None

    def register(self, written: Path, path: Path) -> None:
        """Note a file that is whole, before it gets its name `path`."""
        place = str(path.absolute())
        archive = Archive(place, time.time_ns() // 1000, digest_of(written), self.what, self.band_id)
        self.store.rights.register([archive])
        self.store.rights.note(Access.EXPORTED, self.what, self.band_id, place)


def write_batches(batches: Callable[[], Any], path: Path, registered: Registered | None) -> int:
    """Write Arrow batches to `path` in the format of its suffix; gives the rows. Errors as `export_table`.

    A file of a folder that is registered as a whole has no `registered` of its own."""
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise LocalError(f"wanted a file ending in .csv or .parquet, got {path}")
    # Under another name first: a file that was cut by a full disk must not pass for a whole one.
    part = path.with_name(f"{path.name}.part")
    try:
        rows = write(batches(), part)
        if registered is not None:
            registered.register(part, path)
        part.replace(path)
    except OSError as error:
        reason = error if error.errno is None else os.strerror(error.errno)
        raise StoreError(f"cannot write {path}: {reason}") from error
    finally:
        # Where it cannot even be looked for, it is not.
        with suppress(OSError):
            part.unlink()
    return rows


def _told_progress(
    reader: StoreReader, table: ExportTable, on_progress: OnProgress
) -> AbstractContextManager[None]:
    done, all_frames = 0, reader.count_of(_KINDS[table])

    def on_frames(frames: int) -> None:
        nonlocal done
        done += frames
        on_progress(ExportProgress(done, all_frames))

    on_progress(ExportProgress(0, all_frames))
    return reader.telling(on_frames)


def _tables(batches: Any) -> Iterator[Any]:
    """Record batches as tables of at least `ROWS_AT_ONCE` rows, but for the last one."""
    pa: Any = import_module("pyarrow")
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting, batches.schema)
            waiting, rows = [], 0
    yield pa.Table.from_batches(waiting, batches.schema)


def _write_csv(batches: Any, path: Path) -> int:
    pa: Any = import_module("pyarrow")
    compute: Any = import_module("pyarrow.compute")
    csv: Any = import_module("pyarrow.csv")
    schema = batches.schema
    times = [index for index, field in enumerate(schema) if pa.types.is_timestamp(field.type)]
    for index in times:
        schema = schema.set(index, pa.field(schema.names[index], pa.string()))
    rows = 0
    with csv.CSVWriter(str(path), schema) as writer:
        for table in _tables(batches):
            columns = list(table.columns)
            for index in times:
                utc = columns[index].cast(pa.timestamp("us"))
                columns[index] = compute.strftime(utc, format="%Y-%m-%dT%H:%M:%SZ")
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            rows += table.num_rows
    return rows


def _write_parquet(batches: Any, path: Path) -> int:
    parquet: Any = import_module("pyarrow.parquet")
    rows = 0
    with parquet.ParquetWriter(str(path), batches.schema) as writer:
        for table in _tables(batches):
            writer.write_table(table)
            rows += table.num_rows
    return rows


_WRITERS = {".csv": _write_csv, ".parquet": _write_parquet}
_BATCHES: dict[ExportTable, Callable[[StoreReader], Any]] = {
    ExportTable.VITALS: StoreReader.vitals_batches,
    ExportTable.READINGS: StoreReader.readings_batches,
    ExportTable.EVENTS: StoreReader.events_batches,
    ExportTable.CONSENTS: StoreReader.consents_batches,
    ExportTable.OPTICAL: lambda reader: reader.waveform_batches(StreamId.OPTICAL),
    ExportTable.MOTION: lambda reader: reader.waveform_batches(StreamId.MOTION),
    ExportTable.CUFF_READINGS: lambda reader: cuff_batches(reader.store.cuff_readings()),
}
_KINDS = {
    ExportTable.VITALS: tuple(VITALS_DECODERS),
    ExportTable.READINGS: tuple(VITALS_DECODERS),
    ExportTable.EVENTS: (Event.KIND,),
    ExportTable.CONSENTS: (ConsentRecord.KIND,),
    ExportTable.OPTICAL: SAMPLE_KINDS,
    ExportTable.MOTION: SAMPLE_KINDS,
    ExportTable.CUFF_READINGS: (),
}
_OF_NO_BAND = (ExportTable.CUFF_READINGS,)
