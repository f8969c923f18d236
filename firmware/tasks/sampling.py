"""Reads the FIFO of a sampled sensor into the vital signs and, when asked for, into raw blocks."""

from array import array

from bandwire.frames import EVENT_KIND_DROPPED, SENSOR_OPTICAL
from streams import CHANNEL_COUNT
from tasks.blocks import BlockWriter

PERIOD_MS = 800
"""Between two reads: 20 optical samples; the optical chip's FIFO holds 32, that is 1280 ms."""

_OPTICAL_ROOM = 32
_MOTION_ROOM = 64
"""Samples taken in one read: all of the optical FIFO, three times what comes in a period of motion."""


class Source:
    """One sampled sensor of the board: its chip, buffers and sample numbers.

    Sample numbers run from boot on and count what was lost, and also what was never sampled while
    there was no agreement, so that number and time stay in step.
    """

    def __init__(self, row, chip):
        is_optical = row.sensor == SENSOR_OPTICAL
        room = _OPTICAL_ROOM if is_optical else _MOTION_ROOM
        self.row = row
        self.chip = chip
        typecode = "i" if is_optical else "h"
        self.samples = array(typecode, (0 for _ in range(room * CHANNEL_COUNT)))
        self.blocks = BlockWriter(row)
        self.next_sample = 0
        self.last_read_s = 0


class SamplerTask:
    """Samples one source under an agreement: `take(samples, count)` gets what was read."""

    def __init__(self, agreement, source, take, clock, outbox):
        self.name = "sampling"
        self.part = source.row.part
        self._agreement = agreement
        self._source = source
        self._take = take
        self._clock = clock
        self._outbox = outbox
        self._lost_before = 0
        self._has_sampled = False

    def start(self, _now_ms):
        """Find the chip and let it sample; OSError when it is not there."""
        source = self._source
        self._lost_before = source.chip.start().lost_samples
        self._count_pause()

    def step(self, _now_ms):
        """Read what the FIFO holds."""
        if not self._agreement.allows(self._source.row.sampling_groups):
            return PERIOD_MS
        source = self._source
        clock = self._clock
        clock.update()
        driver = source.chip.driver
        count = driver.read_fifo_into(source.samples)
        lost = driver.lost_samples - self._lost_before
        if lost > 0:
            self._lost_before += lost
            self._lose(lost)
        if count:
            self._take(source.samples, count)
            if source.blocks.is_started:
                source.blocks.add(
                    source.samples, count, source.next_sample, clock.ticks_low, clock.ticks_high
                )
            source.next_sample += count
        source.last_read_s = clock.uptime_s
        self._has_sampled = True
        return PERIOD_MS

    def _count_pause(self):
        """Time without sampling is counted in samples; it is a loss only within an agreement."""
        source = self._source
        paused_s = self._clock.uptime_s - source.last_read_s
        missed = paused_s * source.row.rate_hz
        source.last_read_s = self._clock.uptime_s
        if missed and self._has_sampled:
            self._lose(missed)
        else:
            source.next_sample += missed

    def _lose(self, count):
        self._source.next_sample += count
        self._outbox.send_event(EVENT_KIND_DROPPED, self.part, count)
