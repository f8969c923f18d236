"""Arrow tables and NumPy arrays of stored columns, named as in the schema.

A value that is unknown is null in a table and NaN in an array, never zero.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import Cause, ConsentAction, Contact, Group, Validity
from bandschema.readings import READINGS
from vitalband.bulk.samples import SampleColumns
from vitalband.bulk.vitals import StampColumns, VitalsColumns
from vitalband.clock import UNKNOWN_UTC_US
from vitalband.rates import MeasuredRate
from vitalband.store.cuff_rows import CuffRow
from vitalband.values import BandEvent, ConsentChange, StreamDescriptor, label

Table = Any
Batches = Any
"""A `pyarrow.RecordBatchReader`."""
Structured = np.ndarray[Any, np.dtype[np.void]]
EVENTS_AT_ONCE = 4096
_DIGESTS = ("manifest_digest", "firmware_digest", "issuance_digest")


def arrow() -> Any:
    """pyarrow, imported when a table is wanted; it carries no types."""
    return import_module("pyarrow")


def vitals_batches(batches: Iterable[VitalsColumns]) -> Batches:
    """One row an update: the stamp, the contact, and four columns a reading."""
    pa = arrow()
    fields = [*_stamp_fields(), ("contact", pa.string())]
    for spec in READINGS:
        fields += [
            (spec.name, pa.float64()),
            (f"{spec.name}_validity", pa.string()),
            (f"{spec.name}_quality", pa.uint8()),
            (f"{spec.name}_cause", pa.string()),
        ]
    return _reader(fields, (_vitals_columns(batch) for batch in batches))


def readings_batches(batches: Iterable[VitalsColumns]) -> Batches:
    """One row a reading."""
    pa = arrow()
    names = ("reading", "value", "unit", "validity", "quality", "contact", "cause")
    types = {"value": pa.float64(), "quality": pa.uint8()}
    fields = [*_stamp_fields(), *((name, types.get(name, pa.string())) for name in names)]
    return _reader(fields, (_reading_columns(batch) for batch in batches))


def events_batches(events: Iterable[BandEvent]) -> Batches:
    """One row an event."""
    pa = arrow()
    fields = [*_stamp_fields(), ("event", pa.string()), ("part", pa.string()), ("detail", pa.int32())]
    schema = pa.schema(fields)
    rows = (
        event.stamp.as_row()
        | {"event": label(event.event), "part": label(event.part), "detail": event.detail}
        for event in events
    )
    return _row_reader(schema, rows)


def consents_batches(changes: Iterable[ConsentChange]) -> Batches:
    """One row a consent record: `action`, the names of the `groups` concerned, and digests in hex."""
    pa = arrow()
    names = ("action", "groups", *_DIGESTS)
    schema = pa.schema([*_stamp_fields(), *((name, pa.string()) for name in names)])
    actions = {int(action): label(action) for action in ConsentAction}
    rows = (
        change.stamp.as_row()
        | {name: getattr(change, name).hex() for name in _DIGESTS}
        | {
            "action": actions.get(change.action, str(change.action)),
            "groups": " ".join(label(group) for group in Group if change.groups & group),
        }
        for change in changes
    )
    return _row_reader(schema, rows)


def cuff_batches(rows: Iterable[CuffRow]) -> Batches:
    """One row a cuff reading: `taken_at` by the monitor's clock, `time` with `utc_offset_s` taken off;
    `value` as it came, in hex."""
    pa = arrow()
    fields = [("time", _utc()), ("taken_at", pa.string()), ("utc_offset_s", pa.int32()), ("received", _utc())]
    numbers = ("systolic_mmhg", "diastolic_mmhg", "mean_arterial_mmhg", "pulse_rate_bpm")
    fields += [(name, pa.float64()) for name in numbers]
    fields += [("user_id", pa.uint8())]
    names = ("status", "cuff_id", "maker", "model", "firmware", "value", "reading_id")
    fields += [(name, pa.string()) for name in names]
    return _row_reader(pa.schema(fields), map(_cuff_document, rows))


def _cuff_document(row: CuffRow) -> dict[str, Any]:
    found = row.measurement
    said = {} if found is None else vars(found) | {"status": " ".join(found.status_names).lower()}
    taken_at = None if found is None else found.taken_at
    return said | {
        "time": row.taken_utc_us,
        "taken_at": None if taken_at is None else taken_at.isoformat(),
        "utc_offset_s": row.utc_offset_s,
        "received": row.received_utc_us,
        "cuff_id": row.cuff_id.hex(),
        "maker": row.maker,
        "model": row.model,
        "firmware": row.firmware,
        "value": row.value.hex(),
        "reading_id": row.reading_id.hex(),
    }


def waveform_batches(
    descriptor: StreamDescriptor, batches: Iterable[SampleColumns], rate: MeasuredRate | None = None
) -> Batches:
    """One row a sample, one column a channel in raw counts; missing samples are missing rows.

    The field of a channel has `rate_hz`, `unit` and `scale` of the descriptor as metadata, in decimal:
    value = count * scale, in that unit. An uncalibrated stream has no `scale`. `measured_rate_hz` is right
    within `measured_rate_uncertainty_hz`; both are there when the recording tells them. Milliseconds are
    rounded to whole microseconds, finer than any sample is placed.
    """
    pa = arrow()
    fields = [("sample", pa.uint32()), ("boot_id", pa.uint16()), ("ticks_ms", pa.float64())]
    fields += [("time", _utc()), ("uncertainty_ms", pa.float64())]
    metadata = _channel_metadata(descriptor) | _rate_metadata(rate)
    fields += [pa.field(name, pa.int32(), metadata=metadata) for name in descriptor.channel_names]
    return _reader(fields, (_sample_columns(batch) for batch in batches))


def vitals_array(batches: Iterable[VitalsColumns]) -> Structured:
    """One row an update: `utc_us`, `boot_id`, `sequence`, `ticks_ms`, and each reading as float64,
    NaN where it is not valid."""
    layout = [("utc_us", "i8"), ("boot_id", "u2"), ("sequence", "u4"), ("ticks_ms", "u4")]
    layout += [(spec.name, "f8") for spec in READINGS]
    parts = [np.empty(0, np.dtype(layout))]
    for batch in batches:
        part = np.empty(len(batch.contact), np.dtype(layout))
        for name in ("utc_us", "boot_id", "sequence", "ticks_ms"):
            part[name] = getattr(batch.stamps, name)
        valid = np.where(batch.validity == Validity.VALID, batch.value, np.nan)
        for index, spec in enumerate(READINGS):
            part[spec.name] = valid[:, index]
        parts.append(part)
    return np.concatenate(parts)


def _channel_metadata(descriptor: StreamDescriptor) -> dict[str, str]:
    # Ten digits hold every scale and rate that a descriptor can carry: both travel as 32-bit integers.
    metadata = {"unit": label(descriptor.unit), "rate_hz": f"{descriptor.rate_hz:.10g}"}
    if descriptor.scale is not None:
        metadata["scale"] = f"{descriptor.scale:.10g}"
    return metadata


def _rate_metadata(rate: MeasuredRate | None) -> dict[str, str]:
    if rate is None:
        return {}
    named = {"measured_rate_hz": rate.rate_hz, "measured_rate_uncertainty_hz": rate.uncertainty_hz}
    return {name: f"{number:.10g}" for name, number in named.items()}


def _reader(fields: list[Any], batches: Iterable[list[Any]]) -> Batches:
    pa = arrow()
    schema = pa.schema(fields)
    made = (pa.RecordBatch.from_arrays(batch, schema=schema) for batch in batches)
    return pa.RecordBatchReader.from_batches(schema, made)


def _row_reader(schema: Any, rows: Iterator[dict[str, Any]]) -> Batches:
    pa = arrow()

    def batches() -> Iterator[Any]:
        while some := list(islice(rows, EVENTS_AT_ONCE)):
            yield pa.RecordBatch.from_pylist(some, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _utc() -> Any:
    return arrow().timestamp("us", tz="UTC")


def _stamp_fields() -> list[Any]:
    pa = arrow()
    return [
        ("time", _utc()),
        ("uncertainty_ms", pa.float64()),
        ("boot_id", pa.uint16()),
        ("sequence", pa.uint32()),
        ("ticks_ms", pa.uint32()),
    ]


def _vitals_columns(batch: VitalsColumns) -> list[Any]:
    pa = arrow()
    columns = [*_stamp_columns(batch.stamps), _names(Contact, Contact.UNKNOWN).take(pa.array(batch.contact))]
    validities, causes = _names(Validity, Validity.UNKNOWN), _names(Cause, Cause.NONE)
    for index in range(len(READINGS)):
        is_absent = ~batch.is_sent[:, index]
        columns += [
            _known(batch.value[:, index]),
            validities.take(pa.array(batch.validity[:, index], mask=is_absent)),
            pa.array(batch.quality[:, index], mask=is_absent),
            causes.take(pa.array(batch.cause[:, index], mask=is_absent)),
        ]
    return columns


def _reading_columns(batch: VitalsColumns) -> list[Any]:
    pa = arrow()
    frame, reading = np.nonzero(batch.is_sent)
    names = pa.array([spec.name for spec in READINGS])
    units = pa.array([label(spec.unit) for spec in READINGS])
    return [
        *(column.take(pa.array(frame)) for column in _stamp_columns(batch.stamps)),
        names.take(pa.array(reading)),
        _known(batch.value[frame, reading]),
        units.take(pa.array(reading)),
        _names(Validity, Validity.UNKNOWN).take(pa.array(batch.validity[frame, reading])),
        pa.array(batch.quality[frame, reading]),
        _names(Contact, Contact.UNKNOWN).take(pa.array(batch.contact[frame])),
        _names(Cause, Cause.NONE).take(pa.array(batch.cause[frame, reading])),
    ]


def _sample_columns(batch: SampleColumns) -> list[Any]:
    pa = arrow()
    return [
        pa.array(batch.sample),
        pa.array(np.full(len(batch.sample), batch.boot_id, np.uint16)),
        pa.array(batch.ticks_ms.round(3)),
        _times(batch.utc_us),
        _known(batch.uncertainty_ms.round(3)),
        *(pa.array(batch.counts[:, channel]) for channel in range(batch.counts.shape[1])),
    ]


def _stamp_columns(stamps: StampColumns) -> list[Any]:
    pa = arrow()
    return [
        _times(stamps.utc_us),
        _known(stamps.uncertainty_ms),
        pa.array(stamps.boot_id),
        pa.array(stamps.sequence),
        pa.array(stamps.ticks_ms),
    ]


def _times(utc_us: NDArray[np.int64]) -> Any:
    return arrow().array(utc_us, mask=utc_us == UNKNOWN_UTC_US).cast(_utc())


def _known(values: NDArray[np.float64]) -> Any:
    return arrow().array(values, mask=np.isnan(values))


def _names(enum: type[IntEnum], unknown: IntEnum) -> Any:
    """Names by the 256 codes of a byte; a code of a later version is read as `vitalband.decode` reads it."""
    names = [label(unknown)] * 256
    for member in enum:
        names[int(member)] = label(member)
    return arrow().array(names)
