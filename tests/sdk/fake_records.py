"""What the fake band says of itself, and its samples."""

import struct

from bandschema.enums import (
    Capability,
    Channel,
    ConsentAction,
    Group,
    ImageProfile,
    Page,
    Reading,
    Recipient,
    Sensor,
    StreamId,
    Unit,
)
from bandschema.records import ConsentRecord, Identity, ManifestEntry, StreamDescriptor


def sample_bytes(stream_id: int, first: int, count: int) -> bytes:
    """Samples whose value says their number: optical 3 channels of 3 bytes, motion 3 of 2 signed."""
    numbers = range(first, first + count)
    if stream_id == 1:
        values = [(number * 3 + channel) & 0x3FFFF for number in numbers for channel in range(3)]
        return b"".join(struct.pack("<I", value)[:3] for value in values)
    values = [-number if channel == 0 else number for number in numbers for channel in range(3)]
    return struct.pack(f"<{len(values)}h", *values)


def identity(capabilities: Capability) -> Identity:
    return Identity(
        maker="Vitalband",
        model="Fake",
        hardware="test r1",
        serial="0001",
        firmware_major=0,
        firmware_minor=1,
        firmware_patch=0,
        firmware_digest=bytes(range(32)),
        protocol_version=3,
        capabilities=capabilities,
        image_profile=ImageProfile.DEVELOPMENT,
        certification="none",
    )


def consent(action: ConsentAction, groups: Group = ~Group.STANDARD_SERVICES) -> ConsentRecord:
    return ConsentRecord(
        action=action, groups=groups, manifest_digest=b"manifest", firmware_digest=bytes(8),
        issuance_digest=bytes(8),
    )  # fmt: skip


def manifest() -> list[ManifestEntry]:
    return [
        ManifestEntry(
            entry=index,
            entry_count=2,
            manifest_digest=b"manifest",
            reading_id=int(Reading.HEART_RATE_BPM) if index == 0 else 0,
            stream_id=0 if index == 0 else 1,
            group=Group.PULSE if index == 0 else Group.RAW_OPTICAL,
            page=Page.HEART,
            unit=Unit.PER_MINUTE if index == 0 else Unit.NONE,
            interval_ms=2000 if index == 0 else 40,
            retention_h=24,
            recipients=Recipient.WEARER | Recipient.HOST,
            name_en="Heart rate" if index == 0 else "Raw pulse",
            name_zh="心率",
            agreement_milli=0,
        )
        for index in range(2)
    ]


def descriptor(stream_id: int) -> StreamDescriptor:
    names = (
        (Channel.RED, Channel.INFRARED, Channel.GREEN)
        if stream_id == 1
        else (Channel.X, Channel.Y, Channel.Z)
    )
    channels = {f"channel_{index}": names[index] if index < 3 else Channel.NONE for index in range(8)}
    return StreamDescriptor(
        stream_id=StreamId(stream_id),
        sensor=Sensor(stream_id),
        channel_count=3,
        sample_bits=18 if stream_id == 1 else 16,
        is_signed=0 if stream_id == 1 else 1,
        rate_mhz=25_000,
        scale_nano=0 if stream_id == 1 else 122_070,
        unit=Unit.NONE if stream_id == 1 else Unit.STANDARD_GRAVITY,
        **channels,
    )
