"""Makes the state and the keys of paired hosts last; a medium that fails is a fault, and is tried again."""

from bandwire.frames import PART_STORAGE

_IDLE_MS = 60_000


class KeeperTask:
    """Writes the storage and the bonds, which may be None, when something in them has changed."""

    BUDGET_PER_2_S = 100_000

    def __init__(self, storage, bonds):
        self.name = "keeper"
        self.part = PART_STORAGE
        self._storage = storage
        self._bonds = bonds

    def is_ready(self):
        """Whether something waits to be written."""
        return self._storage.is_dirty or self._has_new_bonds()

    def start(self, _now_ms):
        """Nothing to begin."""

    def step(self, _now_ms):
        """Write; OSError when the medium does not take it."""
        if self._storage.is_dirty:
            self._storage.write()
        if self._has_new_bonds():
            self._bonds.write()
        return _IDLE_MS

    def _has_new_bonds(self):
        return self._bonds is not None and self._bonds.is_dirty
