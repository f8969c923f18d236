"""What early warning is told of a session: each update by its own time, and what happens to the link."""

from collections.abc import Awaitable, Callable

from vitalband.alerts import Alert, EarlyWarning
from vitalband.errors import TransportError
from vitalband.session import Session
from vitalband.upkeep import REPORT_INTERVAL_MS
from vitalband.values import ConnectionEvent, VitalsItem, VitalsUpdate

EARLY_WARNING_TURN_MS = 5000
"""How often early warning looks for silence while no vitals come."""


def judge(session: Session, warning: EarlyWarning, item: VitalsItem | None) -> Alert | None:
    """The alert that an item of `vitals` raises, or, for None, that nothing came.

    An update counts from when it was made, as far back as the band was asked to gather; an older one has
    waited for a host, and is no news of that time.
    """
    now_ms = session.transport.clock.monotonic_ms()
    warning.gathering_ms = session.upkeep.report_interval_ms - REPORT_INTERVAL_MS
    if isinstance(item, VitalsUpdate):
        age_ms = min(session.dispatch.age_ms(item.stamp), warning.gathering_ms)
        return warning.feed(item, now_ms - age_ms)
    if isinstance(item, ConnectionEvent):
        return None if item.state.is_up else warning.lose_link(now_ms)
    return warning.poll(now_ms)


async def show_if_reached(session: Session, show: Callable[[Alert], Awaitable[int]], alert: Alert) -> None:
    """Show an alert on the band, unless the link is lost or fails just then: that is told by itself."""
    if not session.is_up:
        return
    try:
        await show(alert)
    except TransportError as error:
        session.dispatch.note_loss(f"an alert is not shown: {error}")
