"""The streams of raw samples that a board has: one row a sensor, from which all else follows."""

from bandwire.frames import (
    CHANNEL_BLUE,
    CHANNEL_GREEN,
    CHANNEL_INFRARED,
    CHANNEL_NONE,
    CHANNEL_RED,
    CHANNEL_X,
    CHANNEL_Y,
    CHANNEL_Z,
    GROUP_BREATHING,
    GROUP_MOTION,
    GROUP_OXYGEN,
    GROUP_PULSE,
    GROUP_RAW_MOTION,
    GROUP_RAW_OPTICAL,
    GROUP_SLEEP,
    KIND_STREAM_DESCRIPTOR,
    PART_MOTION,
    PART_OPTICAL,
    SENSOR_ACCELERATION,
    SENSOR_OPTICAL,
    STREAM_ID_MOTION,
    STREAM_ID_OPTICAL,
    UNIT_NONE,
    UNIT_STANDARD_GRAVITY,
    pack_stream_descriptor_into,
)

CHANNEL_COUNT = 3

# 1 g is 8192 counts of the +-4 g range as the firmware scales it: 1e9 / 8192 = 122070.3.
_NANO_G_PER_COUNT = 122_070


class StreamRow:
    """What is to be known of one sampled sensor; `sampling_groups` are served by its samples."""

    def __init__(self, stream_id, part, sensor, group, sampling_groups):
        self.stream_id = stream_id
        self.part = part
        self.sensor = sensor
        self.group = group
        self.sampling_groups = sampling_groups
        self.name_en = b""
        self.name_zh = b""
        self.rate_hz = 0
        self.sample_bits = 0
        self.is_signed = 0
        self.scale_nano = 0
        self.unit = UNIT_NONE
        self.channels = ()

    def send_descriptor(self, outbox):
        """Say how the samples are to be read."""
        rate_mhz = self.rate_hz * 1000
        end = pack_stream_descriptor_into(
            outbox.buffer, 0, self.stream_id, self.sensor, CHANNEL_COUNT, self.sample_bits, self.is_signed,
            rate_mhz, self.scale_nano, self.unit, *self.channels,
        )  # fmt: skip
        outbox.send(KIND_STREAM_DESCRIPTOR, end)


def optical_row(stack_name):
    """Optical samples; uncalibrated counts, as skin and drive current set their scale."""
    groups = GROUP_RAW_OPTICAL | GROUP_PULSE | GROUP_BREATHING | GROUP_OXYGEN
    row = StreamRow(STREAM_ID_OPTICAL, PART_OPTICAL, SENSOR_OPTICAL, GROUP_RAW_OPTICAL, groups)
    row.name_en, row.name_zh = b"Raw light", "光信号".encode()
    row.rate_hz, row.sample_bits = 25, 18
    if stack_name == "phone_rgb":
        row.channels = _eight(CHANNEL_RED, CHANNEL_GREEN, CHANNEL_BLUE)
    else:
        row.channels = _eight(CHANNEL_RED, CHANNEL_INFRARED, CHANNEL_GREEN)
    return row


def motion_row():
    """Acceleration samples."""
    groups = GROUP_RAW_MOTION | GROUP_MOTION | GROUP_SLEEP
    row = StreamRow(STREAM_ID_MOTION, PART_MOTION, SENSOR_ACCELERATION, GROUP_RAW_MOTION, groups)
    row.name_en, row.name_zh = b"Raw motion", "加速度".encode()
    row.rate_hz, row.sample_bits, row.is_signed = 26, 16, 1
    row.scale_nano, row.unit = _NANO_G_PER_COUNT, UNIT_STANDARD_GRAVITY
    row.channels = _eight(CHANNEL_X, CHANNEL_Y, CHANNEL_Z)
    return row


def _eight(first, second, third):
    return (first, second, third) + (CHANNEL_NONE,) * 5
