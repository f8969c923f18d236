"""GENERATED from protocol/bandschema by `make gen`: do not edit.

Encoder and decoder of every frame, for CPython and MicroPython. `offset` is where the frame
starts in the buffer and `length` its length; both must lie within the buffer. Packing allocates
nothing. Integers must fit their field: CPython raises `struct.error`, MicroPython cuts them.
Bytes and text are padded with NULs to their field and cut when longer; unpacked text has its
padding stripped. Readers honour `tail_offset` and `item_size`, and ignore what they do not know.
"""

import struct

from bandwire.errors import FrameError

try:
    from micropython import const
except ImportError:

    def const(value: int) -> int:
        return value


VERSION = const(3)
HEADER_BYTES = const(12)
MAX_FRAME_BYTES = const(1024)
FIRST_SESSION_KIND = const(0x40)
NO_VALUE = const(-1073741824)

KIND_IDENTITY = const(0x01)
KIND_MANIFEST_ENTRY = const(0x02)
KIND_STREAM_DESCRIPTOR = const(0x03)
KIND_VITALS = const(0x04)
KIND_SAMPLE_BLOCK = const(0x05)
KIND_EVENT = const(0x06)
KIND_CONSENT_RECORD = const(0x07)
KIND_ALERT = const(0x08)
KIND_ACKNOWLEDGE = const(0x09)
KIND_LOG_LINE = const(0x0A)
KIND_ISSUANCE = const(0x0B)
KIND_SELF_TEST_RESULT = const(0x0C)
KIND_COMPRESSED_BLOCK = const(0x0D)
KIND_VITALS_RUN = const(0x0E)
KIND_JOURNAL_LOSS = const(0x0F)
KIND_HANDOVER = const(0x10)
KIND_HELLO = const(0x40)
KIND_COMMAND = const(0x41)
KIND_REPLY = const(0x42)
KIND_TIME_REQUEST = const(0x43)
KIND_TIME_REPLY = const(0x44)
KIND_BACKFILL_REQUEST = const(0x45)
KIND_BACKFILL_RANGE = const(0x46)
KIND_STORE_CONFIRM = const(0x47)
KIND_CUFF_READING = const(0x48)
KIND_JOURNAL_EXTENT = const(0x49)
KIND_HANDSHAKE = const(0x4A)
KIND_PAIRED_HOST = const(0x4B)

KINDS = (
    b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x40\x41\x42\x43"
    b"\x44\x45\x46\x47\x48\x49\x4a\x4b"
)

IDENTITY_BYTES = const(129)
IDENTITY_LEAST_BYTES = const(112)
MANIFEST_ENTRY_BYTES = const(77)
MANIFEST_ENTRY_LEAST_BYTES = const(75)
STREAM_DESCRIPTOR_BYTES = const(34)
VITALS_BYTES = const(15)
VITALS_ITEM_BYTES = const(8)
SAMPLE_BLOCK_BYTES = const(21)
EVENT_BYTES = const(18)
CONSENT_RECORD_BYTES = const(39)
CONSENT_RECORD_LEAST_BYTES = const(23)
ALERT_BYTES = const(22)
ACKNOWLEDGE_BYTES = const(15)
LOG_LINE_BYTES = const(15)
ISSUANCE_BYTES = const(231)
ISSUANCE_LEAST_BYTES = const(183)
SELF_TEST_RESULT_BYTES = const(34)
COMPRESSED_BLOCK_BYTES = const(17)
VITALS_RUN_BYTES = const(12)
JOURNAL_LOSS_BYTES = const(25)
HANDOVER_BYTES = const(19)
HELLO_BYTES = const(45)
HELLO_LEAST_BYTES = const(37)
COMMAND_BYTES = const(20)
REPLY_BYTES = const(19)
TIME_REQUEST_BYTES = const(18)
TIME_REPLY_BYTES = const(18)
BACKFILL_REQUEST_BYTES = const(22)
BACKFILL_RANGE_BYTES = const(23)
STORE_CONFIRM_BYTES = const(20)
CUFF_READING_BYTES = const(22)
JOURNAL_EXTENT_BYTES = const(27)
HANDSHAKE_BYTES = const(13)
PAIRED_HOST_BYTES = const(32)

HANDSHAKE_STEP_PAIR_FIRST = const(1)
HANDSHAKE_STEP_PAIR_SECOND = const(2)
HANDSHAKE_STEP_REVEAL = const(3)
HANDSHAKE_STEP_CONFIRM = const(4)
HANDSHAKE_STEP_PAIRED = const(5)
HANDSHAKE_STEP_RESUME_FIRST = const(6)
HANDSHAKE_STEP_RESUME_SECOND = const(7)
HANDSHAKE_STEP_REFUSED = const(8)

HOST_RIGHT_OWNER = const(1)
HOST_RIGHT_READER = const(2)

REFUSAL_UNKNOWN_KEY = const(1)
REFUSAL_NO_WINDOW = const(2)
REFUSAL_NO_TRIES = const(3)
REFUSAL_NO_SLOT = const(4)
REFUSAL_NOT_STORED = const(5)
REFUSAL_MALFORMED = const(6)
REFUSAL_EXPIRED = const(7)
REFUSAL_DECLINED = const(8)
REFUSAL_WRONG_CODE = const(9)
REFUSAL_FORGED = const(10)
REFUSAL_SECURE_ONLY = const(11)
REFUSAL_CLEAR_ONLY = const(12)
REFUSAL_FORGOTTEN = const(13)

ROLE_BAND = const(0)
ROLE_HOST = const(1)

