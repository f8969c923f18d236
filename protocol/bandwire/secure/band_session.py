"""The band's end of a secure session; see `bandwire.secure.secure_session` for what both ends share.

| state  | waits for                                   | goes on to                                     |
|--------|---------------------------------------------|------------------------------------------------|
| FIRST  | PAIR_FIRST in an open window, RESUME_FIRST  | KEYS; stays, and says so, under an unknown key |
| KEYS   | its own key pair, in steps                  | SHARED                                         |
| SHARED | the agreement, in steps; the answer is sent | REVEAL of a pairing, PROOF of a resumption     |
| REVEAL | what the host committed itself to           | CODE, shown with the host's name               |
| CODE   | CONFIRM: the typed code was right           | BUTTON                                         |
| BUTTON | the wearer                                  | LIVE; the key is stored                        |
| PROOF  | a record under the new seal                 | LIVE                                           |

Anything else, a time-out, and three forgeries in a row end it: its keys are gone, a new hello begins another.
"""

from bandwire.finder import FINDER_KEY_BYTES
from bandwire.frames import (
    HANDSHAKE_STEP_CONFIRM,
    HANDSHAKE_STEP_PAIR_FIRST,
    HANDSHAKE_STEP_PAIR_SECOND,
    HANDSHAKE_STEP_PAIRED,
    HANDSHAKE_STEP_REFUSED,
    HANDSHAKE_STEP_RESUME_FIRST,
    HANDSHAKE_STEP_RESUME_SECOND,
    HANDSHAKE_STEP_REVEAL,
    REFUSAL_DECLINED,
    REFUSAL_NO_SLOT,
    REFUSAL_NOT_STORED,
    REFUSAL_UNKNOWN_KEY,
)
from bandwire.secure.hashes import is_equal
from bandwire.secure.noise import Handshake, HandshakeFailure
from bandwire.secure.secure_session import (
    HANDSHAKE_LIMIT_MS,
    LAST_SHARED_STATE,
    STATE_FIRST,
    STATE_LIVE,
    WEARER_LIMIT_MS,
    SecureSession,
)
from bandwire.secure.short_code import (
    COMMITMENT_BYTES,
    NONCE_BYTES,
    commitment,
    is_name,
    pairing_key,
    short_code,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import HostKeys, Primitives, Wearer
    from bandwire.secure.pairing_window import PairingWindow

RESUMPTIONS = 4
"""Keys that a host may try in a connection: it may know several bands, and none says who it is before."""
CHALLENGE_BYTES = 8
_BAND_ID_BYTES = 8
_REVEAL = LAST_SHARED_STATE + 1
_CODE = LAST_SHARED_STATE + 2
_BUTTON = LAST_SHARED_STATE + 3
_PROOF = LAST_SHARED_STATE + 4


class BandSession(SecureSession):
    """`slot` is that of the host, -1 until it is known.

    `identity` is what the link has a host told once it is known: who the band is (8 bytes), and the number of
    the first numbered frame that the connection will bring (5, as in a header).
    """

    def __init__(
        self, primitives: "Primitives", keys: "HostKeys", window: "PairingWindow", wearer: "Wearer"
    ) -> None:
        SecureSession.__init__(self, primitives)
        self.slot = -1
        self.identity = b""
        self._keys = keys
        self._window = window
        self._wearer = wearer
        self._resumptions_left = 0
        self._commitment = b""
        self._key = b""
        self._name = ""
        self._is_shown = False

    def draw_challenge(self) -> bytes:
        """Eight fresh bytes for a hello, so that no message of an earlier session fits this one."""
        self.challenge = self._primitives.random(CHALLENGE_BYTES)
        return self.challenge

    def begin(self, version: int, host_hello: bytes, band_hello: bytes, now_ms: int) -> None:
        """Two hellos have met, of these payloads; both sides speak `version`."""
        SecureSession.begin(self, version, host_hello, band_hello, now_ms)
        self._resumptions_left = RESUMPTIONS

    def accept(self, now_ms: int) -> None:
        """The wearer let the host in that is asked about; nothing happens when none is."""
        if self._state != _BUTTON:
            return
        self._draw_finder_key()
        self.slot = self._keys.add(self._key, self._name)
        if self.slot < 0:
            self.refuse(REFUSAL_NOT_STORED)
            return
        self._become_live()
        self.messages.append((HANDSHAKE_STEP_PAIRED, self._told(), False))

    def decline(self) -> None:
        """The wearer does not let the host in whose code is shown, or which is asked about."""
        if self._is_shown:
            self.refuse(REFUSAL_DECLINED)

    def note_record(self, is_good: bool) -> None:
        """A record was opened under the seal, or was no such record; a first good one proves the host."""
        SecureSession.note_record(self, is_good)
        if is_good and self._state == _PROOF:
            self._become_live()

    def _take_step(self, step: int, message: bytes, now_ms: int) -> bool:
        state = self._state
        if state == STATE_FIRST and step == HANDSHAKE_STEP_PAIR_FIRST:
            self._take_pair_first(message, now_ms)
        elif state == STATE_FIRST and step == HANDSHAKE_STEP_RESUME_FIRST:
            self._take_resume_first(message, now_ms)
        elif state == _REVEAL and step == HANDSHAKE_STEP_REVEAL:
            return self._take_reveal(message, now_ms)
        elif state == _CODE and step == HANDSHAKE_STEP_CONFIRM:
            self._wait(_BUTTON, WEARER_LIMIT_MS, now_ms)
            self._wearer.ask_button(self._name)
        else:
            # A resumption's CONFIRM only proves the host, which the record that it came in has done.
            return state == STATE_LIVE and step == HANDSHAKE_STEP_CONFIRM
        return True

    def _take_refusal(self, reason: int, now_ms: int) -> None:
        self._give_up(reason)

    def _take_pair_first(self, message: bytes, now_ms: int) -> None:
        refusal = self._window.take_try(now_ms) if self._keys.has_room() else REFUSAL_NO_SLOT
        if refusal:
            self.refuse(refusal)
            return
        handshake = self._new_handshake(HANDSHAKE_STEP_PAIR_FIRST, None)
        self._commitment = handshake.read_first(message)
        if len(self._commitment) != COMMITMENT_BYTES:
            raise HandshakeFailure("wanted a commitment of 32 bytes, got " + str(len(self._commitment)))
        self.slot = -1
        self._begin_agreement(handshake, now_ms)

    def _take_resume_first(self, message: bytes, now_ms: int) -> None:
        for slot in range(self._keys.slots):
            key = self._keys.key_of(slot)
            if not key:
                continue
            handshake = self._new_handshake(HANDSHAKE_STEP_RESUME_FIRST, key)
            try:
                handshake.read_first(message)
            except HandshakeFailure:
                continue
            self.slot = slot
            self._begin_agreement(handshake, now_ms)
            return
        self._resumptions_left -= 1
        if self._resumptions_left == 0:
            self.refuse(REFUSAL_UNKNOWN_KEY)
        else:
            self.messages.append((HANDSHAKE_STEP_REFUSED, bytes((REFUSAL_UNKNOWN_KEY,)), True))

    def _begin_agreement(self, handshake: Handshake, now_ms: int) -> None:
        """The first message is right: only now is it worth a second of computing."""
        self._handshake = handshake
        self._wait(self._state, HANDSHAKE_LIMIT_MS, now_ms)
        self._make_keys(now_ms)

    def _go_on(self, now_ms: int) -> None:
        handshake = self._handshake
        assert handshake is not None
        handshake.public = self._public
        self._agree(handshake.other_public, now_ms)

    def _share(self, shared: bytes, now_ms: int) -> None:
        handshake = self._handshake
        assert handshake is not None
        if self.slot < 0:
            message = handshake.write_second(b"", shared)
            self.messages.append((HANDSHAKE_STEP_PAIR_SECOND, message, True))
            host_secret, band_secret = handshake.split()
            self._key = pairing_key(host_secret, band_secret, handshake.hash)
            self._state = _REVEAL
        else:
            self._draw_finder_key()
            message = handshake.write_second(self._told(), shared)
            self.messages.append((HANDSHAKE_STEP_RESUME_SECOND, message, True))
            self._state = _PROOF
        self.seal = self._sealed(handshake)

    def _take_reveal(self, message: bytes, now_ms: int) -> bool:
        handshake = self._handshake
        assert handshake is not None
        nonce, name = message[:NONCE_BYTES], message[NONCE_BYTES:]
        if not is_equal(commitment(nonce), self._commitment) or not is_name(name):
            return False
        self._name = name.decode()
        # A second code in a window would let a stranger break in once the app says that the first was right,
        # and be asked for in its place.
        self._window.close()
        self._wait(_CODE, WEARER_LIMIT_MS, now_ms)
        self._is_shown = True
        self._wearer.show_code(short_code(handshake.hash, nonce), self._name)
        return True

    def _told(self) -> bytes:
        """Who the band is, what the host may do, the number that frames begin with, and the finder key."""
        right = bytes((self._keys.right_of(self.slot),))
        who = self.identity[:_BAND_ID_BYTES] + right + self.identity[_BAND_ID_BYTES:]
        return who + self._keys.finder_key

    def _draw_finder_key(self) -> None:
        """Have one, as a host is about to be told it."""
        if not self._keys.finder_key:
            self._keys.take_finder_key(self._primitives.random(FINDER_KEY_BYTES))

    def _become_live(self) -> None:
        self.right = self._keys.right_of(self.slot)
        seal = self.seal
        self._forget(STATE_LIVE)
        self.seal = seal

    def _forget(self, state: int) -> None:
        SecureSession._forget(self, state)
        self._commitment = self._key = b""
        if state != STATE_LIVE:
            self.slot = -1
        if self._is_shown:
            self._is_shown = False
            self._wearer.end_pairing()
