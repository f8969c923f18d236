"""GENERATED from protocol/bandschema by `make gen`: do not edit.

Typed records of every frame: attributes are named as in the schema, numbers stand for an
enumeration's member when there is one and stay integers when there is none.
"""

from dataclasses import dataclass
from typing import ClassVar

from bandschema.enums import (
    AcknowledgedBy,
    AlertLevel,
    BackfillState,
    Capability,
    Cause,
    Channel,
    CommandCode,
    ConsentAction,
    Contact,
    Encoding,
    EventKind,
    Group,
    HandshakeStep,
    HostRight,
    ImageProfile,
    JournalClass,
    LogLevel,
    LossCause,
    Outcome,
    Page,
    Part,
    Reading,
    Recipient,
    Result,
    Role,
    SelfTest,
    Sensor,
    StreamId,
    Unit,
    Validity,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The payload of one frame; see the subclasses."""

    KIND: ClassVar[int]
    NAME: ClassVar[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """The common header of every frame."""

    version: int = 3
    """Protocol version of the sender (1..255)."""
    kind: int
    """Which frame follows; from 0x40 on a frame belongs to one connection (0..255)."""
    boot_id: int
    """Count of the band's boots, from 1, in non-volatile storage; 0 from a host (0..65535)."""
    sequence: int
    """Number within the boot; from 0x40 on that of the frame the band sends next; 0 from a host (0..16777215)."""
    ticks_ms: int
    """Device clock since boot; of a block, that of the FIFO read of its last sample (in ms, 0..4294967295)."""
    drops: int = 0
    """Frames that the band gave up before they could be sent, since boot, modulo 256 (0..255)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity(Record):
    """Who made the band and what runs on it."""

    KIND: ClassVar[int] = 0x01
    NAME: ClassVar[str] = "identity"

    maker: str
    """Maker of the band (at most 16 bytes of UTF-8)."""
    model: str
    """Model name (at most 16 bytes of UTF-8)."""
    hardware: str
    """Board and its revision (at most 12 bytes of UTF-8)."""
    serial: str
    """Serial number of this band (at most 16 bytes of UTF-8)."""
    firmware_major: int
    """Firmware version, major (0..255)."""
    firmware_minor: int
    """Firmware version, minor (0..255)."""
    firmware_patch: int
    """Firmware version, patch (0..255)."""
    firmware_digest: bytes
    """SHA-256 over the firmware's files, by name and content (32 bytes)."""
    protocol_version: int
    """Highest protocol version that the band speaks (0..255)."""
    capabilities: Capability | int
    """What the band can do."""
    image_profile: ImageProfile | int
    """How the firmware is installed (since 2)."""
    certification: str
    """What it is certified as, by its maker's word; `none` when it is not, empty when not told (at most 16 bytes of UTF-8, since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestEntry(Record):
    """One item of the list of all that the band collects."""

    KIND: ClassVar[int] = 0x02
    NAME: ClassVar[str] = "manifest_entry"

    entry: int
    """Index of this item (0..255)."""
    entry_count: int
    """Number of items in the manifest (0..255)."""
    manifest_digest: bytes
    """Start of the SHA-256 over all items; what consent refers to (8 bytes)."""
    reading_id: int
    """The reading, or 0 for a stream of raw samples (0..255)."""
    stream_id: int
    """The stream, or 0 for a reading (0..255)."""
    group: Group | int
    """Group that the wearer agrees to."""
    page: Page | int
    """Page of the display that shows it."""
    unit: Unit | int
    """Unit of the value."""
    interval_ms: int
    """Time between two values or two samples (in ms, 0..4294967295)."""
    retention_h: int
    """How long the band keeps it at most (in h, 0..65535)."""
    recipients: Recipient | int
    """Who gets it."""
    name_en: str
    """Name on the display, English (at most 16 bytes of UTF-8)."""
    name_zh: str
    """Name on the display, Chinese (at most 24 bytes of UTF-8)."""
    agreement_milli: int
    """Published limits of agreement, within which 95 % of the errors lie, in thousandths of the unit; 0 when none are stated (0..65535, since 2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamDescriptor(Record):
    """How the samples of a stream are to be read; sent at its start and when asked for."""

    KIND: ClassVar[int] = 0x03
    NAME: ClassVar[str] = "stream_descriptor"

    stream_id: StreamId | int
    """The stream."""
    sensor: Sensor | int
    """Kind of sensor."""
    channel_count: int
    """Channels of a sample (1..8)."""
    sample_bits: int
    """Significant bits of a channel (in bit, 1..24)."""
    is_signed: int
    """1 when samples are two's complement (0..1)."""
    rate_mhz: int
    """Nominal sample rate (in mHz, 1..4294967295)."""
    scale_nano: int
    """Size of one count in billionths of the unit; 0 when uncalibrated (0..4294967295)."""
    unit: Unit | int
    """Unit of a sample."""
    channel_0: Channel | int
    """Which channel a sample holds here."""
    channel_1: Channel | int
    """Which channel a sample holds here."""
    channel_2: Channel | int
    """Which channel a sample holds here."""
    channel_3: Channel | int
    """Which channel a sample holds here."""
    channel_4: Channel | int
    """Which channel a sample holds here."""
    channel_5: Channel | int
    """Which channel a sample holds here."""
    channel_6: Channel | int
    """Which channel a sample holds here."""
    channel_7: Channel | int
    """Which channel a sample holds here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VitalsReading:
    """One of the readings of a vitals frame."""

    reading_id: Reading | int
    """Which reading."""
    validity: Validity | int
    """Whether the value may be shown and acted on."""
    quality: int
    """Trust in the value (in %, 0..100)."""
    cause: Cause | int
    """Why the reading is not valid."""
    raw_value: int
    """Value in the reading's own scale; -1073741824 when there is none (-2147483648..2147483647)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vitals(Record):
    """The readings as the display shows them at this tick."""

    KIND: ClassVar[int] = 0x04
    NAME: ClassVar[str] = "vitals"

    contact: Contact | int
    """Whether the band is on a wrist, for every reading here."""
    readings: tuple[VitalsReading, ...]
    """The readings, each at most once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleBlock(Record):
    """Consecutive raw samples of one stream."""

    KIND: ClassVar[int] = 0x05
    NAME: ClassVar[str] = "sample_block"

    stream_id: StreamId | int
    """The stream."""
    encoding: Encoding | int
    """How the body holds the samples."""
    sample_count: int
    """Samples in the body (0..65535)."""
    first_sample: int
    """Number of the first sample within stream and boot, lost ones counted (0..4294967295)."""
    samples: bytes
    """Encoding 0: by sample, by channel, in the least whole bytes, little-endian."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event(Record):
    """Something happened on the band."""

    KIND: ClassVar[int] = 0x06
    NAME: ClassVar[str] = "event"

    event: EventKind | int
    """What happened."""
    part: Part | int
    """The part concerned."""
    detail: int
    """errno of a fault, number of a drop, percent of the battery, page that is shown, else 0 (-2147483648..2147483647)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRecord(Record):
    """The wearer agreed or withdrew, by button; at each start, what is agreed to."""

    KIND: ClassVar[int] = 0x07
    NAME: ClassVar[str] = "consent_record"

    action: ConsentAction | int
    """What the wearer did, or that this is in force."""
    groups: Group | int
    """The groups concerned."""
    manifest_digest: bytes
    """The manifest that was agreed to (8 bytes)."""
    firmware_digest: bytes
    """Start of the firmware's digest, as of `identity` (8 bytes, since 3)."""
    issuance_digest: bytes
    """Start of the SHA-256 over the issuance that was shown; zeros when nobody had asked (8 bytes, since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert(Record):
    """An early warning from the host, for the wearer to see; reserved for the band, which sends none."""

    KIND: ClassVar[int] = 0x08
    NAME: ClassVar[str] = "alert"

    alert_id: int
    """Chosen by the sender, repeated in the acknowledgement (0..65535)."""
    level: AlertLevel | int
    """How urgent it is."""
    cause: Cause | int
    """Why it was raised."""
    reading_id: int
    """The reading concerned, or 0 (0..255)."""
    score: int
    """Early-warning score behind it (0..255)."""
    raw_value: int
    """Value of the reading in its scale; -1073741824 when there is none (-2147483648..2147483647)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledge(Record):
    """Somebody has seen an alert."""

    KIND: ClassVar[int] = 0x09
    NAME: ClassVar[str] = "acknowledge"

    alert_id: int
    """The alert (0..65535)."""
    acknowledged_by: AcknowledgedBy | int
    """Who has seen it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine(Record):
    """A line for the engineer; never about the wearer."""

    KIND: ClassVar[int] = 0x0A
    NAME: ClassVar[str] = "log_line"

    level: LogLevel | int
    """How much it matters."""
    part: Part | int
    """The part concerned."""
    text: str
    """UTF-8 text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuance(Record):
    """Who asks for the wearing, and on what terms; shown on the display."""

    KIND: ClassVar[int] = 0x0B
    NAME: ClassVar[str] = "issuance"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    issuer: str
    """Who asks (at most 32 bytes of UTF-8)."""
    contact: str
    """How to reach the issuer (at most 32 bytes of UTF-8)."""
    purpose: str
    """What for (at most 48 bytes of UTF-8)."""
    notice: str
    """Where the full notice can be read, or the rule it rests on; empty when none was given (at most 48 bytes of UTF-8)."""
    is_voluntary: int
    """1 when the wearer may refuse without disadvantage (0..1)."""
    start_unix_s: int
    """Start of the wearing (in s, 0..4294967295)."""
    end_unix_s: int
    """End of the wearing, at which measuring ends; 0 for none (in s, 0..4294967295)."""
    refusal: str
    """What happens on refusal (at most 48 bytes of UTF-8, since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfTestResult(Record):
    """How one test of a self-test stands; never a vital sign or a sample of one."""

    KIND: ClassVar[int] = 0x0C
    NAME: ClassVar[str] = "self_test_result"

    run_id: int
    """The run: argument of the command that asked for it (0..65535, since 2)."""
    test: SelfTest | int
    """Which test (since 2)."""
    part: Part | int
    """The part that it tests (since 2)."""
    outcome: Outcome | int
    """How it stands (since 2)."""
    unit: Unit | int
    """Unit of value and limits (since 2)."""
    value: int
    """What was measured; -1073741824 when nothing was (-2147483648..2147483647, since 2)."""
    lower_limit: int
    """Least value that passes; -1073741824 for none (-2147483648..2147483647, since 2)."""
    upper_limit: int
    """Greatest value that passes; -1073741824 for none (-2147483648..2147483647, since 2)."""
    detail: int
    """errno of what failed, else 0 (-2147483648..2147483647, since 2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompressedBlock(Record):
    """Consecutive raw samples of one stream, compressed without loss."""

    KIND: ClassVar[int] = 0x0D
    NAME: ClassVar[str] = "compressed_block"

    head: int
    """Steps (bits 0-9), 1 when the samples are plain bits (10), stream (11-13), table (14-15) (0..65535, since 3)."""
    first_sample: int
    """Number of the first sample within stream and boot, lost ones counted, modulo 2^24 (0..16777215, since 3)."""
    block: bytes
    """The samples, as the section on compressed blocks says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VitalsRun(Record):
    """Successive updates of the readings, as the display showed them; the tick is that of the last."""

    KIND: ClassVar[int] = 0x0E
    NAME: ClassVar[str] = "vitals_run"

    updates: bytes
    """The updates, as the section on runs of vitals says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalLoss(Record):
    """The journal gave up numbered frames that no host had confirmed."""

    KIND: ClassVar[int] = 0x0F
    NAME: ClassVar[str] = "journal_loss"

    lost_boot_id: int
    """Boot of the frames (0..65535, since 3)."""
    first_sequence: int
    """Lowest sequence number among them (0..16777215, since 3)."""
    last_sequence: int
    """Highest sequence number among them (0..16777215, since 3)."""
    frame_count: int
    """How many they are: less than the range holds when frames of another class lie between (1..16777215, since 3)."""
    lost_class: JournalClass | int
    """What they were (since 3)."""
    loss_cause: LossCause | int
    """Why they were given up (since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover(Record):
    """How often the band has changed its wearer, and the receipt of the last wipe."""

    KIND: ClassVar[int] = 0x10
    NAME: ClassVar[str] = "handover"

    handover_count: int
    """How often it was worn and then wiped (0..65535, since 3)."""
    wiped_unix_s: int
    """When it was last wiped; 0 when the band did not know the date, or was never worn before (in s, 0..4294967295, since 3)."""
    is_worn: int
    """1 once a wearer has agreed since then, else 0 (0..1, since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hello(Record):
    """First frame of a connection, each way; the highest common version is spoken after it."""

    KIND: ClassVar[int] = 0x40
    NAME: ClassVar[str] = "hello"

    role: Role | int
    """Who speaks."""
    protocol_minimum: int
    """Lowest protocol version spoken (0..255)."""
    protocol_maximum: int
    """Highest protocol version spoken (0..255)."""
    max_frame_bytes: int
    """Longest frame that the sender can take in (in B, 0..65535)."""
    capabilities: Capability | int
    """What the sender can do."""
    band_id: bytes
    """Identity of the band, the key of its store; zeros from a host, and where it comes sealed (8 bytes)."""
    session_id: bytes
    """Fresh for each connection; a hello answers with the asker's (8 bytes)."""
    challenge_id: bytes
    """Fresh for each secure session, from its band; else zeros (8 bytes, since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command(Record):
    """The host asks the band to do something."""

    KIND: ClassVar[int] = 0x41
    NAME: ClassVar[str] = "command"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    command: CommandCode | int
    """What to do."""
    stream_id: int
    """The stream concerned, or 0 (0..255)."""
    argument: int
    """Argument of the command: page, time in ms, run, host or right, else 0 (-2147483648..2147483647)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply(Record):
    """The band answers a request."""

    KIND: ClassVar[int] = 0x42
    NAME: ClassVar[str] = "reply"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    result: Result | int
    """How it went."""
    detail: int
    """More about the result, else 0 (-2147483648..2147483647)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeRequest(Record):
    """The host asks for the band's ticks."""

    KIND: ClassVar[int] = 0x43
    NAME: ClassVar[str] = "time_request"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    unix_time_s: int
    """The host's clock, for ages on the display; 0 without one (in s, 0..4294967295)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeReply(Record):
    """The band's ticks; the header holds those of sending."""

    KIND: ClassVar[int] = 0x44
    NAME: ClassVar[str] = "time_reply"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    received_ticks_ms: int
    """Device clock when the request arrived (in ms, 0..4294967295)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackfillRequest(Record):
    """The host asks for frames that it misses."""

    KIND: ClassVar[int] = 0x45
    NAME: ClassVar[str] = "backfill_request"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    wanted_boot_id: int
    """Boot of the frames (0..65535)."""
    first_sequence: int
    """First sequence number wanted (0..16777215)."""
    frame_count: int
    """How many sequence numbers are wanted (1..16777215)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackfillRange(Record):
    """What the band has of a backfill request."""

    KIND: ClassVar[int] = 0x46
    NAME: ClassVar[str] = "backfill_range"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    state: BackfillState | int
    """What becomes of the request."""
    wanted_boot_id: int
    """Boot of the frames (0..65535)."""
    first_sequence: int
    """First sequence number that is kept (0..16777215)."""
    frame_count: int
    """How many of the wanted frames are kept (0..16777215)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreConfirm(Record):
    """The host has written frames durably."""

    KIND: ClassVar[int] = 0x47
    NAME: ClassVar[str] = "store_confirm"

    confirmed_boot_id: int
    """Boot of the frames (0..65535)."""
    first_sequence: int
    """First sequence number written (0..16777215)."""
    frame_count: int
    """How many consecutive sequence numbers are written (0..16777215)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CuffReading(Record):
    """The wearer's own blood-pressure reading, by cuff."""

    KIND: ClassVar[int] = 0x48
    NAME: ClassVar[str] = "cuff_reading"

    request_id: int
    """Chosen by the asker, repeated in the answer (0..65535)."""
    systolic_mmhg: int
    """Systolic pressure (in mmHg, 50..280)."""
    diastolic_mmhg: int
    """Diastolic pressure (in mmHg, 30..200)."""
    age_s: int
    """How long ago it was taken (in s, 0..4294967295)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalExtent(Record):
    """What the journal keeps of one boot; one for each boot, the newest last."""

    KIND: ClassVar[int] = 0x49
    NAME: ClassVar[str] = "journal_extent"

    extent: int
    """Index of this boot in the answer (0..65535, since 3)."""
    extent_count: int
    """Boots in the answer (1..65535, since 3)."""
    described_boot_id: int
    """Which boot (0..65535, since 3)."""
    first_sequence: int
    """Lowest sequence number that is kept (0..16777215, since 3)."""
    next_sequence: int
    """One past the highest that is known to be given out (0..16777215, since 3)."""
    frame_count: int
    """How many frames are kept (0..16777215, since 3)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handshake(Record):
    """A step on the way to a secure session, or the word that ends it."""

    KIND: ClassVar[int] = 0x4A
    NAME: ClassVar[str] = "handshake"

    step: HandshakeStep | int
    """Which step (since 3)."""
    message: bytes
    """What the step says, as the section on secure sessions has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedHost(Record):
    """A host whose key the band keeps; one for each, by number."""

    KIND: ClassVar[int] = 0x4B
    NAME: ClassVar[str] = "paired_host"

    host_id: int
    """Its number, by which it is forgotten (1..255, since 3)."""
    host_count: int
    """Hosts in the answer (1..255, since 3)."""
    right: HostRight | int
    """What it may do (since 3)."""
    is_asker: int
    """1 for the host that asks, else 0 (0..1, since 3)."""
    name: str
    """Name that the host gave itself, printable ASCII (at most 16 bytes of UTF-8, since 3)."""


RECORDS: tuple[type[Record], ...] = (
    Identity,
    ManifestEntry,
    StreamDescriptor,
    Vitals,
    SampleBlock,
    Event,
    ConsentRecord,
    Alert,
    Acknowledge,
    LogLine,
    Issuance,
    SelfTestResult,
    CompressedBlock,
    VitalsRun,
    JournalLoss,
    Handover,
    Hello,
    Command,
    Reply,
    TimeRequest,
    TimeReply,
    BackfillRequest,
    BackfillRange,
    StoreConfirm,
    CuffReading,
    JournalExtent,
    Handshake,
    PairedHost,
)
"""Every record class, by kind."""

ITEMS: dict[type[Record], type[VitalsReading]] = {
    Vitals: VitalsReading,
}
"""Record class with an array at its end -> class of its items."""