CAPABILITY_DISPLAY = const(1)
CAPABILITY_VIBRATION = const(2)
CAPABILITY_RAW_OPTICAL = const(4)
CAPABILITY_RAW_MOTION = const(8)
CAPABILITY_BACKFILL = const(16)
CAPABILITY_CUFF_READING = const(32)
CAPABILITY_SEALED_RECORDS = const(64)
CAPABILITY_SECURE_SESSION = const(128)
CAPABILITY_STANDARD_SERVICES = const(256)
CAPABILITY_BONDING = const(512)
CAPABILITY_PRIVATE_RADIO = const(1024)

GROUP_PULSE = const(1)
GROUP_BREATHING = const(2)
GROUP_OXYGEN = const(4)
GROUP_MOTION = const(8)
GROUP_TEMPERATURE = const(16)
GROUP_BLOOD_PRESSURE = const(32)
GROUP_SLEEP = const(64)
GROUP_RAW_OPTICAL = const(128)
GROUP_RAW_MOTION = const(256)
GROUP_DEVICE = const(512)
GROUP_STANDARD_SERVICES = const(1024)

RECIPIENT_WEARER = const(1)
RECIPIENT_HOST = const(2)
RECIPIENT_ISSUER = const(4)

UNIT_NONE = const(0)
UNIT_PER_MINUTE = const(1)
UNIT_PERCENT = const(2)
UNIT_DEGREE_CELSIUS = const(3)
UNIT_MILLIMETRE_OF_MERCURY = const(4)
UNIT_SECOND = const(5)
UNIT_COUNT = const(6)
UNIT_STANDARD_GRAVITY = const(7)
UNIT_NANOAMPERE = const(8)
UNIT_MILLIVOLT = const(9)
UNIT_BYTE = const(10)
UNIT_MILLISECOND = const(11)
UNIT_MILLIHERTZ = const(12)
UNIT_MILLIGRAVITY = const(13)

PAGE_MANIFEST = const(0)
PAGE_HEART = const(1)
PAGE_BREATHING = const(2)
PAGE_OXYGEN = const(3)
PAGE_TEMPERATURE = const(4)
PAGE_MOTION = const(5)
PAGE_BLOOD_PRESSURE = const(6)
PAGE_SLEEP = const(7)
PAGE_STATUS = const(8)
PAGE_IDENTITY = const(9)
PAGE_ISSUANCE = const(10)
PAGE_ALERT = const(11)
PAGE_SELF_TEST = const(12)
PAGE_STANDARD_SERVICES = const(13)
PAGE_HOSTS = const(14)
PAGE_HANDOVER = const(15)
PAGE_PAUSE = const(16)
PAGE_RAW_SIGNAL = const(17)

READING_HEART_RATE_BPM = const(1)
READING_RESPIRATORY_RATE_BPM = const(2)
READING_SPO2_PERCENT = const(3)
READING_SKIN_TEMPERATURE_C = const(4)
READING_CORE_TEMPERATURE_ESTIMATE_C = const(5)
READING_SYSTOLIC_MMHG = const(6)
READING_DIASTOLIC_MMHG = const(7)
READING_CUFF_AGE_S = const(8)
READING_STEPS = const(9)
READING_ACTIVITY = const(10)
READING_SLEEP_STAGE = const(11)
READING_BATTERY_PERCENT = const(12)
READING_ENMO_MG = const(13)
READING_ARM_POSTURE = const(14)
READING_PULSE_INTERVAL_MS = const(15)
READING_RMSSD_MS = const(16)
READING_PULSE_SHAPE_INDEX = const(17)

ACTIVITY_STILL = const(0)
ACTIVITY_LIGHT = const(1)
ACTIVITY_WALK = const(2)
ACTIVITY_RUN = const(3)

ARM_POSTURE_HANGING = const(0)
ARM_POSTURE_LEVEL = const(1)
ARM_POSTURE_RAISED = const(2)

SLEEP_STAGE_WAKE = const(0)
SLEEP_STAGE_NREM = const(1)
SLEEP_STAGE_REM = const(2)
SLEEP_STAGE_ASLEEP = const(3)

VALIDITY_UNKNOWN = const(0)
VALIDITY_VALID = const(1)
VALIDITY_LOW_QUALITY = const(2)
VALIDITY_STALE = const(3)

CONTACT_UNKNOWN = const(0)
CONTACT_OFF_WRIST = const(1)
CONTACT_ON_WRIST = const(2)
CONTACT_WEAK = const(3)

CAUSE_NONE = const(0)
CAUSE_STARTING = const(1)
CAUSE_OFF_WRIST = const(2)
CAUSE_WEAK_SIGNAL = const(3)
CAUSE_MOTION = const(4)
CAUSE_LOW_CONFIDENCE = const(5)
CAUSE_OUT_OF_RANGE = const(6)
CAUSE_SENSOR_FAULT = const(7)
CAUSE_NO_CONSENT = const(8)
CAUSE_NO_CUFF_READING = const(9)
CAUSE_CUFF_READING_EXPIRED = const(10)
CAUSE_STALE = const(11)
CAUSE_THRESHOLD = const(12)
CAUSE_SCORE = const(13)
CAUSE_LINK_LOST = const(14)
CAUSE_PAUSED = const(15)

SENSOR_OPTICAL = const(1)
SENSOR_ACCELERATION = const(2)

CHANNEL_NONE = const(0)
CHANNEL_RED = const(1)
CHANNEL_INFRARED = const(2)
CHANNEL_GREEN = const(3)
CHANNEL_BLUE = const(4)
CHANNEL_X = const(5)
CHANNEL_Y = const(6)
CHANNEL_Z = const(7)

STREAM_ID_OPTICAL = const(1)
STREAM_ID_MOTION = const(2)

ENCODING_PLAIN = const(0)

