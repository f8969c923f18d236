"""What the journal keeps of each boot, found a few sectors a step."""

from journal.index import PHASE_CLOSED, PHASE_OPEN

_SECTORS_A_STEP = 32
_LAST_RANK = 0xFFFF


class Extents:
    """`begin`, then `step` until it gives False: `boots` are those kept, the oldest first.

    Then, for each, `look_at(boot_id)` and `step` until it gives False: `frame_count`, and the numbers `first`
    to before `stop` between which they lie.
    """

    def __init__(self, sectors):
        self._sectors = sectors
        self._scan = sectors.scan
        self.boots = []
        self.begin()

    def begin(self):
        """Look for the boots of which there is anything."""
        self.boots = []
        self._is_listing = True
        self._look(-1)

    def look_at(self, boot_id):
        """Look at one boot."""
        self._is_listing = False
        self._look(self._sectors.index.rank(boot_id))

    def step(self):
        """A piece of the work; whether there is more."""
        stop = min(self._sector + _SECTORS_A_STEP, self._sectors.count)
        has_scanned = False
        while self._sector < stop and not has_scanned:
            has_scanned = self._take(self._sector)
            self._sector += 1
        if self._sector < self._sectors.count:
            return True
        if self._is_listing and self._next_rank <= _LAST_RANK:
            self.boots.append(self._next_rank + self._sectors.index.boot_id + 1 & 0xFFFF)
            self._look(self._next_rank)
            return True
        return False

    def _look(self, rank):
        self._sector = 0
        self._rank = rank
        self._next_rank = _LAST_RANK + 1
        self.frame_count = 0
        self.first = 0
        self.stop = 0

    def _take(self, sector):
        """Take a sector into account; whether its entries had to be read."""
        index = self._sectors.index
        if index.phase(sector) not in (PHASE_OPEN, PHASE_CLOSED) or not index.frame_count(sector):
            return False
        first_boot, last_boot = index.first_boot(sector), index.last_boot(sector)
        if first_boot == last_boot:
            first, last = index.first_sequence(sector), index.last_sequence(sector)
            self._add(first_boot, first, last, index.frame_count(sector))
            return False
        if self._is_listing:
            return self._list(sector, index.rank(first_boot), index.rank(last_boot))
        if not index.rank(first_boot) <= self._rank <= index.rank(last_boot):
            return False
        self._scan_entries(sector)
        return True

    def _list(self, sector, first_rank, last_rank):
        """Look in a sector for the next boot; only its entries tell of others than its first and last."""
        if first_rank > self._rank:
            self._next_rank = min(self._next_rank, first_rank)
            return False
        if last_rank <= self._rank or self._next_rank == self._rank + 1:
            return False
        self._next_rank = min(self._next_rank, last_rank)
        if self._next_rank == self._rank + 1:
            return False
        self._scan_entries(sector)
        return True

    def _scan_entries(self, sector):
        scan = self._scan
        scan.begin(sector, self._sectors.index.frame_count(sector))
        while scan.next():
            self._add(scan.boot_id, scan.sequence, scan.sequence, 1)

    def _add(self, boot_id, first, last, count):
        rank = self._sectors.index.rank(boot_id)
        if rank == self._rank:
            self.first = min(self.first, first) if self.frame_count else first
            self.stop = max(self.stop, last + 1)
            self.frame_count += count
        elif self._rank < rank < self._next_rank:
            self._next_rank = rank
