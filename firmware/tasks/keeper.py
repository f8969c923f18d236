"""Makes the state last; a medium that fails is a fault, and is tried again."""

from bandwire.frames import PART_STORAGE

_IDLE_MS = 60_000


class KeeperTask:
    """Writes the storage when something in it has changed."""

    BUDGET_PER_2_S = 100_000

    def __init__(self, storage):
        self.name = "keeper"
        self.part = PART_STORAGE
        self._storage = storage

    def is_ready(self):
        """Whether something waits to be written."""
        return self._storage.is_dirty

    def start(self, _now_ms):
        """Nothing to begin."""

    def step(self, _now_ms):
        """Write; OSError when the medium does not take it."""
        if self._storage.is_dirty:
            self._storage.write()
        return _IDLE_MS
