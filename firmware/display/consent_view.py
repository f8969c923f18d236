"""The manifest page: what the band asks to collect, and how to agree or withdraw."""

from bandwire.frames import PAGE_MANIFEST
from display import texts
from display.canvas import WIDTH

_ROWS = 3
_SECONDS_A_SHEET = 3


class ConsentView:
    """Sheets that turn by themselves; the lowest line says what the button does."""

    page = PAGE_MANIFEST
    readings = ()
    is_animated = True

    def __init__(self, manifest, status, clock):
        self._manifest = manifest
        self._status = status
        self._clock = clock

    def draw(self, canvas):
        """Draw the sheet of this second."""
        sheets = 1 + (self._manifest.entry_count + _ROWS - 1) // _ROWS
        sheet = self._clock.uptime_s // _SECONDS_A_SHEET % sheets
        if sheet == 0:
            self._draw_question(canvas)
        else:
            self._draw_items(canvas, (sheet - 1) * _ROWS)
        self._draw_button(canvas)

    def _draw_question(self, canvas):
        question = texts.AGREED if self._status.is_agreed else texts.ASKS
        canvas.text_center(0, question[0])
        canvas.text_center(15, question[1])
        count = str(self._manifest.entry_count)
        canvas.text_center(31, count + " " + texts.ITEMS[0] + "  " + count + " " + texts.ITEMS[1])

    def _draw_items(self, canvas, first):
        for row in range(min(_ROWS, self._manifest.entry_count - first)):
            canvas.text(0, 16 * row, self._manifest.name_zh(first + row))
            canvas.text_right(WIDTH, 16 * row, self._manifest.name_en(first + row))

    def _draw_button(self, canvas):
        action = texts.HOLD_TO_STOP if self._status.is_agreed else texts.PRESS_TO_AGREE
        canvas.bar(48, action)
