"""Writes what waits to flash, and does what the journal has to do beside: find its way, make room, erase.

A flash that fails is a fault of the storage; it is tried again, and looked at afresh then.
"""

from bandwire.catalogue import JOURNAL_RETENTION_H
from bandwire.frames import EVENT_KIND_DROPPED, PART_STORAGE

_IDLE_MS = 60_000
_FRAMES_A_STEP = 2
"""Own choice: sealing one of 241 bytes takes 0.1 million instructions, and nothing else runs meanwhile."""
_LONGEST_RUN_S = 130
"""64 updates, one every 2 s, and the look after them: the first is so much older than its frame's tick."""
_MOST_S = JOURNAL_RETENTION_H * 3600 - _LONGEST_RUN_S - _IDLE_MS // 1000
"""The retention that the manifest states, less what it is looked at too late by."""


class FrameLogTask:
    """Runs the journal in flash, a piece of its work a step."""

    BUDGET_PER_2_S = 1_500_000

    def __init__(self, core):
        self.name = "journal"
        self.part = PART_STORAGE
        self._outbox = core.outbox
        self._queue = core.queue
        self._log = core.log
        self._numbering = core.numbering
        self._clock = core.clock
        self._expiry_s = 0
        self._unopened_told = 0

    def is_ready(self):
        """Whether frames wait for the flash, or the journal has something to do."""
        outbox = self._outbox
        return bool(self._queue.waiting_count or self._log.has_work or outbox.failure is not None)

    def start(self, _now_ms):
        """After a failure, look at the flash afresh."""
        outbox = self._outbox
        outbox.failure = None
        if not outbox.is_keeping:
            self._log.start(self._numbering.boot_id)
            outbox.is_keeping = True

    def step(self, _now_ms):
        """A piece of the work; OSError when the flash has failed, here or where somebody else asked it."""
        outbox, log = self._outbox, self._log
        if outbox.failure is not None:
            outbox.commit_all()
            raise outbox.failure
        log.uptime_s = self._clock.uptime_s
        if log.is_ready:
            for _ in range(_FRAMES_A_STEP):
                if self._queue.waiting_count:
                    outbox.commit()
        if log.reader.unopened != self._unopened_told:
            self._tell_unopened()
        if log.has_work:
            self._work()
        elif self._clock.uptime_s >= self._expiry_s:
            self._expire()
        return 0 if self.is_ready() else _IDLE_MS

    def _tell_unopened(self):
        """Frames that were asked for, and that rot had got at."""
        unopened = self._log.reader.unopened
        self._outbox.send_event(EVENT_KIND_DROPPED, PART_STORAGE, unopened - self._unopened_told)
        self._unopened_told = unopened

    def _work(self):
        try:
            if self._outbox.wipe_cause and self._log.is_ready:
                self._outbox.wipe_stale()
            self._log.step()
        except OSError as error:
            self._outbox.fail(error)

    def _expire(self):
        try:
            if not self._log.expire(_MOST_S):
                self._expiry_s = self._clock.uptime_s + _IDLE_MS // 1000
        except OSError as error:
            self._outbox.fail(error)
