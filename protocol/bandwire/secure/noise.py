"""Handshakes `Noise_NN_25519_ChaChaPoly_SHA256` and `Noise_NNpsk0_25519_ChaChaPoly_SHA256`, either side.

Written after the Noise Protocol Framework, revision 34, which was not at hand (unconfirmed): held to vectors
of two other implementations. The key agreement is done outside, as the band does it in steps:

    initiator                            responder
    write_first(payload)          ->     read_first(message)
    read_second(message, shared)  <-     write_second(payload, shared)

`shared` is X25519 of the own private key and `other_public`.
"""

from hashlib import sha256

from bandwire.errors import RemoteError
from bandwire.secure.hashes import HASH_BYTES, hmac_sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Aead

PUBLIC_BYTES = 32
PSK_BYTES = 32
_TAG_BYTES = 16
_NO_SECRET = bytes(32)


class HandshakeFailure(RemoteError):
    """A message of a handshake is not what the other side, with the same keys and prologue, would send."""


class Handshake:
    """One handshake of one side, whose key pair is drawn for it; `psk` (32 bytes) makes it NNpsk0.

    Who answers may make its key pair when it has read the first message, and set `public` then.
    """

    def __init__(self, aead: "type[Aead]", prologue: bytes, public: bytes, psk: bytes | None = None) -> None:
        name = b"Noise_NN_25519_ChaChaPoly_SHA256" if psk is None else b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"
        # A name that fits is filled up with zeros, a longer one hashed.
        self.hash = sha256(name).digest() if len(name) > HASH_BYTES else name
        self.public = public
        self.other_public = b""
        self._aead = aead
        self._chaining_key = self.hash
        self._psk = psk
        self._key = b""
        self._nonce = 0
        self._mix_hash(prologue)

    def write_first(self, payload: bytes) -> bytes:
        """The initiator's message: 32 bytes, the payload, and with a psk a tag of 16 bytes."""
        self._mix_psk()
        self._mix_public(self.public)
        return self.public + self._sealed(payload)

    def read_first(self, message: bytes) -> bytes:
        """Give the payload; HandshakeFailure when it is too short or, with a psk, not sealed with that."""
        self._mix_psk()
        self._take_public(message)
        return self._opened(message[PUBLIC_BYTES:])

    def write_second(self, payload: bytes, shared: bytes) -> bytes:
        """The responder's message: 32 bytes, the payload and a tag of 16 bytes."""
        self._mix_public(self.public)
        self._mix_shared(shared)
        return self.public + self._sealed(payload)

    def public_of(self, message: bytes) -> bytes:
        """The responder's key in its message, which `shared` is made with; HandshakeFailure when short."""
        if len(message) < PUBLIC_BYTES + _TAG_BYTES:
            raise HandshakeFailure("wanted a key and a tag, got " + str(len(message)) + " bytes")
        return bytes(message[:PUBLIC_BYTES])

    def read_second(self, message: bytes, shared: bytes) -> bytes:
        """Give the payload; HandshakeFailure when the other side is not who took the first message."""
        self._take_public(message)
        self._mix_shared(shared)
        return self._opened(message[PUBLIC_BYTES:])

    def split(self) -> tuple[bytes, bytes]:
        """The secrets of what the initiator sends and of what the responder sends, 32 bytes each."""
        first, second, _ = _derived(self._chaining_key, b"")
        return first, second

    def _take_public(self, message: bytes) -> None:
        if len(message) < PUBLIC_BYTES:
            raise HandshakeFailure("wanted a key of 32 bytes, got " + str(len(message)))
        self.other_public = bytes(message[:PUBLIC_BYTES])
        self._mix_public(self.other_public)

    def _mix_public(self, public: bytes) -> None:
        self._mix_hash(public)
        if self._psk is not None:
            self._mix_key(public)

    def _mix_shared(self, shared: bytes) -> None:
        if shared == _NO_SECRET:
            raise HandshakeFailure("wanted a key that gives a secret, got a point of low order")
        self._mix_key(shared)

    def _mix_psk(self) -> None:
        if self._psk is not None:
            self._chaining_key, middle, self._key = _derived(self._chaining_key, self._psk)
            self._mix_hash(middle)
            self._nonce = 0

    def _mix_key(self, secret: bytes) -> None:
        self._chaining_key, self._key, _ = _derived(self._chaining_key, secret)
        self._nonce = 0

    def _mix_hash(self, data: bytes) -> None:
        mixed = sha256(self.hash)
        mixed.update(data)
        self.hash = mixed.digest()

    def _next_nonce(self) -> bytes:
        nonce = bytes(4) + self._nonce.to_bytes(8, "little")
        self._nonce += 1
        return nonce

    def _sealed(self, payload: bytes) -> bytes:
        sealed = (
            self._aead(self._key).encrypt(self._next_nonce(), payload, self.hash) if self._key else payload
        )
        self._mix_hash(sealed)
        return sealed

    def _opened(self, sealed: bytes) -> bytes:
        if not self._key:
            self._mix_hash(sealed)
            return sealed
        payload = self._aead(self._key).open(self._next_nonce(), sealed, self.hash)
        if payload is None:
            raise HandshakeFailure("wanted a message sealed with the same keys, got another")
        self._mix_hash(sealed)
        return payload


def _derived(chaining_key: bytes, secret: bytes) -> tuple[bytes, bytes, bytes]:
    key = hmac_sha256(chaining_key, secret)
    first = hmac_sha256(key, b"\x01")
    second = hmac_sha256(key, first + b"\x02")
    return first, second, hmac_sha256(key, second + b"\x03")
