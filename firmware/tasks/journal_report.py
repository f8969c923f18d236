"""Tells a host what the journal keeps: of each boot, in steps, as much as the link takes."""

from bandwire.frames import (
    JOURNAL_EXTENT_BYTES,
    KIND_JOURNAL_EXTENT,
    KIND_REPLY,
    REPLY_BYTES,
    RESULT_NOT_AVAILABLE,
    RESULT_OK,
    pack_journal_extent_into,
    pack_reply_into,
)


class JournalReport:
    """One answer at a time: `begin`, then `advance` until `is_busy` is false."""

    def __init__(self, core):
        self.link = None
        self.is_busy = False
        self._outbox = core.outbox
        self._log = core.log
        self._numbering = core.numbering
        self._frame = bytearray(JOURNAL_EXTENT_BYTES)
        self._frame[1] = KIND_JOURNAL_EXTENT
        self._reply = bytearray(REPLY_BYTES)
        self._reply[1] = KIND_REPLY
        self._request_id = 0
        self._told = 0
        self._is_listed = False
        self._is_looking = False

    def begin(self, request_id):
        """Start to look; the reply is sent when it is known how many boots there are."""
        self._request_id = request_id
        self.is_busy = True
        self._is_listed = False
        self._log.extents.begin()

    def cancel(self):
        """Tell nothing more: the connection has ended."""
        self.is_busy = False
        self._log.extents.boots = []

    def advance(self):
        """Look at a few sectors, or tell of a boot if the link takes it."""
        if not self.is_busy:
            return
        if not self._outbox.is_keeping:
            self._end_without_flash()
        elif self._log.is_ready:
            try:
                self._look_on()
            except OSError as error:
                self._outbox.fail(error)

    def _look_on(self):
        extents = self._log.extents
        if extents.step():
            return
        if not self._is_listed:
            self._list()
        elif self._tell():
            self._told += 1
            if self._told == len(extents.boots):
                self.cancel()
                return
            extents.look_at(extents.boots[self._told])

    def _list(self):
        """All boots are known: this one is among them even if nothing of it is kept."""
        extents = self._log.extents
        boots = extents.boots
        if not boots or boots[-1] != self._numbering.boot_id:
            boots.append(self._numbering.boot_id)
        if self._post_reply(RESULT_OK, len(boots)):
            self._is_listed = True
            self._told = 0
            extents.look_at(boots[0])

    def _tell(self):
        extents = self._log.extents
        boot_id = extents.boots[self._told]
        first, stop = extents.first, extents.stop
        if boot_id == self._numbering.boot_id:
            stop = self._numbering.next_sequence
            first = first if extents.frame_count else stop
        end = pack_journal_extent_into(
            self._frame, 0, self._told, len(extents.boots), boot_id, first, stop, extents.frame_count
        )
        return self.link.post(self._frame, end)

    def _end_without_flash(self):
        if self._is_listed or self._post_reply(RESULT_NOT_AVAILABLE, 0):
            self.cancel()

    def _post_reply(self, result, detail):
        return self.link.post(self._reply, pack_reply_into(self._reply, 0, self._request_id, result, detail))
