"""Raw samples into blocks: encoding 0, each channel in its least whole bytes, little-endian."""

from bandwire.frames import ENCODING_PLAIN, SAMPLE_BLOCK_BYTES, pack_sample_block_into
from streams import CHANNEL_COUNT

_BLOCK_BYTES = 230
"""Longest block: with record overhead it stays within a packet of 244 bytes, one of BLE's usual sizes."""


class BlockWriter:
    """Fills one block of one stream; starts and stops with the stream. Allocates nothing."""

    def __init__(self, row):
        self.row = row
        self.is_started = False
        self._journal = None
        self._buffer = bytearray(_BLOCK_BYTES)
        self._channel_bytes = (row.sample_bits + 7) // 8
        self._sample_bytes = self._channel_bytes * CHANNEL_COUNT
        self._capacity = (_BLOCK_BYTES - SAMPLE_BLOCK_BYTES) // self._sample_bytes
        self._first_sample = 0
        self._count = 0
        self._ticks_low = 0
        self._ticks_high = 0

    def start(self, journal):
        """Begin to fill blocks into `journal`."""
        self._journal = journal
        self._count = 0
        self.is_started = True

    def stop(self):
        """Send what is there and fill no more."""
        self._send()
        self.discard()

    def discard(self):
        """Forget what is there and fill no more."""
        self._count = 0
        self.is_started = False
        self._journal = None

    def add(self, samples, count, first_sample, ticks_low, ticks_high):
        """Take `count` samples; `first_sample` is the number of the first, the ticks are of their read."""
        if self._count and first_sample != self._first_sample + self._count:
            self._send()
        at = 0
        while at < count:
            if self._count == 0:
                self._first_sample = first_sample + at
            taken = min(count - at, self._capacity - self._count)
            self._pack(samples, at * CHANNEL_COUNT, taken * CHANNEL_COUNT)
            at += taken
            self._count += taken
            self._ticks_low = ticks_low
            self._ticks_high = ticks_high
            if self._count == self._capacity:
                self._send()

    def _pack(self, samples, first_value, value_count):
        buffer = self._buffer
        channel_bytes = self._channel_bytes
        at = SAMPLE_BLOCK_BYTES + self._count * self._sample_bytes
        for index in range(first_value, first_value + value_count):
            counts = samples[index]
            buffer[at] = counts & 0xFF
            buffer[at + 1] = counts >> 8 & 0xFF
            if channel_bytes == 3:
                buffer[at + 2] = counts >> 16 & 0xFF
            at += channel_bytes

    def _send(self):
        if self._count:
            buffer = self._buffer
            pack_sample_block_into(
                buffer, 0, self.row.stream_id, ENCODING_PLAIN, self._count, self._first_sample
            )
            end = SAMPLE_BLOCK_BYTES + self._count * self._sample_bytes
            self._journal.keep_block(buffer, end, self._ticks_low, self._ticks_high)
            self._count = 0
