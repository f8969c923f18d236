"""The table of current readings: what the display shows and what the band sends.

One slot a reading of `bandwire.catalogue.READINGS`, in its order. A reading is either valid with a
value and a quality, or withheld with a cause. Nothing here allocates after construction.
"""

from array import array

from bandwire.catalogue import READING_COUNT, READINGS
from bandwire.frames import (
    CAUSE_NO_CONSENT,
    CAUSE_NONE,
    CAUSE_OUT_OF_RANGE,
    CAUSE_PAUSED,
    CAUSE_STARTING,
    CONTACT_UNKNOWN,
    NO_VALUE,
    VALIDITY_LOW_QUALITY,
    VALIDITY_UNKNOWN,
    VALIDITY_VALID,
)

_GROUP_AT = 6
"""In a row of `READINGS`."""


class ReadingTable:
    """Current readings by index (`bandwire.catalogue.INDEX_...`), and contact with the wrist.

    `version` rises with every change, so that a reader knows when to look again.
    """

    def __init__(self):
        self.contact = CONTACT_UNKNOWN
        self.version = 0
        self._raw = array("i", (NO_VALUE for _ in range(READING_COUNT)))
        self._validity = bytearray(READING_COUNT)
        self._quality = bytearray(READING_COUNT)
        self._cause = bytearray(READING_COUNT)
        self._minimum = array("i", (row[4] for row in READINGS))
        self._maximum = array("i", (row[5] for row in READINGS))
        self._is_open = bytearray(1 for _ in range(READING_COUNT))
        self.clear(CAUSE_STARTING)

    def open(self, groups):
        """Take readings of `groups` (GROUP_...) only: the others are withheld as not agreed to."""
        for index in range(READING_COUNT):
            self._is_open[index] = 1 if READINGS[index][_GROUP_AT] & groups else 0
            if not self._is_open[index]:
                self.withhold(index, CAUSE_NO_CONSENT)

    def set(self, index, raw_value, quality):
        """Give a valid reading: `raw_value` in the reading's scale, `quality` 0-100.

        A value outside the catalogue's range is withheld as out of range, never clipped.
        """
        if raw_value < self._minimum[index] or raw_value > self._maximum[index]:
            self.withhold(index, CAUSE_OUT_OF_RANGE)
        else:
            self._put(index, raw_value, VALIDITY_VALID, quality, CAUSE_NONE)

    def doubt(self, index, raw_value, quality, cause):
        """Give a best value that must not be shown as a reading: low quality, with its cause."""
        if raw_value < self._minimum[index] or raw_value > self._maximum[index]:
            self.withhold(index, CAUSE_OUT_OF_RANGE)
        else:
            self._put(index, raw_value, VALIDITY_LOW_QUALITY, quality, cause)

    def withhold(self, index, cause, validity=VALIDITY_UNKNOWN):
        """Say that a reading has no value, and why."""
        self._put(index, NO_VALUE, validity, 0, cause)

    def clear(self, cause):
        """Withhold every reading for one cause."""
        for index in range(READING_COUNT):
            self.withhold(index, cause)

    def set_contact(self, contact):
        """Say whether the band is on a wrist (`CONTACT_...`)."""
        if contact != self.contact:
            self.contact = contact
            self.version += 1

    def raw(self, index):
        """Raw value in the reading's scale, or NO_VALUE."""
        return self._raw[index]

    def validity(self, index):
        """One of `VALIDITY_...`."""
        return self._validity[index]

    def quality(self, index):
        """Trust in the value, 0-100."""
        return self._quality[index]

    def cause(self, index):
        """One of `CAUSE_...`: why the reading is not valid."""
        return self._cause[index]

    def _put(self, index, raw_value, validity, quality, cause):
        if not self._is_open[index] and cause != CAUSE_PAUSED:
            raw_value, validity = NO_VALUE, VALIDITY_UNKNOWN
            quality, cause = 0, CAUSE_NO_CONSENT
        is_same_value = self._raw[index] == raw_value and self._validity[index] == validity
        if is_same_value and self._quality[index] == quality and self._cause[index] == cause:
            return
        self._raw[index] = raw_value
        self._validity[index] = validity
        self._quality[index] = quality
        self._cause[index] = cause
        self.version += 1
