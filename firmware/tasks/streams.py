"""Starts and stops the streams of raw samples: exists under an agreement only."""


class Streams:
    """The block writers of `sources`, let loose one by one."""

    def __init__(self, agreement, sources, journal, outbox):
        self._agreement = agreement
        self._sources = sources
        self._journal = journal
        self._outbox = outbox

    def start(self, stream_id):
        """Describe a stream and start it; False when its group is not agreed to."""
        for source in self._sources:
            if source.row.stream_id == stream_id and self._agreement.allows(source.row.group):
                source.row.send_descriptor(self._outbox)
                source.blocks.start(self._journal)
                return True
        return False

    def stop(self, stream_id):
        """Stop a stream."""
        for source in self._sources:
            if source.row.stream_id == stream_id:
                source.blocks.stop()

    def stop_all(self):
        """Stop all streams."""
        for source in self._sources:
            source.blocks.stop()
