"""All that a store holds about a person, as one folder of open formats with an index and a page to read.

Tables are CSV, waveforms and verbatim frames Parquet, records JSON lines: names as in the schema, times in
UTC. The folder gets its name when all of it is written; the store knows its files then, and erasing reaches
them.
"""

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import IntEnum
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from bandschema.codec import decode
from bandschema.enums import StreamId
from bandschema.records import CompressedBlock, Record, SampleBlock, Vitals, VitalsRun
from bandwire.errors import FrameError
from vitalband.errors import LocalError, StoreError
from vitalband.export.tables import write_batches
from vitalband.store import Store, StoreReader
from vitalband.store.access import Access
from vitalband.store.archives import Archive, digest_of
from vitalband.store.holdings import EVERYTHING
from vitalband.store.tables import arrow, cuff_batches
from vitalband.values import label

INDEX_FORMAT = 1
"""Version of `index.json`."""

ROWS_AT_ONCE = 1 << 14
_IN_TABLES = (Vitals.KIND, VitalsRun.KIND, SampleBlock.KIND, CompressedBlock.KIND)
"""Kinds whose content is in tables of their own; all others are lines of `records.jsonl`."""

README = """About these files

They are everything that the recording {store} holds about the person who wore the band, made on {made}.
index.json lists every file with its columns, its number of rows, its size and its SHA-256.

- band-.../vitals.csv, readings.csv: the readings, one row an update, and one row a reading
- band-.../events.csv, records.jsonl: what happened; consents, alerts and all other records, one JSON a line
- band-.../optical.parquet, motion.parquet: raw waveforms, if there are any, in raw counts
- band-.../frames.parquet: every frame as the band sent it, byte for byte
- band-.../times.csv, lost.csv, removed.csv: how ticks lie in UTC; numbers that the band had no more, and
  those that were past a limit
- cuff_readings.csv, access_log.csv, store.json: cuff readings; who read the recording; limits, notes, copies

An empty cell is a value that is not known, never zero. This is not a medical document.

关于这些文件

它们是记录 {store} 中有关佩戴者的全部数据,制作时间为 {made}。
index.json 列出每个文件及其各列、行数、大小和 SHA-256。空单元格表示数值未知,绝不表示零。这不是医疗文件。
"""


@dataclass(slots=True)
class Everything:
    """What was written: one entry a file as in `index.json`, and frames that could not be read."""

    files: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    unreadable: int = 0


def export_everything(path: Path, folder: Path) -> Everything:
    """Write all that the store at `path` holds to the new folder `folder`.

    `LocalError` when the folder is there; `StoreError` when the store cannot be read, or the folder not be
    written: there is no folder then.
    """
    if folder.exists():
        raise LocalError(f"{folder} is there: wanted the name of a new folder")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        with Store.open(path) as store:
            done = _Writer(store, part).run()
            _tell_store(store, part, folder, done)
        part.rename(folder)
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return done


def _tell_store(store: Store, part: Path, folder: Path, done: Everything) -> None:
    now_us = time.time_ns() // 1000
    place = folder.absolute()
    store.rights.register([
        Archive(str(place / each), now_us, digest_of(part / each), EVERYTHING, None)
        for each in ("index.json", *(file["path"] for file in done.files))
    ])  # fmt: skip
    store.rights.note(Access.EXPORTED, EVERYTHING, detail=str(place))


