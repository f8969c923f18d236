"""The page of the hand-over: what a wipe erases, its receipt, and the question whether to.

The sheets turn by themselves; who has had the time to read them all is asked, for a while, to hold the
button. That is asked again, and a short press answers. For a host that wants it the second question is shown
at once.
"""

from bandwire.frames import PAGE_HANDOVER
from display import texts
from display.numbers import date_text

_SHEET_S = 3
_SHEETS = 3
READ_S = _SHEET_S * _SHEETS
"""Until it asks: every sheet was seen once."""
ASK_S = 10
"""It asks for so long, then no more until the wearer comes anew: own choice."""
_TURN_S = 3
_NEVER = -1

NOT_CONFIRMING = 0
WEARER_CONFIRMS = 1
HOST_WANTS = 2


class HandoverView:
    """Asks only whom the button has brought here (`begin_question`); `confirming` says who wants the wipe."""

    page = PAGE_HANDOVER
    readings = ()
    is_animated = True

    def __init__(self, handover, clock):
        self.confirming = NOT_CONFIRMING
        self._handover = handover
        self._clock = clock
        self._came_s = _NEVER

    def begin_question(self):
        """The wearer comes to the page: ask when it was read."""
        self._came_s = self._clock.uptime_s

    def end_question(self):
        """Ask no more."""
        self._came_s = _NEVER

    def is_asking(self):
        """Whether holding the button now leads on to the wipe."""
        if self._came_s == _NEVER or self.confirming:
            return False
        return READ_S <= self._clock.uptime_s - self._came_s < READ_S + ASK_S

    def draw(self, canvas):
        """Draw the sheet of this second, or the question."""
        if self.confirming:
            self._draw_confirming(canvas)
            return
        if self.is_asking():
            canvas.text_center(8, texts.ASKS_TO_WIPE[0])
            canvas.text_center(26, texts.ASKS_TO_WIPE[1])
            canvas.bar(48, texts.HOLD_TO_WIPE)
            return
        came_s = self._came_s if self._came_s != _NEVER else 0
        sheet = (self._clock.uptime_s - came_s) // _SHEET_S % _SHEETS
        if sheet < _SHEETS - 1:
            for row in range(3):
                canvas.text_center(16 * row, texts.WIPE_ERASES[sheet][row])
        else:
            draw_receipt(canvas, self._handover)
        canvas.bar(48, texts.PRESS_FOR_NEXT)

    def _draw_confirming(self, canvas):
        question = texts.HOST_ASKS_TO_WIPE if self.confirming == HOST_WANTS else texts.ASKS_AGAIN_TO_WIPE
        canvas.text_center(0, question[0])
        canvas.text_center(16, question[1])
        canvas.pair(32, texts.NO_WAY_BACK)
        is_other = self._clock.uptime_s // _TURN_S & 1
        canvas.bar(48, texts.HOLD_TO_KEEP if is_other else texts.PRESS_TO_WIPE)


def draw_receipt(canvas, handover):
    """Three rows: when the band was wiped, whether it was worn since, how often it was handed over."""
    date = date_text(handover.wiped_unix_s)
    if handover.count or date:
        canvas.pair(0, (texts.WIPED, date) if date else texts.WIPED_UNDATED)
        canvas.pair(16, texts.WORN_SINCE if handover.is_worn else texts.NOT_WORN_SINCE)
    else:
        canvas.pair(0, texts.NOT_WIPED if handover.is_worn else texts.NEW)
        canvas.pair(16, texts.WORN if handover.is_worn else texts.NOT_WORN)
    canvas.pair(32, (texts.HANDED_OVER[0], texts.HANDED_OVER[1] + str(handover.count)))


def draw_erasing(canvas, has_failed):
    """That it erases, or cannot."""
    canvas.bar(0, texts.HANDOVER)
    canvas.pair(16, texts.NOT_ERASED if has_failed else texts.ERASING)
    if has_failed:
        canvas.pair(32, texts.TRYING_AGAIN)
    canvas.pair(48, texts.KEEP_POWERED)
