"""The frames of one connection: kinds from 0x40 on, which are never kept; a part of `bandschema.frames`."""

import construct as c

from bandschema.enums import (
    BackfillState,
    Capability,
    CommandCode,
    HandshakeStep,
    HostRight,
    Result,
    Role,
)
from bandschema.field import DataClass, EnumOf, FixedText, FrameSpec, FreeText, Sender, body, field

_U8, _U16, _U24, _U32 = c.Int8ul, c.Int16ul, c.Int24ul, c.Int32ul
_S32 = c.Int32sl

REQUEST_ID = field("request_id", _U16, "Chosen by the asker, repeated in the answer.")

SESSION_FRAMES: tuple[FrameSpec, ...] = (
    FrameSpec(
        kind=0x40,
        name="hello",
        sender=Sender.BOTH,
        data=DataClass.LINK,
        doc="First frame of a connection, each way; the highest common version is spoken after it.",
        fields=(
            field("role", EnumOf(_U8, Role), "Who speaks."),
            field("protocol_minimum", _U8, "Lowest protocol version spoken."),
            field("protocol_maximum", _U8, "Highest protocol version spoken."),
            field("max_frame_bytes", _U16, "Longest frame that the sender can take in.", unit="B"),
            field("capabilities", EnumOf(_U32, Capability), "What the sender can do."),
            field(
                "band_id",
                c.Bytes(8),
                "Identity of the band, the key of its store; zeros from a host, and where it comes sealed.",
            ),
            field("session_id", c.Bytes(8), "Fresh for each connection; a hello answers with the asker's."),
            field(
                "challenge_id",
                c.Bytes(8),
                "Fresh for each secure session, from its band; else zeros.",
                since=3,
            ),
        ),
    ),
    FrameSpec(
        kind=0x41,
        name="command",
        sender=Sender.HOST,
        data=DataClass.LINK,
        doc="The host asks the band to do something.",
        fields=(
            REQUEST_ID,
            field("command", EnumOf(_U8, CommandCode), "What to do."),
            field("stream_id", _U8, "The stream concerned, or 0."),
            field("argument", _S32, "Argument of the command: page, time in ms, run, host or right, else 0."),
        ),
    ),
    FrameSpec(
        kind=0x42,
        name="reply",
        sender=Sender.BAND,
        data=DataClass.LINK,
        doc="The band answers a request.",
        fields=(
            REQUEST_ID,
            field("result", EnumOf(_U8, Result), "How it went."),
            field("detail", _S32, "More about the result, else 0."),
        ),
    ),
    FrameSpec(
        kind=0x43,
        name="time_request",
        sender=Sender.HOST,
        data=DataClass.LINK,
        doc="The host asks for the band's ticks.",
        fields=(
            REQUEST_ID,
            field("unix_time_s", _U32, "The host's clock, for ages on the display; 0 without one.", unit="s"),
        ),
    ),
    FrameSpec(
        kind=0x44,
        name="time_reply",
        sender=Sender.BAND,
        data=DataClass.LINK,
        doc="The band's ticks; the header holds those of sending.",
        fields=(
            REQUEST_ID,
            field("received_ticks_ms", _U32, "Device clock when the request arrived.", unit="ms"),
        ),
    ),
    FrameSpec(
        kind=0x45,
        name="backfill_request",
        sender=Sender.HOST,
        data=DataClass.LINK,
        doc="The host asks for frames that it misses.",
        fields=(
            REQUEST_ID,
            field("wanted_boot_id", _U16, "Boot of the frames."),
            field("first_sequence", _U24, "First sequence number wanted."),
            field("frame_count", _U24, "How many sequence numbers are wanted.", minimum=1),
        ),
    ),
    FrameSpec(
        kind=0x46,
        name="backfill_range",
        sender=Sender.BAND,
        data=DataClass.LINK,
        doc="What the band has of a backfill request.",
        fields=(
            REQUEST_ID,
            field("state", EnumOf(_U8, BackfillState), "What becomes of the request."),
            field("wanted_boot_id", _U16, "Boot of the frames."),
            field("first_sequence", _U24, "First sequence number that is kept."),
            field("frame_count", _U24, "How many of the wanted frames are kept."),
        ),
    ),
    FrameSpec(
        kind=0x47,
        name="store_confirm",
        sender=Sender.HOST,
        data=DataClass.LINK,
        doc="The host has written frames durably.",
        fields=(
            field("confirmed_boot_id", _U16, "Boot of the frames."),
            field("first_sequence", _U24, "First sequence number written."),
            field("frame_count", _U24, "How many consecutive sequence numbers are written."),
        ),
    ),
    FrameSpec(
        kind=0x48,
        name="cuff_reading",
        sender=Sender.HOST,
        data=DataClass.READINGS,
        doc="The wearer's own blood-pressure reading, by cuff.",
        fields=(
            REQUEST_ID,
            field("systolic_mmhg", _U16, "Systolic pressure.", unit="mmHg", minimum=50, maximum=280),
            field("diastolic_mmhg", _U16, "Diastolic pressure.", unit="mmHg", minimum=30, maximum=200),
            field("age_s", _U32, "How long ago it was taken.", unit="s"),
        ),
    ),
    FrameSpec(
        kind=0x49,
        name="journal_extent",
        sender=Sender.BAND,
        data=DataClass.LINK,
        doc="What the journal keeps of one boot; one for each boot, the newest last.",
        since=3,
        fields=(
            field("extent", _U16, "Index of this boot in the answer.", since=3),
            field("extent_count", _U16, "Boots in the answer.", since=3, minimum=1),
            field("described_boot_id", _U16, "Which boot.", since=3),
            field("first_sequence", _U24, "Lowest sequence number that is kept.", since=3),
            field("next_sequence", _U24, "One past the highest that is known to be given out.", since=3),
            field("frame_count", _U24, "How many frames are kept.", since=3),
        ),
    ),
    FrameSpec(
        kind=0x4A,
        name="handshake",
        sender=Sender.BOTH,
        data=DataClass.LINK,
        doc="A step on the way to a secure session, or the word that ends it.",
        since=3,
        is_slim=True,
        fields=(
            field("step", EnumOf(_U8, HandshakeStep), "Which step.", since=3),
            body("message", "What the step says, as the section on secure sessions has it.", since=3),
        ),
    ),
    FrameSpec(
        kind=0x4B,
        name="paired_host",
        sender=Sender.BAND,
        data=DataClass.LINK,
        doc="A host whose key the band keeps; one for each, by number.",
        since=3,
        fields=(
            field("host_id", _U8, "Its number, by which it is forgotten.", since=3, minimum=1),
            field("host_count", _U8, "Hosts in the answer.", since=3, minimum=1),
            field("right", EnumOf(_U8, HostRight), "What it may do.", since=3),
            field("is_asker", _U8, "1 for the host that asks, else 0.", since=3, maximum=1),
            field(
                "name",
                FixedText(16),
                "Name that the host gave itself, printable ASCII.",
                since=3,
                text=FreeText.DEVICE,
            ),
        ),
    ),
)
