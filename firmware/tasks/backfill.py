"""Answers a host that asks for frames again, one request at a time."""

from bandwire.frames import (
    BACKFILL_RANGE_BYTES,
    BACKFILL_STATE_DONE,
    BACKFILL_STATE_NOT_KEPT,
    BACKFILL_STATE_SENDING,
    KIND_BACKFILL_RANGE,
    pack_backfill_range_into,
)

_MOST_NUMBERS = (1 << 24) - 1
"""As many as a `backfill_request` can ask for."""


class Backfill:
    """A source of the link over what the journal's reader finds, which tells begin and end of it.

    What is kept is counted first, in steps of the journal's task; a flash that fails ends what is offered.
    """

    def __init__(self, outbox):
        self.link = None
        self.buffer = outbox.log.reader.buffer
        self.start = outbox.log.reader.start
        self.is_sending = False
        self._outbox = outbox
        self._log = outbox.log
        self._reader = outbox.log.reader
        self._range = bytearray(BACKFILL_RANGE_BYTES)
        self._range[1] = KIND_BACKFILL_RANGE
        self._is_told = False
        self._untold = None
        self._request_id = 0
        self._boot_id = 0

    def begin(self, request_id, boot_id, first_sequence, frame_count):
        """Start to look for the wanted frames."""
        self._begin(request_id, boot_id, None)
        self._log.backfill(boot_id, first_sequence, frame_count)

    def begin_consent(self, request_id, boot_id, untold):
        """Start to look for the records of consent of a boot; where none is kept `untold` tells anew."""
        self._begin(request_id, boot_id, untold)
        self._log.backfill(boot_id, 0, _MOST_NUMBERS, is_consent_only=True)

    def _begin(self, request_id, boot_id, untold):
        self._untold = untold
        self._request_id = request_id
        self._boot_id = boot_id
        self._is_told = False
        self.is_sending = True

    @property
    def has_news(self):
        """Whether there is something to tell: what is kept is counted."""
        return self.is_sending and not self._is_told and not self._reader.is_counting

    def tell_news(self):
        """Tell what is kept once it is counted, and that all is sent once it is; whether it was."""
        reader = self._reader
        if self.has_news:
            self._is_told = True
            self.is_sending = reader.kept > 0
            if not reader.kept and self._untold is not None:
                self._untold.tell()
            self._post(BACKFILL_STATE_SENDING if reader.kept else BACKFILL_STATE_NOT_KEPT, reader.kept)
            return True
        if self.is_sending and self._is_told and self.link.is_backfill_sent:
            self.is_sending = False
            self._post(BACKFILL_STATE_DONE, reader.sent)
            return True
        return False

    def cancel(self):
        """Offer nothing more: the connection or the agreement has ended."""
        self._reader.cancel()
        self.is_sending = False

    def peek(self):
        """Length of the next frame that is sent again, which lies in `buffer` from `start`; 0 for none."""
        if not self.is_sending or not self._is_told:
            return 0
        try:
            return self._reader.peek()
        except OSError as error:
            self._reader.cancel()
            self._outbox.fail(error)
        return 0

    def advance(self):
        """Count the frame of the last `peek` as sent."""
        self._reader.advance()

    def _post(self, state, frame_count):
        end = pack_backfill_range_into(
            self._range, 0, self._request_id, state, self._boot_id, self._reader.first_sequence, frame_count
        )
        self.link.post(self._range, end)
