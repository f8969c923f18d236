"""Starts and stops the streams of raw samples: exists under an agreement only."""


class Streams:
    """The block writers of `sources`, let loose one by one."""

    def __init__(self, agreement, sources, journal, core):
        self._agreement = agreement
        self._sources = sources
        self._journal = journal
        self._outbox = core.outbox
        self._status = core.status

    def start(self, stream_id):
        """Describe a stream and start it; False when its group is not agreed to."""
        for source in self._sources:
            if source.row.stream_id == stream_id and self._agreement.allows(source.row.group):
                source.row.send_descriptor(self._outbox)
                source.blocks.start(self._journal)
                self._tell_wearer()
                return True
        return False

    def stop(self, stream_id):
        """Stop a stream."""
        for source in self._sources:
            if source.row.stream_id == stream_id:
                source.blocks.stop()
        self._tell_wearer()

    def stop_all(self):
        """Stop all streams."""
        for source in self._sources:
            source.blocks.stop()
        self._tell_wearer()

    def _tell_wearer(self):
        streams = 0
        for source in self._sources:
            streams += 1 if source.blocks.is_started else 0
        if streams != self._status.raw_streams:
            self._status.raw_streams = streams
            self._status.touch()
