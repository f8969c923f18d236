"""The host's end of a secure session; see `bandwire.secure.secure_session` for what both ends share.

| state  | waits for                                   | goes on to                              |
|--------|---------------------------------------------|-----------------------------------------|
| KEYS   | its own key pair; its first message is sent | ANSWER                                  |
| ANSWER | the band's second message                   | SHARED; KEYS with the next key          |
| SHARED | the agreement                               | CODE of a pairing, LIVE of a resumption |
| CODE   | the digits that the band shows              | BUTTON                                  |
| BUTTON | PAIRED                                      | LIVE                                    |
"""

from bandwire.errors import LocalError
from bandwire.events import PAIRING_BUTTON_WANTED, PAIRING_CODE_WANTED
from bandwire.finder import FINDER_KEY_BYTES
from bandwire.frames import (
    HANDSHAKE_STEP_CONFIRM,
    HANDSHAKE_STEP_PAIR_FIRST,
    HANDSHAKE_STEP_PAIR_SECOND,
    HANDSHAKE_STEP_PAIRED,
    HANDSHAKE_STEP_RESUME_FIRST,
    HANDSHAKE_STEP_RESUME_SECOND,
    HANDSHAKE_STEP_REVEAL,
    REFUSAL_UNKNOWN_KEY,
    REFUSAL_WRONG_CODE,
)
from bandwire.secure.hashes import is_equal
from bandwire.secure.noise import HandshakeFailure
from bandwire.secure.secure_session import (
    LAST_SHARED_STATE,
    STATE_LIVE,
    WEARER_LIMIT_MS,
    SecureSession,
)
from bandwire.secure.short_code import NONCE_BYTES, commitment, is_name, pairing_key, short_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bandwire.seams import Primitives

MOST_KEYS = 4
"""Tries that a band allows in a connection."""
_ANSWER = LAST_SHARED_STATE + 1
_CODE = LAST_SHARED_STATE + 2
_BUTTON = LAST_SHARED_STATE + 3
_RIGHT_AT = 8
_TOLD_BYTES = 14


class HostSession(SecureSession):
    """Resumes with one of `keys`, tried in turn, or with `is_pairing` pairs under the name `name`.

    `key` is the one that the band knew, or that of the pairing: to be stored as the session becomes live.
    `number` (5 bytes) is that of the first numbered frame that the connection will bring, as in a header.
    `finder_key` (16 bytes, b"" of a band that tells none) is what the band is found by from now on.
    """

    def __init__(
        self,
        primitives: "Primitives",
        *,
        keys: "Sequence[bytes]" = (),
        name: str = "host",
        is_pairing: bool = False,
    ) -> None:
        SecureSession.__init__(self, primitives)
        if len(keys) > MOST_KEYS:
            raise LocalError("a band allows %d keys a connection, got %d" % (MOST_KEYS, len(keys)))
        if not is_name(name.encode()):
            raise LocalError("a host's name has 1 to 16 printable characters of ASCII, got %r" % (name,))
        self.key = b""
        self.number = b""
        self.finder_key = b""
        self._keys = list(keys)
        self._name = name.encode()
        self._is_pairing = is_pairing
        self._tried = 0
        self._nonce = b""
        self._code = ""
        self._answer = b""

    def begin(self, version: int, host_hello: bytes, band_hello: bytes, now_ms: int) -> None:
        """Two hellos have met, of these payloads; both sides speak `version`."""
        SecureSession.begin(self, version, host_hello, band_hello, now_ms)
        self._tried = 0
        self.number = self.finder_key = b""
        if not self._is_pairing and not self._keys:
            self._give_up(REFUSAL_UNKNOWN_KEY)
        else:
            self._make_keys(now_ms)

    def type_code(self, code: str, now_ms: int) -> bool:
        """The digits that a person read off the band; False, and the end, when they are not those awaited."""
        if self._state != _CODE:
            raise LocalError("no code is awaited: it is once PAIRING_CODE_WANTED was told")
        if not is_equal(code.encode(), self._code.encode()):
            self.refuse(REFUSAL_WRONG_CODE)
            return False
        self._code = ""
        self._wait(_BUTTON, WEARER_LIMIT_MS, now_ms)
        self.messages.append((HANDSHAKE_STEP_CONFIRM, b"", False))
        self.notices.append(PAIRING_BUTTON_WANTED)
        return True

    def _take_step(self, step: int, message: bytes, now_ms: int) -> bool:
        second = HANDSHAKE_STEP_PAIR_SECOND if self._is_pairing else HANDSHAKE_STEP_RESUME_SECOND
        if self._state == _ANSWER and step == second:
            handshake = self._handshake
            assert handshake is not None
            public = handshake.public_of(message)
            self._answer = message
            self._agree(public, now_ms)
            return True
        if self._state == _BUTTON and step == HANDSHAKE_STEP_PAIRED:
            self._become_live(message)
            return True
        return False

    def _take_refusal(self, reason: int, now_ms: int) -> None:
        is_unknown = self._state == _ANSWER and not self._is_pairing and reason == REFUSAL_UNKNOWN_KEY
        if is_unknown and self._tried + 1 < len(self._keys):
            self._tried += 1
            self._make_keys(now_ms)
        else:
            self._give_up(reason)

    def _go_on(self, now_ms: int) -> None:
        if self._is_pairing:
            step, psk = HANDSHAKE_STEP_PAIR_FIRST, None
            self._nonce = self._primitives.random(NONCE_BYTES)
            payload = commitment(self._nonce)
        else:
            step, psk = HANDSHAKE_STEP_RESUME_FIRST, self._keys[self._tried]
            payload = b""
        handshake = self._handshake = self._new_handshake(step, psk)
        handshake.public = self._public
        self.messages.append((step, handshake.write_first(payload), True))
        self._state = _ANSWER

    def _share(self, shared: bytes, now_ms: int) -> None:
        handshake = self._handshake
        assert handshake is not None
        told = handshake.read_second(self._answer, shared)
        self.seal = self._sealed(handshake)
        if self._is_pairing:
            host_secret, band_secret = handshake.split()
            self.key = pairing_key(host_secret, band_secret, handshake.hash)
            self._code = short_code(handshake.hash, self._nonce)
            self.messages.append((HANDSHAKE_STEP_REVEAL, self._nonce + self._name, False))
            self._wait(_CODE, WEARER_LIMIT_MS, now_ms)
            self.notices.append(PAIRING_CODE_WANTED)
        else:
            self.key = self._keys[self._tried]
            self.messages.append((HANDSHAKE_STEP_CONFIRM, b"", False))
            self._become_live(told)

    def _become_live(self, told: bytes) -> None:
        """`told` is who the band is, this host's right, the number that frames begin with, the finder key."""
        if len(told) < _TOLD_BYTES:
            raise HandshakeFailure("wanted %d bytes of who the band is, got %d" % (_TOLD_BYTES, len(told)))
        seal = self.seal
        self._forget(STATE_LIVE)
        self.seal = seal
        self.peer_band_id = told[:_RIGHT_AT]
        self.right = told[_RIGHT_AT]
        self.number = told[_RIGHT_AT + 1 : _TOLD_BYTES]
        if len(told) >= _TOLD_BYTES + FINDER_KEY_BYTES:
            self.finder_key = told[_TOLD_BYTES : _TOLD_BYTES + FINDER_KEY_BYTES]
        self._keys = [self.key]
        self._is_pairing = False

    def _forget(self, state: int) -> None:
        SecureSession._forget(self, state)
        self._nonce = self._answer = b""
        self._code = ""
