"""The page of the standard services: what they are, whether they are on, and the question to turn them.

The sheets turn by themselves, so that whoever is asked has had the time to read them; who goes on at once by
the button is not asked.
"""

from bandwire.frames import PAGE_STANDARD_SERVICES
from display import texts
from display.asked_view import AskedView

_SHEET_S = 3
_SHEETS = 3
READ_S = _SHEET_S * _SHEETS
"""Until it asks: every sheet was seen once."""


class ServicesView(AskedView):
    """Asks only whom the button has brought here (`begin_question`): a host that shows the page does not.

    `radio` is None where there is none.
    """

    page = PAGE_STANDARD_SERVICES
    readings = ()
    is_animated = True

    def __init__(self, status, clock, radio):
        AskedView.__init__(self, clock, READ_S)
        self._status = status
        self._radio = radio

    def is_asking(self):
        """Whether a press turns the services now."""
        if self._radio is None or not self._status.is_agreed or self._status.paused_until_s:
            return False
        return self.is_time_to_ask()

    def draw(self, canvas):
        """Draw the sheet of this second, or the question."""
        is_open = self._status.is_open_to_apps
        if self.is_asking():
            question = texts.ASKS_TO_CLOSE if is_open else texts.ASKS_TO_OPEN
            canvas.text_center(8, question[0])
            canvas.text_center(26, question[1])
            canvas.bar(48, texts.PRESS_TO_CLOSE if is_open else texts.PRESS_TO_OPEN)
            return
        sheet = self.seconds_here() // _SHEET_S % _SHEETS
        if sheet < _SHEETS - 1:
            for row in range(3):
                canvas.text_center(16 * row, texts.ANY_APP_READS[sheet][row])
        else:
            canvas.pair(0, texts.OPEN_TO_APPS)
            canvas.pair(16, texts.SERVICES_ON if is_open else texts.SERVICES_OFF)
            canvas.pair(32, self._condition())
        canvas.bar(48, texts.PRESS_FOR_NEXT)

    def _condition(self):
        """What stands between an app and the readings, or between the wearer and the question."""
        if self._radio is None:
            return texts.NO_RADIO
        if not self._status.is_agreed:
            return texts.AGREE_FIRST
        return texts.NEEDS_PAIRING if self._radio.can_encrypt else texts.NOT_ENCRYPTED
