"""A band's wipe for another wearer: its receipt, and having it done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bandschema.enums import CommandCode, EventKind, Result
from bandschema.records import Handover
from vitalband.dispatch import EVENTS
from vitalband.errors import DeviceError, LinkTimeoutError, TransportError
from vitalband.hosts import SendCommand
from vitalband.session import Session
from vitalband.values import BandEvent

LOOK_MS = 2000
"""How often a band that asks its wearer is asked whether it is still there: it goes without a word."""
_SLACK_MS = 5000


@dataclass(frozen=True, slots=True)
class WipeReceipt:
    """What a band tells of its wearers before: only how many there were, and when it was last wiped.

    `wiped` is a UTC date and time, None when it never was or its clock was not set. `is_worn`: somebody has
    agreed since. A band with neither a count nor a date has had no wearer before this one.
    """

    handover_count: int
    wiped: datetime | None
    is_worn: bool

    @property
    def text(self) -> str:
        """For a person."""
        times = "once" if self.handover_count == 1 else f"{self.handover_count} times"
        since = "worn since" if self.is_worn else "never worn since"
        if self.wiped is not None:
            return f"wiped on {self.wiped:%Y-%m-%d}, {since}; handed over {times}"
        if self.handover_count:
            return f"wiped, date unknown, {since}; handed over {times}"
        return "never wiped; " + ("worn" if self.is_worn else "never worn")


def receipt_of(told: Handover) -> WipeReceipt:
    """The receipt in a band's own words."""
    wiped = datetime.fromtimestamp(told.wiped_unix_s, UTC) if told.wiped_unix_s else None
    return WipeReceipt(told.handover_count, wiped, bool(told.is_worn))


async def wipe_band(session: Session, command: SendCommand, on_asked: Callable[[float], None] | None) -> None:
    """See `vitalband.Band.wipe`."""
    async with session.dispatch.subscribe(EVENTS) as items:
        asked_s = await command(CommandCode.WIPE)
        if on_asked is not None:
            on_asked(asked_s)
        clock = session.transport.clock
        end_ms = clock.monotonic_ms() + asked_s * 1000 + _SLACK_MS
        try:
            async for item in session.waiters.items_within(items, LOOK_MS):
                if isinstance(item, BandEvent) and item.event == EventKind.WIPE_REFUSED:
                    raise DeviceError(
                        "the wearer did not agree to the wipe: nothing was erased", Result.NO_CONSENT
                    )
                if clock.monotonic_ms() >= end_ms:
                    raise LinkTimeoutError("the band neither wiped itself nor said that it was refused")
                await command(CommandCode.SEND_IDENTITY)
        except (LinkTimeoutError, TransportError):
            if clock.monotonic_ms() >= end_ms:
                raise
