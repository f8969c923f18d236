"""Which sequence numbers came, which are missing: per boot, in bounded memory.

`received + repaired + missing == assigned`: every number that the band is known to have given out
either came in turn, came later (`repaired`), or is missing. Numbers are known to be given out by a
later frame, or by a session frame, which names the next one to be sent. What the band itself gave up
is among the missing; `dropped_on_band` says how many of them that explains, from the drop counter of
session frames alone, as that of a live frame is as old as the frame.

Only `MAX_RANGES` missing ranges a boot and `MAX_BOOTS` boots are remembered. Beyond that the oldest
are `forgotten`: still missing, but a frame that comes for them after all is `unaccounted`, as is one
from before the accounting began. Such frames are given on; they may be duplicates.
"""

MAX_RANGES = 256
MAX_BOOTS = 8
_DROPS_MODULO = 256


class _Boot:
    """One boot: numbers from `floor` to before `next` are accounted for, those in `missing` not there."""

    def __init__(self, boot_id: int, sequence: int) -> None:
        self.boot_id = boot_id
        self.floor = sequence
        self.next = sequence
        self.missing: "list[list[int]]" = []
        self.drops = 0 if sequence == 0 else -1


class Ledger:
    """The account of one band's numbered frames; see the module for the counters."""

    def __init__(self) -> None:
        self.assigned = 0
        self.received = 0
        self.repaired = 0
        self.missing = 0
        self.duplicates = 0
        self.unaccounted = 0
        self.forgotten = 0
        self.dropped_on_band = 0
        self._boots: "list[_Boot]" = []

    def expect_from(self, boot_id: int, sequence: int) -> None:
        """Begin the account of a boot at a number, as when the store has all before it."""
        if self._find(boot_id) is None:
            self._add(boot_id, sequence)

    def missing_ranges(self, boot_id: int) -> "list[tuple[int, int]]":
        """The missing numbers of a boot as (first, count), oldest first."""
        boot = self._find(boot_id)
        return [] if boot is None else [(first, stop - first) for first, stop in boot.missing]

    def boot_ids(self) -> "list[int]":
        """The boots that are remembered, oldest first."""
        return [boot.boot_id for boot in self._boots]

    def note_next(self, boot_id: int, sequence: int, drops: int) -> "tuple[int, int]":
        """A session frame: the next number to come; the gap that it shows, as (first, count)."""
        boot = self._boot_of(boot_id, sequence)
        if boot is None:
            return sequence, 0
        self._note_drops(boot, drops)
        return self._skip_to(boot, sequence)

    def note_live(self, boot_id: int, sequence: int) -> "tuple[bool, int, int]":
        """A numbered frame in turn: whether it is new, and the gap before it, as (first, count)."""
        boot = self._boot_of(boot_id, sequence)
        if boot is None:
            self.unaccounted += 1
            return True, sequence, 0
        if sequence < boot.next:
            return self._note_earlier(boot, sequence), sequence, 0
        first, count = self._skip_to(boot, sequence)
        boot.next = sequence + 1
        self.assigned += 1
        self.received += 1
        return True, first, count

    def note_backfilled(self, boot_id: int, sequence: int) -> bool:
        """A frame that was sent again: whether it is new. It says nothing about the numbers before it."""
        boot = self._find(boot_id)
        if boot is None or sequence >= boot.next:
            self.unaccounted += 1
            return True
        return self._note_earlier(boot, sequence)

    def _find(self, boot_id: int) -> "_Boot | None":
        for boot in self._boots:
            if boot.boot_id == boot_id:
                return boot
        return None

    def _boot_of(self, boot_id: int, sequence: int) -> "_Boot | None":
        boot = self._find(boot_id)
        if boot is not None:
            return boot
        if not self._boots:
            return self._add(boot_id, sequence)
        return self._add(boot_id, 0) if boot_id > self._boots[-1].boot_id else None

    def _add(self, boot_id: int, sequence: int) -> _Boot:
        boot = _Boot(boot_id, sequence)
        self._boots.append(boot)
        self._boots.sort(key=lambda kept: kept.boot_id)
        if len(self._boots) > MAX_BOOTS:
            self.forgotten += sum(stop - first for first, stop in self._boots.pop(0).missing)
        return boot

    def _skip_to(self, boot: _Boot, sequence: int) -> "tuple[int, int]":
        first = boot.next
        count = sequence - first
        if count <= 0:
            return first, 0
        boot.next = sequence
        if boot.missing and boot.missing[-1][1] == first:
            boot.missing[-1][1] = sequence
        else:
            boot.missing.append([first, sequence])
        self.assigned += count
        self.missing += count
        self._forget_oldest(boot)
        return first, count

    def _note_earlier(self, boot: _Boot, sequence: int) -> bool:
        if sequence < boot.floor:
            self.unaccounted += 1
            return True
        for index, (first, stop) in enumerate(boot.missing):
            if first <= sequence < stop:
                boot.missing[index : index + 1] = [
                    part for part in ([first, sequence], [sequence + 1, stop]) if part[0] < part[1]
                ]
                self.missing -= 1
                self.repaired += 1
                self._forget_oldest(boot)
                return True
        self.duplicates += 1
        return False

    def _forget_oldest(self, boot: _Boot) -> None:
        if len(boot.missing) > MAX_RANGES:
            first, stop = boot.missing.pop(0)
            boot.floor = stop
            self.forgotten += stop - first

    def _note_drops(self, boot: _Boot, drops: int) -> None:
        if boot.drops >= 0:
            self.dropped_on_band += (drops - boot.drops) % _DROPS_MODULO
        boot.drops = drops
