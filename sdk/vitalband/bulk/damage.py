"""What could not be read: how many frames for which cause, and where the first ones are."""

from collections import Counter
from dataclasses import dataclass, field

FIRST_TOLD = 10
"""Frames of which the place is kept; the others are counted only, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class FrameDamage:
    """A frame that cannot be read: its band's boot and number, and the cause in words."""

    boot_id: int
    sequence: int
    cause: str

    def __str__(self) -> str:
        return f"boot {self.boot_id}, frame {self.sequence}: {self.cause}"


def _no_counts() -> Counter[str]:
    return Counter()


@dataclass(slots=True)
class DamageReport:
    """Counts of unreadable frames by cause, and the first `FIRST_TOLD` of them in the order they were met."""

    counts: Counter[str] = field(default_factory=_no_counts)
    first: list[FrameDamage] = field(default_factory=list[FrameDamage])

    @property
    def total(self) -> int:
        """Unreadable frames; one that was met several times counts as often."""
        return self.counts.total()

    def add(self, damage: FrameDamage) -> None:
        """Take in one frame."""
        self.counts[damage.cause] += 1
        if len(self.first) < FIRST_TOLD:
            self.first.append(damage)

    def lines(self) -> list[str]:
        """For people: one line a cause, most frequent first, then the places that are kept."""
        counted = [f"{count} x {cause}" for cause, count in self.counts.most_common()]
        return counted + [f"at {damage}" for damage in self.first]
