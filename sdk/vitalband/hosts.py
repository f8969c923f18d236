"""Who is paired with a band, as the band tells it."""

from collections.abc import Awaitable
from typing import Protocol

from bandschema.enums import CommandCode
from bandschema.records import PairedHost
from vitalband.dispatch import HOSTS
from vitalband.errors import LinkTimeoutError
from vitalband.session import Session

ANSWER_LIMIT_MS = 3000
"""As long as a request may take; the frames follow the reply at once."""


class SendCommand(Protocol):
    """Asks the band to do something, and awaits its reply: `vitalband.Band.command`."""

    def __call__(self, code: CommandCode) -> Awaitable[int]: ...


async def paired_hosts(session: Session, command: SendCommand) -> list[PairedHost]:
    """The hosts, by number; what `command` raises, and `LinkTimeoutError` when some are not told."""
    found: dict[int, PairedHost] = {}
    async with session.dispatch.subscribe(HOSTS) as items:
        count = await command(CommandCode.SEND_HOSTS)
        waited = session.waiters.items_within(items, ANSWER_LIMIT_MS)
        while len(found) < count:
            item = await anext(waited)
            if item is None:
                raise LinkTimeoutError(f"paired hosts: the band told of {len(found)} of {count}")
            if isinstance(item, PairedHost):
                found[item.host_id] = item
    return [found[host_id] for host_id in sorted(found)]
