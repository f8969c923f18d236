"""The standard services, each stated once: for a transport to register, and for the documentation's table.

Rows of `SERVICES`: service, the group without whose agreement it is not to be there, characteristics.
Rows of characteristics: characteristic, properties, whether it is encrypted, and the readings (`INDEX_...`)
that its value is made of.

Encrypted is what tells of the wearer or of the band's state: it is not read over a connection without
encryption by a host that typed a passkey, nor sent over one. The stack sees to reading (`flags_of`). Nothing
in MicroPython's interface keeps a central from subscribing, so sending over no other is the server's duty.

Device Information has no serial number and no system id: both would tell who comes by. Its strings are maker,
model, hardware and version of `identity.Identity`.
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
    GROUP_BLOOD_PRESSURE,
    GROUP_DEVICE,
    GROUP_OXYGEN,
    GROUP_PULSE,
    GROUP_TEMPERATURE,
)

READ = const(0x0002)
NOTIFY = const(0x0010)
INDICATE = const(0x0020)
READ_ENCRYPTED = const(0x0200)
READ_AUTHENTICATED = const(0x0400)
"""As in MicroPython's `extmod/modbluetooth.h`."""

HEART_RATE_MEASUREMENT = const(0x2A37)
BODY_SENSOR_LOCATION = const(0x2A38)
TEMPERATURE_MEASUREMENT = const(0x2A1C)
PLX_CONTINUOUS_MEASUREMENT = const(0x2A5F)
PLX_FEATURES = const(0x2A60)
BLOOD_PRESSURE_MEASUREMENT = const(0x2A35)
BLOOD_PRESSURE_FEATURE = const(0x2A49)
BATTERY_LEVEL = const(0x2A19)
MANUFACTURER_NAME = const(0x2A29)
MODEL_NUMBER = const(0x2A24)
HARDWARE_REVISION = const(0x2A27)
FIRMWARE_REVISION = const(0x2A26)
CURRENT_TIME = const(0x2A2B)
LOCAL_TIME_INFORMATION = const(0x2A0F)

SERVICES = (
    (0x180D, GROUP_PULSE, (
        (HEART_RATE_MEASUREMENT, NOTIFY, True, (INDEX_HEART_RATE_BPM, INDEX_PULSE_INTERVAL_MS)),
        (BODY_SENSOR_LOCATION, READ, True, ()),
    )),
    (0x1809, GROUP_TEMPERATURE, (
        (TEMPERATURE_MEASUREMENT, INDICATE, True, (INDEX_SKIN_TEMPERATURE_C,)),
    )),
    (0x1822, GROUP_OXYGEN, (
        (PLX_CONTINUOUS_MEASUREMENT, NOTIFY, True, (INDEX_SPO2_PERCENT, INDEX_HEART_RATE_BPM)),
        (PLX_FEATURES, READ, True, ()),
    )),
    (0x1810, GROUP_BLOOD_PRESSURE, (
        (BLOOD_PRESSURE_MEASUREMENT, INDICATE, True,
         (INDEX_SYSTOLIC_MMHG, INDEX_DIASTOLIC_MMHG, INDEX_CUFF_AGE_S)),
        (BLOOD_PRESSURE_FEATURE, READ, True, ()),
    )),
    (0x180F, GROUP_DEVICE, (
        (BATTERY_LEVEL, READ | NOTIFY, True, (INDEX_BATTERY_PERCENT,)),
    )),
    (0x180A, GROUP_DEVICE, (
        (MANUFACTURER_NAME, READ, False, ()),
        (MODEL_NUMBER, READ, False, ()),
        (HARDWARE_REVISION, READ, False, ()),
        (FIRMWARE_REVISION, READ, False, ()),
    )),
    (0x1805, GROUP_DEVICE, (
        (CURRENT_TIME, READ | NOTIFY, True, ()),
        (LOCAL_TIME_INFORMATION, READ, True, ()),
    )),
)  # fmt: skip


def flags_of(properties, is_encrypted, can_encrypt):
    """Flags of a characteristic for `gatts_register_services`, on a port that can encrypt or cannot."""
    is_protected = is_encrypted and can_encrypt and properties & READ
    return properties | (READ_ENCRYPTED | READ_AUTHENTICATED if is_protected else 0)
