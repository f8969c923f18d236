"""An event loop whose time is virtual: it jumps to the next timer as soon as nothing else is to be done."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bandsim.radio.errors import AirError

ResultT = TypeVar("ResultT")

_THREAD_LIMIT_S = 10.0
"""Of real time, that a thread may take."""


class JumpingSelector(selectors.DefaultSelector):
    """Waits for nothing: where nothing is ready, the time that it would wait has passed."""

    def __init__(self, pass_time: Callable[[float], None], idle_s: Callable[[], float | None]) -> None:
        super().__init__()
        self._pass_time = pass_time
        self._idle_s = idle_s

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            timeout = self._idle_s()
        if timeout is None:
            # No timer and nothing to be done: a thread may still come.
            ready = super().select(_THREAD_LIMIT_S)
            if not ready:
                raise AirError("wanted something to happen, and nothing in this loop ever will")
            return ready
        ready = super().select(0)
        if not ready and timeout > 0:
            self._pass_time(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """For what lives in one process and waits for timers only; its time begins at 0."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(self._new_selector())

    def time(self) -> float:
        """Virtual seconds since its start."""
        return self._now_s

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Wait for what a thread does: no time passes meanwhile, as a thread could not see it pass."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            done = thread.submit(func, *args)
        return asyncio.wrap_future(done, loop=self)

    def _new_selector(self) -> JumpingSelector:
        return JumpingSelector(self._pass, self._idle_s)

    def _pass(self, duration_s: float) -> None:
        self._now_s += duration_s

    def _idle_s(self) -> float | None:
        """How long to let time pass where no timer is set, None where nothing else can happen either."""
        return None


def run_virtually(main: Coroutine[Any, Any, ResultT]) -> ResultT:
    """As `asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
