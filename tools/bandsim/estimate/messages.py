"""What the host tells the lane of a recording, and what the lane reports: little-endian bytes.

The stream is a setup of 32 bytes and then messages: a header of 16 bytes (kind, count, three numbers) and
`count` samples. All samples before a step come before its message. `bandsim/estimate_lane/estimating.py`
is the lane's side.

| kind            | count       | numbers                        | behind the header                      |
|-----------------|-------------|--------------------------------|----------------------------------------|
| LIGHT           | samples     |                                | int32 of each channel, 25 Hz           |
| ACCELERATION    | samples     |                                | int16 x, y, z, 25 Hz, beside the light |
| NO_ACCELERATION |             |                                |                                        |
| MOVES           | samples     |                                | int16 x, y, z at their own rate        |
| TEMPERATURE     |             | 1/128 C                        |                                        |
| CUFF            |             | systolic, diastolic, time in s |                                        |
| STEP            |             | time in s                      |                                        |
| EPOCH           |             | counts, rate, deviation in 1/16|                                        |
| FINISH          |             |                                |                                        |

After STEP, EPOCH and FINISH comes a report, after FINISH one for each epoch of sleep that waited, then DONE.
"""

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from bandsim.bus import Readable
from bandwire.catalogue import READING_COUNT

ADDRESS = 0x33
"""Of the chip that gives the recording and takes the reports."""

SETUP = Struct("<4BBBBxI20s")
"""Numbers of the channels' light, how many channels, flags, readings of a report, rate of MOVES in mHz, name
of the optical stack."""

NO_CHANNEL = 255
HAS_CONTACT_LEVEL, HAS_OXYGEN, IS_KNOWN_WORN, HAS_EPOCHS = 1, 2, 4, 8
HEADER = Struct("<HHiii")
_REPORT_HEADER = Struct("<BBHiii")
_REPORT_READING = Struct("<iBBBx")


class Kind(IntEnum):
    """Kinds of messages."""

    LIGHT = 1
    ACCELERATION = 2
    NO_ACCELERATION = 3
    MOVES = 4
    TEMPERATURE = 5
    CUFF = 6
    STEP = 7
    EPOCH = 8
    FINISH = 9


class After(IntEnum):
    """What a report follows."""

    STEP = 1
    EPOCH = 2
    THE_END = 3
    FLUSH = 4
    DONE = 5


@dataclass(frozen=True, slots=True)
class RawReading:
    """One slot of the reading table."""

    raw: int
    validity: int
    quality: int
    cause: int


@dataclass(frozen=True, slots=True)
class Report:
    """The reading table, the heart rate whatever its validity (0 for none), epochs taken and not yet told."""

    after: After
    contact: int
    rate_tenths: int
    epochs: int
    waiting: int
    readings: tuple[RawReading, ...]


def message(kind: Kind, count: int = 0, numbers: tuple[int, ...] = (), data: bytes = b"") -> bytes:
    """The bytes of a message."""
    return HEADER.pack(kind, count, *(*numbers, 0, 0, 0)[:3]) + data


def report_of(data: Readable) -> Report:
    """Read a report."""
    after, contact, count, rate_tenths, epochs, waiting = _REPORT_HEADER.unpack_from(data)
    wanted = _REPORT_HEADER.size + READING_COUNT * _REPORT_READING.size
    if count != READING_COUNT or len(data) != wanted:
        raise ValueError(f"wanted a report of {READING_COUNT} readings and {wanted} bytes, got {len(data)}")
    body = memoryview(bytes(data))[_REPORT_HEADER.size :]
    readings = tuple(RawReading(*row) for row in _REPORT_READING.iter_unpack(body))
    return Report(After(after), contact, rate_tenths, epochs, waiting, readings)
