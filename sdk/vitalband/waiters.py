"""Waits that always end: by an answer, by their time-out on the session's clock, or by its end."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from vitalband.errors import BandError, LinkTimeoutError
from vitalband.subscription import Demand, ItemT, Subscription
from vitalband.transport import Clock

ResultT = TypeVar("ResultT")

TICK_S = 0.1
"""How late a wait may end while there is no link."""


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
        self.error: BandError | None = None
        """What has ended the session, and every wait with it."""

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

    async def items_within(
        self, items: Subscription[ItemT], limit_ms: int
    ) -> AsyncGenerator[ItemT | None, None]:
        """The items of a subscription, and None whenever none came for `limit_ms`."""
        while True:
            with self.pausing(limit_ms) as limit:
                try:
                    item = await items.next_before(limit)
                except StopAsyncIteration:
                    return
                is_ended = item is None and limit.done() and limit.exception() is not None
            # The session has ended before the limit: the next item is what ended it.
            if not is_ended:
                yield item

    def _pause(self, future: "asyncio.Future[None]", duration_ms: int) -> _Wait:
        return _Wait(self._clock.monotonic_ms() + duration_ms, future, "a pause", True)

    async def _wait(self, wait: _Wait) -> Any:
        if self.error is not None:
            raise self.error
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

    @asynccontextmanager
    async def expiring(self, *, is_real_time: bool) -> AsyncGenerator[None, None]:
        """While nobody calls `expire`: waits end by their time all the same, unless it stands still."""
        ticker = asyncio.create_task(self._tick()) if is_real_time else None
        try:
            yield
        finally:
            if ticker is not None:
                ticker.cancel()

    async def _tick(self) -> None:
        while True:
            self.expire(self._clock.monotonic_ms())
            await asyncio.sleep(TICK_S)

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
        self.error = error
        for wait in self._waits:
            if not wait.future.done():
                wait.future.set_exception(error)
