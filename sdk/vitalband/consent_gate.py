"""No readings and no samples without a record of consent: what a session neither hands out nor stores.

A band tells at each start what its wearer has agreed to, and each change since, by records that are numbered
with the data. So whether a frame may be taken is known by the records of its boot with lower numbers, in
whatever order they come: live data may be there before the record of the start, which is sent again on
request (`vitalband.repair`), and a record may have been lost on the way. What is not agreed to by those that
are here is held back, at most `HELD_FRAMES` of it, and refused when the session ends. That is told once a
boot, as soon as it lasts.

What is refused is not confirmed to the band either: the band keeps it, and a later session asks anew.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

from bandschema.enums import Cause
from bandschema.readings import READINGS
from bandschema.records import ConsentRecord
from vitalband.data_refused import DataRefused
from vitalband.store.agreements import BootAgreements, groups_needed
from vitalband.store.rows import FrameRow
from vitalband.values import VitalsUpdate

HELD_FRAMES = 20_000
"""As many as wait for a store that fails (`vitalband.recorder`): 8 MB at most. Chosen."""
TOLD_AFTER_MS = 10_000
"""Longest that nobody hears of data that is held back: as long as an answer to a request may take
(`vitalband.repair`)."""

NOT_AGREED = "the wearer had not agreed to it, by the records that came"
NO_RECORD = "no record came of what the wearer had agreed to"

_GROUP_OF_READING = {spec.reading: int(spec.group) for spec in READINGS}


@dataclass(frozen=True, slots=True)
class GatedFrame:
    """A numbered frame, and whether it was sent again."""

    row: FrameRow
    is_backfilled: bool


@dataclass(slots=True)
class _Boot(BootAgreements):
    """And what was told of it: (reason, whether it waits)."""

    told: set[tuple[str, bool]] = field(default_factory=set[tuple[str, bool]])


class ConsentGate:
    """Takes each numbered frame of a session and gives those that may be handed out and stored.

    `kept` gives the records that are stored of a boot of a band, from sessions before. `takes_unproven` is
    for recordings of before there were records: data that none tells of is given at once.
    """

    def __init__(
        self,
        tell: Callable[[DataRefused], None],
        kept: Callable[[bytes, int], Iterable[FrameRow]] | None = None,
    ) -> None:
        self.refused_frames = 0
        self.held_frames = 0
        self.takes_unproven = False
        self._tell = tell
        self._kept = kept
        self._boots: dict[tuple[bytes, int], _Boot] = {}
        self._held: dict[tuple[bytes, int], deque[tuple[int, GatedFrame]]] = {}

    def holds(self, band_id: bytes, boot_id: int) -> bool:
        """Whether data of a boot waits for a record."""
        return (band_id, boot_id) in self._held

    def take(self, frame: GatedFrame, now_ms: int) -> list[GatedFrame]:
        """The frame, if it may be taken; with a record also what was held back for it."""
        row = frame.row
        if row.kind != ConsentRecord.KIND and not groups_needed(row):
            return [frame]
        boot = self._boot_of(row.band_id, row.boot_id)
        if row.kind == ConsentRecord.KIND:
            boot.learn(row)
            return [frame, *self._release(row, boot)]
        if self._is_proven(row, boot):
            return [frame]
        self._hold(frame, boot, now_ms)
        return []

    def admits(self, row: FrameRow, value: object) -> bool:
        """Whether all readings that a frame was found to hold are agreed to, group by group."""
        groups = _groups_held(value)
        if not groups:
            return True
        boot = self._boot_of(row.band_id, row.boot_id)
        agreed, denied = boot.state(row.sequence)
        if not groups & (denied if self.takes_unproven else ~agreed):
            return True
        self._refuse(row, boot)
        return False

    def give_up(self) -> None:
        """Nothing more comes: what is held back is refused."""
        for key, held in self._held.items():
            for _, frame in held:
                self._refuse(frame.row, self._boots[key])
        self._held.clear()
        self.held_frames = 0

    def _boot_of(self, band_id: bytes, boot_id: int) -> _Boot:
        boot = self._boots.get((band_id, boot_id))
        if boot is None:
            boot = self._boots[band_id, boot_id] = _Boot()
            for row in () if self._kept is None else self._kept(band_id, boot_id):
                boot.learn(row)
        return boot

    def _is_proven(self, row: FrameRow, boot: _Boot) -> bool:
        return boot.proves(row, takes_unproven=self.takes_unproven)

    def _hold(self, frame: GatedFrame, boot: _Boot, now_ms: int) -> None:
        row = frame.row
        held = self._held.setdefault((row.band_id, row.boot_id), deque())
        held.append((now_ms, frame))
        self.held_frames += 1
        if now_ms - held[0][0] >= TOLD_AFTER_MS:
            self._tell_once(held[0][1].row, boot, is_held=True)
        if self.held_frames > HELD_FRAMES:
            key = next(iter(self._held))
            _, oldest = self._held[key].popleft()
            if not self._held[key]:
                del self._held[key]
            self.held_frames -= 1
            self._refuse(oldest.row, self._boots[key])

    def _release(self, record: FrameRow, boot: _Boot) -> list[GatedFrame]:
        key = (record.band_id, record.boot_id)
        held = self._held.pop(key, deque[tuple[int, GatedFrame]]())
        released = [frame for _, frame in held if self._is_proven(frame.row, boot)]
        if len(released) < len(held):
            self._held[key] = deque(kept for kept in held if not self._is_proven(kept[1].row, boot))
        self.held_frames -= len(released)
        return released

    def _refuse(self, row: FrameRow, boot: _Boot) -> None:
        self.refused_frames += 1
        self._tell_once(row, boot, is_held=False)

    def _tell_once(self, row: FrameRow, boot: _Boot, *, is_held: bool) -> None:
        reason = NOT_AGREED if boot.state(row.sequence)[1] else NO_RECORD
        if (reason, is_held) not in boot.told:
            boot.told.add((reason, is_held))
            self._tell(DataRefused(row.boot_id, row.sequence, reason, is_held))


def _groups_held(value: object) -> int:
    """Groups of which a frame's value holds a reading; one that says to lack an agreement is none."""
    held = 0
    for update in cast(tuple[object, ...], value) if isinstance(value, tuple) else (value,):
        if isinstance(update, VitalsUpdate):
            for reading_id, reading in update.readings.items():
                if reading.cause != Cause.NO_CONSENT:
                    held |= _GROUP_OF_READING[reading_id]
    return held
