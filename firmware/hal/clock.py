"""The band's clock: milliseconds since boot, without one allocation a frame.

`ticks_ms` wraps at 2^30 ms (12.4 days) on 32-bit ports. Here are three views of it:

- `now_ms`: the ticks themselves, for due times; compare by `elapsed_ms`, advance by `after_ms`;
- `ticks_low`, `ticks_high`: 32-bit milliseconds since boot as two halves, for frame headers;
- `uptime_s`, `part_of_second_ms`: whole seconds since boot, and the milliseconds beyond them.

All three are counted up by differences, so `update` must be called at least every 2^29 ms.
"""

from time import ticks_add, ticks_diff, ticks_ms


def elapsed_ms(since_ms, now_ms):
    """Milliseconds from one tick to another, negative when `now_ms` is the earlier (|result| < 2^29)."""
    return ticks_diff(now_ms, since_ms)


def after_ms(start_ms, delay_ms):
    """The tick `delay_ms` after `start_ms` (|delay_ms| < 2^29)."""
    return ticks_add(start_ms, delay_ms)


class Clock:
    """Ticks since boot in every form that the band needs."""

    def __init__(self):
        self.now_ms = ticks_ms()
        self.ticks_low = 0
        self.ticks_high = 0
        self.uptime_s = 0
        self.part_of_second_ms = 0

    def update(self):
        """Look at the hardware's ticks; gives `now_ms`."""
        now_ms = ticks_ms()
        passed_ms = ticks_diff(now_ms, self.now_ms)
        self.now_ms = now_ms
        low = self.ticks_low + passed_ms
        self.ticks_low = low & 0xFFFF
        self.ticks_high = (self.ticks_high + (low >> 16)) & 0xFFFF
        part_ms = self.part_of_second_ms + passed_ms
        self.uptime_s += part_ms // 1000
        self.part_of_second_ms = part_ms % 1000
        return now_ms
