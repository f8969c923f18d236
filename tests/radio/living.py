"""Async tests in virtual time."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from bandsim.radio.virtual_loop import run_virtually


def lives(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in virtual time."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        run_virtually(test(*arguments, **named))

    return run
