"""Which sequence numbers came, which are missing, which the band has lost: per boot, in bounded memory.

`received + repaired + dropped_on_band + missing == assigned`: every number that the band is known to have
given out either came in turn, came later (`repaired`), was given up by the band, which says so when asked
for it (`dropped_on_band`), or is missing. Numbers are known to be given out by a later frame, by a session
frame, which names the next one to be sent, or by what the band tells of its journal (`account_for_earlier`).

Only `MAX_RANGES` missing and as many lost ranges a boot, and `MAX_BOOTS` boots, are remembered. Beyond that
the oldest are `forgotten`: still missing, or still lost, but a frame that comes for them after all is
`unaccounted`, as is one from before the accounting began. Such frames are given on; they may be duplicates.
"""

MAX_RANGES = 256
MAX_BOOTS = 256


class _Boot:
    """One boot: numbers from `floor` to before `next` are accounted for; those in `missing` and in `lost`
    are not there, each a sorted list of [first, stop]."""

    def __init__(self, boot_id: int, sequence: int) -> None:
        self.boot_id = boot_id
        self.floor = sequence
        self.next = sequence
        self.missing: "list[list[int]]" = []
        self.lost: "list[list[int]]" = []


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

    def account_for_earlier(
        self,
        boot_id: int,
        first_sequence: int,
        next_sequence: int,
        missing: "list[tuple[int, int]]",
        lost: "list[tuple[int, int]]",
    ) -> None:
        """Take numbers into the account that were given out before it began, or in an earlier boot.

        They go from `first_sequence` to before what is accounted for already, or to before `next_sequence`
        when nothing of the boot is. Of them `missing` are not there and `lost` given up by the band, as
        (first, count), sorted, apart from each other; the others count as received: they are stored.
        """
        boot = self._find(boot_id)
        if boot is None:
            boot = self._add(boot_id, next_sequence)
        count = boot.floor - first_sequence
        if count <= 0 or boot not in self._boots:
            return
        missing_before = _clipped(missing, first_sequence, boot.floor)
        lost_before = _clipped(lost, first_sequence, boot.floor)
        missing_count, lost_count = _size(missing_before), _size(lost_before)
        boot.floor = first_sequence
        boot.missing[:0] = missing_before
        boot.lost[:0] = lost_before
        self.assigned += count
        self.missing += missing_count
        self.dropped_on_band += lost_count
        self.received += count - missing_count - lost_count
        self._forget_oldest(boot)

    def missing_ranges(self, boot_id: int) -> "list[tuple[int, int]]":
        """The missing numbers of a boot as (first, count), oldest first."""
        boot = self._find(boot_id)
        return [] if boot is None else [(first, stop - first) for first, stop in boot.missing]

    def boot_ids(self) -> "list[int]":
        """The boots that are remembered, oldest first."""
        return [boot.boot_id for boot in self._boots]

    def note_next(self, boot_id: int, sequence: int) -> "tuple[int, int]":
        """A session frame: the next number to come; the gap that it shows, as (first, count)."""
        boot = self._boot_of(boot_id, sequence)
        return (sequence, 0) if boot is None else self._skip_to(boot, sequence)

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

    def note_not_kept(self, boot_id: int, first_sequence: int, count: int) -> "list[tuple[int, int]]":
        """The band has none of these numbers that are missing: what it lost of them, as (first, count)."""
        boot = self._find(boot_id)
        if boot is None:
            return []
        found = _clipped(
            [(first, stop - first) for first, stop in boot.missing], first_sequence, first_sequence + count
        )
        for first, stop in found:
            _remove(boot.missing, first, stop)
            _insert(boot.lost, first, stop)
        lost_count = _size(found)
        self.missing -= lost_count
        self.dropped_on_band += lost_count
        self._forget_oldest(boot)
        return [(first, stop - first) for first, stop in found]

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
            self.forgotten += _size(self._boots.pop(0).missing)
        return boot

    def _skip_to(self, boot: _Boot, sequence: int) -> "tuple[int, int]":
        first = boot.next
        count = sequence - first
        if count <= 0:
            return first, 0
        boot.next = sequence
        _insert(boot.missing, first, sequence)
        self.assigned += count
        self.missing += count
        self._forget_oldest(boot)
        return first, count

    def _note_earlier(self, boot: _Boot, sequence: int) -> bool:
        if sequence < boot.floor:
            self.unaccounted += 1
            return True
        if _remove(boot.missing, sequence, sequence + 1):
            self.missing -= 1
        elif _remove(boot.lost, sequence, sequence + 1):
            # Lost to one answer, kept in another place after all: it is here, and that is what counts.
            self.dropped_on_band -= 1
        else:
            self.duplicates += 1
            return False
        self.repaired += 1
        self._forget_oldest(boot)
        return True

    def _forget_oldest(self, boot: _Boot) -> None:
        while len(boot.missing) > MAX_RANGES or len(boot.lost) > MAX_RANGES:
            is_missing = bool(boot.missing) and (not boot.lost or boot.missing[0] < boot.lost[0])
            first, stop = (boot.missing if is_missing else boot.lost).pop(0)
            boot.floor = stop
            if is_missing:
                self.forgotten += stop - first


def _size(ranges: "list[list[int]]") -> int:
    return sum([stop - first for first, stop in ranges])


def _clipped(ranges: "list[tuple[int, int]]", start: int, stop: int) -> "list[list[int]]":
    clipped = [[max(first, start), min(first + count, stop)] for first, count in ranges]
    return [part for part in clipped if part[0] < part[1]]


def _insert(ranges: "list[list[int]]", first: int, stop: int) -> None:
    """Add numbers that are in no range, to the range before or after them where they touch it."""
    index = len(ranges)
    while index and ranges[index - 1][0] > first:
        index -= 1
    if index < len(ranges) and ranges[index][0] == stop:
        stop = ranges.pop(index)[1]
    if index and ranges[index - 1][1] == first:
        ranges[index - 1][1] = stop
    else:
        ranges.insert(index, [first, stop])


def _remove(ranges: "list[list[int]]", first: int, stop: int) -> bool:
    """Take numbers that lie within one range out of it; False when none holds them."""
    for index, (start, end) in enumerate(ranges):
        if start <= first and stop <= end:
            ranges[index : index + 1] = [part for part in ([start, first], [stop, end]) if part[0] < part[1]]
            return True
    return False
