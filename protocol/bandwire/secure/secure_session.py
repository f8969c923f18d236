"""What both ends of a secure session share: agreed steps, the key agreement, the seal, and how it ends.

A link asks `begin` as two hellos have met, gives `take` each handshake frame, calls `poll`, and looks after
each of them at what came of it: `messages` to be sent, `notices` for its owner, `seal`, `is_live`, `refusal`.
`bandwire.secure.band_session` and `host_session` are the two ends.
"""

from bandwire.frames import (
    HANDSHAKE_STEP_REFUSED,
    REFUSAL_EXPIRED,
    REFUSAL_FORGED,
    REFUSAL_MALFORMED,
    ROLE_BAND,
    ROLE_HOST,
)
from bandwire.secure.noise import Handshake, HandshakeFailure
from bandwire.secure.record_seal import RecordSeal
from bandwire.secure.short_code import prologue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Primitives, Seal, Steps

HANDSHAKE_LIMIT_MS = 30_000
"""From the hellos to the end of a resumption, or to the code of a pairing. A choice of this design: ten times
what a slow band computes."""
WEARER_LIMIT_MS = 60_000
"""For the code to be typed, and again for the button: a choice of this design."""
FORGERIES = 3
"""So many wrong records in a row end a session: no noise makes them, the carriers check what they carry."""
TICKS_MASK = 0xFFFFFFFF
_KEY_BYTES = 32

STATE_IDLE = 0
STATE_FIRST = 1
STATE_KEYS = 2
STATE_SHARED = 3
STATE_LIVE = 4
STATE_OVER = 5
LAST_SHARED_STATE = 5
"""States of one end alone follow."""


class SecureSession:
    """One end. `right` (`HOST_RIGHT_...`) is what the host may do, once live; `refusal` why it is over."""

    def __init__(self, primitives: "Primitives") -> None:
        self.challenge = bytes(8)
        self.messages: "list[tuple[int, bytes, bool]]" = []
        self.notices: "list[int]" = []
        self.seal: "Seal | None" = None
        self.refusal = 0
        self.right = 0
        self.peer_band_id = bytes(8)
        self._primitives = primitives
        self._state = STATE_IDLE
        self._hellos = (b"", b"")
        self._version = 0
        self._since_ms = 0
        self._limit_ms = 0
        self._forgeries = 0
        self._private = b""
        self._public = b""
        self._steps: "Steps | None" = None
        self._handshake: "Handshake | None" = None

    @property
    def is_live(self) -> bool:
        """Whether frames may be exchanged."""
        return self._state == STATE_LIVE

    def begin(self, version: int, host_hello: bytes, band_hello: bytes, now_ms: int) -> None:
        """Two hellos have met, of these payloads; both sides speak `version`."""
        self.end()
        self._version = version
        self._hellos = (host_hello, band_hello)
        self._wait(STATE_FIRST, HANDSHAKE_LIMIT_MS, now_ms)

    def end(self) -> None:
        """The connection is gone: no key outlives it."""
        self.messages = []
        self.notices = []
        self.refusal = 0
        self.right = 0
        self._forget(STATE_IDLE)

    def take(self, step: int, message: bytes, now_ms: int) -> None:
        """A handshake frame came, sealed if a seal is agreed on."""
        if step == HANDSHAKE_STEP_REFUSED:
            self._take_refusal(message[0] if message else 0, now_ms)
            return
        try:
            is_due = self._take_step(step, message, now_ms)
        except HandshakeFailure:
            is_due = False
        if not is_due and self.refusal == 0:
            self.refuse(REFUSAL_MALFORMED)

    def poll(self, now_ms: int) -> int:
        """Compute a step, or see that time is over; when to poll again (ms), -1 for never."""
        if self._steps is not None:
            self._advance(now_ms)
        if self._limit_ms == 0:
            return -1
        left_ms = self._limit_ms - (now_ms - self._since_ms & TICKS_MASK)
        if left_ms <= 0:
            self.refuse(REFUSAL_EXPIRED)
            return -1
        return now_ms + left_ms if self._steps is None else now_ms

    def note_record(self, is_good: bool) -> None:
        """A record was opened under the seal, or was no such record."""
        self._forgeries = 0 if is_good else self._forgeries + 1
        if self._forgeries == FORGERIES:
            self.refuse(REFUSAL_FORGED)

    def refuse(self, reason: int) -> None:
        """End the session and tell the other side why; the link drops the seal once that is sent."""
        self.messages = [(HANDSHAKE_STEP_REFUSED, bytes((reason,)), self.seal is None)]
        self._give_up(reason)

    if TYPE_CHECKING:

        def _take_step(self, step: int, message: bytes, now_ms: int) -> bool:
            """Take a message; whether it was due. HandshakeFailure when it is wrong."""
            return False

        def _take_refusal(self, reason: int, now_ms: int) -> None: ...

        def _share(self, shared: bytes, now_ms: int) -> None:
            """The key agreement is done."""

        def _go_on(self, now_ms: int) -> None:
            """The own key pair is made."""

    def _give_up(self, reason: int) -> None:
        # A session that is over has a reason, whatever the other side may say: its link falls by that alone.
        self.refusal = reason or REFUSAL_MALFORMED
        self._forget(STATE_OVER)

    def _forget(self, state: int) -> None:
        self._state = state
        self._limit_ms = 0
        self._forgeries = 0
        self.seal = None
        self._steps = None
        self._handshake = None
        self._private = self._public = b""

    def _wait(self, state: int, limit_ms: int, now_ms: int) -> None:
        self._state = state
        self._limit_ms = limit_ms
        self._since_ms = now_ms

    def _new_handshake(self, first_step: int, psk: "bytes | None") -> Handshake:
        host_hello, band_hello = self._hellos
        return Handshake(
            self._primitives.aead, prologue(self._version, first_step, host_hello, band_hello), b"", psk
        )

    def _make_keys(self, now_ms: int) -> None:
        """Draw a key pair for one handshake; `_go_on` follows."""
        self._private = self._primitives.random(_KEY_BYTES)
        self._state = STATE_KEYS
        self._steps = self._primitives.agree(self._private, b"\x09" + bytes(_KEY_BYTES - 1))
        self._advance(now_ms)

    def _agree(self, public: bytes, now_ms: int) -> None:
        """Agree with the other side's key; `_share` follows."""
        self._state = STATE_SHARED
        self._steps = self._primitives.agree(self._private, public)
        self._advance(now_ms)

    def _advance(self, now_ms: int) -> None:
        """One step of a computation: a library's is done with it."""
        steps = self._steps
        result = b"" if steps is None else next(steps)
        if not result:
            return
        self._steps = None
        if self._state == STATE_KEYS:
            self._public = result
            self._go_on(now_ms)
            return
        self._private = b""
        try:
            self._share(result, now_ms)
        except HandshakeFailure:
            self.refuse(REFUSAL_MALFORMED)

    def _sealed(self, handshake: Handshake) -> "Seal":
        """The seal of what follows this handshake, whose initiator is the host."""
        host_secret, band_secret = handshake.split()
        return RecordSeal(self._primitives.cipher, {ROLE_HOST: host_secret, ROLE_BAND: band_secret})
