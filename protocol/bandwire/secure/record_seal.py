"""The seal of a session's records: AES-128-CCM, a key and a secret start of each direction, ratcheted on.

A record's nonce is the direction's secret start mixed with its extended counter. Every 4096 records the
secret is replaced by one that it gives and that does not give it, so that who takes a band learns nothing of
what it sent before; the counter itself tells which is meant, so a lost record takes no other with it.
Nothing of this outlives the connection. A seal belongs to one session id: the counter starts over with the
next, so under the same secrets a nonce would come back.
"""

from bandwire.moving import copy_into
from bandwire.secure.hashes import hkdf_expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Buffer, Bytes, MakeCipher, RecordCipher

RECORDS_PER_KEY_BITS = 12
_RECORD_HEADER_BYTES = 3
_KEY_BYTES = 16
_NONCE_BYTES = 13
_TAG_BYTES = 8
_SECRET_BYTES = 32


class _Direction:
    """The keys of what one side sends, as of its counter's epoch; they go forwards only."""

    def __init__(self, cipher: "MakeCipher", secret: bytes) -> None:
        self._make = cipher
        self._epoch = 0
        self._secret = secret
        self._nonce = bytearray(_NONCE_BYTES)
        self._start = b""
        self.cipher = self._keyed()

    def _keyed(self) -> "RecordCipher":
        made = hkdf_expand(self._secret, b"record", _KEY_BYTES + _NONCE_BYTES)
        self._start = made[_KEY_BYTES:]
        return self._make(made[:_KEY_BYTES])

    def is_past(self, counter: int) -> bool:
        """Whether the keys of this record are gone."""
        return counter >> RECORDS_PER_KEY_BITS < self._epoch

    def nonce(self, counter: int) -> bytearray:
        """The nonce of a record of the keys that are in force."""
        nonce = self._nonce
        copy_into(nonce, 0, self._start, 0, _NONCE_BYTES)
        for index in range(4):
            nonce[_NONCE_BYTES - 1 - index] ^= counter >> 8 * index & 0xFF
        return nonce

    def ahead(self, counter: int) -> "_Direction":
        """These keys, or those of the epoch of a later record; what is here stays as it is."""
        epoch = counter >> RECORDS_PER_KEY_BITS
        if epoch == self._epoch:
            return self
        secret = self._secret
        for _ in range(epoch - self._epoch):
            secret = hkdf_expand(secret, b"next", _SECRET_BYTES)
        found = _Direction(self._make, secret)
        found._epoch = epoch
        return found


class RecordSeal:
    """A `bandwire.seams.Seal` of one session.

    `cipher` makes the cipher of a key of 16 bytes; `secrets` are, by `ROLE_...`, the 32 bytes of what that
    side sends.
    """

    overhead = _TAG_BYTES

    def __init__(self, cipher: "MakeCipher", secrets: "dict[int, bytes]") -> None:
        self._directions = {sender: _Direction(cipher, secret) for sender, secret in secrets.items()}
        self._tag = bytearray(_TAG_BYTES)

    def seal_into(self, record: "Buffer", length: int, counter: int, sender: int) -> int:
        """Seal the record of `length` bytes in place; the tag covers its header too. Gives the new length."""
        direction = self._directions[sender] = self._directions[sender].ahead(counter)
        direction.cipher.seal(record, _RECORD_HEADER_BYTES, length, self._tag, direction.nonce(counter))
        copy_into(record, length, self._tag, 0, _TAG_BYTES)
        return length + _TAG_BYTES

    def open_into(self, record: "Bytes", counter: int, sender: int, opened: "Buffer") -> int:
        """Write the opened record to `opened`; gives its length, 0 when forged, cut short or too old."""
        stop = len(record) - _TAG_BYTES
        direction = self._directions[sender]
        if stop < _RECORD_HEADER_BYTES or direction.is_past(counter):
            return 0
        direction = direction.ahead(counter)
        copy_into(opened, 0, record, 0, stop)
        copy_into(self._tag, 0, record, stop, _TAG_BYTES)
        nonce = direction.nonce(counter)
        if not direction.cipher.open(opened, _RECORD_HEADER_BYTES, stop, self._tag, nonce):
            return 0
        # Only a record that is right moves the keys on.
        self._directions[sender] = direction
        return stop
