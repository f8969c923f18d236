"""Waits that always end: by an answer, by their time-out on the session's clock, or by its end."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from vitalband.errors import BandError, LinkTimeoutError
from vitalband.subscription import Demand
from vitalband.transport import Clock

ResultT = TypeVar("ResultT")


@dataclass(eq=False, slots=True)
class _Wait:
    deadline_ms: int
    future: "asyncio.Future[Any]"
    what: str
    is_pause: bool


class Waiters:
    """Futures with deadlines on a session's clock; `expire` is called by the session's pump."""

    def __init__(self, clock: Clock, demand: Demand) -> None:
        self._clock = clock
        self._demand = demand
        self._waits: list[_Wait] = []
        self._error: BandError | None = None

    async def result(self, future: "asyncio.Future[ResultT]", timeout_ms: int, what: str) -> ResultT:
        """The future's result; `LinkTimeoutError` naming `what` after `timeout_ms`."""
        return await self._wait(_Wait(self._clock.monotonic_ms() + timeout_ms, future, what, False))

    async def pause(self, duration_ms: int) -> None:
        """Let time pass on the session's clock."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._wait(self._pause(future, duration_ms))

    @contextmanager
    def pausing(self, duration_ms: int) -> "Generator[asyncio.Future[None], None, None]":
        """A future that is done when that much time has passed, for one who waits for something else too."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wait = self._pause(future, duration_ms)
        self._waits.append(wait)
        try:
            yield future
        finally:
            self._waits.remove(wait)
            # Its error, when the session has ended, is that of the other thing.
            if future.done():
                future.exception()

    def _pause(self, future: "asyncio.Future[None]", duration_ms: int) -> _Wait:
        return _Wait(self._clock.monotonic_ms() + duration_ms, future, "a pause", True)

    async def _wait(self, wait: _Wait) -> Any:
        if self._error is not None:
            raise self._error
        self._waits.append(wait)
        try:
            with self._demand.hold():
                return await wait.future
        finally:
            self._waits.remove(wait)

    def expire(self, now_ms: int) -> bool:
        """End the waits whose time has come; gives whether there were any."""
        has_ended = False
        for wait in self._waits:
            if wait.deadline_ms > now_ms or wait.future.done():
                continue
            has_ended = True
            if wait.is_pause:
                wait.future.set_result(None)
            else:
                wait.future.set_exception(LinkTimeoutError(f"{wait.what}: no answer in time"))
        return has_ended

    def next_deadline_ms(self) -> int | None:
        """When the next wait ends, None when nobody waits."""
        return min((wait.deadline_ms for wait in self._waits if not wait.future.done()), default=None)

    def fail(self, error: BandError) -> None:
        """End the waits for an answer with `error`; pauses go on."""
        for wait in self._waits:
            if not wait.is_pause and not wait.future.done():
                wait.future.set_exception(error)

    def close(self, error: BandError) -> None:
        """End all waits, and those to come, with `error`."""
        self._error = error
        for wait in self._waits:
            if not wait.future.done():
                wait.future.set_exception(error)
