"""What outlives a wipe: that one is under way, its receipt, how often there was one, and the band's id.

Nothing else of a wearer does. In `slots.Slots`; a record: flags, count, Unix time of the last wipe, band id.

The id is drawn by chance at the first start and at each wipe, and is no function of anything that the device
keeps: whoever holds recordings of two wearers, or the device itself, cannot tell by it that they wore the
same one.
"""

import os
import struct

from hal.slots import Slots

_LAYOUT = "<BHI8s"
_RECORD_BYTES = 15
"""Of that layout, as a number: what has to be computed for a class keeps it from lying in flash."""
BAND_ID_BYTES = 8
_FLAG_WIPING = 1
_FLAG_WORN = 2
_NO_ID = bytes(BAND_ID_BYTES)
MOST_COUNT = 999
"""Own choice: as many digits as the page has room for."""


class Handover(Slots):
    """The record in two slots below `folder`; OSError when the medium does not take a write.

    `count`: how often the band was worn and then wiped. `wiped_unix_s`: when it was last, 0 when the date was
    not known. `is_worn`: a wearer has agreed since. `is_wiping`: a wipe was begun and is not over.
    `is_new`: there is no record.
    """

    NAME = "handover."
    MAGIC = b"VW"
    FORMAT = 1
    MOST_BYTES = _RECORD_BYTES

    def __init__(self, folder=""):
        Slots.__init__(self, folder)
        self.count = 0
        self.wiped_unix_s = 0
        self.is_worn = False
        self.is_wiping = False
        self.band_id = _NO_ID
        self.is_new = False
        record = self.load()
        if record is not None and len(record) == _RECORD_BYTES:
            flags, self.count, self.wiped_unix_s, self.band_id = struct.unpack(_LAYOUT, record)
            self.is_worn = bool(flags & _FLAG_WORN)
            self.is_wiping = bool(flags & _FLAG_WIPING)
        else:
            self.is_new = True
        if self.band_id == _NO_ID and not self.is_wiping:
            self.band_id = _drawn_id()
            self.is_dirty = True

    def begin_wipe(self, unix_s):
        """Mark that all of the wearer is to go, at a time that is 0 when not known.

        From here on every start wipes, until `end_wipe`.
        """
        if not self.is_wiping:
            self.is_wiping = True
            self.wiped_unix_s = unix_s
            self.band_id = _NO_ID
        self.write()

    def end_wipe(self):
        """Say that all is gone: the band is as new, under another id."""
        if self.is_worn:
            self.count = min(self.count + 1, MOST_COUNT)
        self.is_worn = False
        self.is_wiping = False
        self.band_id = _drawn_id()
        self.write()
        # Neither slot may keep the id of before.
        self.write()

    def note_worn(self):
        """A wearer has agreed: the receipt is history from now on."""
        if not self.is_worn:
            self.is_worn = True
            self.is_dirty = True

    def write(self):
        """Make it last; what was before survives until it is whole."""
        flags = (_FLAG_WIPING if self.is_wiping else 0) | (_FLAG_WORN if self.is_worn else 0)
        self.keep(struct.pack(_LAYOUT, flags, self.count, self.wiped_unix_s, self.band_id))
        self.is_dirty = False


def _drawn_id():
    """Never all zeros, which marks that there is none."""
    while True:
        band_id = os.urandom(BAND_ID_BYTES)
        if band_id != _NO_ID:
            return band_id
