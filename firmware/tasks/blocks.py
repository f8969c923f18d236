"""Raw samples into compressed blocks that fill a packet each; `dsp.block_encoder` compresses.

A block is made when the samples that wait should fill it, or when no more of them can wait: at the latest
when `CAPACITY_STEPS` do, which is 4 s after the first. Its tick is that of the newest read less the nominal
time of the samples that came after its last one. What waits is sent at once, by the choices of the block
before, when a gap follows or the stream stops. A block is put into the journal in a step of its own, since to
write it is the longest.
"""

import micropython

from bandwire.frames import COMPRESSED_BLOCK_BYTES, PART_NONE, pack_compressed_block_into

PERIOD_MS = 800
"""That of the reads, after which it runs."""

CAPACITY_STEPS = 100
"""Samples of a stream that wait at most."""

BLOCK_BYTES = 241
"""Longest block: with a record's 3 bytes it fills a packet of 244 bytes, one of BLE's usual sizes."""

_MOST_WANTED_STEPS = CAPACITY_STEPS - 24
"""Leaves room for the next read: 20 or 21 samples come in a period."""


class BlockFrame:
    """The frame of a block between the step that writes it and the one that keeps it; streams share one."""

    def __init__(self):
        self.buffer = bytearray(BLOCK_BYTES)
        self._journal = None
        self.end = 0
        self._ticks_low = 0
        self._ticks_high = 0

    def hold(self, journal, end, ticks_low, ticks_high):
        """Hold what `buffer` has up to `end`, for a journal."""
        self._journal = journal
        self.end = end
        self._ticks_low = ticks_low
        self._ticks_high = ticks_high

    @micropython.native
    def keep(self):
        """Keep what is held, if anything."""
        end = self.end
        if end:
            self._journal.keep_block(self.buffer, end, self._ticks_low, self._ticks_high)
            self.end = 0

    def forget(self):
        """Keep what is held; nothing of it stays here."""
        self.keep()
        self._journal = None
        buffer = self.buffer
        for place in range(len(buffer)):
            buffer[place] = 0


class BlockWriter:
    """Writes the blocks of one stream; starts and stops with the stream. Allocates nothing.

    `encoder` (a `dsp.block_encoder.BlockEncoder`) holds CAPACITY_STEPS; `frame` is a `BlockFrame`.
    """

    def __init__(self, row, encoder, frame):
        self.row = row
        self.is_started = False
        self._journal = None
        self._frame = frame
        self._encoder = encoder
        self._next_sample = 0
        self._wanted_steps = _MOST_WANTED_STEPS
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
            self._frame.forget()
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
    def has_work(self):
        """Whether there is a block to make or to keep."""
        encoder = self._encoder
        return self._frame.end > 0 or encoder.is_open or encoder.steps >= self._wanted_steps

    @micropython.native
    def advance(self):
        """Do a piece of the work that there is."""
        if self._frame.end:
            self._frame.keep()
            return
        encoder = self._encoder
        if not encoder.is_open:
            encoder.begin()
        self._work()

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
        frame = self._frame
        frame.keep()
        end = encoder.advance(frame.buffer, COMPRESSED_BLOCK_BYTES, BLOCK_BYTES)
        if end:
            left = encoder.steps
            first_sample = (self._next_sample - left - encoder.taken) & 0xFFFFFF
            head = encoder.head | self.row.stream_id << 11
            pack_compressed_block_into(frame.buffer, 0, head, first_sample)
            low = self._ticks_low - left * 1000 // self.row.rate_hz
            frame.hold(self._journal, end, low & 0xFFFF, self._ticks_high + (low >> 16) & 0xFFFF)
            self._wanted_steps = min(encoder.taken * 9 // 8 + 2, _MOST_WANTED_STEPS)


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
        sources = self._sources
        for source in sources:
            if source.blocks.has_work():
                source.blocks.advance()
                break
        for source in sources:
            if source.blocks.has_work():
                return 0
        return PERIOD_MS
