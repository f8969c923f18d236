"""The values of the standard health services, packed from the table of readings.

A reading that is not valid is never a number here: it is NaN where the layout has numbers that may be NaN,
and no value at all where it has none: length 0, which is not to be notified, and empty to whoever reads.
Each function gives the length that it wrote; none allocates, and no number exceeds 30 bits.

Layouts and special values are those of the Pulse Oximeter Service v1.0.1, sections 3.2, 3.3 and 5.1, and for
the other services those of the Bluetooth SIG's XML descriptions of 2011. docs/standard_services.md says what
was read for each, and has values worked by hand.
"""

from micropython import const

from bandwire.catalogue import (
    INDEX_BATTERY_PERCENT,
    INDEX_CUFF_AGE_S,
    INDEX_DIASTOLIC_MMHG,
    INDEX_HEART_RATE_BPM,
    INDEX_PULSE_INTERVAL_MS,
    INDEX_SKIN_TEMPERATURE_C,
    INDEX_SPO2_PERCENT,
    INDEX_SYSTOLIC_MMHG,
)
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_MOTION,
    CAUSE_OFF_WRIST,
    CAUSE_OUT_OF_RANGE,
    CAUSE_SENSOR_FAULT,
    CAUSE_STARTING,
    CAUSE_WEAK_SIGNAL,
    CONTACT_ON_WRIST,
    NO_VALUE,
    VALIDITY_LOW_QUALITY,
    VALIDITY_VALID,
)
from standard_services.utc import UNKNOWN_DAY, u16_into

BODY_SENSOR_LOCATION = b"\x02"
"""Wrist."""
PLX_FEATURES = b"\x03\x00\x00\x60\x4c\x4b\x00"
"""Measurement status: unavailable and questionable; device and sensor status: those of `_sensor_status`."""
BLOOD_PRESSURE_FEATURE = b"\x00\x00"
"""None: a cuff reading comes without them."""
LOCAL_TIME_INFORMATION = b"\x00\x00"
"""Offset 0, standard time: the band tells UTC."""

_SFLOAT_NAN = const(0x07FF)
_CONTACT_DETECTED = const(0x02)
_CONTACT_SUPPORTED = const(0x04)
_HAS_INTERVALS = const(0x10)
_HEART_RATE_BYTES = const(2)

_HAS_TIME = const(0x02)
"""The same bit of a temperature and of a blood pressure."""
_HUNDREDTHS = const(0xFE)
"""Exponent -2."""

_HAS_STATUSES = const(0x0C)
_UNAVAILABLE = const(0x2000)
_QUESTIONABLE = const(0x4000)
_IRREGULAR_PROCESSING = const(0x0004)
_INADEQUATE_SIGNAL = const(0x0008)
_ERRATIC_SIGNAL = const(0x0040)
_QUESTIONABLE_PULSE = const(0x0100)
_ANALYSIS_ONGOING = const(0x0200)
_NOT_ON_USER = const(0x0800)
_MALFUNCTION = const(0x4000)


def heart_rate_measurement_into(buffer, offset, room, table, intervals_q8, count):
    """Heart Rate Measurement (0x2A37) in at most `room` bytes, from 2 on; 0 without a valid heart rate.

    `intervals_q8` are `count` trusted intervals between beats in 1/256 sample of 40 ms, each below 64 s, the
    oldest first. While the reading of the interval is valid, the oldest are told, as many as fit: how many is
    `intervals_in` of the length. All is rounded to nearest, halves up. The rate takes 8 bits: no reading
    reaches 256 /min.
    """
    if table.validity(INDEX_HEART_RATE_BPM) != VALIDITY_VALID:
        return 0
    fitting = 0
    if table.validity(INDEX_PULSE_INTERVAL_MS) == VALIDITY_VALID:
        fitting = min(count, intervals_in(room))
    buffer[offset] = _contact_bits(table) | (_HAS_INTERVALS if fitting else 0)
    buffer[offset + 1] = _whole(table.raw(INDEX_HEART_RATE_BPM))
    return _HEART_RATE_BYTES + _intervals_into(buffer, offset + _HEART_RATE_BYTES, intervals_q8, fitting)


def intervals_in(length):
    """How many intervals a Heart Rate Measurement of this length holds."""
    return (length - _HEART_RATE_BYTES) >> 1


def temperature_measurement_into(buffer, offset, table, time, uptime_s):
    """Temperature Measurement (0x2A1C) of the skin in degrees Celsius, NaN when not valid; 5 bytes or 12.

    With a time stamp when the `UtcTime` is known at that uptime. Without a type: of the places that types
    name, none is the skin of a wrist.
    """
    raw = _valid(table, INDEX_SKIN_TEMPERATURE_C)
    if raw == NO_VALUE:
        u16_into(buffer, offset + 1, 0xFFFF)
        u16_into(buffer, offset + 3, 0x007F)
    else:
        u16_into(buffer, offset + 1, raw)
        u16_into(buffer, offset + 3, _HUNDREDTHS << 8)
    buffer[offset] = 0
    if time.day_at(uptime_s) == UNKNOWN_DAY:
        return 5
    buffer[offset] = _HAS_TIME
    return 5 + time.date_time_into(buffer, offset + 5, uptime_s)


