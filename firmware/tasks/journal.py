"""What the band keeps and sends of its wearer: exists under an agreement only.

Updates of the readings wait in an open run while no host is connected, so that the journal holds many more;
a run ends when its frame is full, after 64 updates at the latest, or when a host connects. A host that is
connected gets each update at once, or as many in a frame as it has asked for.
"""

from bandwire.frames import KIND_COMPRESSED_BLOCK, KIND_VITALS_RUN


class Journal:
    """The way of readings and samples into the journal; shut for good once the agreement ends."""

    def __init__(self, agreement, run, core):
        self._agreement = agreement
        self._outbox = core.outbox
        self._clock = core.clock
        self._status = core.status
        self._run = run
        run.choose(agreement.groups)

    def keep_vitals(self, is_urgent):
        """Keep the readings that are agreed to, as they are now; for a host at once if it `is_urgent`."""
        if not self._agreement.is_active:
            return
        clock = self._clock
        if not self._run.add(clock.ticks_low, clock.ticks_high):
            self.close_run()
            self._run.add(clock.ticks_low, clock.ticks_high)
        status = self._status
        if status.is_link_up and (is_urgent or self._run.update_count >= status.updates_per_frame):
            self.close_run()

    def close_run(self):
        """Make a frame of the updates that wait."""
        run = self._run
        if run.update_count and self._agreement.is_active:
            self._outbox.send_from(run.buffer, KIND_VITALS_RUN, run.close(), run.ticks_low, run.ticks_high)

    def forget(self):
        """Throw away the updates that wait: the agreement has ended."""
        self._run.choose(0)

    def keep_block(self, buffer, end, ticks_low, ticks_high):
        """Keep a block of raw samples whose last one is of the given tick."""
        if self._agreement.is_active:
            self._outbox.send_from(buffer, KIND_COMPRESSED_BLOCK, end, ticks_low, ticks_high)
