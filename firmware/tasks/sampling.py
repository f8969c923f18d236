"""Reads the FIFO of a sampled sensor into the vital signs and, when asked for, into raw blocks."""

from array import array

import micropython

from bandwire.frames import EVENT_KIND_DROPPED, SENSOR_OPTICAL
from streams import CHANNEL_COUNT

PERIOD_MS = 800
"""Between two reads: 20 optical samples; the optical chip's FIFO holds 32, that is 1280 ms."""

_ROOM = 32
"""Samples taken in one read: all of the optical FIFO; of motion 21 come in a period, and the drivers take
no more at once.
"""


class Source:
    """One sampled sensor of the board: its chip, buffers and sample numbers.

    Sample numbers run from boot on and count what was lost, and also what was never sampled while
    there was no agreement, so that number and time stay in step. `blocks` writes its stream.
    """

    def __init__(self, row, chip, blocks):
        self.row = row
        self.chip = chip
        typecode = "i" if row.sensor == SENSOR_OPTICAL else "h"
        self.samples = array(typecode, (0 for _ in range(_ROOM * CHANNEL_COUNT)))
        self.blocks = blocks
        self.next_sample = 0
        self._in_step_sample = 0
        self._in_step_s = 0
        self._in_step_ms = 0

    def note_in_step(self, clock):
        """Number and time are in step: all that was sampled until now has its number."""
        self._in_step_sample = self.next_sample
        self._in_step_s = clock.uptime_s
        self._in_step_ms = clock.part_of_second_ms

    def count_missed(self, clock):
        """Samples from the next one on that the time since number and time were in step asks for."""
        rate_hz = self.row.rate_hz
        due = self._in_step_sample + (clock.uptime_s - self._in_step_s) * rate_hz
        due += ((clock.part_of_second_ms - self._in_step_ms) * rate_hz + 500) // 1000
        return max(due - self.next_sample, 0)


class SamplerTask:
    """Samples one source under an agreement: `take(samples, count)` gets what was read."""

    BUDGET_PER_2_S = 2_800_000

    def __init__(self, agreement, source, take, clock, outbox):
        self.name = "sampling"
        self.part = source.row.part
        self.groups = source.row.sampling_groups
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

    @micropython.native
    def step(self, _now_ms):
        """Read what the FIFO holds."""
        if not self._agreement.allows(self.groups):
            return PERIOD_MS
        source = self._source
        clock = self._clock
        clock.update()
        driver = source.chip.driver
        count = driver.read_fifo_into(source.samples)
        lost = driver.lost_samples - self._lost_before
        if lost > 0:
            self._lost_before += lost
            if not driver.is_loss_exact:
                lost = max(lost, source.count_missed(clock) - count)
            self._lose(lost)
        if count:
            self._take(source.samples, count)
            if source.blocks.is_started:
                source.blocks.add(
                    source.samples, count, source.next_sample, clock.ticks_low, clock.ticks_high
                )
            source.next_sample += count
        # A full buffer leaves samples behind, or a loss that the next read tells.
        if count * CHANNEL_COUNT < len(source.samples):
            source.note_in_step(clock)
        self._has_sampled = True
        return PERIOD_MS

    def _count_pause(self):
        """Time without sampling is counted in samples; it is a loss only within an agreement."""
        source = self._source
        missed = source.count_missed(self._clock)
        if missed and self._has_sampled:
            self._lose(missed)
        else:
            source.next_sample += missed

    def _lose(self, count):
        self._source.next_sample += count
        self._outbox.send_event(EVENT_KIND_DROPPED, self.part, count)
