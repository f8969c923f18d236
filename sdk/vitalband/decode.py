"""Frames into typed values: the one way for live frames, stored frames and replayed ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bandschema.blocks import MAX_STREAM_ID
from bandschema.codec import decode
from bandschema.enums import Cause, Channel, Contact, Unit, Validity
from bandschema.enums import Reading as ReadingId
from bandschema.layout import BY_NAME
from bandschema.readings import BY_READING, NO_VALUE, READINGS, ReadingSpec
from bandschema.records import (
    Acknowledge,
    ConsentRecord,
    Event,
    Identity,
    Issuance,
    ManifestEntry,
    PairedHost,
    Record,
    SelfTestResult,
)
from bandschema.records import Alert as AlertRecord
from bandschema.records import JournalLoss as JournalLossRecord
from bandschema.records import LogLine as LogLineRecord
from bandschema.records import StreamDescriptor as StreamDescriptorRecord
from bandschema.vitals_run import decode_updates
from bandwire import frames as wire
from bandwire.errors import FrameError
from vitalband.blocks import STREAM_SHIFT, BlockFault, BlockHeads, decode_blocks
from vitalband.clock import TimeModel
from vitalband.rates import RateMeter
from vitalband.self_test import SelfTestItem, self_test_item
from vitalband.streams import SampleClock, SampleNumbers, decode_samples, drift_ms, shape_of
from vitalband.values import (
    Acknowledgement,
    BandEvent,
    ConsentChange,
    JournalLoss,
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
    | tuple[VitalsUpdate, ...]
    | SampleChunk
    | StreamDescriptor
    | BandEvent
    | ConsentChange
    | Acknowledgement
    | ReceivedAlert
    | LogLine
    | JournalLoss
    | SelfTestItem
    | Identity
    | ManifestEntry
    | Issuance
    | PairedHost
)


@dataclass(slots=True)
class DecodeCounters:
    """What could not be read in full; each is a loss that is counted."""

    unknown_readings: int = 0
    blocks_without_descriptor: int = 0


def is_known_version(version: int) -> bool:
    """Whether frames of this protocol version are read; those of a later one could be misread."""
    return 0 < version <= wire.VERSION


class _Line:
    """A stream in one boot: how its samples are read, and how they follow each other."""

    def __init__(self, descriptor: StreamDescriptor) -> None:
        self.descriptor = descriptor
        self.numbers = SampleNumbers(descriptor.rate_hz)
        self.clock = SampleClock(descriptor.rate_hz)
        self.rate = RateMeter(descriptor.rate_hz)


@dataclass(slots=True)
class Decoder:
    """Turns frames into values; keeps the stream descriptors and sample clocks of each boot."""

    times: TimeModel = field(default_factory=TimeModel)
    counters: DecodeCounters = field(default_factory=DecodeCounters)
    _lines: dict[tuple[int, int], _Line] = field(default_factory=dict[tuple[int, int], _Line])
    _came_utc_us: int | None = None

    def decode(
        self, frame: bytes, *, is_backfilled: bool = False, came_utc_us: int | None = None
    ) -> Value | Record | None:
        """The value of a frame, its plain record when there is none, None when it cannot be read yet.

        A run of vitals gives its updates, each with its own tick. `came_utc_us`: when it came, as it is
        stored (`TimeModel.place_many`).

        Raises `FrameError` for bytes that are not the frame they say they are.
        """
        version, kind, boot_id, sequence, ticks_ms, _ = wire.unpack_header(frame, 0)
        if not is_known_version(version):
            raise FrameError(f"wanted a frame of protocol version 1 to {wire.VERSION}, got {version}")
        self._came_utc_us = came_utc_us
        stamp = self._stamp(boot_id, sequence, ticks_ms, is_backfilled)
        # The kinds that come all the time take decoders of their own: 31 us in place of 460 by construct.
        own = _OWN_DECODERS.get(kind)
        if own is not None:
            return own(self, stamp, frame)
        _, record = decode(frame)
        if isinstance(record, StreamDescriptorRecord):
            return self._descriptor(stamp, record)
        if isinstance(record, SelfTestResult):
            return self_test_item(stamp, record)
        if isinstance(record, JournalLossRecord):
            return _journal_loss(stamp, record)
        return _simple(stamp, record)

    def _stamp(self, boot_id: int, sequence: int, ticks_ms: int, is_backfilled: bool) -> Stamp:
        utc = self.times.place(boot_id, ticks_ms, self._came_utc_us)
        if utc is None:
            return Stamp(boot_id, sequence, ticks_ms, None, None, is_backfilled)
        return Stamp(boot_id, sequence, ticks_ms, utc.time, utc.uncertainty_us / 1000, is_backfilled)

    def descriptor(self, boot_id: int, stream_id: int) -> StreamDescriptor | None:
        """The descriptor of a stream in this boot, once it has come."""
        line = self._lines.get((boot_id, stream_id))
        return None if line is None else line.descriptor

    def _vitals(self, stamp: Stamp, frame: bytes) -> VitalsUpdate:
        count = wire.vitals_item_count(frame, 0, len(frame))
        contact = _CONTACTS.get(wire.unpack_vitals(frame, 0, len(frame))[0], Contact.UNKNOWN)
        readings: dict[ReadingId, Reading] = {}
        for index in range(count):
            number, validity, quality, cause, raw_value = wire.unpack_vitals_item(frame, 0, index)
            spec = _SPECS.get(number)
            if spec is None:
                self.counters.unknown_readings += 1
            else:
                readings[spec.reading] = _reading(spec, validity, quality, cause, raw_value, contact, stamp)
        return VitalsUpdate(stamp, contact, readings)

    def _run(self, stamp: Stamp, frame: bytes) -> tuple[VitalsUpdate, ...]:
        start, stop = wire.updates_span_of_vitals_run(frame, 0, len(frame))
        updates: list[VitalsUpdate] = []
        for update in decode_updates(frame[start:stop], stamp.ticks_ms):
            at = self._stamp(stamp.boot_id, stamp.sequence, update.ticks_ms, stamp.is_backfilled)
            contact = _CONTACTS.get(update.contact, Contact.UNKNOWN)
            told = ((spec, update.readings.get(int(spec.reading))) for spec in READINGS)
            readings = {
                spec.reading: _reading(spec, one.validity, one.quality, one.cause, one.raw_value, contact, at)
                for spec, one in told
                if one is not None
            }
            updates.append(VitalsUpdate(at, contact, readings))
        return tuple(updates)

    def _descriptor(self, stamp: Stamp, record: StreamDescriptorRecord) -> StreamDescriptor:
        _check_descriptor(record)
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
        line = self._lines.get(key)
        if line is None or line.descriptor != descriptor:
            self._lines[key] = _Line(descriptor)
        return descriptor

    def _plain_chunk(self, stamp: Stamp, frame: bytes) -> SampleChunk | None:
        stream_id, encoding, count, first_sample = wire.unpack_sample_block(frame, 0, len(frame))
        start, stop = wire.samples_span_of_sample_block(frame, 0, len(frame))
        line = self._line(stamp, stream_id)
        if line is None:
            return None
        counts = decode_samples(encoding, frame[start:stop], count, line.descriptor)
        return self._chunk(stamp, line, first_sample, counts, is_short=False)

    def _compressed_chunk(self, stamp: Stamp, frame: bytes) -> SampleChunk | None:
        head, first_sample = wire.unpack_compressed_block(frame, 0, len(frame))
        start, stop = wire.block_span_of_compressed_block(frame, 0, len(frame))
        line = self._line(stamp, head >> STREAM_SHIFT & MAX_STREAM_ID)
        if line is None:
            return None
        heads = BlockHeads.of_frames(np.array([head]), np.array([start]), np.array([stop]))
        decoded = decode_blocks(frame, heads, shape_of(line.descriptor))
        if decoded.faults[0]:
            raise FrameError(f"compressed_block {BlockFault(decoded.faults[0]).reason}")
        return self._chunk(stamp, line, first_sample, decoded.counts, is_short=True)

    def _line(self, stamp: Stamp, stream_id: int) -> _Line | None:
        line = self._lines.get((stamp.boot_id, stream_id))
        if line is None:
            self.counters.blocks_without_descriptor += 1
        return line

    def _chunk(
        self, stamp: Stamp, line: _Line, first_sample: int, counts: NDArray[np.int32], *, is_short: bool
    ) -> SampleChunk:
        ticks_ms = np.array([stamp.ticks_ms])
        (first_sample,) = line.numbers.whole(
            np.array([first_sample]), np.array([is_short]), ticks_ms
        ).tolist()
        read_ms = line.clock.add_read(first_sample + len(counts) - 1, stamp.ticks_ms)
        line.rate.add(np.array([first_sample + len(counts) - 1]), ticks_ms)
        since_read_ms = line.clock.ticks_of(first_sample, len(counts)) - read_ms
        # Of the first sample, if there is one: a block may be empty.
        within_ms = line.clock.uncertainty_ms + float(drift_ms(since_read_ms[:1]).sum())
        utc = self.times.place(stamp.boot_id, stamp.ticks_ms, self._came_utc_us)
        return SampleChunk(
            descriptor=line.descriptor,
            stamp=stamp,
            first_sample=first_sample,
            counts=counts,
            ticks_ms=stamp.ticks_ms + since_read_ms,
            utc_us=None if utc is None else utc.utc_us + (since_read_ms * 1000).astype("int64"),
            uncertainty_ms=None if utc is None else utc.uncertainty_us / 1000 + within_ms,
            rate=line.rate.measured,
        )


_OWN_DECODERS: dict[int, Callable[[Decoder, Stamp, bytes], Value | None]] = {
    wire.KIND_VITALS: Decoder._vitals,  # pyright: ignore[reportPrivateUsage]
    wire.KIND_VITALS_RUN: Decoder._run,  # pyright: ignore[reportPrivateUsage]
    wire.KIND_SAMPLE_BLOCK: Decoder._plain_chunk,  # pyright: ignore[reportPrivateUsage]
    wire.KIND_COMPRESSED_BLOCK: Decoder._compressed_chunk,  # pyright: ignore[reportPrivateUsage]
}


def _check_descriptor(record: StreamDescriptorRecord) -> None:
    """Refuse a descriptor outside the schema's ranges: samples could not be read by it."""
    for name in ("channel_count", "sample_bits", "rate_mhz"):
        row, value = BY_NAME[record.NAME].row(name), getattr(record, name)
        if not row.minimum <= value <= row.maximum:
            raise FrameError(f"{record.NAME}.{name}: wanted {row.minimum}..{row.maximum}, got {value}")


