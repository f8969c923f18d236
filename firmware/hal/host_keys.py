"""The keys of paired hosts, in `slots.Slots`: what a host proves itself by when it comes back.

A record: the finder key, then for each host its slot, its right (`HOST_RIGHT_...`), the length of its name
(8 bits each), the key, the name; empty where there is no host. A key is of one pair of band and host only,
but all of them find the band by the same finder key: where one is forgotten, that is too.
"""

from micropython import const

from hal.slots import Slots

OWNER = const(1)
READER = const(2)
"""`HOST_RIGHT_...` of the protocol, which lies in a layer above this one: a test holds them the same."""
MOST_HOSTS = const(4)
"""Own choice: two phones, a computer, a gateway."""
KEY_BYTES = const(32)
FINDER_KEY_BYTES = const(16)
MOST_NAME_BYTES = const(16)
_HEAD_BYTES = const(3)
_RIGHT_AT = const(0)
_KEY_AT = const(1)
_NAME_AT = const(2)
NOT_KEPT = const(-1)


class HostKeys(Slots):
    """Hosts by slot, `MOST_HOSTS` of them; a number of a host is that of its slot, from 1 on.

    `next_right` is that of a host that is let in beside an owner, `finder_key` what they find the band by,
    b"" until one is taken. Both files are written, so that none keeps what was forgotten; a write that is cut
    off leaves all as it was before, or as it is after.
    """

    NAME = "hosts."
    MAGIC = b"VH"
    FORMAT = 2
    MOST_BYTES = FINDER_KEY_BYTES + (_HEAD_BYTES + KEY_BYTES + MOST_NAME_BYTES) * MOST_HOSTS

    slots = MOST_HOSTS

    def __init__(self, folder=""):
        Slots.__init__(self, folder)
        self.next_right = READER
        self.finder_key = b""
        self._hosts = [None] * MOST_HOSTS
        record = self.load()
        if record is None:
            # What was damaged may hold keys all the same.
            self.is_dirty = self.is_damaged
        else:
            self.is_damaged = not self._take(record) or self.is_damaged
            self.is_dirty = not (self._is_in(0, record) and self._is_in(1, record))

    @property
    def count(self):
        """How many hosts there are."""
        return MOST_HOSTS - self._hosts.count(None)

    def key_of(self, slot):
        """The key of 32 bytes, b"" where the slot is empty."""
        host = self._hosts[slot]
        return b"" if host is None else host[_KEY_AT]

    def right_of(self, slot):
        """The right of the host in a slot that is not empty."""
        return self._hosts[slot][_RIGHT_AT]

    def name_of(self, slot):
        """The name of the host in a slot that is not empty, bytes."""
        return self._hosts[slot][_NAME_AT]

    def has_room(self):
        """Whether another host could be kept."""
        return None in self._hosts

    def has_owner(self):
        """Whether one of them is an owner."""
        return any(host is not None and host[_RIGHT_AT] == OWNER for host in self._hosts)

    def add(self, key, name):
        """Make a host last that the wearer has let in; its slot, NOT_KEPT where it is not stored.

        `key` has 32 bytes, `name` (str) is cut to 16. Who comes while there is no owner is the owner.
        """
        if None not in self._hosts:
            return NOT_KEPT
        slot = self._hosts.index(None)
        right = self.next_right if self.has_owner() else OWNER
        self._hosts[slot] = (right, bytes(key), name.encode()[:MOST_NAME_BYTES])
        try:
            self.write()
        except OSError:
            # The one file may hold it: the keeper writes without it, and tells of the medium if that fails.
            self._hosts[slot] = None
            self.is_dirty = True
            return NOT_KEPT
        return slot

    def take_finder_key(self, key):
        """Have this one, of 16 bytes; `add` makes it last, or `write`."""
        self.finder_key = bytes(key)
        self.is_dirty = True

    def forget(self, number):
        """Forget the host of a number; False when there is none. `write` makes it last."""
        slot = number - 1
        if not 0 <= slot < MOST_HOSTS or self._hosts[slot] is None:
            return False
        self._hosts[slot] = None
        self._drop_finder_key()
        return True

    def wipe(self):
        """Forget all; `write` makes it last."""
        if self.count:
            self._hosts = [None] * MOST_HOSTS
            self._drop_finder_key()

    def write(self):
        """Make them last; those before survive until these are whole. Still dirty when it fails."""
        record = self._record()
        self.is_dirty = True
        self.keep(record)
        self.keep(record)
        self.is_dirty = False

    def _drop_finder_key(self):
        self.finder_key = b""
        self.is_dirty = True

    def _is_in(self, file, record):
        found = self._read(file)
        return found is not None and found[1] == record

    def _record(self):
        record = bytearray()
        if self.count:
            record.extend(self.finder_key or bytes(FINDER_KEY_BYTES))
        for slot in range(MOST_HOSTS):
            host = self._hosts[slot]
            if host is not None:
                right, key, name = host
                record.extend(bytes((slot, right, len(name))))
                record.extend(key)
                record.extend(name)
        return record

    def _take(self, record):
        """Take up a record; False when it is none of this format, and nothing is taken up."""
        found = [None] * MOST_HOSTS
        at = FINDER_KEY_BYTES if record else 0
        if at > len(record):
            return False
        while at < len(record):
            if at + _HEAD_BYTES > len(record):
                return False
            slot = record[at]
            right = record[at + 1]
            name_at = at + _HEAD_BYTES + KEY_BYTES
            end = name_at + record[at + 2]
            is_right = right in (OWNER, READER)
            if end > len(record) or slot >= MOST_HOSTS or found[slot] is not None or not is_right:
                return False
            found[slot] = (right, record[at + _HEAD_BYTES : name_at], record[name_at:end])
            at = end
        self._hosts = found
        key = record[:FINDER_KEY_BYTES]
        self.finder_key = key if any(key) and self.count else b""
        return True
