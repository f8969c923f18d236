"""What an audit found: what was sent, class by class, and what of it nobody can account for."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bandschema.field import DataClass

FIRST_TOLD = 10
"""Places of each finding that are kept; all others are counted only."""


class AuditKind(StrEnum):
    """Why something is "something else"."""

    NO_MANIFEST = "the recording has no whole manifest"
    NOT_LISTED = "is not in the manifest"
    NO_PAGE = "has no page of its own on the display"
    NOT_AGREED = "was not agreed to"
    DISPLAY_FAILED = "was sent while the display had failed"
    UNKNOWN_KIND = "is of a kind that this version does not know"
    UNREADABLE = "cannot be read"
    UNSTATED_BYTES = "holds bytes that its layout does not state"
    HOSTS_ONLY = "is of a kind that a band does not send"


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Something else: what, why, how often, and the first places as (boot, sequence)."""

    kind: AuditKind
    what: str
    count: int
    first: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class ItemAccount:
    """A reading or a stream that was sent: how many values or blocks, how many readings without a value.

    `group` and `page` are those of the manifest, None when it does not list the item.
    """

    name: str
    group: int | None
    page: int | None
    sent: int = 0
    withheld: int = 0


@dataclass(slots=True)
class PageAccount:
    """How often the band told that it showed a page, and for how many seconds in all, as far as it told."""

    shown: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class AuditReport:
    """All that was sent. `unproven_frames`: of which no record here tells whether they were agreed to.

    `missing_frames`: numbered frames that are not here, be they lost, not fetched, or removed by a limit.
    """

    path: Path
    band_id: bytes
    manifest_digest: bytes | None = None
    items: list[ItemAccount] = field(default_factory=list[ItemAccount])
    frames: Counter[tuple[DataClass, str]] = field(default_factory=Counter[tuple[DataClass, str]])
    events: Counter[str] = field(default_factory=Counter[str])
    texts: Counter[str] = field(default_factory=Counter[str])
    pages: dict[int, PageAccount] = field(default_factory=dict[int, PageAccount])
    tells_pages: bool = False
    unproven_frames: int = 0
    missing_frames: int = 0
    _places: dict[tuple[AuditKind, str], list[tuple[int, int]]] = field(
        default_factory=dict[tuple[AuditKind, str], list[tuple[int, int]]]
    )
    _counts: Counter[tuple[AuditKind, str]] = field(default_factory=Counter[tuple[AuditKind, str]])

    def add(self, kind: AuditKind, what: str, boot_id: int, sequence: int, count: int = 1) -> None:
        """Take in something else."""
        key = kind, what
        self._counts[key] += count
        places = self._places.setdefault(key, [])
        if len(places) < FIRST_TOLD:
            places.append((boot_id, sequence))

    @property
    def findings(self) -> list[AuditFinding]:
        """What else was sent, the most frequent first."""
        return [
            AuditFinding(kind, what, count, tuple(self._places[kind, what]))
            for (kind, what), count in self._counts.most_common()
        ]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing else."""
        return not self._counts
