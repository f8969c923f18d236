"""Every frame of protocol version 3: the one hand-written statement of layout and meaning.

A frame is a header of 12 bytes and a payload. It stands alone: the same bytes cross every
carrier, lie in the store and in a recording. It has no check of its own; that is the duty of
whatever carries it. Everything else that knows a layout is generated from this file.

Rules for growth, tested: a kind, a field, an enumeration member and an encoding id are never
reused; a new field goes to the end of the fixed part with its `since`; a reader ignores what it
does not know, at the end of a frame, between the fixed part and the tail (`tail_offset`) and at
the end of an item (`item_size`); an unknown kind is skipped and counted.
"""

import construct as c

from bandschema.enums import (
    AcknowledgedBy,
    AlertLevel,
    Capability,
    Cause,
    Channel,
    ConsentAction,
    Contact,
    Encoding,
    EventKind,
    Group,
    ImageProfile,
    JournalClass,
    LogLevel,
    LossCause,
    Outcome,
    Page,
    Part,
    Reading,
    Recipient,
    SelfTest,
    Sensor,
    StreamId,
    Unit,
    Validity,
)
from bandschema.field import (
    DataClass,
    EnumOf,
    FixedText,
    FrameSpec,
    FreeText,
    Sender,
    body,
    computed,
    field,
    items,
)
from bandschema.readings import NO_VALUE
from bandschema.session_frames import REQUEST_ID, SESSION_FRAMES

PROTOCOL_VERSION = 3
MAX_FRAME_BYTES = 1024
"""Longest frame that a reader must accept; bounds every buffer on both sides."""

_U8, _U16, _U24, _U32 = c.Int8ul, c.Int16ul, c.Int24ul, c.Int32ul
_S32 = c.Int32sl

HEADER = c.Struct(
    field("version", _U8, "Protocol version of the sender.", minimum=1),
    field("kind", _U8, "Which frame follows; from 0x40 on a frame belongs to one connection."),
    field("boot_id", _U16, "Count of the band's boots, from 1, in non-volatile storage; 0 from a host."),
    field(
        "sequence",
        _U24,
        "Number within the boot; from 0x40 on that of the frame the band sends next; 0 from a host.",
    ),
    field(
        "ticks_ms",
        _U32,
        "Device clock since boot; of a block, that of the FIFO read of its last sample.",
        unit="ms",
    ),
    field("drops", _U8, "Frames that the band gave up before they could be sent, since boot, modulo 256."),
)
HEADER_BYTES = 12

_TAIL_OFFSET = computed("tail_offset", _U8, "Where the tail starts, in bytes from the start of the frame.")
_ITEM_SIZE = computed("item_size", _U8, "Bytes of one item.")

_READING = c.Struct(
    field("reading_id", EnumOf(_U8, Reading), "Which reading."),
    field("validity", EnumOf(_U8, Validity), "Whether the value may be shown and acted on."),
    field("quality", _U8, "Trust in the value.", unit="%", maximum=100),
    field("cause", EnumOf(_U8, Cause), "Why the reading is not valid."),
    field("raw_value", _S32, f"Value in the reading's own scale; {NO_VALUE} when there is none."),
)

