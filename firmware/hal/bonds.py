"""The keys of hosts that have paired, and of the band's own changing address, in `slots.Slots`.

They are with the firmware, as MicroPython's `bluetooth` asks it for each, by kind and key, or by kind and
index, and tells it of each to keep (`extmod/nimble/modbluetooth_nimble.c` of 1.25.0). A peer has one of two
kinds, under its address; what is in them is NimBLE's affair. The band's own, its IRK, by which hosts that
have it know the address, has a third kind. It is in flash as long as a peer is: a band with which nobody has
paired has another at each start, and cannot be followed by it.

A record: each secret as kind, length of its key, length of its value (8 bits each), key and value; of peers
the oldest first.
"""

from micropython import const

from hal.slots import Slots

OUR_IRK = const(10)
"""`SECRET_TYPE_OUR_IRK` there."""
MOST_PEERS = 3
"""Own choice: phone, computer, and one more. The oldest makes room for another."""
MOST_VALUE_BYTES = 100
"""Own choice, above the 80 that NimBLE's `struct ble_store_value_sec` has on an ESP32 (unconfirmed)."""
_KEY_BYTES = const(7)
"""Of an address with its kind, `ble_addr_t`."""
_HEAD_BYTES = const(3)
_KINDS_OF_A_PEER = const(2)


class Bonds(Slots):
    """Secrets, in RAM, as a radio asks for them in its interrupts; `write` makes them last where it may wait.

    A secret is kind, key and value. Both slots are written, so that none keeps what was forgotten.
    """

    NAME = "bonds."
    MAGIC = b"VK"
    FORMAT = 1
    MOST_BYTES = (_HEAD_BYTES + _KEY_BYTES + MOST_VALUE_BYTES) * (_KINDS_OF_A_PEER * MOST_PEERS + 1)

    def __init__(self, folder=""):
        Slots.__init__(self, folder)
        self._irk = None
        self._of_peers = ()
        record = self.load()
        if record is None:
            # What was damaged may hold keys all the same, and would be told of at each start.
            self.is_dirty = self.is_damaged
        else:
            self.is_damaged = not self._take(record) or self.is_damaged
            self.is_dirty = not (self._is_in(0, record) and self._is_in(1, record))

    def get(self, kind, index, key):
        """The secret of a kind and key, or of an index, the oldest first, without a key (None); else None."""
        if kind == OUR_IRK:
            return self._irk
        for secret in self._of_peers:
            if secret[0] == kind and (key is None or secret[1] == bytes(key)):
                if key is not None or not index:
                    return secret[2]
                index -= 1
        return None

    def set(self, kind, key, value):
        """Keep a secret, or forget it (None); whether it is kept now, or was there to be forgotten."""
        key = bytes(key)
        if value is not None:
            value = bytes(value)
            if len(key) > _KEY_BYTES or len(value) > MOST_VALUE_BYTES:
                return False
        if kind == OUR_IRK:
            self._irk = value
            self.is_dirty = self.is_dirty or bool(self._of_peers)
            return True
        before = self.get(kind, 0, key)
        if value != before:
            others = [secret for secret in self._of_peers if secret[0] != kind or secret[1] != key]
            if value is not None:
                others.append((kind, key, value))
            self._of_peers = _newest(others)
            self.is_dirty = True
        return value is not None or before is not None

    def wipe(self):
        """Forget all peers."""
        if self._of_peers:
            self._of_peers = ()
            self.is_dirty = True

    def write(self):
        """Make them last; those before survive until these are whole. Still dirty when it fails."""
        # An interrupt may set more meanwhile.
        self.is_dirty = False
        record = self._record()
        try:
            self.keep(record)
            self.keep(record)
        except OSError:
            self.is_dirty = True
            raise

    def _is_in(self, slot, record):
        found = self._read(slot)
        return found is not None and found[1] == record

    def _record(self):
        secrets = self._of_peers
        if secrets and self._irk is not None:
            secrets = secrets + ((OUR_IRK, b"", self._irk),)
        record = bytearray()
        for kind, key, value in secrets:
            record.extend(bytes((kind, len(key), len(value))))
            record.extend(key)
            record.extend(value)
        return record

    def _take(self, record):
        """Take up a record; False when it is none of this format, and nothing is taken up."""
        found = []
        irk = None
        at = 0
        while at < len(record):
            if at + _HEAD_BYTES > len(record):
                return False
            key_at = at + _HEAD_BYTES
            value_at = key_at + record[at + 1]
            end = value_at + record[at + 2]
            if end > len(record):
                return False
            if record[at] == OUR_IRK:
                irk = record[value_at:end]
            else:
                found.append((record[at], record[key_at:value_at], record[value_at:end]))
            at = end
        self._irk = irk
        self._of_peers = tuple(found)
        return True


def _newest(secrets):
    """Those of the peers that may stay, whose secrets were kept last."""
    peers = []
    for secret in reversed(secrets):
        if secret[1] not in peers:
            peers.append(secret[1])
    stay = peers[:MOST_PEERS]
    return tuple([secret for secret in secrets if secret[1] in stay])
