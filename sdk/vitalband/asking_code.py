"""Asks a person for the code that the band shows, while the session goes on."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

from vitalband.errors import LocalError
from vitalband.session_settings import AskCode


class CodeQuestion:
    """One question: `begin` it, look for the answer by `is_answered`, `end` it in any case."""

    def __init__(self, ask: AskCode) -> None:
        self._ask = ask
        self._task: asyncio.Task[str | None] | None = None

    def begin(self) -> None:
        """Ask; on the session's event loop."""
        self._task = asyncio.create_task(_answer_of(self._ask), name="vitalband pairing code")

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, or the question failed."""
        return self._task is not None and self._task.done()

    def take(self) -> str | None:
        """The answer, once: what was typed, None to give up; `LocalError` when asking failed."""
        task, self._task = self._task, None
        assert task is not None
        try:
            return task.result()
        except Exception as error:
            raise LocalError(f"the code of the pairing could not be asked for: {error!r}") from error

    def end(self) -> None:
        """Ask no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()


async def _answer_of(ask: AskCode) -> str | None:
    if inspect.iscoroutinefunction(ask):
        return await cast(Callable[[], Awaitable[str | None]], ask)()
    return await _in_thread(cast(Callable[[], str | None], ask))


async def _in_thread(call: Callable[[], str | None]) -> str | None:
    """Call it in a thread that nobody waits for: one that reads a terminal cannot be ended."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()

    def settle(value: str | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(value)
        else:
            answer.set_exception(error)

    def work() -> None:
        value: str | None = None
        failure: Exception | None = None
        try:
            value = call()
        except Exception as error:  # noqa: BLE001 - told to who waits, on the loop's own thread
            failure = error
        with suppress(RuntimeError):  # the loop may be closed by then
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=work, name="vitalband pairing code", daemon=True).start()
    return await answer
