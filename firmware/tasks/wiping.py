"""Finishes a wipe at a start, before there is a band: power may have gone in it any number of times."""

from display.canvas import Canvas
from display.handover_view import draw_erasing
from drivers.ssd1306 import Ssd1306
from hal.bus import open_bus
from hal.flash import find_flash
from hal.wait import pause
from hal.wiping import wipe

_AGAIN_MS = 2000
"""Own choice: short beside what erasing takes, long beside the watchdog's patience divided by the tries."""


def finish_wipe(board, handover, feed):
    """Wipe; while a medium fails it is tried again, and the band does nothing else.

    It still holds what it must not: nobody may wear it, and no host gets an answer.
    """
    bus = open_bus(board)
    has_failed = False
    while handover.is_wiping:
        _show(bus, has_failed)
        feed()
        try:
            wipe(handover, find_flash(board), feed, board.FILES_FOLDER, board.FILES_BLOCK_BYTES)
        except OSError:
            has_failed = True
            pause(_AGAIN_MS)


def _show(bus, has_failed):
    canvas = Canvas()
    draw_erasing(canvas, has_failed)
    try:
        display = Ssd1306(bus)
        display.start()
        display.show(canvas.buffer)
    except OSError:  # erasing matters more than showing it
        pass
