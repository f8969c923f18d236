"""How a session is to be: its time-outs, whether a lost band is sought, which keys it may use."""

import platform
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from vitalband.connection import ReconnectPolicy
from vitalband.keys import KeyStore
from vitalband.values import ConnectionEvent

REQUEST_TIMEOUT_MS = 3000
HANDSHAKE_TIMEOUT_MS = 5000
"""A host repeats its hello every second (`bandwire.link`): five tries."""
AskCode = Callable[[], str | None] | Callable[[], Awaitable[str | None]]
"""Gives the six digits that the band shows, as the wearer reads them out or types them; None to give up.

A plain function is called in a thread of its own, so that it may wait for a person.
"""


_NAME_CHARACTERS = 16
"""Room that a band has for a host's name."""


def own_name() -> str:
    """What this computer calls itself, as a band can show it: printable ASCII, 16 characters at most."""
    name = "".join(character for character in platform.node() if " " < character < "\x7f")
    return name[:_NAME_CHARACTERS] or "computer"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingSettings:
    """How to pair: who asks for the code, and what this host calls itself on the band's display."""

    code: AskCode
    host_name: str


@dataclass(slots=True, kw_only=True)
class SessionSettings:
    """Time-outs in milliseconds of the session's clock, what to do when the link is lost, a capture file.

    `secure` True wants a secure session, False a clear one; None: secure where it can be expected or is
    demanded. `keys` None are the user's. `told` hears of every change of the connection, from the first on.
    """

    handshake_timeout_ms: int = HANDSHAKE_TIMEOUT_MS
    request_timeout_ms: int = REQUEST_TIMEOUT_MS
    reconnect: ReconnectPolicy | None = None
    capture_to: Path | None = None
    random_source: random.Random = field(default_factory=random.Random)
    secure: bool | None = None
    keys: KeyStore | None = None
    pairing: PairingSettings | None = None
    told: Callable[[ConnectionEvent], None] | None = None