EVENT_KIND_STARTED = const(1)
EVENT_KIND_BUTTON_SHORT = const(2)
EVENT_KIND_BUTTON_LONG = const(3)
EVENT_KIND_WORN = const(4)
EVENT_KIND_NOT_WORN = const(5)
EVENT_KIND_CHARGING = const(6)
EVENT_KIND_NOT_CHARGING = const(7)
EVENT_KIND_BATTERY_LOW = const(8)
EVENT_KIND_DROPPED = const(9)
EVENT_KIND_FAULT = const(10)
EVENT_KIND_RECOVERED = const(11)
EVENT_KIND_WIPE_REFUSED = const(12)
EVENT_KIND_PAGE_SHOWN = const(13)

PART_NONE = const(0)
PART_OPTICAL = const(1)
PART_MOTION = const(2)
PART_THERMOMETER = const(3)
PART_DISPLAY = const(4)
PART_FUEL_GAUGE = const(5)
PART_STORAGE = const(6)
PART_LINK = const(7)
PART_TASK = const(8)
PART_BUTTON = const(9)
PART_MOTOR = const(10)

ALERT_LEVEL_CLEAR = const(0)
ALERT_LEVEL_WATCH = const(1)
ALERT_LEVEL_WARNING = const(2)
ALERT_LEVEL_ALARM = const(3)
ALERT_LEVEL_FAULT = const(4)

ACKNOWLEDGED_BY_WEARER = const(0)
ACKNOWLEDGED_BY_HOST = const(1)

COMMAND_CODE_SEND_IDENTITY = const(1)
COMMAND_CODE_SEND_MANIFEST = const(2)
COMMAND_CODE_DESCRIBE_STREAM = const(3)
COMMAND_CODE_START_STREAM = const(4)
COMMAND_CODE_STOP_STREAM = const(5)
COMMAND_CODE_VIBRATE = const(6)
COMMAND_CODE_SHOW_PAGE = const(7)
COMMAND_CODE_RUN_SELF_TEST = const(8)
COMMAND_CODE_END_SELF_TEST = const(9)
COMMAND_CODE_SEND_JOURNAL = const(10)
COMMAND_CODE_SET_REPORT_INTERVAL = const(11)
COMMAND_CODE_ALLOW_PAIRING = const(12)
COMMAND_CODE_FORGET_HOST = const(13)
COMMAND_CODE_SEND_HOSTS = const(14)
COMMAND_CODE_WIPE = const(15)
COMMAND_CODE_SEND_CONSENT = const(16)

RESULT_OK = const(0)
RESULT_UNKNOWN_COMMAND = const(1)
RESULT_NO_CONSENT = const(2)
RESULT_BAD_ARGUMENT = const(3)
RESULT_NOT_AVAILABLE = const(4)
RESULT_BUSY = const(5)
RESULT_NO_RIGHT = const(6)

CONSENT_ACTION_AGREED = const(1)
CONSENT_ACTION_WITHDRAWN = const(2)
CONSENT_ACTION_IN_FORCE = const(3)
CONSENT_ACTION_PAUSED = const(4)
CONSENT_ACTION_RESUMED = const(5)
CONSENT_ACTION_ENDED = const(6)

BACKFILL_STATE_SENDING = const(0)
BACKFILL_STATE_DONE = const(1)
BACKFILL_STATE_NOT_KEPT = const(2)

LOSS_CAUSE_FULL = const(1)
LOSS_CAUSE_THINNED = const(2)
LOSS_CAUSE_EXPIRED = const(3)
LOSS_CAUSE_WITHDRAWN = const(4)
LOSS_CAUSE_WIPED = const(5)
LOSS_CAUSE_DAMAGED = const(6)

JOURNAL_CLASS_EVENTS = const(1)
JOURNAL_CLASS_VITALS = const(2)
JOURNAL_CLASS_WAVEFORMS = const(3)

LOG_LEVEL_DEBUG = const(10)
LOG_LEVEL_INFO = const(20)
LOG_LEVEL_WARNING = const(30)
LOG_LEVEL_ERROR = const(40)

IMAGE_PROFILE_NOT_TOLD = const(0)
IMAGE_PROFILE_DEVELOPMENT = const(1)
IMAGE_PROFILE_PRODUCT = const(2)

SELF_TEST_WHOLE = const(0)
SELF_TEST_BUTTON = const(1)
SELF_TEST_IDENTITY = const(2)
SELF_TEST_VOLTAGE = const(3)
SELF_TEST_CHARGE = const(4)
SELF_TEST_STORAGE = const(5)
SELF_TEST_HEAP = const(6)
SELF_TEST_RATE = const(7)
SELF_TEST_LIGHT = const(8)
SELF_TEST_NOISE = const(9)
SELF_TEST_GRAVITY = const(10)
SELF_TEST_CONVERSION = const(11)
SELF_TEST_PATTERN = const(12)
SELF_TEST_VIBRATION = const(13)

OUTCOME_WAITING = const(1)
OUTCOME_RUNNING = const(2)
OUTCOME_PASSED = const(3)
OUTCOME_FAILED = const(4)
OUTCOME_SKIPPED = const(5)
OUTCOME_SHOWN = const(6)
OUTCOME_ENDED = const(7)


def _short(name: str, wanted: int, length: int) -> FrameError:
    return FrameError("%s: wanted at least %d bytes, got %d" % (name, wanted, length))


def _bad_tail(name: str, start: int, length: int) -> FrameError:
    return FrameError("%s: tail at %d does not fit a frame of %d bytes" % (name, start, length))


def _zero_filled(
    buffer: "bytes | bytearray | memoryview", offset: int, length: int, size: int
) -> bytearray:
    filled = bytearray(size)
    filled[:length] = buffer[offset : offset + length]
    return filled


