"""MicroPython's `machine`, and the chip's unique number, which the zephyr port does not give.

Taken by `import machine` in place of the built-in, whose name with a `u` before it stays the built-in
(py/objmodule.c of MicroPython 1.25.0).
"""

import struct

from umachine import *  # noqa: F403
from umachine import mem32

_DEVICE_ID_ADDRESS = 0x10000060
"""DEVICEID[0] of FICR, base 0x10000000 and offset 0x060, DEVICEID[1] behind it: as on Nordic's page on the
FICR of the nRF52832. That the nRF52840 has them at the same place is unconfirmed."""


def unique_id():
    """8 bytes that tell this chip from another."""
    return struct.pack("<II", mem32[_DEVICE_ID_ADDRESS], mem32[_DEVICE_ID_ADDRESS + 4])
