"""One run of the band's self-test, from the host's side."""

import secrets
from collections.abc import AsyncGenerator, Awaitable
from contextlib import suppress
from typing import Protocol

from bandschema.enums import CommandCode
from vitalband.dispatch import SELF_TESTS
from vitalband.errors import BandError, LinkTimeoutError, TransportError
from vitalband.self_test import SelfTestItem
from vitalband.session import Session
from vitalband.values import ConnectionEvent, ConnectionState


class SendCommand(Protocol):
    """Asks the band to do something, and awaits its reply: `vitalband.Band.command`."""

    def __call__(self, code: CommandCode, *, argument: int = 0) -> Awaitable[int]: ...


async def self_test_items(
    session: Session, command: SendCommand, silence_limit_s: float
) -> AsyncGenerator[SelfTestItem, None]:
    """The items of `vitalband.Band.run_self_test`, which tells what they are and how they end."""
    run_id = int.from_bytes(secrets.token_bytes(2), "little")
    is_over = False
    async with session.dispatch.subscribe(SELF_TESTS) as items:
        await command(CommandCode.RUN_SELF_TEST, argument=run_id)
        try:
            async for item in session.waiters.items_within(items, round(silence_limit_s * 1000)):
                if item is None:
                    raise LinkTimeoutError(f"self-test: the band told nothing for {silence_limit_s:g} s")
                if isinstance(item, ConnectionEvent) and item.state is ConnectionState.LOST:
                    # What the band found out meanwhile is not told again: a run has one connection.
                    raise TransportError(f"self-test: the link was lost: {item.reason}")
                if isinstance(item, SelfTestItem) and item.run_id == run_id:
                    is_over = item.is_last
                    yield item
                    if is_over:
                        return
        finally:
            if not is_over and session.is_up:
                # What ends the iterator is told; a band that is not reached ends the run by itself.
                with suppress(BandError):
                    await command(CommandCode.END_SELF_TEST)
