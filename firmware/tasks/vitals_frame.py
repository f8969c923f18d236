"""What may leave of the readings: those that the display shows, from the same list and table."""

from bandwire.catalogue import READINGS
from bandwire.errors import LocalError
from bandwire.vitals_run import RunWriter

_READING_ID = 0
_PAGE = 7

_FRAME_BYTES = 241
"""Longest run: with the record around it a packet of 244 bytes, one of BLE's usual sizes."""


def run_writer(table, pages, readings=READINGS):
    """The writer of the readings' frames; LocalError when one of the list has no page on the display.

    `pages` holds the pages (PAGE_...) that the display can draw. What the wearer cannot look at must not
    leave the band, so such a list is refused as a whole, before the wearer is asked.
    """
    for row in readings:
        if row[_PAGE] not in pages:
            raise LocalError("a reading needs a page to be sent: reading %d has none" % row[_READING_ID])
    return RunWriter(table, _FRAME_BYTES)
