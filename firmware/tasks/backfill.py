"""Answers a host that asks for frames again, one request at a time."""

from bandwire.frames import (
    BACKFILL_RANGE_BYTES,
    BACKFILL_STATE_DONE,
    BACKFILL_STATE_NOT_KEPT,
    BACKFILL_STATE_SENDING,
    KIND_BACKFILL_RANGE,
    pack_backfill_range_into,
)


class Backfill:
    """Offers kept frames to the link by `reader` (a `RingReader`), and tells begin and end of it."""

    def __init__(self, reader):
        self.link = None
        self._reader = reader
        self._range = bytearray(BACKFILL_RANGE_BYTES)
        self._range[1] = KIND_BACKFILL_RANGE
        self._request_id = 0
        self._boot_id = 0
        self._first_sequence = 0
        self._frame_count = 0
        self.is_sending = False

    def begin(self, request_id, boot_id, first_sequence, frame_count):
        """Start to send the kept ones of the wanted frames, or say that none is kept."""
        kept = self._reader.begin(boot_id, first_sequence, frame_count)
        self._request_id = request_id
        self._boot_id = boot_id
        self._first_sequence = self._reader.first_sequence if kept else first_sequence
        self._frame_count = kept
        self.is_sending = kept > 0
        self._tell(BACKFILL_STATE_SENDING if kept else BACKFILL_STATE_NOT_KEPT)

    def finish(self):
        """Say that all is sent, once it is."""
        if self.is_sending and self.link.is_backfill_sent:
            self.is_sending = False
            self._tell(BACKFILL_STATE_DONE)

    def cancel(self):
        """Offer nothing more: the connection or the agreement has ended."""
        self._reader.begin(0, 0, 0)
        self.is_sending = False

    def _tell(self, state):
        end = pack_backfill_range_into(
            self._range, 0, self._request_id, state, self._boot_id, self._first_sequence, self._frame_count
        )
        self.link.post(self._range, end)
