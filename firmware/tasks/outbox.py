"""Numbers frames and puts them where the link finds them."""

from bandwire.frames import (
    KIND_EVENT,
    KIND_LOG_LINE,
    LOG_LINE_BYTES,
    PART_NONE,
    pack_event_into,
    pack_header_into,
    pack_log_line_into,
)

MOST_FRAME_BYTES = 256
"""Longest frame that this band makes: a block of raw samples or a run of readings has 241 bytes. The protocol
allows more, which would cost its room three times over: here and in the link's two classes.
"""


class Outbox:
    """The only writer of the ring: every numbered frame of the band passes here.

    A frame is packed into `buffer` (or a buffer of the caller's) and sent with its kind and end.
    """

    def __init__(self, clock, numbering, ring):
        self.buffer = bytearray(MOST_FRAME_BYTES)
        self.ring = ring
        self._clock = clock
        self._numbering = numbering

    def send(self, kind, end):
        """Number and keep the frame of `end` bytes in `buffer`, at this tick."""
        self.send_from(self.buffer, kind, end, self._clock.ticks_low, self._clock.ticks_high)

    def send_from(self, buffer, kind, end, ticks_low, ticks_high):
        """Number and keep a frame in a buffer of the caller's, of an earlier tick."""
        sequence = self._numbering.take()
        boot_id = self._numbering.boot_id
        pack_header_into(buffer, 0, kind, boot_id, sequence, ticks_low, ticks_high, self.ring.drops & 0xFF)
        self.ring.append(buffer, end)

    def send_event(self, event, part=PART_NONE, detail=0):
        """Send an event frame."""
        self.send(KIND_EVENT, pack_event_into(self.buffer, 0, event, part, detail))

    def send_log(self, level, part, text):
        """Send a line (bytes) for the engineer, cut to 64 bytes; never about the wearer."""
        start = pack_log_line_into(self.buffer, 0, level, part)
        length = min(len(text), 64)
        self.buffer[start : start + length] = text[:length]
        self.send(KIND_LOG_LINE, LOG_LINE_BYTES + length)
