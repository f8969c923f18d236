"""Raw samples into compressed blocks that fill a packet each; `dsp.block_encoder` compresses.

A block is made when the samples that wait should fill it, or when no more of them can wait: at the latest
when `CAPACITY_STEPS` do, which is 4 s after the first. Its tick is that of the newest read less the nominal
time of the samples that came after its last one. What waits is sent at once, by the choices of the block
before, when a gap follows or the stream stops.
"""

import micropython

from bandwire.frames import COMPRESSED_BLOCK_BYTES, PART_NONE, pack_compressed_block_into

PERIOD_MS = 800
"""That of the reads, after which it runs."""

CAPACITY_STEPS = 100
"""Samples of a stream that wait at most."""

BLOCK_BYTES = 241
"""Longest block: with a record's 3 bytes it fills a packet of 244 bytes, one of BLE's usual sizes."""

_SPARE_STEPS = 24
"""Room for the next read: 20 or 21 samples come in a period."""


class BlockWriter:
    """Writes the blocks of one stream; starts and stops with the stream. Allocates nothing.

    `encoder` (a `dsp.block_encoder.BlockEncoder`) holds CAPACITY_STEPS; `buffer`, where frames are put
    together, may be shared.
    """

    def __init__(self, row, encoder, buffer):
        self.row = row
        self.is_started = False
        self._journal = None
        self._buffer = buffer
        self._encoder = encoder
        self._next_sample = 0
        self._wanted_steps = CAPACITY_STEPS
        self._ticks_low = 0
        self._ticks_high = 0

    def start(self, journal):
        """Begin to write blocks into `journal`."""
        if not self.is_started:
            self._journal = journal
            self.is_started = True

    def stop(self):
        """Write what waits, then no more; nothing of it stays in memory."""
        if self.is_started:
            self._flush(0)
            self._encoder.forget()
            self.is_started = False
            self._journal = None

    @micropython.native
    def add(self, samples, count, first_sample, ticks_low, ticks_high):
        """Take the `count` samples (at most CAPACITY_STEPS) of one read; the first one's number is given."""
        encoder = self._encoder
        if first_sample != self._next_sample:
            self._flush(0)
        elif encoder.steps + count > CAPACITY_STEPS:
            self._flush(CAPACITY_STEPS - count)
        encoder.add(samples, 0, count)
        self._next_sample = first_sample + count
        self._ticks_low = ticks_low
        self._ticks_high = ticks_high

    @micropython.native
    def advance(self):
        """Do a piece of the work on a block, if there is one to make; says whether."""
        encoder = self._encoder
        if not encoder.is_open:
            if encoder.steps < min(self._wanted_steps, CAPACITY_STEPS - _SPARE_STEPS):
                return False
            encoder.begin()
        self._work()
        return True

    @micropython.native
    def _flush(self, most_steps):
        """Write blocks until at most so many steps wait."""
        encoder = self._encoder
        while encoder.steps > most_steps:
            encoder.begin_in_haste()
            self._work()

    @micropython.native
    def _work(self):
        encoder = self._encoder
        end = encoder.advance(self._buffer, COMPRESSED_BLOCK_BYTES, BLOCK_BYTES)
        if end:
            left = encoder.steps
            first_sample = (self._next_sample - left - encoder.taken) & 0xFFFFFF
            head = encoder.head | self.row.stream_id << 11
            pack_compressed_block_into(self._buffer, 0, head, first_sample)
            low = self._ticks_low - left * 1000 // self.row.rate_hz
            self._journal.keep_block(self._buffer, end, low & 0xFFFF, self._ticks_high + (low >> 16) & 0xFFFF)
            self._wanted_steps = encoder.taken * 9 // 8 + 2


class BlockTask:
    """Makes the blocks of all sources, a piece of the work a step."""

    BUDGET_PER_2_S = 2_000_000

    def __init__(self, sources):
        self.name = "blocks"
        self.part = PART_NONE
        self._sources = sources

    def start(self, _now_ms):
        """Nothing to do."""

    @micropython.native
    def step(self, _now_ms):
        """A piece of the work of the first stream that has any."""
        for source in self._sources:
            if source.blocks.advance():
                return 0
        return PERIOD_MS
