"""Waits that end in order: what they began is undone, however often they are cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def undone_if_cancelled(work: Coroutine[Any, Any, ResultT], limit_s: float) -> ResultT:
    """The result of `work`; when cancelled, `work` is cancelled once, and has `limit_s` to undo what it
    began.

    A second cancellation would break off a disconnection that the first one led to, and leave the system
    connected to a band that nobody uses.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        await _ended(task, limit_s)
        raise


async def done_anyway(work: Coroutine[Any, Any, ResultT], limit_s: float) -> ResultT:
    """The result of `work`, which goes on when cancelled, for `limit_s` at most."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _ended(task, limit_s)
        raise


async def _ended(task: "asyncio.Future[Any]", limit_s: float) -> None:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + limit_s
    while not task.done() and (left_s := until_s - loop.time()) > 0:
        try:
            await asyncio.wait({task}, timeout=left_s)
        except asyncio.CancelledError:
            continue  # whoever asked already gets one
    if not task.done():
        task.cancel()
    elif not task.cancelled():
        task.exception()  # else it is told as an error that nobody took
