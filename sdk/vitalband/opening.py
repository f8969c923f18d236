"""What a host asks of a band first: the time, and what the band is."""

from collections.abc import Awaitable, Callable

from bandschema.enums import CommandCode, Result
from vitalband.errors import DeviceError, LinkTimeoutError
from vitalband.session import Session

TRIES = 3
"""Chosen: with one packet in twenty lost and four to an answer, one opening in eighty fails."""
QUESTIONS = ((CommandCode.SEND_IDENTITY, "identity"), (CommandCode.SEND_MANIFEST, "manifest"))


async def learn(session: Session, command: Callable[[CommandCode], Awaitable[int]]) -> None:
    """Have time, identity and manifest told; `LinkTimeoutError` when they do not come after `TRIES`."""
    await session.until(session.dispatch.expect("time"), "time exchange")
    for code, what in QUESTIONS:
        for tries_left in reversed(range(TRIES)):
            try:
                await command(code)
                await session.until(session.dispatch.expect(what), what)
            except DeviceError as error:
                # A recording may not hold them; `identity` says so when it is asked for.
                if error.result != Result.NOT_AVAILABLE:
                    raise
            except LinkTimeoutError:
                if not tries_left:
                    raise
                continue
            break
