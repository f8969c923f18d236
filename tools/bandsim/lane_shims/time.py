"""The part of MicroPython's `time` that the firmware uses, in the conductor's time.

Ticks wrap at 2^30 as on the 32-bit ports. They change with exchanges only, so reading them costs none.
"""

from channel import LOW, SLEEP, TICKS_MS, exchange, reply

_TICKS_MASK = 0x3FFFFFFF
_TICKS_HALF = 0x20000000


def ticks_ms():
    """Milliseconds since boot."""
    return reply[TICKS_MS]


def ticks_us():
    """Microseconds since boot."""
    return (reply[TICKS_MS] * 1000 + (reply[LOW] & 0xFFFF)) & _TICKS_MASK


def ticks_diff(end, start):
    """Ticks from `start` to `end`, negative when `end` is the earlier."""
    # Sums beyond 2^30 would be heap integers on a 32-bit lane.
    return (((end - start) & _TICKS_MASK) ^ _TICKS_HALF) - _TICKS_HALF


def ticks_add(ticks, delta):
    """The tick `delta` later."""
    return ((ticks ^ _TICKS_HALF) - _TICKS_HALF + delta) & _TICKS_MASK


def sleep_us(us):
    """Let time pass, exactly; interrupts come in between."""
    while us > 0:
        part_us = us if us < _TICKS_MASK else _TICKS_MASK
        us -= part_us - exchange(SLEEP, 0, 0, part_us)


def sleep_ms(ms):
    """Let time pass, exactly."""
    sleep_us(ms * 1000)


def sleep(s):
    """Let time pass, exactly."""
    sleep_us(int(s * 1000000))
