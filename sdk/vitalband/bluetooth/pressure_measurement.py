"""The Blood Pressure Measurement characteristic (0x2A35), as blood-pressure monitors indicate it.

Layout as in the characteristic's XML description of the Bluetooth SIG (2011; flags, compound value, time
stamp, pulse rate, user id, measurement status) and in the GATT Specification Supplement as quoted by the
documentation of the Rust crate trouble-host. Numbers are of 16 bits: exponent to base 10 in the high 4, and
mantissa in the low 12, two's complement each, with special values for what is no number (IEEE 11073-20601,
not read itself; as quoted in an issue of the project healthpi).
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

from vitalband.errors import RemoteError

MMHG_PER_KPA = 7.50062
"""Millimetres of mercury in a kilopascal: 1 / 0.133322."""

_IS_KPA, _HAS_TIME, _HAS_PULSE, _HAS_USER, _HAS_STATUS = (1 << bit for bit in range(5))
_NO_NUMBERS = range(0x07FE, 0x0803)
"""+infinity, NaN, not at this resolution, reserved, -infinity."""
_UNKNOWN_USER = 0xFF


class PressureStatus(IntFlag):
    """What the monitor says of how it measured."""

    BODY_MOVED = 1 << 0
    CUFF_TOO_LOOSE = 1 << 1
    IRREGULAR_PULSE = 1 << 2
    PULSE_TOO_FAST = 1 << 3
    PULSE_TOO_SLOW = 1 << 4
    WRONG_POSITION = 1 << 5


_NOTHING_SAID = PressureStatus(0)


@dataclass(frozen=True, kw_only=True)
class PressureMeasurement:
    """One measurement; None where the monitor gives no number, or does not tell.

    Pressures in mmHg, whatever unit came; `taken_at` is the monitor's own clock, which knows no time zone.
    """

    systolic_mmhg: float | None
    diastolic_mmhg: float | None
    mean_arterial_mmhg: float | None
    taken_at: datetime | None = None
    pulse_rate_bpm: float | None = None
    user_id: int | None = None
    status: PressureStatus = _NOTHING_SAID

    @property
    def status_names(self) -> list[str]:
        """Names of what the monitor says of how it measured."""
        return [flag.name for flag in PressureStatus if flag in self.status and flag.name is not None]

    @property
    def is_whole(self) -> bool:
        """Whether both pressures are there: a monitor that failed to measure gives none."""
        return self.systolic_mmhg is not None and self.diastolic_mmhg is not None


def parse_pressure(value: bytes) -> PressureMeasurement:
    """Parse a value of the characteristic; `RemoteError` for one that is cut short.

    Flags and status bits that are reserved, and bytes behind what the flags announce, are let pass.
    """
    rest = _Rest(value)
    flags = rest.take("<B")
    factor = MMHG_PER_KPA if flags & _IS_KPA else 1.0
    pressures = [_scaled(rest.take("<H"), factor) for _ in range(3)]
    taken_at = _time(*rest.take_all("<HBBBBB")) if flags & _HAS_TIME else None
    pulse = _scaled(rest.take("<H"), 1.0) if flags & _HAS_PULSE else None
    user = rest.take("<B") if flags & _HAS_USER else _UNKNOWN_USER
    status = rest.take("<H") if flags & _HAS_STATUS else 0
    return PressureMeasurement(
        systolic_mmhg=pressures[0],
        diastolic_mmhg=pressures[1],
        mean_arterial_mmhg=pressures[2],
        taken_at=taken_at,
        pulse_rate_bpm=pulse,
        user_id=None if user == _UNKNOWN_USER else user,
        status=PressureStatus(status & sum(PressureStatus)),
    )


class _Rest:
    """What of a value was not taken yet."""

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)
        self._at = 0

    def take(self, layout: str) -> int:
        """The next number."""
        return self.take_all(layout)[0]

    def take_all(self, layout: str) -> tuple[int, ...]:
        """The next numbers."""
        try:
            found = struct.unpack_from(layout, self._value, self._at)
        except struct.error as error:
            raise RemoteError(
                f"blood pressure measurement: wanted {struct.calcsize(layout)} more bytes at {self._at}, "
                f"got {self._value.hex(' ')}"
            ) from error
        self._at += struct.calcsize(layout)
        return found


def _scaled(word: int, factor: float) -> float | None:
    if word in _NO_NUMBERS:
        return None
    mantissa = (word & 0xFFF ^ 0x800) - 0x800
    exponent = (word >> 12 ^ 8) - 8
    return mantissa * 10.0**exponent * factor


def _time(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    """None where a part is unknown, which a monitor says with 0, or is none of a date."""
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
