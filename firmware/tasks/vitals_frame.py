"""The vitals frame: the readings as the display shows them, from the same list."""

from bandwire.catalogue import READINGS
from bandwire.errors import LocalError
from bandwire.frames import pack_vitals_into, pack_vitals_item_into

_READING_ID = 0
_GROUP = 6
_PAGE = 7


class VitalsEncoder:
    """Packs readings group by group; LocalError when one of the list has no page on the display.

    `pages` holds the pages (PAGE_...) that the display can draw. What the wearer cannot look at
    must not leave the band, so such a list is refused as a whole, before the wearer is asked.
    """

    def __init__(self, table, pages, readings=READINGS):
        for row in readings:
            if row[_PAGE] not in pages:
                raise LocalError("a reading needs a page to be sent: reading %d has none" % row[_READING_ID])
        self._table = table
        self._readings = readings

    def pack_into(self, buffer, groups):
        """Pack the readings of `groups` behind a header's room; gives the end of the frame."""
        table = self._table
        end = pack_vitals_into(buffer, 0, table.contact)
        item = 0
        for index in range(len(self._readings)):
            row = self._readings[index]
            if row[_GROUP] & groups:
                end = pack_vitals_item_into(
                    buffer,
                    0,
                    item,
                    row[_READING_ID],
                    table.validity(index),
                    table.quality(index),
                    table.cause(index),
                    table.raw(index),
                )
                item += 1
        return end
