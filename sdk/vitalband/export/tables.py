"""One table of a recording into one file; the file's suffix says the format."""

import os
from contextlib import suppress
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

from bandschema.enums import StreamId
from vitalband.errors import LocalError, StoreError
from vitalband.store import StoreReader


class ExportTable(StrEnum):
    """Tables that a recording holds."""

    VITALS = "vitals"
    READINGS = "readings"
    EVENTS = "events"
    OPTICAL = "optical"
    MOTION = "motion"


def export_table(reader: StoreReader, table: ExportTable, path: Path) -> int:
    """Write one table to `path` (`.csv` or `.parquet`); gives its rows.

    In CSV an unknown value is an empty cell, times are ISO 8601 in UTC. Channels of `optical` and `motion`
    are raw counts: Parquet carries their `scale`, `unit` and `rate_hz` in the metadata of the fields; CSV
    has no place for them, there `StoreReader.stream_descriptor` gives them. Raises `LocalError` for another
    suffix and `StoreError` when the file cannot be written, or when the recording has no such stream.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise LocalError(f"wanted a file ending in .csv or .parquet, got {path}")
    rows = _table(reader, table)
    # Under another name first: a file that was cut by a full disk must not pass for a whole one.
    part = path.with_name(f"{path.name}.part")
    try:
        write(rows, part)
        part.replace(path)
    except OSError as error:
        reason = error if error.errno is None else os.strerror(error.errno)
        raise StoreError(f"cannot write {path}: {reason}") from error
    finally:
        # Where it cannot even be looked for, it is not.
        with suppress(OSError):
            part.unlink()
    return rows.num_rows


def _table(reader: StoreReader, table: ExportTable) -> Any:
    match table:
        case ExportTable.VITALS:
            return reader.vitals_table()
        case ExportTable.READINGS:
            return reader.readings_table()
        case ExportTable.EVENTS:
            return reader.events_table()
        case ExportTable.OPTICAL:
            return reader.waveform_table(StreamId.OPTICAL)
        case ExportTable.MOTION:
            return reader.waveform_table(StreamId.MOTION)


def _write_csv(table: Any, path: Path) -> None:
    pa: Any = import_module("pyarrow")
    compute: Any = import_module("pyarrow.compute")
    csv: Any = import_module("pyarrow.csv")
    index = table.schema.get_field_index("time")
    texts = compute.strftime(table.column(index).cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%SZ")
    csv.write_csv(table.set_column(index, "time", texts), str(path))


def _write_parquet(table: Any, path: Path) -> None:
    parquet: Any = import_module("pyarrow.parquet")
    parquet.write_table(table, str(path))


_WRITERS = {".csv": _write_csv, ".parquet": _write_parquet}
