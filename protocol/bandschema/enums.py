"""Every enumeration and flag set that travels in a frame, stated once.

Members are emitted as constants for the band, as these classes for the host, and as tables for
the reference. A number is never reused: a retired member stays, marked as retired.
"""

from enum import IntEnum, IntFlag

from bandschema.session_enums import HandshakeStep, HostRight, Refusal

__all__ = ["HandshakeStep", "HostRight", "Refusal"]  # stated in the part


class Role(IntEnum):
    """Who sends a hello."""

    BAND = 0
    HOST = 1


class Capability(IntFlag):
    """What a band or a host can do beyond the plain protocol.

    STANDARD_SERVICES: the wearer can open the band to apps nearby, by the standard services of Bluetooth.
    BONDING: they tell of the wearer to hosts only that have paired with the band; to whoever is near without
    it. PRIVATE_RADIO: what the radio is known by on the air changes. SECURE_SESSION: a session can be sealed.
    SEALED_RECORDS: there is no other.
    """

    DISPLAY = 0x0001
    VIBRATION = 0x0002
    RAW_OPTICAL = 0x0004
    RAW_MOTION = 0x0008
    BACKFILL = 0x0010
    CUFF_READING = 0x0020
    SEALED_RECORDS = 0x0040
    SECURE_SESSION = 0x0080
    STANDARD_SERVICES = 0x0100
    BONDING = 0x0200
    PRIVATE_RADIO = 0x0400


class Group(IntFlag):
    """What a wearer agrees to, group by group; the manifest puts each item in one group.

    STANDARD_SERVICES has no items: it is that any app nearby may read those of the others which the standard
    services of Bluetooth have. The wearer agrees to it apart.
    """

    PULSE = 0x0001
    BREATHING = 0x0002
    OXYGEN = 0x0004
    MOTION = 0x0008
    TEMPERATURE = 0x0010
    BLOOD_PRESSURE = 0x0020
    SLEEP = 0x0040
    RAW_OPTICAL = 0x0080
    RAW_MOTION = 0x0100
    DEVICE = 0x0200
    STANDARD_SERVICES = 0x0400


class Recipient(IntFlag):
    """Who gets an item of the manifest."""

    WEARER = 0x01
    HOST = 0x02
    ISSUER = 0x04


class Unit(IntEnum):
    """Units of readings and of streams."""

    NONE = 0
    PER_MINUTE = 1
    PERCENT = 2
    DEGREE_CELSIUS = 3
    MILLIMETRE_OF_MERCURY = 4
    SECOND = 5
    COUNT = 6
    STANDARD_GRAVITY = 7
    NANOAMPERE = 8
    MILLIVOLT = 9
    BYTE = 10
    MILLISECOND = 11
    MILLIHERTZ = 12
    MILLIGRAVITY = 13


class Page(IntEnum):
    """Pages of the display; a reading without a page cannot be sent."""

    MANIFEST = 0
    HEART = 1
    BREATHING = 2
    OXYGEN = 3
    TEMPERATURE = 4
    MOTION = 5
    BLOOD_PRESSURE = 6
    SLEEP = 7
    STATUS = 8
    IDENTITY = 9
    ISSUANCE = 10
    ALERT = 11
    SELF_TEST = 12
    STANDARD_SERVICES = 13
    HOSTS = 14
    HANDOVER = 15
    PAUSE = 16
    RAW_SIGNAL = 17


class Reading(IntEnum):
    """Identities of the readings; see `bandschema.readings` for unit, scale and page."""

    HEART_RATE_BPM = 1
    RESPIRATORY_RATE_BPM = 2
    SPO2_PERCENT = 3
    SKIN_TEMPERATURE_C = 4
    CORE_TEMPERATURE_ESTIMATE_C = 5
    SYSTOLIC_MMHG = 6
    DIASTOLIC_MMHG = 7
    CUFF_AGE_S = 8
    STEPS = 9
    ACTIVITY = 10
    SLEEP_STAGE = 11
    BATTERY_PERCENT = 12
    ENMO_MG = 13
    ARM_POSTURE = 14
    PULSE_INTERVAL_MS = 15
    RMSSD_MS = 16
    PULSE_SHAPE_INDEX = 17


class Activity(IntEnum):
    """Values of the activity reading."""

    STILL = 0
    LIGHT = 1
    WALK = 2
    RUN = 3


class ArmPosture(IntEnum):
    """Values of the arm posture reading."""

    HANGING = 0
    LEVEL = 1
    RAISED = 2


class SleepStage(IntEnum):
    """Values of the sleep stage reading."""

    WAKE = 0
    NREM = 1
    REM = 2
    ASLEEP = 3


class Validity(IntEnum):
    """Whether a reading may be shown and acted on. Unknown is never zero."""

    UNKNOWN = 0
    VALID = 1
    LOW_QUALITY = 2
    STALE = 3


class Contact(IntEnum):
    """Whether the band is on a wrist."""

    UNKNOWN = 0
    OFF_WRIST = 1
    ON_WRIST = 2
    WEAK = 3


