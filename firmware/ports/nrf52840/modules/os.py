"""MicroPython's `os`, and random bytes, which the zephyr port does not give; see `machine` beside it.

The chip's generator, as MicroPython's ports/nrf/drivers/rng.c has it run, its bias corrected too. Addresses
as in a header of registers (infohoschie/base-project, Rng.h) and models of the nRF52832's; that the nRF52840
has them there is unconfirmed. Zephyr's own driver of it is off (`vitalband.conf`): both would take its bytes.
"""

from errno import EIO

from umachine import mem32
from uos import *  # noqa: F403

_START = 0x4000D000
_STOP = 0x4000D004
_VALUE_READY = 0x4000D100
_CONFIG = 0x4000D504
_VALUE = 0x4000D508
_BIAS_CORRECTED = 1
_MOST_LOOKS = 100_000
"""At a byte: far more than one takes, some 120 us with its bias corrected (unconfirmed)."""


def urandom(count):
    """`count` random bytes; OSError when the generator gives none."""
    mem32[_CONFIG] = _BIAS_CORRECTED
    mem32[_VALUE_READY] = 0
    mem32[_START] = 1
    try:
        return bytes([_next_byte() for _ in range(count)])
    finally:
        mem32[_STOP] = 1


def _next_byte():
    for _ in range(_MOST_LOOKS):
        if mem32[_VALUE_READY]:
            mem32[_VALUE_READY] = 0
            return mem32[_VALUE] & 0xFF
    raise OSError(EIO)