_SPECS = {int(spec.reading): spec for spec in READINGS}
_CONTACTS = {int(member): member for member in Contact}
_VALIDITIES = {int(member): member for member in Validity}
_CAUSES = {int(member): member for member in Cause}


def _reading(
    spec: ReadingSpec,
    validity: int,
    quality: int,
    cause: int,
    raw_value: int,
    contact: Contact,
    stamp: Stamp,
) -> Reading:
    return Reading(
        reading_id=spec.reading,
        value=None if raw_value == NO_VALUE else raw_value * spec.scale.numerator / spec.scale.denominator,
        unit=spec.unit,
        validity=_VALIDITIES.get(validity, Validity.UNKNOWN),
        quality=quality,
        contact=contact,
        cause=_CAUSES.get(cause, Cause.NONE),
        stamp=stamp,
    )


def _simple(stamp: Stamp, record: Record) -> Value | Record:
    match record:
        case Event():
            return BandEvent(record.event, record.part, record.detail, stamp)
        case ConsentRecord():
            return ConsentChange(
                int(record.action), int(record.groups), record.manifest_digest, stamp,
                record.firmware_digest, record.issuance_digest,
            )  # fmt: skip
        case Acknowledge():
            return Acknowledgement(record.alert_id, int(record.acknowledged_by), stamp)
        case LogLineRecord():
            return LogLine(int(record.level), record.part, record.text, stamp)
        case AlertRecord():
            return _alert(stamp, record)
        case _:
            return record


def _journal_loss(stamp: Stamp, record: JournalLossRecord) -> JournalLoss:
    return JournalLoss(
        boot_id=record.lost_boot_id,
        first_sequence=record.first_sequence,
        last_sequence=record.last_sequence,
        frame_count=record.frame_count,
        lost_class=record.lost_class,
        loss_cause=record.loss_cause,
        stamp=stamp,
    )


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
