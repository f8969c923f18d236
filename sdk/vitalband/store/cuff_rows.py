"""Cuff readings in a store: each value as the monitor sent it, and from whom it came.

A reading is of the wearer, not of a band. What it says is read from its value anew each time: the columns
beside are the same for those who ask by SQL, and `vitalband.store.check` compares them.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from hashlib import sha256
from zlib import crc32

from vitalband.bluetooth.pressure_measurement import PressureMeasurement, parse_pressure
from vitalband.bluetooth.pressure_monitor import ReceivedPressure
from vitalband.clock import LATEST_UTC_US
from vitalband.errors import RemoteError

READING_ID_BYTES = 16
MOST_OFFSET_S = 86_400
"""No time zone is a day ahead or behind (the limit of Python's own): what says so is damage."""
_EPOCH = datetime(1970, 1, 1)

CUFF_COLUMNS = "value, received_utc_us, cuff_id, utc_offset_s, maker, model, firmware"
"""What a `CuffRow` is made of, in its order."""
DERIVED_COLUMNS = (
    "reading_id, taken_at, taken_utc_us, systolic_mmhg, diastolic_mmhg, mean_arterial_mmhg, pulse_rate_bpm, "
    "user_id, status, row_crc32"
)
"""What follows from those, in the order of `CuffRow.derived`."""
CUFF_SCHEMA = """
CREATE TABLE cuff_readings (
    value BLOB NOT NULL, received_utc_us INTEGER NOT NULL, cuff_id BLOB NOT NULL, utc_offset_s INTEGER,
    maker TEXT, model TEXT, firmware TEXT,
    reading_id BLOB NOT NULL PRIMARY KEY, taken_at TEXT, taken_utc_us INTEGER,
    systolic_mmhg REAL, diastolic_mmhg REAL, mean_arterial_mmhg REAL, pulse_rate_bpm REAL,
    user_id INTEGER, status INTEGER, row_crc32 INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class CuffRow:
    """One reading: the value of the characteristic 0x2A35 and the host's UTC when it came.

    `cuff_id` is the monitor's pseudonym (`vitalband.bluetooth.pseudonym`). `utc_offset_s` is what the host
    took the monitor's clock to be ahead of UTC, None for a reading without a time. Maker, model and firmware
    are the monitor's own words, None where it says nothing.
    """

    value: bytes
    received_utc_us: int
    cuff_id: bytes
    utc_offset_s: int | None
    maker: str | None
    model: str | None
    firmware: str | None

    @classmethod
    def of(cls, received: ReceivedPressure, cuff_id: bytes, zone: tzinfo | None = None) -> "CuffRow":
        """What came from a monitor, whose clock shows the time of `zone`, None for the system's."""
        taken_at = None if received.measurement is None else received.measurement.taken_at
        offset_s = None if taken_at is None else _utc_offset_s(taken_at, zone)
        said = received.source
        return cls(received.value, received.utc_us, cuff_id, offset_s, said.maker, said.model, said.firmware)

    @property
    def is_possible(self) -> bool:
        """Whether its times can have been: one that was read from a damaged file may be anything."""
        offset_s = self.utc_offset_s
        is_zone = offset_s is None or abs(offset_s) <= MOST_OFFSET_S
        return is_zone and 0 <= self.received_utc_us < LATEST_UTC_US

    @cached_property
    def measurement(self) -> PressureMeasurement | None:
        """What the value says; None for one that cannot be read, which is kept all the same."""
        try:
            return parse_pressure(self.value)
        except RemoteError:
            return None

    @property
    def taken_utc_us(self) -> int | None:
        """When it was taken, by the monitor's clock; None when it tells no time."""
        taken_at = None if self.measurement is None else self.measurement.taken_at
        if taken_at is None or self.utc_offset_s is None:
            return None
        return (taken_at - _EPOCH) // timedelta(microseconds=1) - self.utc_offset_s * 1_000_000

    @property
    def reading_id(self) -> bytes:
        """The first 16 bytes of SHA-256 over the value: fetched again, or by another host, it is the same.

        A reading without a time has that of its receipt beside (us, 8 bytes, little-endian): two such may say
        the same and be two.
        """
        is_timed = self.measurement is not None and self.measurement.taken_at is not None
        came = b"" if is_timed else self.received_utc_us.to_bytes(8, "little", signed=True)
        return sha256(self.value + came).digest()[:READING_ID_BYTES]

    @property
    def crc32(self) -> int:
        """CRC-32 over what is given, as a JSON list in ASCII with bytes in hex."""
        given = [self.value.hex(), self.received_utc_us, self.cuff_id.hex(), self.utc_offset_s]
        return crc32(json.dumps([*given, self.maker, self.model, self.firmware]).encode())

    @property
    def given(self) -> tuple[object, ...]:
        """Values of `CUFF_COLUMNS`."""
        said = (self.maker, self.model, self.firmware)
        return (self.value, self.received_utc_us, self.cuff_id, self.utc_offset_s, *said)

    @property
    def derived(self) -> tuple[object, ...]:
        """Values of `DERIVED_COLUMNS`."""
        found = self.measurement
        if found is None:
            return (self.reading_id, *[None] * 8, self.crc32)
        return (
            self.reading_id,
            None if found.taken_at is None else found.taken_at.isoformat(),
            self.taken_utc_us,
            found.systolic_mmhg,
            found.diastolic_mmhg,
            found.mean_arterial_mmhg,
            found.pulse_rate_bpm,
            found.user_id,
            int(found.status),
            self.crc32,
        )


def _utc_offset_s(taken_at: datetime, zone: tzinfo | None) -> int | None:
    try:
        offset = (taken_at.replace(tzinfo=zone) if zone else taken_at.astimezone()).utcoffset()
    except (OverflowError, ValueError, OSError):
        return None  # a year for which the system knows no local time
    return None if offset is None else int(offset.total_seconds())
