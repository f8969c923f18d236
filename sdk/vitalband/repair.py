"""Missing frames asked for again, and stored ones confirmed: the host drives, the band keeps no state for it.

With each connection the band is asked what its journal keeps. What the store lacks of it, and whatever gap
shows live, is then asked for, range by range; the link gives live frames the right of way. A number that the
band has not either is lost on the band, and noted in the store, so that no later session asks for it. What
the store holds is confirmed, so that the band, when it is full, gives up other frames last.

A range is asked for again when fewer frames came than the band has sent, `TRIES` times in a row; then it
waits for the next connection.

First of all the band is asked for the records of what its wearer agreed to since it started, where data has
to wait for them (`vitalband.consent_gate`).
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from bandschema.enums import Capability, CommandCode
from bandschema.records import JournalExtent
from bandwire.hostlink import HostLink
from vitalband.dispatch import Dispatcher
from vitalband.errors import DeviceError
from vitalband.ranges import holes, merged, within, without
from vitalband.recorder import Recorder, SequenceRange
from vitalband.values import FrameGap

BACKFILL_TIMEOUT_MS = 10_000
JOURNAL_TIMEOUT_MS = 5_000
WANTED_FRAMES = 64
"""Frames that an answer should have: 16 KB of full ones, 1.4 s at 115 200 baud."""
MOST_NUMBERS = 1 << 14
"""Numbers asked for at once where the band has kept few of them."""
TRIES = 3
TURN_MS = 100
"""How often `until_done` tells how far it is."""


@dataclass(slots=True)
class BackfillCounters:
    """What was asked for again: requests, and those of them that were given up for this connection."""

    requests: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far the repair is, in sequence numbers: answered for, of this connection, and still to be."""

    settled_numbers: int
    waiting_numbers: int


