"""What the SDK's tests share."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sdk.fake_band import FakeBand, Script
from sdk.paced import PacedTransport
from vitalband.client import Band
from vitalband.connection import ReconnectPolicy
from vitalband.session_settings import SessionSettings

ResultT = TypeVar("ResultT")

LIMIT_S = 20.0
"""Real seconds that no test may exceed: everything on a virtual clock takes a fraction of one."""


def run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run a test's coroutine; a hang is a failure that says so."""

    async def bounded() -> ResultT:
        return await asyncio.wait_for(work, LIMIT_S)

    return asyncio.run(bounded())


def paced_band(
    script: Script | None = None,
    *,
    reconnect: ReconnectPolicy | None = None,
    record_to: Path | None = None,
    handshake_timeout_ms: int = 5000,
) -> tuple[Band, PacedTransport]:
    """A `Band`, not yet entered, on a fake one in virtual time."""
    transport = PacedTransport(FakeBand(script))
    return band_on(transport, reconnect, record_to, handshake_timeout_ms), transport


def band_on(
    transport: Any,
    reconnect: ReconnectPolicy | None = None,
    record_to: Path | None = None,
    handshake_timeout_ms: int = 5000,
) -> Band:
    """A `Band` on a transport of the test's own."""
    settings = SessionSettings(handshake_timeout_ms=handshake_timeout_ms, reconnect=reconnect)
    return Band(transport, settings, record_to)


def utc_us_of(time_: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    return (time_ - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
"""Reconnects without a delay worth noticing: virtual time does not pass while a link is down."""


async def cancelled_at(work: Coroutine[Any, Any, None], transport: PacedTransport, now_ms: int) -> None:
    """Run `work` and cancel it as soon as the band's time is `now_ms`; it must end as cancelled."""
    task = asyncio.create_task(work)
    while transport.clock.now_ms < now_ms:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def take(items: Any, count: int) -> list[Any]:
    """The next `count` items of an iterator."""
    return [await anext(items) for _ in range(count)]
