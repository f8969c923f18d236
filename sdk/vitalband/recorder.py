"""From the link into the store: frames are confirmed to the band only once they lie on the disk.

Frames wait in memory and are written in batches by one thread. When the store fails (locked, full,
gone) they go on waiting, up to `WAITING_LIMIT` frames; what does not fit any more is counted, newest
first to go, so that what is written has no hole but at its end. Every later batch tries again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vitalband.clock import TimeExchange
from vitalband.errors import StoreError
from vitalband.ranges import merged
from vitalband.store.database import ExchangeRow, FrameRow, LostRow, Store

BATCH_FRAMES = 100
BATCH_MS = 200
PACED_BATCH_MS = 10_000
"""A paced band waits while a batch is written, and can be played again: fewer, larger batches."""
RETRY_MS = 1000
WAITING_LIMIT = 20_000
"""About two hours of vitals and two raw streams; 8 MB at most times 400 B a frame."""


@dataclass(frozen=True, slots=True)
class SequenceRange:
    """`count` consecutive frames of a boot, from `first_sequence` on."""

    boot_id: int
    first_sequence: int
    count: int


@dataclass(slots=True)
class RecorderCounters:
    """What became of the frames: written (or there already), or lost because the store failed."""

    written: int = 0
    lost: int = 0


class Recorder:
    """Writes frames of one session to a store; not opened, and not closed, by itself.

    `error` is what the store said last when it failed, None when it works.
    """

    def __init__(self, store: Store, *, is_paced: bool, waiting_limit: int = WAITING_LIMIT) -> None:
        self.store = store
        self.counters = RecorderCounters()
        self.error: StoreError | None = None
        self._batch_ms = PACED_BATCH_MS if is_paced else BATCH_MS
        self._waiting_limit = waiting_limit
        self._frames: deque[FrameRow] = deque()
        self._exchanges: list[ExchangeRow] = []
        self._lost: list[LostRow] = []
        self._due_ms: int | None = None
        self._lock = asyncio.Lock()

    @property
    def waiting_frames(self) -> int:
        """Frames that are in memory only."""
        return len(self._frames)

    def add(self, row: FrameRow, now_ms: int) -> None:
        """Take in a frame; counted as lost when the store has failed for too long."""
        if len(self._frames) >= self._waiting_limit:
            self.counters.lost += 1
            return
        self._frames.append(row)
        self._schedule(now_ms)

    def add_exchange(self, band_id: bytes, boot_id: int, exchange: TimeExchange, now_ms: int) -> None:
        """Take in a time exchange, so that readers can place the frames in UTC."""
        if len(self._exchanges) < self._waiting_limit:
            self._exchanges.append(ExchangeRow(band_id, boot_id, exchange))
            self._schedule(now_ms)

    def add_lost(self, band_id: bytes, boot_id: int, first_sequence: int, count: int) -> None:
        """Note with the next batch that the band has not these frames any more: nobody need ask again."""
        self._lost.append(LostRow(band_id, boot_id, first_sequence, count))

    def stored_ranges(self, band_id: bytes, boot_id: int) -> list[tuple[int, int]]:
        """What the store holds of a boot, as (first, count); when it cannot be read nothing, and `error`."""
        return self._ranges(self.store.stored_ranges, band_id, boot_id)

    def lost_ranges(self, band_id: bytes, boot_id: int) -> list[tuple[int, int]]:
        """What the store knows to be lost of a boot, or was told to keep no longer, as `stored_ranges`."""
        lost = self._ranges(self.store.lost_ranges, band_id, boot_id)
        return merged([*lost, *self._ranges(self.store.rights.removed_ranges, band_id, boot_id)])

    def consent_records(self, band_id: bytes, boot_id: int) -> list[FrameRow]:
        """The records of consent that the store holds of a boot; none when it cannot be read, and `error`."""
        try:
            return self.store.consent_records(band_id, boot_id)
        except StoreError as error:
            self.error = error
            return []

    def _ranges(
        self, read: Callable[[bytes, int], list[tuple[int, int]]], band_id: bytes, boot_id: int
    ) -> list[tuple[int, int]]:
        try:
            return read(band_id, boot_id)
        except StoreError as error:
            self.error = error
            return []

    def _schedule(self, now_ms: int) -> None:
        if self._due_ms is None:
            self._due_ms = now_ms + self._batch_ms

    def is_due(self, now_ms: int) -> bool:
        """Whether a batch should be written now."""
        if self._due_ms is None or self._lock.locked():
            return False
        is_full = self.error is None and len(self._frames) >= BATCH_FRAMES
        return is_full or now_ms >= self._due_ms

    async def write(self, now_ms: int) -> list[SequenceRange]:
        """Write what waits; gives the ranges that are durable now, none when the store fails."""
        async with self._lock:
            frames, exchanges, lost = list(self._frames), list(self._exchanges), list(self._lost)
            try:
                await asyncio.to_thread(self.store.write, frames, exchanges, lost)
            except StoreError as error:
                self.error = error
                self._due_ms = now_ms + RETRY_MS
                return []
            self.error = None
            for _ in frames:
                self._frames.popleft()
            del self._exchanges[: len(exchanges)]
            del self._lost[: len(lost)]
            self.counters.written += len(frames)
            self._due_ms = now_ms + self._batch_ms if self._frames or self._exchanges else None
            return sequence_ranges(frames)

    async def finish(self, now_ms: int) -> list[SequenceRange]:
        """Write the last frames; raises `StoreError` with the count of those that are not written."""
        ranges = await self.write(now_ms)
        unsaved = len(self._frames) + self.counters.lost
        if self.error is not None or unsaved:
            reason = "the store had failed for too long" if self.error is None else str(self.error)
            kind = StoreError if self.error is None else type(self.error)
            raise kind(f"{reason}; {unsaved} frames are not written", unsaved_frames=unsaved)
        return ranges


def sequence_ranges(frames: list[FrameRow]) -> list[SequenceRange]:
    """The frames' numbers as ranges of consecutive ones."""
    ranges: list[SequenceRange] = []
    for boot_id, sequence in sorted({(frame.boot_id, frame.sequence) for frame in frames}):
        last = ranges[-1] if ranges else None
        if last is not None and (boot_id, sequence) == (last.boot_id, last.first_sequence + last.count):
            ranges[-1] = SequenceRange(boot_id, last.first_sequence, last.count + 1)
        else:
            ranges.append(SequenceRange(boot_id, sequence, 1))
    return ranges
