"""Takes frames in, numbers them in the order in which they go to flash, and lets them be sent then.

A frame gets its number when it is written: no number is given out for a frame that power takes from RAM, and
no host has a frame that the journal has not.
"""

from bandwire.frames import (
    JOURNAL_LOSS_BYTES,
    KIND_EVENT,
    KIND_JOURNAL_LOSS,
    KIND_LOG_LINE,
    LOG_LINE_BYTES,
    PART_NONE,
    pack_event_into,
    pack_header_into,
    pack_journal_loss_into,
    pack_log_line_into,
)

MOST_FRAME_BYTES = 256
"""Longest frame that this band makes: a block of raw samples has 241 bytes, all readings 111. The protocol
allows more, which would cost its room three times over: here and in the link's two classes.
"""
_KIND_AT = 1
_DROPS_AT = 11


class Outbox:
    """The only way of numbered frames: into `queue` at once, from there into `log` by `commit`.

    A frame is packed into `buffer` (or a buffer of the caller's) and sent with its kind and end. While the
    flash fails `failure` is the error, until somebody takes it, and `is_keeping` is false: frames are in RAM
    alone then.
    """

    def __init__(self, clock, numbering, queue, log):
        self.buffer = bytearray(MOST_FRAME_BYTES)
        self.queue = queue
        self.log = log
        self.is_keeping = True
        self.failure = None
        self.wipe_cause = 0
        self._clock = clock
        self._numbering = numbering
        self._loss = bytearray(JOURNAL_LOSS_BYTES)
        log.losses.tell = self._tell_loss
        log.start(numbering.boot_id)

    def send(self, kind, end):
        """Keep the frame of `end` bytes in `buffer`, of this tick."""
        self.send_from(self.buffer, kind, end, self._clock.ticks_low, self._clock.ticks_high)

    def send_from(self, buffer, kind, end, ticks_low, ticks_high):
        """Keep a frame in a buffer of the caller's, of an earlier tick."""
        queue = self.queue
        pack_header_into(buffer, 0, kind, 0, 0, ticks_low, ticks_high, 0)
        while not queue.has_room(end):
            if queue.unsent_count:
                queue.drop_oldest()
            else:
                self.commit()
        queue.append(buffer, end)
        if not self.is_keeping:
            self.commit_all()

    def send_event(self, event, part=PART_NONE, detail=0):
        """Send an event frame."""
        self.send(KIND_EVENT, pack_event_into(self.buffer, 0, event, part, detail))

    def send_log(self, level, part, text):
        """Send a line (bytes) for the engineer, cut to 64 bytes; never about the wearer."""
        start = pack_log_line_into(self.buffer, 0, level, part)
        length = min(len(text), 64)
        self.buffer[start : start + length] = text[:length]
        self.send(KIND_LOG_LINE, LOG_LINE_BYTES + length)

    def commit(self):
        """Number the oldest frame that has no number and write it to flash."""
        queue = self.queue
        start = queue.waiting_start
        length = queue.waiting_length
        kind = queue.buffer[start + _KIND_AT]
        is_kept = self._reserve(kind, length)
        self._number(queue.buffer, start)
        if is_kept:
            is_kept = self._append(kind, start, length)
        queue.commit(is_kept)

    def commit_all(self):
        """The same for all."""
        while self.queue.waiting_count:
            self.commit()

    def wipe(self, cause):
        """Keep nothing but consent records: at once, or as soon as the flash works again."""
        self.queue.forget()
        self.wipe_cause = cause
        if self.is_keeping:
            try:
                self.wipe_now()
            except OSError as error:
                self.fail(error)

    def wipe_now(self):
        """Do what `wipe` could not; OSError when the flash fails."""
        self.log.reader.cancel()
        self.log.wipe(self.wipe_cause)
        self.wipe_cause = 0

    def wipe_stale(self):
        """The same, where a withdrawal has left anything of the wearer: power or the flash had failed."""
        if self.log.holds_wearer_data():
            self.wipe_now()
        self.wipe_cause = 0

    def fail(self, error):
        """The flash failed: go on without it."""
        self.is_keeping = False
        self.failure = error

    def _reserve(self, kind, length):
        if self.is_keeping:
            try:
                self.log.reserve(kind, length)
                return True
            except OSError as error:
                self.fail(error)
        return False

    def _append(self, kind, start, length):
        try:
            self.log.append(kind, self.queue.buffer, start, length)
            return True
        except OSError as error:
            self.fail(error)
        return False

    def _number(self, buffer, start):
        """Write number and drops of a frame into its header."""
        sequence = self._numbering.take()
        boot_id = self._numbering.boot_id
        buffer[start + 2] = boot_id & 0xFF
        buffer[start + 3] = boot_id >> 8
        buffer[start + 4] = sequence & 0xFF
        buffer[start + 5] = sequence >> 8 & 0xFF
        buffer[start + 6] = sequence >> 16
        buffer[start + _DROPS_AT] = self.queue.drops & 0xFF

    def _tell_loss(self, boot_id, first, last, count, lost_class, cause, subject):
        """Make the frame of a loss: written at once, before what waits; sent live if nothing does."""
        queue, loss, clock = self.queue, self._loss, self._clock
        queue.drops += count
        if not self.log.reserve_loss(JOURNAL_LOSS_BYTES):
            return
        pack_header_into(loss, 0, KIND_JOURNAL_LOSS, 0, 0, clock.ticks_low, clock.ticks_high, 0)
        pack_journal_loss_into(loss, 0, boot_id, first, last, count, lost_class, cause)
        self._number(loss, 0)
        self.log.append_loss(loss, JOURNAL_LOSS_BYTES, subject)
        if queue.waiting_count == 0:
            while not queue.has_room(JOURNAL_LOSS_BYTES):
                queue.drop_oldest()
            queue.append(loss, JOURNAL_LOSS_BYTES)
            queue.commit(True)
