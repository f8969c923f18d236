"""Arrow tables and NumPy arrays of typed values; columns are named as in the schema.

A value that is unknown is null in a table and NaN in an array, never zero.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import numpy as np

from bandschema.readings import READINGS
from vitalband.clock import utc_us_of
from vitalband.values import (
    BandEvent,
    Reading,
    SampleChunk,
    Stamp,
    StreamDescriptor,
    VitalsUpdate,
    label,
)

# pyarrow carries no types, and a strict checker will not have a bare import of it.
pa: Any = import_module("pyarrow")
Table = Any
Structured = np.ndarray[Any, np.dtype[np.void]]

UNKNOWN_UTC_US = np.iinfo(np.int64).min
"""`utc_us` of an array row whose time cannot be told: what NumPy calls NaT."""

_UTC = pa.timestamp("us", tz="UTC")
_STAMP_FIELDS = [
    ("time", _UTC),
    ("uncertainty_ms", pa.float64()),
    ("boot_id", pa.uint16()),
    ("sequence", pa.uint32()),
    ("ticks_ms", pa.uint32()),
]
_READING_FIELDS = [
    ("reading", pa.string()),
    ("value", pa.float64()),
    ("unit", pa.string()),
    ("validity", pa.string()),
    ("quality", pa.uint8()),
    ("contact", pa.string()),
    ("cause", pa.string()),
]
_EVENT_FIELDS = [("event", pa.string()), ("part", pa.string()), ("detail", pa.int32())]
_CHANNEL_FIELD_TYPE = pa.int32()


def vitals_schema() -> Any:
    """Columns of the vitals table: the stamp, the contact, and four columns a reading."""
    fields = [*_STAMP_FIELDS, ("contact", pa.string())]
    for spec in READINGS:
        fields += [
            (spec.name, pa.float64()),
            (f"{spec.name}_validity", pa.string()),
            (f"{spec.name}_quality", pa.uint8()),
            (f"{spec.name}_cause", pa.string()),
        ]
    return pa.schema(fields)


def vitals_table(updates: Iterable[VitalsUpdate]) -> Table:
    """One row an update."""
    return pa.Table.from_pylist([_vitals_row(update) for update in updates], schema=vitals_schema())


def readings_table(readings: Iterable[Reading]) -> Table:
    """One row a reading."""
    schema = pa.schema([*_STAMP_FIELDS, *_READING_FIELDS])
    return pa.Table.from_pylist([_reading_row(reading) for reading in readings], schema=schema)


def events_table(events: Iterable[BandEvent]) -> Table:
    """One row an event."""
    schema = pa.schema([*_STAMP_FIELDS, *_EVENT_FIELDS])
    return pa.Table.from_pylist([_event_row(event) for event in events], schema=schema)


def waveform_table(descriptor: StreamDescriptor, chunks: Iterable[SampleChunk]) -> Table:
    """One row a sample, one column a channel in raw counts; missing samples are missing rows."""
    fields = [("sample", pa.uint32()), ("boot_id", pa.uint16()), ("ticks_ms", pa.float64())]
    fields += [("time", _UTC), ("uncertainty_ms", pa.float64())]
    schema = pa.schema([*fields, *((name, _CHANNEL_FIELD_TYPE) for name in descriptor.channel_names)])
    return pa.Table.from_batches([_waveform_batch(chunk, schema) for chunk in chunks], schema=schema)


def vitals_array(updates: Iterable[VitalsUpdate]) -> Structured:
    """One row an update: `utc_us`, `boot_id`, `sequence`, `ticks_ms`, and each reading as float64,
    NaN where it is not valid."""
    layout = [("utc_us", "i8"), ("boot_id", "u2"), ("sequence", "u4"), ("ticks_ms", "u4")]
    layout += [(spec.name, "f8") for spec in READINGS]
    return np.array([_array_row(update) for update in updates], dtype=np.dtype(layout))


def _stamp_row(stamp: Stamp) -> dict[str, Any]:
    """Columns of a stamp."""
    return {
        "time": stamp.time,
        "uncertainty_ms": stamp.uncertainty_ms,
        "boot_id": stamp.boot_id,
        "sequence": stamp.sequence,
        "ticks_ms": stamp.ticks_ms,
    }


def _vitals_row(update: VitalsUpdate) -> dict[str, Any]:
    row = _stamp_row(update.stamp) | {"contact": label(update.contact)}
    for reading in update:
        row |= {
            reading.name: reading.value,
            f"{reading.name}_validity": label(reading.validity),
            f"{reading.name}_quality": reading.quality,
            f"{reading.name}_cause": label(reading.cause),
        }
    return row


def _reading_row(reading: Reading) -> dict[str, Any]:
    return _stamp_row(reading.stamp) | {
        "reading": reading.name,
        "value": reading.value,
        "unit": label(reading.unit),
        "validity": label(reading.validity),
        "quality": reading.quality,
        "contact": label(reading.contact),
        "cause": label(reading.cause),
    }


def _event_row(event: BandEvent) -> dict[str, Any]:
    kind = {"event": label(event.kind), "part": label(event.part), "detail": event.detail}
    return _stamp_row(event.stamp) | kind


def _waveform_batch(chunk: SampleChunk, schema: Any) -> Any:
    count = len(chunk.counts)
    times = chunk.times
    columns = [
        pa.array(chunk.first_sample + np.arange(count), pa.uint32()),
        pa.array([chunk.stamp.boot_id] * count, pa.uint16()),
        pa.array(chunk.ticks_ms),
        pa.nulls(count, _UTC) if times is None else pa.array(times, _UTC),
        pa.array([chunk.uncertainty_ms] * count, pa.float64()),
        *(pa.array(chunk.counts[:, channel]) for channel in range(chunk.counts.shape[1])),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _array_row(update: VitalsUpdate) -> tuple[Any, ...]:
    stamp = update.stamp
    utc_us = UNKNOWN_UTC_US if stamp.time is None else utc_us_of(stamp.time)
    readings = (update.get(spec.reading) for spec in READINGS)
    values = (np.nan if item is None or not item.is_valid else item.value for item in readings)
    return (utc_us, stamp.boot_id, stamp.sequence, stamp.ticks_ms, *values)
