"""Raw samples into blocks: encoding 0, each channel in its least whole bytes, little-endian.

A block holds what one read of the FIFO gave, so that its tick, that of the read, is at most one sample
period later than its last sample. Of a read too long for one block, as after a stall, this is true of the
last block only.
"""

import micropython

from bandwire.frames import ENCODING_PLAIN, SAMPLE_BLOCK_BYTES, pack_sample_block_into
from streams import CHANNEL_COUNT

_BLOCK_BYTES = 230
"""Longest block: with record overhead it stays within a packet of 244 bytes, one of BLE's usual sizes."""


class BlockWriter:
    """Writes the blocks of one stream; starts and stops with the stream. Allocates nothing."""

    def __init__(self, row):
        self.row = row
        self.is_started = False
        self._journal = None
        self._buffer = bytearray(_BLOCK_BYTES)
        self._channel_bytes = (row.sample_bits + 7) // 8
        self._sample_bytes = self._channel_bytes * CHANNEL_COUNT
        self._capacity = (_BLOCK_BYTES - SAMPLE_BLOCK_BYTES) // self._sample_bytes

    def start(self, journal):
        """Begin to write blocks into `journal`."""
        self._journal = journal
        self.is_started = True

    def stop(self):
        """Write no more."""
        self.is_started = False
        self._journal = None

    @micropython.native
    def add(self, samples, count, first_sample, ticks_low, ticks_high):
        """Take the `count` samples of one read; `first_sample` is the number of the first."""
        at = 0
        while at < count:
            taken = min(count - at, self._capacity)
            self._pack(samples, at * CHANNEL_COUNT, taken * CHANNEL_COUNT)
            pack_sample_block_into(
                self._buffer, 0, self.row.stream_id, ENCODING_PLAIN, taken, first_sample + at
            )
            end = SAMPLE_BLOCK_BYTES + taken * self._sample_bytes
            self._journal.keep_block(self._buffer, end, ticks_low, ticks_high)
            at += taken

    @micropython.native
    def _pack(self, samples, first_value, value_count):
        buffer = self._buffer
        channel_bytes = self._channel_bytes
        at = SAMPLE_BLOCK_BYTES
        for index in range(first_value, first_value + value_count):
            counts = samples[index]
            buffer[at] = counts & 0xFF
            buffer[at + 1] = counts >> 8 & 0xFF
            if channel_bytes == 3:
                buffer[at + 2] = counts >> 16 & 0xFF
            at += channel_bytes