class Repair:
    """Driven with `step` while the band is connected; begins anew with each connection."""

    def __init__(self, link: HostLink, dispatch: Dispatcher, recorder: Recorder | None) -> None:
        self.counters = BackfillCounters()
        self._link = link
        self._dispatch = dispatch
        self._recorder = recorder
        self._wanted: deque[FrameGap] = deque()
        self._confirmations: deque[SequenceRange] = deque()
        self._extents: dict[int, JournalExtent] = {}
        self._asked: FrameGap | None = None
        self._came_before = 0
        self._tries = 0
        self._settled = 0
        self._span = WANTED_FRAMES
        self._journal: asyncio.Future[int] | None = None
        self._journal_tries = 0
        self._journal_late_ms = 0
        self._seen_extents = 0
        self._is_journal_known = False
        self._told_boots: set[int] = set()
        self._consent_tries = 0
        dispatch.on_gap = self._take_gap
        dispatch.on_extent = self._take_extent

    @property
    def progress(self) -> SyncProgress:
        """How far the repair is."""
        waiting = sum(gap.frame_count for gap in self._wanted)
        return SyncProgress(self._settled, waiting + (self._asked.frame_count if self._asked else 0))

    @property
    def is_journal_known(self) -> bool:
        """Whether the band has said, in this connection, what its journal keeps."""
        return self._is_journal_known

    @property
    def is_done(self) -> bool:
        """Whether the band has been asked for all that is known to be missing."""
        is_idle = not self._wanted and self._asked is None
        return self._is_journal_known and is_idle and not self._lacks_consent()

    async def until_done(self, pause: Callable[[int], Awaitable[None]]) -> AsyncGenerator[SyncProgress, None]:
        """How far it is, again and again with `pause` (ms) between, until it is done."""
        while not self.is_done:
            yield self.progress
            await pause(TURN_MS)
        yield self.progress

    def begin_connection(self) -> None:
        """Forget what the last connection had asked for."""
        self._wanted.clear()
        self._confirmations.clear()
        self._extents.clear()
        self._asked = self._journal = None
        self._is_journal_known = False
        self._told_boots.clear()
        self._tries, self._journal_tries, self._consent_tries, self._span = 0, 0, 0, WANTED_FRAMES
        self._settled = 0

    def confirm(self, stored: SequenceRange) -> None:
        """Have the band told that frames are durable."""
        self._confirmations.append(stored)

    def step(self, now_ms: int) -> None:
        """Ask and tell what is due."""
        if self._journal is None or self._lacks_extents(now_ms):
            self._ask_journal(now_ms)
        while self._confirmations:
            stored = self._confirmations[0]
            if not self._link.confirm_stored(stored.boot_id, stored.first_sequence, stored.count):
                break
            self._confirmations.popleft()
        if self._asked is None and self._is_journal_known and self._lacks_consent():
            self._ask_consent(now_ms)
        if self._asked is None and self._wanted:
            self._ask_next(now_ms)

    # -- what the journal keeps -----------------------------------------------------------------

    def _lacks_extents(self, now_ms: int) -> bool:
        """Whether the answer is there, and of what it announced some was lost on the way.

        Those of the last try have to do.
        """
        answer = self._journal
        if self._is_journal_known or answer is None or not answer.done():
            return False
        if len(self._extents) != self._seen_extents:
            self._seen_extents, self._journal_late_ms = len(self._extents), now_ms + JOURNAL_TIMEOUT_MS
        if now_ms < self._journal_late_ms:
            return False
        if self._journal_tries < TRIES:
            return True
        self._resume_with_extents()
        return False

    def _ask_journal(self, now_ms: int) -> None:
        self._journal_tries += 1
        self._journal_late_ms = now_ms + JOURNAL_TIMEOUT_MS
        self._seen_extents = 0
        self._extents.clear()
        request_id = self._link.send_command(int(CommandCode.SEND_JOURNAL), 0, 0, JOURNAL_TIMEOUT_MS, now_ms)
        self._journal = self._dispatch.expect_reply(request_id, CommandCode.SEND_JOURNAL.name)
        self._journal.add_done_callback(self._journal_answered)

    def _journal_answered(self, answer: "asyncio.Future[int]") -> None:
        # Looked at even where it has come too late: an error that nobody takes is reported by asyncio.
        error = None if answer.cancelled() else answer.exception()
        if answer is not self._journal or answer.cancelled():
            return
        if isinstance(error, DeviceError) or (error is not None and self._journal_tries >= TRIES):
            # A band of before journals, or a recording: only the boot that sends now can be asked for.
            self._resume([self._current_extent()])
        elif error is not None:
            self._journal = None
        else:
            self._settle_journal()

    def _take_extent(self, extent: JournalExtent) -> None:
        self._extents[extent.extent] = extent
        self._settle_journal()

    def _settle_journal(self) -> None:
        answer = self._journal
        is_answered = answer is not None and answer.done() and answer.exception() is None
        if self._is_journal_known or answer is None or not is_answered:
            return
        if len(self._extents) >= answer.result():
            self._resume_with_extents()

    def _resume_with_extents(self) -> None:
        extents = [self._extents[index] for index in sorted(self._extents)]
        if all(extent.described_boot_id != self._link.peer_boot_id for extent in extents):
            extents.append(self._current_extent())
        self._resume(extents)

    def _current_extent(self) -> JournalExtent:
        boot_id = self._link.peer_boot_id
        stored = self._stored_ranges(boot_id)
        first = stored[0][0] if stored else self._link.peer_next_sequence
        return JournalExtent(
            extent=0,
            extent_count=1,
            described_boot_id=boot_id,
            first_sequence=first,
            next_sequence=self._link.peer_next_sequence,
            frame_count=0,
        )

    # -- what the store lacks of it -------------------------------------------------------------

    def _resume(self, extents: list[JournalExtent]) -> None:
        self._is_journal_known = True
        for extent in extents:
            boot_id = extent.described_boot_id
            if self._recorder is not None:
                self._account_for_stored(extent)
            if boot_id != self._link.peer_boot_id and boot_id in self._link.ledger.boot_ids():
                # Of an earlier boot nothing can come live any more: what was never seen of it is missing.
                self._link.ledger.note_next(boot_id, extent.next_sequence)
            self._note_lost(boot_id, 0, extent.first_sequence)
        if not self._link.peer_capabilities & Capability.BACKFILL:
            return
        self._wanted.clear()
        for boot_id in self._link.ledger.boot_ids():
            for first_sequence, count in self._link.ledger.missing_ranges(boot_id):
                self._wanted.append(FrameGap(boot_id, first_sequence, count))

    def _account_for_stored(self, extent: JournalExtent) -> None:
        boot_id = extent.described_boot_id
        stored = self._stored_ranges(boot_id)
        lost = without(self._lost_ranges(boot_id), stored)
        known = merged(stored + lost)
        first = min([extent.first_sequence, *(part[0] for part in known[:1])])
        stop = max([extent.next_sequence, *(part[0] + part[1] for part in known[-1:])])
        self._link.ledger.account_for_earlier(boot_id, first, stop, holes(known, first, stop), lost)
        for start, count in known:
            if start + count > extent.first_sequence:
                self.confirm(SequenceRange(boot_id, start, count))

    def _stored_ranges(self, boot_id: int) -> list[tuple[int, int]]:
        if self._recorder is None:
            return []
        return self._recorder.stored_ranges(bytes(self._link.peer_band_id), boot_id)

    def _lost_ranges(self, boot_id: int) -> list[tuple[int, int]]:
        if self._recorder is None:
            return []
        return self._recorder.lost_ranges(bytes(self._link.peer_band_id), boot_id)

    def _note_lost(self, boot_id: int, first_sequence: int, count: int) -> None:
        for first, lost_count in self._link.ledger.note_not_kept(boot_id, first_sequence, count):
            self._dispatch.note_lost(FrameGap(boot_id, first, lost_count))
            if self._recorder is not None:
                self._recorder.add_lost(bytes(self._link.peer_band_id), boot_id, first, lost_count)

    # -- what the wearer has agreed to ----------------------------------------------------------

    def _lacks_consent(self) -> bool:
        """Whether data of the boot that sends now waits for a record, and the band was not asked for them.

        Of earlier boots the records come with the rest: before the data, as by their numbers.
        """
        boot_id = self._link.peer_boot_id
        can_be_asked = self._link.peer_capabilities & Capability.BACKFILL and boot_id not in self._told_boots
        return bool(can_be_asked) and self._dispatch.gate.holds(bytes(self._link.peer_band_id), boot_id)

    def _ask_consent(self, now_ms: int) -> None:
        boot_id = self._link.peer_boot_id
        self._told_boots.add(boot_id)
        self._asked = asked = FrameGap(boot_id, 0, 0)
        self._came_before = self._link.backfilled_frames
        code = CommandCode.SEND_CONSENT
        request_id = self._link.send_command(int(code), 0, boot_id, BACKFILL_TIMEOUT_MS, now_ms)
        answer = self._dispatch.expect_reply(request_id, code.name)
        answer.add_done_callback(lambda done: self._consent_answered(asked, done))

    def _consent_answered(self, asked: FrameGap, answer: "asyncio.Future[int]") -> None:
        error = None if answer.cancelled() else answer.exception()
        if asked is not self._asked:
            return
        self._asked = None
        # A refusal is a band's of before such records, or a recording's, which has them in their places.
        is_lost = error is None and self._link.backfilled_frames - self._came_before < answer.result()
        is_failed = is_lost or (error is not None and not isinstance(error, DeviceError))
        if is_failed and self._consent_tries < TRIES:
            self._consent_tries += 1
            self._told_boots.discard(asked.boot_id)

    # -- asking ---------------------------------------------------------------------------------

    def _take_gap(self, gap: FrameGap) -> None:
        if self._link.peer_capabilities & Capability.BACKFILL:
            self._wanted.append(gap)

    def _ask_next(self, now_ms: int) -> None:
        gap = self._wanted.popleft()
        count = min(gap.frame_count, self._span)
        if count < gap.frame_count:
            self._wanted.appendleft(
                FrameGap(gap.boot_id, gap.first_sequence + count, gap.frame_count - count)
            )
        self._asked = asked = FrameGap(gap.boot_id, gap.first_sequence, count)
        self._came_before = self._link.backfilled_frames
        request_id = self._link.request_backfill(
            asked.boot_id, asked.first_sequence, count, BACKFILL_TIMEOUT_MS, now_ms
        )
        answer = self._dispatch.expect_reply(request_id, f"backfill of {count} frames")
        answer.add_done_callback(lambda done: self._answered(asked, done))
        self.counters.requests += 1

    def _answered(self, asked: FrameGap, answer: "asyncio.Future[int]") -> None:
        has_failed = answer.cancelled() or answer.exception() is not None
        if asked is not self._asked:
            return
        self._asked = None
        if has_failed:
            self._ask_again(asked)
            return
        came, sent = self._link.backfilled_frames - self._came_before, answer.result()
        if came < sent:
            self._ask_again(asked)
            return
        self._tries = 0
        self._settled += asked.frame_count
        self._note_lost(asked.boot_id, asked.first_sequence, asked.frame_count)
        if sent > WANTED_FRAMES:
            self._span = max(self._span // 2, 1)
        elif sent < WANTED_FRAMES // 4 and asked.frame_count == self._span:
            self._span = min(self._span * 4, MOST_NUMBERS)

    def _ask_again(self, asked: FrameGap) -> None:
        self._tries += 1
        if self._tries >= TRIES:
            self._tries = 0
            self._settled += asked.frame_count
            self.counters.failed += 1
            return
        missing = self._link.ledger.missing_ranges(asked.boot_id)
        again = within(missing, asked.first_sequence, asked.first_sequence + asked.frame_count)
        self._wanted.extendleft(FrameGap(asked.boot_id, *part) for part in reversed(again))