class _Writer:
    """Writes one folder."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._done = Everything()

    def run(self) -> Everything:
        """Write all files, the index last."""
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        store, bands = self._store, self._store.bands()
        for band_id in bands:
            self._write_band(band_id)
        self._table("cuff_readings.csv", None, cuff_batches(store.cuff_readings()))
        self._rows("access_log.csv", None, _ACCESS, (_access(line) for line in store.rights.accesses()))
        self._json("store.json", None, {
            "metadata": store.metadata(),
            "limits_h": {str(name): hours for name, hours in store.rights.limits().items()},
            "archives": [archive.path for archive in store.rights.archives()],
        })  # fmt: skip
        readme = README.format(store=store.path.name, made=made)
        (self._folder / "README.txt").write_text(readme, encoding="utf-8")
        self._list("README.txt", None, "read this first")
        index = {"format": INDEX_FORMAT, "made": made, "made_by": f"vitalband {version('vitalband')}",
                 "store": store.path.name, "bands": [band_id.hex() for band_id in bands],
                 "unreadable_frames": self._done.unreadable, "files": self._done.files}  # fmt: skip
        text = json.dumps(index, indent=2, ensure_ascii=False)
        (self._folder / "index.json").write_text(text + "\n", encoding="utf-8")
        return self._done

    def _write_band(self, band_id: bytes) -> None:
        name, store = f"band-{band_id.hex()}", self._store
        (self._folder / name).mkdir()
        with StoreReader(store.path, band_id) as reader:
            self._table(f"{name}/vitals.csv", band_id, reader.vitals_batches())
            self._table(f"{name}/readings.csv", band_id, reader.readings_batches())
            self._table(f"{name}/events.csv", band_id, reader.events_batches())
            for stream_id in StreamId:
                if reader.stream_descriptor(stream_id) is not None:
                    path = f"{name}/{label(stream_id)}.parquet"
                    self._table(path, band_id, reader.waveform_batches(stream_id))
            self._done.unreadable += reader.damage.total
        self._rows(f"{name}/frames.parquet", band_id, _FRAMES, _frames(store, band_id))
        with (self._folder / name / "records.jsonl").open("w", encoding="utf-8") as file:
            count = _write_lines(file, _records(store, band_id))
        self._list(f"{name}/records.jsonl", band_id, "all other records", count)
        self._rows(f"{name}/times.csv", band_id, _TIMES, _times(store, band_id))
        for path, ranges in (("lost", store.lost_ranges), ("removed", store.rights.removed_ranges)):
            found = (
                {"boot_id": boot_id, "first_sequence": first, "frame_count": count}
                for boot_id in store.boots(band_id)
                for first, count in ranges(band_id, boot_id)
            )
            self._rows(f"{name}/{path}.csv", band_id, _RANGES, found)

    def _rows(
        self, path: str, band_id: bytes | None, columns: dict[str, str], rows: Iterable[dict[str, Any]]
    ) -> None:
        pa = arrow()
        types = {
            "text": pa.string(),
            "bytes": pa.binary(),
            "number": pa.int64(),
            "time": pa.timestamp("us", tz="UTC"),
        }
        schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])

        def batches() -> Iterator[Any]:
            waiting = iter(rows)
            while some := list(islice(waiting, ROWS_AT_ONCE)):
                yield pa.RecordBatch.from_pylist(some, schema=schema)

        self._table(path, band_id, pa.RecordBatchReader.from_batches(schema, batches()))

    def _table(self, path: str, band_id: bytes | None, batches: Any) -> None:
        columns = [{"name": column.name, "type": str(column.type)} for column in batches.schema]
        rows = write_batches(lambda: batches, self._folder / path, None)
        self._list(path, band_id, Path(path).stem, rows, columns)

    def _json(self, path: str, band_id: bytes | None, document: dict[str, Any]) -> None:
        text = json.dumps(document, indent=2, ensure_ascii=False)
        (self._folder / path).write_text(text + "\n", encoding="utf-8")
        self._list(path, band_id, Path(path).stem)

    def _list(
        self,
        path: str,
        band_id: bytes | None,
        what: str,
        rows: int | None = None,
        columns: list[dict[str, str]] | None = None,
    ) -> None:
        file = self._folder / path
        entry = {"path": path, "what": what, "band_id": None if band_id is None else band_id.hex(),
                 "size_bytes": file.stat().st_size, "sha256": digest_of(file).hex()}  # fmt: skip
        entry |= {} if rows is None else {"rows": rows}
        self._done.files.append(entry if columns is None else entry | {"columns": columns})


_FRAMES = dict.fromkeys(("boot_id", "sequence", "kind", "ticks_ms"), "number") | {
    "received": "time",
    "frame": "bytes",
}
_TIMES = {"boot_id": "number", "ticks_ms": "number", "time": "time", "uncertainty_us": "number"}
_RANGES = {"boot_id": "number", "first_sequence": "number", "frame_count": "number"}
_ACCESS = {"first": "time", "last": "time", "times": "number"} | dict.fromkeys(
    ("user", "program", "action", "what", "band_id", "detail"), "text"
)


def _access(line: Any) -> dict[str, Any]:
    band_id = None if line.band_id is None else line.band_id.hex()
    said = {name: getattr(line, name) for name in ("times", "user", "program", "action", "what", "detail")}
    return said | {"first": line.first_utc_us, "last": line.last_utc_us, "band_id": band_id}


def _times(store: Store, band_id: bytes) -> Iterator[dict[str, Any]]:
    for row in store.exchanges(band_id):
        found = row.exchange
        yield {"boot_id": row.boot_id, "ticks_ms": found.ticks_ms, "time": found.utc_us,
               "uncertainty_us": found.uncertainty_us}  # fmt: skip


def _frames(store: Store, band_id: bytes) -> Iterator[dict[str, Any]]:
    for row in store.frames(band_id):
        said = {name: getattr(row, name) for name in ("boot_id", "sequence", "kind", "ticks_ms", "frame")}
        yield said | {"received": row.received_utc_us}


def _records(store: Store, band_id: bytes) -> Iterator[dict[str, Any]]:
    for row in store.frames(band_id):
        if row.kind in _IN_TABLES:
            continue
        said: dict[str, Any] = {"boot_id": row.boot_id, "sequence": row.sequence, "ticks_ms": row.ticks_ms}
        try:
            _, record = decode(row.frame)
        except FrameError as error:
            yield said | {"kind": row.kind, "unreadable": str(error)}
            continue
        yield said | {"kind": record.NAME} | _plain(record)


def _plain(record: Record) -> dict[str, Any]:
    found = {item.name: getattr(record, item.name) for item in fields(record)}
    return {name: _simple(value) for name, value in found.items()}


def _simple(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case IntEnum():
            return label(value)
        case list() | tuple():
            return [_simple(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _write_lines(file: Any, documents: Iterable[dict[str, Any]]) -> int:
    count = 0
    for document in documents:
        file.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        count += 1
    return count