def pack_header_into(
    buffer: "bytearray | memoryview",
    offset: int,
    kind: int,
    boot_id: int,
    sequence: int,
    ticks_low: int,
    ticks_high: int,
    drops: int,
) -> None:
    """Write a header; the ticks as two halves of 16 bits, so that no large integer is made."""
    struct.pack_into(
        "<BBHHBHHB",
        buffer,
        offset,
        VERSION,
        kind,
        boot_id,
        sequence & 0xFFFF,
        sequence >> 16,
        ticks_low,
        ticks_high,
        drops,
    )


def unpack_header(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
) -> "tuple[int, int, int, int, int, int]":
    """Read (version, kind, boot_id, sequence, ticks_ms, drops); FrameError when too short."""
    if len(buffer) - offset < HEADER_BYTES:
        raise _short("header", HEADER_BYTES, len(buffer) - offset)
    fields = struct.unpack_from("<BBHHBIB", buffer, offset)
    return (fields[0], fields[1], fields[2], fields[3] | fields[4] << 16, fields[5], fields[6])


def pack_identity_into(
    buffer: "bytearray | memoryview",
    offset: int,
    maker: bytes,
    model: bytes,
    hardware: bytes,
    serial: bytes,
    firmware_major: int,
    firmware_minor: int,
    firmware_patch: int,
    firmware_digest: bytes,
    protocol_version: int,
    capabilities: int,
    image_profile: int,
    certification: bytes,
) -> int:
    """Who made the band and what runs on it."""
    struct.pack_into(
        "<16s16s12s16sBBB32sBIB16s",
        buffer,
        offset + 12,
        maker,
        model,
        hardware,
        serial,
        firmware_major,
        firmware_minor,
        firmware_patch,
        firmware_digest,
        protocol_version,
        capabilities,
        image_profile,
        certification,
    )
    return offset + IDENTITY_BYTES


