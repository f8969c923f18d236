"""What outlives a restart: the boot counter and the wearer's consent, in `slots.Slots`.

A record: boot id, groups agreed to, digests of manifest and issuance, powered seconds of the journal at the
agreement, its state.
"""

import os
import struct

from hal.slots import Slots

_LAYOUT = "<HH8s8sIB"
_RECORD_BYTES = 25
"""Of that layout, as a number: what has to be computed for a class keeps it from lying in flash."""
_NO_DIGEST = b"\0\0\0\0\0\0\0\0"
_RANDOM_STEPS = 4096


class Storage(Slots):
    """State in two slots below `folder`; OSError when the medium does not take a write."""

    NAME = "state."
    MAGIC = b"VB"
    FORMAT = 2
    MOST_BYTES = _RECORD_BYTES
    PLAIN = 0
    PAUSED = 1
    ENDED = 2
    """States of the agreement; ENDED: nothing is agreed to, and what came of the one before stays."""

    def __init__(self, folder=""):
        # Not by `super`: a method that uses it, and so its class, would be made on the image's heap.
        Slots.__init__(self, folder)
        self.boot_id = 0
        self.consent_groups = 0
        self.consent_digest = bytes(8)
        self.issuance_digest = bytes(8)
        self.agreed_at_s = 0
        self.state = self.PLAIN
        record = self.load()
        if record is not None and len(record) == _RECORD_BYTES:
            fields = struct.unpack(_LAYOUT, record)
            self.boot_id, self.consent_groups, self.consent_digest = fields[:3]
            self.issuance_digest, self.agreed_at_s, self.state = fields[3:]

    def raise_boot_id(self):
        """The next boot id, written before it is given out; 1-65535, and after that from 1 again."""
        self.boot_id = self.boot_id % 0xFFFF + 1
        self.write()
        return self.boot_id

    def keep_consent(self, groups, manifest_digest, issuance_digest=_NO_DIGEST, state=0):
        """Note the groups agreed to (0 = none), what they rest on and their state; `write` makes it last."""
        self.consent_groups = groups
        self.consent_digest = manifest_digest
        self.issuance_digest = issuance_digest
        self.state = state
        self.is_dirty = True

    def is_withdrawn(self):
        """Whether the medium says that nothing may be left: what it did not take is not known of it."""
        return self.consent_groups == 0 and self.state != self.ENDED and not self.is_dirty

    def take_random_boot_id(self):
        """A boot id 1-4096 above the last, by chance, for a failed medium; wraps as `raise_boot_id` does.

        Every start from the same kept state draws anew: two take the same one once in 4096 times. The
        state is dirty then: whoever writes it learns whether the medium still fails.
        """
        chance = struct.unpack("<H", os.urandom(2))[0]
        self.boot_id = (self.boot_id + chance % _RANDOM_STEPS) % 0xFFFF + 1
        self.is_dirty = True
        return self.boot_id

    def write(self):
        """Make what was noted last; the state before it survives until this one is whole."""
        self.keep(
            struct.pack(
                _LAYOUT, self.boot_id, self.consent_groups, self.consent_digest, self.issuance_digest,
                self.agreed_at_s, self.state,
            )
        )  # fmt: skip
        self.is_dirty = False