FRAMES: tuple[FrameSpec, ...] = (
    FrameSpec(
        kind=0x01,
        name="identity",
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="Who made the band and what runs on it.",
        fields=(
            field("maker", FixedText(16), "Maker of the band.", text=FreeText.DEVICE),
            field("model", FixedText(16), "Model name.", text=FreeText.DEVICE),
            field("hardware", FixedText(12), "Board and its revision.", text=FreeText.DEVICE),
            field("serial", FixedText(16), "Serial number of this band.", text=FreeText.DEVICE),
            field("firmware_major", _U8, "Firmware version, major."),
            field("firmware_minor", _U8, "Firmware version, minor."),
            field("firmware_patch", _U8, "Firmware version, patch."),
            field("firmware_digest", c.Bytes(32), "SHA-256 over the firmware's files, by name and content."),
            field("protocol_version", _U8, "Highest protocol version that the band speaks."),
            field("capabilities", EnumOf(_U32, Capability), "What the band can do."),
            field("image_profile", EnumOf(_U8, ImageProfile), "How the firmware is installed.", since=2),
            field(
                "certification",
                FixedText(16),
                "What it is certified as, by its maker's word; `none` when it is not, empty when not told.",
                text=FreeText.DEVICE,
                since=3,
            ),
        ),
    ),
    FrameSpec(
        kind=0x02,
        name="manifest_entry",
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="One item of the list of all that the band collects.",
        fields=(
            field("entry", _U8, "Index of this item."),
            field("entry_count", _U8, "Number of items in the manifest."),
            field(
                "manifest_digest", c.Bytes(8), "Start of the SHA-256 over all items; what consent refers to."
            ),
            field("reading_id", _U8, "The reading, or 0 for a stream of raw samples."),
            field("stream_id", _U8, "The stream, or 0 for a reading."),
            field("group", EnumOf(_U16, Group), "Group that the wearer agrees to."),
            field("page", EnumOf(_U8, Page), "Page of the display that shows it."),
            field("unit", EnumOf(_U8, Unit), "Unit of the value."),
            field("interval_ms", _U32, "Time between two values or two samples.", unit="ms"),
            field("retention_h", _U16, "How long the band keeps it at most.", unit="h"),
            field("recipients", EnumOf(_U8, Recipient), "Who gets it."),
            field("name_en", FixedText(16), "Name on the display, English.", text=FreeText.DEVICE),
            field("name_zh", FixedText(24), "Name on the display, Chinese.", text=FreeText.DEVICE),
            field(
                "agreement_milli",
                _U16,
                "Published limits of agreement, within which 95 % of the errors lie, in thousandths of the "
                "unit; 0 when none are stated.",
                since=2,
            ),
        ),
    ),
    FrameSpec(
        kind=0x03,
        name="stream_descriptor",
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="How the samples of a stream are to be read; sent at its start and when asked for.",
        fields=(
            field("stream_id", EnumOf(_U8, StreamId), "The stream."),
            field("sensor", EnumOf(_U8, Sensor), "Kind of sensor."),
            field("channel_count", _U8, "Channels of a sample.", minimum=1, maximum=8),
            field("sample_bits", _U8, "Significant bits of a channel.", unit="bit", minimum=1, maximum=24),
            field("is_signed", _U8, "1 when samples are two's complement.", maximum=1),
            field("rate_mhz", _U32, "Nominal sample rate.", unit="mHz", minimum=1),
            field("scale_nano", _U32, "Size of one count in billionths of the unit; 0 when uncalibrated."),
            field("unit", EnumOf(_U8, Unit), "Unit of a sample."),
            *(
                field(f"channel_{index}", EnumOf(_U8, Channel), "Which channel a sample holds here.")
                for index in range(8)
            ),
        ),
    ),
    FrameSpec(
        kind=0x04,
        name="vitals",
        sender=Sender.BAND,
        data=DataClass.READINGS,
        doc="The readings as the display shows them at this tick.",
        fields=(
            _TAIL_OFFSET,
            _ITEM_SIZE,
            field("contact", EnumOf(_U8, Contact), "Whether the band is on a wrist, for every reading here."),
            items("readings", _READING, "The readings, each at most once."),
        ),
    ),
    FrameSpec(
        kind=0x05,
        name="sample_block",
        sender=Sender.BAND,
        data=DataClass.WAVEFORMS,
        doc="Consecutive raw samples of one stream.",
        fields=(
            _TAIL_OFFSET,
            field("stream_id", EnumOf(_U8, StreamId), "The stream."),
            field("encoding", EnumOf(_U8, Encoding), "How the body holds the samples."),
            field("sample_count", _U16, "Samples in the body."),
            field(
                "first_sample", _U32, "Number of the first sample within stream and boot, lost ones counted."
            ),
            body("samples", "Encoding 0: by sample, by channel, in the least whole bytes, little-endian."),
        ),
    ),
    FrameSpec(
        kind=0x06,
        name="event",
        sender=Sender.BAND,
        data=DataClass.EVENTS,
        doc="Something happened on the band.",
        fields=(
            field("event", EnumOf(_U8, EventKind), "What happened."),
            field("part", EnumOf(_U8, Part), "The part concerned."),
            field(
                "detail",
                _S32,
                "errno of a fault, number of a drop, percent of the battery, page that is shown, else 0.",
            ),
        ),
    ),
    FrameSpec(
        kind=0x07,
        name="consent_record",
        sender=Sender.BAND,
        data=DataClass.CONSENT,
        doc="The wearer agreed or withdrew, by button; at each start, what is agreed to.",
        fields=(
            field("action", EnumOf(_U8, ConsentAction), "What the wearer did, or that this is in force."),
            field("groups", EnumOf(_U16, Group), "The groups concerned."),
            field("manifest_digest", c.Bytes(8), "The manifest that was agreed to."),
            field(
                "firmware_digest", c.Bytes(8), "Start of the firmware's digest, as of `identity`.", since=3
            ),
            field(
                "issuance_digest",
                c.Bytes(8),
                "Start of the SHA-256 over the issuance that was shown; zeros when nobody had asked.",
                since=3,
            ),
        ),
    ),
    FrameSpec(
        kind=0x08,
        name="alert",
        sender=Sender.BOTH,
        data=DataClass.READINGS,
        doc="An early warning from the host, for the wearer to see; reserved for the band, which sends none.",
        fields=(
            field("alert_id", _U16, "Chosen by the sender, repeated in the acknowledgement."),
            field("level", EnumOf(_U8, AlertLevel), "How urgent it is."),
            field("cause", EnumOf(_U8, Cause), "Why it was raised."),
            field("reading_id", _U8, "The reading concerned, or 0."),
            field("score", _U8, "Early-warning score behind it."),
            field("raw_value", _S32, f"Value of the reading in its scale; {NO_VALUE} when there is none."),
        ),
    ),
    FrameSpec(
        kind=0x09,
        name="acknowledge",
        sender=Sender.BOTH,
        data=DataClass.EVENTS,
        doc="Somebody has seen an alert.",
        fields=(
            field("alert_id", _U16, "The alert."),
            field("acknowledged_by", EnumOf(_U8, AcknowledgedBy), "Who has seen it."),
        ),
    ),
    FrameSpec(
        kind=0x0A,
        name="log_line",
        sender=Sender.BAND,
        data=DataClass.TEXT,
        doc="A line for the engineer; never about the wearer.",
        fields=(
            _TAIL_OFFSET,
            field("level", EnumOf(_U8, LogLevel), "How much it matters."),
            field("part", EnumOf(_U8, Part), "The part concerned."),
            body("text", "UTF-8 text.", text=FreeText.LOG),
        ),
    ),
    FrameSpec(
        kind=0x0B,
        name="issuance",
        sender=Sender.BOTH,
        data=DataClass.ISSUER,
        doc="Who asks for the wearing, and on what terms; shown on the display.",
        fields=(
            REQUEST_ID,
            field("issuer", FixedText(32), "Who asks.", text=FreeText.ISSUER),
            field("contact", FixedText(32), "How to reach the issuer.", text=FreeText.ISSUER),
            field("purpose", FixedText(48), "What for.", text=FreeText.ISSUER),
            field(
                "notice",
                FixedText(48),
                "Where the full notice can be read, or the rule it rests on; empty when none was given.",
                text=FreeText.ISSUER,
            ),
            field("is_voluntary", _U8, "1 when the wearer may refuse without disadvantage.", maximum=1),
            field("start_unix_s", _U32, "Start of the wearing.", unit="s"),
            field("end_unix_s", _U32, "End of the wearing, at which measuring ends; 0 for none.", unit="s"),
            field("refusal", FixedText(48), "What happens on refusal.", text=FreeText.ISSUER, since=3),
        ),
    ),
    FrameSpec(
        kind=0x0C,
        name="self_test_result",
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="How one test of a self-test stands; never a vital sign or a sample of one.",
        since=2,
        fields=(
            field("run_id", _U16, "The run: argument of the command that asked for it.", since=2),
            field("test", EnumOf(_U8, SelfTest), "Which test.", since=2),
            field("part", EnumOf(_U8, Part), "The part that it tests.", since=2),
            field("outcome", EnumOf(_U8, Outcome), "How it stands.", since=2),
            field("unit", EnumOf(_U8, Unit), "Unit of value and limits.", since=2),
            field("value", _S32, f"What was measured; {NO_VALUE} when nothing was.", since=2),
            field("lower_limit", _S32, f"Least value that passes; {NO_VALUE} for none.", since=2),
            field("upper_limit", _S32, f"Greatest value that passes; {NO_VALUE} for none.", since=2),
            field("detail", _S32, "errno of what failed, else 0.", since=2),
        ),
    ),
    FrameSpec(
        kind=0x0D,
        name="compressed_block",
        sender=Sender.BAND,
        data=DataClass.WAVEFORMS,
        doc="Consecutive raw samples of one stream, compressed without loss.",
        since=3,
        is_slim=True,
        fields=(
            field(
                "head",
                _U16,
                "Steps (bits 0-9), 1 when the samples are plain bits (10), stream (11-13), table (14-15).",
                since=3,
            ),
            field(
                "first_sample",
                _U24,
                "Number of the first sample within stream and boot, lost ones counted, modulo 2^24.",
                since=3,
            ),
            body("block", "The samples, as the section on compressed blocks says.", since=3),
        ),
    ),
    FrameSpec(
        kind=0x0E,
        name="vitals_run",
        sender=Sender.BAND,
        data=DataClass.READINGS,
        doc="Successive updates of the readings, as the display showed them; the tick is that of the last.",
        since=3,
        is_slim=True,
        fields=(body("updates", "The updates, as the section on runs of vitals says.", since=3),),
    ),
    FrameSpec(
        kind=0x0F,
        name="journal_loss",
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="The journal gave up numbered frames that no host had confirmed.",
        since=3,
        fields=(
            field("lost_boot_id", _U16, "Boot of the frames.", since=3),
            field("first_sequence", _U24, "Lowest sequence number among them.", since=3),
            field("last_sequence", _U24, "Highest sequence number among them.", since=3),
            field(
                "frame_count",
                _U24,
                "How many they are: less than the range holds when frames of another class lie between.",
                since=3,
                minimum=1,
            ),
            field("lost_class", EnumOf(_U8, JournalClass), "What they were.", since=3),
            field("loss_cause", EnumOf(_U8, LossCause), "Why they were given up.", since=3),
        ),
    ),
    FrameSpec(
        kind=0x10,
        name="handover",
        sender=Sender.BAND,
        doc="How often the band has changed its wearer, and the receipt of the last wipe.",
        since=3,
        data=DataClass.DEVICE,
        fields=(
            field("handover_count", _U16, "How often it was worn and then wiped.", since=3),
            field(
                "wiped_unix_s",
                _U32,
                "When it was last wiped; 0 when the band did not know the date, or was never worn before.",
                unit="s",
                since=3,
            ),
            field("is_worn", _U8, "1 once a wearer has agreed since then, else 0.", since=3, maximum=1),
        ),
    ),
    *SESSION_FRAMES,
)

BY_KIND: dict[int, FrameSpec] = {spec.kind: spec for spec in FRAMES}
BY_NAME: dict[str, FrameSpec] = {spec.name: spec for spec in FRAMES}