def unpack_identity(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[bytes, bytes, bytes, bytes, int, int, int, bytes, int, int, int, bytes]":
    """Read the fixed fields in the order in which they are packed."""
    if length < IDENTITY_LEAST_BYTES:
        raise _short("identity", IDENTITY_LEAST_BYTES, length)
    if length < IDENTITY_BYTES:
        buffer, offset = _zero_filled(buffer, offset, length, IDENTITY_BYTES), 0
    fields = struct.unpack_from("<16s16s12s16sBBB32sBIB16s", buffer, offset + 12)
    return (
        fields[0].rstrip(b"\0"),
        fields[1].rstrip(b"\0"),
        fields[2].rstrip(b"\0"),
        fields[3].rstrip(b"\0"),
        fields[4],
        fields[5],
        fields[6],
        fields[7],
        fields[8],
        fields[9],
        fields[10],
        fields[11].rstrip(b"\0"),
    )


def pack_manifest_entry_into(
    buffer: "bytearray | memoryview",
    offset: int,
    entry: int,
    entry_count: int,
    manifest_digest: bytes,
    reading_id: int,
    stream_id: int,
    group: int,
    page: int,
    unit: int,
    interval_ms: int,
    retention_h: int,
    recipients: int,
    name_en: bytes,
    name_zh: bytes,
    agreement_milli: int,
) -> int:
    """One item of the list of all that the band collects."""
    struct.pack_into(
        "<BB8sBBHBBIHB16s24sH",
        buffer,
        offset + 12,
        entry,
        entry_count,
        manifest_digest,
        reading_id,
        stream_id,
        group,
        page,
        unit,
        interval_ms,
        retention_h,
        recipients,
        name_en,
        name_zh,
        agreement_milli,
    )
    return offset + MANIFEST_ENTRY_BYTES


def unpack_manifest_entry(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, bytes, int, int, int, int, int, int, int, int, bytes, bytes, int]":
    """Read the fixed fields in the order in which they are packed."""
    if length < MANIFEST_ENTRY_LEAST_BYTES:
        raise _short("manifest_entry", MANIFEST_ENTRY_LEAST_BYTES, length)
    if length < MANIFEST_ENTRY_BYTES:
        buffer, offset = _zero_filled(buffer, offset, length, MANIFEST_ENTRY_BYTES), 0
    fields = struct.unpack_from("<BB8sBBHBBIHB16s24sH", buffer, offset + 12)
    return (
        fields[0],
        fields[1],
        fields[2],
        fields[3],
        fields[4],
        fields[5],
        fields[6],
        fields[7],
        fields[8],
        fields[9],
        fields[10],
        fields[11].rstrip(b"\0"),
        fields[12].rstrip(b"\0"),
        fields[13],
    )


def pack_stream_descriptor_into(
    buffer: "bytearray | memoryview",
    offset: int,
    stream_id: int,
    sensor: int,
    channel_count: int,
    sample_bits: int,
    is_signed: int,
    rate_mhz: int,
    scale_nano: int,
    unit: int,
    channel_0: int,
    channel_1: int,
    channel_2: int,
    channel_3: int,
    channel_4: int,
    channel_5: int,
    channel_6: int,
    channel_7: int,
) -> int:
    """How the samples of a stream are to be read; sent at its start and when asked for."""
    struct.pack_into(
        "<BBBBBIIBBBBBBBBB",
        buffer,
        offset + 12,
        stream_id,
        sensor,
        channel_count,
        sample_bits,
        is_signed,
        rate_mhz,
        scale_nano,
        unit,
        channel_0,
        channel_1,
        channel_2,
        channel_3,
        channel_4,
        channel_5,
        channel_6,
        channel_7,
    )
    return offset + STREAM_DESCRIPTOR_BYTES


def unpack_stream_descriptor(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int, int, int]":
    """Read the fixed fields in the order in which they are packed."""
    if length < STREAM_DESCRIPTOR_BYTES:
        raise _short("stream_descriptor", STREAM_DESCRIPTOR_BYTES, length)
    return struct.unpack_from("<BBBBBIIBBBBBBBBB", buffer, offset + 12)


def pack_vitals_into(buffer: "bytearray | memoryview", offset: int, contact: int) -> int:
    """The readings as the display shows them at this tick."""
    struct.pack_into("<BBB", buffer, offset + 12, VITALS_BYTES, VITALS_ITEM_BYTES, contact)
    return offset + VITALS_BYTES


def unpack_vitals(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int]":
    """Read (contact)."""
    if length < VITALS_BYTES:
        raise _short("vitals", VITALS_BYTES, length)
    return struct.unpack_from("<B", buffer, offset + 14)


def pack_vitals_item_into(
    buffer: "bytearray | memoryview",
    offset: int,
    index: int,
    reading_id: int,
    validity: int,
    quality: int,
    cause: int,
    raw_value: int,
) -> int:
    """Write one of the readings; gives the end of the frame so far."""
    start = offset + VITALS_BYTES + index * VITALS_ITEM_BYTES
    struct.pack_into("<BBBBi", buffer, start, reading_id, validity, quality, cause, raw_value)
    return start + VITALS_ITEM_BYTES


def vitals_item_count(buffer: "bytes | bytearray | memoryview", offset: int, length: int) -> int:
    """How many readings the frame holds; FrameError when they do not fill it."""
    if length < VITALS_BYTES:
        raise _short("vitals", VITALS_BYTES, length)
    start = buffer[offset + 12]
    if start < VITALS_BYTES or start > length:
        raise _bad_tail("vitals", start, length)
    item_size = buffer[offset + 13]
    if item_size < VITALS_ITEM_BYTES or (length - start) % item_size:
        raise _bad_tail("vitals", start, length)
    return (length - start) // item_size


def unpack_vitals_item(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    index: int,
) -> "tuple[int, int, int, int, int]":
    """Read (reading_id, validity, quality, cause, raw_value); `index` must be below the count."""
    start = offset + buffer[offset + 12] + index * buffer[offset + 13]
    return struct.unpack_from("<BBBBi", buffer, start)


def pack_sample_block_into(
    buffer: "bytearray | memoryview",
    offset: int,
    stream_id: int,
    encoding: int,
    sample_count: int,
    first_sample: int,
) -> int:
    """Consecutive raw samples of one stream."""
    struct.pack_into(
        "<BBBHI",
        buffer,
        offset + 12,
        SAMPLE_BLOCK_BYTES,
        stream_id,
        encoding,
        sample_count,
        first_sample,
    )
    return offset + SAMPLE_BLOCK_BYTES


def unpack_sample_block(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int]":
    """Read (stream_id, encoding, sample_count, first_sample)."""
    if length < SAMPLE_BLOCK_BYTES:
        raise _short("sample_block", SAMPLE_BLOCK_BYTES, length)
    return struct.unpack_from("<BBHI", buffer, offset + 13)


def samples_span_of_sample_block(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Start and stop of the samples within the buffer."""
    if length < SAMPLE_BLOCK_BYTES:
        raise _short("sample_block", SAMPLE_BLOCK_BYTES, length)
    start = buffer[offset + 12]
    if start < SAMPLE_BLOCK_BYTES or start > length:
        raise _bad_tail("sample_block", start, length)
    return offset + start, offset + length


def pack_event_into(
    buffer: "bytearray | memoryview",
    offset: int,
    event: int,
    part: int,
    detail: int,
) -> int:
    """Something happened on the band."""
    struct.pack_into("<BBi", buffer, offset + 12, event, part, detail)
    return offset + EVENT_BYTES


def unpack_event(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int]":
    """Read (event, part, detail)."""
    if length < EVENT_BYTES:
        raise _short("event", EVENT_BYTES, length)
    return struct.unpack_from("<BBi", buffer, offset + 12)


def pack_consent_record_into(
    buffer: "bytearray | memoryview",
    offset: int,
    action: int,
    groups: int,
    manifest_digest: bytes,
    firmware_digest: bytes,
    issuance_digest: bytes,
) -> int:
    """The wearer agreed or withdrew, by button; at each start, what is agreed to."""
    struct.pack_into(
        "<BH8s8s8s",
        buffer,
        offset + 12,
        action,
        groups,
        manifest_digest,
        firmware_digest,
        issuance_digest,
    )
    return offset + CONSENT_RECORD_BYTES


def unpack_consent_record(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, bytes, bytes, bytes]":
    """Read (action, groups, manifest_digest, firmware_digest, issuance_digest)."""
    if length < CONSENT_RECORD_LEAST_BYTES:
        raise _short("consent_record", CONSENT_RECORD_LEAST_BYTES, length)
    if length < CONSENT_RECORD_BYTES:
        buffer, offset = _zero_filled(buffer, offset, length, CONSENT_RECORD_BYTES), 0
    return struct.unpack_from("<BH8s8s8s", buffer, offset + 12)


def pack_alert_into(
    buffer: "bytearray | memoryview",
    offset: int,
    alert_id: int,
    level: int,
    cause: int,
    reading_id: int,
    score: int,
    raw_value: int,
) -> int:
    """An early warning from the host, for the wearer to see; reserved for the band, which sends none."""
    struct.pack_into(
        "<HBBBBi",
        buffer,
        offset + 12,
        alert_id,
        level,
        cause,
        reading_id,
        score,
        raw_value,
    )
    return offset + ALERT_BYTES


def unpack_alert(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int, int]":
    """Read (alert_id, level, cause, reading_id, score, raw_value)."""
    if length < ALERT_BYTES:
        raise _short("alert", ALERT_BYTES, length)
    return struct.unpack_from("<HBBBBi", buffer, offset + 12)


def pack_acknowledge_into(
    buffer: "bytearray | memoryview",
    offset: int,
    alert_id: int,
    acknowledged_by: int,
) -> int:
    """Somebody has seen an alert."""
    struct.pack_into("<HB", buffer, offset + 12, alert_id, acknowledged_by)
    return offset + ACKNOWLEDGE_BYTES


def unpack_acknowledge(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Read (alert_id, acknowledged_by)."""
    if length < ACKNOWLEDGE_BYTES:
        raise _short("acknowledge", ACKNOWLEDGE_BYTES, length)
    return struct.unpack_from("<HB", buffer, offset + 12)


def pack_log_line_into(buffer: "bytearray | memoryview", offset: int, level: int, part: int) -> int:
    """A line for the engineer; never about the wearer."""
    struct.pack_into("<BBB", buffer, offset + 12, LOG_LINE_BYTES, level, part)
    return offset + LOG_LINE_BYTES


def unpack_log_line(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Read (level, part)."""
    if length < LOG_LINE_BYTES:
        raise _short("log_line", LOG_LINE_BYTES, length)
    return struct.unpack_from("<BB", buffer, offset + 13)


def text_span_of_log_line(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Start and stop of the text within the buffer."""
    if length < LOG_LINE_BYTES:
        raise _short("log_line", LOG_LINE_BYTES, length)
    start = buffer[offset + 12]
    if start < LOG_LINE_BYTES or start > length:
        raise _bad_tail("log_line", start, length)
    return offset + start, offset + length


def pack_issuance_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    issuer: bytes,
    contact: bytes,
    purpose: bytes,
    notice: bytes,
    is_voluntary: int,
    start_unix_s: int,
    end_unix_s: int,
    refusal: bytes,
) -> int:
    """Who asks for the wearing, and on what terms; shown on the display."""
    struct.pack_into(
        "<H32s32s48s48sBII48s",
        buffer,
        offset + 12,
        request_id,
        issuer,
        contact,
        purpose,
        notice,
        is_voluntary,
        start_unix_s,
        end_unix_s,
        refusal,
    )
    return offset + ISSUANCE_BYTES


def unpack_issuance(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, bytes, bytes, bytes, bytes, int, int, int, bytes]":
    """Read the fixed fields in the order in which they are packed."""
    if length < ISSUANCE_LEAST_BYTES:
        raise _short("issuance", ISSUANCE_LEAST_BYTES, length)
    if length < ISSUANCE_BYTES:
        buffer, offset = _zero_filled(buffer, offset, length, ISSUANCE_BYTES), 0
    fields = struct.unpack_from("<H32s32s48s48sBII48s", buffer, offset + 12)
    return (
        fields[0],
        fields[1].rstrip(b"\0"),
        fields[2].rstrip(b"\0"),
        fields[3].rstrip(b"\0"),
        fields[4].rstrip(b"\0"),
        fields[5],
        fields[6],
        fields[7],
        fields[8].rstrip(b"\0"),
    )


def pack_self_test_result_into(
    buffer: "bytearray | memoryview",
    offset: int,
    run_id: int,
    test: int,
    part: int,
    outcome: int,
    unit: int,
    value: int,
    lower_limit: int,
    upper_limit: int,
    detail: int,
) -> int:
    """How one test of a self-test stands; never a vital sign or a sample of one."""
    struct.pack_into(
        "<HBBBBiiii",
        buffer,
        offset + 12,
        run_id,
        test,
        part,
        outcome,
        unit,
        value,
        lower_limit,
        upper_limit,
        detail,
    )
    return offset + SELF_TEST_RESULT_BYTES


def unpack_self_test_result(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int, int, int, int, int]":
    """Read (run_id, test, part, outcome, unit, value, lower_limit, upper_limit, detail)."""
    if length < SELF_TEST_RESULT_BYTES:
        raise _short("self_test_result", SELF_TEST_RESULT_BYTES, length)
    return struct.unpack_from("<HBBBBiiii", buffer, offset + 12)


def pack_compressed_block_into(
    buffer: "bytearray | memoryview",
    offset: int,
    head: int,
    first_sample: int,
) -> int:
    """Consecutive raw samples of one stream, compressed without loss."""
    struct.pack_into("<HHB", buffer, offset + 12, head, first_sample & 0xFFFF, first_sample >> 16)
    return offset + COMPRESSED_BLOCK_BYTES


def unpack_compressed_block(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Read (head, first_sample)."""
    if length < COMPRESSED_BLOCK_BYTES:
        raise _short("compressed_block", COMPRESSED_BLOCK_BYTES, length)
    fields = struct.unpack_from("<HHB", buffer, offset + 12)
    return (fields[0], fields[1] | fields[2] << 16)


def block_span_of_compressed_block(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Start and stop of the block within the buffer."""
    if length < COMPRESSED_BLOCK_BYTES:
        raise _short("compressed_block", COMPRESSED_BLOCK_BYTES, length)
    start = COMPRESSED_BLOCK_BYTES
    return offset + start, offset + length


def pack_vitals_run_into(buffer: "bytearray | memoryview", offset: int) -> int:
    """Successive updates of the readings, as the display showed them; the tick is that of the last."""
    return offset + VITALS_RUN_BYTES


def updates_span_of_vitals_run(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Start and stop of the updates within the buffer."""
    if length < VITALS_RUN_BYTES:
        raise _short("vitals_run", VITALS_RUN_BYTES, length)
    start = VITALS_RUN_BYTES
    return offset + start, offset + length


def pack_journal_loss_into(
    buffer: "bytearray | memoryview",
    offset: int,
    lost_boot_id: int,
    first_sequence: int,
    last_sequence: int,
    frame_count: int,
    lost_class: int,
    loss_cause: int,
) -> int:
    """The journal gave up numbered frames that no host had confirmed."""
    struct.pack_into(
        "<HHBHBHBBB",
        buffer,
        offset + 12,
        lost_boot_id,
        first_sequence & 0xFFFF,
        first_sequence >> 16,
        last_sequence & 0xFFFF,
        last_sequence >> 16,
        frame_count & 0xFFFF,
        frame_count >> 16,
        lost_class,
        loss_cause,
    )
    return offset + JOURNAL_LOSS_BYTES


def unpack_journal_loss(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int, int]":
    """Read (lost_boot_id, first_sequence, last_sequence, frame_count, lost_class, loss_cause)."""
    if length < JOURNAL_LOSS_BYTES:
        raise _short("journal_loss", JOURNAL_LOSS_BYTES, length)
    fields = struct.unpack_from("<HHBHBHBBB", buffer, offset + 12)
    return (
        fields[0],
        fields[1] | fields[2] << 16,
        fields[3] | fields[4] << 16,
        fields[5] | fields[6] << 16,
        fields[7],
        fields[8],
    )


def pack_handover_into(
    buffer: "bytearray | memoryview",
    offset: int,
    handover_count: int,
    wiped_unix_s: int,
    is_worn: int,
) -> int:
    """How often the band has changed its wearer, and the receipt of the last wipe."""
    struct.pack_into("<HIB", buffer, offset + 12, handover_count, wiped_unix_s, is_worn)
    return offset + HANDOVER_BYTES


def unpack_handover(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int]":
    """Read (handover_count, wiped_unix_s, is_worn)."""
    if length < HANDOVER_BYTES:
        raise _short("handover", HANDOVER_BYTES, length)
    return struct.unpack_from("<HIB", buffer, offset + 12)


def pack_hello_into(
    buffer: "bytearray | memoryview",
    offset: int,
    role: int,
    protocol_minimum: int,
    protocol_maximum: int,
    max_frame_bytes: int,
    capabilities: int,
    band_id: bytes,
    session_id: bytes,
    challenge_id: bytes,
) -> int:
    """First frame of a connection, each way; the highest common version is spoken after it."""
    struct.pack_into(
        "<BBBHI8s8s8s",
        buffer,
        offset + 12,
        role,
        protocol_minimum,
        protocol_maximum,
        max_frame_bytes,
        capabilities,
        band_id,
        session_id,
        challenge_id,
    )
    return offset + HELLO_BYTES


def unpack_hello(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int, bytes, bytes, bytes]":
    """Read the fixed fields in the order in which they are packed."""
    if length < HELLO_LEAST_BYTES:
        raise _short("hello", HELLO_LEAST_BYTES, length)
    if length < HELLO_BYTES:
        buffer, offset = _zero_filled(buffer, offset, length, HELLO_BYTES), 0
    return struct.unpack_from("<BBBHI8s8s8s", buffer, offset + 12)


def pack_command_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    command: int,
    stream_id: int,
    argument: int,
) -> int:
    """The host asks the band to do something."""
    struct.pack_into("<HBBi", buffer, offset + 12, request_id, command, stream_id, argument)
    return offset + COMMAND_BYTES


def unpack_command(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int]":
    """Read (request_id, command, stream_id, argument)."""
    if length < COMMAND_BYTES:
        raise _short("command", COMMAND_BYTES, length)
    return struct.unpack_from("<HBBi", buffer, offset + 12)


def pack_reply_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    result: int,
    detail: int,
) -> int:
    """The band answers a request."""
    struct.pack_into("<HBi", buffer, offset + 12, request_id, result, detail)
    return offset + REPLY_BYTES


def unpack_reply(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int]":
    """Read (request_id, result, detail)."""
    if length < REPLY_BYTES:
        raise _short("reply", REPLY_BYTES, length)
    return struct.unpack_from("<HBi", buffer, offset + 12)


def pack_time_request_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    unix_time_s: int,
) -> int:
    """The host asks for the band's ticks."""
    struct.pack_into("<HI", buffer, offset + 12, request_id, unix_time_s)
    return offset + TIME_REQUEST_BYTES


def unpack_time_request(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Read (request_id, unix_time_s)."""
    if length < TIME_REQUEST_BYTES:
        raise _short("time_request", TIME_REQUEST_BYTES, length)
    return struct.unpack_from("<HI", buffer, offset + 12)


def pack_time_reply_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    received_ticks_ms: int,
) -> int:
    """The band's ticks; the header holds those of sending."""
    struct.pack_into("<HI", buffer, offset + 12, request_id, received_ticks_ms)
    return offset + TIME_REPLY_BYTES


def unpack_time_reply(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Read (request_id, received_ticks_ms)."""
    if length < TIME_REPLY_BYTES:
        raise _short("time_reply", TIME_REPLY_BYTES, length)
    return struct.unpack_from("<HI", buffer, offset + 12)


def pack_backfill_request_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    wanted_boot_id: int,
    first_sequence: int,
    frame_count: int,
) -> int:
    """The host asks for frames that it misses."""
    struct.pack_into(
        "<HHHBHB",
        buffer,
        offset + 12,
        request_id,
        wanted_boot_id,
        first_sequence & 0xFFFF,
        first_sequence >> 16,
        frame_count & 0xFFFF,
        frame_count >> 16,
    )
    return offset + BACKFILL_REQUEST_BYTES


def unpack_backfill_request(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int]":
    """Read (request_id, wanted_boot_id, first_sequence, frame_count)."""
    if length < BACKFILL_REQUEST_BYTES:
        raise _short("backfill_request", BACKFILL_REQUEST_BYTES, length)
    fields = struct.unpack_from("<HHHBHB", buffer, offset + 12)
    return (fields[0], fields[1], fields[2] | fields[3] << 16, fields[4] | fields[5] << 16)


def pack_backfill_range_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    state: int,
    wanted_boot_id: int,
    first_sequence: int,
    frame_count: int,
) -> int:
    """What the band has of a backfill request."""
    struct.pack_into(
        "<HBHHBHB",
        buffer,
        offset + 12,
        request_id,
        state,
        wanted_boot_id,
        first_sequence & 0xFFFF,
        first_sequence >> 16,
        frame_count & 0xFFFF,
        frame_count >> 16,
    )
    return offset + BACKFILL_RANGE_BYTES


def unpack_backfill_range(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int]":
    """Read (request_id, state, wanted_boot_id, first_sequence, frame_count)."""
    if length < BACKFILL_RANGE_BYTES:
        raise _short("backfill_range", BACKFILL_RANGE_BYTES, length)
    fields = struct.unpack_from("<HBHHBHB", buffer, offset + 12)
    return (
        fields[0],
        fields[1],
        fields[2],
        fields[3] | fields[4] << 16,
        fields[5] | fields[6] << 16,
    )


def pack_store_confirm_into(
    buffer: "bytearray | memoryview",
    offset: int,
    confirmed_boot_id: int,
    first_sequence: int,
    frame_count: int,
) -> int:
    """The host has written frames durably."""
    struct.pack_into(
        "<HHBHB",
        buffer,
        offset + 12,
        confirmed_boot_id,
        first_sequence & 0xFFFF,
        first_sequence >> 16,
        frame_count & 0xFFFF,
        frame_count >> 16,
    )
    return offset + STORE_CONFIRM_BYTES


def unpack_store_confirm(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int]":
    """Read (confirmed_boot_id, first_sequence, frame_count)."""
    if length < STORE_CONFIRM_BYTES:
        raise _short("store_confirm", STORE_CONFIRM_BYTES, length)
    fields = struct.unpack_from("<HHBHB", buffer, offset + 12)
    return (fields[0], fields[1] | fields[2] << 16, fields[3] | fields[4] << 16)


def pack_cuff_reading_into(
    buffer: "bytearray | memoryview",
    offset: int,
    request_id: int,
    systolic_mmhg: int,
    diastolic_mmhg: int,
    age_s: int,
) -> int:
    """The wearer's own blood-pressure reading, by cuff."""
    struct.pack_into("<HHHI", buffer, offset + 12, request_id, systolic_mmhg, diastolic_mmhg, age_s)
    return offset + CUFF_READING_BYTES


def unpack_cuff_reading(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int]":
    """Read (request_id, systolic_mmhg, diastolic_mmhg, age_s)."""
    if length < CUFF_READING_BYTES:
        raise _short("cuff_reading", CUFF_READING_BYTES, length)
    return struct.unpack_from("<HHHI", buffer, offset + 12)


def pack_journal_extent_into(
    buffer: "bytearray | memoryview",
    offset: int,
    extent: int,
    extent_count: int,
    described_boot_id: int,
    first_sequence: int,
    next_sequence: int,
    frame_count: int,
) -> int:
    """What the journal keeps of one boot; one for each boot, the newest last."""
    struct.pack_into(
        "<HHHHBHBHB",
        buffer,
        offset + 12,
        extent,
        extent_count,
        described_boot_id,
        first_sequence & 0xFFFF,
        first_sequence >> 16,
        next_sequence & 0xFFFF,
        next_sequence >> 16,
        frame_count & 0xFFFF,
        frame_count >> 16,
    )
    return offset + JOURNAL_EXTENT_BYTES


def unpack_journal_extent(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, int, int]":
    """Read the fixed fields in the order in which they are packed."""
    if length < JOURNAL_EXTENT_BYTES:
        raise _short("journal_extent", JOURNAL_EXTENT_BYTES, length)
    fields = struct.unpack_from("<HHHHBHBHB", buffer, offset + 12)
    return (
        fields[0],
        fields[1],
        fields[2],
        fields[3] | fields[4] << 16,
        fields[5] | fields[6] << 16,
        fields[7] | fields[8] << 16,
    )


def pack_handshake_into(buffer: "bytearray | memoryview", offset: int, step: int) -> int:
    """A step on the way to a secure session, or the word that ends it."""
    struct.pack_into("<B", buffer, offset + 12, step)
    return offset + HANDSHAKE_BYTES


def unpack_handshake(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int]":
    """Read (step)."""
    if length < HANDSHAKE_BYTES:
        raise _short("handshake", HANDSHAKE_BYTES, length)
    return struct.unpack_from("<B", buffer, offset + 12)


def message_span_of_handshake(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int]":
    """Start and stop of the message within the buffer."""
    if length < HANDSHAKE_BYTES:
        raise _short("handshake", HANDSHAKE_BYTES, length)
    start = HANDSHAKE_BYTES
    return offset + start, offset + length


def pack_paired_host_into(
    buffer: "bytearray | memoryview",
    offset: int,
    host_id: int,
    host_count: int,
    right: int,
    is_asker: int,
    name: bytes,
) -> int:
    """A host whose key the band keeps; one for each, by number."""
    struct.pack_into("<BBBB16s", buffer, offset + 12, host_id, host_count, right, is_asker, name)
    return offset + PAIRED_HOST_BYTES


def unpack_paired_host(
    buffer: "bytes | bytearray | memoryview",
    offset: int,
    length: int,
) -> "tuple[int, int, int, int, bytes]":
    """Read (host_id, host_count, right, is_asker, name)."""
    if length < PAIRED_HOST_BYTES:
        raise _short("paired_host", PAIRED_HOST_BYTES, length)
    fields = struct.unpack_from("<BBBB16s", buffer, offset + 12)
    return (fields[0], fields[1], fields[2], fields[3], fields[4].rstrip(b"\0"))
