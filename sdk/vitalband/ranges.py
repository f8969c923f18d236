"""Numbers as ranges: (first, count), in order and apart from each other."""

from collections.abc import Iterable

Range = tuple[int, int]


def within(ranges: Iterable[Range], first: int, stop: int) -> list[Range]:
    """What of the ranges lies from `first` to before `stop`."""
    clipped = ((max(start, first), min(start + count, stop)) for start, count in ranges)
    return [(low, high - low) for low, high in clipped if low < high]


def without(ranges: Iterable[Range], taken: list[Range]) -> list[Range]:
    """What of the ranges is in none of `taken`."""
    left: list[Range] = []
    for first, count in ranges:
        left += holes(within(taken, first, first + count), first, first + count)
    return left


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Ranges in any order, that may touch and overlap, as few as can be."""
    joined: list[Range] = []
    for first, count in sorted(ranges):
        if joined and first <= sum(joined[-1]):
            start = joined[-1][0]
            joined[-1] = (start, max(sum(joined[-1]), first + count) - start)
        else:
            joined.append((first, count))
    return joined


def holes(ranges: list[Range], first: int, stop: int) -> list[Range]:
    """What lies between the ranges, and at both ends, of the numbers from `first` to before `stop`."""
    edges = [first, *(edge for start, count in ranges for edge in (start, start + count)), stop]
    return [(low, high - low) for low, high in zip(edges[::2], edges[1::2], strict=True) if high > low]


def size(ranges: Iterable[Range]) -> int:
    """How many numbers there are."""
    return sum(count for _, count in ranges)