def plx_continuous_measurement_into(buffer, offset, table):
    """PLX Continuous Measurement (0x2A5F): saturation, pulse rate, and how they were measured; 10 bytes.

    Both in whole numbers, as that characteristic has them, rounded to nearest, halves up; NaN when not valid.
    """
    buffer[offset] = _HAS_STATUSES
    u16_into(buffer, offset + 1, _whole_or_nan(table, INDEX_SPO2_PERCENT))
    u16_into(buffer, offset + 3, _whole_or_nan(table, INDEX_HEART_RATE_BPM))
    u16_into(buffer, offset + 5, _measurement_status(table.validity(INDEX_SPO2_PERCENT)))
    u16_into(buffer, offset + 7, _sensor_status(table.cause(INDEX_SPO2_PERCENT)))
    buffer[offset + 9] = 0
    return 10


def blood_pressure_measurement_into(buffer, offset, table, time, uptime_s):
    """Blood Pressure Measurement (0x2A35): the wearer's last cuff reading in mmHg; 14 bytes, 7 without one.

    With the time at which it was taken, by the `UtcTime` and its age. All is NaN when there is none, or its
    time is not known: a phone takes what has no time for new. The mean pressure, which a cuff reading here
    does not have, is NaN always.
    """
    age_s = _valid(table, INDEX_CUFF_AGE_S)
    is_told = age_s != NO_VALUE and time.day_at(uptime_s - age_s) != UNKNOWN_DAY
    buffer[offset] = _HAS_TIME if is_told else 0
    u16_into(buffer, offset + 1, _sfloat(_valid(table, INDEX_SYSTOLIC_MMHG) if is_told else NO_VALUE))
    u16_into(buffer, offset + 3, _sfloat(_valid(table, INDEX_DIASTOLIC_MMHG) if is_told else NO_VALUE))
    u16_into(buffer, offset + 5, _SFLOAT_NAN)
    return 7 + (time.date_time_into(buffer, offset + 7, uptime_s - age_s) if is_told else 0)


def battery_level_into(buffer, offset, table):
    """Battery Level (0x2A19) in percent, one byte; 0 when not known, for which it has no number."""
    raw = _valid(table, INDEX_BATTERY_PERCENT)
    if raw == NO_VALUE:
        return 0
    buffer[offset] = raw
    return 1


def _valid(table, index):
    return table.raw(index) if table.validity(index) == VALIDITY_VALID else NO_VALUE


def _whole(tenths):
    return (tenths + 5) // 10


def _sfloat(value):
    """0 <= `value` <= 2045, with the exponent 0."""
    return _SFLOAT_NAN if value == NO_VALUE else value


def _whole_or_nan(table, index):
    raw = _valid(table, index)
    return _SFLOAT_NAN if raw == NO_VALUE else _whole(raw)


def _contact_bits(table):
    """Detected is what is sure: neither weak contact nor one of which light and thermometer disagree."""
    return _CONTACT_SUPPORTED | (_CONTACT_DETECTED if table.contact == CONTACT_ON_WRIST else 0)


def _intervals_into(buffer, at, intervals_q8, count):
    """In 1/1024 s; a sample is 40 ms, so 1/256 of one is 4/25 of that. Gives the bytes."""
    for index in range(count):
        u16_into(buffer, at + 2 * index, (intervals_q8[index] * 4 + 12) // 25)
    return 2 * count


def _measurement_status(validity):
    """A best value below the gate is questionable, and not told."""
    if validity == VALIDITY_VALID:
        return 0
    return _UNAVAILABLE | (_QUESTIONABLE if validity == VALIDITY_LOW_QUALITY else 0)


def _sensor_status(cause):
    """Why there is no saturation, in the words of that service; own choice of what corresponds."""
    if cause == CAUSE_STARTING:
        return _ANALYSIS_ONGOING
    if cause == CAUSE_OFF_WRIST:
        return _NOT_ON_USER
    if cause == CAUSE_WEAK_SIGNAL:
        return _INADEQUATE_SIGNAL
    if cause == CAUSE_MOTION:
        return _ERRATIC_SIGNAL
    if cause == CAUSE_LOW_CONFIDENCE:
        return _QUESTIONABLE_PULSE
    if cause == CAUSE_OUT_OF_RANGE:
        return _IRREGULAR_PROCESSING
    if cause == CAUSE_SENSOR_FAULT:
        return _MALFUNCTION
    return 0
