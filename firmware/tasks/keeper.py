"""Makes what is to outlive a restart last; a medium that fails is a fault, and is tried again."""

from bandwire.frames import PART_STORAGE

_IDLE_MS = 60_000


class KeeperTask:
    """Writes what of `media` (slots, or None) has changed: `is_dirty` says so, `write` does it."""

    BUDGET_PER_2_S = 100_000

    def __init__(self, media):
        self.name = "keeper"
        self.part = PART_STORAGE
        self._media = media

    def is_ready(self):
        """Whether something waits to be written."""
        for medium in self._media:  # noqa: SIM110 - a generator would be made anew in every pass
            if medium is not None and medium.is_dirty:
                return True
        return False

    def start(self, _now_ms):
        """Nothing to begin."""

    def step(self, _now_ms):
        """Write; OSError when the medium does not take it."""
        for medium in self._media:
            if medium is not None and medium.is_dirty:
                medium.write()
        return _IDLE_MS
