"""What the SDK hands out: typed values with UTC time, uncertainty and validity.

Unknown is never zero: a reading without a value has `value` None and a `cause`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from bandschema.enums import (
    AlertLevel,
    Cause,
    Channel,
    Contact,
    EventKind,
    JournalClass,
    LossCause,
    Part,
    Unit,
    Validity,
)
from bandschema.enums import Reading as ReadingId
from vitalband.clock import ClockStep, TimeModel
from vitalband.data_refused import DataRefused
from vitalband.rates import MeasuredRate


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a frame stands: band clock, boot and sequence, and its place in UTC.

    `time` is None, and so is `uncertainty_ms`, when no time exchange of that boot is known.
    """

    boot_id: int
    sequence: int
    ticks_ms: int
    time: datetime | None
    uncertainty_ms: float | None
    is_backfilled: bool = False

    def as_row(self) -> dict[str, datetime | float | None]:
        """By the names and in the order of the columns of every table."""
        return {
            "time": self.time,
            "uncertainty_ms": self.uncertainty_ms,
            "boot_id": self.boot_id,
            "sequence": self.sequence,
            "ticks_ms": self.ticks_ms,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as the band's display shows it.

    `value` is in `unit`, None when there is none; only a reading with `is_valid` may be acted on.
    `quality` is 0-100. `cause` says why it is not valid.
    """

    reading_id: ReadingId
    value: float | None
    unit: Unit
    validity: Validity
    quality: int
    contact: Contact
    cause: Cause
    stamp: Stamp

    @property
    def name(self) -> str:
        """Name in the schema and in every column, `heart_rate_bpm`."""
        return self.reading_id.name.lower()

    @property
    def is_valid(self) -> bool:
        """Whether the value may be shown and acted on."""
        return self.validity == Validity.VALID and self.value is not None

    @property
    def time(self) -> datetime | None:
        """UTC of the reading, right within `uncertainty_ms`; None when it cannot be told."""
        return self.stamp.time

    @property
    def uncertainty_ms(self) -> float | None:
        """How far `time` may be off, in milliseconds either way."""
        return self.stamp.uncertainty_ms

    @property
    def ticks_ms(self) -> int:
        """Band clock, milliseconds since its start."""
        return self.stamp.ticks_ms

    @property
    def boot_id(self) -> int:
        """Which start of the band."""
        return self.stamp.boot_id

    @property
    def sequence(self) -> int:
        """Number of the frame that carried the reading."""
        return self.stamp.sequence


@dataclass(frozen=True, slots=True)
class VitalsUpdate:
    """All readings of one update; iterate it, or index it by identity or by name."""

    stamp: Stamp
    contact: Contact
    readings: dict[ReadingId, Reading]

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings.values())

    def __getitem__(self, key: ReadingId | str) -> Reading:
        return self.readings[ReadingId[key.upper()] if isinstance(key, str) else key]

    def get(self, key: ReadingId) -> Reading | None:
        """The reading, or None when the band did not send it."""
        return self.readings.get(key)

    @property
    def time(self) -> datetime | None:
        """UTC of the update; None when it cannot be told."""
        return self.stamp.time


@dataclass(frozen=True, slots=True)
class StreamDescriptor:
    """How the samples of a stream are to be read: rate in Hz, scale in `unit` a count."""

    stream_id: int
    sensor: int
    channels: tuple[Channel, ...]
    sample_bits: int
    is_signed: bool
    rate_hz: float
    scale: float | None
    unit: Unit

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels in sample order, such as `infrared`."""
        return tuple(channel.name.lower() for channel in self.channels)

    @property
    def channel_bytes(self) -> int:
        """Bytes of a plain sample of one channel: the least whole ones."""
        return (self.sample_bits + 7) // 8


@dataclass(frozen=True, slots=True)
class SampleChunk:
    """Consecutive samples of one stream, none missing between them.

    `counts` is (n, channels) int32 raw counts in the order of `descriptor.channels`; sample i has
    number `first_sample` + i within stream and boot and was taken at `ticks_ms[i]` (float64, band
    clock) and `utc_us[i]` (int64; None when no time exchange of the boot is known), within
    `uncertainty_ms`. `rate` is the chip's own, by the band's clock and by all blocks of the boot so far;
    `descriptor.rate_hz` is the nominal one.
    """

    descriptor: StreamDescriptor
    stamp: Stamp
    first_sample: int
    counts: NDArray[np.int32]
    ticks_ms: NDArray[np.float64]
    utc_us: NDArray[np.int64] | None
    uncertainty_ms: float | None
    rate: MeasuredRate | None

    @property
    def times(self) -> "NDArray[np.datetime64] | None":
        """UTC of each sample as datetime64[us]."""
        return None if self.utc_us is None else self.utc_us.view("datetime64[us]")

    @property
    def values(self) -> NDArray[np.float64]:
        """Samples in `descriptor.unit`; raw counts as floats when the stream is uncalibrated."""
        scale = self.descriptor.scale
        return np.multiply(self.counts, 1.0 if scale is None else scale, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class SampleGap:
    """Samples that did not come: numbers `first_sample` .. `first_sample` + `sample_count` - 1.

    They may still come as a chunk whose `stamp.is_backfilled` is true.
    """

    stream_id: int
    boot_id: int
    first_sample: int
    sample_count: int


@dataclass(frozen=True, slots=True)
class FrameGap:
    """Frames that did not come live: `frame_count` sequence numbers from `first_sequence` on."""

    boot_id: int
    first_sequence: int
    frame_count: int


@dataclass(frozen=True, slots=True)
class FramesLost:
    """Missing frames that the band, asked for them, does not have: lost there for good."""

    boot_id: int
    first_sequence: int
    frame_count: int


@dataclass(frozen=True, slots=True)
class JournalLoss:
    """The band's journal gave up frames that no host had confirmed: `frame_count` of those of one class
    whose numbers lie between `first_sequence` and `last_sequence`. `stamp` is when it did."""

    boot_id: int
    first_sequence: int
    last_sequence: int
    frame_count: int
    lost_class: JournalClass | int
    loss_cause: LossCause | int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class BandEvent:
    """Something happened on the band; `detail` as the schema says for the event."""

    event: EventKind | int
    part: Part | int
    detail: int
    stamp: Stamp


class ConnectionState(Enum):
    """States of the connection to a band; `docs/connection.md` tells what each means and what may follow."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    HELLO = "hello"
    SECURING = "securing"
    PAIRING = "pairing"
    RESUMING = "resuming"
    LIVE = "live"
    BACKFILLING = "backfilling"
    LOST = "lost"
    BACKING_OFF = "backing_off"
    CLOSED = "closed"

    @property
    def is_up(self) -> bool:
        """Whether the band answers: its frames come, and it can be asked."""
        return self in (ConnectionState.RESUMING, ConnectionState.LIVE, ConnectionState.BACKFILLING)


@dataclass(frozen=True, slots=True)
class ConnectionEvent:
    """The connection changed; `reason` says why, `attempt` counts the tries since the link was lost."""

    state: ConnectionState
    reason: str
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class StoreEvent:
    """The store failed or works again; frames wait in memory meanwhile, and lost ones are counted."""

    is_failing: bool
    reason: str
    waiting_frames: int
    lost_frames: int


@dataclass(frozen=True, slots=True)
class ReceivedAlert:
    """An alert that the band itself raised."""

    alert_id: int
    level: AlertLevel | int
    cause: Cause | int
    reading_id: ReadingId | None
    score: int
    value: float | None
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen an alert; `acknowledged_by` is a number of `AcknowledgedBy`."""

    alert_id: int
    acknowledged_by: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the band for the engineer."""

    level: int
    part: Part | int
    text: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """The wearer agreed, withdrew or paused (`ConsentAction`), for `groups` of the manifest; or, IN_FORCE,
    the band tells at a start which are agreed to.

    Digests are the first 8 bytes: of manifest, of firmware, of the issuance that was shown, zeros where
    nobody had asked or an earlier band tells of none.
    """

    action: int
    groups: int
    manifest_digest: bytes
    stamp: Stamp
    firmware_digest: bytes = bytes(8)
    issuance_digest: bytes = bytes(8)


@dataclass(frozen=True, slots=True)
class TimeStatus:
    """How well the time of the band's present boot is known.

    `uncertainty_ms`: of a time at the last exchange. `drift_ppm`: how much faster UTC goes than the band's
    ticks, right within `drift_uncertainty_ppm`. `steps`: when and by how much the host's clock was set in
    this boot. All but `exchanges` and `steps` are None before the first exchange.
    """

    boot_id: int | None
    exchanges: int
    uncertainty_ms: float | None
    drift_ppm: float | None
    drift_uncertainty_ppm: float | None
    steps: tuple[ClockStep, ...]

    @classmethod
    def of(cls, times: TimeModel, boot_id: int | None) -> "TimeStatus":
        """What the exchanges of a boot tell."""
        latest = None if boot_id is None else times.latest(boot_id)
        drift = None if boot_id is None else times.drift(boot_id)
        if boot_id is None or latest is None or drift is None:
            return cls(boot_id, 0, None, None, None, ())
        middle_ppm, half_ppm = (drift.low_ppm + drift.high_ppm) / 2, (drift.high_ppm - drift.low_ppm) / 2
        exchanges, steps = times.exchange_count(boot_id), times.steps(boot_id)
        return cls(boot_id, exchanges, latest.uncertainty_us / 1000, middle_ppm, half_ppm, steps)


VitalsItem = VitalsUpdate | ConnectionEvent
AlertItem = ReceivedAlert | Acknowledgement | ConnectionEvent
WaveformItem = SampleChunk | SampleGap | ConnectionEvent
LossItem = FrameGap | FramesLost | JournalLoss | DataRefused
EventItem = BandEvent | ConsentChange | LogLine | LossItem | StoreEvent | ConnectionEvent


_UNIT_SYMBOLS = {
    Unit.PER_MINUTE: "/min",
    Unit.PERCENT: "%",
    Unit.DEGREE_CELSIUS: "°C",
    Unit.MILLIMETRE_OF_MERCURY: "mmHg",
    Unit.SECOND: "s",
    Unit.STANDARD_GRAVITY: "g",
    Unit.NANOAMPERE: "nA",
    Unit.MILLIVOLT: "mV",
    Unit.BYTE: "B",
    Unit.MILLISECOND: "ms",
    Unit.MILLIHERTZ: "mHz",
    Unit.MILLIGRAVITY: "mg",
}


def unit_symbol(unit: Unit) -> str:
    """A unit for people, "/min"; empty for counts and for states."""
    return _UNIT_SYMBOLS.get(unit, "")


def label(member: int) -> str:
    """Name of an enumeration's member in columns and JSON, `heart_rate_bpm`; the number of an unknown one."""
    name = member.name if isinstance(member, Enum) else None
    return str(int(member)) if name is None else name.lower()


def words(member: int) -> str:
    """The same for people, "low confidence"."""
    return label(member).replace("_", " ")
