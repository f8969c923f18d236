"""Bounded queues between the session's pump and those who iterate, and the demand that paces it.

A live band does not wait: a full queue drops its oldest item and counts it. A simulated or
replayed band does: its time stands still while nobody waits for anything (`Demand`), and while a
subscriber's queue is full. Only a subscriber that cannot come is not waited for: one that nobody
reads, or whose reader itself waits for something else of the band.
"""

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

ItemT = TypeVar("ItemT")

QUEUE_LIMIT = 1024
"""Items that wait for a subscriber; an update of the readings comes every 2 s, a block every 0.8 s."""
STALL_LIMIT_S = 30.0
"""Last resort against a reader that waits for the band in ways that cannot be seen from here."""

Reader = asyncio.Task[Any]


class Demand:
    """Those who wait for the band; a paced pump stands still while there are none."""

    def __init__(self) -> None:
        self.count = 0
        """Waits that have begun so far."""
        self._waiting: list[Reader | None] = []
        self._some = asyncio.Event()

    @contextmanager
    def hold(self) -> Generator[None, None, None]:
        """Be one of those who wait."""
        task = asyncio.current_task()
        self.count += 1
        self._waiting.append(task)
        self._some.set()
        try:
            yield
        finally:
            self._waiting.remove(task)
            if not self._waiting:
                self._some.clear()

    def is_waiting(self, task: Reader) -> bool:
        """Whether this task waits for the band."""
        return task in self._waiting

    async def wait(self) -> None:
        """Return when somebody waits for the band."""
        await self._some.wait()


class Subscription(Generic[ItemT]):
    """One subscriber's bounded queue, read as an async iterator.

    It ends when the session is closed, and raises what ended the session otherwise. `dropped`
    counts items that were not taken in time.
    """

    def __init__(self, demand: Demand, limit: int = QUEUE_LIMIT) -> None:
        self.dropped = 0
        self._demand = demand
        self._limit = limit
        self._items: deque[ItemT] = deque()
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._reader: Reader | None = None
        self._is_ended = False
        self._error: Exception | None = None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will be queued."""
        return self._is_ended

    def offer(self, item: ItemT) -> None:
        """Queue an item; the oldest one is dropped and counted when there is no room."""
        if self._is_ended:
            return
        if len(self._items) >= self._limit:
            self._items.popleft()
            self.dropped += 1
        self._items.append(item)
        if len(self._items) >= self._limit:
            self._has_room.clear()
        self._has_news.set()

    async def wait_for_room(self) -> None:
        """Wait until there is room, unless the reader cannot come."""
        reader = self._reader
        if self._has_room.is_set() or reader is None or reader.done() or self._demand.is_waiting(reader):
            return
        try:
            async with asyncio.timeout(STALL_LIMIT_S):
                await self._has_room.wait()
        except TimeoutError:
            self._reader = None

    def end(self, error: Exception | None = None) -> None:
        """Let the iterator end, after what is queued; with `error` when there is one."""
        if not self._is_ended:
            self._is_ended = True
            self._error = error
            self._has_room.set()
            self._has_news.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ItemT:
        while not self._items:
            await self._wait_for_news()
        return self._take()

    async def next_before(self, limit: "asyncio.Future[None]") -> ItemT | None:
        """The next item, or None when `limit` is done first."""
        limit.add_done_callback(lambda _: self._has_news.set())
        while not self._items:
            if limit.done():
                return None
            await self._wait_for_news()
        return self._take()

    async def _wait_for_news(self) -> None:
        self._reader = asyncio.current_task()
        if self._is_ended:
            if self._error is not None:
                raise self._error
            raise StopAsyncIteration
        self._has_news.clear()
        with self._demand.hold():
            await self._has_news.wait()

    def _take(self) -> ItemT:
        self._reader = asyncio.current_task()
        item = self._items.popleft()
        self._has_room.set()
        return item

    async def aclose(self) -> None:
        """Stop receiving; what is queued is given up."""
        self._items.clear()
        self.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
