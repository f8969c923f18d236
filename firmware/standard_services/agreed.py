"""The table of readings as far as the wearer has agreed to it."""

from bandwire.catalogue import READINGS
from bandwire.frames import CAUSE_NO_CONSENT, NO_VALUE, VALIDITY_UNKNOWN

_GROUP_AT = 6
"""In a row of `READINGS`."""


class AgreedReadings:
    """Of `table`, the readings of `groups`; the others are withheld like all that nobody agreed to."""

    def __init__(self, table):
        self.groups = 0
        self._table = table

    @property
    def contact(self):
        """See `ReadingTable`."""
        return self._table.contact

    def raw(self, index):
        """See `ReadingTable`."""
        return self._table.raw(index) if self._is_agreed(index) else NO_VALUE

    def validity(self, index):
        """See `ReadingTable`."""
        return self._table.validity(index) if self._is_agreed(index) else VALIDITY_UNKNOWN

    def cause(self, index):
        """See `ReadingTable`."""
        return self._table.cause(index) if self._is_agreed(index) else CAUSE_NO_CONSENT

    def _is_agreed(self, index):
        return READINGS[index][_GROUP_AT] & self.groups
