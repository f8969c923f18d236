"""What a check of a store finds, counted, with the first places of each kind."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bandschema.enums import JournalClass, LossCause
from vitalband.ranges import Range

FIRST_TOLD = 10
"""Places, and ranges of missing numbers of a boot, that are kept; all others are counted only."""


class FindingKind(StrEnum):
    """What can be wrong with a store."""

    FILE = "file"
    ROW = "row"
    FRAME = "frame"
    TICKS = "ticks"
    EXCHANGE = "time exchange"
    BOOT_ORDER = "boot order"
    SAMPLES_TWICE = "samples twice"
    DESCRIPTOR = "stream without descriptor"
    CONSENT = "consent"
    SAMPLE_GAP = "sample gap"
    LATER_VERSION = "later version"

    @property
    def is_damage(self) -> bool:
        """Whether a sound store has none: gaps between samples follow from lost frames and full FIFOs, and a
        frame of a later version is for a later reader."""
        return self not in (FindingKind.SAMPLE_GAP, FindingKind.LATER_VERSION)


@dataclass(frozen=True, slots=True)
class Finding:
    """One place, as far as it can be told, and the cause in words."""

    kind: FindingKind
    cause: str
    band_id: bytes | None = None
    boot_id: int | None = None
    sequence: int | None = None

    def __str__(self) -> str:
        band = None if self.band_id is None else f"band {self.band_id.hex()}"
        boot = None if self.boot_id is None else f"boot {self.boot_id}"
        frame = None if self.sequence is None else f"frame {self.sequence}"
        place = ", ".join(part for part in (band, boot, frame) if part is not None)
        return f"{place}: {self.cause}" if place else self.cause


@dataclass(frozen=True, slots=True)
class ToldLoss:
    """Frames that a boot's journal said to have given up, of one class and for one cause."""

    lost_class: JournalClass | int
    loss_cause: LossCause | int
    frame_count: int


@dataclass(slots=True)
class BootAccount:
    """The numbers of one boot: from `first_sequence`, the first that the store knows of, to before
    `next_sequence` each is received, lost on the band, removed by the store's limits, or missing. A damaged
    row counts as missing.

    `unproven_frames` hold readings or samples of which no record here tells whether they were agreed to: of a
    band that does not tell it at its start, or behind numbers that are not here.
    """

    band_id: bytes
    boot_id: int
    first_sequence: int = 0
    next_sequence: int = 0
    received: int = 0
    lost: int = 0
    removed: int = 0
    missing: int = 0
    missing_range_count: int = 0
    unproven_frames: int = 0
    first_missing: list[Range] = field(default_factory=list[Range])
    told_losses: list[ToldLoss] = field(default_factory=list[ToldLoss])

    @property
    def assigned(self) -> int:
        """Numbers given out: `received + lost + removed + missing`."""
        return self.next_sequence - self.first_sequence


def _no_counts() -> "Counter[tuple[FindingKind, str]]":
    return Counter()


@dataclass(slots=True)
class CheckReport:
    """All that was found; `counts` by kind and cause, `first` at most `FIRST_TOLD` a kind."""

    path: Path
    frames: int = 0
    unchecked_frames: int = 0
    cuff_readings: int = 0
    boots: list[BootAccount] = field(default_factory=list[BootAccount])
    counts: "Counter[tuple[FindingKind, str]]" = field(default_factory=_no_counts)
    first: list[Finding] = field(default_factory=list[Finding])
    missing_samples: int = 0

    @property
    def missing(self) -> int:
        """Numbers that are neither here nor known to be lost; the band may still have them."""
        return sum(boot.missing for boot in self.boots)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is damaged and nothing missing, but what the band has lost."""
        return not self.missing and not any(kind.is_damage for kind, _ in self.counts)

    def add(self, finding: Finding, count: int = 1, cause: str | None = None) -> None:
        """Take in a finding that was met `count` times.

        It is counted under `cause` where its own says what no other has: counts do not grow with the store.
        """
        self.counts[finding.kind, finding.cause if cause is None else cause] += count
        self.note_place(finding)

    def note_place(self, finding: Finding) -> None:
        """Keep where a finding is, when it is one of the first of its kind."""
        if sum(told.kind is finding.kind for told in self.first) < FIRST_TOLD:
            self.first.append(finding)
