"""When a session's frames go to the store: in time, at the end, or when they are asked to."""

import asyncio
from collections.abc import Callable

from vitalband.errors import StoreConflictError
from vitalband.recorder import Recorder, SequenceRange
from vitalband.transport import Clock
from vitalband.values import StoreEvent


class Storing:
    """Drives a `Recorder`: `confirm` is told what is durable, `tell` when the store fails or works again,
    `give_up` what no further try can mend."""

    def __init__(
        self,
        recorder: Recorder,
        clock: Clock,
        confirm: Callable[[SequenceRange], None],
        tell: Callable[[StoreEvent], None],
        give_up: Callable[[StoreConflictError], None],
    ) -> None:
        self._recorder = recorder
        self._clock = clock
        self._confirm = confirm
        self._tell = tell
        self._give_up = give_up
        self._task: asyncio.Task[None] | None = None
        self._is_failing = False

    async def keep(self, *, is_waited_for: bool) -> None:
        """Write what is due, beside whoever calls unless it waits for that."""
        if not self._recorder.is_due(self._clock.monotonic_ms()):
            return
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        if is_waited_for:
            await asyncio.shield(self._task)

    async def save(self) -> None:
        """Write what waits; `StoreError` when it fails."""
        await self._write()
        if self._recorder.error is not None:
            raise self._recorder.error

    async def finish(self) -> None:
        """Write what waits, for the last time; `StoreError` when frames are unsaved."""
        if self._task is not None:
            await self._task
        await self._recorder.finish(self._clock.monotonic_ms())

    async def _write(self) -> None:
        recorder = self._recorder
        for written in await recorder.write(self._clock.monotonic_ms()):
            self._confirm(written)
        if isinstance(recorder.error, StoreConflictError):
            # Trying again cannot help, and a recording that is not written is no recording.
            self._give_up(recorder.error)
            return
        if (recorder.error is not None) != self._is_failing:
            self._is_failing = recorder.error is not None
            reason = str(recorder.error) if recorder.error else "the store works again"
            counts = (recorder.waiting_frames, recorder.counters.lost)
            self._tell(StoreEvent(self._is_failing, reason, *counts))