class Cause(IntEnum):
    """Why a reading is not valid, or why an alert was raised."""

    NONE = 0
    STARTING = 1
    OFF_WRIST = 2
    WEAK_SIGNAL = 3
    MOTION = 4
    LOW_CONFIDENCE = 5
    OUT_OF_RANGE = 6
    SENSOR_FAULT = 7
    NO_CONSENT = 8
    NO_CUFF_READING = 9
    CUFF_READING_EXPIRED = 10
    STALE = 11
    THRESHOLD = 12
    SCORE = 13
    LINK_LOST = 14
    PAUSED = 15


class Sensor(IntEnum):
    """Kinds of sampled sensors."""

    OPTICAL = 1
    ACCELERATION = 2


class Channel(IntEnum):
    """Channels of a stream, in the order of its samples."""

    NONE = 0
    RED = 1
    INFRARED = 2
    GREEN = 3
    BLUE = 4
    X = 5
    Y = 6
    Z = 7


class StreamId(IntEnum):
    """Streams of raw samples."""

    OPTICAL = 1
    MOTION = 2


class Encoding(IntEnum):
    """How the body of a block holds its samples; ids are never reused."""

    PLAIN = 0


class EventKind(IntEnum):
    """What happened on the band."""

    STARTED = 1
    BUTTON_SHORT = 2
    BUTTON_LONG = 3
    WORN = 4
    NOT_WORN = 5
    CHARGING = 6
    NOT_CHARGING = 7
    BATTERY_LOW = 8
    DROPPED = 9
    FAULT = 10
    RECOVERED = 11
    WIPE_REFUSED = 12
    PAGE_SHOWN = 13


class Part(IntEnum):
    """Parts of the band that a fault or a self-test can name."""

    NONE = 0
    OPTICAL = 1
    MOTION = 2
    THERMOMETER = 3
    DISPLAY = 4
    FUEL_GAUGE = 5
    STORAGE = 6
    LINK = 7
    TASK = 8
    BUTTON = 9
    MOTOR = 10


class AlertLevel(IntEnum):
    """How urgent an alert is; a fault says that nobody is watching."""

    CLEAR = 0
    WATCH = 1
    WARNING = 2
    ALARM = 3
    FAULT = 4


class AcknowledgedBy(IntEnum):
    """Who acknowledged an alert."""

    WEARER = 0
    HOST = 1


class CommandCode(IntEnum):
    """What a host can ask of the band; an unknown code is refused with a reply."""

    SEND_IDENTITY = 1
    SEND_MANIFEST = 2
    DESCRIBE_STREAM = 3
    START_STREAM = 4
    STOP_STREAM = 5
    VIBRATE = 6
    SHOW_PAGE = 7
    RUN_SELF_TEST = 8
    END_SELF_TEST = 9
    SEND_JOURNAL = 10
    SET_REPORT_INTERVAL = 11
    ALLOW_PAIRING = 12
    FORGET_HOST = 13
    SEND_HOSTS = 14
    WIPE = 15
    SEND_CONSENT = 16


class Result(IntEnum):
    """How the band answers a request."""

    OK = 0
    UNKNOWN_COMMAND = 1
    NO_CONSENT = 2
    BAD_ARGUMENT = 3
    NOT_AVAILABLE = 4
    BUSY = 5
    NO_RIGHT = 6


class ConsentAction(IntEnum):
    """What the wearer did; IN_FORCE: what is agreed to at a start; ENDED: over by its term, or asked anew."""

    AGREED = 1
    WITHDRAWN = 2
    IN_FORCE = 3
    PAUSED = 4
    RESUMED = 5
    ENDED = 6


class BackfillState(IntEnum):
    """What became of a backfill request."""

    SENDING = 0
    DONE = 1
    NOT_KEPT = 2


class LossCause(IntEnum):
    """Why the journal gave up frames that no host had confirmed."""

    FULL = 1
    THINNED = 2
    EXPIRED = 3
    WITHDRAWN = 4
    WIPED = 5
    DAMAGED = 6


class JournalClass(IntEnum):
    """What kinds of frames the journal keeps together, and gives up together."""

    EVENTS = 1
    VITALS = 2
    WAVEFORMS = 3


class LogLevel(IntEnum):
    """How much a log line matters."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


class ImageProfile(IntEnum):
    """How the firmware came onto the band, and whether a prompt is left there."""

    NOT_TOLD = 0
    DEVELOPMENT = 1
    PRODUCT = 2


class SelfTest(IntEnum):
    """Tests of the band's self-test; `WHOLE` is the run of all of them."""

    WHOLE = 0
    BUTTON = 1
    IDENTITY = 2
    VOLTAGE = 3
    CHARGE = 4
    STORAGE = 5
    HEAP = 6
    RATE = 7
    LIGHT = 8
    NOISE = 9
    GRAVITY = 10
    CONVERSION = 11
    PATTERN = 12
    VIBRATION = 13


class Outcome(IntEnum):
    """How a test stands; of one that was `SHOWN` only a person can say whether it passed."""

    WAITING = 1
    RUNNING = 2
    PASSED = 3
    FAILED = 4
    SKIPPED = 5
    SHOWN = 6
    ENDED = 7
