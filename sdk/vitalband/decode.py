"""Frames into typed values: the one way for live frames, stored frames and replayed ones."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

from bandschema.codec import decode
from bandschema.enums import Cause, Channel, Contact, Unit, Validity
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING, NO_VALUE
from bandschema.records import (
    Acknowledge,
    ConsentRecord,
    Event,
    Header,
    Identity,
    Issuance,
    ManifestEntry,
    Record,
    SampleBlock,
    Vitals,
    VitalsReading,
)
from bandschema.records import Alert as AlertRecord
from bandschema.records import LogLine as LogLineRecord
from bandschema.records import StreamDescriptor as StreamDescriptorRecord
from vitalband.clock import TimeModel
from vitalband.streams import SampleClock, decode_samples
from vitalband.values import (
    Acknowledgement,
    BandEvent,
    ConsentChange,
    LogLine,
    Reading,
    ReceivedAlert,
    SampleChunk,
    Stamp,
    StreamDescriptor,
    VitalsUpdate,
)

EnumT = TypeVar("EnumT", bound=IntEnum)

Value = (
    VitalsUpdate
    | SampleChunk
    | StreamDescriptor
    | BandEvent
    | ConsentChange
    | Acknowledgement
    | ReceivedAlert
    | LogLine
    | Identity
    | ManifestEntry
    | Issuance
)


@dataclass(slots=True)
class DecodeCounters:
    """What could not be read in full; each is a loss that is counted."""

    unknown_readings: int = 0
    blocks_without_descriptor: int = 0


@dataclass(slots=True)
class Decoder:
    """Turns frames into values; keeps the stream descriptors and sample clocks of each boot."""

    times: TimeModel = field(default_factory=TimeModel)
    counters: DecodeCounters = field(default_factory=DecodeCounters)
    _descriptors: dict[tuple[int, int], StreamDescriptor] = field(
        default_factory=dict[tuple[int, int], StreamDescriptor]
    )
    _clocks: dict[tuple[int, int], SampleClock] = field(default_factory=dict[tuple[int, int], SampleClock])

    def decode(self, frame: bytes, *, is_backfilled: bool = False) -> Value | Record | None:
        """The value of a frame, its plain record when there is none, None when it cannot be read yet.

        Raises `FrameError` for bytes that are not the frame they say they are.
        """
        header, record = decode(frame)
        stamp = self.stamp(header, is_backfilled=is_backfilled)
        match record:
            case Vitals():
                return self._vitals(stamp, record)
            case SampleBlock():
                return self._chunk(stamp, record)
            case StreamDescriptorRecord():
                return self._descriptor(stamp, record)
            case _:
                return _simple(stamp, record)

    def stamp(self, header: Header, *, is_backfilled: bool = False) -> Stamp:
        """Where the header says that its frame stands, with its place in UTC."""
        utc = self.times.place(header.boot_id, header.ticks_ms)
        return Stamp(
            boot_id=header.boot_id,
            sequence=header.sequence,
            ticks_ms=header.ticks_ms,
            time=None if utc is None else utc.time,
            uncertainty_ms=None if utc is None else utc.uncertainty_us / 1000,
            is_backfilled=is_backfilled,
        )

    def descriptor(self, boot_id: int, stream_id: int) -> StreamDescriptor | None:
        """The descriptor of a stream in this boot, once it has come."""
        return self._descriptors.get((boot_id, stream_id))

    def _vitals(self, stamp: Stamp, record: Vitals) -> VitalsUpdate:
        contact = _member(Contact, record.contact, Contact.UNKNOWN)
        readings: dict[ReadingId, Reading] = {}
        for item in record.readings:
            if item.reading_id in ReadingId.__members__.values():
                reading = _reading(item, contact, stamp)
                readings[reading.reading_id] = reading
            else:
                self.counters.unknown_readings += 1
        return VitalsUpdate(stamp, contact, readings)

    def _descriptor(self, stamp: Stamp, record: StreamDescriptorRecord) -> StreamDescriptor:
        numbers = [getattr(record, f"channel_{index}") for index in range(record.channel_count)]
        descriptor = StreamDescriptor(
            stream_id=int(record.stream_id),
            sensor=int(record.sensor),
            channels=tuple(_member(Channel, number, Channel.NONE) for number in numbers),
            sample_bits=record.sample_bits,
            is_signed=bool(record.is_signed),
            rate_hz=record.rate_mhz / 1000,
            scale=record.scale_nano * 1e-9 if record.scale_nano else None,
            unit=_member(Unit, record.unit, Unit.NONE),
        )
        key = (stamp.boot_id, descriptor.stream_id)
        if self._descriptors.get(key) != descriptor:
            self._descriptors[key] = descriptor
            self._clocks[key] = SampleClock(descriptor.rate_hz)
        return descriptor

    def _chunk(self, stamp: Stamp, record: SampleBlock) -> SampleChunk | None:
        key = (stamp.boot_id, int(record.stream_id))
        descriptor = self._descriptors.get(key)
        if descriptor is None:
            self.counters.blocks_without_descriptor += 1
            return None
        counts = decode_samples(int(record.encoding), record.samples, record.sample_count, descriptor)
        clock = self._clocks[key]
        clock.add_read(record.first_sample + record.sample_count - 1, stamp.ticks_ms)
        ticks_ms = clock.ticks_of(record.first_sample, record.sample_count)
        utc = self.times.place(stamp.boot_id, stamp.ticks_ms)
        return SampleChunk(
            descriptor=descriptor,
            stamp=stamp,
            first_sample=record.first_sample,
            counts=counts,
            ticks_ms=ticks_ms,
            utc_us=None if utc is None else utc.utc_us + ((ticks_ms - stamp.ticks_ms) * 1000).astype("int64"),
            uncertainty_ms=None if utc is None else utc.uncertainty_us / 1000 + clock.uncertainty_ms,
        )


def _reading(item: VitalsReading, contact: Contact, stamp: Stamp) -> Reading:
    reading_id = ReadingId(item.reading_id)
    spec = BY_READING[reading_id]
    return Reading(
        reading_id=reading_id,
        value=None if item.raw_value == NO_VALUE else float(item.raw_value * spec.scale),
        unit=spec.unit,
        validity=_member(Validity, item.validity, Validity.UNKNOWN),
        quality=item.quality,
        contact=contact,
        cause=_member(Cause, item.cause, Cause.NONE),
        stamp=stamp,
    )


def _simple(stamp: Stamp, record: Record) -> Value | Record:
    match record:
        case Event():
            return BandEvent(record.event, record.part, record.detail, stamp)
        case ConsentRecord():
            return ConsentChange(int(record.action), int(record.groups), record.manifest_digest, stamp)
        case Acknowledge():
            return Acknowledgement(record.alert_id, int(record.acknowledged_by), stamp)
        case LogLineRecord():
            return LogLine(int(record.level), record.part, record.text, stamp)
        case AlertRecord():
            return _alert(stamp, record)
        case _:
            return record


def _alert(stamp: Stamp, record: AlertRecord) -> ReceivedAlert:
    is_known = record.reading_id in ReadingId.__members__.values()
    reading_id = ReadingId(record.reading_id) if is_known else None
    has_value = reading_id is not None and record.raw_value != NO_VALUE
    return ReceivedAlert(
        alert_id=record.alert_id,
        level=record.level,
        cause=record.cause,
        reading_id=reading_id,
        score=record.score,
        value=float(record.raw_value * BY_READING[reading_id].scale) if has_value and reading_id else None,
        stamp=stamp,
    )


def _member(enum: type[EnumT], number: int, unknown: EnumT) -> EnumT:
    return number if isinstance(number, enum) else unknown
