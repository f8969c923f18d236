"""The connection as a state machine: which state may follow which, and how long a lost band is left alone.

`TRANSITIONS` is the only place that says so; `docs/connection.md` is drawn from it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from vitalband.errors import LocalError
from vitalband.values import ConnectionEvent, ConnectionState

CLOSED, SEARCHING, CONNECTING, HELLO, SECURING, PAIRING, RESUMING, LIVE, BACKFILLING, LOST, BACKING_OFF = (
    ConnectionState.CLOSED,
    ConnectionState.SEARCHING,
    ConnectionState.CONNECTING,
    ConnectionState.HELLO,
    ConnectionState.SECURING,
    ConnectionState.PAIRING,
    ConnectionState.RESUMING,
    ConnectionState.LIVE,
    ConnectionState.BACKFILLING,
    ConnectionState.LOST,
    ConnectionState.BACKING_OFF,
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One change that may happen, and when it does."""

    before: ConnectionState
    after: ConnectionState
    when: str


_FAILED = "it failed, and the band is to be sought again"
_OVER = "`close`, end of data, or an error that nothing is tried again after"

TRANSITIONS = (
    Transition(CLOSED, SEARCHING, "the band is opened"),
    Transition(SEARCHING, CONNECTING, "the band is found, or the carrier has nothing to look for"),
    Transition(SEARCHING, BACKING_OFF, _FAILED),
    Transition(SEARCHING, CLOSED, _OVER),
    Transition(CONNECTING, HELLO, "the carrier is open"),
    Transition(CONNECTING, BACKING_OFF, _FAILED),
    Transition(CONNECTING, CLOSED, _OVER),
    Transition(HELLO, SECURING, "the band has answered, and keys are to be agreed on"),
    Transition(HELLO, RESUMING, "the band has answered, in a clear session: its frames come from here on"),
    Transition(HELLO, BACKING_OFF, _FAILED),
    Transition(HELLO, CLOSED, _OVER),
    Transition(SECURING, PAIRING, "the wearer is waited for: for the window, the code, the button"),
    Transition(SECURING, RESUMING, "both have the same keys: the band's frames come from here on, sealed"),
    Transition(SECURING, HELLO, "the band refused, and is asked for something else, or with other keys"),
    Transition(SECURING, BACKING_OFF, _FAILED),
    Transition(SECURING, CLOSED, _OVER),
    Transition(PAIRING, PAIRING, "the wearer is waited for with something else"),
    Transition(PAIRING, RESUMING, "the wearer let this host in: the band's frames come from here on, sealed"),
    Transition(PAIRING, CLOSED, "no pairing came about, or `close`"),
    Transition(RESUMING, LIVE, "the journal's extent is known, and nothing of it is missing"),
    Transition(RESUMING, BACKFILLING, "the journal's extent is known, and some of it is missing"),
    Transition(RESUMING, LOST, "the carrier failed, the band fell silent or started anew"),
    Transition(RESUMING, CLOSED, _OVER),
    Transition(LIVE, BACKFILLING, "a gap showed"),
    Transition(LIVE, LOST, "the carrier failed, the band fell silent or started anew"),
    Transition(LIVE, CLOSED, _OVER),
    Transition(BACKFILLING, LIVE, "the band was asked for all that is known to be missing"),
    Transition(BACKFILLING, LOST, "the carrier failed, the band fell silent or started anew"),
    Transition(BACKFILLING, CLOSED, _OVER),
    Transition(LOST, BACKING_OFF, "the band is to be sought again"),
    Transition(LOST, CLOSED, _OVER),
    Transition(BACKING_OFF, SEARCHING, "the delay is over"),
    Transition(BACKING_OFF, CLOSED, _OVER),
)
_AFTER = {
    state: frozenset(change.after for change in TRANSITIONS if change.before is state)
    for state in ConnectionState
}

TOLD_TO_ALL = frozenset({LOST, BACKING_OFF, RESUMING})
"""What iterators of data are told: it went, it is sought, it is back. Its end is their own end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPolicy:
    """How a lost band is sought: delays double from `first_ms` to `limit_ms`, each shortened at random
    by up to `jitter` of itself, so that many hosts do not come back at once. `attempts` None: for ever.
    """

    first_ms: int = 500
    limit_ms: int = 30_000
    jitter: float = 0.5
    attempts: int | None = None

    def delay_ms(self, attempt: int, source: random.Random) -> float:
        """Delay before try number `attempt`, from 1 on, in milliseconds."""
        full_ms = min(self.limit_ms, self.first_ms * 2 ** min(attempt - 1, 30))
        return full_ms * (1 - self.jitter * source.random())


class Connection:
    """Where the connection stands; each change is held against `TRANSITIONS`, then told.

    A change that the table has not is a fault of the SDK. Under test (`is_strict`) it raises `LocalError`;
    in use it is made, told and counted all the same: a wrong word must not end a recording.
    """

    is_strict: ClassVar[bool] = False

    def __init__(self, tell: Callable[[ConnectionEvent], None]) -> None:
        self.state = CLOSED
        self.impossible_changes = 0
        self._tell = tell

    def change(self, state: ConnectionState, reason: str, attempt: int = 0) -> None:
        """Go to another state, and tell of it."""
        before, self.state = self.state, state
        if state not in _AFTER[before]:
            self.impossible_changes += 1
            if self.is_strict:
                raise LocalError(f"connection: no change from {before.name} to {state.name} ({reason})")
        self._tell(ConnectionEvent(state, reason, attempt))
